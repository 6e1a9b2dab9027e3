"""What the CUDA compiler reads: which functions stay functions, and that a program draws the same with them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from host_pictures import host_picture, request_for, spirv_of
from phosphene.engines.cuda.emitter import emit, reader, sharing
from phosphene.engines.cuda.source import cuda_source
from phosphene.spirv import native, optimise, optimising

SCENE = """
float hash(vec3 p) { return fract(sin(dot(p, vec3(12.9, 78.2, 37.7))) * 43758.5); }
float noise(vec3 p) {
    vec3 i = floor(p), f = fract(p); f = f * f * (3.0 - 2.0 * f);
    float s = 0.0;
    for (int k = 0; k < 8; k++) {
        vec3 c = vec3(k & 1, (k >> 1) & 1, k >> 2);
        vec3 w = mix(1.0 - f, f, c);
        s += hash(i + c) * w.x * w.y * w.z;
    }
    return s;
}
float map(vec3 p) {
    float d = p.y + 1.0 + 0.2 * noise(p * 2.0);
    p.xz = mod(p.xz + 2.0, 4.0) - 2.0;
    d = min(d, length(p) - 0.7);
    d = min(d, max(abs(p.x) - 0.3, max(abs(p.y) - 1.2, abs(p.z) - 0.3)));
    d = min(d, length(vec2(length(p.xz) - 1.1, p.y)) - 0.2 - 0.02 * sin(20.0 * p.x) * sin(20.0 * p.z));
    for (int i = 0; i < 3; i++) {
        p = abs(p) - vec3(0.6, 0.5, 0.4);
        p.xy = mat2(0.8, -0.6, 0.6, 0.8) * p.xy;
        d = min(d, length(p) - 0.15);
    }
    return d;
}
vec3 normal(vec3 p) {
    vec2 e = vec2(0.001, 0.0);
    return normalize(vec3(map(p + e.xyy) - map(p - e.xyy), map(p + e.yxy) - map(p - e.yxy),
                          map(p + e.yyx) - map(p - e.yyx)));
}
void mainImage(out vec4 o, in vec2 q) {
    vec3 at = vec3(0.5, 0.5, -4.0), to = normalize(vec3((q - 0.5 * iResolution.xy) / iResolution.y, 1.3));
    float t = 0.0;
    for (int i = 0; i < 90; i++) {
        float d = map(at + to * t);
        if (d < 0.001 || t > 20.0) break;
        t += 0.7 * d;
    }
    vec3 p = at + to * t, n = normal(p), sun = normalize(vec3(0.6, 0.8, -0.5));
    float shade = 1.0;
    for (int i = 1; i < 20; i++) shade = min(shade, 8.0 * map(p + sun * 0.1 * float(i)) / (0.1 * float(i)));
    float light = max(dot(n, sun), 0.0) * clamp(shade, 0.0, 1.0) + 0.2;
    o = vec4(t > 20.0 ? vec3(0.4, 0.6, 0.9) : vec3(light, light * 0.8, light * 0.6), 1.0);
}
"""
"""A march, a normal and a shadow: `map` is called eight times, and `noise` and `hash` in it."""


@pytest.fixture(autouse=True)
def any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions are called in small programs, too."""
    monkeypatch.setattr(optimising, "LARGE", 0)


PLAIN = "void mainImage(out vec4 o, in vec2 p) { o = vec4(fract(p / 8.0), sin(iTime), 1.0); }"


def test_a_long_function_that_is_often_called_stays_one() -> None:
    """`map` alone: `normal` is called once, and `hash` is short."""
    shader = reader.read(optimise(spirv_of(SCENE)))
    assert [f.called for f in shader.functions.values()].count(True) == 1
    assert len(shader.functions) == 2
    calls = [
        i
        for block in shader.functions[shader.entry].blocks
        for i in block.body
        if i.opcode == reader.OP_FUNCTION_CALL
    ]
    assert len(calls) == 8
    native.validate(optimise(spirv_of(SCENE)))


