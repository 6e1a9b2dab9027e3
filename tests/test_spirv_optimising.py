"""What the CUDA compiler reads: which functions stay functions, and that a program draws the same with them."""

from __future__ import annotations

import numpy as np
import pytest

from host_pictures import host_picture, request_for, spirv_of
from phosphene.engines.cuda.emitter import emit, reader, sharing
from phosphene.engines.cuda.source import cuda_source
from phosphene.spirv import native, optimise

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
