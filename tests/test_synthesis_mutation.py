"""Mutation and crossover: texts that stay GLSL, differ, and come out the same everywhere."""

from __future__ import annotations

import contextlib

import pytest

from phosphene.errors import CompileError, UnservedError
from phosphene.program import Dialect, Program
from phosphene.spirv import compile_program
from phosphene.synthesis.draws import Draws
from phosphene.synthesis.syntax import cross, mutate
from phosphene.synthesis.syntax.inference import Inference, names_of
from phosphene.synthesis.syntax.mutation import CHANGES
from phosphene.synthesis.syntax.parsing import Source, walk
from phosphene.synthesis.syntax.sites import expressions

WAVES = """// wave — größer als ASCII
#define TAU 6.2832
const int COUNT = 3;
float tone = 0.3;
vec2 turned(vec2 p, float a) { return mat2(cos(a), -sin(a), sin(a), cos(a)) * p; }
float wave(vec2 p) { return 0.5 + 0.5 * sin(p.x * 9.0 + iTime); }
float rings(vec2 p) { return 0.5 + 0.5 * cos(length(p) * 20.0); }
void mainImage(out vec4 o, in vec2 p) {
    vec2 uv = (p - 0.5 * iResolution.xy) / iResolution.y;
    float sum = 0.0;
    float kept[3];
    for (int i = 0; i < COUNT; i++) {
        uv = turned(uv, 0.7);
        kept[i] = wave(uv * 1.5);
        sum += kept[i] / 3.0;
    }
    vec3 tint = vec3(0.9, 0.4, 0.2) * sum;
    o = vec4(mix(tint, vec3(0.1, 0.2, tone), rings(uv)), 1.0);
}
"""

CELLS = """#define SEED 43.7
float wave(vec2 q) { return fract(sin(dot(q, vec2(12.9, 78.2))) * SEED); }
float cell(vec2 p) {
    vec2 g = floor(p);
    return wave(g) * length(fract(p) - 0.5);
}
vec3 palette(float t) { return 0.5 + 0.5 * cos(6.28 * (t + vec3(0.0, 0.33, 0.67))); }
void mainImage(out vec4 o, in vec2 p) {
    vec2 uv = p / iResolution.xy * 8.0;
    vec3 c = palette(cell(uv) + 0.1 * iTime);
    o = vec4(c, 1.0);
}
"""

TWIGL = "vec2 p=(FC.xy*2.-r)/r.y;for(float i=1.;i<4.;i++)p+=sin(p.yx*i+t)/i;o=vec4(sin(p.x)*.5+.5,.3,.6,1);"


def shadertoy(code: str) -> Program:
    return Program.of(Dialect.SHADERTOY, code)


def inferred(code: str) -> Inference:
    source = Source(code)
    return Inference(source, names_of(source))


def test_types_are_inferred_where_they_are_plain() -> None:
    types = inferred(WAVES)
    found = {
        types.source.text(node): types.type_of(node)
        for node in walk(types.source.root)
        if node.type in ("binary_expression", "call_expression", "field_expression")
    }
    wanted = {
        "mat2(cos(a), -sin(a), sin(a), cos(a))": "mat2",
        "mat2(cos(a), -sin(a), sin(a), cos(a)) * p": "vec2",
        "(p - 0.5 * iResolution.xy) / iResolution.y": "vec2",
        "iResolution.y": "float",
        "turned(uv, 0.7)": "vec2",
        "length(p)": "float",
        "vec3(0.9, 0.4, 0.2) * sum": "vec3",
        "i < COUNT": "bool",
        "mix(tint, vec3(0.1, 0.2, tone), rings(uv))": "vec3",
        "kept[i] / 3.0": None,
    }
    assert {text: found[text] for text in wanted} == wanted


def test_what_steers_loops_and_sizes_is_no_place_for_a_change() -> None:
    types = inferred(WAVES)
    places = {types.source.text(node) for node in expressions(types)}
    assert {"0.7", "9.0", "uv * 1.5", "vec3(0.9, 0.4, 0.2) * sum"} <= places
    assert not places & {"i < COUNT", "COUNT", "i", "6.2832", "p.xy"}
    (size,) = (n for n in walk(types.source.root) if types.source.text(n) == "kept[3]")
    assert not any(size.start_byte <= n.start_byte < size.end_byte for n in expressions(types))


@pytest.mark.parametrize(
    "body",
    [
        "o = vec4(" + " + ".join(["1.5 * p.x"] * 1500) + ");",
        "if (p.x < 1.) o = vec4(1.5);" + " else if (p.x < 2.5) o = vec4(2.5);" * 700,
    ],
    ids=["terms", "branches"],
)
def test_deep_trees_are_changed_like_others(body: str) -> None:
    """Recursion would end in an error here; time that grows with the cube of the depth, in the suite's limit."""
    text = f"void mainImage(out vec4 o, in vec2 p) {{ {body} }}"
    assert mutate(shadertoy(text), Draws(1, 0)).image.code != text


