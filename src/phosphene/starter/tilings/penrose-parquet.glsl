// Title: Penrose Parquet
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: tilings

// A true Penrose rhomb floor: each pixel walks down seven subdivisions of
// Robinson triangles and remembers its ancestors for the larger pattern.

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

float cross2(vec2 a, vec2 b) { return a.x * b.y - a.y * b.x; }

// True when p and q lie on the same side of the line a-b.
bool together(vec2 p, vec2 q, vec2 a, vec2 b) { return cross2(b - a, p - a) * cross2(b - a, q - a) > 0.0; }

float segment(vec2 p, vec2 a, vec2 b) {
    vec2 d = b - a;
    return length(p - a - d * clamp(dot(p - a, d) / dot(d, d), 0.0, 1.0));
}

vec3 wood(float pick, float room) {
    int k = int(pick * 4.999), r = int(mod(room, 4.0));
    int a[5] = int[5](0xE2B07A, 0x9C5B32, 0xF3D9B1, 0x5E2F1E, 0xC98447);
    int b[5] = int[5](0x2F6690, 0x81C3D7, 0xF7F3E3, 0x16425B, 0xE3A857);
    int c[5] = int[5](0x6B9080, 0xF6BD60, 0xF28482, 0xF7EDE2, 0x84A59D);
    int d[5] = int[5](0x540D6E, 0xEE4266, 0xFFD23F, 0x3BCEAC, 0x0EAD69);
    return rgb(r == 0 ? a[k] : r == 1 ? b[k] : r == 2 ? c[k] : d[k]);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    const float GOLD = 1.61803399, WEDGE = 0.62831853;
    float turn = 0.11 * iTime;
    vec2 p = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * uv * (1.55 + 0.55 * sin(iTime * 0.31));
    p += (1.7 + 0.7 * sin(iTime * 0.09)) * vec2(cos(iTime * 0.16 + 2.0), sin(iTime * 0.16 + 2.0));

    // Ten acute triangles round the origin, alternately mirrored.
    float k = floor(atan(p.y, p.x) / WEDGE);
    const float R = 6.0;
    vec2 a = vec2(0), b = R * vec2(cos(k * WEDGE), sin(k * WEDGE)), c = R * vec2(cos((k + 1.0) * WEDGE), sin((k + 1.0) * WEDGE));
    if (mod(k, 2.0) > 0.5) { vec2 swap = b; b = c; c = swap; }
    float kind = 0.0, clan = 0.0;
    vec2 elder = vec2(0);
    float border = 9.0;
    for (int i = 0; i < 7; i++) {
        if (kind < 0.5) {
            vec2 m = a + (b - a) / GOLD;
            if (together(p, b, m, c)) { a = c; c = m; }                  // acute child (C, M, B)
            else { b = c; c = a; a = m; kind = 1.0; }                    // obtuse child (M, C, A)
            if (kind < 0.5) { vec2 keep = c; c = b; b = keep; }
        } else {
            vec2 q = b + (a - b) / GOLD, r = b + (c - b) / GOLD;
            if (together(p, b, q, r)) { a = q; vec2 keep = b; b = r; c = keep; }
            else if (together(p, c, r, a)) { vec2 keep = a; a = r; b = c; c = keep; }
            else { vec2 keep = a; a = r; b = q; c = keep; kind = 0.0; }
        }
        if (i == 3) { elder = a; clan = kind; border = min(segment(p, a, b), segment(p, a, c)); }
    }

    // Lay every rhomb along its own grain.
    vec2 base = b - c;
    float edge = min(segment(p, a, b), segment(p, a, c));
    vec2 centre = 0.5 * (b + c);
    float heading = floor(mod(atan(base.y, base.x) / (0.5 * WEDGE) + 0.5, 10.0));
    float room = floor(iTime / 9.0 + 0.3 + 0.35 * hash(floor(elder * 50.0)));
    float pick = fract(heading * 0.3 + 0.5 * kind + 0.23 * clan);
    vec2 along = normalize(base);
    vec2 grainAt = vec2(dot(p - centre, along), cross2(along, p - centre));
    float grain = vnoise(grainAt * vec2(9.0, 70.0) + 30.0 * hash(floor(centre * 90.0)));
    vec3 col = wood(pick, room) * (0.72 + 0.4 * grain);
    col *= 0.85 + 0.3 * hash(floor(centre * 90.0) + 3.0);

    // Inlays: diamonds in the fat rhombs, a bar in the thin ones.
    float size = length(b - a);
    vec3 inlay = wood(fract(pick + 0.4), room);
    float mark = kind > 0.5 ? length(p - centre) / size - 0.17 : segment(p, a, centre) / size - 0.04;
    col = mix(col, inlay, 1.0 - smoothstep(-0.02, 0.02, mark));
    // Rays of light catch the bevels; joints and clan borders in contrasting putty.
    vec2 lamp = vec2(cos(0.5 * iTime), sin(0.5 * iTime));
    vec2 away = normalize(p - centre + 1e-5);
    col *= 1.0 + 0.35 * dot(away, lamp) * (1.0 - smoothstep(0.02, 0.10, edge / size));
    col = mix(wood(0.65, room) * 0.45, col, smoothstep(0.015, 0.045, edge / size));
    col = mix(wood(0.5, room), col, smoothstep(0.010, 0.018, border));
    float pool = 0.5 + 0.5 * sin(2.3 * uv.x + 0.4 * iTime) * cos(1.9 * uv.y - 0.3 * iTime);
    fragColor = vec4(col * (0.82 + 0.32 * pool), 1.0);
}
