"""The emitter's C++ draws what the driver draws: by instruction group, and whole programs."""

from __future__ import annotations

from importlib import resources

import numpy as np
import pytest

from driver_pictures import blocks, driver_picture
from host_pictures import SIZE, host_picture, request_for, spirv_of
from phosphene.engines.cuda.emitter import emit
from phosphene.engines.cuda.host import HostProgram
from phosphene.engines.cuda.records import VIEW_DTYPE, texture_mode
from phosphene.errors import EngineError, UnservedError
from phosphene.program import Channel, ChannelKind, Dialect, Filter, Program, Wrap
from phosphene.spirv import compile_program, compile_text, optimise
from phosphene.uniforms import glsl_block
from phosphene.views import Camera


def difference(spirv: bytes, optimised: bool = False) -> float:
    drawn = host_picture(optimise(spirv) if optimised else spirv, request_for())
    expected = driver_picture(spirv, request_for())
    assert expected.std() > 3, "the driver's picture must show something"
    return float(np.abs(drawn.astype(int) - expected.astype(int)).mean())


# `u` runs over -2 … 2 in both axes, `n` over whole numbers; every line writes to vec3 `c` in about 0 … 1.
BODIES = {
    "float arithmetic": "c = fract(vec3(u.x * u.y + 1.5, u.x / (u.y * u.y + 0.3) - u.y, mod(u.x, 0.7)));",
    "vector and matrix": (
        "mat2 m = mat2(u.x, 0.3, -u.y, 1.0); mat3 k = mat3(vec3(u, 1), vec3(0.2, u), vec3(u.y, 0.5, u.x));"
        "c.xy = m * u * 0.2 + 0.5; c.z = dot(u * m, vec2(0.1)) + 0.5; c += k * vec3(0.1, 0.2, -0.1);"
        "c += transpose(k)[1] * 0.1; c += (k * k)[2] * 0.05; c.x += determinant(k) * 0.1;"
    ),
    "non-square matrices": (
        "mat2x3 m = mat2x3(u.x, u.y, 0.1, 0.2, u.x, 0.3); mat3x2 t = transpose(m);"
        "c = m * u * 0.2 + 0.4; c.xy += t * vec3(0.1, 0.2, 0.3); c += outerProduct(vec3(0.1), u)[0];"
    ),
    "inverse": (
        "c.xy = inverse(mat2(2.0 + u.x, 0.3, 0.1, 3.0 + u.y)) * vec2(1.0);"
        "c.z = (inverse(mat3(3, u.x, 0, 0.2, 3, u.y, 0.1, 0, 3)) * vec3(1)).y * 2.0;"
        "c.x += (inverse(mat4(4, u.x, 0, 0, 0, 4, 0, u.y, 0, 0.5, 4, 0, 0.1, 0, 0, 4)) * vec4(1)).w;"
    ),
    "integers": (
        "c = vec3(n.x * 7 - n.y, n.x / (n.y + 99), abs(n.x) % 5) / vec3(400.0, 1.0, 5.0) + vec3(0.5, 0.2, 0);"
        "c.y += float(min(n.x, n.y) + max(n.x, 3) + clamp(n.y, -2, 9)) / 60.0;"
    ),
    "bits": (
        "uvec2 b = uvec2(n + 64); uint h = (b.x * 1597334677u) ^ (b.y * 3812015801u); h ^= h >> 16;"
        "h *= 2246822519u; c = vec3(h & 255u, (h >> 8) & 255u, (h << 3) >> 24) / 255.0;"
        "c.x += float(bitCount(b.x) + findMSB(b.y) + findLSB(b.x | 256u)) / 40.0;"
        "c.y += float(bitfieldExtract(n.x, 1, 4)) / 30.0; c.z = float(bitfieldReverse(b.x) >> 24) / 255.0;"
        "c.z += float(bitfieldInsert(0u, b.y, 2, 3)) / 64.0; c.x += float(~n.x & 7) / 20.0;"
    ),
    "comparisons": (
        "c = vec3(lessThan(vec3(u, 0.2), vec3(0.1, 0.7, u.x))) * 0.5;"
        "if (any(greaterThan(u, vec2(1.0))) || !(n.x != n.y)) c.x += 0.3;"
        "c.y += all(notEqual(n, ivec2(3))) ? 0.2 : 0.6; c.z += u.x > u.y && n.x <= 4 ? 0.4 : 0.0;"
        "c = mix(c, vec3(0.9), bvec3(u.x < 0.0, false, u.y >= 1.0));"
    ),
    "conversions": (
        "c = vec3(int(u.x * 3.0), uint(u.y * u.y * 4.0), float(bool(n.x & 2))) / vec3(9, 20, 2) + 0.3;"
        "c.x += float(floatBitsToInt(u.x) & 0xff00) / 65536.0; c.y += intBitsToFloat(0x3f000000 + (n.x << 12)) * 0.3;"
    ),
    "rounding": (
        "c = vec3(floor(u.x * 2.3), ceil(u.y * 1.7), round(u.x * 3.1)) / 16.0 + 0.5;"
        "c += vec3(trunc(u.x * 2.0), sign(u.y), fract(u.x)) * 0.1; float w; c.x += modf(u.y * 3.3, w) * 0.2; c.y += w * 0.03;"
        "int e; c.z += frexp(u.x, e) * 0.1; c.x += float(e) * 0.01 + ldexp(0.1, n.x / 8);"
    ),
    "trigonometry": (
        "c = 0.5 + 0.2 * vec3(sin(u.x * 3.0), cos(u.y * 2.0), tan(u.x * 0.5));"
        "c += 0.1 * vec3(asin(u.x / 3.0), acos(u.y / 3.0), atan(u.y, u.x)); c.x += atan(u.y) * 0.1;"
        "c.y += 0.05 * (sinh(u.x) + cosh(u.y) + tanh(u.x)); c.z += 0.1 * (asinh(u.x) + acosh(1.0 + u.y * u.y) + atanh(u.x / 3.0));"
    ),
    "angles": "c = fract(vec3(atan(u.y, u.x), atan(u.x * 3.0), atan(floor(u.x), -floor(u.y))) * 9.0);",
    "arcs": "c = fract(vec3(asin(u.x / 3.0), acos(u.y / 3.0), acos(u.x / 3.0) - asin(u.y / 3.0)) * 60.0);",
    "modulo": "c = vec3(mod(u.x * 40.0, 0.3), mod(floor(u.y * 9.0), 3.0), mod(floor(u.x * 9.0) * 0.7, -0.7)) * vec3(3, 0.3, 1);",
    "powers by variables": "float two = floor(iTime) - 1.0; c = vec3(pow(u.x, two) < 9.0 ? 0.9 : 0.1, pow(abs(u.y), two) * 0.2, pow(u.x + 2.0, u.y) * 0.1);",
    "exponentials": (
        "c = vec3(exp(u.x * 0.4), log(2.5 + u.y), exp2(u.x)) * 0.3; c += vec3(log2(3.0 + u.x), sqrt(u.y + 2.0), inversesqrt(u.x + 2.2)) * 0.1;"
        "c.x += pow(abs(u.x), 1.7) * 0.1 + pow(u.y, 2.0) * 0.1;"
    ),
    "common functions": (
        "c = vec3(min(u.x, 0.4), max(u.y, -0.3), clamp(u.x, -0.5, 0.5)) * 0.5 + 0.3;"
        "c += mix(vec3(0.1), vec3(0.4), u.x * 0.5) + step(vec3(0.2), u.xyx) * 0.1 + smoothstep(-1.0, 1.0, u.yxy) * 0.1;"
        "c.x += radians(u.x * 9.0) + degrees(u.y) * 0.001 + abs(u.x) * 0.1 + fma(u.x, 0.1, u.y * 0.1);"
    ),
    "geometry": (
        "vec3 q = vec3(u, 0.7); c = normalize(q) * 0.3 + 0.3 + cross(q, vec3(0.2, 0.5, 0.1)) * 0.1;"
        "c += reflect(q, vec3(0, 1, 0)) * 0.05 + refract(normalize(q), vec3(0, 0, -1), 0.8) * 0.1;"
        "c.x += length(u) * 0.1 + distance(u, vec2(0.5)) * 0.1; c += faceforward(vec3(0.1), q, vec3(0, 1, 0));"
    ),
    "packing": (
        "c.xy = unpackHalf2x16(packHalf2x16(u)) * 0.2 + 0.5; c.z = unpackUnorm4x8(packUnorm4x8(vec4(u * 0.2 + 0.5, 0, 1))).y;"
        "c.x += unpackSnorm2x16(packSnorm2x16(u * 0.4)).y * 0.3; c.y += float(packUnorm2x16(abs(u) * 0.4) >> 24) / 600.0;"
        "c.z += unpackSnorm4x8(packSnorm4x8(vec4(u, u) * 0.4)).w * 0.3;"
    ),
    "composites": (
        "struct S { vec2 a; float b[3]; } s; s.a = u; s.b[0] = u.x; s.b[1] = u.y; s.b[2] = 0.5; S r = s; r.a.y *= 0.5;"
        "c = vec3(r.a.yx, r.b[abs(n.x) % 3]) * 0.2 + 0.5; c[abs(n.y) % 3] += 0.2; c.zx = c.xz; vec4 q = vec4(u, u.yx);"
        "c.y += q[abs(n.x + n.y) % 4] * 0.1; mat3 m = mat3(1); m[abs(n.x) % 3] = c; c = m[abs(n.y) % 3] * 0.5 + c * 0.5;"
    ),
    "constant tables": (
        "const vec3 table[5] = vec3[5](vec3(0.9, 0.1, 0.2), vec3(0.2, 0.7, 0.3), vec3(0.1, 0.3, 0.8), vec3(0.9), vec3(0.4, 0.2, 0.6));"
        "c = table[abs(n.x + n.y) % 5];"
    ),
    "bits of vectors": (
        "ivec2 i = bitfieldInsert(n, n.yx, 2, 3); uvec3 t = bitfieldExtract(uvec3(i, 77), 1, 4); ivec2 e;"
        "ivec2 s = bitfieldExtract(n * 77, 2, 5); vec2 m = frexp(u * 5.0, e); c = vec3(t) / 20.0 + vec3(s, e.x) / 99.0 + vec3(m, e.y) * 0.1;"
    ),
    "tables of tables": (
        "const int k[2][3] = int[2][3](int[3](1, 2, 3), int[3](4, 5, 6)); struct S { vec3 a; float b[2]; };"
        "const S s[2] = S[2](S(vec3(0.1, 0.4, 0.2), float[2](0.1, 0.5)), S(vec3(0.6, 0.2, 0.3), float[2](0.3, 0.0)));"
        "int i = abs(n.x) & 1, j = abs(n.y); c = s[i].a + s[1 - i].b[j & 1] * 0.5; c.x += float(k[i][j % 3]) * 0.05;"
    ),
    "loops": (
        "float a = 0.0; for (int i = 0; i < 20; i++) { if (i == abs(n.x)) continue; a += 0.02 * u.x; if (a > 0.2) break; }"
        "int k = 0; do { k++; } while (k < abs(n.y)); while (true) { a += 0.01; if (a > 0.1) break; }"
        "c = vec3(a + 0.5, float(k) / 20.0, a * 2.0); vec2 z = u; int j; for (j = 0; j < 30; j++) { z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + u * 0.5; if (dot(z, z) > 4.0) break; } c.z = float(j) / 30.0;"
    ),
    "swapping phis": "float a = u.x, b = u.y; for (int i = 0; i < abs(n.x) + 1; i++) { float t = a; a = b; b = t + 0.01; } c = vec3(a, b, a * b) * 0.2 + 0.5;",
    "switch": "switch (abs(n.x) % 5) { case 0: c.x = 0.9; break; case 1: c.y = 0.8; case 2: c.z = 0.7; break; default: c = vec3(0.5 + 0.1 * u, 0.2); } c.x += u.y * 0.1;",
    "discard": "c = vec3(0.8, 0.5 + 0.2 * u); if (length(u) < 1.0) discard;",
    "uniforms": "c = vec3(fract(iTime * 0.4 + u.x * 0.1), iMouse.xy / iResolution.xy) * (0.6 + 0.2 * u.y); c.z += float(iFrame) / 1000.0 + iDate.w / 86400.0 * 0.1 + iTimeDelta;",
    "frag coord": "c = vec3(gl_FragCoord.xy / iResolution.xy, gl_FragCoord.z * gl_FragCoord.w);",
    "derivatives of vectors": "c = fwidth(vec3(u, u.x * u.y)) * 8.0;",
    "what GLSL leaves open": "float cubed = pow(u.x - 0.5, 3.0); c = vec3(cubed < 1.0 ? 0.9 : 0.1, mod(u, vec2(0.3, 0.0))) * (1.0 - 0.5 * step(0.1, cubed));",
    "derivatives": "float f = dot(u, u) * 3.0; c = vec3(abs(dFdx(f)), abs(dFdy(f)), fwidth(sin(f))) * 0.8; c.xy += 0.5 + 0.4 * vec2(dFdx(u.x * u.y), dFdy(u.x * u.y));",
}  # fmt: skip

