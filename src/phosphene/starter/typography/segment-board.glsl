// Title: Segment Board
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: typography

// A departure hall of sixteen-segment displays: enamelled panels in several
// sizes, unlit ghosts behind lit segments, rows re-lettering themselves.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

float line(vec2 p, vec2 a, vec2 b)
{
    vec2 pa = p - a, ba = b - a;
    return length(pa - ba * clamp(dot(pa, ba) / dot(ba, ba), 0.0, 1.0));
}

// Distance to the nearest lit segment (x) and nearest segment of all (y).
vec2 glyph(vec2 p, float seed)
{
    vec2 d = vec2(9.0);
    for (int i = 0; i < 14; i++) {
        vec2 a = vec2(-0.28, 0.5), b = vec2(0.28, 0.5);            // top bar
        if (i == 1) { a = vec2(-0.28, -0.5); b = vec2(0.28, -0.5); }
        if (i == 2) { a = vec2(-0.28, 0.0); b = vec2(-0.04, 0.0); }
        if (i == 3) { a = vec2(0.04, 0.0); b = vec2(0.28, 0.0); }
        if (i >= 4 && i < 8) { float x = i < 6 ? -0.34 : 0.34, y = (i & 1) == 0 ? 0.0 : -0.5; a = vec2(x, y + 0.06); b = vec2(x, y + 0.44); }
        if (i == 8 || i == 9) { float y = i == 8 ? 0.0 : -0.5; a = vec2(0.0, y + 0.08); b = vec2(0.0, y + 0.42); }
        if (i >= 10) { float sx = (i & 1) == 0 ? 1.0 : -1.0, sy = i < 12 ? 1.0 : -1.0; a = vec2(0.07, 0.1) * vec2(sx, sy); b = vec2(0.24, 0.4) * vec2(sx, sy); }
        float l = line(p, a, b);
        float p0 = i < 8 ? 0.42 : 0.72;                               // outline segments are likelier
        d.y = min(d.y, l);
        if (hash(vec2(seed, float(i))) > p0) d.x = min(d.x, l);
    }
    return d;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    const vec3 lampHue[6] = vec3[6](vec3(1.0, 0.25, 0.12), vec3(1.0, 0.72, 0.15), vec3(0.35, 1.0, 0.35), vec3(0.25, 0.85, 1.0), vec3(1.0, 0.95, 0.8), vec3(1.0, 0.4, 0.8));
    const vec3 enamel[6] = vec3[6](vec3(0.10, 0.38, 0.44), vec3(0.66, 0.16, 0.18), vec3(0.90, 0.66, 0.16), vec3(0.20, 0.23, 0.52), vec3(0.84, 0.80, 0.68), vec3(0.40, 0.55, 0.25));
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, slide = floor(t / 12.0);
    uv = mat2(0.995, 0.1, -0.1, 0.995) * uv + vec2(0.03 * t, 0.05 * t);

    // Panels: each board is one, two or four characters tall.
    vec2 board = floor(uv / vec2(1.1, 0.8)), bf = mod(uv, vec2(1.1, 0.8));
    float bh = hash(board + 50.0 + slide);
    float rows = bh < 0.3 ? 1.0 : bh < 0.75 ? 2.0 : 3.0;
    vec3 hue = lampHue[int(hash(board + 3.0 + slide) * 6.0)];
    vec3 shell = enamel[int(hash(board + 8.0 + slide) * 6.0)];

    vec2 q = (bf - vec2(0.07)) / vec2(0.96, 0.66);                  // glass window
    float inGlass = step(0.0, min(min(q.x, 1.0 - q.x), min(q.y, 1.0 - q.y)));
    vec2 n = vec2(rows * 2.0, rows), cell = floor(q * n);
    vec2 f = (fract(q * n) - 0.5) * vec2(1.08, 1.38);
    f.x -= f.y * 0.12;                                               // italic slant

    float tick = floor(t * (0.4 + 1.5 * hash(board + cell * 31.0)) + 9.0 * hash(cell + board));
    vec2 d = glyph(f, floor(hash(cell + board * 9.0) * 900.0) + mod(tick, 64.0));
    float w = 0.052, px = 3.0 * rows / iResolution.y;
    float lit = 1.0 - smoothstep(-px, px, d.x - w), ghost = 1.0 - smoothstep(-px, px, d.y - w);
    float rowHue = mod(cell.y + floor(bh * 7.0) + 0.5, 3.0);
    if (rowHue < 1.0) hue = mix(hue, hue.gbr, 0.6);

    vec3 glass = mix(shell * 0.42 + 0.06, hue * 0.30 + 0.05, 0.5 + 0.4 * q.y);
    glass += 0.16 * (1.0 - smoothstep(0.0, 0.1, abs(q.x - q.y * 0.5 - fract(t * 0.07 + bh) * 1.6 + 0.2)));
    vec3 col = mix(glass, hue * 0.33, ghost * 0.6);
    col += hue * 0.50 * exp(-9.0 * max(d.x, 0.0));
    col = mix(col, mix(hue, vec3(1.0), (1.0 - smoothstep(0.0, w, d.x)) * 0.55), lit);

    // Enamel surround with bevel, screws and pinstripe.
    vec2 e = min(bf, vec2(1.1, 0.8) - bf);
    float m = min(e.x, e.y);
    vec3 metal = shell * (0.85 + 0.25 * bf.y + 0.08 * sin(uv.x * 90.0)) + 0.25 * (1.0 - smoothstep(0.0, 0.02, abs(m - 0.015))) * step(bf.x + bf.y, 0.95);
    metal = mix(metal, enamel[int(bh * 6.0)], 1.0 - smoothstep(0.006, 0.012, abs(m - 0.045)));
    metal *= 0.4 + 0.6 * smoothstep(0.0, 0.012, m);
    float screw = length(e - 0.045);
    metal = mix(metal, vec3(0.9, 0.88, 0.82) * (0.6 + 0.4 * step(0.0, sin(4.0 * (e.x + e.y) * 60.0))), 1.0 - smoothstep(0.022, 0.03, screw));
    col = mix(metal, col, inGlass);
    col += hue * 0.12 * (1.0 - inGlass) * smoothstep(0.06, 0.1, m + 0.03);
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
