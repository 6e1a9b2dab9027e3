// Title: Hedge Maze
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: cellular

// A binary-tree maze of clipped hedges seen obliquely, its gardens planted
// in different seasons, with long shadows turning through the day.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 29u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + 1.0), f.x), f.y);
}

// True where the cell was carved northward, i.e. keeps its eastern hedge.
float north(vec2 id) { return step(0.5, hash(id + 37.0)); }

// Distance to the nearest hedge line (negative inside a hedge).
float hedge(vec2 p)
{
    vec2 id = floor(p), f = fract(p);
    float d = min(length(f - step(0.5, f)), 9.0);
    d = min(d, mix(9.0, 1.0 - f.x, north(id)));
    d = min(d, mix(9.0, f.x, north(id - vec2(1, 0))));
    d = min(d, mix(1.0 - f.y, 9.0, north(id)));
    d = min(d, mix(f.y, 9.0, north(id - vec2(0, 1))));
    return d - 0.17;
}

vec3 season(vec2 p, float t, out vec3 gravel)
{
    float s = fract(noise(p * 0.16) * 1.3 + t / 47.0) * 4.0;
    vec3 a = vec3(0.20, 0.50, 0.14), b = vec3(0.86, 0.38, 0.09), c = vec3(0.30, 0.52, 0.56), d = vec3(0.85, 0.45, 0.62);
    gravel = mix(vec3(0.92, 0.76, 0.50), vec3(0.66, 0.62, 0.78), smoothstep(0.8, 1.2, s));
    gravel = mix(gravel, vec3(0.88, 0.93, 0.97), smoothstep(1.8, 2.2, s));
    gravel = mix(gravel, vec3(0.82, 0.60, 0.45), smoothstep(2.8, 3.2, s));
    vec3 c1 = mix(a, b, smoothstep(0.8, 1.1, s));
    c1 = mix(c1, c, smoothstep(1.8, 2.1, s));
    c1 = mix(c1, d, smoothstep(2.8, 3.1, s));
    return mix(c1, a, smoothstep(3.8, 4.0, s));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime;
    float ang = 0.6 * sin(t * 0.05) + 0.4;
    mat2 turn = mat2(cos(ang), sin(ang), -sin(ang), cos(ang));
    float scale = 3.2 + sin(t * 0.15);
    vec2 up = turn * vec2(0.0, 0.42);                    // screen-up in the ground plane
    vec2 ground = turn * uv * scale + vec2(0.5, 0.7) * t;

    // March the height from the hedge tops down to the path.
    vec2 q = ground;
    float h = 0.0, hit = 0.0;
    for (int i = 0; i < 9; i++) {
        h = 1.0 - float(i) / 8.0;
        q = ground - up * h;
        if (hedge(q) < 0.0) { hit = 1.0; break; }
    }
    if (hit < 0.5) q = ground;

    vec3 gravel = vec3(0.0);
    vec3 leaf = season(q, t, gravel);
    float fine = noise(q * 38.0), mid = noise(q * 11.0);
    vec3 col = gravel * (0.72 + 0.3 * fine + 0.12 * mid);

    // Long shadow of the hedges on the path.
    vec2 sun = vec2(cos(t * 0.11), sin(t * 0.11));
    float shade = 1.0;
    for (int i = 1; i < 6; i++) if (hedge(q + sun * 0.09 * float(i)) < 0.0) shade = 0.52;
    if (hit < 0.5) {
        // Flower beds along the border and round pools at some cell centres.
        vec2 id = floor(q), c = fract(q) - 0.5;
        vec2 g = floor(q * 9.0);
        float bloom = step(0.45, hash(g + 2.0)) * step(hedge(q), 0.1) * (1.0 - smoothstep(0.3, 0.42, length(fract(q * 9.0) - 0.5)));
        col = mix(col, 0.5 + 0.5 * cos(6.28 * hash(id + floor(t / 12.0)) + vec3(0.0, 2.1, 4.2)), bloom);
        float pool = step(0.72, hash(id + 20.0)), r = length(c);
        col = mix(col, vec3(0.95, 0.92, 0.85), pool * step(r, 0.27));
        col = mix(col, vec3(0.10, 0.55, 0.72) + 0.25 * sin(r * 60.0 - t * 5.0), pool * step(r, 0.21));
        col *= mix(vec3(0.45, 0.42, 0.75), vec3(1.08, 1.0, 0.9), shade);
    } else {
        float top = step(0.99, h);
        float rim = 1.0 - smoothstep(-0.08, -0.02, hedge(q));
        col = leaf * mix(0.28 + 0.5 * h, 0.95 + 0.45 * rim, top);
        col *= 0.62 + 0.55 * fine + 0.35 * mid;
        float berry = step(0.93, hash(floor(q * 14.0))) * top;
        col = mix(col, vec3(1.0, 0.92, 0.55), berry * 0.8);
    }
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
