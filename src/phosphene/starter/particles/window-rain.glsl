// Title: Window Rain
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: particles

// City lights out of focus behind a wet window: hexagonal bokeh in three
// depths, seen upside down through every bead and runnel of rain.

// Integer mixing of whole-numbered seeds: the same on every renderer.
vec3 hash3(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    uvec3 k = (n ^ (n >> 14)) * uvec3(0xBDDE03F1u, 0xF763C84Fu, 0xF0D885E3u);
    return vec3(k >> 8) * (1.0 / 16777216.0);
}

vec3 street(vec2 p, float t)
{
    // Blurred dusk: sky, facades and wet road, changing district over time.
    float k = t / 14.0, h = p.y * 0.5 + 0.5;
    vec3 top = 0.28 + 0.26 * cos(k * 0.9 + vec3(4.2, 3.1, 1.2)), mid = 0.46 + 0.44 * cos(k * 1.3 + vec3(0.2, 1.6, 3.3));
    vec3 low = 0.26 + 0.24 * cos(k * 0.7 + vec3(3.9, 2.0, 0.4));
    vec3 col = mix(mix(low, mid, smoothstep(0.0, 0.5, h)), top, smoothstep(0.5, 1.0, h));
    float wall = smoothstep(-0.25, 0.25, sin(p.x * 2.3 + t * 0.12) + 0.6 * sin(p.x * 5.1 - t * 0.09) - 2.4 * p.y);
    col = mix(col, col.brg * 0.75, 0.6 * wall * step(-2.0, p.y));

    for (int layer = 0; layer < 3; layer++) {
        float fl = float(layer), size = 0.8 + 0.8 * fl;
        vec2 q = p * size + vec2((0.10 + 0.10 * fl) * t * (mod(fl, 2.0) * 2.0 - 1.0), 3.0 * fl), b = floor(q - 0.5);
        for (int n = 0; n < 4; n++) {
            vec2 id = b + vec2(float(n & 1), float(n >> 1));
            vec3 h3 = hash3(id + 17.0 * fl);
            if (h3.z < 0.35) continue;
            vec2 v = q - id - 0.5 - 0.45 * (h3.xy - 0.5);
            float r = 0.24 + 0.20 * h3.x;
            v = abs(v);
            float hex = max(dot(v, vec2(0.866, 0.5)), v.y) * 0.6 + length(v) * 0.4;   // rounded iris
            float disc = 1.0 - smoothstep(r - 0.03 * size, r, hex), rim = 1.0 - smoothstep(0.0, 0.07, abs(hex - r + 0.03));
            vec3 hue = 0.48 + 0.58 * cos(6.2832 * (h3.y + vec3(0.02, 0.33, 0.64)));
            hue = mix(hue, vec3(1.0, 0.62, 0.22), step(0.6, h3.z) * 0.7);
            float blink = 0.65 + 0.35 * sin(t * (0.4 + h3.x) + 6.28 * h3.y);
            col += hue * disc * blink * (0.55 + 0.75 * rim);
        }
    }
    return col;
}

// A layer of drops: displacement in xy, coverage in z.
vec3 drops(vec2 p, float t, float size, float fall)
{
    vec2 q = p * vec2(size, size * 0.55);
    float column = floor(q.x), grid = floor(size * 8.0), shift = hash3(vec2(column, grid)).x;
    q.y += t * fall * (0.5 + shift) + 9.0 * shift;
    vec2 id = floor(q);
    vec3 h = hash3(id + grid);
    vec2 f = fract(q) - 0.5;
    f.x -= (h.x - 0.5) * 0.5 + 0.05 * sin(q.y * 9.0 + h.y * 6.0);
    // Stick and slip inside the cell.
    float slip = 0.28 * sin(t * (0.3 + h.y) + 6.28 * h.z + sin(t * 0.9 + h.x * 9.0));
    vec2 v = (f - vec2(0.0, slip * min(fall, 1.0))) / vec2(1.0, 0.55);
    float r = (0.13 + 0.24 * h.z) * step(0.35, h.y);
    float d = length(v * vec2(1.0, v.y > 0.0 ? 0.75 : 1.0));
    float body = 1.0 - smoothstep(r - 0.05, r, d);
    float trail = (1.0 - smoothstep(0.03, 0.07, abs(f.x))) * step(slip, f.y) * (0.5 - f.y) * min(fall, 1.0);
    return vec3(v * body / max(r, 0.05), max(body, trail * step(0.35, h.y)));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime;
    vec3 d = drops(uv, t, 2.1, 0.35);
    vec3 e = drops(uv + 5.3, t, 4.6, 0.0), g = drops(uv * 1.1 + 1.7, t, 3.0, 0.55);
    vec2 bend = d.xy;
    float wet = d.z;
    if (g.z > wet) { bend = g.xy; wet = g.z; }
    if (e.z > wet) { bend = e.xy; wet = e.z; }

    // Inside a drop the street appears inverted; elsewhere fogged a little.
    vec2 look = uv - bend * 1.35 * smoothstep(0.1, 0.6, wet);
    vec3 col = street(look, t);
    float fogged = 1.0 - smoothstep(0.0, 0.5, wet);
    col = mix(col, vec3(0.62, 0.60, 0.66), 0.07 * fogged);
    float rim = dot(bend, bend);
    col *= 1.0 - 0.45 * smoothstep(0.55, 1.0, rim) * step(rim, 1.3);
    col += 0.75 * (1.0 - smoothstep(0.15, 0.35, length(bend - vec2(-0.4, 0.45)))) * smoothstep(0.3, 0.6, wet);
    fragColor = vec4(pow(1.0 - exp(-1.5 * max(col, 0.0)), vec3(1.3)), 1.0);
}