PROGRAM = """#version 450
{block}
layout(location = 0) out vec4 o;
void main() {{
    vec2 p = ph_PixelX * gl_FragCoord.x + ph_PixelY * gl_FragCoord.y + ph_Origin;
    vec2 u = p / iResolution.xy * 4.0 - 2.0;
    ivec2 n = ivec2(p) - 12;
    vec3 c = vec3(0);
    {body}
    o = vec4(c, 1);
}}
"""


def module_of(body: str) -> bytes:
    """All of GLSL 4.50, not only what a dialect allows."""
    return compile_text(PROGRAM.format(block=glsl_block(), body=body))


@pytest.mark.parametrize("name", BODIES)
def test_instructions_draw_what_the_driver_draws(name: str) -> None:
    assert difference(module_of(BODIES[name])) <= 1.0


@pytest.mark.parametrize("name", ["loops", "composites", "swapping phis", "switch", "bits"])
def test_optimised_modules_draw_the_same(name: str) -> None:
    assert difference(module_of(BODIES[name]), optimised=True) <= 1.0


def test_functions_with_out_parameters_that_are_not_inlined() -> None:
    code = """
    float shared_state = 0.25;
    void turn(inout vec2 p, float a, out float far) {
        p = mat2(cos(a), sin(a), -sin(a), cos(a)) * p; far = length(p); shared_state += 0.1;
    }
    float wave(vec2 p) { float f; turn(p, 0.7, f); if (f > 2.0) return 0.1; return sin(p.x * 3.0) * 0.5 + 0.5; }
    void mainImage(out vec4 o, in vec2 p) {
        vec2 u = p / iResolution.xy * 4.0 - 2.0; float w = wave(u) * 0.5 + wave(u.yx) * 0.5;
        o = vec4(w, shared_state, u.x * 0.2 + 0.5, 1);
    }"""
    assert difference(spirv_of(code)) <= 1.0


