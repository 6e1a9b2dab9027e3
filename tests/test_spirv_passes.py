"""What the passes promise, seen in pictures that the driver draws and by the SPIR-V validator."""

from __future__ import annotations

import numpy as np
import pytest

from phosphene.errors import UnservedError
from phosphene.spirv import native
from phosphene.spirv.binary import parse
from phosphene.spirv.instructions import Op
from phosphene.spirv.passes import PIPELINE, fuel, run_passes, zero
from phosphene.spirv.passes.loops import Numbers, loops, turns
from spirv_pictures import main, picture

ENDLESS = {
    "for": "for (;;) colour += 1.;",
    "while": "while (true) { colour += 1.; }",
    "do": "do { colour += 1.; } while (iTime > -1.);",
    "for without step": "for (int i = 0; i < 5;) colour += 1.;",
    "float step of nothing": "for (float i = 0.; i < 5.; i += 0.) colour += 1.;",
    "continue": "for (;;) { if (iTime > 0.) continue; break; }",
    "short circuit": "int i = 0; while (iTime > 0. && i >= 0) { i = 1; }",
    "nested": "for (;;) { for (;;) { for (;;) colour += 1.; } }",
    "in a switch": "switch (int(iTime)) { case 1: while (true) colour += 1.; default: break; }",
    "counter reset": "for (int i = 0; i < 10; i++) { i = 0; colour += 1.; }",
    "counter reset by a call": "for (int i = 0; i < 10; i++) { reset(i); colour += 1.; }",
    "returns inside": "for (;;) { if (iTime < 0.) return; colour += 1.; }",
}

PLAIN = """
    vec2 p = gl_FragCoord.xy / iResolution.xy;
    float sum = 0.;
    for (int i = 0; i < 20; i++) sum += rings(p * float(i), int(p.x * 9.));
    int n = int(p.y * 30.);
    while (n > 0) { if (n == 7) { n -= 2; continue; } sum += 0.01; n--; }
    do { sum *= 0.9; n++; } while (n < int(p.x * 5.));
    switch (int(p.x * 4.)) { case 0: sum += 1.; break; case 1: case 2: sum -= 1.; default: sum *= 2.; }
    float table[4] = float[4](1., 2., 3., 4.);
    colour = vec4(fract(sum), table[int(p.x * 4.)], p);
"""
RINGS = """
float rings(vec2 p, int n) {
    float s = 0.;
    for (int i = 0; i < n; i++) { s += sin(length(p) * float(i)); if (s > 3.) break; }
    for (float a = 0.; a < 3.; a += .5) s += cos(a + p.y);
    return s;
}
"""


def _passed(text: str) -> bytes:
    spirv = run_passes(native.compile_glsl(text))
    native.validate(spirv)
    native.validate(native.optimise(spirv))
    return spirv


@pytest.fixture
def small_budget(monkeypatch: pytest.MonkeyPatch) -> int:
    """A budget that a software renderer empties quickly."""
    monkeypatch.setattr(fuel, "BUDGET", 20_000)
    monkeypatch.setattr(fuel, "SHORT_LOOP", 1_000)
    return 20_000


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS.keys())
def test_endless_loops_end(body: str, small_budget: int) -> None:
    spirv = _passed(main(f"colour = vec4(0); {body}", "void reset(inout int i) { i = 0; }"))
    first = picture(spirv, 4)
    assert np.array_equal(first, picture(spirv, 4))
    assert first.max() <= small_budget


def test_after_an_endless_loop_the_program_goes_on(small_budget: int) -> None:
    spirv = _passed(main("float x = 0.; while (iTime > 0.) x += 1.; colour = vec4(7, x, 0, 1);"))
    pixel = picture(spirv, 2)[0, 0]
    assert pixel[0] == 7
    assert 1_000 < pixel[1] < small_budget


def test_an_endless_function_without_an_end_returns_zero(small_budget: int) -> None:
    before = "float f() { for (;;) { if (iTime < 0.) return 3.; } return 5.; }"
    assert np.all(picture(_passed(main("colour = vec4(f());", before)), 2) == 0)


