// Title: Lichen Colonies
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: cellular

// Rosettes of lichen germinate on slate, spread in lobed rings, fruit,
// meet their neighbours along sharp fronts and hollow out with age.

// Integer mixing of whole-numbered seeds: the same on every renderer.
vec3 hash3(vec3 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + uint(int(p.z)) * 0xD3437517u + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    uvec3 k = (n ^ (n >> 14)) * uvec3(0xBDDE03F1u, 0xF763C84Fu, 0xF0D885E3u);
    return vec3(k >> 8) * (1.0 / 16777216.0);
}

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    vec2 e = vec2(0.0, 1.0);
    float a = hash3(vec3(i, 1.0)).x, b = hash3(vec3(i + e.yx, 1.0)).x;
    float c = hash3(vec3(i + e.xy, 1.0)).x, d = hash3(vec3(i + e.yy, 1.0)).x;
    return mix(mix(a, b, f.x), mix(c, d, f.x), f.y);
}

vec3 pigment(float h)
{
    vec3 c = mix(vec3(0.98, 0.62, 0.05), vec3(0.72, 0.82, 0.42), step(0.22, h));
    c = mix(c, vec3(0.92, 0.90, 0.78), step(0.4, h));
    c = mix(c, vec3(0.35, 0.72, 0.66), step(0.55, h));
    c = mix(c, vec3(0.86, 0.30, 0.20), step(0.7, h));
    return mix(c, vec3(0.72, 0.48, 0.75), step(0.86, h));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime;
    vec2 p = uv * 1.35 + vec2(0.045, 0.03) * t;
    float n1 = noise(p * 5.0), n2 = noise(p * 13.0 + 7.0), n3 = noise(p * 34.0);

    // Slate ground, tinted in broad bedding planes.
    float bed = noise(vec2(p.x * 0.6 + p.y * 0.8, (p.y - p.x * 0.7) * 5.0));
    vec3 slate = mix(vec3(0.20, 0.24, 0.42), vec3(0.52, 0.36, 0.40), bed);
    slate = mix(slate, vec3(0.26, 0.46, 0.50), noise(p * 0.7 + t * 0.05));
    vec3 col = slate * (0.6 + 0.5 * n2 + 0.35 * n3);
    float crack = abs(noise(p * 2.3 + 0.3 * n1) - 0.5);
    col *= 0.55 + 0.45 * smoothstep(0.0, 0.035, crack);

    // Find the colony that reaches deepest over this point.
    float best = -1.0, second = -1.0, lived = 0.0, ang = 0.0, dist = 1.0;
    vec3 gene = vec3(0.0);
    vec2 base = floor(p);
    for (int j = -1; j <= 1; j++)
    for (int i = -1; i <= 1; i++) {
        vec2 c = base + vec2(float(i), float(j));
        float life = t / (15.0 + 8.0 * hash3(vec3(c, 4.0)).x) + hash3(vec3(c, 2.0)).y;
        vec3 g = hash3(vec3(c, 10.0 + floor(life)));
        vec2 v = p - c - 0.2 - 0.6 * g.xy;
        float a = atan(v.y, v.x), r = length(v);
        float lobes = 0.07 * sin(a * (5.0 + floor(6.0 * g.z)) + 9.0 * g.x) + 0.05 * sin(a * 17.0 + 4.0 * n1);
        float age = fract(life);
        float reach = (0.45 + 0.60 * g.z) * sqrt(age) * (1.0 - smoothstep(0.93, 1.0, age)) * 1.25;
        float depth = reach * (1.0 + lobes + 0.3 * (n1 - 0.5)) - r;
        if (depth > best) { second = best; best = depth; gene = g; lived = age; ang = a; dist = r; }
        else second = max(second, depth);
    }

    float alpha = smoothstep(0.0, 0.012, best);
    vec3 hue = pigment(gene.x), tip = mix(hue, pigment(fract(gene.x + 0.45)), 0.55);
    // Radial lobes near the margin, concentric zones within.
    float crease = abs(sin(ang * (14.0 + floor(10.0 * gene.y)) + 3.0 * n1 + 4.0 * dist));
    float zone = 0.5 + 0.5 * sin(best * 62.0 + 3.0 * n1);
    vec3 body = mix(hue, tip, 1.0 - smoothstep(0.0, 0.1, best)) * (0.6 + 0.3 * zone + 0.25 * n2);
    body *= mix(0.55 + 0.5 * crease, 1.0, 1.0 - smoothstep(0.05, 0.2, dist));
    body = mix(body, hue * 0.35 + slate * 0.4, smoothstep(0.25, 0.7, best + 0.35 * (n2 - 0.5)) * step(0.35, lived));
    // Fruiting discs.
    vec2 fp = p * 13.0;
    vec3 fh = hash3(vec3(floor(fp), 5.0));
    float disc = length(fract(fp) - 0.3 - 0.4 * fh.xy) - 0.27 * fh.z * smoothstep(0.15, 0.6, lived);
    vec3 cup = mix(pigment(fract(gene.x + 0.6)), vec3(0.30, 0.08, 0.16), 0.35);
    body = mix(body, mix(cup, vec3(1.0, 0.95, 0.8), smoothstep(-0.1, 0.0, disc)), (1.0 - smoothstep(0.0, 0.06, disc)) * smoothstep(0.05, 0.09, best));
    // Lit rim, dark meeting line, soft shadow on the stone.
    body += 0.35 * (1.0 - smoothstep(0.0, 0.03, best)) * n3;
    body *= 0.35 + 0.65 * smoothstep(0.0, 0.025, best - max(second, 0.0));
    col *= 0.45 + 0.55 * smoothstep(-0.07, 0.0, -best - 0.015);
    col = mix(col, body, alpha);
    fragColor = vec4(pow(clamp(col * 1.12, 0.0, 1.0), vec3(0.88)), 1.0);
}
