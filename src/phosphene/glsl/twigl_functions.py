"""The functions that twigl's geeker and geekest modes bring along, written for this project.

The noises are gradient noise (K. Perlin, "Improving noise", SIGGRAPH 2002) over an integer hash, with
values in about -1..1 and features about one unit wide, as the simplex noise behind twigl's names.
"""

from __future__ import annotations

_HASH = """uint ph_Mix(uint x) {
    x ^= x >> 16; x *= 0x7feb352du; x ^= x >> 15; x *= 0x846ca68bu; x ^= x >> 16;
    return x;
}"""


def _noise(dimension: int) -> str:
    """Gradient noise in 2, 3 or 4 dimensions: a loop over the corners of the lattice cell."""
    n, d = f"vec{dimension}", dimension
    parts = "xyzw"[:d]
    hashes = "0u"
    for part in parts:
        hashes = f"ph_Mix({hashes} + uint(int(c.{part})))"
    gradient = ", ".join(f"float((h >> {8 * i}) & 255u)" for i in range(d))
    bits = ", ".join(f"float((i >> {k}) & 1)" for k in range(d))
    share = " * ".join(f"mix(1.0 - u.{p}, u.{p}, b.{p})" for p in parts)
    return (
        f"float snoise{d}D({n} p) {{ {n} q = floor(p), x = p - q; "
        f"{n} u = x * x * x * (x * (x * 6.0 - 15.0) + 10.0); float sum = 0.0; "
        f"for (int i = 0; i < {2**d}; i++) {{ {n} b = {n}({bits}), c = q + b; uint h = {hashes}; "
        f"{n} g = {n}({gradient}) / 127.5 - 1.0; sum += {share} * dot(g, x - b); }} "
        f"return 1.3 * sum; }}"
    )


_ROTATE_3D = (
    "mat3 rotate3D(float a, vec3 axis) { vec3 n = normalize(axis), k = n * sin(a); float c = cos(a); "
    "return mat3(c) + (1.0 - c) * outerProduct(n, n) "
    "+ mat3(0.0, k.z, -k.y, -k.z, 0.0, k.x, k.y, -k.x, 0.0); }"
)
_HSV = (
    "vec3 hsv(float h, float s, float v) { "
    "vec3 k = abs(fract(vec3(h) + vec3(0.0, 2.0, 1.0) / 3.0) * 6.0 - 3.0) - 1.0; "
    "return v * (1.0 - s + s * clamp(k, 0.0, 1.0)); }"
)


def _multiply() -> str:
    """HLSL's `mul`. Its matrices are filled by rows, GLSL's by columns: so the factors change places."""
    lines = []
    for n in (2, 3, 4):
        lines += [
            f"vec{n} mul(mat{n} a, vec{n} b) {{ return b * a; }}",
            f"vec{n} mul(vec{n} a, mat{n} b) {{ return b * a; }}",
            f"mat{n} mul(mat{n} a, mat{n} b) {{ return b * a; }}",
        ]
    return " ".join(lines)


FUNCTIONS = {
    "rotate2D": "mat2 rotate2D(float a) { float c = cos(a), s = sin(a); return mat2(c, s, -s, c); }",
    "rotate3D": _ROTATE_3D,
    "hsv": _HSV,
    "fsnoise": "float fsnoise(vec2 p) "
    "{ return fract(sin(dot(p, vec2(12.9898, 78.233))) * 43758.5453); }",
    "fsnoiseDigits": "float fsnoiseDigits(vec2 p) "
    "{ return fract(sin(dot(p, vec2(0.129898, 0.78233))) * 437.585453); }",
    **{
        f"snoise{d}D": f"{_HASH.replace('ph_Mix', f'ph_Mix{d}')}\n{_noise(d).replace('ph_Mix', f'ph_Mix{d}')}"
        for d in (2, 3, 4)
    },
    "mul": _multiply(),
    "frac": " ".join(
        f"{t} frac({t} x) {{ return fract(x); }}" for t in ("float", "vec2", "vec3", "vec4")
    ),
    "lerp": " ".join(
        f"{t} lerp({t} a, {t} b, float x) {{ return mix(a, b, x); }}"
        for t in ("float", "vec2", "vec3", "vec4")
    ),
}
"""Name → definition, each on its own."""