def test_an_empty_tank_ends_every_later_loop(small_budget: int) -> None:
    body = "while (iTime > 0.) {} colour = vec4(0); while (colour.x < iTime * 50.) colour += 1.;"
    assert np.all(picture(_passed(main(body)), 2) == 0)


def test_debts_do_not_wrap_round(small_budget: int) -> None:
    """Loops that are met after the budget is spent cannot run it up again."""
    body = """while (iTime > 0.) {} colour = vec4(0);
        for (int k = 0; k < 60000; k++) { for (float i = iTime; i < 1e9; i += 1.) { """
    body += "colour += sin(colour);" * 40 + " } }"
    assert np.all(picture(_passed(main(body)), 1) == 0)


def test_loops_inside_pay_for_themselves(small_budget: int) -> None:
    """An outer loop of many cheap turns is not ended by inner turns that never run."""
    body = """float x = 0.;
        for (int i = 0; i < int(iTime * 500.); i++) { x += 1.; if (iTime < 0.) for (;;) x += 1.; }
        colour = vec4(x);"""
    assert np.all(picture(_passed(main(body)), 2) == 500)


def test_large_bodies_pay_more(small_budget: int) -> None:
    turns_of = []
    for body in ("x += 1.;", "x += 1.;" + "y = sin(y + x);" * 100):
        text = main(
            f"float x = 0., y = 0.; while (iTime > 0.) {{ {body} }} colour = vec4(x, y, 0, 0);"
        )
        turns_of.append(picture(_passed(text), 2)[0, 0, 0])
    assert turns_of[0] > 20 * turns_of[1] > 0


def test_calls_in_a_loop_pay_for_the_function(small_budget: int) -> None:
    slow = "float slow(float y) { " + "y = sin(y);" * 100 + " return y; }"
    text = main(
        "float x = 0.; while (iTime > 0.) { x += 1. + 0. * slow(x); } colour = vec4(x);", slow
    )
    assert 0 < picture(_passed(text), 2)[0, 0, 0] < small_budget / 300


def test_a_plain_program_keeps_its_picture() -> None:
    raw = native.compile_glsl(main(PLAIN, RINGS))
    passed = _passed(main(PLAIN, RINGS))
    assert passed != raw
    before = picture(raw, 32)
    assert before.std() > 0.1
    assert np.array_equal(before, picture(passed, 32))


def test_a_heavy_ray_marcher_is_not_touched() -> None:
    """200 steps, a map of 50 operations, a shadow of 60 steps at each: 600,000 map operations."""
    before = """
    float map(vec3 p) { float d = length(p) - 1.; for (int i = 0; i < 10; i++) d += .01 * sin(p.x); return d; }
    float shadow(vec3 p, int n) { float s = 0.; for (int i = 0; i < n; i++) s += map(p); return s; }
    """
    body = """vec3 p = vec3(gl_FragCoord.xy, 0); float s = 0., k = 0.;
        for (int i = 0; i < int(iTime * 200.); i++) { s += shadow(p, int(iTime * 60.)); k += 1.; }
        colour = vec4(k, s, 0, 1);"""
    assert np.all(picture(_passed(main(body, before)), 2)[..., 0] == 200)


