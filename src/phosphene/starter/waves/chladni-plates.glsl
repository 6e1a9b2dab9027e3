// Title: Chladni Plates
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: waves

// Sand gathering on the still lines of vibrating plates, each plate with its
// own metal and tone; the tone slides up until a new figure locks in.

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

// Standing wave of a square plate: a mix of two modes.
float mode(vec2 p, float m, float n, float mixIn) {
    const float PI = 3.14159265;
    float a = cos(m * PI * p.x) * cos(n * PI * p.y), b = cos(n * PI * p.x) * cos(m * PI * p.y);
    return mix(a - b, a + b, mixIn);
}

// Standing wave of a round plate.
float drum(vec2 p, float m, float n) {
    float r = length(p), a = atan(p.y, p.x);
    return cos(n * 3.3 * r + 0.4) * cos(m * a) + 0.3 * cos(n * 5.1 * r);
}

float figure(vec2 p, float seed, float round_) {
    float m = 1.0 + floor(5.0 * hash(vec2(seed, 3.0))), n = m + 1.0 + floor(4.0 * hash(vec2(seed, 5.0)));
    return round_ > 0.5 ? drum(p, m + 1.0, n * 0.7) : mode(0.5 * p, m, n, step(0.5, hash(vec2(seed, 8.0))));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    // The bench scrolls by; plates come in two sizes.
    float zoom = 1.5 + 0.5 * sin(iTime * 0.24);
    vec2 p = uv * zoom + vec2(0.16 * iTime, 0.35 * sin(iTime * 0.19));
    p = mat2(0.96, 0.28, -0.28, 0.96) * p;
    vec2 id = floor(p), q = fract(p) * 2.0 - 1.0;
    if (hash(id + 4.0) < 0.38) { vec2 s = fract(p) * 2.0; id = floor(p * 2.0) + 200.0; q = fract(s) * 2.0 - 1.0; }
    float h = hash(id + 11.0), k = hash(id + 21.0), round_ = step(0.55, hash(id + 31.0));

    float clock = iTime / 6.0 + h, seed = floor(clock) + 40.0 * h;
    float slide = smoothstep(0.70, 1.0, fract(clock));
    float now = figure(q, seed, round_), later = figure(q, seed + 1.0, round_);
    float wave = mix(now, later, slide);

    // Plate metal: brushed, lit, with a sheen of heat colours.
    vec3 metal = k < 0.2 ? rgb(0xC08A3E) : k < 0.4 ? rgb(0x2E6F95) : k < 0.6 ? rgb(0xA63D40) : k < 0.8 ? rgb(0x3F7D58) : rgb(0x6A4C93);
    vec3 sheen = k < 0.2 ? rgb(0xF6E27F) : k < 0.4 ? rgb(0x9BE8D8) : k < 0.6 ? rgb(0xF9B384) : k < 0.8 ? rgb(0xD7E36B) : rgb(0xF2A1C0);
    float brush = round_ > 0.5 ? vnoise(vec2(length(q) * 60.0, h * 9.0)) : vnoise(q * vec2(3.0, 70.0));
    float light = 0.5 + 0.5 * sin(2.0 * q.x + 1.5 * q.y + 0.6 * iTime + 6.0 * h + (round_ > 0.5 ? 2.0 * atan(q.y, q.x) : 0.0));
    vec3 col = mix(metal, sheen, 0.55 * light * light) * (0.78 + 0.3 * brush);
    col = mix(col, sheen.gbr, 0.22 * smoothstep(0.2, 1.4, abs(wave)));
    col *= 0.86 + 0.2 * (1.0 - smoothstep(0.0, 0.05, abs(fract(abs(wave) * 2.5) - 0.5) - 0.42));

    // Sand: dense near the nodes, loose grains hopping elsewhere.
    float slope = 0.35 + 0.25 * length(vec2(figure(q + vec2(0.02, 0), seed, round_), figure(q + vec2(0, 0.02), seed, round_)) - now) / 0.02 * 0.2;
    float grain = hash(floor(p * 95.0) + floor(iTime * 3.0) * step(0.3, abs(wave)));
    float bank = 1.0 - smoothstep(0.04, 0.30, abs(wave) / slope);
    float sand = step(1.0 - bank * 1.25 + 0.02, grain + 0.12);
    float lit = smoothstep(-0.2, 0.2, wave);
    vec3 pale = mix(rgb(0xFFF6DD), rgb(0xE7C98F), grain) * (0.82 + 0.22 * lit);
    col *= 1.0 - 0.45 * (1.0 - smoothstep(0.2, 0.55, abs(wave + 0.08) / slope));
    col = mix(col, pale, sand);

    // Plate outline, its shadow, the bolt, and the felt of the bench.
    float edge = round_ > 0.5 ? length(q) - 0.93 : max(abs(q.x), abs(q.y)) - 0.90;
    vec2 o = q + vec2(-0.06, 0.08);
    float drop = round_ > 0.5 ? length(o) - 0.93 : max(abs(o.x), abs(o.y)) - 0.90;
    float night = 0.5 + 0.5 * sin(iTime * 0.21);
    vec3 felt = mix(rgb(0x1F6E5B), rgb(0x5B3A7A), night) * (0.7 + 0.5 * vnoise(p * 55.0)) + 0.08 * vnoise(p * 6.0);
    felt *= 1.0 - 0.55 * (1.0 - smoothstep(-0.02, 0.10, drop));
    col = mix(col, mix(sheen, vec3(1), 0.4), smoothstep(-0.035, -0.02, edge));
    col = mix(col, felt, smoothstep(-0.008, 0.008, edge));
    float bolt = length(q);
    col = mix(col, mix(rgb(0x30343F), rgb(0xE8E9EB), 0.5 + 4.0 * dot(q, vec2(-0.7, 0.7))), 1.0 - smoothstep(0.06, 0.075, bolt));
    fragColor = vec4(col, 1.0);
}
