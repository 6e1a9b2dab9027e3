// Title: Hyperbolic Quilt
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: kaleidoscopes

// A {p,q} tessellation of the hyperbolic plane laid out in the band model,
// so it fills the canvas; patches of printed cotton on every triangle.

vec2 cmul(vec2 a, vec2 b) { return vec2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }
vec2 cdiv(vec2 a, vec2 b) { return vec2(dot(a, b), a.y * b.x - a.x * b.y) / dot(b, b); }

vec2 ctanh(vec2 z)
{
    vec2 e = exp(2.0 * z.x) * vec2(cos(2.0 * z.y), sin(2.0 * z.y));
    return cdiv(e - vec2(1.0, 0.0), e + vec2(1.0, 0.0));
}

vec3 cotton(float k, float era)
{
    const vec3 dye[12] = vec3[12](
        vec3(0.88, 0.27, 0.22), vec3(0.97, 0.87, 0.66), vec3(0.13, 0.36, 0.46), vec3(0.95, 0.65, 0.25),
        vec3(0.26, 0.17, 0.42), vec3(0.98, 0.75, 0.78), vec3(0.83, 0.31, 0.52), vec3(0.42, 0.70, 0.62),
        vec3(0.16, 0.38, 0.20), vec3(0.93, 0.93, 0.55), vec3(0.40, 0.66, 0.88), vec3(0.98, 0.52, 0.30));
    return dye[4 * int(mod(era + 0.5, 3.0)) + int(mod(k, 4.0))];
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, era = floor(t / 6.0);
    // Schlaefli symbols, one per era.
    float k = mod(era + 0.5, 5.0);
    vec2 pq = k < 1.0 ? vec2(5, 4) : k < 2.0 ? vec2(4, 6) : k < 3.0 ? vec2(7, 3) : k < 4.0 ? vec2(3, 8) : vec2(6, 4);

    // Band to disc, then a hyperbolic stroll and a turn.
    vec2 z = ctanh(uv * (0.50 + 0.1 * sin(t * 0.37)));
    vec2 go = 0.66 * vec2(sin(t * 0.23), sin(t * 0.31 + 1.0) * 0.7);
    z = cdiv(z + go, vec2(1.0, 0.0) + cmul(vec2(go.x, -go.y), z));
    float spin = t * 0.09;
    z = cmul(z, vec2(cos(spin), sin(spin)));

    // Fundamental triangle: the mirror circle is centred on the x axis.
    float cp = cos(3.14159265 / pq.x), cq = cos(3.14159265 / pq.y), sp = sin(3.14159265 / pq.x);
    float centre = cq / sqrt(cq * cq - sp * sp);
    float rad = sp / sqrt(cq * cq - sp * sp);
    vec2 mirror = vec2(sp, -cp);
    float flips = 0.0, turns = 0.0;
    for (int i = 0; i < 26; i++) {
        vec2 was = z;
        if (z.y < 0.0) { z.y = -z.y; flips += 1.0; }
        float m = dot(z, mirror);
        if (m < 0.0) { z -= 2.0 * m * mirror; flips += 1.0; }
        vec2 c = z - vec2(centre, 0.0);
        float d2 = dot(c, c);
        if (d2 < rad * rad) { z = vec2(centre, 0.0) + c * rad * rad / d2; flips += 1.0; turns += 1.0; }
        if (all(equal(was, z))) break;
    }

    // Distances to the three mirrors inside the triangle.
    float scale = 2.0 / (1.0 - dot(z, z));
    float dx = z.y * scale, dm = dot(z, mirror) * scale, dc = (length(z - vec2(centre, 0.0)) - rad) * scale;
    float odd = mod(flips, 2.0), rad2 = length(z) * scale;

    // Patchwork: three cloths per triangle, each printed differently.
    float piece = dm < dx && dm < dc ? 0.0 : dx < dc ? 1.0 : 2.0;
    vec3 col = cotton(piece + 3.0 * odd + mod(turns, 2.0) * 2.0, era);
    float print = piece < 0.5 ? sin(dc * 24.0) : piece < 1.5 ? sin(rad2 * 17.0 + t) : 2.0 * sin(dx * 22.0) * sin(dm * 22.0);
    col = mix(col, cotton(piece + 7.0 + odd, era + 1.0), 0.75 * smoothstep(0.35, 0.55, print));

    // Bloom at every polygon centre, button at every vertex.
    float bloom = rad2 * (1.0 + 0.25 * cos(atan(z.y, z.x) * pq.x * 2.0)) - 0.42;
    col = mix(col, cotton(5.0 + floor(mod(turns + 0.5, 3.0)), era), 1.0 - smoothstep(-0.03, 0.03, bloom));
    col = mix(col, cotton(9.0, era), 1.0 - smoothstep(-0.03, 0.03, rad2 - 0.16));

    // Stitched seams with a puffed relief between them.
    float seam = min(dx, min(dm, dc));
    col *= 0.6 + 0.45 * smoothstep(0.0, 0.22, seam);
    float dash = step(0.45, fract(rad2 * 9.0)) * (1.0 - smoothstep(0.010, 0.022, abs(seam - 0.07)));
    col = mix(col, vec3(1.0, 0.97, 0.88), 0.8 * dash);
    col *= 1.06 - 0.22 * pow(abs(uv.y), 6.0) + 0.08 * sin(uv.x * 3.0 + t);
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
