// Title: Storm Bands
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: flows

// Cloud belts of a gas giant: zonal jets shear folded noise, oval storms roll
// between them, and the probe crosses from latitude to latitude.

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

float fbm(vec2 p) {
    float sum = 0.0, amp = 0.5;
    for (int i = 0; i < 4; i++) {
        sum += amp * vnoise(p);
        p = mat2(1.7, 0.9, -0.9, 1.7) * p + 4.1;
        amp *= 0.5;
    }
    return sum;
}

vec3 belt(float y, float world) {
    int s = int(mod(world + 0.5, 3.0));
    int a[6] = int[6](0xF3E3C3, 0xC9824A, 0xE9C08F, 0x8C4A2F, 0xFFF6E5, 0x6F8FA6);
    int b[6] = int[6](0xBFE7EA, 0x2E86AB, 0x7CC6C3, 0x1B4079, 0xF1FAEE, 0xE59BA8);
    int c[6] = int[6](0xF6D6AD, 0xB5446E, 0xE98A6D, 0x5D2E6B, 0xFFF0DB, 0x4FA095);
    float k = mod(y, 6.0), f = smoothstep(0.30, 0.70, fract(k));
    int i = int(k), j = int(mod(floor(k) + 1.5, 6.0));
    return s == 0 ? mix(rgb(a[i]), rgb(a[j]), f) : s == 1 ? mix(rgb(b[i]), rgb(b[j]), f) : mix(rgb(c[i]), rgb(c[j]), f);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float lean = 0.35 * sin(iTime * 0.15);
    vec2 p = mat2(cos(lean), sin(lean), -sin(lean), cos(lean)) * uv * (2.0 + 0.7 * sin(iTime * 0.27 + 1.0));
    p += vec2(0.25 * iTime, 1.9 * sin(iTime * 0.083) + 0.13 * iTime);
    float world = floor(iTime / 16.0 + 0.6 + 0.08 * p.y);

    // Storms: one per long cell; each rotates the coordinates around its eye.
    float eye = 0.0, rim = 0.0, spin = 0.0;
    for (int layer = 0; layer < 2; layer++) {
        vec2 size = layer == 0 ? vec2(2.3, 1.25) : vec2(0.95, 0.52);
        vec2 g = p / size + vec2(0.07 * iTime * (layer == 0 ? 1.0 : -1.0), 0.3);
        vec2 c = floor(g);
        float h = hash(c + 9.0 * float(layer));
        vec2 d = (g - c - 0.5 - 0.18 * (vec2(h, hash(c + 3.0)) - 0.5)) * size;
        float radius = (0.26 + 0.22 * h) * size.y;
        float r = length(d * vec2(0.62, 1.0)) / radius;
        if (h > 0.38) {
            float hold = 1.0 - smoothstep(0.2, 1.5, r);
            float a = hold * (3.2 + 2.2 * sin(0.3 * iTime + 6.0 * h)) * (h > 0.7 ? -1.0 : 1.0);
            vec2 turned = mat2(cos(a), sin(a), -sin(a), cos(a)) * (d * vec2(0.62, 1.0)) / vec2(0.62, 1.0);
            p += turned - d;
            float core = 1.0 - smoothstep(0.75, 1.0, r + 0.12 * sin(8.0 * r - iTime + 3.0 * a));
            eye = max(eye, core * (layer == 0 ? 1.0 : 0.75));
            rim = max(rim, 1.0 - smoothstep(0.0, 0.30, abs(r - 1.05)));
            spin += hold * h;
        }
    }

    // Jets alternate in direction with latitude and fold the belt edges.
    float jet = 0.9 * sin(p.y * 3.6) + 0.4 * sin(p.y * 8.3 + 1.0);
    vec2 q = vec2(p.x + jet * (0.9 + 0.6 * sin(iTime * 0.11)), p.y);
    float fold = fbm(q * vec2(1.6, 3.4) + vec2(0.12 * iTime, 0.0));
    vec2 s = q + 0.45 * vec2(fbm(q * vec2(2.0, 5.0) + fold), fold) - 0.2;
    float curls = fbm(s * vec2(3.2, 9.0) + vec2(jet * 0.8, 0.3 * iTime * 0.2));
    float fil = abs(fbm(s * vec2(6.0, 15.0)) - 0.47);
    float edge = 1.0 - abs(cos(p.y * 3.6));
    float y = p.y * 1.9 + 0.85 * (fold - 0.5) * (0.5 + edge) + 0.55 * (curls - 0.5);

    vec3 col = belt(y, world);
    col = mix(col, belt(y + 2.0, world), 0.5 * smoothstep(0.50, 0.72, curls));
    col *= 0.80 + 0.42 * curls;
    col = mix(col, belt(4.5, world), 0.55 * (1.0 - smoothstep(0.0, 0.045, fil)));
    // Storm ovals take the warm accent, ringed with a pale collar.
    vec3 accent = int(mod(world + 0.5, 3.0)) == 0 ? rgb(0xD1502F) : int(mod(world + 0.5, 3.0)) == 1 ? rgb(0xF2A65A) : rgb(0xFFD166);
    col = mix(col, accent * (0.55 + 0.9 * curls) + 0.12 * (1.0 - smoothstep(0.0, 0.05, fil)), 0.85 * eye);
    col = mix(col, belt(4.0, world), 0.55 * rim * (1.0 - eye) * (0.5 + curls));

    // Low sun: cloud tops throw a little relief.
    float lift = fbm(s * vec2(3.2, 9.0) + vec2(jet * 0.8, 0.06 * iTime) + vec2(0.10, 0.16));
    col *= clamp(1.0 + 1.5 * (curls - lift), 0.55, 1.45);
    col *= 1.06 - 0.35 * dot(uv - 0.25 * vec2(sin(0.2 * iTime), 0.5), uv - 0.25 * vec2(sin(0.2 * iTime), 0.5));
    fragColor = vec4(col, 1.0);
}
