// Title: Mirage Flats
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: tunnels

// Two planes to infinity: a patterned ground below and a woven sky above,
// with banded suns, standing stones and a horizon that pitches and rolls.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x), mix(hash(i + vec2(0, 1)), hash(i + 1.0), f.x), f.y);
}

// Per-era palette: ground A, ground B, horizon, zenith, accent.
vec3 tone(int which, float era)
{
    const vec3 c[20] = vec3[20](
        vec3(0.90, 0.52, 0.26), vec3(0.42, 0.14, 0.32), vec3(1.00, 0.84, 0.56), vec3(0.18, 0.42, 0.70), vec3(0.96, 0.26, 0.34),
        vec3(0.22, 0.58, 0.54), vec3(0.93, 0.90, 0.78), vec3(0.98, 0.66, 0.68), vec3(0.40, 0.26, 0.62), vec3(1.00, 0.80, 0.22),
        vec3(0.96, 0.84, 0.36), vec3(0.16, 0.36, 0.30), vec3(0.86, 0.95, 0.80), vec3(0.10, 0.60, 0.66), vec3(0.92, 0.42, 0.14),
        vec3(0.66, 0.40, 0.74), vec3(0.20, 0.22, 0.46), vec3(1.00, 0.62, 0.32), vec3(0.72, 0.20, 0.30), vec3(0.52, 0.92, 0.84));
    return c[int(mod(era, 4.0)) * 5 + which];
}

