// Title: Block Poster
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: typography

// Modernist letterforms built from squares, quarter-rounds and bars in a
// two-by-three module, set at three sizes on a printed broadsheet.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec3 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + uint(int(p.z)) * 0xD3437517u + 3u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

vec3 ink(float h, float era)
{
    // Four specimen books of six inks.
    const vec3 book[24] = vec3[24](
        vec3(0.93, 0.88, 0.77), vec3(0.87, 0.20, 0.15), vec3(0.13, 0.27, 0.53), vec3(0.95, 0.73, 0.15), vec3(0.16, 0.15, 0.17), vec3(0.55, 0.75, 0.77),
        vec3(0.98, 0.83, 0.80), vec3(0.95, 0.37, 0.29), vec3(0.15, 0.40, 0.36), vec3(0.98, 0.93, 0.70), vec3(0.35, 0.16, 0.30), vec3(0.45, 0.73, 0.55),
        vec3(0.85, 0.92, 0.90), vec3(0.02, 0.46, 0.60), vec3(0.98, 0.56, 0.10), vec3(0.20, 0.20, 0.42), vec3(0.94, 0.30, 0.50), vec3(0.70, 0.83, 0.30),
        vec3(0.92, 0.90, 0.95), vec3(0.47, 0.24, 0.68), vec3(0.98, 0.80, 0.05), vec3(0.90, 0.25, 0.32), vec3(0.10, 0.55, 0.45), vec3(0.25, 0.62, 0.92));
    return book[int(mod(era, 4.0)) * 6 + int(fract(h) * 6.0)];
}

// One module, 0..1 square: filled, quarter-round, bar, bowl or stripes.
float module(vec2 f, float h, float turn)
{
    f -= 0.5;
    for (int i = 0; i < 3; i++) if (float(i) < turn) f = vec2(-f.y, f.x);
    f += 0.5;
    if (h < 0.20) return -0.5;
    if (h < 0.48) return length(f) - 1.0;
    if (h < 0.62) return abs(length(f) - 0.68) - 0.32;
    if (h < 0.74) return f.x - 0.5;
    if (h < 0.82) return length(f - 0.5) - 0.5;
    if (h < 0.90) return f.x + f.y - 1.0;
    if (h < 0.95) return abs(fract(f.y * 3.0) - 0.5) / 3.0 - 0.085;
    return 0.5;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = fragCoord / iResolution.y;
    float t = iTime, era = floor(t / 17.0);
    vec2 p = uv * 1.1;
    if (mod(era, 2.0) > 0.5) p = mat2(0.94, 0.34, -0.34, 0.94) * p;   // every other poster is set on the slant
    p += vec2(0.04 * t, 0.02 * t) + 7.0 * era;

    // Recursive column: a block holds one letter, or splits into four.
    float size = 1.0;
    vec2 cell = floor(p / vec2(0.667, 1.0));
    for (int i = 0; i < 3; i++) {
        float cut = hash(vec3(cell, float(i) + era * 5.0));
        if (cut > 0.62 - 0.2 * float(i)) break;
        size *= 0.5;
        cell = floor(p / (vec2(0.667, 1.0) * size));
    }
    vec2 f = p / (vec2(0.667, 1.0) * size) - cell;

    // Letters change on their own beats, with a quick flip.
    float beat = t / 5.0 + 3.0 * hash(vec3(cell, -8.0 * size));
    float word = floor(beat), flip = smoothstep(0.0, 0.12, fract(beat)) ;
    float key = hash(vec3(cell + 50.0, word + 320.0 * size));
    float squash = abs(2.0 * flip - 1.0) + 0.001;
    vec2 g = vec2((f.x - 0.5) / squash + 0.5, f.y);
    vec2 inset = (g - 0.5) * 1.22 + 0.5;                              // margin about the letter

    float bgPick = hash(vec3(cell, word + 11.0));
    vec3 back = ink(bgPick, era), fore = ink(bgPick + 0.17 + 0.16 * floor(key * 4.0), era);
    vec3 third = ink(bgPick + 0.5, era);
    float d = 1.0, which = 0.0;
    if (all(greaterThan(inset, vec2(0.0))) && all(lessThan(inset, vec2(1.0)))) {
        vec2 m = inset * vec2(2.0, 3.0), mi = floor(m);
        float sym = key > 0.55 ? min(mi.x, 1.0 - mi.x) : mi.x;        // some letters are mirrored
        vec2 mf = fract(m);
        if (key > 0.55 && mi.x > 0.5) mf.x = 1.0 - mf.x;
        float seed = floor(key * 9999.0), h = hash(vec3(seed, sym, mi.y));
        d = module(mf, h, floor(4.0 * hash(vec3(sym, mi.y, seed)))) * size / 3.0;
        which = step(0.8, hash(vec3(mi, seed + 40.0)));
    }
    float px = 1.3 / iResolution.y;
    // Flat ink with drop shadow, then paper tooth and a misregistered fringe.
    vec3 col = back;
    vec2 edge = min(f, 1.0 - f) * vec2(0.667, 1.0) * size;
    float strip = step(0.5, hash(vec3(cell, 77.0)));
    col = mix(col, third, strip * step(f.y, 0.085));
    col *= 1.0 - 0.12 * strip * step(0.085, f.y) * step(0.5, fract((f.x + f.y) * 7.0)) * step(0.6, key);
    col = mix(col, mix(fore, third, which), 1.0 - smoothstep(-px, px, d));
    col *= 1.0 - 0.28 * (1.0 - smoothstep(0.0, 0.018, abs(d))) * step(0.0, d);
    col = mix(ink(0.0, era), col, smoothstep(0.0, px * 2.0, min(edge.x, edge.y) - 0.006));
    float tooth = hash(vec3(floor(fragCoord), 3.0)) - 0.5;
    float wash = sin(p.x * 2.3 + t * 0.2) * sin(p.y * 1.9 - t * 0.15);
    col = col * (1.0 + 0.10 * wash) + 0.05 * tooth;
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
