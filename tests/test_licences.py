"""Licences: what they allow, which of several counts, and how they are read from authors' words."""

import pytest

from phosphene.errors import UsageError
from phosphene.licences import LICENCES, RESERVED, UNKNOWN, governing, in_group, licence, matching
from phosphene.provenance import Basis
from phosphene.sources.captions import Caption, caption
from phosphene.sources.collections import collection_licence, readme_licence
from phosphene.sources.statements import stated

CODE = "\nvoid mainImage(out vec4 o, in vec2 p) { o = vec4(1.); }\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("// License: CC0", "CC0-1.0"),
        ("/* CC0 1.0 Universal */", "CC0-1.0"),
        ("// https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("// SPDX-License-Identifier: BSD-2-Clause", "BSD-2-Clause"),
        ("// Released under the MIT license.", "MIT"),
        ("// Permission is hereby granted, free of\n// charge, to any person", "MIT"),
        ("// licensed under Apache License, Version 2.0", "Apache-2.0"),
        ("// 3-clause BSD. All rights reserved.", "BSD-3-Clause"),
        (
            "// License Creative Commons Attribution-NonCommercial-ShareAlike 3.0 Unported License.",
            "CC-BY-NC-SA-3.0",
        ),
        ("// CC BY-NC-SA 4.0", "CC-BY-NC-SA-4.0"),
        ("// cc-by-sa", "CC-BY-SA-4.0"),
        ("// https://creativecommons.org/licenses/by/3.0/", "CC-BY-3.0"),
        ("// Creative Commons Attribution-NonCommercial-NoDerivatives 4.0", "CC-BY-NC-ND-4.0"),
        ("// licensed under the GPL v2 or later", "GPL-2.0-or-later"),
        ("// GNU Affero General Public License version 3", "AGPL-3.0-only"),
        ("// GPLv3", "GPL-3.0-only"),
        ("// cc-nc-sa 3.0", "CC-BY-NC-SA-3.0"),
        (
            "// Licensed under the Apache License, Version 2.0; you may not use this file except in "
            "compliance with the License.",
            "Apache-2.0",
        ),
        ("// WTFPL", "WTFPL"),
        ("// This is in the public domain.", "LicenseRef-public-domain"),
        ("// do whatever you want with it", "LicenseRef-free-use"),
        ("// Feel free to use it", "LicenseRef-free-use"),
        ("// © 2020 Ada. All rights reserved.", RESERVED),
        ("// You cannot host, display, distribute or share this Work in any form", RESERVED),
        ("// Unlicense", "Unlicense"),
        ("// License: ask me first", "other"),
        ("// not under the MIT license", "other"),
        ("// NOT licensed under MIT", "other"),
        ("// not my best work, MIT license", "MIT"),
        ("// feel free to use this for non-commercial purposes", "other"),
        ("// Free to use for non commercial projects only.", "other"),
        ("// free to use it for personal use only", "other"),
        ("// Creative Commons Non-Commercial license", "other"),
        ("// no commercial use", "other"),
        ("// This work is unlicensed, all rights reserved", RESERVED),
        ("// with friends at MIT. Copyright 2020 Bob, all rights reserved", RESERVED),
        ("// SPDX-License-Identifier: GPL-2.0+", "GPL-2.0-or-later"),
        ("// GPLv2+", "GPL-2.0-or-later"),
        # Terms behind other separators.
        ("// CC BY/NC/SA 4.0", "CC-BY-NC-SA-4.0"),
        ("// CC-BY.NC.SA", "CC-BY-NC-SA-4.0"),
        ("// CC BY – NC – SA", "CC-BY-NC-SA-4.0"),
        ("// Creative Commons BY (Non-Commercial)", "CC-BY-NC-4.0"),
        ("// Creative Commons Attribution & NonCommercial", "CC-BY-NC-4.0"),
        ("// Creative Commons Attribution\\ Non-Commercial 3.0", "CC-BY-NC-3.0"),
        ("// not licensed under CC BY", "other"),
        # A permissive licence, taken back.
        ("// MIT license for non-commercial use only", "other"),
        ("// MIT License, but not for commercial use", "other"),
        ("// Public domain, except for commercial use", "other"),
        ("// License: MIT. Do not use to train AI models", "other"),
        ("// may not be used to train neural networks. License: MIT", "other"),
        ("// feel free to fork, this code is copyleft", "other"),
        # Free, or free under a condition.
        ("// Feel free to use this shader, but please credit me.", "LicenseRef-free-use"),
        ("// Do what you want.", "LicenseRef-free-use"),
        ("// feel free to copy and modify my code", "LicenseRef-free-use"),
        ("// use this for anything", "LicenseRef-free-use"),
        (
            "// feel free to use this in your own personal or commercial projects",
            "LicenseRef-free-use",
        ),
        (
            "// Unlicense: for any purpose, commercial or non-commercial, and by any means",
            "Unlicense",
        ),
        ("// you shall not use this shader in any commercial or non-commercial product", RESERVED),
        ("// feel free to use this, but do not sell it", "other"),
        ("// free to use for personal projects", "other"),
        ("// free for use in education", "other"),
        ("// do whatever you want, but ask me for permission for commercial use", "other"),
    ],
)
def test_a_stated_licence_is_read_with_its_words(words: str, expected: str) -> None:
    found = stated(words + CODE)
    assert found is not None
    assert found.licence == expected
    assert 0 < len(found.words) <= 200


