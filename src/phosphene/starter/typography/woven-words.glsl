// Title: Woven Words
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: typography

// Printed ribbons carrying real words in a five-by-five face, plaited over
// and under one another, with satin shading and running text.

// Letters A to Z, five rows of five bits, top row in the high bits; then a blank.
const int FACE[27] = int[27](
    15269425, 32045630, 16269839, 32032318, 33061407, 33061392, 16272943, 18415153, 32641183, 7408204, 18444881, 17318431, 18732593,
    18667121, 15255086, 32045584, 15259213, 32045649, 16267326, 32641156, 18400814, 18400580, 18405233, 18157905, 18157700, 32575775, 0);
// The running text, as indices into the face.
const int TEXT[82] = int[82](
    15, 0, 15, 4, 17, 26, 18, 8, 11, 10, 26, 11, 8, 6, 7, 19, 26, 2, 14, 11, 14, 20, 17, 26, 17, 8,
    21, 4, 17, 26, 18, 7, 0, 15, 4, 26, 3, 0, 13, 2, 4, 26, 14, 15, 0, 11, 26, 9, 20, 12, 15, 26,
    16, 20, 0, 17, 19, 25, 26, 21, 4, 23, 26, 5, 11, 0, 12, 8, 13, 6, 26, 1, 17, 14, 13, 25, 4, 26,
    22, 7, 24, 26);

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

vec3 dye(float h)
{
    const vec3 c[9] = vec3[9](
        vec3(0.90, 0.25, 0.20), vec3(0.98, 0.80, 0.30), vec3(0.12, 0.42, 0.60), vec3(0.96, 0.92, 0.84), vec3(0.20, 0.55, 0.35),
        vec3(0.55, 0.20, 0.50), vec3(0.98, 0.58, 0.62), vec3(0.16, 0.18, 0.32), vec3(0.40, 0.78, 0.80));
    return c[int(fract(h) * 9.0)];
}

// Ink coverage of the text line at x (one unit per character), y in 0..1.
float type(float x, float y, float start)
{
    int at = int(mod(floor(x) + start + 0.5, 82.0));
    ivec2 bit = ivec2(floor(vec2(fract(x) * 6.0, (1.0 - y) * 7.0 - 1.0)));
    if (bit.x > 4 || bit.y < 0 || bit.y > 4) return 0.0;
    return float((FACE[TEXT[at]] >> (24 - bit.y * 5 - bit.x)) & 1);
}

// One ribbon's colour at lengthwise u and crosswise v in 0..1.
vec3 ribbon(float u, float v, float id, float era, float t)
{
    float h = hash(vec2(id, era));
    vec3 cloth = dye(h), letters = dye(h + 0.34 + 0.33 * step(0.5, hash(vec2(id, 8.0))));
    float speed = (hash(vec2(id, 2.0)) - 0.5) * 1.6;
    float big = step(0.35, hash(vec2(id, era + 5.0)));                // one large or two small lines
    float lines = 2.0 - big;
    float y = fract((v - 0.08) / 0.84 * lines);
    float aspect = mix(2.6, 1.3, big);
    float ink = type(u * aspect + speed * t, y, floor(hash(vec2(id, 3.0)) * 60.0) + floor(v * lines) * 17.0);
    ink *= step(0.08, v) * step(v, 0.92);
    vec3 col = mix(cloth, letters, ink);
    float trim = min(v, 1.0 - v);
    col = mix(col, letters, step(trim, 0.07) * step(0.03, trim));
    col *= 0.93 + 0.07 * sin(u * 80.0 + sin(v * 40.0));
    return col;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, era = floor(t / 12.0), a = 0.35 + 0.5 * sin(t * 0.08);
    vec2 p = mat2(cos(a), sin(a), -sin(a), cos(a)) * uv * (2.1 + 0.7 * sin(t * 0.21));
    p += 0.07 * sin(p.yx * 1.7 + t * vec2(0.5, 0.4)) + vec2(0.12, -0.09) * t;

    vec2 cell = floor(p), f = fract(p), g = (f - 0.5) / 0.86 + 0.5;   // ribbons leave small gaps
    float twill = mod(0.5 + cell.x + cell.y * (1.0 + mod(era, 2.0)), 2.0 + mod(era, 2.0));
    bool over = twill < 1.0;
    bool inH = g.y > 0.0 && g.y < 1.0, inV = g.x > 0.0 && g.x < 1.0;

    vec3 h = ribbon(p.x, clamp(g.y, 0.0, 1.0), cell.y + 100.0, era, t);
    vec3 v = ribbon(p.y, clamp(1.0 - g.x, 0.0, 1.0), cell.x + 300.0, era, t);
    // Satin curvature: the upper band arches, the lower one dips at its sides.
    float archH = sin(3.14159 * f.x), archV = sin(3.14159 * f.y);
    vec3 hTop = h * (0.72 + 0.36 * archH) + 0.10 * pow(archH, 8.0), vTop = v * (0.72 + 0.36 * archV) + 0.10 * pow(archV, 8.0);
    vec3 hLow = h * (0.50 + 0.35 * smoothstep(0.0, 0.5, abs(f.x - 0.5))), vLow = v * (0.50 + 0.35 * smoothstep(0.0, 0.5, abs(f.y - 0.5)));
    vec3 col = dye(0.9 + 0.13 * era) * 0.45;
    if (over) { if (inV) col = vLow; if (inH) col = hTop; }
    else { if (inH) col = hLow; if (inV) col = vTop; }
    col *= 0.93 + 0.12 * sin(dot(uv, vec2(1.2, 0.8)) * 2.0 + t * 0.6);
    fragColor = vec4(clamp(col * 1.05, 0.0, 1.0), 1.0);
}
