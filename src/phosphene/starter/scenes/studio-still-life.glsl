// Title: Studio Still Life
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: scenes

// Solids, fruit and a vase on a painted table. Every seven seconds the things
// change places and the studio is repainted.

float hash(float n) {
    uint k = uint(int(n)) * 0x9E3779B1u + 77u;
    k ^= k >> 15; k *= 0x2C1B3C6Du; k ^= k >> 13; k *= 0x297A2D39u; k ^= k >> 16;
    return float(k & 0xFFFFu) / 65536.0;
}

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

vec2 seat[6];          // where each of the six things stands

vec2 nearer(vec2 a, float d, float id) { return d < a.x ? vec2(d, id) : a; }

// Distance and material.
vec2 map(vec3 p) {
    vec2 hit = vec2(p.y, 0.0);
    hit = nearer(hit, 3.2 - p.z + 0.06 * sin(p.x * 5.0), 1.0);               // curtain
    vec3 q = p - vec3(seat[0].x, 0.55, seat[0].y);
    hit = nearer(hit, length(q) - 0.55, 2.0);                                // ball
    q = p - vec3(seat[1].x, 0.5, seat[1].y);
    q.xz = mat2(0.8, 0.6, -0.6, 0.8) * q.xz;
    vec3 b = abs(q) - 0.42;
    hit = nearer(hit, length(max(b, 0.0)) + min(max(b.x, max(b.y, b.z)), 0.0) - 0.07, 3.0);   // box
    q = p - vec3(seat[2].x, 0.21, seat[2].y);
    hit = nearer(hit, length(vec2(length(q.xz) - 0.46, q.y)) - 0.21, 4.0);   // ring
    q = p - vec3(seat[3].x, 0.0, seat[3].y);
    float belly = 0.30 + 0.17 * sin(q.y * 3.4 + 0.2) - 0.05 * q.y;
    hit = nearer(hit, max(0.7 * (length(q.xz) - belly), abs(q.y - 0.75) - 0.75), 5.0);        // vase
    q = p - vec3(seat[4].x, 0.0, seat[4].y);
    hit = nearer(hit, max(dot(vec2(length(q.xz), q.y - 1.25), vec2(0.90, 0.43)), -q.y), 6.0); // cone
    q = p - vec3(seat[5].x, 0.24, seat[5].y);
    q.x = abs(q.x) - 0.25;
    hit = nearer(hit, length(q) - 0.24 - 0.012 * cos(9.0 * atan(q.z, q.x)), 7.0);             // pair of fruit
    return hit;
}