@pytest.mark.parametrize("change", [change for change, _ in CHANGES], ids=lambda c: c.__name__)
def test_every_kind_of_change_keeps_texts_that_compile(change: object) -> None:
    made, compiled = set(), 0
    for number in range(12):
        types = inferred(WAVES)
        edits = change(types, Draws(5, number))  # type: ignore[operator]
        child = types.source.edited(edits)
        if child == WAVES or child in made:
            continue
        made.add(child)
        assert child.startswith("// wave — größer als ASCII\n#define TAU 6.2832\n")
        try:
            compile_program(shadertoy(child))
            compiled += 1
        except CompileError:
            pass
    assert made
    assert compiled >= 0.8 * len(made)


def test_children_are_named_by_numbers_and_differ() -> None:
    parent = shadertoy(WAVES)
    children = [mutate(parent, Draws(1, number)) for number in range(8)]
    again = [mutate(parent, Draws(1, number)) for number in range(8)]
    assert [c.id for c in children] == [c.id for c in again]
    assert len({parent.id, *(c.id for c in children)}) >= 8
    # Of all machines: a text and its number give this child.
    assert children[0].dialect is Dialect.SHADERTOY
    assert children[0].image.channels == parent.image.channels


@pytest.mark.parametrize(
    ("dialect", "code"),
    [
        (Dialect.TWIGL_GEEKEST_300ES, TWIGL),
        (
            Dialect.GLSLSANDBOX,
            "uniform float time; uniform vec2 resolution; void main() { vec2 u = gl_FragCoord.xy / "
            "resolution; gl_FragColor = vec4(sin(u.x * 9.0 + time), u.y, 0.5, 1.0); }",
        ),
    ],
)
def test_texts_of_other_dialects_mutate_too(dialect: Dialect, code: str) -> None:
    parent = Program.of(dialect, code)
    compiled = 0
    for number in range(6):
        child = mutate(parent, Draws(2, number))
        assert child.dialect is dialect
        try:
            compile_program(child)
            compiled += child.id != parent.id
        except CompileError:
            pass
    assert compiled >= 4


def test_a_child_has_pieces_of_both_parents_and_what_they_stand_on() -> None:
    first, second = shadertoy(WAVES), shadertoy(CELLS)
    seen = set()
    compiled = 0
    for number in range(24):
        child = cross(first, second, Draws(3, number))
        code = child.image.code
        assert "turned(vec2 p, float a)" in code
        assert code != WAVES
        if "SEED_X" in code:
            assert "#define SEED_X 43.7" in code
        if "cell_X(" in code:
            assert code.index("float wave_X(vec2 q)") < code.index("float cell_X(vec2 p)")
            seen.add("a function that stands on others")
        if "dot(q, vec2(12.9, 78.2))" in code and "wave_X" not in code:
            assert "float wave(vec2 q)" in code or "float rings(vec2 q)" in code
            seen.add("a function in the place of another")
        try:
            compile_program(child)
            compiled += 1
        except CompileError:
            pass
    assert len(seen) == 2
    assert compiled >= 16


def test_what_has_nothing_to_change_or_give_is_refused() -> None:
    empty = shadertoy("void mainImage(out vec4 o, in vec2 p) { o = p.xyxy; }")
    composed = Program.composed("screen", ["a" * 32, "b" * 32], {"amount": 1.0})
    with pytest.raises(UnservedError, match="no text to change"):
        mutate(composed, Draws(1, 1))
    with pytest.raises(UnservedError, match="no text to exchange"):
        cross(composed, empty, Draws(1, 1))
    with pytest.raises(UnservedError, match="nothing in the program can be changed"):
        mutate(shadertoy(""), Draws(1, 1))
    with pytest.raises(UnservedError, match="fits into the first"):
        cross(shadertoy(WAVES), shadertoy(""), Draws(1, 1))


@pytest.mark.parametrize(
    "code", ["}}}}((((", "\x00\ud800 void main(", "#if 0\n" * 50, "float f(" * 2000, "🙂" * 100]
)
def test_broken_texts_end_in_a_refusal_or_a_text(code: str) -> None:
    for number in range(3):
        try:
            child = mutate(shadertoy(code), Draws(1, number))
            assert child.image.code != code
        except UnservedError:
            pass
        with contextlib.suppress(UnservedError):
            assert cross(shadertoy(WAVES), shadertoy(code), Draws(1, number)).image.code
