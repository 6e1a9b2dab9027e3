// Title: Lichen Rock
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: noise

// Slate carrying three species of lichen, whose colonies swell and die back.

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

float fbm(vec2 p) {
    float sum = 0.0, amp = 0.5;
    for (int i = 0; i < 4; i++) {
        sum += amp * vnoise(p);
        p = mat2(1.7, 1.1, -1.1, 1.7) * p + 2.9;
        amp *= 0.5;
    }
    return sum;
}

// Cleaved slate: slanted steps plus grain.
float slate(vec2 p) {
    float lean = p.x * 0.7 + p.y * 1.3 + 1.6 * fbm(p * 0.9);
    float ledge = floor(lean * 1.6) + smoothstep(0.75, 1.0, fract(lean * 1.6));
    return 0.32 * fract(ledge * 0.618) + 0.5 * fbm(p * 3.0 + ledge);
}

// Nearest colony: x = signed distance to its ragged margin, y = radius fraction, z = id.
vec3 colony(vec2 p, float life) {
    vec2 cell = floor(p);
    float ragged = 0.55 * (fbm(p * 4.0) - 0.5);
    vec3 best = vec3(9.0, 1.0, 0.0);
    for (int j = -1; j <= 1; j++)
    for (int i = -1; i <= 1; i++) {
        vec2 c = cell + vec2(i, j);
        float h = hash(c);
        vec2 centre = c + 0.2 + 0.6 * vec2(h, hash(c + 51.0));
        float radius = -0.05 + 0.62 * pow(0.501 + 0.5 * sin(life * (0.5 + h) + 6.28 * hash(c + 9.0)), 1.5);
        float d = length(p - centre) + ragged;
        if (d - radius < best.x) best = vec3(d - radius, d / max(radius, 0.05), h);
    }
    return best;
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    vec2 p = uv * (2.6 + 0.8 * cos(iTime * 0.19)) + vec2(0.22 * iTime, 3.0 * sin(iTime * 0.05));

    // Bump-lit rock, the light going round as the sun does.
    vec2 sun = vec2(cos(0.25 * iTime + 1.0), sin(0.25 * iTime + 1.0));
    float h = slate(p);
    float bump = clamp((h - slate(p + 0.03 * sun)) * 7.0, -0.6, 0.5);
    vec3 col = mix(vec3(0.23, 0.24, 0.36), vec3(0.62, 0.52, 0.56), h * 1.1);
    col = mix(col, vec3(0.55, 0.30, 0.22), smoothstep(0.45, 0.7, fbm(p * 0.8 + 11.0)));
    col *= clamp(0.85 + bump, 0.35, 1.6);

    float season = 0.5 + 0.5 * sin(iTime * 0.13);
    for (int s = 0; s < 3; s++) {
        float fs = float(s);
        float zoom = 0.75 + 0.75 * fs;
        vec3 c = colony(p * zoom + 13.0 * fs, iTime * (0.18 + 0.06 * fs));
        vec3 young = s == 0 ? mix(vec3(0.72, 0.82, 0.70), vec3(0.55, 0.86, 0.82), season)
                   : s == 1 ? mix(vec3(0.98, 0.72, 0.10), vec3(0.96, 0.88, 0.30), season)
                            : mix(vec3(0.93, 0.40, 0.14), vec3(0.80, 0.36, 0.56), season);
        vec3 old = young * vec3(0.55, 0.62, 0.60);
        float inside = 1.0 - smoothstep(-0.02, 0.02, c.x);
        float shadow = 1.0 - smoothstep(-0.05, 0.10, c.x + 0.04);
        float rings = 0.5 + 0.5 * sin(c.y * (16.0 + 8.0 * c.z) + 4.0 * fbm(p * 5.0));
        float crumbs = vnoise(p * zoom * 26.0) * vnoise(p * zoom * 13.0 + 4.0);
        vec3 crust = mix(old, young, clamp(c.y * 0.7 + 0.45 * rings * c.y, 0.0, 1.0));
        crust *= 0.75 + 0.9 * crumbs + 0.4 * bump;
        crust = mix(crust, young * 0.25 + 0.05 * fs, smoothstep(0.42, 0.5, crumbs) * (1.0 - 0.6 * c.y));
        col *= 1.0 - 0.45 * shadow * (1.0 - inside);
        col = mix(col, crust, inside * smoothstep(0.04, 0.22, c.y));
    }
    fragColor = vec4(col, 1.0);
}
