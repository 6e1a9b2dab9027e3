"""Programs of drawn things: dials, gears, writing, curves, blobs; a few colours, clear outlines."""

from phosphene.synthesis.production import Production
from phosphene.synthesis.tables.canvases import program
from phosphene.synthesis.tables.plain import PAINT, PAPER

PRODUCTIONS: tuple[Production, ...] = (
    program(
        "ridges",
        f"""
vec3 paper = {PAPER}, paint = {PAINT}, col = paper;
for (int k = 0; k < 14; k++) {{
    float row = float(k), base = 0.75 - 0.11 * row;
    float h = base + $(0.2..0.6!) * noise(vec2($(3..8!) * uv.x + 7.0 * row, row + $(0.3..1!) * iTime)) * exp(-$(0.5..4!) * uv.x * uv.x);
    if (uv.y < h) col = $(paper|paper|mix(paper, $ink, 0.07 * row));
    col = mix(col, paint, smoothstep(-0.02, 0.0, -abs(uv.y - h)));
}}
""",
        0.7,
        "Lines that hide each other.",
    ),
    program(
        "drops",
        f"""
$view
float sum = 0.0;
for (int k = 0; k < $(3..8 int); k++) {{
    vec4 h = hash4(float(k) + $(0..99 int).0);
    vec2 c = 0.8 * sin(vec2($(0.3..1!), $(0.3..1!)) * iTime * (0.5 + h.xy) + 6.2832 * h.zw);
    sum += (0.02 + 0.06 * h.x) / dot(p - c, p - c);
}}
vec3 paper = {PAPER}, paint = {PAINT};
vec3 col = $(mix(paper, paint, smoothstep(0.95, 1.05, sum))|$palette(0.3 * sum)|mix(paper, paint * (0.4 + 0.2 * sum), smoothstep(0.9, 1.1, sum))|mix(paper, paint, step(0.5, fract(2.0 * sum))));
""",
        0.8,
        "Drops that run into each other.",
    ),
    program(
        "cubes",
        """
$view
vec2 q = $(1.5..5!) * p + $(0..0.5!) * iTime, f = hexagon(q), cell = q - f;
float face = floor(3.0 * fract(atan(f.y, f.x) / 6.2832 + $(0.25|0.75|0.0)));
vec3 col = $($ink|$palette(hash(floor(cell * 3.0 + 0.5)))|$palette(0.2 * length(cell))|$light) * (0.35 + $(0.2..0.3!) * face);
""",
        0.6,
        "Cubes seen from a corner.",
    ),
    program(
        "dial",
        f"""
vec2 c = p * $(0.9..1.8!) + 0.3 * (dice.xy - 0.5);
float r = length(c), a = atan(c.x, c.y), marks = $(4..24 int).0;
vec3 col = mix({PAPER}, $($ink|$light|vec3(1)), smoothstep(-0.01, 0.01, 0.9 - r));
vec3 paint = $($dark|vec3(0)|$ink);
col = mix(col, paint, smoothstep(-0.01, 0.01, 0.04 - abs(r - 0.85)));
col = mix(col, paint, step(0.75, cos(marks * a)) * step(abs(r - 0.72), 0.07));
for (int k = 0; k < $(1..3 int); k++) {{
    vec2 q = rot(-$(0.3..2!) * iTime / (1.0 + 3.0 * float(k)) - 2.0 * float(k)) * c;
    float d = box(q - vec2(0.0, 0.3 - 0.08 * float(k)), vec2(0.02 + 0.015 * float(k), 0.35 - 0.08 * float(k)));
    col = mix(col, $(paint|$ink|vec3(1, 0, 0)), smoothstep(-0.01, 0.01, -d));
}}
""",
        0.6,
        "A dial with hands.",
    ),
    program(
        "rain",
        f"""
vec3 col = {PAPER} * $(1.0|0.3);
for (int k = 0; k < 4; k++) {{
    float n = $(6..16!) + 7.0 * float(k), x = floor(n * uv.x + 40.0 * float(k)), h = hash(vec2(x, k));
    float y = fract($(0.3..0.8!) * uv.y + $(0.3..1.5!) * iTime * (0.5 + h) + 9.0 * h);
    col += {PAINT} * $(exp(-$(4..14!) * y)|step(y, $(0.1..0.4!))|pow(1.0 - y, 6.0)) * step(0.4, h) * $(0.3..0.9!);
}}
""",
        0.6,
    ),
    program(
        "cells",
        f"""
$view
vec3 c = cellular($(1.5..6!) * p, $(0.3..1!) * iTime), paper = {PAPER}, paint = {PAINT};
vec3 col = $(mix(paper, paint, smoothstep(0.0, $(0.04..0.15!), c.y - c.x))|vec3(c.x)|vec3(1.0 - c.x) * paint|mix(paper, paint, step($(0.15..0.4!), c.x))|$palette(c.z)|mix(paper, paint, step(0.5, fract(5.0 * c.x))));
""",
        0.7,
        "Every point belongs to the nearest seed.",
    ),
    program(
        "gears",
        f"""
$view
vec3 col = {PAPER};
for (int k = 0; k < $(1..4 int); k++) {{
    float side = float(k % 2) * 2.0 - 1.0;
    vec2 q = p - vec2(1.02 * (float(k) - 1.0), $(0..0.3!) * side);
    float r = length(q), a = atan(q.y, q.x) + side * $(0.3..1!) * iTime, teeth = $(6..16 int).0;
    float d = r - 0.46 - 0.08 * smoothstep(-0.3, 0.3, sin(teeth * a));
    col = mix(col, $($ink|$palette(0.3 * float(k))|$light) * (0.75 + 0.25 * sin($(0..4 int).0 * a)), smoothstep(-0.01, 0.01, min(-d, r - $(0.08..0.25!))));
}}
""",
        0.5,
    ),
    program(
        "writing",
        f"""
vec2 q = $(6..18!) * vec2(1.4, 0.8) * uv + vec2(0.0, $(-2..2!) * iTime), cell = floor(q), f = floor(fract(q) * vec2(5, 7));
float ink = step(0.45, hash(cell * 31.0 + f + floor($(0..1.5!) * iTime))) * step(f.x, 3.5) * step(f.y, 5.5) * step($(0.05..0.4!), hash(cell + 5.0));
ink *= step(abs(uv.x), 0.9) * step(hash(vec2(cell.y, 9.0)) * 0.8, 1.0 - 0.5 * (uv.x + 1.0) + 0.4);
vec3 paper = {PAPER};
vec3 col = mix(paper, {PAINT}, ink);
""",
        0.6,
        "Letters of nobody's alphabet.",
    ),
    program(
        "curve",
        f"""
$view
float d = 9.0, u = $(1..5 int).0, v = $(1..6 int).0, turn = $(0.1..0.6!) * iTime;
vec2 last = vec2(0.0, 0.8 * sin(turn));
for (int i = 1; i < 90; i++) {{
    float a = 6.2832 * float(i) / 89.0;
    vec2 next = 0.8 * vec2(sin(u * a), sin(v * a + turn)), line = next - last;
    d = min(d, length(p - last - line * clamp(dot(p - last, line) / dot(line, line), 0.0, 1.0)));
    last = next;
}}
vec3 paper = {PAPER};
vec3 col = $(mix(paper, {PAINT}, smoothstep(-0.01, 0.01, $(0.01..0.06!) - d))|{PAINT} * 0.015 / (d + 0.005)|$palette(3.0 * d));
""",
        0.6,
        "One line that comes back to itself.",
    ),
    program(
        "rings",
        f"""
vec3 col = {PAPER};
for (int k = 0; k < $(3..9 int); k++) {{
    vec4 h = hash4(float(k) + $(0..99 int).0);
    vec2 c = 1.1 * sin($(0.2..0.7!) * iTime * (h.xy - 0.5) + 6.2832 * h.zw);
    float d = $(abs(length(uv - c) - 0.2 - 0.4 * h.x) - 0.03 - 0.05 * h.y|length(uv - c) - 0.1 - 0.4 * h.x|box(rot(6.0 * h.x) * (uv - c), 0.1 + 0.4 * h.zy)|length(uv - c) - 0.2 * fract(h.x + $(0.2..0.6!) * iTime));
    col = $(mix(col, $palette(h.y), smoothstep(-0.01, 0.01, -d))|mix(col, 1.0 - col, smoothstep(-0.01, 0.01, -d))|mix(col, $palette(h.y), 0.6 * smoothstep(-0.01, 0.01, -d)));
}}
""",
        0.9,
        "Flat things that cross each other.",
    ),
)
