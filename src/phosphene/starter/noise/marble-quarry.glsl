// Title: Marble Quarry
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: noise

// A floor of book-matched slabs: each slab is one of five stones, all of them
// domain-warped noise with branching veins, seen from a slowly turning camera.

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

float fbm(vec2 p) {
    float sum = 0.0, amp = 0.5;
    for (int i = 0; i < 4; i++) {
        sum += amp * vnoise(p);
        p = mat2(1.6, 1.2, -1.2, 1.6) * p + 3.7;
        amp *= 0.5;
    }
    return sum;
}

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

// Two body colours and a vein colour for each kind of stone.
void stone(int kind, out vec3 light, out vec3 dark, out vec3 vein) {
    if (kind == 0)      { light = rgb(0xF4EBDD); dark = rgb(0xB9B4B8); vein = rgb(0x5C6475); }
    else if (kind == 1) { light = rgb(0x3F9A78); dark = rgb(0x0E4238); vein = rgb(0xE9F2D0); }
    else if (kind == 2) { light = rgb(0xF0A6A0); dark = rgb(0xA8434F); vein = rgb(0xFFF1E0); }
    else if (kind == 3) { light = rgb(0x3D63A8); dark = rgb(0x15224F); vein = rgb(0xF2C85B); }
    else                { light = rgb(0xE8B45A); dark = rgb(0x9A5A22); vein = rgb(0x4A1F16); }
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float turn = 0.4 + 0.09 * iTime;
    vec2 p = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * uv;
    p = p * (1.75 + 0.7 * sin(iTime * 0.23)) + vec2(0.31, 0.17) * iTime;

    // Running bond of 1.7 x 1 slabs.
    vec2 size = vec2(1.7, 1.0);
    float row = floor(p.y / size.y);
    p.x += 0.85 * mod(row, 2.0);
    vec2 id = floor(p / size);
    vec2 local = p - (id + 0.5) * size;
    float pick = hash(id + 17.0);

    // Mirror neighbours so that veins meet at the joints.
    vec2 q = local * (1.0 - 2.0 * mod(id, 2.0)) + 37.0 * floor(pick * 40.0);
    vec2 warp = vec2(fbm(q * 1.3 + 0.05 * iTime), fbm(q * 1.3 + 9.2));
    vec2 s = q + 1.5 * (warp - 0.5);
    float body = fbm(s * 2.2 + warp * 1.5);
    float seam = abs(fbm(s * 1.4 + 31.0) - 0.47);
    float hair = abs(fbm(s * 3.6 + 5.0) - 0.47);

    vec3 light, dark, vein;
    stone(int(pick * 4.999), light, dark, vein);
    vec3 col = mix(dark, light, smoothstep(0.25, 0.68, body));
    col = mix(col, vein, 0.55 * (1.0 - smoothstep(0.0, 0.035, hair)));
    col = mix(col, vein, 0.95 * (1.0 - smoothstep(0.008, 0.05, seam * (0.7 + body))));
    col *= 0.9 + 0.2 * vnoise(q * 38.0);

    // Polished bevel, brass joint, and a travelling window reflection.
    vec2 edge = 0.5 * size - abs(local);
    float rim = min(edge.x, edge.y);
    col *= 0.72 + 0.28 * smoothstep(0.0, 0.07, rim);
    col = mix(rgb(0xC99A3F) * (0.6 + 0.6 * vnoise(p * 9.0)), col, smoothstep(0.012, 0.028, rim));
    float gloss = smoothstep(0.35, 0.5, sin(3.0 * uv.x + 2.0 * uv.y - 0.4 * iTime + warp.x));
    col += 0.10 * gloss * vec3(1.0, 0.95, 0.85);
    fragColor = vec4(col, 1.0);
}
