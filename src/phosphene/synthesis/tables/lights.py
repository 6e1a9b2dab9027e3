"""Programs of light on dark ground: glowing lines, fire, water light, and plain figures."""

from phosphene.synthesis.production import Production
from phosphene.synthesis.tables.canvases import program

PRODUCTIONS: tuple[Production, ...] = (
    program(
        "neon",
        """
$view
vec3 col = $dark * $(0..0.4!);
vec2 q = p;
for (int i = 0; i < 4; i++) {
    q = (fract(q * $(0.6..1) + 0.5) - 0.5) * 2.0;
    float d = $(length(q)|$shape(q)|abs(q.x) + abs(q.y)|$field:web(q)) * exp(-$(0.2..0.9!) * length(p));
    d = abs(sin($(4..9!) * d + $(0.3..1!) * iTime)) / $(5..9!);
    col += $palette(length(p) + 0.4 * float(i) + 0.2 * iTime) * pow(0.012 / max(d, 0.006), 1.2);
}
""",
        1.2,
        "Glowing outlines, in themselves again and again.",
    ),
    program(
        "threads",
        """
$view
vec3 col = $(1.0|0.4) * mix($dark * 0.5, $dark, 0.5 + 0.5 * uv.y);
for (int i = 0; i < $(5..14 int); i++) {
    float k = float(i), phase = $(0.2..0.9!) * k + $(0.3..1.2!) * iTime;
    float y = $(0.3..0.8) * $(sin($(1..4) * p.x + phase) * cos(0.3 * phase)|(noise(vec2($(1..3) * p.x + phase, k)) * 2.0 - 1.0)|sin(phase) * cos($(1..5) * p.x - k));
    col += $palette(0.13 * k) * $(0.006..0.02!) / (abs(p.y - y) + $(0.004..0.02!));
}
""",
        1.0,
    ),
    program(
        "fire",
        """
p.x += $(0.1..0.4) * sin(2.0 * p.y + iTime);
float heat = $field:flame(vec2($(1..2) * p.x, 0.8 * p.y - $(0.6..1.4!) * iTime)) + 0.5 * noise(vec2(5.0 * p.x, 4.0 * p.y - 3.0 * iTime));
heat *= $(1..1.5) * (1.0 - smoothstep(-1.0, $(0.8..1.3), uv.y + 0.6 * abs(uv.x) * $(0..1!)));
vec3 col = vec3($(1.4..2!) * heat, heat * heat, heat * heat * heat * 0.6).$(xyz|xyz|zyx|yxz|xzy) + $ink * $(0..0.3!);
""",
        0.7,
    ),
    program(
        "caustics",
        """
$view
vec2 q = $(2..5) * p;
float light = 0.0;
for (int n = 1; n < 6; n++) {
    float t = iTime * (1.0 - 0.5 / float(n));
    q = $(2..5) * p + vec2(cos(t - q.x) + sin(t + q.y), sin(t - q.y) + cos(t + q.x));
    light += 0.25 / length(vec2(sin(q.x + t), cos(q.y + t)) + 0.02);
}
vec3 col = $pattern(p + 0.03 * sin(q)) * (0.4 + 0.5 * $ink) + $light * pow(clamp(light / $(3..6!), 0.0, 1.5), 3.0);
""",
        0.8,
        "Light on the bottom of a pool.",
    ),
    program(
        "orbits",
        """
vec3 col = $dark * $(0.2..1!) * (1.0 - 0.4 * length(uv));
for (int i = 0; i < 32; i++) {
    float k = float(i) / 32.0, a = 6.2832 * k * $(1..5 int).0 + $(0.2..0.7!) * iTime;
    vec2 c = vec2($(0.8..1.3), 0.8) * vec2(cos(a * $(1..3 int).0 + dice.x), sin(a * $(1..4 int).0)) * (0.6 + 0.4 * sin(6.2832 * k * $(0..3 int).0 + iTime));
    col += $palette(k) * $(0.0015..0.004!) / (dot(p - c, p - c) + $(0.0005..0.004!));
}
""",
        0.8,
        "Lamps on a curve.",
    ),
    program(
        "mist",
        """
float go = $(0.4..1!) * iTime + 30.0 * dice.x, t = 0.1;
vec3 ray = normalize(vec3(uv, $(0.8..1.5))), col = vec3(0);
ray.xy *= rot(0.1 * iTime + 6.0 * dice.y);
for (int i = 0; i < 36; i++) {
    vec3 q = vec3($(0.1..1.9!), $(0.1..1.9!), go) + t * ray, cell = floor(q * 0.5);
    q = 2.0 * (fract(0.5 * q) - 0.5);
    q.xy *= rot(cell.z + 0.3 * iTime);
    float d = abs($solid(q * $(1.3..2!)) * 0.5) + 0.02;
    col += $palette(0.1 * cell.z + 0.05 * t) * $(0.006..0.014!) / d * exp(-0.12 * t);
    t += 0.8 * d;
}
col = 1.0 - exp(-$(0.8..1.5!) * col);
""",
        0.7,
        "Solids of light that we fly through.",
    ),
    program(
        "synthwave",
        """
float horizon = $(-0.2..0.2);
vec2 ground = vec2(uv.x, 1.0) / max(horizon - uv.y, 0.01) + vec2(0.0, $(1..3!) * iTime);
vec2 lines = abs(fract($(0.8..2!) * ground) - 0.5);
vec3 col = mix($ink, $dark, smoothstep(0.0, 0.9, abs(uv.y - horizon)));
float disc = length(uv - vec2(0.4 * (dice.x - 0.5), horizon + $(0.2..0.5)));
float bars = step($(0.2..0.5) * (1.0 - smoothstep(-0.2, 0.9, uv.y)), fract($(8..14!) * uv.y));
if (uv.y > horizon) col = mix(col, mix($light, $ink, 0.7 - uv.y), (1.0 - smoothstep(0.38, $(0.4..0.6), disc)) * bars);
else col = mix(col, $pattern(0.5 * ground), $(0..0.6)) + $light * smoothstep(0.44, 0.5, max(lines.x, lines.y)) * smoothstep(0.0, 0.3, horizon - uv.y);
""",
        0.6,
    ),
    program(
        "curtains",
        """
vec3 col = mix($dark, $ink * 0.4, (1.0 - smoothstep(-1.0, 1.0, uv.y)));
for (int i = 0; i < 7; i++) {
    float k = float(i), x = uv.x * (0.6 + 0.1 * k) + 0.05 * iTime * (k - 3.0) + 4.0 * dice.x;
    float foot = 0.5 * noise(vec2($(1..2.5) * x, k + 0.1 * iTime)) - 0.3 + 0.1 * k - 0.3;
    float rays = noise(vec2($(8..20!) * x, 0.3 * iTime + k)), up = uv.y - foot;
    col += $palette(0.1 * k + 0.5 * up) * rays * rays * smoothstep(0.0, 0.06, up) * exp(-$(1.5..4) * up) * 0.5;
}
col = mix(col, $dark * 0.3, (1.0 - smoothstep(0.0, 0.01, uv.y + 0.9 - 0.4 * ridged(vec2($(0.6..1.5) * uv.x + 9.0 * dice.y, 3.0)))));
""",
        0.7,
        "Northern lights above a ridge.",
    ),
    program(
        "figure",
        """
$view
float d = $shape(p);
vec3 paper = $(mix($ink, $ink, 0.5 + 0.5 * uv.y)|$ink|$light|$dark);
vec3 col = mix(paper, $(paper * 0.8|paper + 0.1 * $ink), smoothstep(0.0, 0.1, abs(fract($(2..6!) * d) - 0.5) - 0.3));
col = mix(col, $(mix($ink, $ink, 0.5 + 0.6 * p.y)|$palette($field(p))|$ink), (1.0 - smoothstep(-0.01, 0.01, d)));
""",
        0.8,
        "A sign.",
    ),
    program(
        "lines",
        """
$view
float v = $(4..12!) * $field:ground(p), w = fwidth(v) * $(0.8..1.6!);
float line = 1.0 - smoothstep(0.0, w, abs(fract(v) - 0.5)), bold = 1.0 - smoothstep(0.0, w, abs(fract(0.2 * v) - 0.5) * 3.0);
vec3 paper = $(mix($dark, $palette(0.1 * floor(v)), $(0.1..0.5!))|$light|$dark|$palette(0.15 * floor(v)));
vec3 col = mix(paper, $(1.0 - paper|$ink|$palette(0.3 * v)), clamp(0.7 * line + bold, 0.0, 1.0));
""",
        0.8,
        "Contours, thin on plain ground.",
    ),
)
