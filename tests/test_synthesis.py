"""The grammar: its language, its trees, its texts."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from phosphene import glsl
from phosphene.errors import UsageError
from phosphene.program import Dialect
from phosphene.provenance import Basis
from phosphene.synthesis import Grammar, Production, force, standard, synthesise, synthesised
from phosphene.synthesis.colours import HARMONIES, NATURAL, PRIMARY, Scheme, from_oklch
from phosphene.synthesis.draws import Draws
from phosphene.synthesis.kinds import FIELD, PALETTE, PATTERN, PROGRAM, WARP
from phosphene.synthesis.library import library
from phosphene.synthesis.template import Child, Choice, Number, parse
from phosphene.synthesis.tree import Derivation, Slot, literal
from phosphene.synthesis.writer import Writer


def _scheme() -> Scheme:
    return Scheme.draw(Draws(0, 0))


def _text(productions: list[Production], seed: int = 0) -> str:
    """A program from a grammar of one's own."""
    grammar = Grammar(productions, library())
    tree = Derivation(grammar, Draws(seed, 0), _scheme()).grow(PROGRAM, 3)
    return Writer(grammar.library).write(tree)


def test_a_program_is_a_function_of_seed_and_number() -> None:
    in_order = [made.program for made in synthesised(3, 0, 12)]
    assert [synthesise(3, number).program for number in reversed(range(12))] == in_order[::-1]
    assert len({program.id for program in in_order}) == 12
    assert synthesise(4, 5).program != in_order[5]
    # Another process, with other hash seeds, makes the same text.
    code = "from phosphene.synthesis import synthesise; print(synthesise(3, 7).program.id)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == in_order[7].id


def test_provenance_says_whose_it_is_and_how_to_make_it_again() -> None:
    made = synthesise(11, 4)
    where = made.provenance
    assert (where.origin, where.location) == ("synthesis", "seed 11, number 4")
    assert (where.licence, where.basis) == ("CC0-1.0", Basis.STATED)
    assert where.title
    assert f"// Title: {where.title}\n// Licence: CC0-1.0" in made.program.image.code
    assert made.program.dialect == Dialect.SHADERTOY
    assert glsl.detect(made.program.image.code) == Dialect.SHADERTOY
    assert glsl.unserved(made.program) is None


def test_programs_differ_in_structure_and_are_short() -> None:
    programs = [made.program for made in synthesised(1, 0, 150)]
    assert len({glsl.structure(program) for program in programs}) >= 148
    lines = sorted(program.image.code.count("\n") for program in programs)
    assert lines[7] >= 20
    assert lines[75] <= 95
    assert lines[-1] <= 220


def test_a_text_declares_what_it_uses_and_nothing_else() -> None:
    names = library()
    for made in synthesised(2, 0, 60):
        code = re.sub(r"//[^\n]*", "", made.program.image.code)
        declared = re.findall(r"^\w+ (\w+)(?=[(;])", code, re.MULTILINE)
        assert len(declared) == len(set(declared))
        for name in declared:
            uses = len(re.findall(rf"\b{name}\b", code))
            assert uses > 1 or name == "mainImage", f"{name} is never used in\n{code}"
        for name in names.keys() - set(declared):
            assert not re.search(rf"\b{name}\(", code), f"{name} is used and not declared"
        assert "$" not in code
        assert not re.search(r"fract\(\s*sin", code), "hashes must not depend on the machine's sine"


_NUMBER = r"-?\d+\.?\d*"


def _range(text: str) -> tuple[float, float] | None:
    """The least and greatest value of a number that may change with time; None for other texts."""
    if found := re.fullmatch(rf"mix\(({_NUMBER}), ({_NUMBER}), dice\.\w\)", text):
        low, high = sorted(map(float, found.groups()))
        return low, high
    if found := re.fullmatch(rf"\(({_NUMBER}) \+ ({_NUMBER}) \* sin\({_NUMBER} \* iTime\)\)", text):
        middle, swing = map(float, found.groups())
        return middle - swing, middle + swing
    return (float(text), float(text)) if re.fullmatch(_NUMBER, text) else None


def _arguments(code: str, start: int) -> list[str]:
    """The arguments of the call whose bracket opens before `start`."""
    found, depth = [""], 1
    for letter in code[start:]:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            break
        if letter == "," and depth == 1:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found]


def test_a_smoothstep_rises() -> None:
    # GLSL 4.50, 8.3: results are undefined where edge0 >= edge1.
    seen = 0
    for production in standard().productions:
        code = force(production).program.image.code
        for call in re.finditer(r"\bsmoothstep\(", code):
            low, high = map(_range, _arguments(code, call.end())[:2])
            if low is not None and high is not None:
                seen += 1
                assert low[1] < high[0], f"{production.name}: {code[call.start() :][:60]}"
    assert seen > 300


