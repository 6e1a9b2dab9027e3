// Title: Nebula Voyage
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: particles

// Star layers flying past bright nebulae, dust lanes in front of them and,
// from time to time, a ringed planet that takes up half the view.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + 1.0), f.x), f.y);
}

float fbm(vec2 p)
{
    float s = 0.0, a = 0.5;
    for (int i = 0; i < 5; i++) { s += a * noise(p); p = mat2(1.6, 1.2, -1.2, 1.6) * p + 3.1; a *= 0.5; }
    return s;
}

// Emission palettes: sulphur-oxygen, hydrogen rose, emerald, ember.
vec3 gas(float x, float k)
{
    k = mod(k, 4.0);
    x = clamp(x, 0.0, 1.0);
    if (k < 1.0) return mix(mix(vec3(0.05, 0.20, 0.38), vec3(0.16, 0.68, 0.70), smoothstep(0.2, 0.55, x)), vec3(1.0, 0.76, 0.38), smoothstep(0.5, 0.9, x));
    if (k < 2.0) return mix(mix(vec3(0.24, 0.10, 0.44), vec3(0.90, 0.25, 0.48), smoothstep(0.2, 0.55, x)), vec3(0.72, 0.85, 1.0), smoothstep(0.55, 0.9, x));
    if (k < 3.0) return mix(mix(vec3(0.32, 0.12, 0.20), vec3(0.22, 0.62, 0.36), smoothstep(0.2, 0.6, x)), vec3(0.98, 0.95, 0.55), smoothstep(0.55, 0.95, x));
    return mix(mix(vec3(0.10, 0.14, 0.42), vec3(0.92, 0.42, 0.16), smoothstep(0.25, 0.6, x)), vec3(1.0, 0.86, 0.72), smoothstep(0.55, 0.9, x));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, k = floor(t / 13.0), fade = smoothstep(0.8, 1.0, fract(t / 13.0));
    float roll = t * 0.04;
    vec2 p = mat2(cos(roll), sin(roll), -sin(roll), cos(roll)) * uv;

    // Nebula: domain-warped gas, twice, then dust in front.
    vec2 g = p * 1.3 + vec2(0.09 * t, 0.05 * t);
    vec2 warp = vec2(fbm(g + 4.0), fbm(g * 1.1 + 9.0 + 0.05 * t));
    float dens = fbm(g + 2.4 * warp - 0.04 * t);
    float fine = fbm(g * 3.0 + 3.0 * warp.yx);
    float x = 1.75 * dens - 0.45 + 0.45 * (warp.x - 0.45);
    vec3 col = mix(gas(x, k), gas(x, k + 1.0), fade) * (0.62 + 0.75 * fine);
    col += 0.55 * pow(max(warp.y * 1.6 - 0.5, 0.0), 3.0) * mix(gas(0.95, k + 2.0), gas(0.95, k + 3.0), fade);
    float dust = smoothstep(0.50, 0.64, fbm(g * 1.9 + 1.5 * warp + 20.0));
    col = mix(col, gas(0.1, k + 1.0) * 0.55, 0.75 * dust);

    // Stars in five depths, streaming outwards.
    for (int i = 0; i < 5; i++) {
        float z = fract(float(i) / 5.0 + t * 0.045), s = mix(11.0, 1.2, z);
        vec2 q = p * s + float(i) * 17.3, id = floor(q), f = fract(q) - 0.5;
        float h = hash(id + float(i) * 5.0);
        f -= 0.5 * (vec2(h, hash(id + 40.0)) - 0.5);
        float r = length(f), size = 0.05 * (0.4 + h);
        vec3 tint = mix(vec3(0.65, 0.80, 1.0), vec3(1.0, 0.75, 0.45), hash(id + 90.0));
        float spike = exp(-40.0 * abs(f.x)) * exp(-9.0 * abs(f.y)) + exp(-40.0 * abs(f.y)) * exp(-9.0 * abs(f.x));
        float glow = 1.0 - smoothstep(size * 0.3, size, r) + 0.0035 / (r * r + 0.012) + 0.6 * spike * step(0.6, h);
        col += step(0.3, h) * tint * glow * smoothstep(0.0, 0.25, z) * (1.0 - smoothstep(0.8, 1.0, z)) * (1.0 - smoothstep(0.25, 0.5, r));
    }

    // A planet of changing size and livery crosses once per era.
    float pass = fract(t / 19.0 + 0.3), seed = floor(t / 19.0 + 0.3);
    vec2 c = vec2(mix(-4.5, 4.5, pass) * (mod(seed, 2.0) * 2.0 - 1.0), 0.55 * sin(seed * 2.4 + pass * 3.0));
    float R = 0.42 + 0.35 * hash(vec2(seed, 3.0));
    vec2 v = (uv - c) / R;
    float rr = dot(v, v);
    vec2 tilt = mat2(0.94, -0.34, 0.34, 0.94) * v;
    float ringR = length(tilt * vec2(1.0, 3.6));
    float bands = 0.55 + 0.45 * sin(ringR * 26.0 + 3.0 * sin(ringR * 7.0));
    float onRing = smoothstep(1.25, 1.3, ringR) * (1.0 - smoothstep(1.95, 2.05, ringR));
    vec3 ring = mix(gas(0.9, seed + 1.0), vec3(0.95, 0.88, 0.76), 0.5) * (0.5 + 0.6 * bands);
    if (rr < 1.0) {
        vec3 n = vec3(v, sqrt(1.0 - rr));
        float lat = tilt.y * 6.0 + 0.8 * fbm(vec2(tilt.x * 2.0 / (n.z + 0.4) + t * 0.2, tilt.y * 5.0));
        vec3 body = mix(gas(0.5, seed + 2.0), gas(0.9, seed + 3.0), 0.5 + 0.5 * sin(lat * 3.0)) + 0.1;
        float lit = max(dot(n, normalize(vec3(-0.6, 0.5, 0.6))), 0.0);
        col = body * (0.14 + 1.1 * lit) + gas(0.6, seed) * pow(1.0 - n.z, 3.0);
        if (tilt.y > 0.0) onRing = 0.0;
    }
    col = mix(col, ring, onRing * (0.45 + 0.5 * bands));
    fragColor = vec4(pow(1.0 - exp(-1.7 * max(col, 0.0)), vec3(0.95)), 1.0);
}
