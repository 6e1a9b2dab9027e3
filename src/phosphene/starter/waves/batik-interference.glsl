// Title: Batik Interference
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: waves

// Waves from a handful of moving sources, printed as wax-resist batik: the
// summed height picks a dye bath, cracks bleed, and dots follow the phase.

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

vec3 bath(int level, float dyeSet) {
    int s = int(mod(dyeSet, 4.0));
    int a[6] = int[6](0x14213D, 0x274690, 0xE8DCC4, 0xB5651D, 0x7A2E1D, 0xF4E9D8);
    int b[6] = int[6](0x0B3D2E, 0x2A9D5C, 0xF9F3DC, 0xE9B000, 0xE07A1F, 0x6D1A36);
    int c[6] = int[6](0x4A154B, 0x9B2C77, 0xFCE4EC, 0xF48FB1, 0x2BB3C0, 0x12355B);
    int d[6] = int[6](0x6B1D1D, 0xC8553D, 0xFDF0D5, 0x8DB580, 0x31572C, 0xF0C808);
    return rgb(s == 0 ? a[level] : s == 1 ? b[level] : s == 2 ? c[level] : d[level]);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    uv += 0.012 * (vec2(vnoise(uv * 9.0), vnoise(uv * 9.0 + 40.0)) - 0.5);         // hand-drawn wobble
    float turn = 0.1 * iTime;

    // Sources on two counter-rotating orbits; their number changes by the act.
    float act = floor(iTime / 10.0 + 0.3), count = 3.0 + floor(mod(act * 2.0 + 0.5, 5.0));
    float height = 0.0, fine = 0.0, nearest = 9.0;
    vec2 flow = vec2(0);
    for (int i = 0; i < 7; i++) {
        float fi = float(i);
        if (fi >= count) break;
        float a = 6.2831853 * fi / count + (mod(fi, 2.0) < 0.5 ? turn : -1.3 * turn) + act;
        float reach = 0.34 + 0.22 * sin(iTime * 0.17 + 2.1 * fi + act);
        vec2 d = uv - reach * vec2(cos(a), sin(a));
        float r = length(d);
        float wave = sin(r * (26.0 + 5.0 * sin(act * 3.0)) - 1.4 * iTime + 1.7 * fi);
        height += wave / (0.8 + r);
        fine += cos(r * 70.0 + fi);
        flow += d / max(r, 0.02) * wave;
        nearest = min(nearest, r);
    }
    height /= sqrt(count);
    fine /= count;

    float dyeSet = act + floor(0.5 + 0.3 * sin(iTime * 0.5 + 3.0 * nearest));
    float x = clamp(height * 1.55 + 2.9, 0.0, 5.0);
    int level = int(x);
    vec3 col = bath(level, dyeSet);

    // Dye soaks unevenly: cloth slub, wash at level edges, wax crackle.
    float slub = vnoise(uv * vec2(12.0, 180.0)) * 0.5 + vnoise(uv * vec2(180.0, 12.0)) * 0.5;
    float soak = vnoise(uv * 5.0 + 3.0 * act) * 0.6 + 0.4 * vnoise(uv * 17.0);
    col = mix(col, bath(max(level - 1, 0), dyeSet), 0.40 * smoothstep(0.45, 0.8, soak));
    col *= 0.80 + 0.36 * slub;
    float gap = min(fract(x), 1.0 - fract(x));
    col = mix(bath(2, dyeSet) * 1.03, col, smoothstep(0.05, 0.11, gap));         // wax line
    col *= 0.85 + 0.15 * smoothstep(0.10, 0.22, gap);

    // Stamped dots ride on the light baths, hatching on the dark ones.
    float stampWave = smoothstep(0.45, 0.62, fine) * step(0.2, gap);
    if (level == 2 || level == 5) col = mix(col, bath(0, dyeSet), 0.85 * stampWave);
    else if (level == 1 || level == 4) col = mix(col, bath(2, dyeSet), 0.75 * stampWave);
    else {
        vec2 g = fract(uv * 24.0 + 0.3 * flow) - 0.5;
        col = mix(col, bath(3 - level / 3 * 2, dyeSet), (1.0 - smoothstep(0.18, 0.26, length(g))) * step(0.16, gap));
    }
    float crackle = abs(vnoise(uv * 8.0 + 70.0 + act) - vnoise(uv * 8.0 + 20.0));
    col = mix(col, bath(0, dyeSet) * 0.8, 0.55 * (1.0 - smoothstep(0.006, 0.028, crackle)));
    float bloom = 1.0 - smoothstep(0.0, 0.10, nearest);
    col = mix(col, bath(5, dyeSet), bloom * step(0.5, fract(nearest * 40.0 - iTime)));
    fragColor = vec4(col, 1.0);
}