def test_templates_are_read_hole_by_hole() -> None:
    parts = parse(
        "$field:height(p) * $(-2..5.5) + $(1..4 int) - $(3..4!) + $(sin|cos|$shape(p))"
    ).parts
    assert parts[0] == Child(FIELD, "height")
    assert parts[2] == Number(-2.0, 5.5)
    assert parts[4] == Number(1.0, 4.0, fixed=True, whole=True)
    assert parts[6] == Number(3.0, 4.0, fixed=True)
    choice = parts[8]
    assert isinstance(choice, Choice)
    assert [option.parts[0] for option in choice.options[:2]] == ["sin", "cos"]
    assert [child.kind.name for child in choice.options[2].children()] == ["shape"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("$feild(p)", r"`\$feild` names no kind; choose from program, field"),
        ("$(1..2", r"`\$\(` is never closed"),
        ("$(1 to 2)", r"neither a range LOW..HIGH nor a choice"),
    ],
)
def test_a_faulty_hole_is_named(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse(text)


def test_a_grammar_that_cannot_work_is_refused() -> None:
    endless = Production(FIELD, "endless", "1.0 - $field(p)")
    with pytest.raises(UsageError, match="the field endless can never be made"):
        Grammar([endless], {})
    leaf = Production(FIELD, "leaf", "p.x")
    with pytest.raises(UsageError, match="two productions of field are called leaf"):
        Grammar([leaf, leaf], {})
    grammar = Grammar([leaf, Production(FIELD, "half", "0.5 * $field(p)")], {})
    assert grammar.of(FIELD, 1) == [leaf]
    assert len(grammar.of(FIELD, 2)) == 2
    with pytest.raises(UsageError, match="there is no field called 'x'"):
        grammar.named(FIELD, "x")


def test_another_grammar_has_another_digest() -> None:
    leaf = Production(FIELD, "leaf", "p.x")
    same, other = Production(FIELD, "leaf", "p.x"), Production(FIELD, "leaf", "p.y")
    assert Grammar([leaf], {}).digest == Grammar([same], {}).digest
    assert Grammar([leaf], {}).digest != Grammar([other], {}).digest
    assert Grammar([leaf], {}).digest != Grammar([leaf], {"a": "float a() { return 1.0; }"}).digest


def test_one_entry_adds_a_production() -> None:
    text = _text(
        [
            Production(
                PROGRAM, "all", "vec3 col = $pattern(fragCoord);\nfragColor = vec4(col, 1.0);"
            ),
            Production(
                PATTERN,
                "grid",
                "$warp\nreturn vec3($field:tone(p) + $field:tone(-p));",
                note="A grid.",
            ),
            Production(WARP, "turned", "p *= rot($(1..1!));\np += 1.0;"),
            Production(FIELD, "half", "noise(p)"),
        ]
    )
    assert "// A grid.\nvec3 grid(vec2 p) {\n    p *= rot(1.0);\n    p += 1.0;\n" in text
    assert "return vec3(tone(p) + tone(-p));" in text
    assert text.count("float tone(vec2 p)") == 1
    order = [
        text.index(name)
        for name in (
            "uint scramble",
            "float hash",
            "float noise",
            "float tone",
            "vec3 grid",
            "void mainImage",
        )
    ]
    assert order == sorted(order)
    assert "fbm" not in text


def test_numbers_are_written_as_a_person_would() -> None:
    assert [literal(3.14159, 6.0), literal(0.5, 0.5), literal(-0.0312, 0.1)] == [
        "3.1",
        "0.5",
        "-0.031",
    ]
    assert [literal(40.4, 80.0), literal(2.0, 3.0)] == ["40.0", "2.0"]


def test_a_thing_stands_in_two_places_but_not_twice_in_one_text() -> None:
    shared = 0
    for made in synthesised(5, 0, 80):
        for node in made.tree.walk():
            slots = [piece for piece in node.pieces if isinstance(piece, Slot)]
            plain = [id(slot.node) for slot in slots if not slot.label]
            assert len(plain) == len(set(plain)), node.production.name
        places = [
            id(p.node)
            for n in made.tree.walk()
            for p in n.pieces
            if isinstance(p, Slot) and not p.label
        ]
        shared += len(places) - len(set(places))
    assert shared > 40


def test_draws_depend_on_every_part_of_their_name() -> None:
    def first(*name: int) -> list[float]:
        draws = Draws(*name)
        return [draws.unit() for _ in range(700)]

    streams = [first(0, 0), first(1, 0), first(0, 1), first(0, 0, 1)]
    assert streams[0] == first(0, 0)
    assert len({tuple(stream) for stream in streams}) == 4
    assert len(set(streams[0])) == 700
    draws = Draws(0, 2)
    picks = [draws.weighted("abc", (1.0, 0.0, 3.0)) for _ in range(800)]
    assert picks.count("b") == 0
    assert 140 < picks.count("a") < 260
    assert sorted(draws.shuffled(range(9))) == list(range(9))


def test_schemes_are_on_the_screen_and_from_dark_to_light() -> None:
    schemes = [Scheme.draw(Draws(0, number)) for number in range(300)]
    assert {scheme.name for scheme in schemes} == {*HARMONIES, *NATURAL, PRIMARY}
    for scheme in schemes:
        assert all(0.0 <= part <= 1.0 for colour in scheme.colours for part in colour)
        light = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in scheme.colours]
        assert light[0] < light[-1] - 0.2
    # Ottosson's published values: white, and red (L 0.62796, C 0.25768, h 29.234).
    assert from_oklch(1.0, 0.0, 0.0) == pytest.approx((1.0, 1.0, 1.0), abs=2e-3)
    assert from_oklch(0.62796, 0.25768, 29.234) == pytest.approx((1.0, 0.0, 0.0), abs=5e-3)


def test_trees_stay_within_their_height() -> None:
    grammar = standard()
    for number in range(40):
        derivation = Derivation(grammar, Draws(6, number), _scheme())
        tree = derivation.grow(PALETTE, 1)
        assert grammar.heights[PALETTE, tree.production.name] == 1
