"""Where the last places of numbers show, the emitter's C++ computes them as the driver does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from driver_pictures import driver_picture
from host_pictures import SIZE, host_picture, request_for, spirv_of
from phosphene.engines.cuda import host
from phosphene.engines.cuda.emitter import emit, precision
from phosphene.engines.cuda.source import host_source
from phosphene.spirv import optimise


@pytest.mark.parametrize("turns", [0.0, 3.7, 1000.3, 16000.9, -16000.4])
def test_sine_and_cosine_are_right_to_the_last_bits_where_these_show(turns: float) -> None:
    code = f"""
    void mainImage(out vec4 o, in vec2 p) {{
        float a = (p.x + 32.0 * p.y) / 1024.0 + {turns * 6.2831853:.4f} * step(-1.0, iTime);
        o = vec4(sin(a), cos(a), 0, 0) * 0.5 + 0.5;
        o = p.y > 16.0 ? fract(o * 4096.0) : o;
    }}"""
    spirv = optimise(spirv_of(code))
    text = emit(spirv).text
    assert "near_sin(" in text
    assert "exact_cos(" in text
    drawn = host_picture(spirv, request_for()).astype(int)
    y, x = np.mgrid[SIZE:0:-1, 0:SIZE] + np.array([-0.5, 0.5])[:, None, None]
    offset = np.float32(float(f"{turns * 6.2831853:.4f}"))
    angle = ((x + 32 * y) / 1024).astype(np.float32) + offset
    exact = np.stack([np.sin(angle.astype(float)), np.cos(angle.astype(float))]) * 0.5 + 0.5
    exact[:, y > 16] = np.modf(exact[:, y > 16] * 4096)[0]
    away = np.abs(drawn[:2] - exact * 255)
    assert np.minimum(away, 255 - away).mean() < 2.5, (
        "a unit of the last place is 0.06 of a fraction"
    )


def test_sines_that_nothing_magnifies_are_of_turns_rounded_towards_0_as_the_gpus() -> None:
    code = "void mainImage(out vec4 o, in vec2 p) { o = vec4(fract(sin(floor(p.x) * 7351.0) * 40.0)); }"
    spirv = optimise(spirv_of(code))
    assert " sin(" in emit(spirv).text
    drawn = host_picture(spirv, request_for()).astype(int)[0, 0]
    angle = np.arange(SIZE) * 7351.0
    exact = angle * np.float64(np.float32(1 / (2 * np.pi)))
    turns = exact.astype(np.float32)
    turns = np.where(turns > exact, np.nextafter(turns, np.float32(0)), turns)

    def away(sines: np.ndarray) -> np.ndarray:
        apart = np.abs(drawn - np.mod(sines * 40.0, 1.0) * 255.0)
        return np.minimum(apart, 255 - apart)

    assert away(np.sin(2 * np.pi * turns.astype(float))).max() < 1
    assert away(np.sin(angle)).mean() > 5, "angles of 200,000 have few places behind the turn"


H = "fract(sin(p.x) * 43758.5)"
CLASSES = {  # what a picture shows → near and exact sines
    "hash": ("fract(sin(dot(p, vec2(12.9898, 78.233))) * 43758.5453)", 1, 0),
    "wave": ("sin(p.x * 0.1) * 2.0", 0, 0),
    "large": ("fract(sin(p.x) * 250000.0)", 0, 1),
    "large step by step": ("fract(sin(p.x) * 437.5 * p.y * 600.0)", 0, 1),
    "hash of a hash": (f"fract(sin({H} * 7.1) * 43758.5)", 1, 1),
    "fraction of one": (f"fract({H} * p.y * 55.5)", 0, 1),
    "bits": ("float(uint(sin(p.x) * 43758.5) * 1597334673u >> 8)", 0, 1),
    "palette": (f"0.5 + 0.5 * cos({H} * 3.0)", 1, 0),
    "waves of one": (f"sin({H} * 60.0)", 0, 1),
    "fraction of a remainder": ("fract(mod(sin(p.x) * 43758.5, 1.0) * 91.7)", 0, 1),
    "fraction of one of two": (f"fract((p.x > 7.0 ? {H} : 0.3) * 91.7)", 0, 1),
    "fraction of a mix": (f"fract(mix({H}, 0.4, 0.3) * 91.7)", 0, 1),
    "fraction of a quotient": (f"fract({H} / 0.0137)", 0, 1),
    "the greater of two uses": (f"{H} + fract(abs({H} - 0.5) * 91.7)", 0, 1),
}


@pytest.mark.parametrize(("shown", "near", "exact"), CLASSES.values(), ids=CLASSES)
def test_sines_are_near_where_a_hash_is_shown_and_exact_where_it_is_magnified_again(
    shown: str, near: int, exact: int
) -> None:
    code = f"void mainImage(out vec4 o, in vec2 p) {{ o = vec4({shown}); }}"
    text = emit(optimise(spirv_of(code))).text
    assert (text.count("near_sin("), text.count("exact_sin(")) == (near, exact)


@pytest.mark.parametrize(
    "kept",
    [
        "a[int(p.x) & 3] = {0}; b = fract(a[int(p.y) & 3] * 100.0);",
        "vec2 q = vec2({0}, p.y); b = fract(q[int(p.y) & 1] * 100.0);",
    ],
    ids=["array", "vector"],
)
def test_hashes_that_are_kept_where_they_are_not_followed_are_exact(kept: str) -> None:
    body = f"float a[4]; float b; {kept.format(H)} o = vec4(b);"
    text = emit(optimise(spirv_of(f"void mainImage(out vec4 o, in vec2 p) {{ {body} }}"))).text
    assert (text.count("near_sin("), text.count("exact_sin(")) == (0, 1)


def test_the_last_places_of_a_near_sines_argument_count() -> None:
    text = emit(optimise(spirv_of(HASHED))).text
    assert "near_sin(" in text
    assert "exact_dot(" in text


HASHED = """
void mainImage(out vec4 o, in vec2 p) {
    float a = fract(sin(dot(p, vec2(12.9898, 78.233))) * 43758.5453), b = sin(p.x * 0.1) * 2.0;
    o = vec4(a, b, a * b, 1);
}"""


@pytest.mark.parametrize("offset", [0.0, 23.25, 6283.25, -100531.0], ids="from {:g}".format)
def test_near_sines_are_right_to_a_few_units_of_the_last_place(offset: float) -> None:
    code = f"""
    void mainImage(out vec4 o, in vec2 p) {{
        float a = (p.x + 32.0 * p.y) / 128.0 + {offset:.2f} * step(-1.0, iTime);
        o = vec4(fract(sin(a) * 65536.0), 0, 0, 1);
    }}"""
    spirv = optimise(spirv_of(code))
    assert "near_sin(" in emit(spirv).text
    drawn = host_picture(spirv, request_for()).astype(int)[0]
    y, x = np.mgrid[SIZE:0:-1, 0:SIZE] + np.array([-0.5, 0.5])[:, None, None]
    angle = ((x + 32 * y) / 128).astype(np.float32) + np.float32(offset)
    away = np.abs(drawn - np.mod(np.sin(angle.astype(float)) * 65536, 1) * 255)
    away = np.minimum(away, 255 - away)
    assert away.mean() < 1, "a mean of 6e-8 would be a level"
    assert away.max() < 5, "3e-7"


# `i` runs over whole numbers from 0 to 31 in both axes, `u` over -2 … 2; every line writes to vec3 `c`.
HASHES = {
    "fractions of fractions": (
        "vec2 q = fract((i + vec2(1234.5, 777.7)) * 0.3183099 + 0.1) * 17.0;"
        "c += fract(q.x * q.y * (q.x + q.y));"
    ),
    "far behind": (
        "vec2 q = 50.0 * fract(i * 0.3183099 + vec2(0.71, 0.113)); c += fract(q.x * q.y * (q.x + q.y));"
    ),
    "every turn of a loop": (
        "vec2 q = i * 0.37; for (int k = 0; k < int(iTime) + 1; k++) {"
        "vec2 h = fract(q * 0.3183099 + vec2(0.71, 0.113)) * 50.0; c += 0.25 * fract(h.x * h.y * (h.x + h.y));"
        "q = q * 2.03 + vec2(1.7, 9.2); }"
    ),
    "one of two": (
        "vec2 q = i.x > 9.0 ? i * 0.3183099 + vec2(0.71, 0.113) : i * 0.173 + 0.3; q = fract(q) * 50.0;"
        "c += fract(q.x * q.y * (q.x + q.y));"
    ),
    "a sum that is magnified": "c += fract((sin(i.x * 1.3) * 0.37 + 0.51 * i.y) * 43758.5453);",
    "a magnified sum in fractions": (
        "float s = sin(i.x * 1.3 + i.y * 2.7) + (i.x * 0.173) * (i.y * 0.911) + 0.3 * i.x,"
        "f = fract(s * 437.58); c += fract(f * f * 91.7 + f * 13.1);"
    ),
    "a sine of a remainder": (
        "float s = mod(dot(i, vec2(12.9898, 78.233)), 3.14); c += fract(sin(s) * 43758.5453);"
    ),
    "a sine of what was turned": (
        "vec2 q = mat2(0.8, 0.6, -0.6, 0.8) * (i + 0.37);"
        "c += fract(sin(q.x * 12.9898 + q.y * 78.233) * 43758.5453);"
    ),
    "a hash of noise": (
        "vec2 q = u * 2.1, j = floor(q), f = fract(q); vec2 k = vec2(12.9898, 78.233); float v = 43758.5453;"
        "c += fract(100.0 * mix(mix(fract(sin(dot(j, k)) * v), fract(sin(dot(j + vec2(1, 0), k)) * v), f.x),"
        "mix(fract(sin(dot(j + vec2(0, 1), k)) * v), fract(sin(dot(j + 1.0, k)) * v), f.x), f.y));"
    ),
    "a hash's root": (
        "vec2 h = fract(sin(vec2(dot(i, vec2(127.1, 311.7)), dot(i, vec2(269.5, 183.3)))) * 43758.5453);"
        "c += fract(length(h) * 100.0);"
    ),
    "a sine to the last place": "c += fract(sin(dot(i, vec2(127.1, 311.7))) * 4375854.53);",
    "a dot from behind": (
        "vec3 q = vec3(i.x + 0.37, i.y + 0.71, i.x * i.y + 5.3);"
        "c += fract(sin(dot(q, vec3(127.1, 311.7, 74.7))) * 43758.5453);"
    ),
    "bits": (
        "uint h = floatBitsToUint(i.x * 0.173 + i.y * 3.3) * 1597334673u; c += float(h >> 8) / 16777216.0;"
    ),
    "a sine of fractions": "c += fract(55.7 * sin(dot(3435.9 * fract((i + 3.1415) * 5545.7), i)));",
    "whole numbers": (
        "uvec2 q = uvec2(ivec2((i + 0.37) * 13371.931 + 130223.82)) * uvec2(1597334673U, 3812015801U);"
        "c += float((q.x ^ q.y) * 1597334673U) * 2.328306437080797e-10;"
    ),
    "roots of nothing": (
        "vec2 d = vec2(u.x * 0.4, u.y * 0.0); float b = -0.4 * u.x; c += sqrt(dot(d, d) - b * b) + 0.3 + u.y * 0.1;"
    ),
}
HASH = """
void mainImage(out vec4 o, in vec2 p) {{
    vec2 i = floor(p), u = p / 8.0 - 2.0;
    vec3 c = vec3(0);
    {}
    o = vec4(c, 1);
}}"""

CPUINFO = Path("/proc/cpuinfo")
needs_fma = pytest.mark.skipif(
    CPUINFO.exists() and "flags" in (said := CPUINFO.read_text("utf-8")) and " fma " not in said,
    reason="this processor does not fuse products with sums",
)


@needs_fma
@pytest.mark.parametrize("body", HASHES.values(), ids=HASHES)
def test_what_shows_last_places_is_the_same_where_sums_are_fused(
    body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spirv = optimise(spirv_of(HASH.format(body)))
    expected = driver_picture(spirv, request_for()).astype(int)
    assert expected.std() > 3

    def away() -> float:
        drawn = host_picture(spirv, request_for(), fused=True)
        return float(np.abs(drawn.astype(int) - expected).mean())

    assert away() < 1
    monkeypatch.setattr(precision, "magnified", lambda shader: precision.Magnified())
    assert away() > 2, "it would show"


@needs_fma
def test_modulo_of_a_large_number_is_the_same_where_sums_are_fused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spirv = spirv_of(HASH.format("c = mod(vec3(4321370.0), vec3(i + 0.7, 3.0) * 0.3) * 0.1;"))
    expected = driver_picture(spirv, request_for()).astype(int)

    def away() -> float:
        return float(np.abs(host_picture(spirv, request_for(), fused=True) - expected).mean())

    rounded = away()
    once = host_source(spirv).replace(
        "rounded_sum(a, -rounded_product(b, floorf(mended_quotient(a, b, 1.0f / b))))",
        "a - b * floorf(mended_quotient(a, b, 1.0f / b))",
    )
    monkeypatch.setattr(host, "host_source", lambda *_: once)
    assert rounded < 1 < away()
