// Title: Ember Dunes
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: scenes

// A height field of crescent dunes with standing stones, flown over at speed;
// the light runs from ember dusk through violet night glow to turquoise noon.

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

// Dunes: a sawtooth with a gentle windward side and a sharp crest.
float dunes(vec2 p) {
    float big = vnoise(p * 0.13) * 5.0 + vnoise(p * 0.31);
    float s = fract(p.x * 0.17 + 0.22 * big + 0.07 * p.y);
    float crest = min(s / 0.72, (1.0 - s) / 0.28);
    return 1.25 * crest * crest * (3.0 - 2.0 * crest) * (0.4 + 0.6 * vnoise(p * 0.2 + 9.0)) + 0.35 * big - 1.0;
}

// Standing stones in jittered cells: squared pillars, some leaning.
float stones(vec3 p) {
    vec2 cell = floor(p.xz / 9.0);
    float h = hash(cell + 31.0);
    if (h < 0.35) return 3.0;
    vec2 q = p.xz - (cell + 0.5) * 9.0 - 4.0 * (vec2(h, hash(cell + 77.0)) - 0.5);
    float base = 0.35 * vnoise(p.xz * 0.13) * 5.0 - 0.9;
    vec3 b = vec3(q.x + (h - 0.6) * (p.y - base), p.y - base, q.y);
    vec3 d = abs(b) - vec3(0.42, 1.0 + 2.6 * h, 0.3 + 0.3 * h);
    return 0.8 * (length(max(d, 0.0)) + min(max(d.x, max(d.y, d.z)), 0.0)) - 0.04;
}

vec3 hours(float t, vec3 a, vec3 b, vec3 c) {
    float k = mod(t / 8.0, 3.0), f = smoothstep(0.3, 1.0, fract(k));
    return k < 1.0 ? mix(a, b, f) : k < 2.0 ? mix(b, c, f) : mix(c, a, f);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    vec3 eye = vec3(1.5 * sin(iTime * 0.2), 0.0, iTime * 1.6);
    eye.y = 0.35 * vnoise(eye.xz * 0.13) * 5.0 + 1.9 + 0.7 * sin(iTime * 0.3);
    float yaw = 0.6 * sin(iTime * 0.17), dip = -0.14;
    vec3 ray = normalize(vec3(uv.x, uv.y + dip, 1.1));
    ray.xz = mat2(cos(yaw), -sin(yaw), sin(yaw), cos(yaw)) * ray.xz;

    vec3 zenith = hours(iTime, vec3(0.32, 0.16, 0.42), vec3(0.10, 0.12, 0.38), vec3(0.12, 0.55, 0.75));
    vec3 haze = hours(iTime, vec3(1.0, 0.52, 0.24), vec3(0.70, 0.36, 0.66), vec3(0.93, 0.92, 0.76));
    vec3 sand = hours(iTime, vec3(0.93, 0.45, 0.20), vec3(0.62, 0.38, 0.62), vec3(0.97, 0.78, 0.50));
    vec3 sun = normalize(vec3(0.75 * sin(iTime * 0.11 + 0.4), 0.26, 0.8));

    float dist = 0.1, stone = 0.0;
    for (int i = 0; i < 60; i++) {
        vec3 p = eye + ray * dist;
        float s = stones(p), g = 0.55 * (p.y - dunes(p.xz));
        stone = step(s, g);
        float d = min(s, g);
        if (d < 0.004 * dist || dist > 46.0) break;
        dist += d;
    }

    vec3 sky = mix(haze, zenith, smoothstep(0.0, 0.55, ray.y));
    float near = max(dot(ray, sun), 0.0);
    sky += haze * (0.5 * pow(near, 12.0)) + vec3(1.0, 0.9, 0.7) * smoothstep(0.9955, 0.9965, near);
    vec2 high = ray.xz / (ray.y + 0.12);
    sky = mix(sky, haze * 1.15, 0.75 * smoothstep(0.55, 0.85, vnoise(high * vec2(1.2, 3.0) + 0.1 * iTime) + 0.25 * vnoise(high * 6.0)) * smoothstep(0.0, 0.15, ray.y));

    vec3 col = sky;
    if (dist < 46.0) {
        vec3 p = eye + ray * dist;
        vec3 n;
        if (stone > 0.5) {
            vec2 e = vec2(0.02, 0.0);
            n = normalize(vec3(stones(p + e.xyy), stones(p + e.yxy), stones(p + e.yyx)) - stones(p));
        } else {
            float e = 0.01 + 0.004 * dist, h = dunes(p.xz);
            float ripple = 0.20 * cos(p.x * 16.0 + 6.0 * vnoise(p.xz * 0.9)) * exp(-0.09 * dist);
            n = normalize(vec3(h - dunes(p.xz + vec2(e, 0)) + ripple * e, e, h - dunes(p.xz + vec2(0, e))));
        }
        float shadow = 1.0, reach = 0.15;
        for (int i = 0; i < 14; i++) {
            vec3 q = p + sun * reach;
            float d = min(q.y - dunes(q.xz), stones(q));
            shadow = min(shadow, 7.0 * d / reach);
            reach += clamp(d, 0.12, 0.9);
            if (shadow < 0.0) break;
        }
        float light = max(dot(n, sun), 0.0) * clamp(shadow, 0.0, 1.0);
        vec3 body = stone > 0.5 ? mix(vec3(0.28, 0.36, 0.42), vec3(0.45, 0.62, 0.55), vnoise(p.xy * 4.0 + p.z)) : sand * (0.9 + 0.2 * hash(floor(p.xz * 40.0)));
        col = body * (zenith * 0.75 + 0.12 + vec3(1.25, 1.0, 0.8) * light);
        col += haze * 0.25 * pow(clamp(1.0 + dot(n, ray), 0.0, 1.0), 4.0);
        col = mix(col, sky, 1.0 - exp(-0.0016 * dist * dist));
    }
    fragColor = vec4(sqrt(clamp(col, 0.0, 1.0)) * 0.35 + clamp(col, 0.0, 1.0) * 0.65, 1.0);
}
