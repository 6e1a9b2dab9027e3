// Title: Kaleido Frost
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: fractals

// A kaleidoscopic iterated function system in the plane: fold, turn, grow,
// shift. Five folds leave ferns of frost over panes of coloured glass.

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

mat2 spin(float a) { return mat2(cos(a), sin(a), -sin(a), cos(a)); }

vec3 glass(float x, float season) {
    vec3 a = mix(rgb(0x5A1FA0), rgb(0x04596B), season);
    vec3 b = mix(rgb(0xF0427F), rgb(0x19B8A6), season);
    vec3 c = mix(rgb(0xFFB347), rgb(0xCDEB5A), season);
    vec3 d = mix(rgb(0x1F6FE0), rgb(0xD9306B), season);
    float k = fract(x) * 4.0, f = smoothstep(0.15, 0.85, fract(k));
    return k < 1.0 ? mix(a, b, f) : k < 2.0 ? mix(b, c, f) : k < 3.0 ? mix(c, d, f) : mix(d, a, f);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float season = smoothstep(-0.4, 0.4, sin(iTime * 0.29 - 0.9));
    vec2 p = spin(0.07 * iTime) * uv * (2.0 + 0.7 * sin(iTime * 0.41));
    p += 0.5 * vec2(sin(iTime * 0.13), cos(iTime * 0.17));

    // Mirror into one wedge; the number of wedges changes every 10 seconds.
    float wedges = 5.0 + mod(floor(iTime / 10.0) * 2.0, 5.0);
    float sector = 6.2831853 / wedges;
    float a = mod(atan(p.y, p.x) + 0.5 * sector, sector) - 0.5 * sector;
    float r = 1.1 - abs(mod(length(p), 2.2) - 1.1);            // fold the radius too, to fill the canvas
    p = r * vec2(cos(a), abs(sin(a)));

    float grow = 1.62 + 0.1 * sin(iTime * 0.19);
    float bend = 0.55 + 0.75 * sin(iTime * 0.11 + 0.4);
    vec2 shift = vec2(0.62 + 0.18 * sin(iTime * 0.23), 0.30 + 0.2 * cos(iTime * 0.31));
    float size = 1.0, vein = 9.0, ring = 9.0, shell = 0.0, tone = 0.0;
    for (int i = 0; i < 5; i++) {
        p = abs(p);
        if (p.x < p.y) p = p.yx;
        p = spin(bend) * (p * grow - shift * grow);
        size *= grow;
        float across = abs(p.y) / size;
        vein = min(vein, across + 0.0009 * float(i));
        ring = min(ring, abs(length(p) - 0.55) / size);
        shell += exp(-3.0 * abs(length(p) - 0.8));
        tone += step(0.0, p.y) * exp2(-float(i) * 0.8 - 1.0);
    }

    // Panes are the sign code of the folds; smooth shells shade them.
    vec3 col = glass(1.7 * tone + 0.06 * iTime + 0.15 * length(uv), season);
    col *= 0.66 + 0.16 * shell;
    vec3 under = glass(1.7 * tone + 0.4 + 0.06 * iTime, season);
    col = mix(col, under, 0.4 * smoothstep(0.45, 0.55, fract(shell * 0.8)));

    // Leading, frost veins, and a few bright rings.
    vec3 lead = mix(rgb(0x2A1A40), rgb(0x062A30), season);
    col = mix(lead, col, 0.25 + 0.75 * smoothstep(0.002, 0.014, ring));
    vec3 frost = mix(rgb(0xFFF4FA), rgb(0xF3FFF4), season);
    col = mix(col, frost, 0.9 * (1.0 - smoothstep(0.004, 0.0085, vein)));
    col += 0.16 * frost * (1.0 - smoothstep(0.0, 0.05, vein));
    fragColor = vec4(col, 1.0);
}
