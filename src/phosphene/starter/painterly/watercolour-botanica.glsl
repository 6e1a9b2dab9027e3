// Title: Watercolour Botanica
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: painterly

// Wet-in-wet washes with petals and leaves glazed over them: pigments
// multiply, pool at drying edges, granulate in the paper and back-run.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p), u = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), u.x), mix(hash(i + vec2(0, 1)), hash(i + 1.0), u.x), u.y);
}

float fbm(vec2 p)
{
    float s = 0.0, a = 0.5;
    for (int i = 0; i < 4; i++) { s += a * noise(p); p = p * 2.03 + 5.7; a *= 0.5; }
    return s;
}

// Transmittance of twelve pans of paint.
vec3 pan(float h)
{
    const vec3 c[12] = vec3[12](
        vec3(0.94, 0.30, 0.36), vec3(0.98, 0.66, 0.22), vec3(0.30, 0.52, 0.84), vec3(0.44, 0.72, 0.42), vec3(0.70, 0.40, 0.76), vec3(0.98, 0.84, 0.34),
        vec3(0.24, 0.66, 0.68), vec3(0.93, 0.50, 0.64), vec3(0.36, 0.36, 0.68), vec3(0.72, 0.50, 0.34), vec3(0.62, 0.78, 0.30), vec3(0.90, 0.42, 0.24));
    return c[int(fract(h) * 12.0)];
}

// Lay a glaze with a dark drying edge; d is distance, negative inside.
void glaze(inout vec3 col, float d, vec3 pigment, float load, float grain)
{
    float body = 1.0 - smoothstep(-0.02, 0.012, d);
    float pool = 1.0 - smoothstep(0.0, 0.05, abs(d + 0.018));
    float dens = body * (0.62 + 0.65 * pool + 0.9 * (grain - 0.5)) * load;
    col *= mix(vec3(1.0), pigment, clamp(dens, 0.0, 1.25));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime;
    vec2 p = uv + 0.05 * t * vec2(0.6, 0.25);
    float edge = fbm(p * 4.5) - 0.5, grain = fbm(p * 13.0 + 3.0), tooth = noise(p * 75.0);
    p += 0.10 * edge;

    // Ground wash: three pigments bleeding into each other.
    float k = floor(t / 14.0), m = smoothstep(0.75, 1.0, fract(t / 14.0));
    vec3 washA = mix(pan(0.31 * k + 0.10), pan(0.31 * (k + 1.0) + 0.10), m), washB = mix(pan(0.31 * k + 0.45), pan(0.31 * (k + 1.0) + 0.45), m);
    float bleed = fbm(uv * 1.4 + vec2(0.0, 0.06 * t) + 1.2 * edge), run = fbm(uv * 1.1 - 0.05 * t + 8.0);
    vec3 col = vec3(0.985, 0.965, 0.92);
    col *= mix(vec3(1.0), washA, smoothstep(0.30, 0.62, bleed) * 0.85);
    col *= mix(vec3(1.0), washB, smoothstep(0.36, 0.68, run) * 0.85);
    float back = abs(bleed - 0.47);                                     // cauliflower edge
    col *= 1.0 - 0.16 * (1.0 - smoothstep(0.0, 0.02, back)) * (0.4 + grain);

    // Plants: each cell grows a flower or a spray, and is repainted in time.
    for (int n = 0; n < 18; n++) {
        float layer = float(n / 9);
        float s = 1.05 + 0.65 * layer;
        vec2 q = p * s + 4.0 * layer, id = floor(q) + vec2(float(n % 3) - 1.0, float(n % 9 / 3) - 1.0);
        float h = hash(id + 20.0 * layer), life = t / (9.0 + 6.0 * h) + h * 5.0, g = hash(id + floor(life) * 33.0);
        float grow = smoothstep(0.0, 0.25, fract(life)), dry = 1.0 - smoothstep(0.85, 1.0, fract(life));
        vec2 v = (q - id - 0.5 - 0.55 * (vec2(g, hash(id + floor(life) * 33.0 + 500.0)) - 0.5)) / (0.75 + 0.5 * h);
        float a = atan(v.y, v.x) + g * 6.28 + 0.1 * sin(t * 0.4 + h * 9.0), r = length(v);
        if (r > 0.95) continue;
        vec3 pig = pan(g * 1.7 + h);
        if (g < 0.62) {                                                // flower
            float petals = 4.0 + floor(g * 7.0), lobe = abs(cos(a * petals * 0.5));
            float d = (r - grow * (0.20 + 0.32 * pow(lobe, 0.6))) / s;
            glaze(col, d, pig, 0.95 * dry, grain);
            glaze(col, (r - grow * 0.30 * lobe * lobe) / s, pig * pig, 0.55 * dry, grain);
            glaze(col, (r - 0.11 * grow) / s, pan(g + 0.4) * 0.6, 0.9 * dry, grain);
        } else {                                                       // spray of leaves
            vec2 w = r * vec2(cos(a), sin(a));
            w.y += 0.3 * w.x * w.x;
            float stem = max(abs(w.y) - 0.012, abs(w.x) - 0.62 * grow);
            float u = w.x * 5.0, leaf = (fract(u) - 0.35) * 0.2;
            vec2 lv = vec2(leaf - 0.5 * abs(w.y), abs(w.y) - 0.15);
            float size = 0.16 * (1.0 - 0.75 * abs(w.x) / 0.65) * grow;
            float d = max(length(lv * vec2(2.1, 1.0)) - size, abs(w.x) - 0.62 * grow);
            vec3 green = mix(pan(0.27), pan(0.85), h) * mix(vec3(1.0), pig, 0.35);
            glaze(col, min(d, stem) / s, green, dry, grain);
        }
    }

    // Spatter, granulation and paper tooth under raking light.
    vec2 sp = p * 9.0, si = floor(sp);
    float drop = length(fract(sp) - 0.3 - 0.4 * vec2(hash(si), hash(si + 9.0))) - 0.20 * hash(si + k);
    glaze(col, drop * 0.11 + 0.01, pan(hash(si + 4.0)), 0.8 * step(0.72, hash(si + 2.0 + k)), grain);
    col *= 0.93 + 0.11 * tooth;
    col = mix(col, col * col, 0.35 * grain);
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
