"""What a collection of files says of itself: its licence, and how a collection is named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from phosphene.licences import OTHER
from phosphene.program import Dialect
from phosphene.sources.source import Context
from phosphene.sources.statements import Statement, read, strictest

_LICENCE_FILE = re.compile(r"(?:un)?licen[sc]e|copying", re.IGNORECASE)
_README = re.compile(r"readme", re.IGNORECASE)
_FULL_TEXTS = (  # the first words of licences whose files hold their text, not their name only
    ("GNU AFFERO GENERAL PUBLIC LICENSE", "AGPL-3.0-only"),
    ("GNU LESSER GENERAL PUBLIC LICENSE", "LGPL-3.0-only"),
    ("GNU GENERAL PUBLIC LICENSE", "GPL-3.0-only"),
    ("Mozilla Public License", "MPL-2.0"),
    ("Apache License", "Apache-2.0"),
    ("CC0 1.0 Universal", "CC0-1.0"),
    ("This is free and unencumbered software", "Unlicense"),
)
_OF_VERSION_2 = {"GPL-3.0-only": "GPL-2.0-only", "LGPL-3.0-only": "LGPL-2.1-only"}
_OF_OTHERS = re.compile(
    r"\b(?:built (?:with|on)|powered by|thanks to|third[- ]party|dependenc(?:y|ies)"
    r"|(?:uses?|using) (?!(?:the|an?|its) ))",
    re.IGNORECASE,
)
"""Lines of a README that tell of other people's software."""
_ADDRESS = re.compile(r"(?:[\w+.-]+://)?(?:[^/]*@)?(.+?)(?:\.git)?/*$")
_PLACEHOLDERS = ("repo", "repo.git", ".git", "git", "src", "master", "main")


def context_of(
    origin: str,
    names: Iterable[str],
    read_text: Callable[[str], str],
    dialect: Dialect | None,
) -> Context:
    """The context of a collection of files.

    Args:
        origin: its name.
        names: of the files in its topmost folder.
        read_text: gives the text of one of them.
        dialect: what every text is; None: found by content.
    """
    names = sorted(names)
    for pattern, reader in ((_LICENCE_FILE, collection_licence), (_README, readme_licence)):
        found = [said for n in names if pattern.match(n) and (said := reader(read_text(n)))]
        if found:
            said = strictest(found)
            break
    else:
        return Context(origin, dialect=dialect)
    return Context(origin, said.licence, said.words, dialect)


def collection_licence(text: str) -> Statement | None:
    """The licence of a LICENSE or COPYING file."""
    start = text[:600]
    for words, name in _FULL_TEXTS:
        if words.lower() in start.lower():
            version = re.search(r"Version ([23])", start)
            if version and version[1] == "2":
                name = _OF_VERSION_2.get(name, name)
            if name == "MPL-2.0" and re.search(r"Version 1\.\d", start):
                name = OTHER
            if re.search(r"\bcommons clause\b", text, re.IGNORECASE):
                return Statement(OTHER, f"Commons Clause, {words}")
            return Statement(name, words)
    return read(text[:20_000])


def readme_licence(text: str) -> Statement | None:
    """The licence that a README states: only what it says under or beside the word itself."""
    lines = text[:100_000].splitlines()
    about = [i for i, line in enumerate(lines) if re.search(r"\blicen[sc]e", line, re.IGNORECASE)]
    near = [line for i in about for line in lines[i : i + 4] if not _OF_OTHERS.search(line)]
    return read("\n".join(near)) if near else None


def name_of(path: Path) -> str:
    """A collection's name from its path: the last part that says something."""
    parts = [part for part in path.absolute().parts if part not in _PLACEHOLDERS]
    return parts[-1] if len(parts) > 1 else path.name


def name_of_address(address: str) -> str:
    """A repository's name from its address, without scheme, user and password."""
    if address.startswith(("/", ".", "file:")):
        return name_of(Path(address.strip().removesuffix(".git")))
    found = _ADDRESS.match(address.strip())
    return found[1].replace(":", "/") if found else address.strip()
