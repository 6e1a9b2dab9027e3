// Title: Rule Tapestry
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: cellular

// Genuine one-dimensional cellular automata, evolved per pixel in a 32-bit
// ring, embroidered as cross-stitch banners with their own rules and wools.

uint mixBits(uint x)
{
    x ^= x >> 16; x *= 0x7feb352du;
    x ^= x >> 15; x *= 0x846ca68bu;
    return x ^ (x >> 16);
}

float unit(uint x) { return float(mixBits(x) >> 8) / 16777216.0; }

uint stepRule(uint s, uint rule)
{
    uint l = (s >> 1) | (s << 31), r = (s << 1) | (s >> 31), o = 0u;
    for (uint k = 0u; k < 8u; k++) {
        uint a = (k & 4u) != 0u ? l : ~l;
        uint b = (k & 2u) != 0u ? s : ~s;
        uint c = (k & 1u) != 0u ? r : ~r;
        o |= ((rule >> k) & 1u) * (a & b & c);
    }
    return o;
}

const uint RULES[10] = uint[10](30u, 110u, 54u, 150u, 45u, 73u, 105u, 106u, 75u, 137u);

vec3 wool(float h)
{
    // A hand-picked basket of yarns.
    const vec3 yarn[8] = vec3[8](
        vec3(0.85, 0.15, 0.18), vec3(0.96, 0.62, 0.11), vec3(0.10, 0.45, 0.43), vec3(0.95, 0.89, 0.75),
        vec3(0.17, 0.21, 0.50), vec3(0.91, 0.44, 0.53), vec3(0.45, 0.62, 0.22), vec3(0.42, 0.17, 0.40));
    return yarn[int(fract(h) * 8.0)];
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = fragCoord / iResolution.y;
    float t = iTime;

    // Banners of 32 by 40 stitches; neighbouring columns slide apart.
    vec2 cell = uv * (44.0 + 12.0 * sin(t * 0.1)) + vec2(2.2 * t, 0.0);
    float column = floor(cell.x / 32.0);
    float way = mod(column, 2.0) * 2.0 - 1.0;
    cell.y += way * t * 2.4 + 500.0 + 17.0 * column;
    vec2 banner = vec2(column, floor(cell.y / 40.0));
    ivec2 at = ivec2(int(floor(cell.x)) & 31, int(floor(mod(cell.y, 40.0))));
    uint key = mixBits(uint(int(banner.x) * 73 + int(banner.y) * 179 + 9000) + 131u * uint(max(t, 0.0) / 14.0));

    // Run the automaton down to this row (top of the banner is the seed).
    uint rule = RULES[int(key % 10u)];
    uint s = (key & 192u) == 0u ? 0x00010000u : mixBits(key + 5u) & mixBits(key + 6u);
    uint prev = 0u;
    for (int i = 0; i < 40; i++) {
        if (i >= 39 - at.y) break;
        prev = s;
        s = stepRule(s, rule);
    }
    uint b = uint(at.x);
    float alive = float((s >> b) & 1u);
    float left = float((s >> ((b + 1u) & 31u)) & 1u), right = float((s >> ((b + 31u) & 31u)) & 1u);
    float was = float((prev >> b) & 1u);

    // Yarn choice from the neighbourhood; the cloth itself is dyed in bands.
    float h = unit(key + 3u);
    vec3 cloth = mix(wool(h), wool(h + 0.41), 0.18 + 0.18 * sin(cell.y * 0.35));
    vec3 thread = wool(h + 0.25);
    if (left + right > 1.5) thread = wool(h + 0.63);
    else if (was > 0.5) thread = wool(h + 0.88);
    vec2 f = fract(cell) - 0.5;

    // Stitch: two crossing strands with a highlight along each.
    float a = abs(f.x - f.y), c = abs(f.x + f.y);
    float over = 1.0 - smoothstep(0.26, 0.36, a), under = 1.0 - smoothstep(0.26, 0.36, c);
    float ply = 0.82 + 0.18 * sin((f.x + f.y) * 26.0);
    float ply2 = 0.66 + 0.14 * sin((f.x - f.y) * 26.0);
    vec3 linen = cloth * (0.78 + 0.16 * sin(f.x * 25.0) * sin(f.y * 25.0) + 0.12 * unit(uint(at.x * 57 + at.y * 131)));
    vec3 stitch = mix(linen * 0.6, thread * ply2, under);
    stitch = mix(stitch, thread * ply * (1.15 - 0.8 * a), over);
    vec3 col = mix(linen, stitch, alive);

    // Hem and piping between banners, with a rippling light.
    vec2 m = vec2(mod(cell.x, 32.0), mod(cell.y, 40.0));
    float hem = min(min(m.x, 32.0 - m.x), min(m.y, 40.0 - m.y));
    vec3 cord = mix(wool(h + 0.5), vec3(0.97, 0.93, 0.82), step(0.5, fract((cell.x + cell.y) * 0.5)));
    col = mix(col, cord * (0.7 + 0.3 * sin(hem * 3.1)), step(hem, 1.0));
    col *= 0.9 + 0.22 * sin(cell.x * 0.2 + 0.6 * sin(cell.y * 0.07) + t * 0.8);
    fragColor = vec4(clamp(col * 1.08, 0.0, 1.0), 1.0);
}
