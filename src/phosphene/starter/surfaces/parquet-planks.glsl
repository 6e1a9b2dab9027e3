// Title: Parquet Planks
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: surfaces

// Boards of many timbers, some stained, with rings, knots and pores; they are
// relaid in stripes, herringbone or basket as window light crosses them.

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

// Board layout: xy along/across in board units of width one, zw identity.
vec4 lay(vec2 p, float style)
{
    if (style < 1.0) {                                               // running boards
        float row = floor(p.y), shift = hash(vec2(row, 2.0)) * 4.0;
        return vec4(mod(p.x + shift, 4.0) - 2.0, fract(p.y) - 0.5, floor((p.x + shift) / 4.0), row);
    }
    if (style < 2.0) {                                               // herringbone, 1 by 4
        vec2 c = floor(p);
        float m = mod(c.x - c.y, 8.0);
        if (m < 4.0) return vec4(p.x - (c.x - m) - 2.0, p.y - c.y - 0.5, c.x - m, c.y);
        float n = m - 4.0;                                           // vertical board, counted downwards
        return vec4(p.y - (c.y - (3.0 - n)) - 2.0, -(p.x - c.x - 0.5), c.x + 90.0, c.y - (3.0 - n));
    }
    vec2 c = floor(p / 4.0), f = p - c * 4.0;                        // basket
    if (mod(c.x + c.y, 2.0) > 0.5) f = vec2(f.y, 4.0 - f.x);
    return vec4(f.x - 2.0, fract(f.y) - 0.5, c.x * 5.0 + floor(f.y), c.y + 7.0);
}

vec3 timber(float h, float theme)
{
    const vec3 c[15] = vec3[15](
        vec3(0.72, 0.46, 0.24), vec3(0.45, 0.24, 0.14), vec3(0.88, 0.68, 0.40), vec3(0.60, 0.22, 0.14), vec3(0.80, 0.56, 0.38),
        vec3(0.20, 0.50, 0.52), vec3(0.87, 0.80, 0.66), vec3(0.78, 0.38, 0.26), vec3(0.30, 0.38, 0.50), vec3(0.80, 0.64, 0.34),
        vec3(0.52, 0.62, 0.40), vec3(0.86, 0.54, 0.50), vec3(0.90, 0.78, 0.48), vec3(0.42, 0.28, 0.42), vec3(0.72, 0.74, 0.74));
    return c[int(mod(theme + 0.5, 3.0)) * 5 + int(fract(h) * 5.0)];
}

// Ring coordinate of a board: stretched noise bent around a knot.
float rings(vec2 b, float id)
{
    float s = floor(id * 9999.0);
    vec2 knot = vec2((hash(vec2(s, 1.0)) - 0.5) * 3.0, (hash(vec2(s, 2.0)) - 0.5) * 0.7);
    vec2 k = (b - knot) * vec2(1.0, 2.2);
    float near = exp(-2.2 * dot(k, k)) * step(0.45, hash(vec2(s, 3.0)));
    float arch = b.y * (2.0 + 3.0 * hash(vec2(s, 4.0))) + 0.35 * b.x * b.x * (hash(vec2(s, 5.0)) - 0.5);
    return mix(arch + 1.2 * noise(vec2(b.x * 0.7 + id * 9.0, b.y * 2.5)), length(k) * 2.2, near) * 3.0;
}

float height(vec2 p, float style)
{
    vec4 b = lay(p, style);
    float e = min(2.0 - abs(b.x), 0.5 - abs(b.y)), id = hash(b.zw);
    float g = fract(rings(b.xy, id));
    return 0.10 * smoothstep(0.0, 0.07, e) + 0.012 * g + 0.008 * noise(vec2(b.x * 6.0, b.y * 60.0) + id * 50.0) + 0.03 * hash(b.zw + 5.0) * step(0.02, e);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, era = floor(t / 11.0), style = mod(era + 0.5, 3.0), theme = floor(era / 2.0);
    float a = 0.5 * era + 0.25 * sin(t * 0.15);
    vec2 p = mat2(cos(a), sin(a), -sin(a), cos(a)) * uv * (2.3 + 0.7 * sin(t * 0.23)) + vec2(0.3, 0.17) * t;

    vec2 e = vec2(0.02, 0.0);
    float h = height(p, style);
    vec3 n = normalize(vec3(h - height(p + e.xy, style), h - height(p + e.yx, style), 0.028));
    vec4 b = lay(p, style);
    float id = hash(b.zw), r = rings(b.xy, id), late = smoothstep(0.35, 1.0, fract(r));
    vec3 wood = timber(id, theme), dark = wood * wood * 0.85;
    vec3 col = mix(wood * 1.12, dark, 0.75 * late);
    col *= 0.88 + 0.2 * noise(vec2(b.x * 1.5, b.y * 14.0) + id * 30.0);
    float pore = smoothstep(0.74, 0.86, noise(vec2(b.x * 9.0, b.y * 75.0) + id * 17.0));
    col *= 1.0 - 0.35 * pore;
    // Inlaid nails and butterfly keys on some boards.
    vec2 peg = vec2(abs(b.x) - 1.78, abs(b.y) - 0.25);
    col = mix(col, vec3(0.90, 0.76, 0.40), step(0.6, fract(id * 13.0)) * (1.0 - smoothstep(0.06, 0.08, length(peg))));
    float key = max(abs(b.x) - 0.30, abs(b.y) - 0.06 - 0.45 * abs(b.x));
    col = mix(col, timber(id + 0.4, theme + 1.0), step(0.85, fract(id * 29.0)) * (1.0 - smoothstep(0.0, 0.02, key)));
    float edge = min(2.0 - abs(b.x), 0.5 - abs(b.y));
    col *= 0.35 + 0.65 * smoothstep(0.0, 0.06, edge);

    // Raking sun through window panes, cool room light elsewhere.
    vec2 w = uv + vec2(0.5 * sin(t * 0.2), 0.3 * cos(t * 0.16));
    w = vec2(w.x + 0.5 * w.y, w.y) * 1.5;
    vec2 pane = abs(fract(w) - 0.5);
    float sun = (1.0 - smoothstep(0.38, 0.44, pane.x)) * (1.0 - smoothstep(0.38, 0.44, pane.y)) * step(hash(floor(w * 0.5) + era), 0.62);
    vec3 dir = normalize(vec3(cos(t * 0.2), sin(t * 0.16), 0.9));
    float dif = max(dot(n, dir), 0.0), spe = pow(max(dot(n, normalize(dir + vec3(0.0, 0.0, 1.0))), 0.0), 30.0);
    col *= vec3(0.46, 0.47, 0.58) + dif * mix(vec3(0.28), vec3(1.05, 0.88, 0.60), sun);
    col += spe * (0.10 + 0.28 * sun) * vec3(1.0, 0.92, 0.8);
    fragColor = vec4(pow(clamp(col, 0.0, 1.0), vec3(0.85)), 1.0);
}
