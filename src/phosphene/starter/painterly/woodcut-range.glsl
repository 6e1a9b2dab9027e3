// Title: Woodcut Range
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: painterly

// A colour woodcut: ranges, lake and rayed sun cut with tapering gouge lines
// that follow the form, printed in four blocks slightly out of register.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(float p)
{
    uint n = uint(int(p)) * 0xF0D885E3u + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    float a = dot(i, vec2(1.0, 57.0));
    return mix(mix(hash(a), hash(a + 1.0), f.x), mix(hash(a + 57.0), hash(a + 58.0), f.x), f.y);
}

// Jagged peaks with facets: returns height of the range at x.
float range(float x, float s)
{
    float h = 0.0, a = 0.30, f = 1.1;
    for (int i = 0; i < 4; i++) { h += a * (1.0 - abs(2.0 * fract(x * f * 0.5 + hash(s + float(i))) - 1.0) * (1.2 + 0.6 * hash(s * 3.0 + float(i)))); a *= 0.45; f *= 2.1; }
    return h;
}

// Gouge lines along v, swelling where the tone is light. Returns ink coverage.
float cut(float v, float along, float tone, float px)
{
    float wob = 0.18 * noise(vec2(along * 3.0, v * 0.5)) + 0.25 * (noise(vec2(along * 9.0, floor(v) * 3.0)) - 0.5);
    float f = abs(fract(v + wob) - 0.5) * 2.0;
    return smoothstep(-px, px, f - clamp(tone, 0.0, 1.0));
}

