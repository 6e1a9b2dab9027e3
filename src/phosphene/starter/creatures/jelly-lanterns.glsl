// Title: Jelly Lanterns
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: creatures

// Pulsing jellyfish with frilled arms and trailing threads rising through
// layered water, above a reef of fans, tubes and corals.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash2(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 95u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}
float hash(float p) { return hash2(vec2(p, 777.0)); }

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p);
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash2(i), hash2(i + vec2(1, 0)), f.x), mix(hash2(i + vec2(0, 1)), hash2(i + 1.0), f.x), f.y);
}

vec3 flesh(float h)
{
    const vec3 c[7] = vec3[7](vec3(1.0, 0.46, 0.52), vec3(1.0, 0.78, 0.38), vec3(0.72, 0.50, 1.0), vec3(0.40, 0.95, 0.80), vec3(1.0, 0.60, 0.85), vec3(0.55, 0.80, 1.0), vec3(0.98, 0.92, 0.80));
    return c[int(fract(h) * 7.0)];
}

// Water moods: top and bottom colours.
vec3 water(float y, float k)
{
    const vec3 top[4] = vec3[4](vec3(0.30, 0.78, 0.82), vec3(0.78, 0.46, 0.66), vec3(0.42, 0.76, 0.46), vec3(0.98, 0.66, 0.44));
    const vec3 low[4] = vec3[4](vec3(0.06, 0.16, 0.46), vec3(0.20, 0.10, 0.42), vec3(0.03, 0.26, 0.36), vec3(0.30, 0.12, 0.36));
    int a = int(mod(k, 4.0)), b = int(mod(k + 1.0, 4.0));
    float m = smoothstep(0.6, 1.0, fract(k));
    return mix(mix(low[a], low[b], m), mix(top[a], top[b], m), smoothstep(-1.1, 1.1, y));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, k = t / 10.0, px = 2.5 / iResolution.y;

    // Water with slanted shafts and drifting plankton.
    vec3 col = water(uv.y + 0.25 * sin(uv.x * 1.3 + t * 0.2), k);
    float sl = uv.x - uv.y * 0.45 + 0.2 * sin(t * 0.1), shaft = noise(vec2(sl * 3.5 + t * 0.15, t * 0.2)) * noise(vec2(sl * 9.0 - t * 0.1, 4.0));
    col += shaft * 0.75 * water(0.9, k + 0.3) * smoothstep(-0.9, 0.9, uv.y);
    for (int i = 0; i < 3; i++) {
        float s = 5.0 + 4.0 * float(i);
        vec2 q = uv * s + vec2(sin(t * 0.3 + float(i)), -0.35 * t), id = floor(q), f = fract(q) - 0.2 - 0.6 * vec2(hash2(id), hash2(id + 5.0));
        col += 0.4 * flesh(hash2(id + 2.0)) * (1.0 - smoothstep(0.02, 0.10, length(f))) * step(0.5, hash2(id + 8.0));
    }

    // Jellies, far to near.
    for (int i = 0; i < 9; i++) {
        float n = float(i), near = (n + 1.0) / 9.0, life = t * (0.035 + 0.03 * hash(n)) + hash(n + 4.0), g = n * 13.0 + floor(life) * 7.0;
        float size = (0.17 + 0.32 * near) * (0.8 + 0.5 * hash(g + 1.0)), beat = t * (1.3 + hash(g)) + g, pulse = sin(beat);
        vec2 c = vec2((fract(n * 0.618 + 0.3 * hash(g + 2.0)) - 0.5) * 2.8 + 0.15 * sin(t * 0.4 + n), mix(-1.5, 1.9, fract(life)) + 0.03 * sin(beat + 1.0));
        vec2 v = (uv - c) / size;
        float lean = 0.35 * sin(t * 0.23 + g);
        v = mat2(cos(lean), -sin(lean), sin(lean), cos(lean)) * v;
        if (abs(v.x) > 1.5 || v.y > 1.3 || v.y < -4.2) continue;
        vec3 hue = flesh(hash(g + 5.0)), tip = flesh(hash(g + 6.0));
        float wide = 1.0 + 0.16 * pulse, tall = 0.82 - 0.12 * pulse;

        // Threads and frilled arms below the bell.
        float y = -v.y, fade = (1.0 - smoothstep(0.4, 4.0, y)) * step(-0.1, y);
        float sway = 0.22 * y * sin(y * 1.1 - beat * 0.7 + g) * 0.6;
        float xx = (v.x - sway) / (wide * (0.75 - 0.05 * y)), lane = floor(xx * 5.0 + 0.5), off = xx * 5.0 - lane + 0.25 * sin(y * 4.0 + lane * 2.0 + beat);
        float len = 2.0 + 2.0 * hash(g + lane);
        if (abs(lane) < 4.5) col = mix(col, mix(tip, hue, 0.3), 0.6 * fade * (1.0 - smoothstep(0.05, 0.17, abs(off))) * step(y, len));
        float arm = abs(v.x - sway * 1.3) - (0.34 - 0.15 * y) * (0.7 + 0.3 * sin(y * 17.0 + sin(v.x * 9.0) + beat));
        col = mix(col, mix(tip, vec3(1.0, 0.97, 0.92), 0.35 + 0.35 * sin(y * 23.0 + v.x * 11.0)), 0.75 * (1.0 - smoothstep(-0.06, 0.06, arm)) * step(0.0, y) * (1.0 - smoothstep(1.2, 2.2, y)));

        // Bell with ribs, spots and a scalloped hem.
        vec2 e = v / vec2(wide, v.y > 0.0 ? tall : 0.22);
        float hem = 0.10 * abs(sin(e.x * 9.0)), bell = length(e) - 1.0 + (v.y < 0.0 ? hem * 2.0 : 0.0);
        float inside = 1.0 - smoothstep(-px / size, px / size, bell * 0.6), z = sqrt(max(0.0, 1.0 - dot(e, e)));
        float lon = e.x / max(sqrt(max(1.0 - e.y * e.y, 0.02)), 0.1), rib = 1.0 - smoothstep(0.0, 0.22, abs(fract(lon * 4.0 + 0.5) - 0.5));
        vec3 body = mix(hue, tip, smoothstep(0.2, 1.0, e.y)) * (0.55 + 0.55 * z) + 0.20 * rib * hue;
        vec2 sp = vec2(lon * 4.0, e.y * 4.0);
        body = mix(body, vec3(1.0, 0.97, 0.9), 0.75 * step(0.45, hash(g + 9.0)) * (1.0 - smoothstep(0.22, 0.30, length(fract(sp) - 0.5))));
        body = mix(body, tip * 1.1, 0.8 * (1.0 - smoothstep(0.30, 0.40, length(v - vec2(0.0, 0.18)) + 0.05 * cos(4.0 * atan(v.y - 0.18, v.x)))));
        body += 0.45 * smoothstep(0.85, 1.0, length(e)) + 0.5 * (1.0 - smoothstep(0.05, 0.22, length(e - vec2(-0.42, 0.52))));
        col = mix(col, mix(body, water(0.0, k), 0.45 * (1.0 - near)), inside * (0.72 + 0.25 * near));
        col += hue * 0.16 * near * exp(-2.2 * max(length(v) - 0.8, 0.0)) * (1.0 - inside);
    }

    // Reef in two ranks.
    for (int j = 0; j < 2; j++) {
        float fj = float(j), x = uv.x * (1.3 - 0.4 * fj) + t * (0.05 + 0.06 * fj) + 9.0 * fj, slot = floor(x / 0.34), h = hash(slot + 40.0 * fj);
        vec2 v = vec2((fract(x / 0.34) - 0.5) * 0.34 + 0.04 * sin(t * 0.7 + h * 9.0) * (uv.y + 1.0), uv.y + 1.05 - 0.18 * (1.0 - fj));
        float tall = 0.28 + 0.36 * h, a = atan(v.x, v.y), r = length(v), d = 1.0, tex = 1.0;
        if (h < 0.4) { d = r - tall * (0.8 + 0.1 * sin(a * 9.0)); tex = 0.6 + 0.5 * smoothstep(0.1, 0.4, abs(fract(a * 5.0 + 0.3 * sin(r * 40.0)) - 0.5)); d = max(d, abs(v.x) - 0.15); }
        else if (h < 0.7) { float col3 = abs(fract(v.x * 12.0) - 0.5); d = max(abs(v.x) - 0.125, v.y - tall * (0.6 + 0.4 * hash(floor(v.x * 12.0) + slot))); tex = 1.2 - 1.4 * col3; }
        else { d = length(v - vec2(0.0, 0.12)) - 0.20; tex = 0.7 + 0.4 * sin(v.x * 90.0 + 3.0 * sin(v.y * 70.0)); }
        float floorY = 0.10 + 0.05 * sin(x * 3.0) + 0.02 * sin(x * 11.0);
        vec3 coral = mix(flesh(h * 3.0 + 0.2), water(-1.0, k), 0.5 - 0.38 * fj) * tex * (0.55 + 1.1 * v.y);
        col = mix(col, coral, (1.0 - smoothstep(-px, px, d)) * step(v.y, 1.0));
        if (v.y < floorY) col = mix(water(-0.7, k) + 0.1, vec3(0.86, 0.66, 0.52), 0.35 + 0.3 * fj) * (0.7 + 0.5 * noise(vec2(x, v.y) * 25.0));
    }
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
