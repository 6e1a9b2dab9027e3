// Title: Seahorse Lagoon
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: fractals

// Mandelbrot dives at four sites; escape count, distance estimate and two
// orbit traps are mixed into a palette that belongs to each dive.

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

// Five-stop cyclic ramp.
vec3 ramp(float x, vec3 a, vec3 b, vec3 c, vec3 d, vec3 e) {
    float k = fract(x) * 5.0, f = smoothstep(0.0, 1.0, fract(k));
    return k < 1.0 ? mix(a, b, f) : k < 2.0 ? mix(b, c, f) : k < 3.0 ? mix(c, d, f)
         : k < 4.0 ? mix(d, e, f) : mix(e, a, f);
}

vec3 dive(int site, float x) {
    if (site == 0) return ramp(x, rgb(0x063B4A), rgb(0x14958E), rgb(0xF5EBCB), rgb(0xF4846A), rgb(0x7B2A4E));
    if (site == 1) return ramp(x, rgb(0x2B1B54), rgb(0x8F4FB8), rgb(0xF7B6C4), rgb(0xFFE9A8), rgb(0x4A86C5));
    if (site == 2) return ramp(x, rgb(0x1D3B1F), rgb(0x6FA03C), rgb(0xF2E38B), rgb(0xD9702B), rgb(0x5E2718));
    return ramp(x, rgb(0x102A63), rgb(0x2F7FD1), rgb(0xE8F6FF), rgb(0xF1B33C), rgb(0xA1302E));
}

// Colour of one point of the plane.
vec3 plane(vec2 c, int site, float wide) {
    vec2 z = vec2(0), dz = vec2(0);
    float count = 0.0, ringTrap = 9.0, lineTrap = 9.0, core = 9.0, r2 = 0.0;
    for (int i = 0; i < 120; i++) {
        dz = 2.0 * vec2(z.x * dz.x - z.y * dz.y, z.x * dz.y + z.y * dz.x) + vec2(1, 0);
        z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
        r2 = dot(z, z);
        if (r2 > 400.0) break;
        ringTrap = min(ringTrap, abs(length(z - vec2(0.1, 0.2)) - 0.42));
        lineTrap = min(lineTrap, abs(z.x + 0.35 * z.y));
        if (i > 0) core = min(core, length(z - c));
        count += 1.0;
    }
    if (r2 <= 400.0) {
        // The lake itself is woven from the traps.
        vec3 lake = dive(site, 1.5 * log2(core + 1e-4) + 0.05 * iTime);
        lake = mix(lake, dive(site, 0.25 + 9.0 * lineTrap), 0.45);
        return lake * (0.6 + 0.5 * smoothstep(0.0, 0.02, ringTrap));
    }
    float smoothCount = count + 1.0 - log2(0.5 * log2(r2));
    float dist = 0.5 * sqrt(r2) * log(r2) / max(length(dz), 1e-6) / wide;
    // Broad colour from the distance to the shore, fine bands from the count.
    float x = 0.13 * log2(dist + 1e-4) + 0.012 * smoothCount + 0.05 * iTime;
    vec3 col = dive(site, x);
    float band = fract(smoothCount * 0.5);
    col *= 0.74 + 0.30 * smoothstep(0.0, 0.2, band) * (1.0 - 0.35 * band);
    vec3 accent = dive(site, x + 0.4);
    col = mix(accent, col, smoothstep(0.05, 0.08, abs(fract(atan(z.y, z.x) / 6.2831853 * 2.0) - 0.5) + 0.3 * (1.0 - smoothstep(0.05, 0.10, dist))));
    col = mix(accent, col, 0.2 + 0.8 * smoothstep(0.02, 0.05, ringTrap));
    return mix(dive(site, 0.42), col, smoothstep(0.0, 0.004, dist));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    float clock = iTime / 9.0;
    int site = int(mod(floor(clock), 4.0));
    float sink = fract(clock);
    vec2 goal = site == 0 ? vec2(-0.7453, 0.1127)      // seahorse valley
              : site == 1 ? vec2(0.2752, 0.0069)       // elephant valley
              : site == 2 ? vec2(-0.1601, 1.0377)      // the northern antenna
                          : vec2(-0.0886, 0.6546);     // triple spirals
    float wide = (site == 1 ? 0.030 : 0.055) * exp(-2.6 * sink);
    float turn = 0.5 * floor(clock) + 0.9 * sink;
    mat2 frame = mat2(cos(turn), sin(turn), -sin(turn), cos(turn));
    // Two taps a pixel keep the fine filigree from sparkling.
    vec3 col = vec3(0);
    for (int k = 0; k < 2; k++) {
        vec2 jitter = vec2(0.25, 0.25) * (k == 0 ? 1.0 : -1.0);
        vec2 uv = (fragCoord + jitter - 0.5 * iResolution.xy) / iResolution.y;
        col += 0.5 * plane(goal + wide * (frame * uv), site, wide);
    }
    fragColor = vec4(col, 1.0);
}