def test_derivatives_of_a_branch_that_the_neighbour_did_not_take_are_zero() -> None:
    code = """
    void mainImage(out vec4 o, in vec2 p) {
        float d = 0.5; if (mod(floor(p.x), 2.0) < 1.0) d = abs(dFdx(p.x * 10.0));
        o = vec4(d, 0, 0, 1);
    }"""
    drawn = host_picture(spirv_of(code), request_for())
    np.testing.assert_array_equal(drawn[0, :, 0::2], 0)
    np.testing.assert_array_equal(drawn[0, :, 1::2], 128)


def test_division_by_zero_and_overflow_do_not_trap() -> None:
    code = """
    void mainImage(out vec4 o, in vec2 p) {
        int zero = int(iTime) - 3; int low = -2147483647 - 1 + zero;
        o = vec4(float(7 / zero), float(7 % zero), float(low / (zero - 1)), 1) * 0.0 + vec4(0.2, 0.4, 0.6, 1);
    }"""
    drawn = host_picture(spirv_of(code), request_for())
    np.testing.assert_array_equal(drawn[:, 0, 0], [51, 102, 153])


def test_not_a_number_is_drawn_as_black() -> None:
    code = "void mainImage(out vec4 o, in vec2 p) { o = vec4(sqrt(-iTime), 0.5, 0.0 / (iTime - 3.0), 1); }"
    drawn = host_picture(spirv_of(code), request_for())
    np.testing.assert_array_equal(drawn[:, 5, 5], [0, 128, 0])


