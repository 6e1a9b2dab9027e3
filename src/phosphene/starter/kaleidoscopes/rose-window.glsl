// Title: Rose Window
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: kaleidoscopes

// A cathedral rose window that never ends: rings of arches, lozenges and
// roundels in leaded glass, recut every few seconds ring by ring.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec3 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + uint(int(p.z)) * 0xD3437517u + 41u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

vec3 glass(float h, float era)
{
    const vec3 c[10] = vec3[10](
        vec3(0.07, 0.16, 0.72), vec3(0.80, 0.05, 0.12), vec3(0.98, 0.70, 0.10), vec3(0.05, 0.55, 0.35), vec3(0.45, 0.10, 0.60),
        vec3(0.10, 0.62, 0.85), vec3(0.98, 0.38, 0.12), vec3(0.96, 0.88, 0.62), vec3(0.90, 0.25, 0.55), vec3(0.55, 0.75, 0.15));
    int i = int(fract(h) * 5.0) + int(mod(era + 0.5, 3.0)) * 2;
    return c[i % 10];
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / min(iResolution.x, iResolution.y);
    float t = iTime;
    uv += 0.18 * vec2(sin(t * 0.23), cos(t * 0.19));
    float r = length(uv), a = atan(uv.y, uv.x);
    float px = 3.0 / iResolution.y;

    // Rings of constant ratio creep outwards from the hub.
    float depth = log(r + 0.16) * 2.1 - t * 0.16;
    float ring = floor(depth), y = fract(depth);
    float era = floor(t / 11.0 + hash(vec3(ring, 1.0, 2.0)));
    float count = 6.0 + 2.0 * floor(5.0 * hash(vec3(ring, era, 3.0)));
    float spin = (mod(ring, 2.0) - 0.5) * t * 0.12;
    float s = (a + spin) / 6.28318 * count;
    float sector = floor(s), x = abs(fract(s) - 0.5) * 2.0;      // mirrored in each light
    float wide = 6.28318 * r / count;                              // width of a light
    float high = (r + 0.16) / 2.1;                                 // height of a ring

    // Tracery: distances in units of the light, several motifs.
    float motif = floor(4.0 * hash(vec3(ring, era, 9.0)));
    vec2 q = vec2(x * wide * 0.5, (y - 0.5) * high);
    float m = min(wide, high);
    float shape = 0.0;
    if (motif < 1.0) shape = length(q) - 0.36 * m;                               // roundel
    else if (motif < 2.0) shape = (abs(q.x) / wide + abs(q.y) / high - 0.42) * m * 0.8;  // lozenge
    else if (motif < 3.0) shape = length(q + vec2(0.35 * wide, 0.25 * high)) - 0.85 * m * 0.9; // lancet
    else shape = abs(length(q - vec2(0.0, 0.12 * high)) - 0.27 * m) - 0.1 * m;   // annulet
    float inside = step(shape, 0.0);
    float quarry = floor(y * 3.0 + x * 2.0);

    // Choose the glass.
    float parity = mod(sector, 2.0);
    float pick = hash(vec3(ring + 40.0, inside + 3.0 * parity * (1.0 - inside), era));
    if (inside < 0.5) pick += 0.2 * mod(quarry, 2.0);
    vec3 col = glass(pick, era);

    // Streaky pot-metal glass with the sky moving behind it.
    float streak = sin(40.0 * uv.x + 6.0 * sin(21.0 * uv.y + pick * 20.0)) * sin(33.0 * uv.y + 5.0 * sin(17.0 * uv.x));
    vec2 sunPos = 0.8 * vec2(cos(t * 0.31), sin(t * 0.27));
    float light = 0.75 + 0.9 * exp(-2.5 * dot(uv - sunPos, uv - sunPos)) + 0.25 * sin(uv.x * 2.0 + t * 0.4);
    col = col * light * (0.9 + 0.22 * streak) + 0.12 * light * light * col.gbr;
    col += 0.25 * exp(-8.0 * y) * col + 0.05;

    // Lead cames, gilded hub.
    float lead = min(abs(shape), min((1.0 - x) * wide * 0.5, min(y, 1.0 - y) * high));
    float came = 1.0 - smoothstep(0.004, 0.012 + px, lead);
    vec3 metal = vec3(0.20, 0.17, 0.26) + 0.35 * (1.0 - smoothstep(0.0, 0.006, lead)) * vec3(0.9, 0.8, 0.6);
    col = mix(col, metal, came);
    fragColor = vec4(pow(clamp(col, 0.0, 1.0), vec3(0.85)), 1.0);
}
