// Title: Truchet Ribbons
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: tilings

// Three sheets of Truchet tiles, coarse over fine. Tiles are pairs of arcs or
// an over-and-under crossing; the ribbons carry stripes and cast shadows.

float hash(vec2 p) {
    uint n = uint(int(p.x)) * 0x9E3779B1u ^ uint(int(p.y)) * 0x85EBCA77u;
    n ^= n >> 15; n *= 0x2C1B3C6Du; n ^= n >> 12; n *= 0x297A2D39u; n ^= n >> 15;
    return float(n & 0xFFFFFFu) / 16777216.0;
}

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

vec3 thread(int sheet, float u, float suit) {
    int k = int(mod(floor(u), 4.0));
    int s = int(mod(suit + 0.5, 3.0));
    int a[12] = int[12](0x1D3557, 0x457B9D, 0xF1FAEE, 0xE63946, 0x2A9D8F, 0xE9C46A, 0xF4A261, 0x264653, 0x6D597A, 0xE56B6F, 0xEAAC8B, 0xFFF1E6);
    int b[12] = int[12](0x590D22, 0xFF758F, 0xFFF0F3, 0xA4133C, 0x3A5A40, 0xA3B18A, 0xDAD7CD, 0x588157, 0x003049, 0xF77F00, 0xFCBF49, 0xEAE2B7);
    int c[12] = int[12](0x5F0F40, 0x9A031E, 0xFB8B24, 0xFFE8D6, 0x0F4C5C, 0x5FA8D3, 0xCAE9FF, 0x1B4965, 0x4F772D, 0x90A955, 0xECF39E, 0x31572C);
    int at = sheet * 4 + k;
    return rgb(s == 0 ? a[at] : s == 1 ? b[at] : c[at]);
}

// Colour across and along one ribbon: d across in [-1, 1], u along.
vec3 ribbon(int sheet, float d, float u, float suit) {
    float e = abs(d);
    vec3 col = thread(sheet, 1.0 + floor(u * 0.5), suit);
    float chevron = step(0.5, fract(u * 2.0 + (sheet == 1 ? 0.0 : e)));
    vec3 second = thread(sheet, 3.0 + floor(u * 0.5), suit);
    if (sheet == 2) col = mix(col, second, step(0.34, e) * step(e, 0.60));          // double stripe
    else col = mix(col, second, chevron * step(e, 0.62));                          // chevrons or bars
    col = mix(col, thread(sheet, 2.0, suit), step(0.74, e));                       // selvedge
    return col * (1.08 - 0.42 * e * e);
}

// One sheet: rgb and coverage; shadow comes back through dark.
vec4 sheetAt(int sheet, vec2 p, float suit, out float dark) {
    vec2 id = floor(p), f = fract(p) - 0.5;
    float h = hash(id + 50.0 * float(sheet) + 7.0 * suit);
    float wide = 0.19, flow = iTime * 0.4;
    float d, u;
    vec4 outCol = vec4(0);
    if (h > 0.82) {
        // Crossing: the upper strand runs one way, the lower the other.
        if (h > 0.91) f = f.yx;
        dark = max(1.0 - smoothstep(wide, wide + 0.13, abs(f.x)), 1.0 - smoothstep(wide, wide + 0.13, abs(f.y)));
        if (abs(f.x) < wide) outCol = vec4(ribbon(sheet, f.x / wide, f.y * 2.0 + flow, suit), 1.0);
        else if (abs(f.y) < wide) outCol = vec4(ribbon(sheet, f.y / wide, f.x * 2.0 + flow, suit) * (1.0 - 0.6 * (1.0 - smoothstep(wide, wide + 0.14, abs(f.x)))), 1.0);
    } else {
        if (h > 0.41) f.x = -f.x;
        if (f.x + f.y > 0.0) f = -f;
        vec2 q = f + 0.5;
        d = length(q) - 0.5;
        u = atan(q.y, q.x) / 0.7853982 + (h > 0.41 ? flow : -flow);
        dark = 1.0 - smoothstep(wide, wide + 0.13, abs(d));
        if (abs(d) < wide) outCol = vec4(ribbon(sheet, d / wide, u, suit), 1.0);
    }
    return outCol;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float suit = floor(iTime / 9.0 + 0.35 + 0.12 * uv.x);
    float turn = 0.5 + 0.13 * iTime, zoom = 3.1 + 0.9 * sin(iTime * 0.37);
    vec2 p = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * uv * zoom;
    vec2 glide = vec2(0.23, 0.31) * iTime;

    vec3 col = thread(0, 0.0, suit) * 0.9 + 0.06;
    for (int s = 0; s < 3; s++) {
        float fine = s == 0 ? 2.6 : s == 1 ? 1.5 : 0.72;
        vec2 q = (p + glide * (0.6 + 0.3 * float(s))) * fine + 0.31 * float(s);
        float dark, unused;
        sheetAt(s, q + vec2(-0.07, 0.09), suit, dark);
        vec4 top = sheetAt(s, q, suit, unused);
        col *= 1.0 - 0.55 * dark;
        col = mix(col, top.rgb, top.a);
    }
    fragColor = vec4(col, 1.0);
}