@pytest.mark.parametrize(
    "text",
    [
        "// limits, permits and mitigation of noise; copy of an old effect",
        "// use the mouse to look around; you can't use loops there",
        "// after an idea by gplatl",
        "// based on a lecture at MIT.",
        "float mit = 1.0; // by",
        "// not public domain, just a test of the words cc and by",
        "// feel free to change the colors and the zoom position",
        "// feel free to take a look",
        "// I would not use it for anything other than an introduction",
        "",
    ],
)
def test_nothing_is_read_where_nothing_is_stated(text: str) -> None:
    assert stated(text + CODE) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 2.1, February 1999", "LGPL-2.1-only"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", "LGPL-3.0-only"),
        ("GNU GENERAL PUBLIC LICENSE\n Version 2, June 1991", "GPL-2.0-only"),
        ("Mozilla Public License\nVersion 1.1", "other"),
        ("Mozilla Public License Version 2.0", "MPL-2.0"),
        ("Apache License\nVersion 2.0\n\n“Commons Clause” License Condition v1.0", "other"),
        ("For personal, non-commercial use. MIT licensed code inside.", "other"),
    ],
)
def test_a_licence_files_version_counts(text: str, expected: str) -> None:
    found = collection_licence(text)
    assert found is not None
    assert found.licence == expected


def test_the_licence_of_a_borrowed_function_is_not_that_of_the_program() -> None:
    assert stated(CODE + "// The MIT License\nfloat hash(vec2 p) { return 0.; }") is None


def test_a_prohibition_counts_wherever_it_stands() -> None:
    text = "// License: MIT\n" + CODE + "// Do not use this without my permission."
    found = stated(text)
    assert found is not None
    assert found.licence == RESERVED


def test_directives_and_declarations_belong_to_the_head() -> None:
    found = stated(
        "#define A 1\nprecision highp float;\nuniform float time;\n// MIT License" + CODE
    )
    assert found is not None
    assert found.licence == "MIT"


def test_the_strictest_of_several_statements_counts() -> None:
    found = stated("// noise: MIT License\n// the rest: CC BY-NC 4.0" + CODE)
    assert found is not None
    assert found.licence == "CC-BY-NC-4.0"


def test_the_description_beside_the_code_counts() -> None:
    found = stated(CODE, "Licence: CC0, have fun")
    assert found is not None
    assert found.licence == "CC0-1.0"