def test_in_a_small_program_it_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """With all copies `SCENE` has some 2,000 instructions; one program calls it from many places, and is large."""
    monkeypatch.undo()
    assert len(reader.read(optimise(spirv_of(SCENE))).functions) == 1
    many = SCENE.replace(
        "    o = vec4(t >", "    light += 0.01 * map(p.zxy);\n" * 80 + "    o = vec4(t >"
    )
    assert len(reader.read(optimise(spirv_of(many))).functions) == 2


def test_what_a_called_function_copies_is_there_once() -> None:
    """`noise` is long, too, and would be copied eight times with `map`; `map` is called, and has one place for it."""
    longer = SCENE.replace("s += hash(i + c)", "c *= 1.0 - 1e-6 * s;\n" * 30 + "s += hash(i + c)")
    shader = reader.read(optimise(spirv_of(longer)))
    assert [f.called for f in shader.functions.values()].count(True) == 1


def test_it_is_written_once_and_called() -> None:
    """On the GPU the compiler is told so; the text is a fraction of what it was."""
    spirv = spirv_of(SCENE)
    called, copied = cuda_source(optimise(spirv)), cuda_source(native.optimise(spirv))
    assert called.count("PH_CALL static float f") == 1
    assert "PH_CALL static float f" not in copied
    assert len(emit(optimise(spirv)).text) < 0.4 * len(emit(native.optimise(spirv)).text)


def test_the_picture_is_the_same() -> None:
    spirv = spirv_of(SCENE)
    called, copied = (
        host_picture(made, request_for()).astype(int)
        for made in (optimise(spirv), native.optimise(spirv))
    )
    assert np.ptp(copied) > 100
    assert np.abs(called - copied).mean() < 0.1


@pytest.mark.parametrize(
    "code",
    [
        PLAIN,
        SCENE.replace("n = normal(p)", "n = vec3(0, 1, 0)").replace("8.0 * map(", "8.0 * length("),
    ],
)
def test_a_function_that_is_called_once_is_copied(code: str) -> None:
    """Of a march alone there is one copy."""
    assert len(reader.read(optimise(spirv_of(code))).functions) == 1


def test_loops_of_the_entry_are_shared_although_functions_are_called() -> None:
    """All threads run it together, as long as no function ends a pixel."""
    points = """
    for (int i = 0; i < 300; i++) {
        float a = float(i);
        vec2 c = vec2(sin(a * 1.7) * cos(a * 0.3), sin(a * 2.1) * exp(-0.001 * a)) * (1.0 + 0.2 * sin(a + iTime));
        light += 0.0004 / length(q / iResolution.xy - 0.5 - 0.4 * c);
    }
    """
    code = SCENE.replace("    o = vec4(t >", f"{points}    o = vec4(t >")
    shader = reader.read(optimise(spirv_of(code)))
    assert len(shader.functions) == 2
    entry = shader.functions[shader.entry]
    assert len(sharing.shared_loops(shader, entry)) == 1
    (other,) = (f for f in shader.functions.values() if f.called)
    assert sharing.shared_loops(shader, other) == []
    ending = code.replace("    return d;\n", "    if (d > 1e6) discard;\n    return d;\n")
    ended = reader.read(optimise(spirv_of(ending)))
    assert sharing.shared_loops(ended, ended.functions[ended.entry]) == []


LONG = "".join(
    f"x = x * {0.9 + 0.001 * i:.4f} + 0.{i % 7 + 1} * sin(x + {i}.5);\n" for i in range(40)
)
THRICE = """
void mainImage(out vec4 o, in vec2 q) {
    vec2 p = q / iResolution.xy;
    float a = f(p.x), b = f(p.y), c = f(p.x * p.y);
    o = vec4(a, b, c, 1.0);
}
"""


