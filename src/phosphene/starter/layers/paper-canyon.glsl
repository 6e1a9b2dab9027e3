// Title: Paper Canyon
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: layers

// Eight sheets of coloured card with holes cut out, stacked in a light box;
// every sheet throws a soft shadow on those beneath it.

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

vec3 card(float depth, float box) {
    int s = int(mod(box, 4.0));
    int a[5] = int[5](0xFFE8A3, 0xF79D65, 0xE15A6A, 0x7B3B7D, 0x2F2A63);
    int b[5] = int[5](0xF5FBEF, 0xA8DCC0, 0x4FB0A6, 0x24708A, 0x17375E);
    int c[5] = int[5](0xFFF4D6, 0xC7D36F, 0x6FA04A, 0xC65D3B, 0x6E2A2A);
    int d[5] = int[5](0xFFD9E8, 0xF48FB1, 0x9C6ADE, 0x4C6FD8, 0x1FB5AD);
    float k = clamp(depth, 0.0, 0.999) * 4.0;
    int i = int(k);
    vec3 u = rgb(s == 0 ? a[i] : s == 1 ? b[i] : s == 2 ? c[i] : d[i]);
    vec3 v = rgb(s == 0 ? a[i + 1] : s == 1 ? b[i + 1] : s == 2 ? c[i + 1] : d[i + 1]);
    return mix(u, v, fract(k));
}

// Positive where the sheet has card. Sheet 0 is the deepest.
float sheet(int k, vec2 p, float motif) {
    float fk = float(k);
    vec2 c = 0.30 * vec2(sin(iTime * 0.21 + 0.2 * fk), cos(iTime * 0.17 - 0.15 * fk));
    vec2 d = p - c;
    float a = atan(d.y, d.x) + 0.10 * fk * sin(iTime * 0.2);
    float r = length(d);
    float ragged = vnoise(p * 2.6 + 9.0 * fk + 0.17 * iTime) - 0.5 + 0.35 * (vnoise(p * 7.0 + 5.0 * fk) - 0.5);
    float hole = 0.11 + 0.115 * fk;
    if (motif < 0.5) return r + 0.34 * ragged - hole;                                                    // cave
    if (motif < 1.5) return r * (1.0 + 0.16 * cos((5.0 + floor(mod(fk + 0.5, 3.0))) * a)) - hole + 0.05 * ragged;     // flowers
    if (motif < 2.5) return 0.20 - p.y - 0.115 * fk - 0.30 * ragged - 0.09 * sin(p.x * (3.0 + fk) + fk * 2.0 + 0.3 * iTime);  // ranges
    return vnoise(p * (1.6 + 0.1 * fk) + 0.13 * iTime + vec2(0.02 * fk)) * 1.25 - 0.16 - 0.095 * fk + 0.10 * ragged;       // contour pools
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    vec2 p = uv * (1.15 + 0.15 * sin(iTime * 0.3));
    float box = floor(iTime / 6.0 + 0.1), motif = mod(box, 4.0);
    float open = smoothstep(0.0, 0.12, fract(iTime / 6.0 + 0.1));
    box += floor(box / 4.0);                                  // palette and motif drift apart
    float lampAngle = 0.8 + 0.8 * sin(iTime * 0.23);
    vec2 lamp = vec2(cos(lampAngle), sin(lampAngle));

    // The lit back sheet: glow, sun and a few birds or stars.
    vec3 col = card(0.0, box) * (0.86 + 0.22 * uv.y);
    vec2 sun = vec2(0.35 * sin(iTime * 0.31), 0.16 + 0.12 * cos(iTime * 0.27));
    float disc = length(p - sun);
    col = mix(col, card(0.25, box), 0.7 * step(0.5, fract(atan(p.y - sun.y, p.x - sun.x) * 2.5465 + 0.05 * iTime)));
    col = mix(col, card(0.42, box + 1.0), 1.0 - smoothstep(0.13, 0.136, disc));
    col = mix(col, card(0.0, box) * 1.08, (1.0 - smoothstep(0.092, 0.098, disc)) * step(0.5, fract((p.y - sun.y) * 22.0)));

    for (int k = 0; k < 8; k++) {
        float fk = float(k);
        vec2 q = p * (1.0 + (1.0 - open) * 0.35 * fk) + 0.004 * fk * lamp;
        float here = sheet(k, q, motif);
        float above = sheet(k, q + lamp * (0.022 + 0.005 * fk), motif);
        float wide = 0.05 + 0.012 * fk;
        col *= 1.0 - 0.55 * smoothstep(-wide, wide * 0.7, above);
        vec3 paper = card(0.16 + 0.105 * fk, box);
        // Fibre, a tint that drifts, printed motif on every other sheet.
        float fibre = vnoise(p * vec2(60.0, 22.0) + 13.0 * fk) * 0.6 + vnoise(p * 140.0) * 0.4;
        paper *= 0.90 + 0.18 * fibre;
        paper *= 0.92 + 0.16 * vnoise(p * 1.5 + fk);
        if (mod(fk + box + 0.5, 3.0) < 1.0) {
            vec2 g = fract(p * 13.0 + vec2(0.5 * mod(floor(p.y * 13.0), 2.0), 0.0)) - 0.5;
            paper = mix(paper, card(0.9 - 0.1 * fk, box), 0.55 * (1.0 - smoothstep(0.15, 0.20, length(g))));
        } else if (mod(fk + box + 0.5, 3.0) < 2.0) paper = mix(paper, paper * 1.18, step(0.5, fract(here * 16.0)));
        // The cut edge shows white where it faces the lamp.
        float thick = here - (above - here) * 0.008 / (0.022 + 0.005 * fk);
        paper = mix(paper, paper * 0.3 + 0.7, step(thick, 0.0));
        col = mix(col, paper, smoothstep(0.0, 0.006, here));
    }
    fragColor = vec4(col, 1.0);
}
