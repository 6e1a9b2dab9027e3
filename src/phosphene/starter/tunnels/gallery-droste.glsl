// Title: Gallery Droste
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: tunnels

// Picture frames within picture frames along a logarithmic spiral; the canvas
// of each holds a small painted view, and we fall through them for ever.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(float p)
{
    uint n = uint(int(p)) * 0xF0D885E3u + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p), u = f * f * (3.0 - 2.0 * f);
    float a = dot(i, vec2(1.0, 71.0));
    return mix(mix(hash(a), hash(a + 1.0), u.x), mix(hash(a + 71.0), hash(a + 72.0), u.x), u.y);
}

vec3 gouache(float h)
{
    const vec3 c[10] = vec3[10](
        vec3(0.91, 0.32, 0.25), vec3(0.98, 0.77, 0.36), vec3(0.18, 0.50, 0.58), vec3(0.95, 0.90, 0.80), vec3(0.30, 0.24, 0.46),
        vec3(0.55, 0.72, 0.50), vec3(0.94, 0.58, 0.58), vec3(0.12, 0.30, 0.30), vec3(0.72, 0.42, 0.24), vec3(0.52, 0.72, 0.88));
    return c[int(fract(h) * 10.0)];
}

// A small picture for level n; q in -1..1.
vec3 picture(vec2 q, float n, float t)
{
    float kind = floor(5.0 * hash(n + 3.0)), s = hash(n) ;
    vec3 A = gouache(s), B = gouache(s + 0.3), C = gouache(s + 0.5), D = gouache(s + 0.8), col = A;
    if (kind < 1.0) {                                                    // hills and a moon
        col = mix(A, B, q.y * 0.5 + 0.5);
        col = mix(col, D, 1.0 - smoothstep(0.0, 0.02, length(q - vec2(0.45 * sin(n), 0.66)) - 0.16));
        for (int i = 0; i < 3; i++) {
            float z = float(i), h = 0.45 - 0.42 * z + 0.18 * sin(q.x * (2.5 + z) + n + z * 2.0 + t * 0.3);
            if (q.y < h) col = mix(C, D, 0.25 + 0.3 * z) * (0.8 + 0.35 * noise(q * 9.0 + z));
        }
    } else if (kind < 2.0) {                                             // concentric discs
        vec2 c = floor(q * 2.0), f = fract(q * 2.0) - 0.5;
        float r = length(f), k = hash(n + c.x * 3.0 + c.y * 7.0);
        col = r < 0.18 ? gouache(k) : r < 0.32 ? gouache(k + 0.4) : r < 0.44 ? gouache(k + 0.7) : gouache(k + 0.2);
    } else if (kind < 3.0) {                                             // slanting stripes
        float u = q.x * 2.0 + q.y * (1.0 + 2.0 * hash(n + 8.0)) + 0.5 * sin(q.y * 4.0 + t * 0.4), k = floor(u * 2.0);
        col = gouache(s + 0.1 * k) * (0.8 + 0.4 * fract(u * 2.0));
    } else if (kind < 4.0) {                                             // vase of leaves
        col = q.y < -0.55 ? B : A;
        vec2 v = q + vec2(0.0, 0.35);
        float a = atan(v.x, v.y) + 0.1 * sin(t * 0.8 + n), k = clamp(floor(a / 0.42 + 0.5), -3.0, 3.0), aa = a - k * 0.42;
        v = length(v) * vec2(sin(aa), cos(aa)) - vec2(0.0, 0.62);
        if (length(v * vec2(3.2, 1.0)) < 0.38) col = mix(C, gouache(s + 0.13 * k + 0.5), 0.7) * (1.0 - 0.4 * step(0.0, v.x));
        if (abs(q.x) < 0.2 + 0.12 * sin(q.y * 8.0 + 1.0) && q.y < -0.25 && q.y > -0.85) col = D * (1.1 - 1.2 * abs(q.x + 0.08));
    } else {                                                             // patchwork
        vec2 c = floor(q * 2.5), f = fract(q * 2.5);
        float k = hash(n + c.x * 5.0 + c.y * 11.0);
        col = (k < 0.5 ? f.x > f.y : f.x + f.y > 1.0) ? gouache(k + s) : gouache(k * 3.0 + 0.4);
    }
    return col * (0.92 + 0.16 * noise(q * 26.0));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime;
    uv -= 0.3 * vec2(sin(t * 0.23), cos(t * 0.19));

    // Log-polar spiral: one turn costs a varying share of one level.
    float r = length(uv) + 1e-4, a = atan(uv.y, uv.x) - t * 0.10;
    const float span = 1.0986;                                           // each frame is a third of the last
    float twist = floor(2.99 * fract(t / 36.0)) * 0.5 + 0.5 * smoothstep(0.9, 1.0, fract(t / 12.0)) ;
    float arms = floor(mod(twist + 0.5, 2.0));
    float u = log(r) + arms * span * a / 6.28318 - t * 0.24;
    vec2 dir = vec2(cos(a), sin(a));
    float square = max(abs(dir.x), abs(dir.y));
    float lev = (u + log(square)) / span, n = floor(lev), f = fract(lev);
    float scale = exp(f * span);                                         // 1..3 across the level

    // Position inside the frame for this level.
    vec2 q = dir / square * scale;
    float m = max(abs(q.x), abs(q.y));
    bool level = abs(q.x) < abs(q.y);
    float along = level ? q.x : q.y, side = (level ? 0.0 : 1.0) + (level ? step(0.0, q.y) : step(0.0, q.x)) * 2.0;
    vec3 wood = mix(gouache(hash(n + 40.0)), vec3(0.80, 0.58, 0.24), 0.5);

    // Outer part of the level is picture (wrapped round the hole), inner part moulding.
    vec3 col = vec3(0.0);
    if (m > 1.36) {
        vec2 w = vec2(along / 3.0 * 2.6, (m - 1.36) / 1.64 * 2.0 - 1.0);
        vec2 cell = vec2(fract(w.x * 0.5 + 0.5 * mod(n, 2.0)) * 2.0 - 1.0, w.y);
        col = picture(cell, n * 4.0 + side * 17.0 + floor(w.x * 0.5 + 0.5 * mod(n, 2.0)) * 5.0, t);
        col *= 0.55 + 0.45 * smoothstep(0.0, 0.14, m - 1.36);
        col *= 0.75 + 0.25 * (1.0 - smoothstep(2.8, 3.0, m));
    } else {
        float v = (m - 1.0) / 0.36, miter = smoothstep(0.0, 0.03, abs(abs(q.x) - abs(q.y)));
        float prof = 0.55 + 0.45 * sin(v * 13.0) * (side < 2.0 ? 1.0 : -1.0);
        float carve = step(0.35, v) * step(v, 0.72) * smoothstep(-0.2, 0.3, sin(along * 26.0) + 0.6 * cos(v * 17.0));
        col = wood * (0.55 + 0.65 * prof) + 0.35 * carve * vec3(1.0, 0.88, 0.55) * (side < 2.0 ? 0.7 : 1.1);
        col *= 0.8 + 0.2 * miter;
        col = mix(col, gouache(hash(n + 61.0)), 1.0 - smoothstep(0.03, 0.05, abs(v - 0.85)));
    }
    col *= 0.92 + 0.20 * sin(a * 1.0 + t * 0.3) ;
    fragColor = vec4(clamp(col * 1.06, 0.0, 1.0), 1.0);
}
