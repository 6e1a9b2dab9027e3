// Title: Patchwork Fields
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: voronoi

// Farmland from the air: Voronoi parishes cut by lanes, each split into
// strip fields with its own crop, hedges with trees, and cloud shadows.
// A year goes by every 34 seconds.

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

vec3 cells(vec2 p, float jitter) {
    vec2 base = floor(p), best = base, at = vec2(0);
    float near = 9.0;
    for (int j = -1; j <= 1; j++)
    for (int i = -1; i <= 1; i++) {
        vec2 c = base + vec2(i, j);
        vec2 s = c + 0.5 + jitter * (vec2(hash(c), hash(c + 37.0)) - 0.5);
        float d = dot(s - p, s - p);
        if (d < near) { near = d; best = c; at = s; }
    }
    float edge = 9.0;
    for (int j = -2; j <= 2; j++)
    for (int i = -2; i <= 2; i++) {
        if (i == 0 && j == 0) continue;
        vec2 c = best + vec2(i, j);
        vec2 s = c + 0.5 + jitter * (vec2(hash(c), hash(c + 37.0)) - 0.5);
        edge = min(edge, dot(0.5 * (s + at) - p, normalize(s - at)));
    }
    return vec3(edge, best);
}

vec3 crop(float pick, float season) {
    int k = int(pick * 7.999);
    int spring[8] = int[8](0x7FB13C, 0xE9D53B, 0x9A7B4F, 0x4F8A3D, 0xB7C96A, 0x6F4E37, 0xA9D18E, 0xD98BB5);
    int summer[8] = int[8](0xE3C565, 0x6FA33A, 0xD9A441, 0x3E7D3A, 0xF0E08A, 0x8E6BB0, 0xC96F4A, 0x8DB255);
    int autumn[8] = int[8](0xB5793A, 0x8A5A34, 0xD4A259, 0xA8442F, 0x6E7F3A, 0x5C4033, 0xE0B76B, 0x7A9A58);
    int winter[8] = int[8](0xDDE6EC, 0xB8C7D1, 0x8A7F74, 0xEEF2F3, 0x94A58C, 0xC9D3DC, 0x6F6A66, 0xE6E0DA);
    float s = season * 4.0, f = smoothstep(0.35, 0.95, fract(s));
    vec3 a = rgb(s < 1.0 ? spring[k] : s < 2.0 ? summer[k] : s < 3.0 ? autumn[k] : winter[k]);
    vec3 b = rgb(s < 1.0 ? summer[k] : s < 2.0 ? autumn[k] : s < 3.0 ? winter[k] : spring[k]);
    return mix(a, b, f);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float turn = 0.4 * sin(iTime * 0.11), zoom = 2.5 + 0.9 * sin(iTime * 0.29);
    vec2 p = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * uv * zoom + vec2(0.38 * iTime, 0.21 * iTime);
    float season = fract(iTime / 34.0 + 0.02);
    vec2 bent = p + 0.22 * (vec2(vnoise(p * 1.1), vnoise(p * 1.1 + 30.0)) - 0.5);

    vec3 parish = cells(bent, 0.95);
    float angle = 3.14159 * hash(parish.yz + 2.0);
    vec2 q = mat2(cos(angle), sin(angle), -sin(angle), cos(angle)) * bent * vec2(2.2, 3.4);
    vec3 field = cells(q, 0.35);
    vec2 id = field.yz + 100.0 * parish.yz;
    float pick = hash(id);

    // Crop rows, tramlines and mottling.
    vec3 col = crop(pick, season);
    float row = sin((hash(id + 3.0) > 0.5 ? q.x : q.y) * (30.0 + 36.0 * hash(id + 6.0)));
    col *= 1.0 + 0.16 * row * step(0.25, hash(id + 7.0));
    float tram = abs(fract(q.x * 2.5) - 0.5);
    col = mix(col, col * 0.72, 1.0 - smoothstep(0.03, 0.06, tram));
    col *= 0.82 + 0.36 * vnoise(p * 7.0 + 10.0 * pick);
    if (hash(id + 12.0) > 0.86) {
        // Orchard or wood: round crowns with highlights.
        vec2 g = fract(q * 7.0) - 0.5;
        float crown = length(g + 0.2 * (hash(floor(q * 7.0)) - 0.5));
        col = mix(col * 0.55, mix(rgb(0x1F5130), crop(fract(pick * 5.0), season), 0.35) * (1.25 - 1.2 * length(g + 0.15)), 1.0 - smoothstep(0.36, 0.44, crown));
    }

    // Hedges with trees, drawn with their shadow, and sandy lanes.
    float hedge = min(field.x / 2.6, parish.x);
    float tree = vnoise(p * 30.0);
    vec3 leaf = mix(rgb(0x24502A), mix(rgb(0x4C8C3F), rgb(0xC9702B), smoothstep(0.4, 0.65, season) * (1.0 - smoothstep(0.75, 0.85, season))), tree);
    col *= 1.0 - 0.40 * (1.0 - smoothstep(0.015, 0.040, hedge));
    col = mix(col, leaf, 1.0 - smoothstep(0.010, 0.014 + 0.022 * tree, hedge));
    col = mix(col, rgb(0xE9DCC0), 1.0 - smoothstep(0.022, 0.030, parish.x));
    col = mix(col, rgb(0xA8988A), 1.0 - smoothstep(0.003, 0.006, parish.x));

    // A river, barns, and drifting cloud shadows.
    float river = abs(mod(p.y + 1.2 + 0.7 * sin(p.x * 0.9) + 0.25 * sin(p.x * 2.3 + 1.0), 4.6) - 2.3) - 0.07;
    vec3 water = mix(rgb(0x2F7EA8), rgb(0x8FD0D9), vnoise(p * vec2(5.0, 18.0)));
    col = mix(col, rgb(0x3B6B33), 1.0 - smoothstep(0.03, 0.05, river));
    col = mix(col, water, 1.0 - smoothstep(0.0, 0.015, river));
    vec2 barn = abs(fract(q * 1.0) - vec2(0.5, 0.3));
    if (hash(floor(q) + 44.0) > 0.80 && max(barn.x, barn.y * 1.6) < 0.12) col = mix(rgb(0xB03A2E), rgb(0xE8E2D8), step(barn.y, 0.035));
    float cloud = smoothstep(0.52, 0.66, vnoise(p * 0.8 - vec2(0.5, 0.2) * iTime) * 0.75 + 0.25 * vnoise(p * 2.7 - 0.6 * iTime));
    fragColor = vec4(col * mix(vec3(1.05), vec3(0.55, 0.60, 0.75), cloud), 1.0);
}
