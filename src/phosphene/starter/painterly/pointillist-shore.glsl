// Title: Pointillist Shore
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: painterly

// Sails, parasols and a bright sea seen as separate touches of pure colour;
// each touch leans to its complement, and the hour turns from noon to dusk.

// Integer mixing of whole-numbered seeds: the same on every renderer.
vec3 hash3(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    uvec3 k = (n ^ (n >> 14)) * uvec3(0xBDDE03F1u, 0xF763C84Fu, 0xF0D885E3u);
    return vec3(k >> 8) * (1.0 / 16777216.0);
}

vec3 view(vec2 p, float t)
{
    p *= 1.0 - 0.28 * sin(t * 0.18);
    float k = 0.5 - 0.5 * cos(t * 0.11), j = 0.5 + 0.5 * sin(t * 0.075 + 1.0);
    float coast = 0.14 + 0.22 * sin(t * 0.09);
    vec3 zenith = mix(vec3(0.22, 0.55, 0.88), vec3(0.50, 0.26, 0.62), k), glow = mix(vec3(0.95, 0.92, 0.70), vec3(1.0, 0.56, 0.30), k);
    vec3 col = mix(glow, zenith, smoothstep(coast, 1.1, p.y));
    vec2 sun = vec2(0.9 * cos(t * 0.13), coast + 0.25 + 0.35 * cos(t * 0.11));
    float sd = length(p - sun);
    col = mix(col, vec3(1.0, 0.93, 0.55), 1.0 - smoothstep(0.14, 0.20, sd) + 0.35 * (1.0 - smoothstep(0.1, 0.6, sd)));
    float puff = sin(p.x * 3.1 + t * 0.15) + sin(p.x * 5.3 - t * 0.1 + p.y * 7.0) + 2.0 * sin(p.y * 8.0 + 1.0);
    col = mix(col, vec3(1.0, 0.88, 0.90), 0.75 * smoothstep(1.3, 2.2, puff) * step(coast, p.y));
    // Headland.
    float x = p.x + t * 0.05;
    float head = coast + 0.22 * max(sin(x * 0.9), 0.0) * (1.0 + 0.3 * sin(x * 7.0));
    if (p.y < head) col = mix(vec3(0.36, 0.50, 0.62), vec3(0.56, 0.36, 0.52), k) + 0.14 * sin(x * 9.0 + p.y * 20.0);
    // Sea with the sun's path.
    if (p.y < coast) {
        float d = coast - p.y;
        col = mix(mix(vec3(0.30, 0.72, 0.74), vec3(0.86, 0.52, 0.48), k), mix(vec3(0.06, 0.34, 0.62), vec3(0.26, 0.20, 0.52), k), smoothstep(0.0, 0.7, d));
        col += 0.14 * sin(3.0 / (d + 0.1) + 2.0 * p.x + t);
        col = mix(col, vec3(1.0, 0.88, 0.52), 0.8 * (1.0 - smoothstep(0.0, 0.12 + 0.3 * d, abs(p.x - sun.x) + 0.08 * sin(d * 60.0 - t * 2.0))));
    }
    // Sails in three ranks.
    for (int i = 0; i < 3; i++) {
        float z = float(i), w = 0.75 + 0.45 * z, bx = p.x + t * (0.05 + 0.06 * z) * (mod(z, 2.0) * 2.0 - 1.0) + z * 3.3;
        float id = floor(bx / w);
        vec3 h = hash3(vec2(id, z));
        vec2 b = vec2((fract(bx / w) - 0.5) * w, p.y - coast + 0.06 + 0.16 * z) / (0.30 + 0.17 * z);
        b.x += 0.06 * sin(t * 0.8 + h.x * 9.0) * b.y;
        if (h.z < 0.25) continue;
        vec3 cloth = h.x < 0.3 ? vec3(0.98, 0.94, 0.84) : h.x < 0.55 ? vec3(0.92, 0.34, 0.18) : h.x < 0.8 ? vec3(0.98, 0.76, 0.22) : vec3(0.88, 0.50, 0.62);
        if (b.y > 0.1 && b.x > 0.02 && b.x < 0.5 * (1.1 - b.y)) col = cloth * (0.85 + 0.3 * b.x);
        if (b.y > 0.1 && b.x < -0.03 && b.x > -0.34 * (0.9 - b.y)) col = mix(cloth, vec3(0.55, 0.5, 0.75), 0.35);
        if (abs(b.y - 0.02) < 0.07 && abs(b.x) < 0.42 + b.y) col = vec3(0.30, 0.14, 0.22) + 0.25 * h.y;
    }
    // Sand with parasols.
    float sand = -0.58 + 0.10 * sin(p.x * 1.6 + t * 0.12) + 0.02 * sin(p.x * 9.0 + t);
    if (p.y < sand) {
        col = mix(vec3(0.96, 0.82, 0.52), vec3(0.84, 0.56, 0.52), k);
        if (p.y > sand - 0.05) col = vec3(0.97, 0.97, 0.95);
    }
    float px = p.x + t * 0.14, slot = floor(px / 0.7);
    vec3 h = hash3(vec2(slot, 40.0));
    vec2 u = vec2((fract(px / 0.7) - 0.5) * 0.7, p.y + 0.66 - 0.12 * h.x);
    if (abs(u.x) < 0.012 && u.y < 0.1 && u.y > -0.16) col = vec3(0.35, 0.20, 0.30);
    if (u.y > 0.05 && length(u / vec2(1.25, 1.0) - vec2(0.0, 0.03)) < 0.17) col = mix(vec3(0.98, 0.95, 0.88), h.y < 0.5 ? vec3(0.88, 0.20, 0.26) : vec3(0.10, 0.46, 0.56), step(0.0, sin(u.x * 42.0 / (1.3 - u.y * 3.0))));
    return mix(col, col * vec3(0.72, 0.66, 1.02), 0.35 * j);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime;
    vec3 col = view(uv, t) * 0.55 + vec3(0.40, 0.36, 0.30);              // toned canvas
    for (int layer = 0; layer < 3; layer++) {
        float s = 15.0 + 9.0 * float(layer), a = 0.5 + 1.1 * float(layer);
        mat2 turn = mat2(cos(a), sin(a), -sin(a), cos(a));
        vec2 q = turn * uv * s, b = floor(q - 0.5);
        for (int n = 0; n < 4; n++) {
            vec2 id = b + vec2(float(n & 1), float(n >> 1));
            vec3 h = hash3(id + 70.0 * float(layer));
            vec2 at = id + 0.5 + 0.36 * (h.xy - 0.5);
            float r = 0.40 + 0.16 * h.x, d = length((q - at) * vec2(1.0, 0.86 + 0.3 * h.y));
            if (d > r) continue;
            vec3 pure = view(at * turn / s, t);
            float grey = dot(pure, vec3(0.33));
            pure = grey + (pure - grey) * 1.55;                           // push the chroma
            vec3 other = vec3(grey * 1.7) - pure * 0.7;                   // complement
            pure = mix(pure, other, step(0.86, h.z) * 0.8) + 0.16 * (h.yzx - 0.5);
            float dab = 1.0 - smoothstep(r - 0.14, r, d);
            col = mix(col, clamp(pure, 0.0, 1.0) * (1.06 - 0.25 * d), dab);
        }
    }
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