@pytest.mark.parametrize(
    ("loop", "expected"),
    [
        ("for (int i = 0; i < 10; i++)", 10),
        ("for (int i = 10; i >= 0; i -= 3)", 4),
        ("for (float i = 0.; i < 1.; i += .1)", 10),
        ("for (int i = 0; i <= 4; i += 2)", 3),
        ("for (int i = 0; i < 1000000; i++)", None),
        ("for (uint i = 0u; i < 50000u; i++)", 50000),
        ("for (uint i = 5u; i >= 0u; i--)", None),
        ("for (int i = 1; i < 2147483647; i += 1000000000)", None),
        ("for (int i = 0; i < int(iTime); i++)", None),
        ("for (int i = 0; i < 10; i--)", None),
        ("int i = 0; while (i < 10)", None),
        ("int n = 7; for (int i = 0; i < n; i++)", 7),
        ("int n = 7; if (iTime > 9.) n = 12; for (int i = 0; i < n; i++)", 12),
        ("int n = 7; n += 5; for (int i = 0; i < n; i++)", None),
        ("int n = 7; reset(n); for (int i = 0; i < n; i++)", None),
        ("float n = 3., s = .5; for (float i = n; i > 0.; i -= s)", 6),
        ("float n = 3.; for (float i = 0.; i < n; i += iTime)", None),
        ("for (int i = 0; i < steps; i++)", 64),
        ("many++; for (int i = 0; i < many; i++)", None),
        ("for (int i = 0; colour.x < 4. && i < 10; i++)", 10),
        ("for (int i = 0; i < 10 && sin(colour.x) < 4.; i++)", None),
        ("for (int i = 0; i < 10 || colour.x < 4.; i++)", None),
        ("for (int i = 0; i < 9; i++, colour++)", 9),
        ("for (int i = 0; i < 9; i++, i--)", None),
        ("for (float i = 0.; i < 1e38; i += 3e38)", 1),
        ("for (float i = 0.; i > -1.; i += 3e38)", None),
        # Subnormal numbers, which drivers may take for 0: the loop stands still there.
        ("for (float i = 0.; i <= 1e-40; i += 1e-42)", None),
        ("for (float i = 2e-38; i <= 2.1e-38; i += 1e-41)", None),
    ],
)
def test_turns_of_counting_loops(loop: str, expected: int | None) -> None:
    before = "int steps = 64; int many = 5; void reset(inout int n) { n = int(iTime); }"
    code = parse(native.compile_glsl(main(f"{loop} colour += float(i);", before)))
    zero.start_at_zero(code)
    function = next(f for f in code.functions if f.id == code.entry)
    (found,) = loops(function)
    assert turns(function, found, Numbers(code)) == expected


def test_short_counting_loops_are_left_alone() -> None:
    spirv = _passed(main("for (int i = 0; i < 9; i++) colour += float(i);"))
    assert Op.FORD_GREATER_THAN_EQUAL not in {
        i[0] for block in parse(spirv).functions[0].blocks for i in block.body
    }


def test_calls_that_double_are_refused() -> None:
    levels = "float f0(float x) { return x + 1.; }\n" + "\n".join(
        f"float f{i}(float x) {{ return f{i - 1}(x) + f{i - 1}(x + 1.); }}" for i in range(1, 41)
    )
    with pytest.raises(UnservedError, match=r"calls expand to about 10\^1\d instructions"):
        run_passes(native.compile_glsl(main("colour = vec4(f40(1.));", levels)))


def test_counting_loops_pay_where_calls_multiply_them() -> None:
    levels = "float f0(float x) { return x + 1.; }\n" + "\n".join(
        f"float f{i}(float x) {{ for (int i = 0; i < 50; i++) x += f{i - 1}(x); return x; }}"
        for i in range(1, 9)
    )
    spirv = _passed(main("colour = vec4(f8(1.));", levels))
    assert any(
        i[0] == Op.FORD_GREATER_THAN_EQUAL
        for function in parse(spirv).functions
        for block in function.blocks
        for i in block.body
    )


INDEXES = {
    "array above": ("float a[3] = float[3](1., 2., 3.); colour = vec4(a[k + 90]);", 3),
    "array below": ("float a[3] = float[3](1., 2., 3.); colour = vec4(a[k - 90]);", 1),
    "array inside": ("float a[3] = float[3](1., 2., 3.); colour = vec4(a[k]);", 2),
    "unsigned": ("float a[3] = float[3](1., 2., 3.); colour = vec4(a[uint(k) + 4000000000u]);", 3),
    "vector": ("vec3 v = vec3(4, 5, iTime); colour = vec4(v[k - 7]);", 4),
    "vector value": ("colour = vec4(vec3(4, 5, iTime)[k + 6]);", 1),
    "matrix": ("mat2 m = mat2(1, 2, 3, iTime * 4.); colour = vec4(m[k + 8][k + 8]);", 4),
    "uniform array": ("colour = vec4(iChannelTime[k + 99]);", 0),
    "nested": ("S s[2]; s[1].v[2].z = 6.; colour = vec4(s[k + 5].v[k + 5][k + 5]);", 6),
    "written": ("float a[2]; a[k + 50] = 8.; colour = vec4(a[1]);", 8),
    "constant table": ("const int t[4] = int[](9, 8, 7, 6); colour = vec4(t[k + 1000]);", 6),
}


