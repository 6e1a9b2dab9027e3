// Title: Starry Strokes
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: flows

// Line integral convolution of a curl field: bristle noise is smeared along
// the stream lines, so the picture is built of long brush strokes.

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

// Divergence-free velocity from drifting eddies and a breeze.
vec2 wind(vec2 p) {
    vec2 v = vec2(0.55 + 0.25 * sin(iTime * 0.2), 0.22 * cos(p.x * 1.7 + 0.3 * iTime));
    for (int i = 0; i < 6; i++) {
        float fi = float(i);
        vec2 eye = vec2(0.80 * sin(fi * 2.4 + iTime * (0.11 + 0.02 * fi)), 0.62 * cos(fi * 1.7 + iTime * (0.17 - 0.02 * fi)));
        vec2 d = p - eye;
        float power = (mod(fi, 2.0) < 0.5 ? 1.0 : -1.0) * (0.16 + 0.06 * fi);
        v += power * vec2(-d.y, d.x) / (0.018 + dot(d, d)) * 0.42;
    }
    return v;
}

vec3 oil(float x, float canvas) {
    int s = int(mod(canvas + 0.5, 3.0));
    vec3 a = s == 0 ? rgb(0x14306B) : s == 1 ? rgb(0x6B2D1A) : rgb(0x1F4D3A);
    vec3 b = s == 0 ? rgb(0x2F78B7) : s == 1 ? rgb(0xD9722E) : rgb(0x5FA55A);
    vec3 c = s == 0 ? rgb(0x9AD1D4) : s == 1 ? rgb(0xF5C469) : rgb(0xE6E08C);
    vec3 d = s == 0 ? rgb(0xF6D55C) : s == 1 ? rgb(0x5FB0A5) : rgb(0xE58CA8);
    vec3 e = s == 0 ? rgb(0xFFF3D0) : s == 1 ? rgb(0xF9EBD2) : rgb(0xFFF5F0);
    x = clamp(x, 0.0, 0.999) * 4.0;
    float f = smoothstep(0.2, 0.8, fract(x));
    return x < 1.0 ? mix(a, b, f) : x < 2.0 ? mix(b, c, f) : x < 3.0 ? mix(c, d, f) : mix(d, e, f);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    vec2 p = uv * (1.55 + 0.35 * sin(iTime * 0.23));

    // Walk both ways along the stream line, gathering bristles and pigment.
    float bristle = 0.0, weight = 0.0, tone = 0.0, relief = 0.0;
    for (int dir = -1; dir <= 1; dir += 2) {
        vec2 q = p;
        for (int i = 0; i < 7; i++) {
            vec2 v = wind(q);
            q += float(dir) * 0.021 * v / (length(v) + 0.05);
            float w = 1.0 - float(i) / 8.0;
            float n = vnoise(q * 46.0 + 3.0 * floor(iTime * 0.25));
            bristle += w * n;
            relief += w * float(dir) * n;
            tone += w * (0.65 * vnoise(q * 2.6 - 0.12 * iTime) + 0.35 * vnoise(q * 11.0 + 5.0));
            weight += w;
        }
    }
    bristle /= weight;
    tone /= weight;

    // Stars sit in the eddies; their halo lifts the tone in rings.
    float halo = 0.0;
    for (int i = 0; i < 6; i++) {
        float fi = float(i);
        vec2 eye = vec2(0.80 * sin(fi * 2.4 + iTime * (0.11 + 0.02 * fi)), 0.62 * cos(fi * 1.7 + iTime * (0.17 - 0.02 * fi)));
        float r = length(p - eye);
        float size = 0.22 + 0.04 * fi;
        halo += (1.0 - smoothstep(0.0, size, r)) * (0.65 + 0.35 * cos(r * 70.0 - iTime));
    }
    vec2 v = wind(p);
    float speed = length(v);
    float canvas = floor(iTime / 14.0 + 0.5 + 0.15 * (uv.x + tone));
    float x = 1.35 * (tone - 0.22) + 0.9 * (bristle - 0.5) + 0.55 * halo + 0.05 * sin(3.0 * atan(v.y, v.x));
    vec3 col = oil(x, canvas);

    // Village or hills along the foot of the picture, painted with the same strokes.
    float ridge = -0.52 + 0.16 * vnoise(vec2(p.x * 2.1 + 0.15 * iTime, 3.0)) + 0.05 * bristle;
    vec3 land = mix(oil(0.02, canvas) * 0.75, oil(0.45, canvas + 2.0), smoothstep(0.3, 0.75, tone * 0.5 + bristle * 0.6));
    col = mix(col, land, 1.0 - smoothstep(-0.012, 0.012, p.y - ridge));

    // Impasto: light across the strokes.
    float ridgeLight = (bristle - 0.5) * 2.2 + 0.05 * relief;
    col *= 0.90 + 0.45 * ridgeLight;
    col += 0.10 * smoothstep(0.62, 0.75, bristle);
    col = mix(col, col.bgr, 0.12 * smoothstep(1.5, 4.0, speed));
    fragColor = vec4(col, 1.0);
}
