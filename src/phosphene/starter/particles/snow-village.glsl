// Title: Snow Village
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: particles

// Snow falling over receding hills with firs and lamplit cottages; the train
// window carries us from gold morning through storm to green aurora.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash2(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}
float hash(float p) { return hash2(vec2(p, 777.0)); }

// Hours of the journey: zenith, horizon, snow tint.
mat3 hour(float k)
{
    k = mod(k + 0.5, 5.0);
    if (k < 1.0) return mat3(0.30, 0.52, 0.86, 1.00, 0.82, 0.62, 1.00, 0.93, 0.88);
    if (k < 2.0) return mat3(0.52, 0.34, 0.62, 1.00, 0.52, 0.38, 0.98, 0.76, 0.78);
    if (k < 3.0) return mat3(0.10, 0.14, 0.40, 0.30, 0.62, 0.64, 0.46, 0.62, 0.92);
    if (k < 4.0) return mat3(0.36, 0.48, 0.56, 0.72, 0.76, 0.74, 0.80, 0.88, 0.92);
    return mat3(0.55, 0.22, 0.36, 0.99, 0.74, 0.35, 0.92, 0.78, 0.92);
}

float ridge(float x, float s) { return 0.13 * sin(x * 1.3 + s * 5.0) + 0.07 * sin(x * 2.9 + s * 9.0) + 0.025 * sin(x * 7.3 + s * 3.0); }

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, k = t / 9.0, m = smoothstep(0.65, 1.0, fract(k));
    mat3 sky = hour(floor(k)) * (1.0 - m) + hour(floor(k) + 1.0) * m;
    float px = 2.0 / iResolution.y;

    vec3 col = mix(sky[1], sky[0], smoothstep(-0.1, 1.0, uv.y));
    // Sun or moon, and curtains of aurora when the zenith is deep.
    vec2 orb = vec2(1.1 * sin(t * 0.09), 0.55 + 0.2 * cos(t * 0.11));
    float od = length(uv - orb);
    col = mix(col, vec3(1.0, 0.96, 0.82), 1.0 - smoothstep(0.13, 0.14, od));
    col += 0.28 * sky[1] * exp(-3.0 * od);
    float night = 1.0 - smoothstep(0.35, 0.75, dot(sky[0], vec3(0.6)));
    float veil = uv.y - 0.45 - 0.16 * sin(uv.x * 2.0 + t * 0.3) - 0.06 * sin(uv.x * 5.0 - t * 0.5);
    float rays = 0.6 + 0.4 * sin(uv.x * 23.0 + 4.0 * sin(uv.x * 3.0 + t * 0.4));
    col += night * rays * exp(-5.0 * abs(veil) - 6.0 * max(-veil, 0.0)) * mix(vec3(0.15, 1.0, 0.55), vec3(0.85, 0.25, 0.90), smoothstep(0.0, 0.4, veil));

    for (int i = 0; i < 6; i++) {
        float z = float(i) / 5.0, x = uv.x * (2.3 - 1.5 * z) + t * (0.06 + 0.3 * z) + 7.0 * float(i);
        float y = uv.y - (0.18 - 0.95 * z) ;
        float land = ridge(x, z);
        vec3 far = mix(sky[1], sky[0], 0.45);
        vec3 snow = mix(far, sky[2], 0.25 + 0.75 * z);
        // Firs: one per slot, tiers of branches with snow on them.
        float w = 0.17, slot = floor(x / w), h = hash(slot + 100.0 * float(i));
        float tx = (fract(x / w) - 0.5) * w + 0.05 * (h - 0.5), base = ridge((slot + 0.5) * w, z) - 0.03;
        float tall = 0.12 + 0.16 * h, v = (y - base) / tall;
        float tier = (1.0 - v) * (0.55 + 0.45 * fract(v * 4.0 + 0.02) ) * 0.058 * (0.6 + tall * 3.0);
        if (h > 0.35 && v > 0.0 && v < 1.0 && abs(tx) < tier) {
            vec3 fir = mix(vec3(0.05, 0.26, 0.22), vec3(0.28, 0.20, 0.16), step(0.8, h));
            fir = mix(fir, sky[2], 0.85 * smoothstep(0.55, 0.9, fract(v * 4.0 + tx * 7.0)));
            col = mix(far, fir, 0.25 + 0.7 * z);
        }
        // Cottages on the nearer hills.
        float cw = 0.62, cs = floor(x / cw), ch = hash(cs * 3.0 + 57.0 * float(i) + 4000.0);
        if (i > 1 && ch > 0.45) {
            vec2 c = vec2((fract(x / cw) - 0.5) * cw, y - ridge((cs + 0.5) * cw, z) + 0.02);
            float roof = 0.21 - abs(c.x) * 0.95;
            vec3 wall = mix(vec3(0.72, 0.22, 0.18), vec3(0.93, 0.75, 0.35), step(0.7, ch));
            wall = mix(wall, vec3(0.28, 0.45, 0.60), step(0.88, ch));
            vec2 win = abs(vec2(abs(c.x) - 0.05, c.y - 0.065)) - vec2(0.022, 0.026);
            if (c.y < 0.12 && abs(c.x) < 0.105) col = mix(mix(far, wall * (0.55 + 0.45 * dot(sky[2], vec3(0.33))), 0.3 + 0.7 * z), vec3(1.0, 0.86, 0.40), step(max(win.x, win.y), 0.0));
            if (c.y > 0.115 && c.y < roof && abs(c.x) < 0.14) col = mix(snow, vec3(0.98), 0.3 * step(roof - 0.03, c.y));
            if (abs(c.x - 0.06) < 0.014 && c.y > 0.12 && c.y < 0.23) col = wall * 0.5;
            col += vec3(1.0, 0.6, 0.2) * 0.12 * exp(-60.0 * dot(c - vec2(0.0, 0.06), c - vec2(0.0, 0.06)));
        }
        float depth = land - y;
        vec3 bank = snow * (1.0 - 0.35 * smoothstep(0.0, 0.5, depth)) + 0.10 * (1.0 - smoothstep(0.0, 0.03, depth));
        bank = mix(bank, sky[0] + 0.12, 0.30 * smoothstep(0.2, 0.9, sin(x * 4.0 + 9.0 * depth + 2.0 * sin(depth * 14.0 + z * 7.0))));
        col = mix(col, bank, 1.0 - smoothstep(-px, px, y - land));
    }

    // Flakes in four depths, swaying on the wind.
    for (int i = 0; i < 4; i++) {
        float s = 4.0 + 3.5 * float(i);
        vec2 q = uv * s + vec2(1.2 * sin(t * 0.5 + float(i)) + t * 0.8, t * (2.6 - 0.2 * float(i)));
        vec2 id = floor(q), f = fract(q) - 0.5;
        float h = hash2(id + float(i) * 11.0);
        f += 0.28 * vec2(sin(t + h * 40.0), cos(t * 0.8 + h * 70.0));
        col = mix(col, vec3(1.0, 0.99, 0.97), step(0.35, h) * 0.9 * (1.0 - smoothstep(0.05, 0.16, length(f))));
    }
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
