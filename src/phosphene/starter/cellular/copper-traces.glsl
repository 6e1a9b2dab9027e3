// Title: Copper Traces
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: cellular

// Circuit boards: diagonal Truchet lanes, solder pads and chips, on panels
// of differing solder mask, with light pulses crossing the copper.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

float box(vec2 p, vec2 b) { p = abs(p) - b; return max(p.x, p.y); }

vec3 mask(float h)
{
    h = fract(h) * 6.0;
    if (h < 1.0) return vec3(0.02, 0.42, 0.24);
    if (h < 2.0) return vec3(0.07, 0.22, 0.62);
    if (h < 3.0) return vec3(0.70, 0.10, 0.16);
    if (h < 4.0) return vec3(0.38, 0.12, 0.52);
    if (h < 5.0) return vec3(0.90, 0.84, 0.72);
    return vec3(0.92, 0.52, 0.08);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, zoom = 3.3 + 1.2 * sin(t * 0.19), ang = 0.35 * sin(t * 0.09);
    vec2 p = mat2(cos(ang), sin(ang), -sin(ang), cos(ang)) * uv * zoom + vec2(0.55, 0.33) * t;
    float px = 2.0 * zoom / iResolution.y;

    // Panels of five by five cells, each its own board.
    vec2 pan = floor(p / 5.0), pf = mod(p, 5.0) - 2.5;
    vec3 base = mask(hash(pan + 7.0) + 0.19 * floor(t / 15.0));
    vec2 id = floor(p), f = fract(p);
    vec3 col = base * (0.8 + 0.25 * hash(id + 40.0) + 0.12 * sin(p.x * 3.0 + p.y * 2.0));

    // Four lanes per edge: cells either turn them at 45 degrees or let the two
    // layers cross; horizontal runs pass over vertical ones.
    float roll = hash(id + floor(t / 6.0 + hash(id)) * 31.0);
    float sx = roll < 0.36 ? f.x : 1.0 - f.x;
    float r = min(sx + f.y, 2.0 - sx - f.y);
    float lane = abs(fract(r * 5.0 + 0.5) - 0.5) * 0.1414;
    if (r < 0.1 || r > 0.9) lane = 1.0;
    float across = abs(fract(f.y * 5.0 + 0.5) - 0.5) / 5.0, along = abs(fract(f.x * 5.0 + 0.5) - 0.5) / 5.0;
    if (abs(f.y - 0.5) > 0.4) across = 1.0;
    if (abs(f.x - 0.5) > 0.4) along = 1.0;
    float bridge = step(0.72, roll);
    if (bridge > 0.5) { lane = across < 0.05 ? across : along; r = across < 0.05 ? f.y : f.x; }
    float trace = 1.0 - smoothstep(-px, px, lane - 0.042);
    float edge = 1.0 - smoothstep(-px, px, lane - 0.065);
    vec3 copper = mix(vec3(0.98, 0.72, 0.30), vec3(0.80, 0.92, 0.90), step(0.6, hash(pan)));
    col = mix(col, base * 0.45, edge);
    col = mix(col, copper * (0.6 + 0.5 * (1.0 - smoothstep(0.0, 0.06, lane))), trace);
    float pulse = pow(0.5 + 0.5 * sin(3.0 * (p.x - p.y) - 4.0 * t + 9.0 * floor(r * 5.0 + 0.5)), 24.0);
    vec3 glow = 0.5 + 0.5 * cos(vec3(0.0, 2.0, 4.0) + 2.0 * hash(pan + 2.0) + t * 0.5);
    col += trace * pulse * glow * 1.6;

    // Vias in the free middle of the cell.
    float via = length(f - 0.5);
    float hasVia = step(0.8, hash(id + 11.0));
    col = mix(col, copper, hasVia * (1.0 - smoothstep(-px, px, abs(via - 0.12) - 0.05)));
    col = mix(col, base * 0.3, hasVia * (1.0 - smoothstep(-px, px, via - 0.07)));

    // Chips and capacitors occupy two-by-two blocks.
    vec2 cid = floor(p / 2.0), cf = mod(p, 2.0) - 1.0;
    float kind = hash(cid + 90.0);
    if (kind < 0.34) {
        vec2 sz = kind < 0.17 ? vec2(0.62, 0.62) : vec2(0.42, 0.68);
        float pins = box(cf, sz + 0.17);
        float comb = max(step(0.5, fract(cf.y * 5.0)) * step(abs(cf.y), sz.y), step(0.5, fract(cf.x * 5.0)) * step(abs(cf.x), sz.x));
        col = mix(col, base * 0.35, 0.6 * (1.0 - smoothstep(-0.05, 0.12, box(cf - vec2(0.08, -0.1), sz))));
        col = mix(col, vec3(0.86, 0.88, 0.92), comb * (1.0 - smoothstep(-px, px, pins)));
        float body = box(cf, sz);
        vec3 shell = mix(vec3(0.17, 0.18, 0.26), mask(hash(cid + 5.0)) * 0.7 + 0.12, step(0.5, hash(cid + 3.0)));
        shell += 0.15 * (cf.y + cf.x) + 0.22 * smoothstep(-0.09, -0.04, body);
        vec2 lab = floor((cf + 0.4) * vec2(9.0, 7.0));
        shell = mix(shell, vec3(0.95), 0.75 * step(box(cf, sz * 0.6), 0.0) * step(0.5, hash(lab + cid * 7.0)) * step(0.5, fract((cf.y + 0.4) * 3.5)));
        col = mix(col, shell, 1.0 - smoothstep(-px, px, body));
    } else if (kind < 0.5) {
        float d = length(cf);
        vec3 can = mix(vec3(0.75, 0.80, 0.85), mask(kind * 31.0 + 0.2), step(cf.x * 0.6 + 0.15, cf.y));
        can *= 0.75 + 0.5 * cf.y + 0.5 * (1.0 - smoothstep(0.0, 0.07, abs(d - 0.48)));
        col = mix(col, base * 0.3, 0.7 * (1.0 - smoothstep(0.5, 0.75, length(cf - vec2(0.08, -0.1)))));
        col = mix(col, can, 1.0 - smoothstep(-px, px, d - 0.55));
    }

    // Routed gap between panels.
    float rim = -box(pf, vec2(2.5));
    col = mix(col, vec3(0.98, 0.85, 0.55) * (0.7 + 0.3 * sin(p.x + p.y)), 1.0 - smoothstep(-px, px, abs(rim - 0.1) - 0.04));
    col = mix(vec3(0.93, 0.90, 0.82), col, smoothstep(0.0, px * 2.0, rim - 0.03));
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
