"""Programs of landscapes: height fields, cities, corridors."""

from phosphene.synthesis.kinds import HEIGHT
from phosphene.synthesis.production import Production
from phosphene.synthesis.tables.canvases import program

_FLIGHT = """
vec3 eye = vec3($(0.2..0.8!) * iTime + 40.0 * dice.x, 0.0, $(0.5..1.2!) * iTime + 40.0 * dice.y);
float yaw = 6.2832 * dice.z + 0.4 * sin(0.2 * iTime);
"""


def _height(name: str, text: str, weight: float = 1.0, note: str = "") -> Production:
    return Production(HEIGHT, name, text, weight, note)


PRODUCTIONS = (
    program(
        "terrain",
        f"""{_FLIGHT.strip()}
eye.y = $height:land(eye.xz) + mix(0.5, 1.6, dice.w);
vec3 ray = normalize(vec3(uv.x, uv.y - $(0.2..0.5), $(1.1..1.8)));
ray.xz *= rot(yaw);
$sun
vec3 col = $sky(ray), haze = $ink;
float t = 0.05;
for (int i = 0; i < 56 && t < 18.0; i++) {{
    vec3 q = eye + t * ray;
    float gap = q.y - $height:land(q.xz);
    if (gap < 0.003 * t) break;
    t += 0.55 * gap + 0.004 * t;
}}
if (t < 18.0) {{
    vec3 q = eye + t * ray;
    float e = 0.01 + 0.004 * t, h = $height:land(q.xz);
    vec3 n = normalize(vec3(h - $height:land(q.xz + vec2(e, 0)), e, h - $height:land(q.xz + vec2(0, e))));
    float shade = smoothstep(-0.1, 0.2, q.y + 0.4 * sun.y - $height:land(q.xz + 0.4 * sun.xz));
    vec3 soil = $($palette($(0.3..0.7) * q.y + 0.3 * $field(0.7 * q.xz))|mix($pattern(q.xz), $ink, smoothstep(0.6, 0.9, n.y))|mix($ink, $palette(q.y + 0.3 * $field(q.xz)), n.y)|$pattern(0.6 * q.xz) * (0.5 + 0.5 * q.y));
    col = soil * (0.35 + 0.2 * n.y + 0.8 * max(dot(n, sun), 0.0) * shade);
    col = mix(col, haze, 1.0 - exp(-$(0.004..0.015) * t * t));
}}
""",
        2.2,
        "Flight over a landscape.",
    ),
    program(
        "archipelago",
        f"""{_FLIGHT.strip()}
eye.y = $(1.6..2.6);
vec3 ray = normalize(vec3(uv.x, uv.y - $(0.3..0.6), 1.4));
ray.xz *= rot(yaw);
$sun
vec3 col = $sky:heaven(ray);
float t = 0.1, level = $(0.5..0.9);
for (int i = 0; i < 48 && t < 18.0; i++) {{
    vec3 q = eye + t * ray;
    float gap = q.y - max($height:land(q.xz), level);
    if (gap < 0.004 * t) break;
    t += 0.6 * gap + 0.004 * t;
}}
if (t < 18.0) {{
    vec3 q = eye + t * ray;
    float e = 0.02 + 0.003 * t, h = $height:land(q.xz);
    vec3 n = normalize(vec3(h - $height:land(q.xz + vec2(e, 0)), e, h - $height:land(q.xz + vec2(0, e))));
    vec3 soil = mix($palette(h), $pattern(q.xz), $(0..0.6)) * (0.4 + 0.8 * max(dot(n, sun), 0.0));
    float wave = noise(9.0 * q.xz + iTime) - 0.5;
    vec3 sea = mix($ink, $heaven_, 0.5 + 0.3 * wave) + 0.3 * (1.0 - smoothstep(0.0, 0.1, level - h + 0.1 * wave));
    col = mix(h > level ? soil : sea, col, 1.0 - exp(-0.006 * t * t));
}}
""".replace("$heaven_", "$sky:heaven(reflect(ray, normalize(vec3(0.2 * wave, 1.0, 0.2 * wave))))"),
        1.2,
        "Islands in a sea.",
    ),
    program(
        "city",
        f"""{_FLIGHT.strip()}
eye.y = $(2.2..3.6);
vec3 ray = normalize(vec3(uv.x, uv.y - $(0.3..0.6), 1.3)) + 1e-5;
ray.xz *= rot(yaw);
$sun
vec3 col = $sky(ray), haze = $ink, n = vec3(0, 1, 0);
vec2 cell = floor(eye.xz), stride = abs(1.0 / ray.xz), next = (cell + step(0.0, ray.xz) - eye.xz) / ray.xz;
float t = 0.0, h = 0.0;
bool hit = false;
for (int i = 0; i < 40; i++) {{
    h = 0.2 + 1.8 * $(hash(cell)|hash(cell) * hash(cell + 9.0)|noise(0.3 * cell)|hash(floor(0.5 * cell)));
    float leave = min(next.x, next.y), roof = (h - eye.y) / ray.y;
    if (eye.y + t * ray.y < h) {{ hit = true; break; }}
    if (ray.y < 0.0 && roof < leave) {{ t = roof; n = vec3(0, 1, 0); hit = true; break; }}
    t = leave;
    n = next.x < next.y ? vec3(-sign(ray.x), 0, 0) : vec3(0, 0, -sign(ray.z));
    if (next.x < next.y) {{ next.x += stride.x; cell.x += sign(ray.x); }} else {{ next.y += stride.y; cell.y += sign(ray.z); }}
}}
if (hit) {{
    vec3 q = eye + t * ray;
    vec2 wall = n.y > 0.5 ? q.xz : vec2(q.x * abs(n.z) + q.z * abs(n.x), q.y);
    vec2 pane = abs(fract(wall * $(4..8 int).0) - 0.5);
    float lit = hash(floor(wall * 6.0) + cell + floor(0.2 * iTime));
    vec3 skin = $palette(hash(cell + 5.0)) * (0.7 + 0.5 * $field(wall));
    if (n.y < 0.5) skin = mix(skin, mix($dark, $light, step($(0.3..0.8), lit)), step(max(pane.x, pane.y), 0.3));
    else skin = mix(skin, $pattern(wall), $(0..0.8));
    col = mix(skin * (0.45 + 0.15 * n.y + 0.7 * max(dot(n, sun), 0.0)), haze, 1.0 - exp(-$(0.004..0.012) * t * t));
}}
""",
        1.3,
        "Blocks on a grid, walked cell by cell.",
    ),
    program(
        "corridor",
        """
float go = $(0.6..1.4!) * iTime + 20.0 * dice.x;
vec2 sway = 0.4 * sin(vec2(0.7, 0.5) * go + 6.0 * dice.yz);
vec3 ray = normalize(vec3(uv - 0.3 * sway, $(0.8..1.4))) + 1e-5;
ray.xy *= rot(0.3 * sin(0.3 * iTime) * dice.w);
vec2 wide = vec2($(1..2), $(0.7..1.2)), side = (sign(ray.xy) * wide - sway) / ray.xy;
float t = min(side.x, side.y);
vec3 q = vec3(sway, go) + t * ray;
bool wall = side.x < side.y;
vec3 col = wall ? $pattern(q.zy * $(0.5..1)) : q.y < 0.0 ? $pattern(q.xz * $(0.5..1)) : $palette($field(0.6 * q.xz));
if (wall) {
    vec2 f = vec2(mod(q.z, 2.0) - 1.0, q.y / wide.y);
    vec3 picture = $pattern(f * 1.5 + floor(0.5 * q.z) * 3.0);
    float d = $(box(f, vec2(0.45, 0.5))|$shape(f * 1.3) / 1.3|length(f) - 0.5);
    col = mix(col * smoothstep(-0.05, 0.15, d), picture, (1.0 - smoothstep(0.0, 0.02, d)));
}
float lamp = 0.4 + 0.6 * $(pow(0.5 + 0.5 * cos(3.1416 * q.z), 2.0)|(1.0 - smoothstep(0.0, 1.2, abs(mod(q.z, 3.0) - 1.5)))|1.0);
vec2 corner = abs(q.xy) / wide;
col = mix($ink, col * lamp * (1.1 - 0.5 * pow(min(corner.x, corner.y), 6.0)), exp(-$(0.02..0.12) * t));
""",
        1.3,
        "A passage hung with pictures.",
    ),
    program(
        "pipe",
        """
float go = $(0.8..2!) * iTime + 30.0 * dice.x, t = 0.0, bend = $(0.3..0.8!);
vec3 ray = normalize(vec3(uv, $(0.8..1.5))), q;
for (int i = 0; i < 40; i++) {
    q = vec3(0.0, 0.0, go) + t * ray;
    q.xy += 0.5 * sin(vec2(1.0, 0.83) * bend * q.z) - 0.5 * sin(vec2(1.0, 0.83) * bend * go);
    float a = atan(q.y, q.x), wall = $(1..1.5) - length(q.xy) + $(0.05..0.2) * $(sin(4.0 * a) * sin(2.0 * q.z)|cos($(3..8 int).0 * a + q.z)|abs(sin(3.0 * q.z))|noise(vec2(4.0 * cos(a), 3.0 * q.z)));
    if (wall < 0.01 || t > 14.0) break;
    t += 0.6 * wall;
}
vec2 skin = vec2($(2..6 int).0 * atan(q.y, q.x) / 6.2832, $(0.6..1.4) * q.z);
vec3 col = mix($ink, $pattern(skin) * (1.2 - 0.05 * t), exp(-$(0.02..0.08) * t * t * 0.2));
""",
        0.9,
        "A winding pipe.",
    ),
    _height("hills", "1.6 * fbm(0.5 * p) + $(0..0.3!) * noise(3.0 * p)", 1.2),
    _height("peaks", "1.5 * ridged($(0.3..0.5!) * p)", 1.4),
    _height(
        "dunes",
        """
        float s = fract($(0.3..0.5!) * p.x + 0.8 * noise(0.5 * p)), crest = min(s / 0.7, (1.0 - s) / 0.3);
        return 0.6 * crest * crest * (3.0 - 2.0 * crest) + 0.7 * noise(0.4 * p);
        """,
    ),
    _height(
        "mesas",
        "0.5 * noise(0.6 * p) + smoothstep(0.45, 0.55, fbm(0.6 * p)) * $(0.5..1.1!) + 0.1 * noise(6.0 * p)",
    ),
    _height(
        "paddies",
        """
        float h = 5.0 * fbm(0.5 * p);
        return 0.3 * (floor(h) + smoothstep(0.7, 1.0, fract(h)));
        """,
    ),
    _height(
        "mounds",
        "0.8 * (1.0 - smoothstep(0.0, 0.6, length(fract($(0.6..1!) * p + 0.3 * noise(p)) - 0.5))) * hash(floor(0.8 * p)) + 0.5 * noise(0.5 * p)",
        0.6,
    ),
    _height(
        "swell",
        "0.6 + 0.25 * sin(2.0 * p.x + iTime) + 0.2 * sin(1.5 * p.y - 0.7 * iTime + p.x) + 0.1 * noise(4.0 * p + iTime)",
        0.6,
    ),
    _height("cubes", "0.25 * floor(6.0 * noise(0.5 * floor(3.0 * p) / 3.0)) + 0.1", 0.7),
    _height(
        "craters",
        "1.0 - $(0.4..0.8!) * (1.0 - smoothstep(0.2, 0.5, cellular(0.7 * p, 2.0).x)) + 0.3 * noise(2.0 * p)",
        0.4,
    ),
)