def test_the_camera_moves_the_picture_and_row_0_is_the_top() -> None:
    code = "void mainImage(out vec4 o, in vec2 p) { o = vec4(p / iResolution.xy, 0, 1); }"
    spirv = spirv_of(code)
    whole = host_picture(spirv, request_for())
    assert whole[1, 0, 0] > 240
    assert whole[1, -1, 0] < 10
    mirrored = host_picture(spirv, request_for(Camera.crop(flip=True)))
    np.testing.assert_allclose(mirrored.astype(int), whole[:, :, ::-1].astype(int), atol=1)
    quarter = host_picture(spirv, request_for(Camera.crop((0.25, 0.25), 0.5, 0.5)))
    np.testing.assert_allclose(quarter[0, 0, -1], 255 * 0.5, atol=3)


def test_supersampling_averages_points_inside_the_pixel() -> None:
    code = "void mainImage(out vec4 o, in vec2 p) { o = vec4(vec3(step(0.5, fract(p.x))), 1); }"
    drawn = host_picture(spirv_of(code), request_for(), samples=4)
    np.testing.assert_array_equal(drawn, 128)


@pytest.mark.parametrize(
    "name", ["scenes/painted-arcade", "tilings/penrose-parquet", "noise/marble-quarry"]
)
def test_starter_programs_draw_what_the_driver_draws(name: str) -> None:
    code = resources.files("phosphene.starter").joinpath(f"{name}.glsl").read_text()
    assert difference(spirv_of(code), optimised=True) <= 2.0


