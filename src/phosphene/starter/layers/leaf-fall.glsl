// Title: Leaf Fall
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: layers

// Nine drifts of leaves, large and small, piled over one another with veins,
// blemishes and shadows. Ovate, lobed and fan-shaped kinds; seasons change.

float hash(vec2 p) {
    uint n = uint(int(p.x)) * 0x9E3779B1u ^ uint(int(p.y)) * 0x85EBCA77u;
    n ^= n >> 15; n *= 0x2C1B3C6Du; n ^= n >> 12; n *= 0x297A2D39u; n ^= n >> 15;
    return float(n & 0xFFFFFFu) / 16777216.0;
}

float vnoise(vec2 p) {
    vec2 i = floor(p), f = p - i;
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x),
               mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

vec3 leafInk(float pick, float season) {
    int k = int(pick * 5.999);
    int autumn[6] = int[6](0xC8321F, 0xE88B23, 0xF2C230, 0x8A2F3C, 0xB8692D, 0x7C8A34);
    int summer[6] = int[6](0x2F7D3B, 0x6BAA3D, 0xA9C94B, 0x1F5B45, 0x4C9A6A, 0xD6D96B);
    int frost[6] = int[6](0x8FB6C9, 0x5B7FA6, 0xD9E4EC, 0x7E6B9E, 0xB65C79, 0x3E8E8A);
    // Leaves turn one by one.
    int s = int(mod(season * 3.0 + 0.9 * fract(pick * 7.0), 3.0));
    return rgb(s == 0 ? autumn[k] : s == 1 ? frost[k] : summer[k]);
}

// Signed size of a leaf pointing along +x, length about 1. kind 0 ovate, 1 lobed, 2 fan.
float leaf(vec2 p, float kind, float slim) {
    float stalk = max(abs(p.y - 0.03 * sin(p.x * 6.0)) - 0.014, max(p.x + 0.2, -0.72 - p.x));
    float d;
    if (kind < 0.5) {
        float x = clamp((p.x + 0.5), 0.0, 1.0);
        float w = slim * sin(3.14159 * pow(x, 0.75)) + 0.008 * sin(p.x * 70.0);
        d = p.x < -0.5 || p.x > 0.5 ? length(vec2(max(abs(p.x) - 0.5, 0.0), p.y)) : 0.8 * (abs(p.y) - w);
    } else if (kind < 1.5) {
        vec2 q = p + vec2(0.30, 0.0);
        float a = atan(q.y, q.x);
        float lobes = 0.50 + 0.20 * cos(a * 5.0) + 0.045 * cos(a * 15.0) + 0.16 * cos(a);
        d = 0.55 * (length(q) - lobes * (1.0 - smoothstep(2.3, 3.14, abs(a))) - 0.03);
    } else {
        vec2 q = p + vec2(0.45, 0.0);
        float a = atan(q.y, q.x), r = length(q);
        float rim = 0.80 + 0.03 * sin(a * 16.0) - 0.22 * exp(-70.0 * a * a);
        d = max(r - rim, (abs(a) - 1.05) * r * 0.9);
    }
    return min(d, stalk);
}

