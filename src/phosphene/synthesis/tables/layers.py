"""Programs of objects on backgrounds: flat shapes that hide each other, with shadows."""

from phosphene.synthesis.production import Production
from phosphene.synthesis.tables.canvases import program

PRODUCTIONS: tuple[Production, ...] = (
    program(
        "leaves",
        """
p += $(0.5..1) * $motion;
vec3 col = $pattern(p);
float light = 1.0;
for (int k = 0; k < 9; k++) {
    float size = exp2($(1.2..1.8!) - 2.2 * fract(0.618 * float(k) + 0.3)), layer = float(k);
    vec2 q = rot(1.3 * layer) * p / size + 13.0 * layer, cell = floor(q);
    float age = iTime / 9.0 + hash(cell + layer), h = hash(cell + 3.0 * layer + 31.0 * floor(age));
    if (h < $(0.15..0.4!)) continue;
    vec2 s = rot(40.0 * h + 0.3 * (h - 0.5) * iTime) * (q - cell - 0.5) / (0.34 + 0.12 * h);
    float d = (h < 0.6 ? $shape(s) : $shape(s)) * size;
    vec3 skin = h < 0.7 ? $palette(5.0 * h) * (0.7 + 0.5 * $field:grain(s)) : $pattern(s + layer);
    col *= mix(1.0, 0.55, (1.0 - smoothstep(0.0, $(0.12..0.3!), d)));
    col = mix(col, skin * (0.85 + 0.25 * s.y), (1.0 - smoothstep(0.0, 0.02, d)));
}
""",
        2.0,
        "Dead leaves: opaque shapes of all sizes, each with its own cloth and shadow.",
    ),
    program(
        "still",
        """
vec3 col = $pattern(p * $(0.7..1.3) + 3.0 * dice.xy);
for (int k = 0; k < $(3..6 int); k++) {
    vec4 h = hash4(float(k) + 10.0 * floor(iTime / $(4..8!) + 0.37 * float(k)));
    vec2 home = vec2(1.3, 0.8) * (2.0 * h.xy - 1.0) + 0.2 * sin(vec2(0.7, 0.9) * iTime + 6.0 * h.zw);
    float size = mix(0.25, 0.75, h.z);
    mat2 turn = rot(6.2832 * h.w + 0.2 * iTime);
    vec2 s = turn * (p - home) / size, under = turn * (p - home + vec2(-0.06, 0.08)) / size;
    float d = h.w < 0.5 ? $shape:first(s) : $shape:second(s), below = h.w < 0.5 ? $shape:first(under) : $shape:second(under);
    col *= mix(1.0, $(0.35..0.6!), (1.0 - smoothstep(-0.12, 0.12, below)));
    vec3 skin = mix($palette(h.x + 0.3 * s.y), $pattern(s * 0.8 + h.xy * 9.0), step(0.4, h.y));
    skin *= 0.75 + 0.35 * (1.0 - smoothstep(-0.3, 0.0, d)) + 0.15 * s.y;
    col = mix(col, skin, (1.0 - smoothstep(-0.015, 0.015, d * size)));
}
""",
        2.2,
        "A few large objects above a ground, with drop shadows.",
    ),
    program(
        "portrait",
        """
$view
vec2 s = rot($(0.1..0.6!) * sin(0.4 * iTime) + 6.0 * floor(4.0 * dice.x)) * p * mix($(0.7..0.9!), $(1.1..1.6!), dice.y);
float d = $shape:figure(s), e = 0.02;
vec2 slope = vec2($shape:figure(s + vec2(e, 0)), $shape:figure(s + vec2(0, e))) - d;
vec3 n = normalize(vec3(slope / e * smoothstep(-$(0.2..0.5!), 0.0, d), 0.7));
vec3 skin = $pattern(s) * (0.4 + 0.8 * max(dot(n, normalize(vec3(0.5, 0.7, 0.8))), 0.0));
vec3 col = $pattern(p * 0.8 + 5.0) * mix($(0.3..0.6!), 1.0, smoothstep(-0.05, 0.3, $shape:figure(s + vec2(-0.1, 0.12))));
col = mix(col, skin + 0.4 * pow(max(n.z * 0.3 + n.y * 0.8, 0.0), 12.0), (1.0 - smoothstep(0.0, 0.02, d)));
""",
        1.6,
        "One thing, rounded at its edges, before a background.",
    ),
    program(
        "parallax",
        """
$sun
vec3 ray = normalize(vec3(uv, 1.5)), haze = $ink;
vec3 col = $sky(ray);
for (int k = 0; k < $(4..7 int); k++) {
    float near = (float(k) + 1.0) / 6.0, x = uv.x * (1.6 - near) + $(0.1..0.5!) * iTime * near + 13.0 * float(k) + 5.0 * dice.x;
    float crest = 0.5 - near * $(1..1.4!) + $(0.2..0.45!) * $(noise(vec2(2.0 * x, k))|ridged(vec2(x, k))|hash(vec2(floor(5.0 * x), k))|abs(sin(2.0 * x)) * noise(vec2(x, k))|fbm(vec2(2.0 * x, k)));
    vec2 q = vec2(fract(2.5 * x), (uv.y - crest) * 2.5) * 2.0 - vec2(1.0, 0.9);
    float d = min(uv.y - crest, hash(vec2(floor(2.5 * x), k)) < $(0.2..0.7!) ? 0.2 * $shape(q) : 1.0);
    vec3 land = mix(haze, $palette(near + 0.3 * $field(vec2(x, uv.y) * 2.0)), 0.25 + 0.75 * near);
    col = mix(col, land * (0.7 + 0.6 * near * $field(vec2(x, uv.y - crest))), (1.0 - smoothstep(0.0, 0.012, d)));
}
""",
        1.6,
        "Layers of land, one before the other.",
    ),
    program(
        "crowd",
        """
float horizon = 0.35 + 0.2 * (dice.x - 0.5);
vec3 ground = $pattern(vec2(uv.x, 1.0) / max(horizon - uv.y, 0.05) * 0.6 + vec2(0.0, 0.3 * iTime));
$sun
vec3 col = uv.y > horizon ? $sky(normalize(vec3(uv.x, uv.y - horizon, 1.3))) : ground;
for (int k = 0; k < 7; k++) {
    float near = (float(k) + fract($(0.1..0.4!) * iTime)) / 7.0, size = mix(0.12, 0.8, near * near), row = float(k) - floor($(0.1..0.4!) * iTime);
    float x = (uv.x + 0.2 * sin(0.3 * iTime)) / size / 1.5 + hash(vec2(row, 1.0)), cell = floor(x), h = hash(vec2(cell, row));
    vec2 s = vec2((fract(x) - 0.5) * 1.5, (uv.y - horizon + 1.15 * near) / size - 0.8) / (0.5 + 0.3 * h);
    float d = h < 0.5 ? $shape(s) : $shape(s);
    vec3 skin = $palette(3.0 * h + 0.2 * $field(s)) * (0.75 + 0.3 * s.y);
    col *= mix(1.0, 0.6, (1.0 - smoothstep(0.0, 0.25, length(vec2(s.x, 3.0 * (s.y + 0.85))) - 0.4)));
    col = mix(col, skin, (1.0 - smoothstep(0.0, 0.03, d)) * step(0.25, fract(7.0 * h)));
}
""",
        1.2,
        "Rows of things that stand on a plain and come nearer.",
    ),
    program(
        "bokeh",
        """
vec3 col = mix($dark, $pattern(0.3 * p), $(0.3..1));
for (int k = 0; k < 6; k++) {
    float size = 0.4 + 0.18 * float(k);
    vec2 q = p / size + $motion * 0.3 + 7.0 * float(k), cell = floor(q), h = hash2(cell + float(k) + 11.0 * floor(0.15 * iTime + hash(cell)));
    float d = $shape(rot($(0..1)) * (q - cell - 0.3 - 0.4 * h) * 4.0 / (0.5 + h.x));
    float disc = (1.0 - smoothstep(0.0, 0.1, d)) * (0.6 + 0.6 * smoothstep(-0.4, 0.0, d));
    col = mix(col, col * 0.4 + $palette(h.y) * 0.8, disc * step(0.35, h.x));
}
""",
        0.7,
        "Lights out of focus.",
    ),
    program(
        "shelf",
        """
vec2 q = p * $(1.2..2.2!) + vec2($(-0.4..0.4!) * iTime, 9.0 * dice.x), cell = floor(q), f = fract(q) - 0.5;
float h = hash(cell + floor(iTime / 7.0 + 2.0 * hash(cell)));
vec3 col = $pattern(0.5 * q) * (0.35 + 0.6 * smoothstep(-0.5, 0.4, f.y + 0.3 * f.x));
vec2 s = (f + vec2(0.0, 0.05)) * $(2.2..2.8!) * vec2(h > 0.5 ? 1.0 : -1.0, 1.0);
float d = h < 0.35 ? $shape(s) : h < 0.7 ? $shape(s) : $shape(s);
col *= mix(1.0, 0.5, (1.0 - smoothstep(0.0, 0.3, d)));
vec3 skin = (h < 0.5 ? $palette(h * 2.0 + 0.3 * $field(s)) : $pattern(s + cell)) * (0.6 + 0.5 * (1.0 - smoothstep(-0.6, 0.6, s.x)));
col = mix(col, skin, (1.0 - smoothstep(-0.01, 0.03, d)));
col = mix(col, $ink * (0.8 + 0.3 * noise(q * vec2(3.0, 40.0))), smoothstep(0.44, 0.45, max(-f.y, abs(f.x) - 0.03)));
""",
        1.3,
        "A cabinet: each thing in its box.",
    ),
    program(
        "cutpaper",
        """
$view
vec3 col = $pattern(p);
for (int k = 0; k < 5; k++) {
    float level = 0.25 + 0.13 * float(k), h = $field:terrain(p + 0.1 * float(k)), under = $field:terrain(p + 0.1 * float(k) + vec2(0.05, -0.07));
    col *= mix(1.0, 0.6, smoothstep(level - 0.08, level + 0.04, under));
    vec3 sheet = k % 2 == 0 ? $palette(0.2 * float(k)) : $palette(0.25 * float(k)) * (0.8 + 0.3 * noise(60.0 * p));
    col = mix(col, sheet, smoothstep(level, level + 0.015, h));
}
""",
        1.0,
        "Sheets of paper, cut along contours and laid on each other.",
    ),
    program(
        "collage",
        """
vec3 col = $pattern(p);
for (int k = 0; k < 6; k++) {
    vec4 h = hash4(float(k) + 20.0 * floor(iTime / $(5..9!) + 0.21 * float(k)));
    vec2 s = rot(1.2 * (h.z - 0.5)) * (p - vec2(1.4, 0.9) * (2.0 * h.xy - 1.0)), half_ = mix(vec2(0.25), vec2(0.7, 0.6), h.zw);
    float d = box(s, half_);
    vec3 picture = h.w < 0.3 ? $pattern(s * 1.5 + h.xy) : h.w < 0.6 ? $pattern(s * 1.2 - h.yx) : $palette($field(s * 1.3 + 9.0 * h.z));
    col *= mix(1.0, 0.5, (1.0 - smoothstep(-0.02, 0.12, box(s + vec2(-0.03, 0.05), half_))));
    col = mix(col, d > -0.04 ? $light : picture, (1.0 - smoothstep(0.0, 0.008, d)));
}
""",
        1.2,
        "Photographs on a table.",
    ),
)
