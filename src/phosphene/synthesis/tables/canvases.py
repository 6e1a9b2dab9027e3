"""Programs that paint the whole canvas: one pattern, or several that share it."""

from phosphene.synthesis.kinds import PROGRAM
from phosphene.synthesis.production import Production

OPEN = """
vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y, p = uv;
$clock
"""
CLOSE = """
$finish
fragColor = vec4(col, 1.0);
"""


def program(name: str, text: str, weight: float = 1.0, note: str = "") -> Production:
    """A program's entry: what stands between the set-up of `uv`, `p`, `dice` and the last touch."""
    return Production(
        PROGRAM, name, OPEN.strip("\n") + "\n" + text.strip("\n") + CLOSE.rstrip(), weight, note
    )


PRODUCTIONS = (
    program(
        "canvas",
        """
$view
vec3 col = $pattern(p);
""",
        2.2,
    ),
    program(
        "warped",
        """
$view
$warp
vec3 col = $pattern(p);
""",
        1.6,
    ),
    program(
        "double",
        """
$view
vec3 col = mix($pattern(p), $pattern(p * $(0.5..1.8)), smoothstep(0.45, 0.55, $field($(0.4..0.8) * p)));
col *= 0.75 + 0.4 * $field:shade(p);
""",
        1.0,
    ),
    program(
        "relief",
        """
$view
float h = $field:height(p), e = 3.0 / iResolution.y;
vec3 n = normalize(vec3((h - vec2($field:height(p + vec2(e, 0)), $field:height(p + vec2(0, e)))) / e, $(1.5..4)));
$sun
float gloss = pow(max(dot(reflect(-sun, n), vec3(0, 0, 1)), 0.0), $(6..40!));
vec3 col = $pattern(p + 0.1 * n.xy) * (0.3 + 0.9 * max(dot(n, sun), 0.0)) + $(0.2..0.8) * gloss;
""",
        1.2,
        "A surface with bumps, lit from the side.",
    ),
    program(
        "rooms",
        """
float split = $(-0.5..0.5) + 0.4 * sin(0.2 * iTime + 6.0 * dice.x);
vec2 q = rot($(0..3.1)) * uv;
vec3 col = $pattern(p);
if (q.x > split) col = $pattern(p * 1.5 + 2.0);
if (q.x < split && q.y > $(-0.4..0.4)) col = $pattern(p);
col *= smoothstep(0.0, 0.03, abs(q.x - split));
""",
        0.7,
        "Three pictures on one canvas.",
    ),
    program(
        "comic",
        """
vec2 q = vec2(uv.x + $(-0.2..0.2!) * uv.y, uv.y) * vec2($(0.9..1.4!), $(0.9..1.4!)) + 7.0, cell = floor(q);
float row = floor(q.y);
q.x += hash(vec2(row, 1.0));
cell.x = floor(q.x);
vec2 f = fract(q) - 0.5;
float h = hash(cell + floor(iTime / 6.0 + hash(cell)));
p = (f + h - 0.5) * (1.0 + 1.5 * h) + 0.2 * iTime * (h - 0.5);
vec3 col = h < 0.34 ? $pattern(p) : h < 0.67 ? $pattern(p) : $palette($field(p));
col *= smoothstep(0.0, 0.02, 0.47 - max(abs(f.x), abs(f.y)));
""",
        1.0,
        "Panels of a page; each is redrawn at its own time.",
    ),
    program(
        "tunnel",
        """
p += 0.4 * sin(vec2(0.31, 0.43) * iTime + 6.0 * dice.xy);
float r = $(length(p)|max(abs(p.x), abs(p.y))|pow(dot(p * p, p * p), 0.25)) + 0.01, a = atan(p.y, p.x) / 6.2832;
vec2 wall = vec2($(2..7 int).0 * a + $(-0.1..0.1!) * iTime, $(0.3..0.8) / r + $(0.3..0.9!) * iTime);
vec3 col = mix($pattern(wall), $palette(floor(2.0 * wall.y) * 0.3), $(0..0.5) * step(0.8, fract(2.0 * wall.y)));
col = mix($ink, col, smoothstep(0.0, $(0.4..0.9!), r)) * (0.7 + 0.5 * r);
""",
        1.2,
    ),
    program(
        "plain",
        """
float horizon = $(-0.1..0.5) + 0.1 * sin(0.2 * iTime);
vec2 ground = vec2(uv.x, 1.0) / max(horizon - uv.y, 0.02) * $(0.4..0.9) + vec2($(-0.6..0.6!), $(0.2..0.9!)) * iTime;
ground *= rot(0.2 * sin(0.1 * iTime) + 3.0 * dice.x);
$sun
vec3 ray = normalize(vec3(uv.x, uv.y - horizon, 1.2)), haze = $ink;
vec3 col = $sky(ray);
if (uv.y < horizon) col = mix(haze, $pattern(ground * 0.5), smoothstep(0.0, 0.5, horizon - uv.y));
""",
        1.0,
        "A patterned plain under a sky.",
    ),
    program(
        "feedback",
        """
$view
vec3 col = vec3(0);
for (int i = 0; i < 5; i++) {
    float d = $shape(p);
    col = mix(col, $palette(0.2 * float(i) + $(0.1..0.5) * abs(d)) * (0.6 + 0.4 * cos($(10..40!) * d)), (1.0 - smoothstep(-0.02, 0.02, d)));
    p = rot($(0.2..1.5) + 0.1 * iTime) * (abs(p) - $(0.3..0.6)) * $(1.3..1.8!);
}
col += $pattern(uv) * step(dot(col, col), 0.001);
""",
        0.9,
        "A shape, and smaller ones on its mirrored corners.",
    ),
    program(
        "nebula",
        """
$view
vec3 col = vec3(0);
for (int i = 0; i < 6; i++) {
    float depth = fract(float(i) / 6.0 + 0.06 * iTime);
    vec2 q = rot(float(i)) * p * mix(4.0, 0.4, depth) + 5.0 * float(i);
    float gas = $field(q);
    col += $palette(gas + 0.1 * float(i)) * gas * gas * depth * (1.0 - depth) * $(2.5..5!);
    vec2 cell = floor(6.0 * q), h = hash2(cell);
    col += h.y * h.y * (1.0 - smoothstep(0.0, 0.12, length(fract(6.0 * q) - 0.2 - 0.6 * h))) * depth * (1.0 - depth) * 2.0;
}
""",
        0.8,
        "Layers of gas and stars that come nearer.",
    ),
    program(
        "woven",
        """
$view
vec2 q = p * $(8..26!), cell = floor(q), f = fract(q) - 0.5;
float over = mod(cell.x + cell.y, 2.0);
vec3 across = $pattern(cell / $(9..20!)), along = $palette($field(cell / $(9..20!)));
vec3 col = mix(across, along, over) * (0.45 + 0.55 * cos(3.1416 * (over > 0.5 ? f.x : f.y))) * (0.8 + 0.2 * cos(3.1416 * (over > 0.5 ? f.y : f.x)));
""",
        0.6,
        "Cloth: threads over and under.",
    ),
    program(
        "strokes",
        """
$view
vec3 col = $pattern:subject(floor(p * 5.0) / 5.0);
for (int k = 0; k < 5; k++) {
    float size = $(3..5!) + 2.5 * float(k);
    vec2 q = p * size + 9.0 * float(k), cell = floor(q), h = hash2(cell + float(k));
    vec2 middle = (cell + 0.5 + 0.5 * (h - 0.5) - 9.0 * float(k)) / size;
    float a = $(4..9) * noise(middle * $(1..2)) + 0.4 * h.x;
    vec2 s = rot(a) * (p - middle) * size;
    float cover = (1.0 - smoothstep(0.7, 0.9, length(s * vec2(1.0, 2.8)) + 0.25 * noise(s * vec2(2.0, 16.0) + 20.0 * h)));
    col = mix(col, $pattern:subject(middle) * (0.8 + 0.4 * h.y) + 0.05 * s.y, cover);
}
""",
        0.9,
        "Brush strokes that follow a slowly turning direction.",
    ),
)
