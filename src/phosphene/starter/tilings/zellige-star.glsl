// Title: Zellige Star
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: tilings

// Islamic star pattern on octagons and squares: straps leave the middle of
// each side at an angle that breathes, between hand-glazed tiles.

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

vec3 glaze(float pick, float shop) {
    int k = int(fract(pick) * 5.999), s = int(mod(shop, 4.0));
    int a[6] = int[6](0x0B5FA5, 0x12A5A0, 0xF4E4C1, 0xD9902F, 0x123A5A, 0x5BB48A);
    int b[6] = int[6](0xB3382C, 0xE8A33D, 0x1F6F5C, 0xF6E8D5, 0x6B2737, 0x2A4D8F);
    int c[6] = int[6](0x7A3E9D, 0x2FB5C7, 0xF7D154, 0x33237A, 0xF2F0FA, 0xE0558B);
    int d[6] = int[6](0x3F7D20, 0xC8D96F, 0x72B01D, 0xFBF2C0, 0xD4552B, 0x1D4A3A);
    return rgb(s == 0 ? a[k] : s == 1 ? b[k] : s == 2 ? c[k] : d[k]);
}

// Fold p into one wedge of an n-gon; y keeps its sign in side.
vec2 wedge(vec2 p, float n, out float side, out float index) {
    float w = 6.2831853 / n, a = atan(p.y, p.x) + 0.5 * w;
    index = floor(a / w);
    a = mod(a, w) - 0.5 * w;
    side = sign(a);
    return length(p) * vec2(cos(a), abs(sin(a)));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float turn = 0.785 * smoothstep(0.3, 0.7, 0.5 + 0.5 * sin(iTime * 0.19)) + 0.05 * iTime;
    float zoom = 2.6 + 1.1 * sin(iTime * 0.27 + 0.5);
    vec2 p = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * uv * zoom + vec2(0.26, 0.17) * iTime;

    // Octagons on the integer lattice; what their corners leave are squares.
    const float SIDE = 0.41421356;
    vec2 id = floor(p), q = p - id - 0.5;
    float n = 8.0, r = 0.5, square = 0.0;
    if (abs(q.x) + abs(q.y) > 0.70710678) {
        square = 1.0;
        id = floor(p + 0.5);
        q = p - id;
        q = 0.70710678 * vec2(q.x + q.y, q.y - q.x);
        n = 4.0;
        r = 0.5 * SIDE;
    }
    float side, index;
    vec2 w = wedge(q, n, side, index);

    // The strap as a line through the middle of the side.
    float theta = 0.95 + 0.27 * sin(iTime * 0.33);
    vec2 mid = vec2(r, 0.0), normal = vec2(sin(theta), cos(theta));
    float cut = dot(w - mid, normal);                          // negative inside the star
    vec2 along = vec2(-normal.y, normal.x);
    float run = dot(w - mid, along);
    float strap = abs(cut);
    // A second, smaller star turned half a step, and a centre rosette.
    float side2, index2;
    float half_ = 3.14159265 / n;
    vec2 w2 = wedge(mat2(cos(half_), sin(half_), -sin(half_), cos(half_)) * q, n, side2, index2);
    float inner = dot(w2 - vec2(r * (0.52 + 0.08 * sin(iTime * 0.5)), 0.0), vec2(sin(theta + 0.2), cos(theta + 0.2)));
    float rosette = length(q) - r * 0.20 - r * 0.05 * cos(n * atan(q.y, q.x) + iTime);

    // The tile colours by region; neighbourhoods change shop one by one.
    float shop = floor(iTime / 11.0 + 0.5 * vnoise(id * 0.35) + 0.25);
    float odd = mod(id.x + id.y, 2.0);
    float region, tone;
    if (cut > 0.0)          { region = square > 0.5 ? 0.55 : 0.70 + 0.15 * odd;  tone = index; }
    else if (inner > 0.0)   { region = 0.02 + 0.34 * odd + 0.18 * square;        tone = 20.0 + index2 + 9.0 * side2; }
    else if (rosette > 0.0) { region = 0.22 + 0.50 * odd;                        tone = 50.0 + index2; }
    else                    { region = 0.42 + 0.16 * odd;                        tone = 70.0; }
    vec3 col = glaze(region, shop);
    col *= 0.78 + 0.40 * hash(id * 3.0 + vec2(tone, square * 40.0));          // fired unevenly
    col *= 0.86 + 0.24 * vnoise(p * 11.0);

    // Grout between the glazed pieces, then the raised strap with its weave.
    float grout = min(abs(inner) + 9.0 * step(0.0, cut), abs(rosette) + 9.0 * step(0.0, cut));
    col = mix(glaze(0.75, shop) * 0.35, col, smoothstep(0.004, 0.014, grout));
    float wide = 0.034;
    vec2 lamp = vec2(cos(0.4 * iTime), sin(0.4 * iTime));
    float under = smoothstep(0.0, 0.5, run / r) * 0.25 + 0.35 * step(side, 0.0) * (1.0 - smoothstep(0.03, 0.10, abs(run)));
    vec3 band = mix(glaze(0.38, shop), vec3(1.0, 0.96, 0.86), 0.72) * (1.02 - under);
    band *= 0.9 + 0.18 * dot(normalize(q + 1e-4), lamp) * sign(cut);
    col *= 1.0 - 0.5 * (1.0 - smoothstep(wide, wide + 0.045, strap));
    col = mix(col, glaze(0.75, shop) * 0.3, 1.0 - smoothstep(wide + 0.004, wide + 0.010, strap));
    col = mix(col, band, 1.0 - smoothstep(wide - 0.006, wide, strap));
    col = mix(col, glaze(0.1, shop), 1.0 - smoothstep(0.003, 0.007, strap));
    col += 0.10 * smoothstep(0.7, 1.0, sin(uv.x * 3.0 - uv.y * 2.0 + iTime * 0.5));
    fragColor = vec4(col, 1.0);
}