@pytest.mark.parametrize("text", ["{", "//", "/* cc ", "creative commons ", "license "])
def test_reading_a_million_characters_of_nonsense_ends(text: str) -> None:
    assert stated(text * (10**6 // len(text))) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MIT License\n\nCopyright (c) 2020 Ada\n\nPermission is hereby granted, free", "MIT"),
        ("GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", "GPL-3.0-only"),
        ("GNU GENERAL PUBLIC LICENSE\n Version 2, June 1991", "GPL-2.0-only"),
        ("Apache License\nVersion 2.0, January 2004", "Apache-2.0"),
        ("Creative Commons Legal Code\n\nCC0 1.0 Universal", "CC0-1.0"),
        ("This is free and unencumbered software released into the public domain.", "Unlicense"),
    ],
)
def test_the_licence_file_of_a_collection(text: str, expected: str) -> None:
    found = collection_licence(text)
    assert found is not None
    assert found.licence == expected


def test_a_readme_counts_only_where_it_speaks_of_the_licence() -> None:
    found = readme_licence("# Shaders\n\n## License\n\nCC BY 4.0\n")
    assert found is not None
    assert found.licence == "CC-BY-4.0"
    assert readme_licence("# Shaders\n\nFeel free to use your own.\n") is None
    assert readme_licence("No licence yet.\nBuilt with three.js (MIT License).\n") is None


def test_groups() -> None:
    assert {name for name in LICENCES if in_group(name, "permissive")} >= {
        "MIT",
        "CC0-1.0",
        "WTFPL",
    }
    assert in_group("GPL-3.0-only", "commercial")
    assert not in_group("CC-BY-NC-4.0", "commercial")
    assert in_group("CC-BY-NC-SA-3.0", "share-alike")
    assert not in_group(UNKNOWN, "known")
    assert not in_group("Something-New-1.0", "permissive")
    assert licence("MIT").strictness < licence("GPL-3.0-only").strictness
    assert licence("CC-BY-NC-4.0").strictness < licence(RESERVED).strictness
    with pytest.raises(UsageError, match="must be one of permissive, share-alike"):
        in_group("MIT", "nice")


def test_matching_takes_names_in_any_case_and_groups() -> None:
    present = ["MIT", "CC0-1.0", "GPL-3.0-only", "unknown"]
    assert matching(present, ["mit", "share-alike"]) == ("GPL-3.0-only", "MIT")
    assert matching(present, ["Zlib"]) == ()
    assert matching(present, ["unknown"]) == ("unknown",)


def test_governing() -> None:
    stated_, site, collection = Basis.STATED, Basis.SITE_DEFAULT, Basis.COLLECTION
    assert governing([]) == (UNKNOWN, Basis.UNKNOWN)
    assert governing([("MIT", collection), ("CC-BY-NC-SA-3.0", site)]) == ("CC-BY-NC-SA-3.0", site)
    assert governing([("MIT", stated_), ("CC-BY-NC-SA-3.0", site)]) == ("MIT", stated_)
    assert governing([("MIT", stated_), (RESERVED, stated_)]) == (RESERVED, stated_)
    assert governing([("MIT", collection), ("unknown", Basis.UNKNOWN)]) == ("MIT", collection)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("// Title: Dunes\n// Author: Ada L.\n// Year: 2021", Caption("Ada L.", "Dunes", 2021)),
        ("// Created by inigo example - iq/2013", Caption("inigo example", "", 2013)),
        ("// Copyright © 2017 Ada Byron", Caption("Ada Byron", "", 2017)),
        ("// Copyright (c) 2014-2016 Ada", Caption("Ada", "", 2014)),
        ('/*{ "CREDIT": "by Ada",\n "DESCRIPTION": "x" }*/', Caption("Ada", "", None)),
        (
            '// https://x.com/Somebody/status/12345\n// "Shield"',
            Caption("Somebody", "Shield", None),
        ),
        ("", Caption()),
    ],
)
def test_captions(head: str, expected: Caption) -> None:
    assert caption(head + CODE) == expected
