// Title: Poster Wall
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: layers

// A hoarding pasted over for years: tilted bills with torn edges, invented
// lettering, halftone suns, barcodes and tape, new ones arriving all the time.

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

vec3 ink(float pick, float run) {
    int k = int(fract(pick) * 6.999), s = int(mod(run + 0.5, 3.0));
    int a[7] = int[7](0xE63946, 0xF1FAEE, 0x1D3557, 0xFFB703, 0x2A9D8F, 0xF4A3B4, 0x6A4C93);
    int b[7] = int[7](0x0077B6, 0xFEFAE0, 0xD62828, 0x80B918, 0xFCBF49, 0x3C096C, 0x00A896);
    int c[7] = int[7](0xFF006E, 0xFFF8F0, 0x3A5A40, 0xFB5607, 0x8338EC, 0xFFD60A, 0x219EBC);
    return rgb(s == 0 ? a[k] : s == 1 ? b[k] : c[k]);
}

// Invented letters: each is a few strokes on a 3 x 5 grid.
float glyphs(vec2 p, float seed) {
    vec2 id = floor(p), f = fract(p);
    if (f.x > 0.82 || f.y > 0.78 || hash(vec2(id.x, seed + 90.0)) < 0.14) return 0.0;
    vec2 cell = floor(f / vec2(0.82, 0.78) * vec2(3.0, 5.0));
    float bit = hash(cell + vec2(17.0 * id.x, 29.0 * id.y + seed));
    return step(cell.x < 0.5 ? 0.25 : 0.52, bit);
}