vec3 paintLeaf(vec2 p, float kind, float pick, float h, float season, vec2 lamp) {
    vec3 base = leafInk(pick, season), edge = mix(base, leafInk(fract(pick + 0.143), season), 0.7);
    vec2 q = kind < 0.5 ? p : kind < 1.5 ? p + vec2(0.30, 0.0) : p + vec2(0.45, 0.0);
    float a = atan(q.y, q.x), r = length(q);
    float vein;
    if (kind < 0.5) vein = min(abs(p.y) * 1.4, abs(fract((p.x - abs(p.y) * 0.9) * 7.0) - 0.5) / 7.0 + 0.012);
    else if (kind < 1.5) vein = min(abs(sin(a * 2.5)) * r * 0.4, abs(fract(r * 9.0 - abs(sin(a * 2.5)) * 2.0) - 0.5) / 9.0 + 0.014);
    else vein = abs(sin(a * 22.0)) * r * 0.045 + 0.004;
    vec3 col = mix(base, edge, smoothstep(0.1, 0.6, vnoise(p * 4.0 + 30.0 * h) * 0.7 + 0.4 * r));
    float flank = kind > 1.5 ? 0.0 : sign(p.y);
    col *= 0.88 + 0.14 * flank * lamp.y + 0.20 * vnoise(p * 18.0 + 9.0 * h);
    col = mix(col, base * 0.4, 0.8 * smoothstep(0.62, 0.70, vnoise(p * 7.0 + 60.0 * h)) * step(0.5, h));
    return mix(col, mix(base, vec3(1.0, 0.95, 0.75), 0.55), 0.75 * (1.0 - smoothstep(0.006, 0.016, vein)));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float season = iTime / 44.0;
    vec2 lamp = normalize(vec2(0.6 * sin(iTime * 0.2), 0.8));

    // Front to back, one kind of leaf to a drift, stopping once all is covered.
    vec3 col = vec3(0);
    float open = 1.0, dark = 1.0;
    for (int k = 0; k < 9; k++) {
        if (open < 0.02) break;
        float fk = float(k);
        float scale = 1.35 + 2.9 * fract(fk * 0.618 + 0.33);
        vec2 drift = vec2(0.16 * sin(iTime * 0.25 + fk), (0.085 - 0.005 * fk) * iTime);
        vec2 p = (uv + drift) * scale + 17.3 * fk - 0.5;
        vec2 base = floor(p);
        float kind = floor(mod(fk + 1.5, 3.0)), cover = 0.0, shade = 9.0, soft = 1.4 * scale / iResolution.y;
        vec2 spot = vec2(0), light = lamp;
        vec2 who = vec2(0);
        for (int n = 0; n < 4; n++) {
            vec2 c = base + vec2(n & 1, n >> 1);
            float h = hash(c + 3.0 * fk), m = fract(h * 61.0);
            if (m < 0.42 - 0.04 * fk) continue;
            vec2 d = p - c - 0.25 * (vec2(h, fract(h * 37.0)) - 0.5);
            float size = 0.78 + 0.22 * m, slim = 0.18 + 0.14 * m;
            if (dot(d, d) > size * size) continue;
            float a = 6.2831853 * fract(h * 91.0) + 0.35 * sin(iTime * (0.3 + 0.3 * m) + 20.0 * h);
            mat2 turn = mat2(cos(a), -sin(a), sin(a), cos(a));
            vec2 q = turn * d / size;
            float in_ = 1.0 - smoothstep(-soft, soft, leaf(q, kind, slim) * size);
            if (in_ > cover) { cover = in_; spot = q; who = vec2(h, m); light = turn * lamp; }
            shade = min(shade, leaf(turn * (d + lamp * 0.11) / size, kind, slim) * size / scale);
        }
        vec3 paint = paintLeaf(spot, kind, fract(who.x * 7.0 + 0.3 * who.y), who.y, season, light);
        col += open * cover * paint * max(dark, 0.4) * 1.15;
        open *= 1.0 - cover;
        dark *= 1.0 - 0.34 * (1.0 - smoothstep(-0.02, 0.035, shade));
    }
    // Ground: moss and soil.
    vec3 soil = mix(leafInk(0.95, season), rgb(0x6A5240), 0.45 + 0.4 * vnoise(uv * 9.0)) * (0.6 + 0.6 * vnoise(uv * 40.0));
    col += open * soil * dark;
    float beam = smoothstep(0.2, 0.8, vnoise(vec2(uv.x * 1.6 + uv.y * 0.9 + 0.15 * iTime, 2.0)));
    fragColor = vec4(col * mix(vec3(0.90, 0.92, 1.02), vec3(1.22, 1.14, 0.98), beam), 1.0);
}
