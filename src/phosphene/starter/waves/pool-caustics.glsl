// Title: Pool Caustics
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: waves

// A tiled swimming pool: sine swells refract the mosaic, their curvature
// focuses light, and rubber rings float by with shadows on the bottom.

float hash(vec2 p) {
    uint n = uint(int(p.x)) * 0x9E3779B1u ^ uint(int(p.y)) * 0x85EBCA77u;
    n ^= n >> 15; n *= 0x2C1B3C6Du; n ^= n >> 12; n *= 0x297A2D39u; n ^= n >> 15;
    return float(n & 0xFFFFFFu) / 16777216.0;
}

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

// Sum of eight travelling swells: height, slope and curvature at once.
vec4 swell(vec2 p, float t) {
    float h = 0.0, curve = 0.0;
    vec2 slope = vec2(0);
    float k = 1.3, amp = 0.30, angle = 0.4;
    for (int i = 0; i < 8; i++) {
        vec2 d = vec2(cos(angle), sin(angle));
        float phase = k * dot(d, p) + sqrt(k) * 2.1 * t + 1.3 * float(i) + 0.6 * h;
        float s = sin(phase), c = cos(phase);
        h += amp * s;
        slope += amp * k * c * d;
        curve -= amp * k * k * s;
        k *= 1.33; amp *= 0.62; angle += 2.4;
    }
    return vec4(slope, h, curve);
}

// Mosaic bottom: lanes, borders and pictures that change from bay to bay.
vec3 mosaic(vec2 p, float scheme) {
    int s = int(mod(scheme + 0.5, 3.0));
    vec3 base = s == 0 ? rgb(0x3FC1C9) : s == 1 ? rgb(0x59C9A5) : rgb(0x6FA8DC);
    vec3 dark = s == 0 ? rgb(0x1B4F8F) : s == 1 ? rgb(0x0F6B5C) : rgb(0x443C8C);
    vec3 warm = s == 0 ? rgb(0xF9A03F) : s == 1 ? rgb(0xF25F5C) : rgb(0xF7D6E0);
    vec2 tile = floor(p * 5.0), in_ = fract(p * 5.0);
    vec2 t = (tile + 0.5) / 5.0;
    vec2 bay = floor(t / 4.0), c = t - (bay + 0.5) * 4.0;
    float pick = hash(bay + 8.0);
    float r = length(c), a = atan(c.y, c.x);
    vec3 col = base * (0.86 + 0.24 * hash(tile));
    float figure = pick < 0.35 ? sin(r * 5.0) : pick < 0.65 ? 1.1 + 0.45 * cos(a * 8.0) - r : sin(c.x * 2.4) * sin(c.y * 2.4);
    col = mix(col, (pick < 0.5 ? warm : dark) * (0.85 + 0.2 * hash(tile + 9.0)), step(0.35, figure));
    float border = max(abs(c.x), abs(c.y));
    col = mix(col, dark * (0.8 + 0.3 * hash(tile + 5.0)), step(1.65, border));
    col = mix(col, rgb(0xF7F7F2), step(1.65, border) * step(border, 1.82) * step(0.5, hash(tile + 3.0)));
    vec2 joint = min(in_, 1.0 - in_);
    return mix(vec3(0.90, 0.95, 0.92), col, smoothstep(0.03, 0.09, min(joint.x, joint.y)));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float scheme = floor(iTime / 13.0 + 0.4 + 0.1 * uv.y), zoom = 3.6 + 1.3 * sin(iTime * 0.26);
    float turn = 0.5 * sin(iTime * 0.14);
    vec2 p = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * uv * zoom + vec2(0.5 * iTime, 0.9 * sin(iTime * 0.21));

    vec4 w = swell(p, iTime * 0.8);
    vec2 bottom = p + 0.13 * w.xy;
    vec3 col = mosaic(bottom, scheme);

    // Light is gathered where the surface is curved like a lens.
    vec4 l = swell(bottom * 0.8 + 7.0, iTime * 0.9);
    vec4 m = swell(bottom * 0.8 + 0.22 * l.xy, iTime * 0.7 + 3.0);
    float focus = 1.0 / (0.16 + abs(1.0 + 0.55 * m.w));
    col *= vec3(0.52, 0.64, 0.68) + 0.20 * focus * vec3(1.0, 0.98, 0.85);

    // Rings and balls drifting on top.
    vec2 cell = floor(p / 2.6 + vec2(0.12, 0.05) * iTime), best = vec2(9.0, 0.0);
    for (int pass = 0; pass < 2; pass++) {
        vec2 q = (p + (pass == 0 ? vec2(-0.25, 0.30) : vec2(0))) / 2.6 + vec2(0.12, 0.05) * iTime;
        cell = floor(q);
        float h = hash(cell + 2.0);
        vec2 f = (q - cell - 0.5 - 0.16 * vec2(sin(iTime * 0.5 + 9.0 * h), cos(iTime * 0.4 + 7.0 * h))) * 2.6;
        float r = length(f), big = 0.42 + 0.25 * h;
        float d = h > 0.72 ? r - 0.5 * big : abs(r - big) - 0.34 * big;
        if (h < 0.35) continue;
        if (pass == 0) col *= 1.0 - 0.45 * (1.0 - smoothstep(-0.10, 0.10, d + 0.04 * w.x));
        else {
            float spin = atan(f.y, f.x) + 0.4 * iTime * (h - 0.5);
            float stripe = step(0.5, fract(spin * (h > 0.72 ? 0.4775 : 0.9549)));
            vec3 skin = mix(h > 0.6 ? rgb(0xFFD23F) : rgb(0xFF5D8F), h > 0.8 ? rgb(0x3A86FF) : rgb(0xFFFDF7), stripe);
            float round_ = h > 0.72 ? clamp(1.0 - r / big, 0.0, 1.0) : 1.0 - abs(r - big) / (0.34 * big);
            skin *= 0.55 + 0.55 * sqrt(max(round_, 0.0));
            skin += 0.5 * (1.0 - smoothstep(0.0, 0.10, length(f / max(r, 0.01) * min(r, big) - big * vec2(-0.6, 0.7))));
            col = mix(col, skin, 1.0 - smoothstep(-0.015, 0.015, d));
        }
    }
    // Sky glints on steep facets.
    col += vec3(1.0, 1.0, 0.95) * 0.55 * smoothstep(1.25, 1.8, dot(w.xy, vec2(0.6, 0.8)) + 0.5 * w.z);
    fragColor = vec4(col, 1.0);
}
