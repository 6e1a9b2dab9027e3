// Title: Tartan Twill
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: surfaces

// Heaps of woollen tartan: setts mirrored about pivots, woven thread by
// thread in two-over-two twill, with folds, overlapping cloths and fringes.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash2(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 126u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}
float hash(float p) { return hash2(vec2(p, 777.0)); }

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash2(i), hash2(i + vec2(1, 0)), f.x), mix(hash2(i + vec2(0, 1)), hash2(i + 1.0), f.x), f.y);
}

vec3 wool(float h)
{
    const vec3 c[12] = vec3[12](
        vec3(0.74, 0.10, 0.14), vec3(0.06, 0.26, 0.20), vec3(0.10, 0.16, 0.44), vec3(0.96, 0.82, 0.30), vec3(0.94, 0.91, 0.84), vec3(0.42, 0.14, 0.36),
        vec3(0.90, 0.48, 0.16), vec3(0.32, 0.62, 0.70), vec3(0.88, 0.56, 0.62), vec3(0.46, 0.52, 0.20), vec3(0.58, 0.36, 0.22), vec3(0.20, 0.20, 0.24));
    return c[int(fract(h) * 12.0)];
}

// Colour of thread number n in a sett of period 2*half, mirrored at pivots.
vec3 sett(float n, float s)
{
    float span = 26.0 + floor(12.0 * hash(s)), x = abs(mod(n, 2.0 * span) - span);
    vec3 base = wool(hash(s + 1.0)), second = wool(hash(s + 1.0) + 0.25 + 0.4 * hash(s + 2.0));
    vec3 guard = wool(hash(s + 3.0)), line = wool(0.28 + 0.1 * step(0.5, hash(s + 4.0)));
    float a = span * (0.36 + 0.2 * hash(s + 5.0));
    vec3 col = x < a ? base : second;
    if (abs(x - a) < 2.5) col = guard;
    if (x < 1.6 || abs(x - a * 0.5) < 1.1) col = line;
    if (abs(x - span + 3.5) < 1.6 || abs(x - span + 8.0) < 0.8) col = guard;
    return col;
}

// Height of the folds in one cloth.
float folds(vec2 p, float s, float t)
{
    float a = 6.28 * hash(s + 9.0);
    vec2 d = vec2(cos(a), sin(a));
    float u = dot(p, d), v = dot(p, vec2(-d.y, d.x));
    float f = sin(u * 2.6 + 1.4 * sin(v * 1.1 + s) + t * 0.35) + 0.5 * sin(u * 5.7 - v * 1.3 + t * 0.22 + s);
    return 0.11 * f + 0.10 * noise(p * 1.7 + s + 0.1 * t);
}

// Full colour of cloth s at p, lit.
vec3 cloth(vec2 p, float s, float t)
{
    vec2 e = vec2(0.02, 0.0);
    float h = folds(p, s, t);
    vec2 g = vec2(folds(p + e.xy, s, t) - h, folds(p + e.yx, s, t) - h) / e.x;
    float a = 6.28 * hash(s + 20.0);
    vec2 q = mat2(cos(a), sin(a), -sin(a), cos(a)) * (p + 0.09 * g) * (30.0 + 16.0 * hash(s + 21.0)) ;
    vec2 n = floor(q), f = fract(q);
    vec3 warp = sett(n.x, s), weft = sett(n.y + 9.0, s);
    float up = step(mod(n.x - n.y, 4.0), 1.5);                        // 2/2 twill
    vec3 col = mix(weft, warp, up);
    float swell = mix(sin(3.1416 * f.y), sin(3.1416 * f.x), up);
    float ply = 0.9 + 0.1 * sin((f.x + f.y) * 12.566);
    col *= (0.62 + 0.45 * swell) * ply * (0.9 + 0.2 * hash2(n + s));
    vec3 nor = normalize(vec3(-g * 1.5, 1.0)), sun = normalize(vec3(cos(t * 0.13), sin(t * 0.13), 0.9));
    float dif = max(dot(nor, sun), 0.0), fuzz = (1.0 - nor.z) * (1.0 - nor.z);
    return col * (0.34 + 0.95 * dif) + 0.10 * fuzz * vec3(1.0, 0.9, 0.8);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime;
    vec2 p = uv * (0.95 + 0.25 * sin(t * 0.14)) + vec2(0.06, 0.04) * t;

    // Two shawls thrown over a ground cloth; they slide on and off by eras.
    float era = floor(t / 10.0);
    float s = 3.0 + 17.0 * floor(mod(era + 0.5, 37.0));
    vec3 col = cloth(p, s, t);
    for (int i = 0; i < 2; i++) {
        float fi = float(i) + 1.0, si = s + 53.0 * fi, a = 6.28 * hash(si + 31.0) + 0.15 * sin(t * 0.2 + fi);
        vec2 d = vec2(cos(a), sin(a));
        float slide = mix(1.6, -0.15 + 0.35 * hash(si), smoothstep(0.0, 0.12, fract(t / 10.0) - 0.05 * fi));
        float edge = dot(uv, d) - slide + 0.06 * sin(dot(uv, vec2(-d.y, d.x)) * 5.0 + si + t * 0.4);
        col *= 0.45 + 0.55 * smoothstep(0.0, 0.16, -edge);           // shadow on what lies below
        float u = dot(uv, vec2(-d.y, d.x)) * 26.0, strand = abs(fract(u + 0.2 * sin(edge * 40.0 + floor(u) * 2.0)) - 0.5);
        if (edge > -0.12 && edge < 0.0 && strand < 0.30) col = sett(floor(u) * 3.0, si) * (1.1 - 1.8 * strand);
        if (edge > 0.0) col = cloth(p + si, si, t) * (0.75 + 0.25 * smoothstep(0.0, 0.05, edge));
    }
    fragColor = vec4(pow(clamp(col * 1.15, 0.0, 1.0), vec3(0.8)), 1.0);
}
