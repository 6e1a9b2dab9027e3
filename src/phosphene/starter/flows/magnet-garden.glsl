// Title: Magnet Garden
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: flows

// Field lines and equipotentials of wandering magnetic poles. Both come from
// one complex potential, which also combs the iron filings.

float hash(vec2 p) {
    uint n = uint(int(p.x)) * 0x9E3779B1u ^ uint(int(p.y)) * 0x85EBCA77u;
    n ^= n >> 15; n *= 0x2C1B3C6Du; n ^= n >> 12; n *= 0x297A2D39u; n ^= n >> 15;
    return float(n & 0xFFFFFFu) / 16777216.0;
}

float vnoise(vec2 p) {
    vec2 i = floor(p), f = p - i;
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x),
               mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

vec3 enamel(float x, float phase) {
    vec3 n = mix(rgb(0xE4572E), rgb(0x9B2FAE), phase), n2 = mix(rgb(0xFFC15E), rgb(0xF78FB3), phase);
    vec3 s = mix(rgb(0x176087), rgb(0x1B7F5C), phase), s2 = mix(rgb(0x7FD1C7), rgb(0xC7E66B), phase);
    vec3 paper = mix(rgb(0xFBF1DC), rgb(0xF1EAF7), phase);
    x = clamp(x, -1.0, 1.0);
    float e = abs(x);
    vec3 far = x > 0.0 ? n2 : s2, near = x > 0.0 ? n : s;
    return e < 0.45 ? mix(paper, far, e / 0.45) : mix(far, near, (e - 0.45) / 0.55);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float act = floor(iTime / 9.0 + 0.35), into = smoothstep(0.0, 0.25, fract(iTime / 9.0 + 0.35));
    float phase = 0.5 - 0.5 * cos(iTime * 0.23);
    vec2 p = uv * (1.15 + 0.2 * sin(iTime * 0.31));

    float stream = 0.0, level = 0.0, nearest = 9.0, sign_ = 1.0;
    vec2 field = vec2(0), towards = vec2(0);
    for (int i = 0; i < 7; i++) {
        float fi = float(i);
        if (fi > 5.5 && mod(act + 0.5, 3.0) < 1.0) break;                          // some acts are neutral
        float q = mod(fi + act, 2.0) < 0.5 ? 1.0 : -1.0;
        // Poles hop to new stations at each act and drift between hops.
        vec2 a = vec2(hash(vec2(fi, act - 1.0)), hash(vec2(fi + 20.0, act - 1.0))) - 0.5;
        vec2 b = vec2(hash(vec2(fi, act)), hash(vec2(fi + 20.0, act))) - 0.5;
        vec2 at = mix(a, b, into) * vec2(1.7, 1.15) + 0.10 * vec2(sin(iTime * 0.5 + fi * 2.0), cos(iTime * 0.43 + fi * 3.0));
        vec2 d = p - at;
        float r2 = dot(d, d) + 1e-5;
        stream += q * atan(d.y, d.x);
        level += q * 0.5 * log(r2);
        field += q * d / r2;
        if (r2 < nearest) { nearest = r2; towards = d; sign_ = q; }
    }
    nearest = sqrt(nearest);
    float strength = length(field);
    float tone = -level * 0.62;
    vec3 col = enamel(tone, phase);

    // Printed equipotential bands: every other one hatched along the field.
    float bands = level * 3.0 + 0.5 * iTime;
    float band = abs(fract(bands) - 0.5);
    col *= mod(floor(bands), 2.0) < 0.5 ? 1.0 : 0.88;
    col = mix(col, enamel(tone * 1.6, phase) * 0.7, 0.6 * (1.0 - smoothstep(0.02, 0.06, abs(band - 0.5) / max(strength * 0.16, 0.6))));

    // Field lines: whole turns times an integer stay seamless round each pole.
    float lines = stream / 6.2831853 * 16.0;
    float line = abs(fract(lines) - 0.5) / (16.0 / 6.2831853 * max(strength, 0.4));
    vec3 ink = mix(rgb(0x2B2D42), rgb(0x31174B), phase);
    col = mix(col, ink, 0.85 * (1.0 - smoothstep(0.004, 0.010, line)));

    // Iron filings: noise stretched along the field in potential coordinates.
    vec2 comb = vec2(stream / 6.2831853 * 96.0, level * 7.0);
    vec2 cell = floor(comb), f = fract(comb);
    cell.x = mod(cell.x, 96.0);
    float h = hash(cell + 3.0);
    float needle = step(0.45, h) * (1.0 - smoothstep(0.30, 0.5, abs(f.y - 0.5))) * (1.0 - smoothstep(0.18, 0.32, abs(f.x - 0.5)));
    float amount = smoothstep(0.9, 3.5, strength) * (1.0 - smoothstep(25.0, 70.0, strength));
    col = mix(col, mix(ink, rgb(0x8D99AE), h * h), 0.75 * needle * amount);

    // Scattered filings on the table, turned to the local field.
    vec2 g = p * 26.0, gi = floor(g), gf = fract(g) - 0.5;
    vec2 dir = field / max(strength, 1e-3);
    vec2 at = vec2(dot(gf, dir), dot(gf, vec2(-dir.y, dir.x)));
    float chip = (1.0 - smoothstep(0.30, 0.36, abs(at.x))) * (1.0 - smoothstep(0.05, 0.09, abs(at.y))) * step(0.5, hash(gi));
    col = mix(col, ink * 1.3, 0.6 * chip * (1.0 - amount));
    col *= 0.92 + 0.14 * vnoise(p * 60.0);

    // The poles: enamelled buttons with shadow, rim and a plus or minus.
    float size = 0.085;
    col *= 1.0 - 0.45 * (1.0 - smoothstep(-0.02, 0.05, length(towards + vec2(-0.02, 0.025)) - size));
    vec3 knob = enamel(sign_, phase) * (1.1 - 3.0 * dot(towards, vec2(-0.5, -0.8)) * -1.0);
    knob = mix(knob, vec3(1), 0.6 * (1.0 - smoothstep(0.0, 0.03, length(towards - vec2(-0.03, 0.035)))));
    float bar = max(abs(towards.x) - 0.045, abs(towards.y) - 0.012);
    if (sign_ > 0.0) bar = min(bar, max(abs(towards.y) - 0.045, abs(towards.x) - 0.012));
    knob = mix(knob, rgb(0xFFF8E7), 1.0 - smoothstep(-0.004, 0.004, bar));
    knob = mix(knob, ink, 1.0 - smoothstep(0.004, 0.010, abs(nearest - size + 0.006)));
    col = mix(col, knob, 1.0 - smoothstep(-0.004, 0.004, nearest - size));
    fragColor = vec4(col, 1.0);
}