@pytest.mark.parametrize(("body", "expected"), INDEXES.values(), ids=INDEXES.keys())
def test_indexes_are_clamped(body: str, expected: float) -> None:
    text = main(f"int k = int(iTime); {body}", "struct S { vec3 v[3]; };")
    assert np.all(picture(_passed(text), 2) == expected)


UNSET = {
    "local": ("float x; colour = vec4(x + 1.);", 1),
    "struct": ("S s; colour = vec4(s.a[2].y + 1.);", 1),
    "output": ("colour += 2.;", 2),
    "global": ("colour = vec4(g + 3.);", 3),
    "global set by a call": ("f(); colour = vec4(g);", 4),
    "one branch": ("float x; if (iTime < 0.) x = 9.; colour = vec4(x + 5.);", 5),
    "component": ("vec4 v; v.x = 6.; colour = v.xxxx + v.yzwy;", 6),
    "out argument": ("float x; h(x); colour = vec4(x + 7.);", 7),
    "counter": ("float i; for (; i++ < 8.;) {} colour = vec4(i - 1.);", 8),
    "after a loop": ("float x; for (int i = 0; i < int(-iTime); i++) x = 3.; colour = vec4(x);", 0),
    "large array": (
        "float a[9][8]; a[3][4] = 9.; colour = vec4(a[3][int(iTime) + 3] + a[4][2]);",
        9,
    ),
}


@pytest.mark.parametrize(("body", "expected"), UNSET.values(), ids=UNSET.keys())
def test_unset_variables_are_zero(
    body: str, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zero, "LARGE_ARRAY", 64)
    before = (
        "struct S { vec3 a[3]; }; float g; float big[70]; void f() { g = 4. + big[7]; }"
        "void h(out float x) { if (iTime < 0.) x = 1.; }"
    )
    assert np.all(picture(_passed(main(body, before)), 2) == expected)


def test_set_variables_get_no_second_start() -> None:
    text = main("float x; if (iTime > 2.) x = 1.; else x = 2.; colour = vec4(x);")
    variables = [i for i in parse(_passed(text)).functions[0].blocks[0].body if i[0] == Op.VARIABLE]
    assert [len(v) for v in variables] == [4]


def test_discard_stays() -> None:
    text = main("colour = vec4(1); if (gl_FragCoord.x > 1.) discard;")
    pixels = picture(_passed(text), 2)
    assert np.all(pixels[:, 0] == 1)
    assert np.all(pixels[:, 1] == 0)


def test_names_of_authors_are_gone_and_names_to_bind_stay() -> None:
    before = "layout(binding = 1) uniform sampler2D iChannel0; float smooth_(float a) { return a; }"
    body = "float gl = smooth_(iTime); colour = texture(iChannel0, vec2(gl));"
    text = native.to_glsl(_passed(main(body, before)))
    assert "smooth_" not in text
    assert "uniform sampler2D iChannel0;" in text
    assert "vec4 colour" in text
    assert "iTime;" in text


def test_functions_never_called_are_gone() -> None:
    spirv = _passed(main("colour = vec4(1);", "precise float unused(float x) { return x * 2.; }"))
    assert len(parse(spirv).functions) == 1


@pytest.mark.parametrize(
    ("before", "body"),
    [
        ("float a[1000000000];", "a[int(iTime)] = 1.; colour = vec4(a[3]);"),
        ("struct S { mat4 m[100000]; };", "S s[90]; colour = s[int(iTime)].m[2][0];"),
    ],
)
def test_huge_variables_are_refused(before: str, body: str) -> None:
    with pytest.raises(UnservedError, match=r"variables take .* bytes a pixel; at most 262,144"):
        run_passes(native.compile_glsl(main(body, before)))


def test_passes_are_deterministic_and_named() -> None:
    raw = native.compile_glsl(main(PLAIN, RINGS))
    assert run_passes(raw) == run_passes(raw)
    assert [p.name for p in PIPELINE] == ["strip", "size", "bounds", "zero", "fuel"]
