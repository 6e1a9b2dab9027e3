// Title: Cathedral Glass
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: voronoi

// Stained glass: Voronoi panes in mirrored petals round a hub, leaded
// together, lit by a patch of sunlight that crosses the wall.

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

vec2 site(vec2 c) {
    vec2 w = vec2(hash(c), hash(c + 57.0));
    return c + 0.5 + 0.36 * sin(0.35 * iTime + 6.2832 * w);
}

// x: distance to the lead between panes, yz: id of the pane, w: distance to its site.
vec4 panes(vec2 p) {
    vec2 base = floor(p), best = base, at = vec2(0);
    float near = 9.0;
    for (int j = -1; j <= 1; j++)
    for (int i = -1; i <= 1; i++) {
        vec2 s = site(base + vec2(i, j));
        float d = dot(s - p, s - p);
        if (d < near) { near = d; best = base + vec2(i, j); at = s; }
    }
    float lead = 9.0;
    for (int j = -2; j <= 2; j++)
    for (int i = -2; i <= 2; i++) {
        if (i == 0 && j == 0) continue;
        vec2 s = site(best + vec2(i, j));
        lead = min(lead, dot(0.5 * (s + at) - p, normalize(s - at)));
    }
    return vec4(lead, best, sqrt(near));
}

vec3 glass(float pick, float set) {
    int k = int(pick * 5.999), s = int(mod(set + 0.5, 3.0));
    int a[6] = int[6](0xB3122E, 0x1A3FA8, 0xF2B319, 0x1E8A5A, 0x7A2BA0, 0x4FB6E0);
    int b[6] = int[6](0xE86A17, 0x0F7C86, 0xF7DC6F, 0xA51C5B, 0x2D5DA1, 0xF2F0D0);
    int c[6] = int[6](0xD64594, 0x5AB552, 0xFFA69E, 0x24478F, 0x8BD3DD, 0xF9F871);
    return rgb(s == 0 ? a[k] : s == 1 ? b[k] : c[k]);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float set = floor(iTime / 12.0 + 0.4);
    vec2 hub = 0.35 * vec2(sin(iTime * 0.23), cos(iTime * 0.31));
    vec2 p = (uv - hub) * (1.25 + 0.3 * sin(iTime * 0.17));
    float r = length(p), a = atan(p.y, p.x) + 0.1 * iTime;

    // Three rings with their own number of petals; shards fill the corners.
    float ring = r < 0.16 ? 0.0 : r < 0.40 ? 1.0 : r < 0.66 ? 2.0 : 3.0;
    float petals = ring < 0.5 ? 5.0 : ring < 1.5 ? 8.0 + mod(set, 2.0) * 2.0 : ring < 2.5 ? 16.0 : 24.0;
    float sector = 6.2831853 / petals;
    float fold = mod(a + ring * iTime * 0.05, sector) - 0.5 * sector;
    vec2 q = r * vec2(cos(fold), abs(sin(fold)));
    vec4 cell = panes(q * (ring < 0.5 ? 12.0 : 11.0 - 1.5 * ring) + 9.0 * ring + 20.0 * set);

    // Distances to the stone tracery: ring borders and petal sides.
    float inset = min(min(abs(r - 0.16), abs(r - 0.40)), abs(r - 0.66));
    float side = ring > 2.5 ? 1.0 : (0.5 * sector - abs(fold)) * r;
    float stone = min(inset - 0.012, side - 0.006);
    float medal = ring < 1.5 && ring > 0.5 ? length(q - vec2(0.29, 0.0)) - 0.055 : 1.0;

    float pick = hash(cell.yz + 13.0 * ring);
    if (medal < 0.0) pick = fract(0.37 * set + 0.1);
    vec3 col = glass(fract(pick + 0.17 * ring), set);
    col *= 0.80 + 0.45 * hash(cell.yz + 91.0);
    // Hand-made glass: streaks, seeds and thickness.
    float streak = vnoise(p * vec2(9.0, 40.0) + 30.0 * pick);
    col *= 0.78 + 0.35 * streak;
    col += 0.10 * step(0.93, vnoise(p * 70.0));
    col *= 1.15 - 0.5 * cell.w * cell.w;
    float shine = 1.0 - smoothstep(0.0, 0.75, length(uv - 0.55 * vec2(cos(iTime * 0.4), sin(iTime * 0.4))));
    col = col * (0.62 + 0.85 * shine) + vec3(1.0, 0.9, 0.6) * 0.16 * shine;

    float lead = medal < 0.0 ? -medal * 40.0 : min(cell.x, abs(medal) * 9.0);
    col = mix(rgb(0x241C28), col, smoothstep(0.035, 0.085, lead));
    vec3 rock = mix(rgb(0x8E8174), rgb(0xD8C7A8), vnoise(p * 24.0)) * (0.75 + 18.0 * max(-stone, -0.01));
    col = mix(rock, col, smoothstep(0.0, 0.006, stone));
    fragColor = vec4(col, 1.0);
}
