// Title: Fable Trees
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: creatures

// A storybook wood: folded branching trees in leaf, blossom or fruit, owls
// and mushrooms among them, and pale hills beyond; seasons turn.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash2(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}
float hash(float p) { return hash2(vec2(p, 777.0)); }

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p), u = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash2(i), hash2(i + vec2(1, 0)), u.x), mix(hash2(i + vec2(0, 1)), hash2(i + 1.0), u.x), u.y);
}

// Season palette: sky high, sky low, grass, leaf one, leaf two, bark.
vec3 tone(int w, float k)
{
    const vec3 c[24] = vec3[24](
        vec3(0.48, 0.78, 0.92), vec3(0.99, 0.92, 0.80), vec3(0.46, 0.70, 0.30), vec3(0.98, 0.66, 0.76), vec3(0.99, 0.90, 0.90), vec3(0.40, 0.24, 0.22),
        vec3(0.16, 0.52, 0.76), vec3(0.80, 0.94, 0.76), vec3(0.26, 0.54, 0.22), vec3(0.16, 0.48, 0.26), vec3(0.62, 0.78, 0.22), vec3(0.46, 0.30, 0.18),
        vec3(0.58, 0.36, 0.56), vec3(1.00, 0.74, 0.42), vec3(0.74, 0.54, 0.22), vec3(0.88, 0.30, 0.12), vec3(0.98, 0.70, 0.16), vec3(0.26, 0.14, 0.16),
        vec3(0.22, 0.26, 0.52), vec3(0.86, 0.66, 0.76), vec3(0.78, 0.86, 0.95), vec3(0.20, 0.46, 0.50), vec3(0.92, 0.97, 1.00), vec3(0.22, 0.20, 0.32));
    int a = int(mod(k, 4.0)) * 6 + w, b = int(mod(k + 1.0, 4.0)) * 6 + w;
    return mix(c[a], c[b], smoothstep(0.65, 1.0, fract(k)));
}

