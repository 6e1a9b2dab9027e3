// Title: Contour Atlas
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: noise

// A printed relief map of islands that never were, redrawn in four map styles.

float hash(vec2 p) {
    uint n = uint(int(p.x)) * 0x9E3779B1u ^ uint(int(p.y)) * 0x85EBCA77u;
    n ^= n >> 15; n *= 0x2C1B3C6Du; n ^= n >> 12; n *= 0x297A2D39u; n ^= n >> 15;
    return float(n & 0xFFFFFFu) / 16777216.0;
}

float vnoise(vec2 p) {
    vec2 i = floor(p), f = p - i;
    f = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x),
               mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}

float height(vec2 p) {
    float sum = 0.0, amp = 0.55;
    for (int i = 0; i < 5; i++) {
        sum += amp * vnoise(p);
        p = mat2(1.6, 1.2, -1.2, 1.6) * p + 7.1;
        amp *= 0.44;
    }
    return sum;
}

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

// Elevation tint: sea floor, shallows, shore, field, upland, summit.
vec3 tint(int style, int level) {
    int a[6] = int[6](0x2B6C9E, 0x7FC4D8, 0xF3E3B0, 0xA9C46C, 0xC98A4B, 0xF7F4EE);
    int b[6] = int[6](0x3A2450, 0x7A3E78, 0xF7C7A3, 0xF08A5D, 0xB83B5E, 0xFFE8C9);
    int c[6] = int[6](0x0F4C5C, 0x2F9C95, 0xA3F7B5, 0x40C9A2, 0xE5E059, 0xE86A92);
    int d[6] = int[6](0xC8B68E, 0xE2D4AE, 0x8C6B3F, 0xD98F5C, 0x9C4A36, 0x4B2E2B);
    return rgb(style == 0 ? a[level] : style == 1 ? b[level] : style == 2 ? c[level] : d[level]);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float zoom = 2.3 + 0.9 * sin(iTime * 0.31);
    vec2 p = uv * zoom + vec2(0.33 * iTime, 2.0 * cos(iTime * 0.07));

    // Height and slope; the slope gives hill shading and even line widths.
    float e = 0.01;
    float h = height(p);
    vec2 slope = vec2(height(p + vec2(e, 0)) - h, height(p + vec2(0, e)) - h) / e;
    float sea = 0.44 + 0.05 * sin(iTime * 0.23);
    float rise = (h - sea) / 0.34;

    // The style changes by a diagonal wipe across the sheet every 11 seconds.
    float clock = iTime / 11.0 + 0.25 + 0.06 * (uv.x + uv.y);
    int style = int(mod(floor(clock), 4.0));

    float bands = clamp(rise * 4.0 + 2.0, 0.0, 5.0);
    int level = int(bands);
    vec3 col = mix(tint(style, level), tint(style, min(level + 1, 5)), 0.45 * fract(bands));
    float shade = dot(normalize(vec3(-slope * 0.55, 1.0)), normalize(vec3(-0.6, 0.6, 0.55)));
    col *= rise > 0.0 ? 0.45 + 0.85 * shade : 0.85 + 0.25 * shade;

    // Contour lines, every fifth one heavier; a firm coast line.
    float pixel = zoom / iResolution.y;
    float steep = max(length(slope), 0.15);
    float contour = abs(fract(rise * 12.0 + 0.5) - 0.5) / 12.0 * 0.34 / steep;
    float heavy = step(abs(mod(floor(rise * 12.0 + 0.5), 5.0)), 0.5);
    vec3 ink = style == 3 ? rgb(0x3A1F14) : style == 2 ? rgb(0x06302F) : style == 1 ? rgb(0x4A1942) : rgb(0x5A4632);
    col = mix(col, ink, (0.35 + 0.4 * heavy) * (1.0 - smoothstep(0.4, 1.3, contour / pixel)));
    col = mix(col, ink * 0.6, 1.0 - smoothstep(0.008, 0.020, abs(h - sea) / steep));

    // Rivers follow a folded noise inland, roads another one.
    float river = abs(vnoise(p * 1.9 + 0.7 * slope + 20.0) - 0.5);
    float land = smoothstep(0.0, 0.1, rise);
    col = mix(col, tint(style, 0), land * (1.0 - smoothstep(0.012, 0.030, river)) * (1.0 - smoothstep(0.5, 0.95, rise)));
    float road = abs(vnoise(p * 1.1 + 50.0) - 0.5);
    float dash = step(0.3, fract(dot(p, vec2(9.0, 7.0))));
    col = mix(col, style == 0 ? rgb(0xC8323C) : rgb(0xFFF6D6), land * dash * (1.0 - smoothstep(0.006, 0.016, road)));

    // Wave hatching off shore and the graticule.
    float hatch = smoothstep(0.55, 0.9, sin(rise * 95.0)) * smoothstep(-0.4, -0.02, rise) * step(rise, -0.02);
    col = mix(col, tint(style, 1) * 1.12, 0.6 * hatch);
    vec2 grid = abs(fract(p * 0.8) - 0.5) / 0.8;
    col = mix(col, ink, 0.35 * (1.0 - smoothstep(0.3, 1.2, min(0.625 - grid.x, 0.625 - grid.y) / pixel)));
    fragColor = vec4(col * (0.96 + 0.08 * hash(floor(p * 70.0))), 1.0);
}
