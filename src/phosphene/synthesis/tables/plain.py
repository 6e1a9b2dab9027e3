"""Programs of one simple thing on plain ground: much of what people write, and the opposite of texture."""

from phosphene.synthesis.production import Production
from phosphene.synthesis.tables.canvases import program

PAPER = "$(vec3(0)|vec3(0)|vec3(1)|vec3(0.5)|$dark|$light|$ink|mix($ink, $ink, 0.5 + 0.5 * uv.y))"
"""Plain ground."""

PAINT = "$(vec3(1)|vec3(1, 0, 0)|vec3(0, 1, 0)|vec3(1, 1, 0)|vec3(0, 1, 1)|$light|$ink|$ink|$palette(0.5 + 0.5 * p.y))"
"""Of what lies on the paper. Primary colours too: nobody chooses them, everybody begins with them."""

PRODUCTIONS: tuple[Production, ...] = (
    program(
        "lone",
        f"""
$view
float d = $shape(p * $(0.9..2.2!));
vec3 paper = {PAPER};
vec3 col = mix(paper, {PAINT}, smoothstep(-0.01, 0.01, -d));
""",
        1.2,
        "One shape.",
    ),
    program(
        "halo",
        f"""
$view
float d = abs($shape(p * $(0.9..2!))) + $(0.002..0.02!);
vec3 col = {PAINT} * $(0.01..0.05!) / d * (0.7 + 0.3 * sin($(1..3!) * iTime));
""",
        1.0,
        "A shape of light in the dark.",
    ),
    program(
        "gradient",
        """
float a = $(0..6.2!) + $(0.1..0.5!) * iTime, t = 0.5 + $(0.3..0.6!) * dot(uv, vec2(cos(a), sin(a)));
vec3 col = $(mix($ink, $ink, t)|mix(mix($ink, $ink, t), $ink, 0.5 + 0.5 * uv.x)|$palette(t)|vec3(t)|vec3(0.5 + 0.5 * uv * rot(a), $(0..1)).$(xyz|zxy|yzx|yxz|xzy|xxz|yzy))
    + 0.1 * dice.xyz;
""",
        1.0,
    ),
    program(
        "cosines",
        """
vec3 col = 0.5 + 0.5 * cos($(0.4..1.2!) * iTime + $(0.6..3!) * uv.$(xyx|yxy|xxy|yyx) + vec3($(0..6!), $(0..6!), $(0..6!)));
""",
        0.5,
        "Colours pass over the canvas.",
    ),
    program(
        "soft",
        f"""
vec3 col = {PAPER};
for (int k = 0; k < $(2..5 int); k++) {{
    vec4 h = hash4(float(k) + $(0..99 int).0);
    vec2 c = 0.9 * sin(vec2($(0.2..0.6!), $(0.2..0.6!)) * iTime * (0.5 + h.xy) + 6.2832 * h.zw);
    col = mix(col, $palette(h.x), exp(-dot(uv - c, uv - c) * $(1..9!) * (0.5 + h.y)));
}}
""",
        1.0,
        "Patches without an edge.",
    ),
    program(
        "blurred",
        """
$view
vec3 col = mix(mix($ink, $ink, noise($(0.5..1.2!) * p + 0.2 * iTime)), $(vec3(0)|vec3(1)|$ink), smoothstep(0.3, 0.7, noise($(0.5..1!) * p + 9.0 - 0.1 * iTime)));
""",
        0.8,
    ),
    program(
        "plot",
        f"""
float x = $(1.5..4!) * uv.x + $(0.2..1.5!) * iTime, y = $(0.3..0.7!) * $(sin(x)|sin(x) * cos(0.3 * x)|(2.0 * noise(vec2(2.0 * x, 1.0)) - 1.0)|sin(x) / (1.0 + abs(x))|(abs(fract(0.3 * x) - 0.5) * 4.0 - 1.0));
vec3 paper = {PAPER};
vec3 col = mix(paper, {PAINT}, $(smoothstep(-$(0.02..0.06!), 0.0, -abs(uv.y - y))|step(uv.y, y)|$(0.01..0.04!) / (abs(uv.y - y) + 0.01)));
col = mix(col, $ink, $(0..0.4) * step(0.97, max(fract(4.0 * uv.x), fract(4.0 * uv.y))));
""",
        1.0,
        "A function.",
    ),
    program(
        "bars",
        f"""
float n = $(6..24 int).0, x = floor(n * (0.5 + 0.5 * uv.x)), gap = fract(n * (0.5 + 0.5 * uv.x));
float loud = $(noise(vec2(x, $(1..3!) * iTime))|abs(sin(0.4 * x + iTime))|hash(vec2(x, floor(2.0 * iTime)))) * $(1..1.8!) - 0.9;
vec3 paper = {PAPER};
vec3 col = uv.y < loud && gap < $(0.6..1!) ? {PAINT} * $(1.0|(0.6 + 0.4 * fract(8.0 * uv.y))|(1.2 + uv.y - loud)) : paper;
""",
        0.5,
    ),
    program(
        "blocks",
        """
float n = $(2..14 int).0;
vec2 cell = floor(n * (uv + $(0..0.2!) * iTime) * $(vec2(1)|vec2(1, 0.01)|vec2(0.01, 1)|vec2(0.5, 1)));
float h = hash(cell + floor($(0.2..2!) * iTime));
vec3 col = $($palette(h)|vec3(h)|vec3(step(0.5, h))|$ink * h|mix($ink, $ink, h)|hsv(h, 0.9, 1.0));
""",
        0.9,
        "Squares.",
    ),
    program(
        "stripes",
        """
$view
float v = $(3..16!) * $(p.x|length(p)|max(abs(p.x), abs(p.y))|(abs(p.x) + abs(p.y))|atan(p.y, p.x)|(p.x + 0.3 * sin(3.0 * p.y))|(2.0 * atan(p.y, p.x) + 4.0 * log(length(p) + 0.01))) + $(0.5..4!) * iTime;
vec3 col = mix($(vec3(0)|vec3(0)|$dark|$ink), $(vec3(1)|vec3(1)|$light|$ink), $(step(0.0, sin(v))|(0.5 + 0.5 * sin(v))|fract(v)));
""",
        1.0,
        "Two colours in turn.",
    ),
    program(
        "dots",
        f"""
$view
vec2 q = $(3..12!) * p, f = fract(q) - 0.5;
float size = $(0.15..0.45!) * $(1.0|(0.6 + 0.4 * sin(iTime + 0.7 * length(floor(q))))|$field(0.2 * floor(q))|smoothstep(-1.0, 1.0, uv.x + sin(iTime)));
vec3 paper = {PAPER};
vec3 col = mix(paper, {PAINT}, smoothstep(-0.04, 0.0, size - $(length(f)|max(abs(f.x), abs(f.y))|(abs(f.x) + abs(f.y)))));
""",
        0.9,
    ),
    program(
        "maze",
        """
$view
vec2 q = $(2..9!) * p, cell = floor(q), f = fract(q);
if (hash(cell + floor($(0..0.6) * iTime)) < 0.5) f.x = 1.0 - f.x;
float d = $(abs(f.x - f.y)|min(abs(length(f) - 0.5), abs(length(1.0 - f) - 0.5)));
vec3 col = mix($(vec3(1)|$light|$ink|vec3(0)), $(vec3(0)|$dark|$ink|$light), smoothstep(0.0, 0.05, d - $(0.06..0.2!)));
""",
        0.7,
    ),
    program(
        "rose",
        f"""
$view
float a = atan(p.y, p.x) + $(-0.5..0.5!) * iTime, r = length(p), petals = $(2..9 int).0;
float d = r - $(0.5..0.9!) * $(abs(cos(petals * a))|(0.6 + 0.3 * cos(petals * a))|(0.5 + 0.4 * abs(fract(petals * a / 6.2832) - 0.5) * 2.0));
vec3 paper = {PAPER};
vec3 col = mix(paper, {PAINT} * $(1.0|(0.4 + 0.8 * r)|(0.7 + 0.3 * sin(30.0 * r))), $(smoothstep(-0.01, 0.01, -d)|$(0.01..0.03!) / (abs(d) + 0.01)));
""",
        0.8,
    ),
    program(
        "mandala",
        f"""
$view
float sum = 0.0, n = $(3..9 int).0;
for (int i = 0; i < 9; i++) {{
    float a = 6.2832 * float(i) / n + $(0.1..0.5!) * iTime;
    vec2 q = p - $(0.2..0.6!) * vec2(cos(a), sin(a));
    sum += $(0.004..0.012!) / (abs(length(q) - $(0.2..0.6!)) + 0.004);
}}
vec3 col = {PAINT} * sum;
""",
        0.7,
        "Rings around a ring.",
    ),
    program(
        "night",
        """
vec3 col = $(vec3(0)|$dark * 0.3);
for (int k = 0; k < 4; k++) {
    vec2 q = uv * (3.0 + 2.0 * float(k)) + vec2($(0.1..0.6!), $(-0.2..0.2!)) * iTime + 9.0 * float(k), cell = floor(q), h = hash2(cell);
    float d = length(q - cell - 0.2 - 0.6 * h);
    col += $(vec3(1)|$light|hsv(h.x, 0.6, 1.0)|$palette(h.y)) * $(0.001..0.006!) / (d * d + 0.001) * step($(0.3..0.8!), h.y);
}
""",
        0.7,
        "Points.",
    ),
    program(
        "lamp",
        f"""
vec2 c = $(0.2..0.9!) * sin(vec2($(0.3..1!), $(0.3..1!)) * iTime + 6.2832 * dice.xy);
float r = length((uv - c) * $(vec2(1)|vec2(1)|vec2(0.3, 1.5)|vec2(2, 0.5)));
vec3 col = {PAINT} * $($(0.05..0.3!) / (r + 0.02)|exp(-$(1..6!) * r * r)|smoothstep(0.0, 0.9, 0.9 - r)|(0.6 + 0.4 * cos($(10..40!) * r - 4.0 * iTime)) / (1.0 + 3.0 * r * r));
""",
        0.8,
        "One light.",
    ),
    program(
        "flag",
        """
vec2 q = uv + $(0..0.15!) * sin($(2..5!) * uv.yx + 2.0 * iTime);
float band = floor($(2..5 int).0 * (0.5 + 0.5 * $(q.x|q.y|(q.x + q.y))));
vec3 col = band < 0.5 ? $ink : band < 1.5 ? $(vec3(1)|$light|$ink) : band < 2.5 ? $ink : $(vec3(0)|$dark);
col = mix(col, $(vec3(1)|$light|$ink), smoothstep(-0.01, 0.01, -$shape(q * $(1.8..4!) + $(0..0.5))));
col *= 0.9 + $(0..0.3!) * sin(5.0 * uv.x + 2.0 * iTime);
""",
        0.7,
    ),
    program(
        "model",
        f"""
vec3 eye = vec3(0, 0, -$(2.4..4.5!)), ray = normalize(vec3(uv, $(1.3..2!)));
mat2 turn = rot($(0.3..1!) * iTime + 6.0 * dice.x), tip = rot($(-0.8..0.8!));
eye.xz *= turn; ray.xz *= turn; eye.xy *= tip; ray.xy *= tip;
float t = 0.1, d = 1.0;
for (int i = 0; i < 50 && t < 9.0; i++) {{
    d = $solid:thing(eye + t * ray);
    if (d < 0.002) break;
    t += d;
}}
vec3 q = eye + t * ray, e = vec3(0.004, 0, 0), paper = {PAPER}, col = paper;
if (t < 9.0) {{
    vec3 n = normalize(vec3($solid:thing(q + e), $solid:thing(q + e.yxy), $solid:thing(q + e.yyx)) - d);
    col = $({PAINT} * (0.15 + 0.85 * max(dot(n, normalize(vec3(0.6, 0.8, -0.5))), 0.0))|(0.5 + 0.5 * n)|{PAINT} * pow(1.0 - abs(dot(n, ray)), 2.0)|vec3(max(dot(n, -ray), 0.0))|$skin(q, n));
}}
""",
        1.8,
        "One solid, and nothing else.",
    ),
    program(
        "wire",
        f"""
vec3 col = {PAPER}, paint = {PAINT};
mat2 turn = rot($(0.3..1!) * iTime), tip = rot(0.6 + 0.4 * sin(0.5 * iTime));
for (int i = 0; i < 12; i++) {{
    int axis = i / 4;
    vec3 a = vec3(-1, float(i % 2) * 2.0 - 1.0, float(i / 2 % 2) * 2.0 - 1.0), b = vec3(1, a.yz);
    a = axis == 0 ? a : axis == 1 ? a.yxz : a.yzx;
    b = axis == 0 ? b : axis == 1 ? b.yxz : b.yzx;
    a.xz *= turn; b.xz *= turn; a.yz *= tip; b.yz *= tip;
    vec2 from = a.xy / (a.z + $(2.6..4!)) * 1.6, to = b.xy / (b.z + $(2.6..4!)) * 1.6, line = to - from;
    float d = length(uv - from - line * clamp(dot(uv - from, line) / dot(line, line), 0.0, 1.0));
    col = $(mix(col, paint, smoothstep(-0.01, 0.01, $(0.01..0.05!) - d))|col + paint * 0.006 / (d + 0.003));
}}
""",
        0.4,
        "A box of wire.",
    ),
    program(
        "face",
        f"""
$view
vec3 paper = {PAPER};
float head = $(length(p * vec2(1, 0.85)) - 0.8|box(p, vec2($(0.5..0.8!), 0.8)) - 0.05|$shape(p));
vec2 q = vec2(abs(p.x) - $(0.2..0.4!), p.y - $(0.1..0.35!)), gaze = 0.08 * sin(vec2(0.9, 0.7) * iTime);
float mouth = max(abs(length(p - vec2(0.0, $(-0.3..0.4!))) - $(0.3..0.6!)) - 0.04, p.y + $(0.1..0.3!));
vec3 col = mix(paper, $ink, smoothstep(-0.01, 0.01, -head));
col = mix(col, $(vec3(1)|$light), smoothstep(-0.01, 0.01, $(0.1..0.24!) - length(q * vec2(1, $(0.7..1.5!)))));
col = mix(col, $(vec3(0)|$dark|$ink), smoothstep(-0.01, 0.01, $(0.05..0.1!) - length(q - gaze)));
col = mix(col, $(vec3(0)|$dark|$ink), smoothstep(-0.01, 0.01, -mouth));
""",
        0.5,
    ),
    program(
        "fractal",
        """
vec2 c = $(vec2($(-0.9..0.4!), $(-0.8..0.8!)) + 0.05 * sin(0.3 * iTime)|p * 1.3 - vec2(0.5, 0.0)|0.75 * vec2(cos(0.2 * iTime), sin(0.2 * iTime))), z = p * mix(0.5, 1.5, dice.x);
float n = 0.0;
for (int i = 0; i < 40 && dot(z, z) < 9.0; i++) {
    z = $(vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y)|vec2(z.x * z.x - z.y * z.y, -2.0 * z.x * z.y)|vec2(z.x * z.x - z.y * z.y, 2.0 * abs(z.x * z.y))) + c;
    n += 1.0;
}
vec3 col = n > 39.0 ? $(vec3(0)|vec3(1)|$dark) : $($palette(n / 12.0)|vec3(n / 30.0)|$ink * n / 20.0|0.5 + 0.5 * cos(0.3 * n + vec3(0, 2, 4))|vec3(mod(n, 2.0)));
""",
        0.9,
        "How soon a point escapes.",
    ),
)
