// Title: Bead Scope
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: kaleidoscopes

// The toy with three mirrors: a tumbling chamber of glass beads, shards and
// threads over frosted light, reflected across the whole plane.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(float p)
{
    uint n = uint(int(p)) * 0xF0D885E3u + 83u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}
mat2 rot(float a) { float c = cos(a), s = sin(a); return mat2(c, -s, s, c); }

vec3 glassColour(float h, float era)
{
    // Three boxes of beads, each with its own temperament.
    vec3 warm = 0.55 + 0.45 * cos(6.2832 * (h * 0.5 + vec3(0.00, 0.18, 0.30)));
    vec3 sea = 0.50 + 0.45 * cos(6.2832 * (h * 0.6 + vec3(0.55, 0.25, 0.05)));
    vec3 candy = 0.60 + 0.40 * cos(6.2832 * (h + vec3(0.0, 0.33, 0.67)));
    float k = mod(era + 0.5, 3.0);
    return k < 1.0 ? candy : k < 2.0 ? warm : sea;
}

// Fold the plane into one equilateral triangle (p6m).
vec2 mirrors(vec2 p)
{
    const vec2 n1 = vec2(0.8660254, 0.5), n2 = vec2(-0.8660254, 0.5);
    for (int i = 0; i < 7; i++) {
        p.x = abs(p.x);
        p -= 2.0 * max(0.0, dot(p, n1) - 0.5) * n1;
        p.y = abs(p.y);
        p -= 2.0 * min(0.0, dot(p, n2)) * n2;
    }
    return p;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / min(iResolution.x, iResolution.y);
    float t = iTime;
    vec2 p = rot(t * 0.06) * uv * (1.15 + 0.3 * sin(t * 0.17)) + 0.25 * vec2(sin(t * 0.11), cos(t * 0.14));
    vec2 q = mirrors(p);
    float tilt = floor(t / 8.0), ease = smoothstep(0.0, 0.25, fract(t / 8.0));

    // Frosted end-cell: a two-tone gradient with fine ripple.
    vec3 lo = glassColour(0.13 + 0.07 * tilt, tilt), hi = vec3(1.0, 0.96, 0.88);
    vec3 col = mix(hi, lo, 0.35 + 0.5 * q.y + 0.25 * sin(9.0 * q.x + t * 0.5));
    col *= 0.92 + 0.08 * sin(70.0 * q.x) * sin(70.0 * q.y);

    // Beads and shards pile up, each tinting the light that passes through.
    vec2 chamber = rot(t * 0.13) * (q - vec2(0.2, 0.25));
    for (int i = 0; i < 16; i++) {
        float n = float(i) + 1.0, a = hash(n + 31.0 * tilt), b = hash(n + 31.0 * (tilt + 1.0));
        float h = mix(a, b, ease);
        vec2 c = 0.42 * vec2(sin(6.28 * h + n * 2.4 + t * 0.10), cos(6.28 * hash(n + 1000.0) + n + t * 0.13 * (h - 0.3)));
        vec2 v = rot(n * 1.7 + t * (hash(n) - 0.5)) * (chamber - c);
        float size = 0.09 + 0.17 * hash(n + 2000.0);
        float kind = mod(n, 4.0), d = 0.0;
        if (kind < 1.0) d = length(v) - size;                                          // bead
        else if (kind < 2.0) d = max(abs(v.x) * 1.2 + v.y * 0.6, -v.y) - size * 0.8;   // shard
        else if (kind < 3.0) d = abs(length(v) - size) - 0.022;                        // ring
        else d = max(abs(v.x) - size * 1.5, abs(v.y + 0.04 * sin(18.0 * v.x)) - 0.03); // thread
        vec3 tint = glassColour(h + 0.21 * n, tilt + step(0.5, hash(n + 9.0)));
        float fill = 1.0 - smoothstep(-0.008, 0.008, d);
        vec3 lit = col * tint * 1.25 + tint * 0.28;
        lit += 0.55 * (1.0 - smoothstep(0.0, 0.06, length(v - vec2(-0.35, 0.35) * size))) * step(kind, 0.5);
        lit *= 0.62 + 0.38 * (1.0 - smoothstep(-0.035, 0.0, d));
        col = mix(col, mix(lit, tint, 0.35), fill);
        col *= 1.0 - 0.25 * (1.0 - smoothstep(0.0, 0.05, d)) * (1.0 - fill);
    }

    // Silvered seams and the falling-off of repeated reflection.
    float seam = min(q.x, abs(dot(q, vec2(-0.8660254, 0.5))));
    col += 0.16 * (1.0 - smoothstep(0.0, 0.02, seam));
    col = mix(col, col * vec3(0.72, 0.68, 0.92), smoothstep(0.7, 1.9, length(uv)));
    fragColor = vec4(pow(clamp(col, 0.0, 1.0), vec3(1.15)), 1.0);
}