vec3 poster(vec2 p, vec2 half_, float h, float run) {
    vec3 ground = ink(h, run), one = ink(h + 0.31, run), two = ink(h + 0.58, run);
    vec2 u = p / half_;                                            // -1..1
    float kind = fract(h * 23.0) * 6.0;
    vec3 col = ground;
    if (kind < 1.0) {                                              // halftone sun over stripes
        col = mix(ground, one, step(0.5, fract(u.y * 4.0)) * step(u.y, -0.1));
        vec2 g = fract(p * 26.0) - 0.5;
        float r = length(p - vec2(0.0, 0.25 * half_.y)) / half_.x;
        col = mix(col, two, step(length(g), 0.68 * (1.0 - smoothstep(0.2, 0.95, r))));
    } else if (kind < 2.0) {                                       // big word and small print
        col = mix(col, one, glyphs(vec2(u.x * 2.0 + 2.0, u.y * 1.3 + 0.3), floor(h * 900.0)) * step(abs(u.x), 0.9) * step(-0.25, u.y));
        col = mix(col, two, glyphs(vec2(u.x * 9.0, u.y * 9.0), floor(h * 700.0)) * step(abs(u.x), 0.85) * step(u.y, -0.35) * step(-0.9, u.y));
    } else if (kind < 3.0) {                                       // rays
        float a = atan(p.y + 0.5 * half_.y, p.x);
        col = mix(ground, one, step(0.5, fract(a * 2.86)));
        col = mix(col, two, step(length(p + vec2(0.0, 0.5 * half_.y)), 0.45 * half_.x));
    } else if (kind < 4.0) {                                       // hills and moon
        col = mix(ground, two, u.y * 0.5 + 0.5);
        col = mix(col, ink(h + 0.15, run), step(length(p - 0.4 * half_), 0.25 * half_.x));
        for (int i = 0; i < 3; i++) {
            float top = 0.25 - 0.35 * float(i) + 0.30 * sin(u.x * (2.0 + float(i)) + 9.0 * h + 2.0 * float(i));
            col = mix(col, mix(one, ground * 0.5, 0.33 * float(i)), step(u.y, top));
        }
    } else if (kind < 5.0) {                                       // blocks of a modern painting
        vec2 g = floor(u * 2.0 + 0.4 * sin(h * vec2(50.0, 70.0)));
        col = ink(hash(g + floor(h * 500.0)), run);
        vec2 l = abs(fract(u * 2.0 + 0.4 * sin(h * vec2(50.0, 70.0))) - 0.5);
        col = mix(col, vec3(0.12, 0.10, 0.14), step(0.46, max(l.x, l.y)));
    } else {                                                       // concentric target and barcode
        float r = length(p) / half_.x;
        col = mix(ground, one, step(0.5, fract(r * 3.5)) * step(r, 1.0));
        float bars = step(0.5, hash(vec2(floor(p.x * 70.0), floor(h * 300.0))));
        if (u.y < -0.68) col = mix(ink(0.2, run), vec3(0.13), bars * step(-0.92, u.y) * step(abs(u.x), 0.8));
    }
    float margin = max(abs(u.x), abs(u.y));
    return mix(col, fract(h * 5.0) > 0.5 ? rgb(0xF8F3E8) : col, step(0.92, margin));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float run = floor(iTime / 18.0 + 0.4);
    vec2 wall = uv * (1.1 + 0.2 * sin(iTime * 0.29)) + vec2(0.10 * iTime, 0.07 * sin(iTime * 0.4));

    // Bare brick shows only in gaps.
    vec2 b = wall * vec2(7.0, 16.0);
    b.x += 0.5 * mod(floor(b.y), 2.0);
    vec2 joint = min(fract(b), 1.0 - fract(b)) / vec2(7.0, 16.0);
    vec3 col = mix(rgb(0xB8B0A2), mix(rgb(0x8E3B2E), rgb(0xC9714F), hash(floor(b))), step(0.006, min(joint.x, joint.y)));
    col *= 0.75 + 0.4 * vnoise(wall * 40.0);

    for (int k = 0; k < 8; k++) {
        float fk = float(k);
        float scale = 1.0 + 0.9 * fract(fk * 0.618);
        vec2 p = wall * scale + vec2(3.7, 5.1) * fk, base = floor(p);
        vec2 c = base, f = p - base - 0.5;
        float h = hash(c + 11.0 * fk), clock = iTime / 11.0 + 5.0 * h, gen = mod(floor(clock), 64.0);
        float m = hash(c + 3.0 + 13.0 * gen + fk);
        if (m < 0.22) continue;
        float put = smoothstep(0.0, 0.06, fract(clock));
        float a = 0.5 * (fract(m * 31.0) - 0.5) + (1.0 - put) * 0.8;
        vec2 q = mat2(cos(a), sin(a), -sin(a), cos(a)) * f;
        vec2 half_ = mix(vec2(0.30, 0.40), vec2(0.42, 0.30), step(0.55, fract(m * 7.0))) * (1.5 - 0.5 * put);
        // A torn side: the border is bitten by noise, and white pulp shows.
        float bite = 0.16 * vnoise(q * 6.0 + 40.0 * m) + 0.05 * vnoise(q * 25.0);
        float torn = dot(q, vec2(cos(40.0 * m), sin(40.0 * m))) - 0.30 + bite;
        vec2 e = abs(q) - half_;
        float d = max(e.x, e.y);
        if (fract(m * 3.0) > 0.45) d = max(d, torn);
        else torn = -1.0;
        vec2 under = abs(q + vec2(-0.025, 0.035)) - half_;
        float shade = max(max(under.x, under.y), torn - 0.02);
        col *= 1.0 - 0.50 * put * (1.0 - smoothstep(-0.02, 0.05, shade));
        vec3 print = poster(q, half_, fract(m * 11.0 + 0.13 * fk), run + floor(fract(m * 19.0) + 0.3));
        float crease = abs(vnoise(q * 3.0 + 70.0 * m) - 0.5);
        print *= 0.86 + 0.12 * smoothstep(0.0, 0.03, crease) + 0.10 * vnoise(q * 30.0);
        print = mix(print, rgb(0xF5F0E6), smoothstep(-0.045, -0.035, torn));
        col = mix(col, print, 1.0 - smoothstep(-0.004, 0.004, d));
        // Tape on two corners.
        vec2 t = abs(q) - half_ + 0.03;
        vec2 r45 = 0.7071 * vec2(t.x - t.y, t.x + t.y);
        if (torn < 0.0 && q.x * q.y > 0.0 && abs(r45.x) < 0.07 && abs(r45.y) < 0.03) col = mix(col, rgb(0xEBD9A0), 0.75);
    }
    float sunbeam = smoothstep(0.0, 0.25, sin(uv.x * 2.0 + uv.y * 1.2 - 0.3 * iTime));
    fragColor = vec4(col * mix(vec3(0.78, 0.80, 0.92), vec3(1.08, 1.04, 0.97), sunbeam), 1.0);
}
