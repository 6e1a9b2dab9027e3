// Title: Tufted Leather
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: surfaces

// Upholstery: diamond-tufted, piped and quilted leather in patchwork panels,
// with creased grain, brass and jewel buttons, saddle stitching and gloss.

// Integer mixing of whole-numbered seeds: the same on every renderer.
vec2 hash2(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 29u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    uvec2 k = (n ^ (n >> 14)) * uvec2(0xBDDE03F1u, 0xF763C84Fu);
    return vec2(k >> 8) * (1.0 / 16777216.0);
}

// Pebbled grain: distance between the two nearest cell centres.
float grain(vec2 p)
{
    vec2 b = floor(p), f = fract(p);
    float d1 = 9.0, d2 = 9.0;
    for (int j = -1; j <= 1; j++)
    for (int i = -1; i <= 1; i++) {
        vec2 o = vec2(float(i), float(j)), v = o + 0.5 + 0.8 * (hash2(b + o) - 0.5) - f;
        float d = dot(v, v);
        if (d < d1) { d2 = d1; d1 = d; } else d2 = min(d2, d);
    }
    return smoothstep(0.0, 0.35, sqrt(d2) - sqrt(d1));
}

vec3 hide(float h, float era)
{
    const vec3 c[16] = vec3[16](
        vec3(0.60, 0.22, 0.12), vec3(0.13, 0.36, 0.34), vec3(0.86, 0.62, 0.32), vec3(0.50, 0.08, 0.18),
        vec3(0.18, 0.24, 0.50), vec3(0.90, 0.82, 0.70), vec3(0.82, 0.34, 0.30), vec3(0.40, 0.50, 0.26),
        vec3(0.92, 0.52, 0.60), vec3(0.30, 0.18, 0.40), vec3(0.40, 0.68, 0.72), vec3(0.96, 0.74, 0.26),
        vec3(0.70, 0.40, 0.20), vec3(0.10, 0.30, 0.20), vec3(0.76, 0.76, 0.80), vec3(0.80, 0.16, 0.12));
    return c[int(mod(era, 4.0)) * 4 + int(fract(h) * 4.0)];
}

// Panels 2 by 2 units. Returns panel-local position; style picks the tufting.
float cushion(vec2 p, out vec2 nearest, out float style)
{
    vec2 pan = floor(p / 2.0), f = mod(p, 2.0) - 1.0;
    style = floor(4.0 * hash2(pan + 7.0).x);
    float rim = 1.0 - max(abs(f.x), abs(f.y));
    float h = 0.0;
    nearest = vec2(9.0);
    if (style < 2.0) {                                               // diamonds
        vec2 q = vec2(p.x + p.y, p.x - p.y) * (style < 1.0 ? 1.0 : 2.0), g = fract(q) - 0.5;
        vec2 r = (fract(q + 0.5) - 0.5);
        nearest = vec2(r.x + r.y, r.x - r.y) * 0.5 / (style < 1.0 ? 1.0 : 2.0);
        vec2 c = cos(3.14159 * g);
        h = pow(max(c.x * c.y, 0.0), 0.42) * (style < 1.0 ? 0.34 : 0.18);
    } else if (style < 3.0) {                                        // channels
        float s = abs(sin(3.14159 * p.x * 2.0 + 0.25 * sin(p.y * 3.0)));
        h = 0.17 * sqrt(s);
    } else {                                                         // square biscuit
        vec2 g = abs(sin(3.14159 * p * 1.5));
        h = 0.22 * pow(g.x * g.y, 0.35);
        nearest = (fract(p * 1.5 + 0.5) - 0.5) / 1.5;
    }
    h *= smoothstep(0.0, 0.35, rim);
    float pipe = rim - 0.06;
    return h + 0.10 * sqrt(max(0.0, 1.0 - pipe * pipe * 400.0)) + 0.03 * smoothstep(0.1, 0.2, rim);
}

