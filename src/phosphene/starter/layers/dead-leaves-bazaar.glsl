// Title: Dead Leaves Bazaar
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: layers

// The dead-leaves model as a toy shop: opaque shapes of every size with a
// power law of scales, patterned all over, each living and dying in its cell.

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

vec3 toy(float pick, float shelf) {
    int k = int(fract(pick) * 7.999), s = int(mod(shelf + 0.5, 3.0));
    int a[8] = int[8](0xF94144, 0xF8961E, 0xF9C74F, 0x90BE6D, 0x43AA8B, 0x577590, 0xFDF6E3, 0x3D2C5E);
    int b[8] = int[8](0x264653, 0x2A9D8F, 0xE9C46A, 0xF4A261, 0xE76F51, 0xFDF0D5, 0x8AB17D, 0x9D4EDD);
    int c[8] = int[8](0xFF99C8, 0xFCF6BD, 0xD0F4DE, 0x5FA8E8, 0xB388EB, 0xF26430, 0x2D6A4F, 0x7B2D26);
    return rgb(s == 0 ? a[k] : s == 1 ? b[k] : c[k]);
}

// Signed distance to a shape of about unit radius.
float shape(vec2 p, float kind) {
    float r = length(p), a = atan(p.y, p.x);
    if (kind < 1.0) return r - 0.9;                                                       // disc
    if (kind < 2.0) { vec2 d = abs(p) - vec2(0.75, 0.6); return length(max(d, 0.0)) + min(max(d.x, d.y), 0.0) - 0.08; }
    if (kind < 3.0) return abs(r - 0.66) - 0.24;                                          // ring
    if (kind < 4.0) { float w = mod(a, 2.0943951) - 1.0471976; return r * cos(w) - 0.48; } // triangle
    if (kind < 5.0) { float w = abs(mod(a, 1.2566371) - 0.6283185); return dot(r * vec2(cos(w), sin(w)) - vec2(0.95, 0.0), vec2(0.50, 0.866)) + 0.34; } // star
    if (kind < 6.0) return max(r - 0.92, -p.y);                                           // half disc
    if (kind < 7.0) { p.x -= clamp(p.x, -0.55, 0.55); return length(p) - 0.36; }          // pill
    if (kind < 8.0) { vec2 q = abs(p); return max(min(q.x, q.y) - 0.27, max(q.x, q.y) - 0.85); } // plus
    return r - 0.70 - 0.18 * cos(6.0 * a);                                                // flower
}

vec3 wrap(vec2 p, float d, float h, float shelf) {
    vec3 a = toy(h, shelf), b = toy(h + 0.41, shelf);
    float kind = fract(h * 57.0) * 8.0, fine = 2.0 + 5.0 * fract(h * 91.0);
    vec2 g = fract(p * fine) - 0.5;
    if (kind < 1.0) return mix(a, b, step(0.5, fract(p.x * fine)));
    if (kind < 2.0) return mix(a, b, 1.0 - smoothstep(0.25, 0.30, length(g)));
    if (kind < 3.0) return mix(a, b, step(0.0, g.x * g.y));
    if (kind < 4.0) return mix(a, b, step(0.5, fract(d * fine)));
    if (kind < 5.0) return mix(a, b, smoothstep(-0.8, 0.8, p.y));
    if (kind < 6.0) return mix(a, b, smoothstep(0.45, 0.55, vnoise(p * fine * 1.5 + 9.0 * h)));
    if (kind < 7.0) return mix(a, b, step(0.5, fract(p.y * fine + 0.25 * sin(p.x * fine * 3.0))));
    return a;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float shelf = floor(iTime / 11.0 + 0.5);
    vec2 lamp = vec2(-0.6, 0.8);
    vec3 col = vec3(0);
    float open = 1.0, dark = 1.0;

    // Front to back, so most rays stop early. Scales alternate big and small.
    for (int k = 0; k < 13; k++) {
        if (open < 0.02) break;
        float fk = float(k);
        float scale = k > 9 ? 1.2 + 0.4 * (fk - 10.0) : exp2(0.5 + 2.3 * fract(fk * 0.618 + 0.2));
        float turn = 0.7 * fk;
        vec2 p = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * (uv + vec2(0.018, 0.03) * iTime * (1.0 + 0.2 * fk)) * scale + 23.0 * fk;
        vec2 c = floor(p), f = p - c - 0.5;
        float h = hash(c + fk), clock = iTime / (7.0 + 6.0 * h) + 9.0 * h;
        float gen = floor(clock), life = fract(clock);
        float m = hash(c + 31.0 * floor(mod(gen + 0.5, 100.0)) + 7.0 * fk);
        if (m < 0.25 && k < 10) continue;
        float grow = smoothstep(0.0, 0.12, life) * (1.0 - smoothstep(0.90, 1.0, life));
        if (k > 9) grow = 1.0;
        float size = (k > 9 ? 0.72 : 0.36 + 0.12 * m) * grow + 1e-3;
        float a = 6.2831853 * fract(m * 17.0) + (m - 0.5) * iTime * 0.35;
        mat2 spin = mat2(cos(a), -sin(a), sin(a), cos(a));
        float kind = k == 12 ? 1.0 : fract(m * 29.0) * 9.0;
        vec2 q = spin * f / size;
        float d = shape(q, kind);
        float soft = 1.1 * scale / (size * iResolution.y);
        float cover = k == 12 ? 1.0 : 1.0 - smoothstep(-soft, soft, d);
        vec3 skin = wrap(q, d, fract(m * 7.3 + 0.1 * fk), shelf + floor(0.35 + 0.5 * m));
        // Felt-like bevel with a lit rim, then outline.
        float tilt = shape(q + spin * lamp * 0.12 / 1.0, kind) - d;
        skin *= 0.95 + 0.22 * clamp(tilt * 8.0, -1.0, 1.0) * smoothstep(-0.30, 0.0, d);
        skin *= 0.92 + 0.14 * vnoise(f * 40.0);
        skin = mix(skin, skin * 0.35, smoothstep(-0.07, -0.03, d) * step(0.5, fract(m * 43.0)));
        col += open * cover * skin * dark;
        open *= 1.0 - cover;
        // What lies further down receives this shape's shadow.
        vec2 toward = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * lamp;
        float shade = shape(spin * (f + toward * (0.05 + 0.02 * scale)) / size, kind) * size / scale;
        dark *= 1.0 - 0.36 * (1.0 - smoothstep(-0.015, 0.022, shade)) * grow;
    }
    col += open * toy(0.8, shelf) * dark;
    fragColor = vec4(col, 1.0);
}
