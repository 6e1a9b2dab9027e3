"""Programs that trace rays to balls, boxes and planes exactly."""

from phosphene.synthesis.production import Production
from phosphene.synthesis.tables.canvases import program

PRODUCTIONS: tuple[Production, ...] = (
    program(
        "balls",
        """
$sun
$eye
vec3 col = vec3(0);
float share = 1.0;
for (int bounce = 0; bounce < 2; bounce++) {
    float t = ray.y < 0.0 ? (-1.0 - eye.y) / ray.y : 1e9, who = -1.0;
    vec3 n = vec3(0, 1, 0);
    for (int i = 0; i < 8; i++) {
        vec4 h = hash4(float(i) + 10.0 * floor(9.0 * dice.y));
        float radius = 0.25 + 0.5 * h.w * h.w;
        vec3 home = vec3(4.0 * h.x - 2.0, radius - 1.0 + $(0..1) * abs(sin(iTime + 6.0 * h.y)), 4.0 * h.z - 2.0), o = eye - home;
        float b = dot(o, ray), inside = b * b - dot(o, o) + radius * radius;
        float near = -b - sqrt(max(inside, 0.0));
        if (inside > 0.0 && near > 0.001 && near < t) { t = near; who = float(i); n = normalize(eye + t * ray - home); }
    }
    if (t > 30.0) { col += share * $sky(ray); break; }
    vec3 q = eye + t * ray;
    vec3 skin = who < 0.0 ? $pattern(q.xz * $(0.3..0.8!)) : mix($palette(0.17 * who), $skin(q, n), $(0..1) * step(0.5, fract(0.37 * who)));
    float light = 0.35 + 0.2 * n.y + 0.8 * max(dot(n, sun), 0.0), mirror = who < 0.0 ? 0.15 : $(0.2..0.6);
    col += share * (1.0 - mirror) * skin * light;
    share *= mirror;
    eye = q + 0.01 * n;
    ray = reflect(ray, n);
}
""",
        1.5,
        "Mirroring balls on a floor.",
    ),
    program(
        "interior",
        """
float turn = 0.5 * sin(0.2 * iTime) + 6.2832 * dice.x;
vec3 eye = vec3($(-1..1), $(-0.3..0.5), $(-1..1)), ray = normalize(vec3(uv, $(0.7..1.2)));
ray.yz *= rot(0.3 * (dice.y - 0.5));
ray.xz *= rot(turn);
vec3 size = vec3($(2..3), $(1.2..1.8), $(2..3)), far = (sign(ray) * size - eye) / ray;
float t = min(far.x, min(far.y, far.z));
vec3 q = eye + t * ray, n = -sign(ray) * step(far, vec3(t));
vec3 col;
if (n.y > 0.5) col = $pattern(q.xz * $(0.6..1.2!));
else if (n.y < -0.5) col = $ink * (0.9 + 0.1 * $field(q.xz));
else {
    vec2 wall = vec2(abs(n.x) > 0.5 ? q.z : q.x, q.y);
    col = q.y < $(-0.9..-0.3) ? $palette($field(wall) * 0.3 + 0.1 * n.x) : mix($pattern(wall), $ink, $(0.2..0.9));
    float d = box(wall - vec2($(-0.5..0.5), 0.2), vec2($(0.5..1), $(0.4..0.7)));
    if (d < 0.0) col = abs(n.x) > 0.5 ? $pattern(wall * 1.3 + 4.0) : mix($light, $ink, 0.5 + wall.y) * (0.8 + 0.4 * step(0.03, min(abs(wall.x), abs(wall.y - 0.2))));
    else if (d < 0.08) col = $ink * (0.8 + 3.0 * d);
}
vec3 corner = abs(q) / size;
float lamp = 1.0 / (0.6 + 0.15 * dot(q - vec3(1.0, 1.0, 0.5) * size * (dice.zwy - 0.5), q));
col *= (0.5 + 0.6 * lamp) * (1.0 - 0.4 * pow(corner.x * corner.y + corner.y * corner.z + corner.z * corner.x - 1.0 - corner.x * corner.y * corner.z + 0.5, 2.0));
for (int i = 0; i < 4; i++) {
    vec4 h = hash4(float(i) + 10.0 * floor(9.0 * dice.z));
    vec3 home = size * (1.6 * h.xyz - 0.8) * vec3(1, 0, 1) - vec3(0.0, size.y - 0.35, 0.0), half_ = vec3(0.2) + 0.5 * h.wxz;
    vec3 m = 1.0 / ray, k = abs(m) * half_, a = -m * (eye - home) - k, b = a + 2.0 * k;
    float enter = max(a.x, max(a.y, a.z)), leave = min(b.x, min(b.y, b.z));
    if (enter < 0.0 || enter > leave || enter > t) continue;
    t = enter;
    n = -sign(ray) * step(vec3(enter), a);
    q = eye + t * ray - home;
    vec2 face = abs(n.y) > 0.5 ? q.xz : abs(n.x) > 0.5 ? q.zy : q.xy;
    col = (h.w < 0.5 ? $palette(h.x + 0.2 * $field(face * 2.0)) : $pattern(face * 2.0)) * (0.6 + 0.3 * n.y + 0.2 * n.x);
}
""",
        1.6,
        "A furnished room.",
    ),
    program(
        "planet",
        """
$sun
vec3 ray = normalize(vec3(uv, 1.8)), eye = vec3(0.6 * (dice.xy - 0.5), -mix(2.2, 4.0, dice.z));
vec3 col = $sky(ray.xzy * vec3(1, 1, -1));
float b = dot(eye, ray), inside = b * b - dot(eye, eye) + 1.0;
sun = normalize(vec3(cos(0.3 * iTime), 0.5, -0.8));
if (inside > 0.0) {
    vec3 n = eye + (-b - sqrt(inside)) * ray, q = n;
    q.xz *= rot($(0.1..0.5!) * iTime);
    q.xy *= rot($(-0.5..0.5!));
    vec3 ground = $($skin(q, n)|$pattern(vec2(atan(q.z, q.x), 1.5 * q.y))|$palette(q.y * $(1..3) + 0.6 * $field(vec2(atan(q.z, q.x), 2.0 * q.y)))|$palette(noise3(3.0 * q) * 0.6 + 0.4 * noise3(9.0 * q)));
    float cloud = smoothstep(0.5, 0.7, noise3(3.0 * q + 0.1 * iTime) * 0.6 + 0.4 * noise3(8.0 * q));
    col = mix(ground, vec3(0.95), $(0..0.8) * cloud) * (0.1 + max(dot(n, sun), 0.0)) + $ink * pow(1.0 + dot(n, ray), 3.0);
} else col += $ink * exp(9.0 * inside) * $(0.1..0.6);
""",
        0.9,
        "A planet that turns.",
    ),
    program(
        "slats",
        """
$sun
vec3 ray = normalize(vec3(uv, $(1..1.6))), eye = vec3(vec2($(-0.3..0.3!), $(0.1..0.4!)) * iTime + 9.0 * dice.xy, 0.0);
ray.xy *= rot(6.2832 * dice.z);
vec3 col = $sky(ray);
for (int i = 6; i > 0; i--) {
    float depth = float(i) - 0.8 * fract($(0.1..0.3!) * iTime), layer = float(i) + floor($(0.1..0.3!) * iTime);
    vec2 q = eye.xy + depth * ray.xy / ray.z, cell = floor(q + 0.37 * layer), s = 2.2 * (q + 0.37 * layer - cell - 0.5);
    float h = hash(cell + layer * 7.0), d = h < 0.5 ? $shape(s) : $shape(s);
    if (h < $(0.2..0.5!)) continue;
    vec3 skin = (h < 0.75 ? $palette(3.0 * h) : $pattern(s)) * (0.6 + 0.4 * (1.0 - smoothstep(-0.5, 0.3, s.y + s.x)));
    col = mix(col, mix(skin, $ink, 0.12 * depth), (1.0 - smoothstep(0.0, 0.03, d)));
}
""",
        1.1,
        "Flat things hang one behind the other, and we go through them.",
    ),
)
