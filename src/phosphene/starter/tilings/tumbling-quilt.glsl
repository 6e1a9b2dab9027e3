// Title: Tumbling Quilt
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: tilings

// A hexagon quilt of tumbling blocks: three rhombs to a hexagon, every rhomb
// cut from a printed cloth, stitched and puffed. Blocks are re-sewn in waves.

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

vec3 dye(float pick, float box) {
    int k = int(fract(pick) * 5.999), s = int(mod(box + 0.5, 3.0));
    int a[6] = int[6](0xD1495B, 0x00798C, 0xEDAE49, 0x30638E, 0xF5E6CC, 0x8D5A97);
    int b[6] = int[6](0x606C38, 0xBC6C25, 0xFEFAE0, 0x283618, 0xDDA15E, 0x9B2226);
    int c[6] = int[6](0xFFAFCC, 0x5E60CE, 0xBDE0FE, 0x48BFE3, 0xFFF3B0, 0xE36588);
    return rgb(s == 0 ? a[k] : s == 1 ? b[k] : c[k]);
}

// Printed cotton in rhomb coordinates (0..1 each way).
vec3 cloth(vec2 q, float pick, float box) {
    vec3 ground = dye(pick, box), ink = dye(pick + 0.37, box);
    float kind = fract(pick * 17.0) * 6.0;
    if (kind < 1.0) return mix(ground, ink, step(0.5, fract(q.x * 4.0)));                                           // ticking
    if (kind < 2.0) return mix(ground, ink, 1.0 - smoothstep(0.24, 0.30, length(fract(q * 4.0) - 0.5)));                  // dots
    if (kind < 3.0) return mix(ground, ink, 0.5 * step(0.5, fract(q.x * 3.0)) + 0.5 * step(0.5, fract(q.y * 3.0))); // gingham
    if (kind < 4.0) {                                                                                               // sprigs
        vec2 g = fract(q * 3.0) - 0.5;
        float petal = length(g) - 0.26 - 0.11 * cos(5.0 * atan(g.y, g.x));
        vec3 c = mix(ground, ink, 1.0 - smoothstep(-0.03, 0.03, petal));
        return mix(c, dye(pick + 0.7, box), 1.0 - smoothstep(0.08, 0.12, length(g)));
    }
    if (kind < 5.0) return mix(ground, ink, step(0.5, fract(q.x * 3.0 + abs(fract(q.y * 3.0) - 0.5))));             // zigzag
    return mix(ground, ink, smoothstep(0.4, 0.6, vnoise(q * 7.0 + 40.0 * pick)));                                   // batik
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float turn = 0.25 * sin(iTime * 0.21) + 0.06 * iTime;
    float zoom = 3.3 + 1.2 * sin(iTime * 0.33 + 1.0);
    vec2 p = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * uv * zoom + vec2(0.35, -0.22) * iTime;
    p += 0.05 * vec2(sin(2.0 * p.y + iTime * 0.5), cos(2.3 * p.x));          // the cloth is not quite flat

    // Nearest centre of the hexagonal lattice (two interleaved rectangles).
    const vec2 S = vec2(1.0, 1.7320508);
    vec2 a = mod(p, S) - 0.5 * S, b = mod(p + 0.5 * S, S) - 0.5 * S;
    vec2 h = dot(a, a) < dot(b, b) ? a : b;
    vec2 id = floor((p - h) * vec2(2.0, 1.1547005) + 0.5);

    // Which third of the hexagon, and rhomb coordinates inside it.
    float third = floor(mod(atan(h.y, h.x) + 1.5707963, 6.2831853) / 2.0943951);
    float rot = third * 2.0943951 - 1.5707963 + 1.0471976;
    vec2 q = mat2(cos(rot), -sin(rot), sin(rot), cos(rot)) * h;              // rhomb now points along +x
    vec2 rh = vec2(q.x + q.y * 0.57735, q.x - q.y * 0.57735) * 1.7320508;

    float wave = floor(iTime / 10.0 + 0.4 * vnoise(id * 0.25) + 0.3);
    float box = wave;
    float family = hash(floor((id + 0.5) / 3.0) + 9.0 * wave);
    float pick = hash(id + 31.0 * third + 77.0 * wave);
    vec3 col = cloth(rh, 0.5 * family + 0.5 * pick, box);
    col *= third < 0.5 ? 0.78 : third < 1.5 ? 1.12 : 0.58 + 0.12 * family;    // block shading

    // Puff, seams, running stitches, weave.
    float seam = min(min(rh.x, rh.y), min(1.0 - rh.x, 1.0 - rh.y));
    col *= 0.70 + 0.38 * smoothstep(0.0, 0.22, seam);
    float stitch = (1.0 - smoothstep(0.010, 0.025, abs(seam - 0.085))) * step(0.45, fract((rh.x + rh.y) * 7.0));
    col = mix(col, vec3(1.0, 0.97, 0.90), 0.75 * stitch);
    col *= 0.94 + 0.09 * sin(rh.x * 150.0) * sin(rh.y * 150.0);
    vec2 lamp = uv - 0.5 * vec2(sin(iTime * 0.37), cos(iTime * 0.29));
    fragColor = vec4(col * max(1.12 - 0.35 * dot(lamp, lamp), 0.75), 1.0);
}
