// Title: Mural Bricks
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: surfaces

// A brick wall under old street murals: big sprayed shapes, stencils and
// drips over multi-coloured brick, chipped to the clay and lit by the day.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 29u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p), u = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), u.x), mix(hash(i + vec2(0, 1)), hash(i + 1.0), u.x), u.y);
}

vec3 can(float h)
{
    const vec3 c[10] = vec3[10](
        vec3(0.98, 0.30, 0.42), vec3(0.10, 0.68, 0.74), vec3(0.99, 0.82, 0.16), vec3(0.42, 0.24, 0.66), vec3(0.96, 0.95, 0.90),
        vec3(0.18, 0.62, 0.32), vec3(0.99, 0.55, 0.14), vec3(0.16, 0.34, 0.72), vec3(0.98, 0.66, 0.76), vec3(0.14, 0.14, 0.20));
    return c[int(fract(h) * 10.0)];
}

// Running or Flemish bond: local position, half size in zw.
vec4 brick(vec2 p, out vec2 id)
{
    p *= vec2(3.0, 7.5);
    float row = floor(p.y), flem = step(9.0, mod(row + 0.5, 18.0));
    p.x += 0.5 * mod(row, 2.0);
    float x = mod(p.x, 1.0), header = flem * step(0.66, x);
    float x0 = header * 0.66, w = mix(1.0, mix(0.66, 0.34, header), flem);
    id = vec2(floor(p.x) * 2.0 + header, row);
    return vec4((x - x0 - 0.5 * w) / 3.0, (fract(p.y) - 0.5) / 7.5, 0.5 * w / 3.0, 0.5 / 7.5);
}

float height(vec2 p)
{
    vec2 id;
    vec4 b = brick(p, id);
    vec2 d = abs(b.xy) - b.zw + 0.014 + 0.006 * noise(p * 22.0);
    float e = length(max(d, 0.0)) + min(max(d.x, d.y), 0.0);
    float h = (1.0 - smoothstep(-0.012, 0.010, e)) * (0.045 + 0.015 * hash(id));
    return h + 0.010 * noise(p * 30.0) + 0.007 * noise(p * 75.0) + 0.05 * (hash(id + 3.0) - 0.5) * b.x;
}

