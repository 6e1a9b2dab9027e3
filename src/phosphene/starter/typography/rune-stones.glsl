// Title: Rune Stones
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: typography

// A wall of weathered slabs, each incised with a rune made of one stave and
// a few branches; mossy joints, painted grooves and a wandering low sun.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p), u = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), u.x), mix(hash(i + vec2(0, 1)), hash(i + 1.0), u.x), u.y);
}

float seg(vec2 p, vec2 a, vec2 b)
{
    p -= a; b -= a;
    return length(p - b * clamp(dot(p, b) / dot(b, b), 0.0, 1.0));
}

// A rune: upright stave(s) with branches slanting from hashed anchor points.
float rune(vec2 p, float s)
{
    float two = step(0.68, hash(vec2(s, 1.0))), x0 = -0.18 * two;
    float d = seg(p, vec2(x0, -0.36), vec2(x0, 0.36));
    if (two > 0.5) d = min(d, seg(p, vec2(0.18, -0.36), vec2(0.18, 0.36)));
    for (int i = 0; i < 4; i++) {
        float k = float(i), h = hash(vec2(s, k + 3.0));
        if (h < 0.3) continue;
        float y = 0.36 - 0.18 * floor(4.0 * hash(vec2(s + 9.0, k)));
        float side = two > 0.5 ? 1.0 : sign(h - 0.62);
        float len = two > 0.5 ? 0.36 : 0.24;
        float drop = (h > 0.45 ? -0.18 : 0.18);
        d = min(d, seg(p, vec2(x0, y), vec2(x0 + side * len, clamp(y + drop, -0.36, 0.36))));
    }
    return d;
}

// Layout of staggered slabs: local coordinate and identity.
vec2 slab(vec2 p, out vec2 id)
{
    float row = floor(p.y);
    p.x += 0.5 * mod(row, 2.0) + 0.2 * hash(vec2(row, 4.0));
    id = vec2(floor(p.x / 0.85), row);
    return vec2(mod(p.x, 0.85) - 0.425, fract(p.y) - 0.5);
}

float height(vec2 p, float era)
{
    vec2 id;
    vec2 q = slab(p, id);
    vec2 b = abs(q) - vec2(0.335, 0.40) + 0.02 * noise(p * 7.0);
    float edge = length(max(b, 0.0)) + min(max(b.x, b.y), 0.0) - 0.035;
    float h = (1.0 - smoothstep(-0.06, 0.05, edge)) * (0.24 + 0.05 * hash(id));
    h += 0.05 * noise(p * 9.0) + 0.03 * noise(p * 26.0);
    float s = floor(hash(id + 17.0 * floor(era + hash(id * 3.0))) * 9999.0);
    return h - 0.13 * (1.0 - smoothstep(0.015, 0.065, rune(q, s)));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, era = t / 13.0;
    vec2 p = uv * (1.25 + 0.45 * sin(t * 0.12 + 2.0)) + vec2(0.11, 0.06) * t;
    p += 0.05 * sin(p.yx * 2.1 + t * 0.1);

    vec2 e = vec2(0.012, 0.0), id;
    float h = height(p, era);
    vec3 n = normalize(vec3(h - height(p + e.xy, era), h - height(p + e.yx, era), 0.035));
    vec2 q = slab(p, id);

    // Quarries: sandstone, porphyry, verdigris schist, blue slate, chalk.
    float k = fract(hash(id + 2.0) + 0.25 * noise(p * 1.5));
    vec3 rock = mix(vec3(0.87, 0.66, 0.38), vec3(0.66, 0.26, 0.24), step(0.25, k));
    rock = mix(rock, vec3(0.38, 0.60, 0.50), step(0.45, k));
    rock = mix(rock, vec3(0.32, 0.40, 0.62), step(0.63, k));
    rock = mix(rock, vec3(0.90, 0.85, 0.76), step(0.82, k));
    rock *= 0.7 + 0.45 * noise(p * vec2(6.0, 15.0)) + 0.15 * noise(p * 50.0);

    // Moss and earth gather in the joints.
    float joint = 1.0 - smoothstep(0.08, 0.2, h);
    vec3 moss = mix(vec3(0.22, 0.34, 0.08), vec3(0.62, 0.68, 0.15), noise(p * 22.0));
    vec3 col = mix(rock, mix(vec3(0.34, 0.20, 0.13), moss, noise(p * 2.0 + 9.0)), joint);

    // Pigment or ember light in the grooves.
    float s = floor(hash(id + 17.0 * floor(era + hash(id * 3.0))) * 9999.0);
    float cut = 1.0 - smoothstep(0.02, 0.055, rune(q, s));
    float wake = pow(0.5 + 0.5 * sin(t * 0.7 + 6.28 * hash(id + 5.0)), 3.0);
    vec3 ink = hash(id + 31.0) < 0.5 ? vec3(0.75, 0.10, 0.06) : vec3(0.08, 0.16, 0.40);
    vec3 ember = hash(id + 71.0) < 0.5 ? vec3(1.0, 0.62, 0.12) : vec3(0.25, 0.95, 0.90);
    col = mix(col, ink, cut * 0.8);

    vec3 sun = normalize(vec3(cos(t * 0.2), sin(t * 0.2), 0.75));
    float dif = max(dot(n, sun), 0.0);
    vec3 warm = mix(vec3(1.25, 1.05, 0.8), vec3(1.1, 0.8, 0.95), 0.5 + 0.5 * sin(t * 0.13));
    col *= vec3(0.28, 0.30, 0.42) + warm * dif;
    col += ember * wake * (cut * 0.9 + 0.35 * exp(-14.0 * rune(q, s)) * step(joint, 0.5));
    fragColor = vec4(pow(clamp(col, 0.0, 1.0), vec3(0.85)), 1.0);
}
