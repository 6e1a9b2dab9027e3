// Title: Cumulus Hours
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: noise

// Heaped clouds over folded hills; one day passes every 26 seconds.

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

float fbm(vec2 p) {
    float sum = 0.0, amp = 0.5;
    for (int i = 0; i < 5; i++) {
        sum += amp * vnoise(p);
        p = mat2(1.6, 1.2, -1.2, 1.6) * p + 5.3;
        amp *= 0.5;
    }
    return sum;
}

// Billowy field: the creases between heaps come from folded noise.
float billow(vec2 p) {
    float big = fbm(p);
    return big + 0.35 * abs(fbm(p * 2.3 + 2.0 * big) - 0.5);
}

// Blend four keyed colours (dawn, noon, dusk, night) round the day.
vec3 hours(float day, vec3 dawn, vec3 noon, vec3 dusk, vec3 night) {
    float k = fract(day) * 4.0;
    float f = smoothstep(0.2, 0.8, fract(k));
    if (k < 1.0) return mix(dawn, noon, f);
    if (k < 2.0) return mix(noon, dusk, f);
    if (k < 3.0) return mix(dusk, night, f);
    return mix(night, dawn, f);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float day = iTime / 26.0;
    vec3 zenith = hours(day, vec3(0.38, 0.45, 0.78), vec3(0.10, 0.42, 0.86), vec3(0.30, 0.16, 0.48), vec3(0.05, 0.08, 0.28));
    vec3 horizon = hours(day, vec3(1.0, 0.64, 0.56), vec3(0.66, 0.88, 0.98), vec3(1.0, 0.45, 0.20), vec3(0.24, 0.42, 0.72));
    vec3 lit = hours(day, vec3(1.0, 0.86, 0.74), vec3(1.0, 1.0, 0.97), vec3(1.0, 0.66, 0.32), vec3(0.58, 0.66, 1.0));
    vec3 shade = hours(day, vec3(0.58, 0.36, 0.64), vec3(0.50, 0.60, 0.76), vec3(0.48, 0.20, 0.40), vec3(0.10, 0.14, 0.34));

    float high = uv.y + 0.3;
    vec3 col = mix(horizon, zenith, smoothstep(0.0, 0.75, high));

    // Sun by day and moon by night share one arc.
    float arc = fract(day * 2.0 + 0.12);
    vec2 disc = vec2(1.4 * (arc - 0.5), 0.38 - 2.4 * (arc - 0.5) * (arc - 0.5));
    float away = length(uv - disc);
    col += lit * (0.9 * (1.0 - smoothstep(0.065, 0.075, away)) + 0.10 / (0.25 + 6.0 * away));
    float night = hours(day, vec3(0), vec3(0), vec3(0.2), vec3(1)).x;
    vec2 starCell = floor(fragCoord / iResolution.y * 90.0);
    col += night * step(0.985, hash(starCell + 7.0));

    // Two decks of cloud, in perspective; shading from the density towards the sun.
    for (int deck = 0; deck < 2; deck++) {
        float depth = (deck == 0 ? 0.55 : 0.9) / (max(high, -0.1) + 0.42);
        vec2 p = vec2(uv.x * depth * 2.2, depth * 2.6) + vec2(0.16, 0.10) * iTime * (1.0 + float(deck)) + 40.0 * float(deck);
        float cover = 0.52 + 0.06 * sin(iTime * 0.21 + 2.0 * float(deck));
        float d = billow(p);
        float towards = billow(p + 0.22 * normalize(disc - uv + 0.001) * vec2(1.0, -1.0));
        float alpha = smoothstep(cover, cover + 0.10, d);
        float glow = clamp(0.5 + 3.2 * (d - towards) + 0.4 * (cover + 0.12 - d), 0.0, 1.0);
        vec3 cloud = mix(shade, lit, glow);
        col = mix(col, cloud, alpha * smoothstep(-0.05, 0.12, high));
    }

    // Three ranges of hills, each with its own field texture.
    for (int k = 0; k < 3; k++) {
        float fk = float(k);
        float x = uv.x * (1.6 - 0.3 * fk) + iTime * (0.03 + 0.035 * fk) + 20.0 * fk;
        float top = -0.22 - 0.09 * fk + 0.20 * (fbm(vec2(x * 1.7, fk)) - 0.45);
        float fields = vnoise(vec2(x * 14.0, (uv.y - top) * (60.0 - 12.0 * fk)));
        vec3 land = mix(shade, mix(vec3(0.16, 0.36, 0.20), vec3(0.55, 0.55, 0.18), fields) * (0.35 + lit * 0.75), 0.30 + 0.28 * fk);
        land += 0.25 * lit * (1.0 - smoothstep(0.0, 0.02, top - uv.y));
        col = mix(col, land, 1.0 - smoothstep(-0.004, 0.004, uv.y - top));
    }
    fragColor = vec4(col, 1.0);
}