// One sprayed figure around the origin: paint distance field.
float figure(vec2 v, float kind, float s)
{
    float r = length(v), a = atan(v.y, v.x);
    if (kind < 1.0) return r - 0.42 - 0.14 * cos(a * 5.0 + s);                         // flower
    if (kind < 2.0) return abs(r - 0.36) - 0.12;                                       // hoop
    if (kind < 3.0) return abs(v.y - 0.18 * sin(v.x * 7.0 + s)) - 0.13;                // wave
    if (kind < 4.0) return max(abs(v.x) + abs(v.y) * 0.6 - 0.45, -(r - 0.17));         // diamond with an eye
    if (kind < 5.0) return max(abs(v.x * 0.8 + v.y * 0.6), abs(v.y * 0.8 - v.x * 0.6)) - 0.36;
    return min(length(v - vec2(0.2, 0.1)) - 0.27, min(length(v + vec2(0.2, -0.1)) - 0.27, abs(v.x) + abs(v.y + 0.12) - 0.36)); // heart
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, zoom = 0.85 + 0.3 * sin(t * 0.17);
    vec2 p = uv * zoom + vec2(0.13, 0.05) * t;
    vec2 e = vec2(0.006, 0.0), id;
    float h = height(p);
    vec3 n = normalize(vec3(h - height(p + e.xy), h - height(p + e.yx), 0.012));
    vec4 b = brick(p, id);

    // Clay varies by kiln batch; mortar is pale.
    float batch = noise(p * 0.6 + 4.0), k = hash(id);
    vec3 clay = mix(vec3(0.68, 0.27, 0.18), vec3(0.82, 0.56, 0.34), k * smoothstep(0.3, 0.7, batch));
    clay = mix(clay, vec3(0.40, 0.28, 0.36), step(0.85, k));
    clay *= 0.72 + 0.5 * noise(p * 18.0) + 0.15 * noise(p * 60.0);
    vec3 mortar = vec3(0.74, 0.70, 0.64) * (0.8 + 0.3 * noise(p * 40.0));
    float face = smoothstep(0.022, 0.04, h);
    vec3 col = mix(mortar, clay, face);

    // Murals: background rollered blocks, then three figures per cell, repainted in time.
    float worn = noise(p * 3.0 + 9.0) * 0.6 + noise(p * 11.0) * 0.3 + 0.1 * hash(id + 7.0);
    float keep = (1.0 - smoothstep(0.61, 0.68, worn)) * mix(0.85, 1.0, face);
    vec2 c0 = floor(p / 1.3), wall = floor(p / vec2(1.9, 1.4));
    col = mix(col, can(hash(wall + floor(t / 17.0 + hash(wall)))) * (0.9 + 0.2 * noise(p * 5.0)), keep * 0.9);
    for (int m = 0; m < 3; m++) {
        float fm = float(m);
        vec2 q = p / 1.25 + 0.37 * fm, c = floor(q);
        if (hash(c + 31.0 + fm) < 0.3) continue;
        float life = t / 12.0 + hash(c + fm), g = hash(c + 13.0 * fm + 5.0 * floor(life)), spray = smoothstep(0.0, 0.3, fract(life));
        vec2 v = fract(q) - 0.5 - 0.12 * vec2(sin(g * 40.0), cos(g * 70.0));
        v *= 1.05 + 0.35 * fract(g * 7.0);
        float turn = 6.28 * g;
        v = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * v;
        float d = figure(v, floor(6.0 * fract(g * 17.0)), 9.0 * g);
        d = max(d, max(abs(fract(q.x) - 0.5), abs(fract(q.y) - 0.5)) - 0.49) + 0.03 * (noise(p * 40.0) - 0.5) + (1.0 - spray) * 0.5;
        vec3 paint = mix(can(g * 3.0), can(g * 3.0 + 0.3), smoothstep(-0.3, 0.3, v.y));
        col = mix(col, paint, keep * (1.0 - smoothstep(-0.015, 0.015, d)));
        col = mix(col, can(g * 5.0 + 0.55), keep * (1.0 - smoothstep(0.02, 0.035, abs(d))) * step(0.35, g));
        col = mix(col, paint, keep * 0.25 * (1.0 - smoothstep(0.0, 0.06, d)) * step(0.0, d));   // overspray
    }
    float drip = step(0.8, hash(vec2(floor(p.x * 26.0), c0.y))) * (1.0 - smoothstep(0.2, 0.5, abs(fract(p.x * 26.0) - 0.5))) * smoothstep(0.2, 0.9, fract(p.y / 1.3));
    col = mix(col, can(hash(vec2(floor(p.x * 26.0), 8.0))), 0.7 * drip * keep);

    // Sun with the hours, leaf shadow dappling the wall.
    vec3 sun = normalize(vec3(1.2 * cos(t * 0.15), 0.6 + 0.6 * sin(t * 0.15), 0.8));
    float dif = max(dot(n, sun), 0.0), spe = pow(max(dot(n, normalize(sun + vec3(0.0, 0.0, 1.0))), 0.0), 16.0);
    vec2 lf = uv * 2.2 + 0.15 * vec2(sin(t * 1.1), cos(t * 0.9)) - 0.07 * t;
    float shade = smoothstep(0.42, 0.56, noise(lf) * 0.7 + 0.3 * noise(lf * 3.1));
    col *= vec3(0.36, 0.38, 0.50) + vec3(1.02, 0.94, 0.80) * dif * mix(0.75, 1.12, shade) + 0.12 * spe;
    fragColor = vec4(pow(clamp(col, 0.0, 1.0), vec3(0.88)), 1.0);
}
