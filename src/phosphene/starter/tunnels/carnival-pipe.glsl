// Title: Carnival Pipe
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: tunnels

// A bending pipe lined with fairground boards: each band of the wall has its
// own pattern (harlequin, stars, stripes, bulbs) and the bore changes shape.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 67u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

vec3 paint(float h, float era)
{
    const vec3 c[12] = vec3[12](
        vec3(0.92, 0.20, 0.22), vec3(0.99, 0.92, 0.76), vec3(0.10, 0.44, 0.58), vec3(0.99, 0.74, 0.16),
        vec3(0.30, 0.74, 0.64), vec3(0.98, 0.56, 0.62), vec3(0.34, 0.16, 0.42), vec3(0.98, 0.90, 0.60),
        vec3(0.16, 0.56, 0.30), vec3(0.95, 0.45, 0.14), vec3(0.92, 0.92, 0.96), vec3(0.22, 0.28, 0.66));
    return c[int(mod(era + 0.5, 3.0)) * 4 + int(fract(h) * 4.0)];
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime;
    // The vanishing point swings; nearer rings lag behind it.
    vec2 bend = 0.55 * vec2(sin(t * 0.33), cos(t * 0.27));
    vec2 v = uv - bend;
    for (int i = 0; i < 3; i++) {
        float rr = length(v);
        v = uv - bend * exp(-0.9 * rr);
    }
    float turn = t * 0.12;
    v = mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * v;

    // Bore: blends circle, square, hexagon-like and star outlines.
    float a = atan(v.y, v.x), r0 = length(v), k = mod(t / 9.0, 4.0);
    float square = pow(pow(abs(v.x), 6.0) + pow(abs(v.y), 6.0), 1.0 / 6.0);
    float tri = r0 * cos(mod(a, 2.0944) - 1.0472) * 1.25;
    float star = r0 * (1.0 + 0.16 * cos(a * 5.0));
    float r = r0;
    r = mix(r, square, smoothstep(0.7, 1.0, k) * (1.0 - smoothstep(1.7, 2.0, k)));
    r = mix(r, star, smoothstep(1.7, 2.0, k) * (1.0 - smoothstep(2.7, 3.0, k)));
    r = mix(r, tri, smoothstep(2.7, 3.0, k) * (1.0 - smoothstep(3.7, 4.0, k)));

    float z = 0.55 / (r + 0.03) + t * 0.55;
    float band = floor(z * 0.7), y = fract(z * 0.7);
    float era = floor((band + 0.5) / 7.0), h = hash(vec2(band, 3.0));
    float n = 8.0 + 4.0 * floor(3.0 * hash(vec2(band, 5.0)));
    float drift = (h - 0.5) * t * 0.35;
    vec2 g = vec2((a / 6.28318) * n + n * drift * 0.15, y * (n > 12.0 ? 3.0 : 2.0));
    vec2 id = floor(g), f = fract(g) - 0.5;

    vec3 A = paint(h, era), B = paint(h + 0.25, era), C = paint(h + 0.5, era), D = paint(h + 0.75, era);
    vec3 col = A;
    float kind = floor(5.0 * hash(vec2(band, 9.0)));
    float chk = mod(id.x + id.y, 2.0);
    if (kind < 1.0) {                                                    // harlequin diamonds
        col = mix(A, B, step(abs(f.x) + abs(f.y), 0.5));
        col = mix(col, C, step(abs(f.x) + abs(f.y), 0.2));
    } else if (kind < 2.0) {                                             // stars on squares
        float s = length(f) * (1.0 + 0.35 * cos(5.0 * atan(f.y, f.x) + t));
        col = mix(mix(A, B, chk), mix(D, C, chk), 1.0 - smoothstep(0.30, 0.34, s));
    } else if (kind < 3.0) {                                             // barber stripes
        float s = fract(g.x * 0.5 + y * 2.0 - t * 0.15);
        col = s < 0.33 ? A : s < 0.55 ? B : s < 0.88 ? C : D;
    } else if (kind < 4.0) {                                             // bulbs, chasing
        float on = pow(0.5 + 0.5 * sin(id.x * 1.57 - t * 3.0), 2.0), d = length(f);
        col = mix(A * 0.7, B, step(0.40, abs(f.y)));
        col = mix(col, mix(C * 0.6, vec3(1.0, 0.97, 0.8), on), 1.0 - smoothstep(0.22, 0.28, d)) + 0.35 * on * C * exp(-5.0 * d);
    } else {                                                             // scales
        vec2 s = vec2(fract(g.x + 0.5 * mod(id.y, 2.0)) - 0.5, fract(g.y));
        float d = length(s * vec2(1.0, 0.8));
        col = mix(A, mix(B, C, s.y), 1.0 - smoothstep(0.49, 0.52, d)) * (0.75 + 0.35 * s.y);
    }

    // Rings between bands, with a rounded highlight.
    float edge = min(y, 1.0 - y);
    col = mix(col, D * (0.55 + 0.8 * (1.0 - smoothstep(0.0, 0.06, edge))), 1.0 - smoothstep(0.06, 0.07, edge));
    // Shading: lit rails along the bore and coloured mist at the far end.
    col *= 0.72 + 0.30 * sin(a * 2.0 + 1.0 + t * 0.3) + 0.25 * smoothstep(0.2, 1.2, r);
    vec3 mist = mix(vec3(1.0, 0.86, 0.62), paint(0.5, floor(t / 12.0)), 0.4 + 0.3 * sin(t * 0.2));
    col = mix(mist, col, smoothstep(0.03, 0.34, r));
    col *= 1.08 - 0.12 * dot(uv, uv);
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
