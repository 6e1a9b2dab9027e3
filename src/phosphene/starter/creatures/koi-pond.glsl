// Title: Koi Pond
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: creatures

// Koi weaving over a pebble bed among lily pads and blossom, seen through
// rippling water whose mood shifts from jade to dusk to tea.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash2(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 67u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}
float hash(float p) { return hash2(vec2(p, 777.0)); }

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p), u = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash2(i), hash2(i + vec2(1, 0)), u.x), mix(hash2(i + vec2(0, 1)), hash2(i + 1.0), u.x), u.y);
}

mat2 rot(float a) { float c = cos(a), s = sin(a); return mat2(c, -s, s, c); }

// Where fish n swims at time t.
vec2 path(float n, float t)
{
    float w = 0.22 + 0.16 * hash(n), ph = 40.0 * hash(n + 3.0) + t * w;
    return vec2(1.25 * sin(ph) + 0.35 * sin(ph * 2.3 + n), 0.85 * sin(ph * 1.31 + 4.0 * hash(n + 5.0)) + 0.25 * cos(ph * 2.9));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, k = t / 17.0;
    vec2 pan = vec2(0.09 * t, 0.05 * t);
    float px = 2.5 / iResolution.y;
    // Ripples refract everything under water.
    vec2 rip = 0.02 * vec2(sin(uv.y * 9.0 + t * 1.3) + sin(uv.x * 5.0 + uv.y * 13.0 - t), cos(uv.x * 8.0 - t * 1.1) + cos(uv.y * 6.0 - uv.x * 11.0 + t * 0.8));
    vec2 p = uv + rip;

    // Pebbles: nearest jittered centre, coloured by hash.
    vec2 g = (p + pan) * 5.0, b = floor(g);
    float d1 = 9.0, d2 = 9.0, id = 0.0;
    for (int n = 0; n < 9; n++) {
        vec2 c = b + vec2(float(n % 3) - 1.0, float(n / 3) - 1.0);
        float h = hash2(c);
        float d = length(g - c - 0.5 - 0.6 * (vec2(h, hash2(c + 9.0)) - 0.5));
        if (d < d1) { d2 = d1; d1 = d; id = h; } else d2 = min(d2, d);
    }
    vec3 stone = mix(vec3(0.62, 0.56, 0.44), vec3(0.36, 0.48, 0.46), step(0.35, id));
    stone = mix(stone, vec3(0.80, 0.72, 0.60), step(0.7, id));
    stone = mix(stone, vec3(0.62, 0.36, 0.32), step(0.88, id)) * (0.45 + 0.75 * smoothstep(0.0, 0.35, d2 - d1)) * (0.85 + 0.3 * noise(g * 6.0));
    vec3 deep = mix(vec3(0.02, 0.42, 0.38), vec3(0.14, 0.20, 0.50), 0.5 + 0.5 * sin(k * 2.1));
    deep = mix(deep, vec3(0.48, 0.32, 0.10), 0.5 + 0.5 * sin(k * 1.3 + 4.0));
    vec3 col = mix(stone, deep, 0.35 + 0.45 * noise((uv + pan) * 1.1 + k));
    float ca = sin(g.x * 0.9 + 2.0 * sin(g.y * 0.7 + t * 0.9)) + sin(g.y * 1.1 + 2.0 * sin(g.x * 0.6 - t * 0.7));
    col += vec3(0.75, 1.0, 0.82) * 0.28 * pow(1.0 - min(abs(ca) * 0.8, 1.0), 4.0);

    // Koi: a bent body, tail and fins, with patches in old or new varieties.
    for (int i = 0; i < 9; i++) {
        float n = float(i) + 10.0 * floor(t / 31.0), size = 0.26 + 0.22 * hash(n + 7.0);
        vec2 c = path(n, t), dir = normalize(path(n, t + 0.15) - path(n, t - 0.15));
        vec2 v = (p - c) / size;
        v = vec2(dot(v, dir), dot(v, vec2(-dir.y, dir.x)));
        float sway = 0.13 * sin(v.x * 2.6 - t * 4.5 * (0.7 + hash(n)) + n) * (1.0 - smoothstep(-1.2, 0.7, v.x));
        vec2 s = (p + vec2(-0.07, 0.10) - c) / size;                     // soft shadow on the bed
        col *= 1.0 - 0.45 * (1.0 - smoothstep(0.5, 1.0, length(vec2(dot(s, dir), dot(s, vec2(-dir.y, dir.x)) * 3.4))));
        if (abs(v.x) > 1.7 || abs(v.y) > 1.0) continue;
        v.y -= sway;
        float w = 0.27 * sqrt(max(0.0, 1.0 - v.x * v.x)) * (0.68 + 0.32 * smoothstep(-1.0, 0.3, v.x)), body = abs(v.y) - w;
        if (abs(v.x) > 1.0) body = 1.0;
        float tail = max(abs(v.y) - 0.10 - 0.55 * (-0.85 - v.x), max(v.x + 0.85, -1.5 - v.x + 0.35 * abs(cos(v.y * 7.0))));
        vec2 fv = rot(0.75) * (vec2(v.x - 0.30, abs(v.y) - 0.22)), pv = rot(0.75) * vec2(v.x + 0.35, abs(v.y) - 0.14);
        float fins = min(length(fv * vec2(1.1, 2.6) + vec2(0.22, 0.0)) - 0.32, length(pv * vec2(1.3, 3.0) + vec2(0.12, 0.0)) - 0.18);
        float h = hash(n + 1.0);
        vec3 base = h < 0.45 ? vec3(0.98, 0.95, 0.90) : h < 0.7 ? vec3(0.98, 0.58, 0.12) : h < 0.85 ? vec3(0.98, 0.84, 0.30) : vec3(0.50, 0.60, 0.76);
        vec3 mark = h < 0.30 ? vec3(0.92, 0.20, 0.10) : h < 0.7 ? vec3(0.96, 0.34, 0.10) : vec3(0.96, 0.95, 0.92);
        float blot = noise(vec2(v.x * 2.2, v.y * 2.5) + n * 5.0);
        vec3 fish = mix(base, mark, smoothstep(0.48, 0.54, blot));
        fish = mix(fish, vec3(0.12, 0.10, 0.16), step(0.5, hash(n + 2.0)) * smoothstep(0.66, 0.70, noise(v * 3.3 + n * 9.0)));
        float scale = length(vec2(fract(v.x * 9.0 + 0.5 * mod(floor(v.y * 14.0), 2.0)), fract(v.y * 14.0)) - 0.5);
        fish *= (0.72 + 0.5 * sqrt(max(0.0, -body / 0.27))) * (0.93 + 0.16 * scale);
        vec3 fin = mix(base, mark, 0.35) * (0.75 + 0.3 * sin(atan(v.y, v.x + 0.6) * 40.0));
        col = mix(col, fin, 0.72 * (1.0 - smoothstep(-px, px * 3.0, min(tail, fins))));
        col = mix(col, fish, 1.0 - smoothstep(-px, px * 3.0, body));
        col = mix(col, vec3(0.08), 1.0 - smoothstep(0.035, 0.055, length(vec2(v.x - 0.72, abs(v.y) - 0.13))));
    }
    col += 0.13 * pow(max(0.0, sin(uv.x * 3.0 + uv.y * 4.0 + 30.0 * rip.x + t * 0.5)), 6.0);   // surface sheen

    // Lily pads and blossoms float above.
    vec2 lg = (uv + pan * 1.4) * 0.95, lb = floor(lg);
    for (int n = 0; n < 4; n++) {
        vec2 c = floor(lg - 0.5) + vec2(float(n & 1), float(n >> 1));
        float h = hash2(c + 77.0), r = 0.20 + 0.20 * h;
        if (h < 0.35) continue;
        vec2 v = rot(h * 20.0 + 0.2 * sin(t * 0.5 + h * 9.0)) * (lg - c - 0.5 - 0.35 * (vec2(hash2(c + 3.0), h) - 0.5));
        float d = length(v), a = atan(v.y, v.x), edge = max(d - r - 0.008 * sin(a * 17.0), r * 0.25 - abs(a) * d - 0.02);
        vec3 pad = mix(vec3(0.16, 0.46, 0.20), vec3(0.52, 0.66, 0.22), fract(h * 7.0)) * (0.75 + 0.9 * d) + 0.10 * (1.0 - smoothstep(0.0, 0.12, abs(fract(a * 1.91) - 0.5)));
        pad = mix(pad, vec3(0.72, 0.30, 0.26), 0.6 * (1.0 - smoothstep(0.0, 0.03, abs(d - r + 0.01))));
        col *= 1.0 - 0.35 * (1.0 - smoothstep(0.0, 0.08, edge));
        col = mix(col, pad, 1.0 - smoothstep(-px, px, edge));
        float bl = length(v - 0.06), ba = atan(v.y - 0.06, v.x - 0.06), petal = bl - 0.15 * (0.62 + 0.38 * abs(cos(ba * 4.0)));
        if (h > 0.6) col = mix(col, bl < 0.045 ? vec3(1.0, 0.82, 0.20) : mix(vec3(1.0, 0.96, 0.95), fract(h * 13.0) < 0.5 ? vec3(0.95, 0.42, 0.62) : vec3(0.78, 0.62, 0.95), bl * 6.0) * (0.8 + 0.2 * abs(cos(ba * 8.0))), 1.0 - smoothstep(-px, px, petal));
    }
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