// Plane patterns, filtered towards their mean by distance.
float pattern(vec2 g, float kind, float far)
{
    vec2 f = abs(fract(g) - 0.5), id = floor(g);
    float m = 0.0;
    if (kind < 1.0) m = mod(id.x + id.y, 2.0);
    else if (kind < 2.0) m = step(0.5, fract(length(g * 0.35 - 3.0 * floor(g * 0.35 / 3.0 + 0.5)) * 1.2));
    else if (kind < 3.0) m = step(0.5, fract(g.y * 0.5 + 0.35 * abs(fract(g.x * 0.5) - 0.5) * 4.0));
    else if (kind < 4.0) m = step(f.x + f.y, 0.5) * (1.0 - step(f.x + f.y, 0.22));
    else m = step(0.34, max(f.x, f.y)) * step(hash(id), 0.8);
    return mix(m, 0.45, smoothstep(6.0, 26.0, far));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, roll = 0.28 * sin(t * 0.17), era = floor(t / 8.0), mixEra = smoothstep(0.85, 1.0, fract(t / 8.0));
    vec2 p = mat2(cos(roll), sin(roll), -sin(roll), cos(roll)) * uv;
    float y = p.y - 0.28 * sin(t * 0.23), x = p.x;
    float kind = mod(era * 2.0 + 0.5, 5.0), skyKind = mod(era * 3.0 + 2.5, 5.0);
    vec3 A = mix(tone(0, era), tone(0, era + 1.0), mixEra), B = mix(tone(1, era), tone(1, era + 1.0), mixEra);
    vec3 H = mix(tone(2, era), tone(2, era + 1.0), mixEra), Z = mix(tone(3, era), tone(3, era + 1.0), mixEra), X = mix(tone(4, era), tone(4, era + 1.0), mixEra);
    float d = 0.75 / (abs(y) + 0.02);
    float yaw = 0.5 * sin(t * 0.13);
    mat2 turn = mat2(cos(yaw), sin(yaw), -sin(yaw), cos(yaw));
    vec3 col = vec3(0.0);

    // Sky: gradient, cloud plane with a woven pattern, banded sun.
    vec2 s = turn * vec2(x * d, d) + vec2(0.0, t * 0.5);
    vec3 sky = mix(H, Z, smoothstep(0.0, 0.9, abs(y)));
    float cl = noise(s * 0.7) * 0.6 + noise(s * 1.9 + 5.0) * 0.3 + 0.1 * noise(s * 5.0);
    float weave = pattern(s * 0.8, skyKind, d);
    sky = mix(sky, mix(H, vec3(1.0, 0.98, 0.94), 0.55), smoothstep(0.44, 0.60, cl) * (0.45 + 0.45 * weave));
    vec2 sun = vec2(0.95 * sin(t * 0.21 + era), 0.34 + 0.18 * cos(t * 0.3));
    float R = 0.24 + 0.12 * hash(vec2(era, 3.0)), sr = length(vec2(x, y) - sun);
    float slots = step(0.25 + 0.6 * (sun.y - y), fract((y - sun.y) * 15.0 + t * 0.4));
    sky = mix(sky, mix(X, vec3(1.0, 0.95, 0.66), smoothstep(-R, R, y - sun.y)), (1.0 - smoothstep(R - 0.015, R, sr)) * slots);
    sky += 0.22 * X * exp(-4.0 * max(sr - R, 0.0));

    // Ground: warped pattern, broad tint, reflected sun and relief.
    vec2 g = turn * vec2(x * d, d) + vec2(0.0, t * 1.3);
    g += 0.25 * sin(g.yx * 0.6 + t * 0.1);
    float m = pattern(g * 1.1, kind, d), n = noise(g * 2.3);
    vec3 ground = mix(A, B, m) * (0.78 + 0.3 * n + 0.16 * noise(g * 9.0));
    ground = mix(ground, X, 0.7 * step(0.74, noise(floor(g * 1.1) * 0.37 + 7.0)) * (1.0 - smoothstep(4.0, 14.0, d)));
    vec2 e = fract(g * 1.1) - 0.5;
    ground += 0.12 * smoothstep(0.42, 0.5, max(e.x, e.y)) - 0.12 * smoothstep(0.42, 0.5, max(-e.x, -e.y));
    ground += 0.35 * X * exp(-9.0 * pow(abs(x - sun.x), 2.0)) * (0.5 + 0.5 * sin(d * 9.0 + n * 6.0));
    col = y > 0.0 ? sky : ground;
    col = mix(col, H, exp(-7.0 * abs(y)) * 0.85);

    // Standing stones: billboards at fixed depths, nearest painted last.
    for (int i = 0; i < 6; i++) {
        float slot = floor(t * 0.22) + 6.0 - float(i), depth = (slot - t * 0.22) * 1.25 + 0.15;
        float h = hash(vec2(slot, 4.0)), k = 0.75 / depth, cx = (h < 0.5 ? -1.0 : 1.0) * (0.9 + 1.2 * hash(vec2(slot, 9.0))) + 0.5 * depth * sin(yaw);
        vec2 v = (vec2(x, y) - vec2(cx * k, -k * 0.95)) / k;              // base stands on the ground
        float tall = 1.3 + 1.2 * hash(vec2(slot, 6.0)), w = 0.30 - 0.07 * v.y / tall;
        vec3 stone = mix(B, Z, hash(vec2(slot, 2.0))) * (0.75 + 0.8 * (1.0 - smoothstep(-w, w, v.x * sign(sun.x - x))));
        stone = mix(stone, X, step(0.7, fract(v.y * 3.0 + 0.3 * floor(v.x * 5.0))) * 0.8);
        float orb = length(v - vec2(0.0, tall + 0.34)) - 0.30;
        float fade = smoothstep(0.15, 0.5, depth);
        if (v.y > 0.0 && v.y < tall && abs(v.x) < w) col = mix(col, mix(H, stone, exp(-0.16 * depth)), fade);
        if (orb < 0.0) col = mix(col, mix(H, mix(X, vec3(1.0), 1.0 - smoothstep(-0.3, -0.05, length(v - vec2(-0.1, tall + 0.44)) - 0.35)), exp(-0.16 * depth)), fade);
        float sh = length(vec2(v.x - 0.5, v.y * 5.0 + 0.1));
        if (y < 0.0 && v.y < 0.0) col *= 1.0 - 0.4 * fade * (1.0 - smoothstep(0.3, 0.7, sh));
    }
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