// Key ink, sky, light, earth, water for five editions.
vec3 block(int which, float e)
{
    const vec3 c[25] = vec3[25](
        vec3(0.13, 0.16, 0.30), vec3(0.95, 0.62, 0.35), vec3(0.99, 0.90, 0.66), vec3(0.70, 0.28, 0.24), vec3(0.26, 0.58, 0.62),
        vec3(0.22, 0.10, 0.26), vec3(0.45, 0.72, 0.78), vec3(0.98, 0.84, 0.80), vec3(0.48, 0.56, 0.24), vec3(0.86, 0.46, 0.52),
        vec3(0.07, 0.25, 0.25), vec3(0.97, 0.80, 0.36), vec3(0.97, 0.95, 0.85), vec3(0.85, 0.42, 0.16), vec3(0.30, 0.66, 0.46),
        vec3(0.30, 0.08, 0.10), vec3(0.88, 0.38, 0.36), vec3(0.99, 0.82, 0.50), vec3(0.36, 0.36, 0.60), vec3(0.95, 0.66, 0.44),
        vec3(0.10, 0.14, 0.42), vec3(0.66, 0.56, 0.84), vec3(0.96, 0.94, 0.98), vec3(0.22, 0.56, 0.56), vec3(0.98, 0.74, 0.32));
    return c[int(mod(e + 0.5, 5.0)) * 5 + which];
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime;
    // A roller sweeps across between editions.
    float clock = t / 9.0 - 0.1 * uv.x, e = floor(clock);
    vec3 key = block(0, e), sky = block(1, e), lit = block(2, e), earth = block(3, e), lake = block(4, e);
    vec2 slip = uv + 0.012 * vec2(sin(e * 3.0), cos(e * 5.0));           // misregistration
    float shore = -0.36 + 0.16 * sin(t * 0.1), px = 40.0 / iResolution.y;

    // Sky block: rays and clouds carved around the sun.
    vec2 sun = vec2(0.9 * sin(t * 0.13), 0.45 + 0.2 * cos(t * 0.17)), sv = uv - sun;
    float sr = length(sv), sa = atan(sv.y, sv.x);
    vec3 col = mix(sky, lit, 0.55 * (1.0 - smoothstep(-0.2, 0.9, slip.y)));
    float rays = cut(sa * 7.0 + 0.3 * sin(sr * 9.0), sr, 0.62 + 0.5 * exp(-1.5 * sr) - 0.25 * sr, px * 0.4);
    col = mix(col, mix(sky, key, 0.55), rays * smoothstep(0.24, 0.34, sr));
    float cb = uv.y * 3.0 + 0.8 * noise(uv * vec2(1.5, 4.0) + vec2(t * 0.1, e)), band = smoothstep(0.50, 0.56, noise(vec2(uv.x * 1.1 + t * 0.12, floor(cb) * 5.0)));
    col = mix(col, mix(lit, key, 0.9 * cut(cb * 6.0, uv.x, 1.0 - 0.75 * fract(cb), px * 0.5)), band * step(0.05, uv.y));
    vec3 disc = mix(lit, earth, step(0.5, fract(e * 0.5)));
    if (length(slip - sun) < 0.25) col = mix(disc, key, cut((uv.y - sun.y) * 22.0, uv.x, 1.1 + 2.6 * (uv.y - sun.y), px * 0.5));
    col = mix(col, key, 1.0 - smoothstep(0.008, 0.018, abs(sr - 0.25)));

    // Ranges: facets alternate between lit snow, flat colour and hatched shade.
    for (int i = 0; i < 3; i++) {
        float z = float(i), x = uv.x * (0.85 - 0.1 * z) + t * (0.03 + 0.05 * z) + 11.0 * z;
        float h = shore + (1.25 - 0.36 * z) * range(x, 3.0 + z) + 0.10 - 0.04 * z, d = h - uv.y;
        if (d < 0.0 || uv.y < shore) continue;
        float slope = range(x + 0.03, 3.0 + z) - range(x - 0.03, 3.0 + z);
        float side = step(slope * sign(sun.x - uv.x + 0.01), 0.0);       // facing the sun
        float facet = noise(vec2(x * 7.0 + d * 3.0, d * 4.0 + z * 9.0));
        vec3 body = mix(mix(lake, sky, 0.5), earth, 0.35 + 0.32 * z);
        body = mix(body, lit, step(0.45, facet + 0.5 * side - 0.9 * d));
        float tone = mix(0.30, 1.02, side) + 0.35 * (facet - 0.5) - 0.4 * d;
        float lines = cut((x * 0.7 * (1.0 - 2.0 * side) + uv.y) * (21.0 - 3.0 * z) + 2.0 * facet, d, tone, px * 0.7);
        col = mix(body, key, lines);
        col = mix(col, key, 1.0 - smoothstep(0.01, 0.022, d));
    }

    // Lake block: horizontal cuts, broken by reflection.
    if (uv.y < shore) {
        float d = shore - uv.y, wave = log(1.0 + d * 9.0) * 8.0 + 0.3 * sin(uv.x * 5.0 + t * 0.6);
        float path = exp(-6.0 * pow(abs(uv.x - sun.x) / (0.5 + d), 2.0));
        col = mix(lake, lit, 0.8 * step(0.5, path + 0.35 * sin(wave * 6.2832 - t)));
        col = mix(col, key, cut(wave + 0.1 * t, uv.x * 0.6, 0.52 + 0.35 * sin(uv.x * 2.0 + wave * 1.7 + t * 0.3) + 0.5 * path, px * 0.5));
        // A reed bank in front.
        float rx = uv.x * 15.0 + t * 0.9, reed = hash(floor(rx)), top = -0.98 + 0.50 * reed * smoothstep(0.2, 0.8, noise(vec2(rx * 0.07, e)));
        if (uv.y < top && abs(fract(rx) - 0.5 - 0.3 * (uv.y + 1.0) * (reed - 0.5)) < 0.32 * min(1.0, (top - uv.y) * 5.0)) col = mix(key, earth, step(0.5, fract(reed * 7.0)));
    }

    // Wood grain and starved ink.
    float grain = noise(vec2(uv.x * 3.0, uv.y * 60.0 + 4.0 * noise(uv * 2.0)));
    col = mix(col, lit, 0.14 * smoothstep(0.62, 0.9, grain));
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