// A tree standing at the origin, one unit tall: wood distance, crown distance.
vec2 tree(vec2 p, float s, float t)
{
    vec2 d = vec2(9.0);
    float w = 0.055, len = 0.36, scale = 1.0, sway = 0.04 * sin(t * 0.9 + s * 7.0);
    p.x += sway * p.y;
    for (int i = 0; i < 5; i++) {
        float y = clamp(p.y, 0.0, len);
        d.x = min(d.x, (length(vec2(p.x, p.y - y)) - w * (1.0 - 0.35 * y / len)) * scale);
        p.y -= len * (0.92 - 0.2 * hash(s + float(i)));
        float side = p.x < 0.0 ? -1.0 : 1.0, a = 0.42 + 0.30 * hash(s * 3.0 + float(i)) + sway + 0.10 * side * (hash(s + 9.0) - 0.5);
        p.x = abs(p.x);
        p = mat2(cos(a), sin(a), -sin(a), cos(a)) * p;
        p /= 0.78; scale *= 0.78; w *= 0.86;
        if (i > 1) d.y = min(d.y, (length(p - vec2(0.0, 0.16)) - 0.36) * scale);
    }
    return d;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, k = t / 11.0, px = 2.5 / iResolution.y;
    uv = uv * (1.0 - 0.12 * sin(t * 0.15)) + vec2(0.0, 0.07 * sin(t * 0.21));
    vec3 col = mix(tone(1, k), tone(0, k), smoothstep(-0.3, 0.95, uv.y + 0.05 * sin(uv.x * 2.0 + t * 0.2)));
    vec2 sun = vec2(1.0 * cos(t * 0.14), 0.58 + 0.22 * sin(t * 0.19));
    float sd = length(uv - sun), ray = sin(atan(uv.y - sun.y, uv.x - sun.x) * 12.0 + t * 0.3);
    col = mix(col, tone(4, k), 0.25 * smoothstep(-0.2, 0.2, ray) * (1.0 - smoothstep(0.2, 0.75, sd)));
    col = mix(col, mix(vec3(1.0, 0.86, 0.40), vec3(1.0), 0.5 * (1.0 - smoothstep(0.3, 0.6, uv.y))), 1.0 - smoothstep(0.195, 0.20, sd));
    float cl = noise(vec2(uv.x * 1.6 + t * 0.1, uv.y * 4.0)) + 0.5 * noise(vec2(uv.x * 4.0 + t * 0.13, uv.y * 9.0));
    col = mix(col, vec3(1.0, 0.97, 0.94), 0.7 * smoothstep(0.85, 0.98, cl) * smoothstep(-0.1, 0.3, uv.y));

    for (int j = 0; j < 5; j++) {
        float z = float(j) / 4.0, x = uv.x * (1.6 - 0.8 * z) + t * (0.03 + 0.11 * z) + 17.0 * z + 0.4 * float(j);
        float base = -0.02 - 0.72 * z, hill = base + 0.10 * sin(x * 1.4 + z * 9.0) + 0.05 * sin(x * 3.7);
        vec3 haze = mix(tone(1, k), tone(0, k), 0.35);
        vec3 ground = mix(haze, tone(2, k), 0.3 + 0.7 * z);
        float dd = hill - uv.y;
        ground *= 0.84 + 0.24 * noise(vec2(x * 7.0, dd * 26.0)) + 0.14 * (1.0 - smoothstep(0.0, 0.04, dd));
        ground = mix(ground, tone(3, k) , 0.8 * step(0.80, hash2(floor(vec2(x * 26.0, dd * 30.0 / (0.4 + dd))))) * step(0.02, dd) * z);
        col = mix(col, ground, 1.0 - smoothstep(-px, px, -dd));

        // One tree per slot.
        float w = 1.25, slot = floor(x / w), s = slot * 11.0 + 50.0 * float(j), h = hash(s);
        float foot = base + 0.10 * sin((slot + 0.5) * w * 1.4 + z * 9.0) + 0.05 * sin((slot + 0.5) * w * 3.7) - 0.04;
        float tall = (0.46 + 0.38 * z) * (0.75 + 0.4 * h);
        vec2 v = vec2((fract(x / w) - 0.5) * w / (1.6 - 0.8 * z), uv.y - foot) / tall;
        if (v.y < -0.05 || v.y > 1.5) continue;
        vec2 d = tree(v, s, t) * tall;
        float ruffle = 0.02 * (noise(v * 26.0 + s) - 0.5);
        vec3 leafA = tone(3, k + 0.25 * (h - 0.5)), leafB = tone(4, k + 0.25 * (h - 0.5));
        float bare = step(0.78, hash(s + floor(k + h) * 3.0));
        float lump = noise(v * 15.0 + s), leafTone = smoothstep(0.35, 0.7, lump + 0.25 * (v.x * sign(sun.x) + v.y - 0.8));
        vec3 leaf = mix(leafA * 0.78, mix(leafA, leafB, 0.75), leafTone) * (0.9 + 0.2 * noise(v * 50.0));
        vec2 fg = v * 17.0;
        float fruit = length(fract(fg) - 0.5) - 0.26;
        leaf = mix(leaf, mix(vec3(0.92, 0.16, 0.14), vec3(0.99, 0.80, 0.20), step(0.5, h)), (1.0 - smoothstep(0.0, 0.06, fruit)) * step(0.78, hash2(floor(fg) + s)));
        vec3 bark = tone(5, k) * (0.75 + 0.5 * noise(vec2(v.x * 60.0, v.y * 9.0))) + 0.12 * step(0.0, v.x * sign(sun.x));
        col = mix(col, mix(haze, leaf * 0.75, 0.35 + 0.65 * z), 1.0 - smoothstep(-px, px, d.y + ruffle + 0.02 + bare));
        col = mix(col, mix(haze, bark, 0.3 + 0.7 * z), 1.0 - smoothstep(-px, px, d.x));
        col = mix(col, mix(haze, leaf, 0.3 + 0.7 * z), (1.0 - smoothstep(-px, px, d.y + ruffle + bare)) * step(0.42, noise(v * 9.0 + s + 4.0)));

        // An owl in some crooks, a toadstool at some feet.
        vec2 o = (v - vec2(0.0, 0.52)) / 0.10, om = vec2(abs(o.x), o.y);
        if (j > 2 && h > 0.45) {
            float body = length(o * vec2(1.2, 0.85)) - 1.0, ear = max(abs(om.x - 0.55) - 0.25 * (1.6 - o.y), abs(o.y - 1.2) - 0.35);
            vec3 plume = mix(vec3(0.72, 0.46, 0.26), vec3(0.95, 0.86, 0.70), (1.0 - smoothstep(-0.5, 0.3, o.y)) * step(0.3, fract(o.y * 3.0 + om.x)));
            float open = step(sin(t * 1.1 + s * 4.0), 0.93);
            float eye = length(om - vec2(0.38, 0.42));
            plume = eye < 0.34 ? (eye < 0.17 * open ? vec3(0.08, 0.05, 0.08) : mix(vec3(0.6, 0.36, 0.2), vec3(1.0, 0.84, 0.25), open)) : plume;
            if (abs(o.x) < 0.12 && abs(o.y - 0.15) < 0.16) plume = vec3(0.96, 0.55, 0.16);
            if (min(body, ear) < 0.0) col = plume;
        }
        vec2 m = (v - vec2(0.20, 0.03)) / 0.08;
        if (j > 2 && h < 0.6) {
            if (abs(m.x) < 0.28 && abs(m.y) < 0.8) col = vec3(0.97, 0.93, 0.84) * (1.0 - 0.5 * max(m.x, 0.0));
            if (length(vec2(m.x, m.y - 0.6)) < 1.0 && m.y > 0.5) col = mix(vec3(0.86, 0.16, 0.14), vec3(1.0, 0.96, 0.90), step(length(fract(m * 1.6) - 0.5), 0.24));
        }
    }
    // Petals, leaves or snow on the air.
    for (int i = 0; i < 2; i++) {
        vec2 q = uv * (4.0 + 3.0 * float(i)) + vec2(sin(t * 0.6 + uv.y * 2.0) + 0.5 * t, 1.1 * t), id = floor(q);
        vec2 f = fract(q) - 0.25 - 0.5 * vec2(hash2(id), hash2(id + 6.0));
        float a = t * 1.3 + 9.0 * hash2(id);
        f = mat2(cos(a), sin(a), -sin(a), cos(a)) * f;
        col = mix(col, mix(tone(4, k), tone(3, k), hash2(id + 2.0)), step(0.5, hash2(id + 9.0)) * (1.0 - smoothstep(0.07, 0.10, length(f * vec2(1.0, 1.9)))));
    }
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