@pytest.mark.parametrize(
    ("spirv", "message"),
    [
        (b"", "0 bytes is no SPIR-V"),
        (b"\0" * 24, "begins with 0x0"),
        (b"\x03\x02\x23\x07" + b"\0" * 20, "cut off at word 5"),
    ],
)
def test_what_is_no_module_is_named(spirv: bytes, message: str) -> None:
    with pytest.raises(UnservedError, match=message):
        emit(spirv)


def test_an_array_of_the_uniform_block_is_handed_on_whole() -> None:
    code = """
    float second(float t[4]) { return t[1] + t[3]; }
    void mainImage(out vec4 o, in vec2 p) { o = vec4(0.05 * second(iChannelTime) + p.x / 99.0); }"""
    spirv = compile_program(Program.of(Dialect.SHADERTOY, code)).spirv
    drawn, shown = host_picture(spirv, request_for()), driver_picture(spirv, request_for())
    assert np.abs(drawn.astype(int) - shown).max() <= 1
    assert drawn.std() > 3


def textured_picture(kind: ChannelKind, code: str, pixels: np.ndarray) -> np.ndarray:
    """A picture of a program whose iChannel0 holds `pixels`, RGBA, without interpolation."""
    nearest = Channel(kind, filter=Filter.NEAREST, wrap=Wrap.REPEAT)
    spirv = compile_program(Program.of(Dialect.SHADERTOY, code, (nearest,))).spirv
    views = np.zeros(1, VIEW_DTYPE)
    views["frame"] = blocks(request_for())
    texture = views["channel"][0, 0]
    texture["pixels"], texture["levels"] = pixels.ctypes.data, 1
    texture["height"], texture["width"] = pixels.shape[-3:-1]
    texture["mode"] = texture_mode(Wrap.REPEAT, Filter.NEAREST)
    return HostProgram(spirv).draw(views, SIZE, SIZE)[0]


def test_a_cube_map_shows_the_face_that_the_direction_meets() -> None:
    faces = np.zeros((6, 2, 2, 4), np.uint8)
    faces[..., 0] = 40 * np.arange(1, 7)[:, None, None]
    faces[0, 0, 1, 1] = 200  # +x: one corner differs, to see how the face lies
    code = """
    void mainImage(out vec4 o, in vec2 p) {
        int i = int(p.x) % 6; vec3 d = vec3(0); d[i / 2] = i % 2 == 0 ? 1.0 : -1.0;
        if (p.y > 16.0) { d = vec3(1, 0.5, -0.5); }
        o = texture(iChannel0, d);
    }"""
    drawn = textured_picture(ChannelKind.CUBEMAP, code, faces)
    np.testing.assert_array_equal(drawn[0, -1, :6], 40 * np.arange(1, 7))
    assert drawn[1, 0, 0] == 200, "up and away from z is the upper right of the face at +x"