def both(code: str, fused: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """A program's picture with functions that are called, of which there must be some, and without."""
    spirv = spirv_of(code)
    made = optimise(spirv)
    native.validate(made)
    assert any(f.called for f in reader.read(made).functions.values())
    called, copied = (
        host_picture(m, request_for(), fused=fused).astype(int)
        for m in (made, native.optimise(spirv))
    )
    return called, copied


@pytest.mark.parametrize(
    "code",
    [
        f"float s[4]; float f(float x) {{ {LONG} s[2] += 0.2; return fract(x) * 0.1 + s[2]; }}",
        f"struct S {{ float a; vec2 b; }}; S s; float f(float x) {{ {LONG} s.a += 0.2; return s.a; }}",
        f"""float s[2]; float g(float x) {{ s[1] += 0.2; return s[1] + x; }}
        float f(float x) {{ {LONG} return fract(x) * 0.1 + g(0.05); }}""",
    ],
    ids=["array", "struct", "inside"],
)
def test_what_only_a_called_function_uses_outlives_its_calls(code: str) -> None:
    called, copied = both(code + THRICE)
    assert np.abs(called - copied).max() <= 1


def test_a_pixel_has_one_budget_however_many_calls_spend_it() -> None:
    endless = "for (int i = 0; i < 100000000; i++) { n += 1.0; if (n < -1e9) break; }"
    code = f"float f(float x) {{ {LONG} float n = 0.0; {endless} return n / 4e6; }}"
    called, copied = both(code + THRICE)
    assert copied[0].min() > 30
    assert copied[1:].max() == 0
    assert np.abs(called - copied).max() <= 1


def test_a_pixel_ends_where_a_called_function_ends_it() -> None:
    """What would follow waits for a value that never comes; it must not be run until the budget is spent."""
    code = f"""
    float f(float x) {{ {LONG} if (x > -1e9) discard; return 1.0; }}
    void mainImage(out vec4 o, in vec2 p) {{
        float a = 0.0;
        while (a < 0.5) a = f(p.x);
        o = vec4(a, f(p.x), f(p.y), 1.0);
    }}"""
    text = emit(optimise(spirv_of(code))).text
    assert re.search(r"= f\d+\(", text)
    assert not re.search(r"(?<![\w ])(?:.* = )?f\d+\(.*\);\n(?!if \(killed\) return)", text)
    alive = emit(optimise(spirv_of(SCENE))).text
    assert "bool& killed" not in alive
    assert "if (killed)" not in alive


HASH = "float hash(vec2 p) { return fract(sin(dot(p, vec2(12.9898, 78.233))) * 43758.5453); }"
SHORT = LONG.replace("sin(", "abs(")


@pytest.mark.parametrize(
    "code",
    [
        f"""float g; void h(vec2 u) {{ float x = u.x; {SHORT}
        g = sin(dot(u, vec2(12.9898, 78.233))) + floor(x * 1e-6); }}
        float f(vec2 u) {{ h(u); return fract(g * 43758.5453); }}""",
        f"""float h(vec2 u) {{ float x = u.x; {SHORT}
        return sin(dot(u, vec2(12.9898, 78.233))) + floor(x * 1e-6); }}
        float f(vec2 u) {{ return fract(h(u) * 43758.5453); }}""",
        f"{HASH} float f(vec2 u) {{ float x = u.x; {SHORT} u *= 13.37; u += u.yx * 7.1 * u; return hash(u); }}",
        f"{HASH} float f(vec2 u) {{ float x = u.x; {SHORT} return hash(u); }}",
    ],
    ids=["variable", "result", "changed", "argument"],
)
def test_last_places_count_from_one_function_to_another(code: str) -> None:
    code += """void mainImage(out vec4 o, in vec2 q) {
        vec2 p = q / iResolution.xy, a = p * 131.7 + p.yx * p * 33.3;
        o = vec4(f(a), f(a.yx * 1.7 + 0.3), f(a * 0.5 + a.yx * a), 1.0);
    }"""
    called, copied = both(code, fused=True)
    assert np.abs(called - copied).mean() < 1.0