vec3 paint(float id, vec3 p, float scheme) {
    int k = int(mod(scheme + 0.5, 3.0));
    vec3 c1 = k == 0 ? rgb(0xE4572E) : k == 1 ? rgb(0x2A9D8F) : rgb(0xFFB5A7);
    vec3 c2 = k == 0 ? rgb(0x17BEBB) : k == 1 ? rgb(0xE9C46A) : rgb(0x3D348B);
    vec3 c3 = k == 0 ? rgb(0xFFC914) : k == 1 ? rgb(0xD62246) : rgb(0x7FB800);
    vec3 c4 = k == 0 ? rgb(0x2E4A7D) : k == 1 ? rgb(0xF4E3D7) : rgb(0xF9C846);
    if (id < 0.5) {
        float grain = sin(p.x * 2.0 + 18.0 * p.z + 3.0 * sin(p.x * 0.9 + p.z));
        float plank = step(0.04, fract(p.z * 0.9)) * 0.25 + 0.75;
        float check = mod(floor(p.x * 1.4) + floor(p.z * 1.4), 2.0);
        return k == 1 ? mix(c4, c2, check) : mix(rgb(0xA9683B), rgb(0xD9A066), 0.5 + 0.4 * grain) * plank * (k == 2 ? vec3(0.8, 0.95, 1.1) : vec3(1.0));
    }
    if (id < 1.5) {
        vec2 g = fract(p.xy * 1.6 + vec2(0.5 * mod(floor(p.y * 1.6), 2.0), 0.0)) - 0.5;
        float motif = k == 0 ? 1.0 - smoothstep(0.26, 0.30, length(g)) : k == 1 ? step(0.5, fract(p.x * 1.5)) : 1.0 - smoothstep(0.28, 0.32, abs(g.x) + abs(g.y));
        return mix(k == 0 ? rgb(0x7A4E7E) : c2 * 0.8, c4, 0.55 * motif);
    }
    if (id < 2.5) return mix(c1, c4, step(0.55, fract(p.y * 2.4 + 0.15 * sin(p.x * 6.0))));
    if (id < 3.5) return mix(c3, c2, step(0.5, fract((p.x + p.y) * 2.2)));
    if (id < 4.5) return c2;
    if (id < 5.5) return mix(c4, c1, smoothstep(-0.05, 0.05, sin(p.y * 16.0) * sin(p.y * 5.0)));
    if (id < 6.5) return mix(c3, c1, p.y * 0.7);
    return mix(rgb(0xF28C1E), rgb(0x9BC53D), smoothstep(0.1, 0.5, p.y + 0.1 * sin(p.x * 9.0)));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float act = floor(iTime / 7.0 + 0.2), move = smoothstep(0.0, 0.18, fract(iTime / 7.0 + 0.2));
    for (int i = 0; i < 6; i++) {
        // Deal the six seats by a rotating offset and stride, then jitter.
        float now = floor(mod(0.5 + float(i) * (mod(act, 2.0) < 0.5 ? 1.0 : 5.0) + floor(6.0 * hash(act)), 6.0));
        float old = floor(mod(0.5 + float(i) * (mod(act, 2.0) < 0.5 ? 5.0 : 1.0) + floor(6.0 * hash(act - 1.0)), 6.0));
        vec2 there = vec2(floor(mod(now + 0.5, 3.0)) - 1.0, step(3.0, now) * 1.35 - 0.6) * vec2(1.35, 1.0) + 0.4 * vec2(hash(act * 9.0 + now) - 0.5, hash(act * 5.0 + now + 40.0) - 0.5);
        vec2 was = vec2(floor(mod(old + 0.5, 3.0)) - 1.0, step(3.0, old) * 1.35 - 0.6) * vec2(1.35, 1.0) + 0.4 * vec2(hash(act * 9.0 - 9.0 + old) - 0.5, hash(act * 5.0 - 5.0 + old + 40.0) - 0.5);
        seat[i] = mix(was, there, move);
    }
    float swing = 0.5 * sin(iTime * 0.31) + 0.2;
    vec3 eye = vec3(5.2 * sin(swing), 2.2 + 0.9 * sin(iTime * 0.23), -4.6 * cos(swing));
    vec3 fwd = normalize(vec3(0.0, 0.45, 0.2) - eye), right = normalize(cross(vec3(0, 1, 0), fwd));
    vec3 ray = normalize(fwd * 1.75 + uv.x * right + uv.y * cross(fwd, right));

    float dist = 1.5;
    vec2 hit = vec2(0);
    for (int i = 0; i < 60; i++) {
        hit = map(eye + ray * dist);
        if (hit.x < 0.002 * dist || dist > 14.0) break;
        dist += hit.x * 0.92;
    }
    vec3 p = eye + ray * dist;
    vec2 e = vec2(0.003, 0.0);
    vec3 n = normalize(vec3(map(p + e.xyy).x, map(p + e.yxy).x, map(p + e.yyx).x) - map(p).x);
    vec3 lamp = normalize(vec3(1.4 * sin(act * 2.4 + 0.8), 1.6, -0.9));
    float shadow = 1.0, reach = 0.05;
    for (int i = 0; i < 18; i++) {
        float d = map(p + lamp * reach).x;
        shadow = min(shadow, 9.0 * d / reach);
        reach += clamp(d, 0.04, 0.4);
        if (shadow < 0.01) break;
    }
    float occlude = clamp(map(p + n * 0.22).x / 0.22, 0.2, 1.0);
    vec3 body = paint(hit.y, p, act);
    float diffuse = max(dot(n, lamp), 0.0) * clamp(shadow, 0.0, 1.0);
    vec3 col = body * (vec3(0.34, 0.36, 0.44) * occlude + vec3(1.0, 0.93, 0.82) * diffuse);
    float shine = hit.y > 1.5 ? pow(max(dot(reflect(ray, n), lamp), 0.0), 40.0) : 0.0;
    col += shine * clamp(shadow, 0.0, 1.0) * 0.7;
    col += body.brg * 0.18 * pow(clamp(1.0 + dot(n, ray), 0.0, 1.0), 3.0) * occlude;
    fragColor = vec4(pow(clamp(col, 0.0, 1.0), vec3(0.85)), 1.0);
}