def graded_volume() -> np.ndarray:
    """A volume whose colours are the texels' places."""
    volume = np.zeros((4, 4, 4, 4), np.uint8)
    volume[..., 0] = 60 * np.arange(4)[:, None, None]
    volume[..., 1] = 60 * np.arange(4)[:, None]
    volume[..., 2] = 60 * np.arange(4)
    return volume


def test_coordinates_of_volumes_are_divided_and_moved() -> None:
    code = """
    void mainImage(out vec4 o, in vec2 p) {
        o = textureProj(iChannel0, vec4(0.375, 0.125, 0.625, 1.0) * (1.0 + p.x));
        if (p.y > 16.0) o = textureOffset(iChannel0, vec3(0.125, 0.125, 0.625), ivec3(2, 3, -1));
    }"""
    drawn = textured_picture(ChannelKind.VOLUME, code, graded_volume())
    np.testing.assert_array_equal(drawn[:, -1, 9], [120, 0, 60])
    np.testing.assert_array_equal(drawn[:, 0, 9], [60, 180, 120])


def test_a_volume_is_read_at_all_three_coordinates() -> None:
    code = """
    void mainImage(out vec4 o, in vec2 p) {
        o = texture(iChannel0, vec3(0.625, 0.375, 1.0 + p.x / 32.0));
        if (p.y > 16.0) o = texelFetch(iChannel0, ivec3(3, 1, textureSize(iChannel0, 0).z - 2), 0);
    }"""
    drawn = textured_picture(ChannelKind.VOLUME, code, graded_volume())
    np.testing.assert_array_equal(drawn[0, -1, ::8], 60 * np.arange(4))
    np.testing.assert_array_equal(drawn[1:, -1, 0], [60, 120])
    np.testing.assert_array_equal(drawn[:, 0, 0], [120, 60, 180])


@pytest.mark.parametrize("name", ["derivatives", "loops", "discard"])
def test_kernels_for_one_sample_draw_what_those_for_several_do(name: str) -> None:
    spirv = module_of(BODIES[name])
    views = np.zeros(1, VIEW_DTYPE)
    views["frame"] = blocks(request_for())
    once, often = (HostProgram(spirv, sampled=sampled) for sampled in (False, True))
    drawn = once.draw(views, SIZE, SIZE)
    np.testing.assert_array_equal(drawn, often.draw(views, SIZE, SIZE))
    assert drawn.std() > 3
    assert not np.array_equal(drawn, often.draw(views, SIZE, SIZE, 2))
    with pytest.raises(EngineError, match="`samples` must be 1 of a program that is not sampled"):
        once.draw(views, SIZE, SIZE, 2)


def test_what_is_clamped_to_the_unit_is_saturated() -> None:
    code = """
    void mainImage(out vec4 o, in vec2 p) {
        float x = p.x * 0.1 - 1.0;
        vec3 v = vec3(x, x + 0.5, x - 0.5);
        o = vec4(clamp(x, 0.0, 1.0), clamp(v, vec3(0), vec3(1)).y, clamp(v, vec3(0), vec3(1, 1, 0.5)).z, 1);
        o.x += clamp(x, 0.0, 2.0) * 0.01 + clamp(sqrt(-p.y), 0.0, 1.0);
    }"""
    spirv = spirv_of(code)
    assert emit(spirv).text.count("saturate(") == 3, (
        "of a number, of a vector, of what is not a number"
    )
    drawn = host_picture(spirv, request_for())
    x = (np.arange(SIZE) + 0.5) * 0.1 - 1.0
    expected = [
        np.clip(x, 0, 1) + np.clip(x, 0, 2) * 0.01,
        np.clip(x + 0.5, 0, 1),
        np.clip(x - 0.5, 0, 0.5),
    ]
    np.testing.assert_allclose(drawn[:, 5], np.clip(expected, 0, 1) * 255, atol=0.51)


def test_only_programs_with_derivatives_say_so() -> None:
    assert emit(module_of(BODIES["derivatives"])).uses_derivatives
    assert not emit(module_of(BODIES["loops"])).uses_derivatives