float height(vec2 p)
{
    vec2 near;
    float style;
    float h = cushion(p, near, style);
    h += 0.012 * grain(p * 17.0);
    h += 0.02 * sin(atan(near.y, near.x) * 7.0) * exp(-9.0 * length(near));   // gathers at the buttons
    return h;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, a = 0.4 * sin(t * 0.11) + 0.3;
    vec2 p = mat2(cos(a), sin(a), -sin(a), cos(a)) * uv * (1.35 + 0.4 * sin(t * 0.2)) + vec2(0.17, 0.11) * t;
    p += 0.04 * sin(p.yx * 2.0 + t * 0.5);                             // breathing seat

    vec2 e = vec2(0.012, 0.0), near;
    float style, h = height(p);
    vec3 n = normalize(vec3(h - height(p + e.xy), h - height(p + e.yx), 0.016));
    float soft = cushion(p, near, style);
    vec2 pan = floor(p / 2.0), f = mod(p, 2.0) - 1.0;
    float era = floor(t / 12.0 + 0.5 * hash2(pan).y), rim = 1.0 - max(abs(f.x), abs(f.y));

    vec3 skin = hide(hash2(pan + 3.0).x + 0.11 * era, era);
    // Two-tone insets: alternate diamonds take a second dye.
    vec2 q = vec2(p.x + p.y, p.x - p.y);
    float alt = style < 1.0 ? mod(floor(q.x) + floor(q.y), 2.0) : style < 2.0 ? step(0.7, hash2(floor(q * 2.0)).x) : style < 3.0 ? mod(floor(p.x * 2.0), 2.0) : step(0.6, hash2(floor(p * 1.5) + era).y);
    skin = mix(skin, hide(hash2(pan + 3.0).x + 0.25 + 0.11 * era, era), alt * step(0.4, hash2(pan + 9.0).y));
    float g = grain(p * 17.0);
    vec3 col = skin * (0.66 + 0.34 * g) * (0.55 + 0.6 * smoothstep(0.0, 0.22, soft));
    col = mix(col, hide(hash2(pan + 3.0).x + 0.5, era + 1.0), 1.0 - smoothstep(0.05, 0.055, abs(rim - 0.06)));  // piping
    float thread = (1.0 - smoothstep(0.008, 0.016, abs(rim - 0.17))) * step(0.4, fract((p.x + p.y) * 11.0));
    col = mix(col, vec3(0.97, 0.92, 0.78), thread);

    // Moving show-room lamps: two coloured keys and a soft fill.
    vec3 l1 = normalize(vec3(cos(t * 0.3), sin(t * 0.3), 0.9)), l2 = normalize(vec3(-sin(t * 0.21), cos(t * 0.17), 0.6));
    vec3 c1 = vec3(1.0, 0.88, 0.70), c2 = 0.5 + 0.4 * cos(t * 0.15 + vec3(3.0, 2.0, 0.8));
    float d1 = max(dot(n, l1), 0.0), d2 = max(dot(n, l2), 0.0);
    float s1 = pow(max(dot(n, normalize(l1 + vec3(0.0, 0.0, 1.0))), 0.0), 28.0), s2 = pow(max(dot(n, normalize(l2 + vec3(0.0, 0.0, 1.0))), 0.0), 14.0);
    col = col * (vec3(0.24, 0.25, 0.32) + c1 * d1 * 0.85 + c2 * d2 * 0.45) + c1 * s1 * 0.30 + c2 * s2 * 0.14;

    // Buttons.
    float r = length(near) / 0.085, has = step(0.12, rim);
    if (r < 1.0 && has > 0.5) {
        vec3 bn = vec3(near / 0.085, sqrt(1.0 - r * r));
        vec3 jewel = mix(vec3(0.95, 0.74, 0.30), hide(0.7 * era + 0.3, era + 2.0), step(0.5, hash2(pan + 21.0).x));
        col = jewel * (0.3 + 0.9 * max(dot(bn, l1), 0.0)) + pow(max(dot(bn, normalize(l1 + vec3(0.0, 0.0, 1.0))), 0.0), 30.0);
    }
    fragColor = vec4(pow(clamp(col, 0.0, 1.0), vec3(0.8)), 1.0);
}
