// Title: Impasto Garden
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: painterly

// A hillside garden under a moving sun, laid down in three passes of thick
// strokes, coarse to fine, each loaded with one colour from the motif.

// Integer mixing of whole-numbered seeds: the same on every renderer.
vec2 hash2(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    uvec2 k = (n ^ (n >> 14)) * uvec2(0xBDDE03F1u, 0xF763C84Fu);
    return vec2(k >> 8) * (1.0 / 16777216.0);
}

// The motif: sky, sun, far hills, poplars, rows of flowers.
vec3 motif(vec2 p, float t)
{
    p = p * (0.95 + 0.25 * sin(t * 0.19)) - vec2(0.0, 0.28 * sin(t * 0.13 + 0.5));
    float k = 0.5 + 0.5 * sin(t * 0.21), m = 0.5 + 0.5 * sin(t * 0.135 + 2.0);
    vec2 sun = vec2(1.1 * sin(t * 0.17), 0.62 + 0.22 * cos(t * 0.23));
    vec3 col = mix(mix(vec3(0.98, 0.80, 0.45), vec3(0.96, 0.52, 0.50), m), mix(vec3(0.18, 0.48, 0.80), vec3(0.30, 0.22, 0.58), k), smoothstep(0.0, 1.0, p.y + 0.1 * sin(p.x * 3.0 + t * 0.3)));
    float cloud = sin(p.x * 2.4 + t * 0.25) * sin(p.y * 6.0 + p.x + 0.5 * sin(t * 0.1));
    col = mix(col, vec3(0.99, 0.93, 0.86), 0.7 * smoothstep(0.25, 0.6, cloud));
    float sd = length(p - sun);
    col = mix(col, vec3(1.0, 0.92, 0.35), 1.0 - smoothstep(0.18, 0.24, sd));
    col = mix(col, vec3(1.0, 0.68, 0.20), 0.5 * (1.0 - smoothstep(0.2, 0.5, sd)));
    float x = p.x + t * 0.07;
    float h1 = 0.12 + 0.14 * sin(x * 1.7) + 0.06 * sin(x * 4.1);
    if (p.y < h1) col = mix(vec3(0.28, 0.36, 0.66), vec3(0.52, 0.34, 0.62), m);
    float h2 = -0.10 + 0.12 * sin(x * 2.3 + 2.0);
    if (p.y < h2) col = mix(vec3(0.35, 0.60, 0.28), vec3(0.80, 0.62, 0.18), k);
    // Poplars.
    float slot = floor(x * 1.6), f = (fract(x * 1.6) - 0.5) / 1.6, hh = hash2(vec2(slot, 4.0)).x;
    float tall = 0.30 + 0.30 * hh, ty = (p.y + 0.22) / tall;
    if (hh > 0.3 && ty > 0.0 && ty < 1.0 && abs(f) < 0.09 * sqrt(sin(3.14 * ty))) col = mix(vec3(0.06, 0.28, 0.22), vec3(0.45, 0.52, 0.12), step(0.02, f * sign(sun.x - p.x)) * 0.8);
    // Flower rows in perspective, one bed colour per row.
    float h3 = -0.22 + 0.05 * sin(x * 3.0);
    if (p.y < h3) {
        float d = 1.0 / (h3 - p.y + 0.12), row = floor(d * 2.6 + t * 0.2 + 0.35 * p.x * d);
        float pick = fract(row * 0.382 + floor(t / 15.0) * 0.21);
        col = pick < 0.2 ? vec3(0.88, 0.16, 0.20) : pick < 0.4 ? vec3(0.98, 0.78, 0.14) : pick < 0.6 ? vec3(0.60, 0.32, 0.74) : pick < 0.8 ? vec3(0.96, 0.60, 0.70) : vec3(0.95, 0.93, 0.84);
        vec2 tuft = hash2(vec2(row, floor((p.x + t * 0.07) * d * 3.0)));
        col = mix(col, vec3(0.14, 0.42, 0.18), step(0.58, tuft.x));
    }
    return col;
}

// Direction in which the brush travels.
float flow(vec2 p, float t)
{
    vec2 sun = vec2(1.1 * sin(t * 0.17), 0.62 + 0.22 * cos(t * 0.23)), v = p - sun;
    float swirl = atan(v.y, v.x) + 1.5708;
    float field = 0.35 * sin(p.x * 2.0 + t * 0.1) + (p.y < -0.22 ? 0.25 + 1.1 * sin(p.x * 1.1) : 0.0);
    return p.y > 0.1 ? swirl : field;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime;
    vec3 col = motif(uv, t) * 0.8 + vec3(0.12, 0.06, 0.04);
    float relief = 0.0, shine = 0.0;
    for (int layer = 0; layer < 3; layer++) {
        float fl = float(layer), s = 5.0 * pow(1.72, fl);
        float redraw = floor(t * 1.5 + fl * 0.25);
        vec2 q = uv * s + 7.7 * fl, b = floor(q);
        for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) {
            vec2 id = b + vec2(float(i), float(j));
            vec2 h = hash2(id + 31.0 * fl), at = id + 0.5 + 0.7 * (h - 0.5), c = (at - 7.7 * fl) / s;
            if (length(q - at) > 1.05) continue;
            vec2 h2 = hash2(id + 5.0 + 37.0 * mod(redraw, 64.0));
            float a = flow(c, t) + 0.7 * (h2.x - 0.5);
            vec2 v = q - at;
            v = vec2(dot(v, vec2(cos(a), sin(a))), dot(v, vec2(-sin(a), cos(a))));
            v.y += 0.25 * v.x * v.x * (h.y - 0.5);                        // a slight curve to the wrist
            float bristle = 0.5 + 0.5 * sin(v.y * 30.0 + 9.0 * h.x + 2.0 * sin(v.x * 3.0));
            float len = 0.95 - 0.25 * bristle * step(0.0, v.x), d = max(abs(v.x) - len * 0.95, abs(v.y) - 0.30);
            if (d > 0.06) continue;
            float mask = 1.0 - smoothstep(-0.06, 0.06, d);
            vec3 paint = motif(c, t) * (0.86 + 0.28 * h2.y) + 0.10 * (vec3(h.x, h2.x, h.y) - 0.5);
            col = mix(col, paint * (0.90 + 0.14 * bristle), mask);
            float ridge = smoothstep(0.16, 0.30, abs(v.y)) * sign(v.y + 0.001);
            relief = mix(relief, ridge * sin(a + 0.6) + 0.35 * (bristle - 0.5), mask);
            shine = mix(shine, bristle * h.y, mask);
        }
    }
    col += 0.13 * relief + 0.12 * pow(shine, 3.0);
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
