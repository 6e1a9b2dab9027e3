// Title: Harbour Fireworks
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: particles

// Shells bursting over a lit waterfront, all of it doubled in the water;
// the evening passes through apricot, violet, teal and rose skies.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash2(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}
float hash(float p) { return hash2(vec2(p, 777.0)); }

vec3 evening(float y, float k)
{
    const vec3 low[4] = vec3[4](vec3(0.98, 0.58, 0.30), vec3(0.86, 0.36, 0.52), vec3(0.20, 0.62, 0.62), vec3(0.95, 0.72, 0.62));
    const vec3 high[4] = vec3[4](vec3(0.24, 0.20, 0.50), vec3(0.16, 0.12, 0.42), vec3(0.08, 0.16, 0.40), vec3(0.42, 0.18, 0.42));
    int a = int(mod(k, 4.0)), b = int(mod(k + 1.0, 4.0));
    float m = smoothstep(0.6, 1.0, fract(k)), g = smoothstep(0.0, 1.1, y);
    return mix(mix(low[a], high[a], g), mix(low[b], high[b], g), m);
}

// Skyline height at x for a row of towers.
float tower(float x, float seed, float w)
{
    float c = floor(x / w), h = hash(c + seed);
    float f = abs(fract(x / w) - 0.5) * 2.0;
    float roof = hash(c + seed + 500.0) < 0.4 ? 0.08 * (1.0 - f) : 0.05 * step(f, 0.3);
    return 0.06 + 0.30 * h * h + roof;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, k = t / 11.0;
    float shore = -0.42 + 0.25 * sin(t * 0.13);
    float water = step(uv.y, shore);
    vec2 p = uv;
    if (water > 0.5) {                                                // mirror, broken by ripples
        float far = 1.0 / (0.06 + shore - uv.y);
        p.y = 2.0 * shore - uv.y;
        p.x += 0.02 * sin(far * 9.0 + t * 2.0 + uv.x * 3.0) + 0.012 * sin(uv.x * 20.0 + far * 17.0 - t * 3.0);
        p.y += 0.04 * sin(far * 13.0 - t * 2.6);
    }
    float y = p.y - shore;
    vec3 col = evening(y * 0.75, k);
    // Bars of cloud and smoke catching the light.
    float cloud = sin(p.x * 1.7 + 2.0 * sin(y * 5.0 + t * 0.08) + t * 0.1) + sin(p.x * 3.9 - y * 9.0 + t * 0.13) + 0.5 * sin(p.x * 9.0 + y * 21.0);
    col = mix(col, evening(0.05, k + 1.0), 0.35 * smoothstep(0.2, 1.6, cloud));

    // Shells: in each, only the spark nearest in angle is evaluated per ring.
    for (int i = 0; i < 7; i++) {
        float fi = float(i), life = t * 0.30 + fi / 7.0 + 0.2 * hash(fi), shell = floor(life), age = fract(life);
        float s = fi * 17.0 + shell * 37.0;
        vec2 c = vec2((hash(s) - 0.5) * 2.8, shore + 0.55 + 0.75 * hash(s + 1.0));
        float big = 0.35 + 0.45 * hash(s + 2.0);
        vec3 hueA = 0.55 + 0.5 * cos(6.2832 * (hash(s + 3.0) + vec3(0.0, 0.33, 0.67)));
        vec3 hueB = 0.55 + 0.5 * cos(6.2832 * (hash(s + 4.0) + vec3(0.0, 0.33, 0.67)));
        float open = 1.0 - exp(-5.0 * age), fade = pow(1.0 - age, 0.8);
        for (int ring = 0; ring < 3; ring++) {
            float r0 = big * open * (1.0 - 0.32 * float(ring)), n = 26.0 - 7.0 * float(ring);
            vec2 v = p - c + vec2(0.0, 0.30 * age * age);
            float sector = 6.2832 / n, a = atan(v.y, v.x) + float(ring) * 0.3;
            float id = floor(a / sector), aa = a - (id + 0.5) * sector;
            vec2 w = length(v) * vec2(cos(aa), sin(aa));
            float reach = r0 * (0.85 + 0.25 * hash(id + s + float(ring) * 9.0));
            float x = clamp(w.x, reach * (0.35 + 0.5 * age), reach);          // trail behind the head
            float d = length(w - vec2(x, 0.0)), along = x / max(reach, 1e-3);
            float twinkle = 0.7 + 0.3 * sin(t * 30.0 + id * 5.0);
            vec3 hue = mod(float(ring), 2.0) < 0.5 ? hueA : hueB;
            col += hue * fade * twinkle * along * along * 0.00045 / (d * d + 0.00018) * (1.0 - smoothstep(0.0, 0.075, d));
        }
        col += hueA * 0.22 * fade * exp(-3.5 * dot(p - c, p - c)) ;
        float lift = smoothstep(0.0, 0.02, age);
        col += (1.0 - lift) * vec3(1.0, 0.9, 0.7) * 0.02 / (dot(p - c, p - c) + 0.02);
    }

    // Two rows of buildings with lit windows, drifting past the boat.
    for (int j = 0; j < 2; j++) {
        float fj = float(j), x = p.x * (1.0 - 0.2 * fj) + t * (0.06 + 0.08 * fj), w = 0.36 - 0.12 * fj;
        float h = tower(x, 5.0 + 40.0 * fj, w) * (2.0 - 0.9 * fj);
        vec3 wall = mix(evening(0.25, k + 0.3) * 0.72, evening(0.9, k) * vec3(0.75, 0.55, 0.7), fj);
        vec2 g = vec2(x / w * 7.0, y * 20.0), gi = floor(g), gf = fract(g);
        float on = step(0.45, hash2(gi + 3.0 + floor(t / 9.0))) * step(0.25, gf.x) * step(0.3, gf.y);
        vec3 lamp = mix(vec3(1.0, 0.80, 0.40), vec3(0.45, 0.85, 0.95), step(0.8, hash2(gi + 7.0)));
        lamp = mix(lamp, vec3(1.0, 0.45, 0.35), step(0.88, hash2(gi + 19.0)));
        if (y < h && y > -0.1) col = mix(wall * (0.8 + 0.8 * y), lamp, on);
    }
    if (water > 0.5) {
        float deep = shore - uv.y;
        col = col * vec3(0.72, 0.80, 0.92) + vec3(0.02, 0.06, 0.09);
        col += 0.14 * smoothstep(0.75, 1.0, sin(uv.x * 14.0 + sin(3.0 / (deep + 0.05) + t * 1.7) * 3.0)) * evening(0.1, k);
    }
    col = mix(col, vec3(0.99, 0.80, 0.48), (1.0 - smoothstep(0.0, 0.012, abs(uv.y - shore))) * 0.7);
    fragColor = vec4(pow(1.0 - exp(-1.7 * max(col, 0.0)), vec3(1.2)), 1.0);
}
