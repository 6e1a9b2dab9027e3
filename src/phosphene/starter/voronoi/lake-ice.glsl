// Title: Lake Ice
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: voronoi

// Looking down through lake ice: crack networks at three depths slide past one
// another, with stacked gas bubbles, snow drifts and a coloured evening sky.

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

// Distance to the crack between cells (edges made ragged by the caller).
vec3 crack(vec2 p) {
    vec2 base = floor(p), best = base, at = vec2(0);
    float near = 9.0;
    for (int j = -1; j <= 1; j++)
    for (int i = -1; i <= 1; i++) {
        vec2 c = base + vec2(i, j);
        vec2 s = c + 0.05 + 0.9 * vec2(hash(c), hash(c + 37.0));
        float d = dot(s - p, s - p);
        if (d < near) { near = d; best = c; at = s; }
    }
    float edge = 9.0;
    for (int j = -2; j <= 2; j++)
    for (int i = -2; i <= 2; i++) {
        if (i == 0 && j == 0) continue;
        vec2 c = best + vec2(i, j);
        vec2 s = c + 0.05 + 0.9 * vec2(hash(c), hash(c + 37.0));
        edge = min(edge, dot(0.5 * (s + at) - p, normalize(s - at)));
    }
    return vec3(edge, best);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float tilt = 1.0 / (1.25 + 0.55 * uv.y);                 // looking a little ahead
    vec2 p = uv * tilt * (2.4 + 0.7 * sin(iTime * 0.27));
    float turn = 0.08 * iTime;
    p = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * p;
    vec2 glide = vec2(0.45 * iTime, 1.6 * sin(iTime * 0.13));

    float eve = 0.5 + 0.5 * sin(iTime * 0.23 + 0.3);
    vec3 deep = mix(rgb(0x0B3C5D), rgb(0x2B1F5C), eve);
    vec3 mid = mix(rgb(0x1FA2A6), rgb(0x2F6FBF), eve);
    vec3 pale = mix(rgb(0xC8F4EC), rgb(0xE3D7F5), eve);

    // Depths from the bottom up.
    vec3 col = mix(deep, mid, 0.6 * vnoise((p + glide) * 0.7 + 3.0));
    for (int k = 0; k < 3; k++) {
        float lift = float(k) / 2.0;                          // 0 deep, 1 surface
        float zoom = mix(2.7, 0.9, lift);
        vec2 q = (p * mix(0.75, 1.0, lift) + glide * mix(0.7, 1.0, lift)) * zoom + 17.0 * float(k);
        q += (0.20 - 0.08 * lift) * (vec2(vnoise(q * 3.0), vnoise(q * 3.0 + 20.0)) - 0.5);
        vec3 c = crack(q);
        float plate = hash(c.yz + 3.0);
        col = mix(col, mix(mid, deep, plate), 0.28);
        // Each fracture plane: bright hairline, then a feathered veil to one side.
        float veil = (1.0 - smoothstep(0.0, 0.24 + 0.2 * plate, c.x)) * step(0.45, plate);
        float feather = vnoise(q * vec2(5.0, 11.0)) * 0.7 + 0.3 * vnoise(q * 19.0);
        col = mix(col, pale, veil * feather * (0.30 + 0.30 * lift));
        col = mix(col, pale * 1.05, (0.25 + 0.7 * lift * lift) * (1.0 - smoothstep(0.010, 0.030, c.x)));

        // Bubbles: discs that shrink upwards, stacked through the depths.
        vec2 bid = floor((p + glide) * 1.4 + 0.5), off = vec2(hash(bid + 5.0), hash(bid + 9.0)) - 0.5;
        if (hash(bid + 81.0) > 0.4) {
            vec2 b = ((p * mix(0.93, 1.0, lift) + glide) * 1.4 + 0.5 - bid - 0.5) - 0.4 * off - 0.03 * float(k) * off.yx;
            float r = length(b) - 0.25 * hash(bid + 4.0) * (1.15 - 0.25 * lift) - 0.03 * vnoise(b * 9.0 + float(k));
            col = mix(col, mix(mid, pale, 0.35 + 0.6 * lift), 0.75 * (1.0 - smoothstep(-0.01, 0.02, r)) * (0.65 + 0.35 * smoothstep(-0.10, 0.0, r)));
            col *= 1.0 - 0.25 * (1.0 - smoothstep(0.0, 0.03, abs(r)));
        }
    }

    // Surface: sky reflection ahead, low sun path, wind-packed snow.
    vec3 sky = mix(rgb(0xF7C59F), rgb(0xFF7B54), eve) ;
    float fres = smoothstep(-0.25, 0.55, uv.y);
    float rough = vnoise((p + glide) * vec2(2.0, 7.0));
    col = mix(col, sky, fres * (0.30 + 0.25 * rough));
    float path = uv.x - 0.45 * sin(iTime * 0.2);
    col += vec3(1.0, 0.8, 0.5) * 0.45 * exp(-22.0 * path * path) * smoothstep(0.35, 0.75, rough) * smoothstep(-0.5, 0.4, uv.y);
    float drift = 0.85 * vnoise((p + glide) * 0.8 + 60.0) + 0.22 * vnoise((p + glide) * 4.0) + 0.10 * vnoise((p + glide) * 15.0);
    float snow = smoothstep(0.86, 0.89, drift);
    vec3 powder = mix(pale, rgb(0xFFF3EA), vnoise((p + glide) * vec2(3.0, 16.0)));
    col *= 1.0 - 0.4 * smoothstep(0.82, 0.87, drift) * (1.0 - snow);
    fragColor = vec4(mix(col, powder, snow), 1.0);
}
