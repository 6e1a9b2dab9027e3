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

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float clock = iTime / 9.0;
    int site = int(mod(floor(clock), 4.0));
    float sink = fract(clock);
    vec2 goal = site == 0 ? vec2(-0.7453, 0.1127)      // seahorse valley
              : site == 1 ? vec2(0.2752, 0.0069)       // elephant valley
              : site == 2 ? vec2(-0.1592, -1.0317)     // a mini-brot's antenna
                          : vec2(-0.5622, 0.6428);     // triple spirals
    float wide = (site == 1 ? 0.05 : 0.22) * exp(-3.6 * sink);
    float turn = 0.5 * float(site) + 0.9 * sink;
    vec2 c = goal + wide * (mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * uv);

    vec2 z = vec2(0), dz = vec2(0);
    float count = 0.0, ringTrap = 9.0, lineTrap = 9.0, r2 = 0.0;
    for (int i = 0; i < 150; i++) {
        dz = 2.0 * vec2(z.x * dz.x - z.y * dz.y, z.x * dz.y + z.y * dz.x) + vec2(1, 0);
        z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
        r2 = dot(z, z);
        if (r2 > 400.0) break;
        ringTrap = min(ringTrap, abs(length(z - vec2(0.1, 0.2)) - 0.42));
        lineTrap = min(lineTrap, abs(z.x + 0.35 * z.y));
        count += 1.0;
    }

    vec3 col;
    if (r2 > 400.0) {
        float smoothCount = count + 1.0 - log2(0.5 * log2(r2));
        float dist = 0.5 * sqrt(r2) * log(r2) / max(length(dz), 1e-6) / wide;
        float x = 0.42 * log2(1.0 + smoothCount) + 0.03 * iTime;
        col = dive(site, x);
        // Flattened ink bands inside the smooth ramp give crisp edges.
        float band = fract(smoothCount * 0.25);
        col *= 0.78 + 0.22 * smoothstep(0.0, 0.12, band) * (1.0 - 0.3 * band);
        col = mix(dive(site, x + 0.45), col, smoothstep(0.0, 0.09, ringTrap));
        col = mix(dive(site, 0.45), col, smoothstep(0.0, 0.05, dist));
        float angle = atan(z.y, z.x);
        col += 0.09 * cos(angle + 2.0 * iTime * 0.3);
    } else {
        // The lake itself is woven from the traps.
        col = dive(site, 0.7 * lineTrap + ringTrap * 2.0 + 0.05 * iTime);
        col *= 0.55 + 0.6 * smoothstep(0.0, 0.1, ringTrap);
    }
    // Cross to the next dive through a short bright veil.
    float veil = smoothstep(0.94, 1.0, sink) + smoothstep(0.05, 0.0, sink);
    fragColor = vec4(mix(col, dive(site, 0.45), 0.5 * veil), 1.0);
}
