// Title: River Pebbles
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: voronoi

// Cobbles with gravel between them under clear running water.

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

// x: distance to the border of the stone, yz: its id; away: offset from its middle.
vec3 stones(vec2 p, out vec2 away) {
    vec2 base = floor(p), best = base, at = vec2(0);
    float near = 9.0;
    for (int j = -1; j <= 1; j++)
    for (int i = -1; i <= 1; i++) {
        vec2 c = base + vec2(i, j);
        vec2 s = c + 0.12 + 0.76 * vec2(hash(c), hash(c + 71.0));
        float d = dot(s - p, s - p);
        if (d < near) { near = d; best = c; at = s; }
    }
    away = p - at;
    float border = 9.0;
    for (int j = -2; j <= 2; j++)
    for (int i = -2; i <= 2; i++) {
        if (i == 0 && j == 0) continue;
        vec2 c = best + vec2(i, j);
        vec2 s = c + 0.12 + 0.76 * vec2(hash(c), hash(c + 71.0));
        // A soft minimum rounds off the corners of the polygon.
        float d = dot(0.5 * (s + at) - p, normalize(s - at));
        float k = clamp(0.5 + (border - d) / 0.24, 0.0, 1.0);
        border = mix(border, d, k) - 0.12 * k * (1.0 - k);
    }
    return vec3(border, best);
}

vec3 mineral(float pick, float bank) {
    int k = int(pick * 6.999);
    int a[7] = int[7](0x8C5A44, 0x5E7485, 0xC9A27C, 0x8FA187, 0x4A4E69, 0xD8CFC0, 0xB5654A);
    int b[7] = int[7](0xC75146, 0x2A7F86, 0xE7B75F, 0x6B8F4E, 0x5A3E73, 0xF0DCC4, 0x3F5F9E);
    return mix(rgb(a[k]), rgb(b[k]), bank);
}

// Rounded, lit layer of stones; returns colour and coverage.
vec4 bed(vec2 p, float bank, vec2 sun, float gaps) {
    vec2 away;
    vec3 s = stones(p, away);
    float pick = hash(s.yz + 5.0), turn = 6.28 * hash(s.yz + 8.0);
    float rise = smoothstep(0.05, 0.36, s.x);
    vec3 col = mineral(pick, bank);
    vec2 along = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * p;
    float veins = 0.5 + 0.5 * sin(along.x * (9.0 + 12.0 * pick) + 3.0 * vnoise(p * 3.0));
    float kind = hash(s.yz + 23.0);
    if (kind < 0.35) col = mix(col * 0.75, col * 1.2, veins);
    else if (kind < 0.6) col = mix(col, vec3(0.95, 0.93, 0.88), 1.0 - smoothstep(0.05, 0.12, abs(along.x - floor(along.x) - 0.5)));
    else if (kind < 0.85) col *= 0.65 + 0.7 * vnoise(p * 28.0);
    col *= 0.82 + 0.3 * vnoise(p * 6.0 + 3.0);
    float light = 1.0 + dot(away, sun) * (0.5 + 1.1 * (1.0 - rise));
    col *= clamp(light, 0.35, 1.6) * (0.62 + 0.48 * rise);
    col += 0.35 * (1.0 - smoothstep(0.0, 0.20, length(away - 0.17 * sun)));
    return vec4(col, smoothstep(0.035, 0.07, s.x) * step(gaps, hash(s.yz + 3.0)));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float zoom = 4.2 + 1.4 * sin(iTime * 0.21);
    vec2 p = uv * zoom + vec2(0.15, 0.55) * iTime;
    float bank = 0.5 + 0.5 * sin(iTime * 0.16);

    // The surface bends the view.
    vec2 w = p * 0.8 + vec2(0.0, -0.9 * iTime);
    float swell = vnoise(w * 1.7) + 0.5 * vnoise(w * 4.1 + iTime);
    vec2 bend = vec2(vnoise(w * 1.7 + vec2(0.3, 0)) - vnoise(w * 1.7), vnoise(w * 1.7 + vec2(0, 0.3)) - vnoise(w * 1.7));
    vec2 q = p + 0.22 * bend;

    vec2 sun = normalize(vec2(cos(0.2 * iTime), sin(0.2 * iTime)));
    vec4 gravel = bed(q * 3.3 + 19.0, 1.0 - bank, sun, 0.0);
    vec3 col = mix(vec3(0.30, 0.26, 0.20), gravel.rgb, gravel.a);
    vec2 unused;
    vec3 caster = stones(q + 0.10 * sun, unused);
    col *= 1.0 - 0.55 * smoothstep(-0.02, 0.12, caster.x) * step(0.22, hash(caster.yz + 3.0));
    vec4 cobble = bed(q, bank, sun, 0.22);
    col = mix(col, cobble.rgb * 1.2, cobble.a);

    // Water: tint by depth, caustic threads, sky glints.
    float depth = vnoise(p * 0.35 + 7.0);
    vec3 water = mix(vec3(0.35, 0.78, 0.68), vec3(0.10, 0.38, 0.55), depth);
    col = mix(col, col * water * 2.0 + water * 0.12, smoothstep(0.25, 0.75, depth));
    float thread = abs(vnoise(w * 3.6 + bend * 2.0) - vnoise(w * 3.6 + 40.0 + 0.5 * iTime));
    col += vec3(0.9, 0.95, 0.7) * 0.30 * (1.0 - smoothstep(0.0, 0.09, thread));
    col += vec3(0.8, 0.9, 1.0) * 0.5 * smoothstep(0.30, 0.42, bend.x + bend.y) * swell;
    fragColor = vec4(col, 1.0);
}
