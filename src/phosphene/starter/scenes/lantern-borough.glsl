// Title: Lantern Borough
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: scenes

// A city walked cell by cell: each ray steps through the street grid and tests
// one painted tower per block. Windows light up as the sky turns.

float hash(vec2 p) {
    uint n = uint(int(p.x)) * 0x9E3779B1u ^ uint(int(p.y)) * 0x85EBCA77u;
    n ^= n >> 15; n *= 0x2C1B3C6Du; n ^= n >> 12; n *= 0x297A2D39u; n ^= n >> 15;
    return float(n & 0xFFFFFFu) / 16777216.0;
}

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

vec3 facade(float pick) {
    int k = int(pick * 6.999);
    return k == 0 ? rgb(0xD96C4F) : k == 1 ? rgb(0xF2D0A4) : k == 2 ? rgb(0x4F8A8B) : k == 3 ? rgb(0xC06C84)
         : k == 4 ? rgb(0x6C7BB5) : k == 5 ? rgb(0xE9B44C) : rgb(0xA7C4A0);
}

// Entry distance and face of an axis-aligned box; x > 1e8 means a miss.
float slab(vec3 eye, vec3 ray, vec3 lo, vec3 hi, out vec3 face) {
    vec3 a = (lo - eye) / ray, b = (hi - eye) / ray;
    vec3 near = min(a, b), far = max(a, b);
    float enter = max(near.x, max(near.y, near.z)), leave = min(far.x, min(far.y, far.z));
    face = -sign(ray) * step(near.yzx, near) * step(near.zxy, near);
    return (enter > leave || leave < 0.0 || enter < 0.0) ? 1e9 : enter;
}

float tall(vec2 cell) {
    float h = hash(cell);
    return 0.5 + 3.4 * h * h + 2.6 * step(0.88, hash(cell + 300.0));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float dusk = 0.5 - 0.5 * cos(iTime * 0.29 - 0.5);               // 0 day, 1 night
    vec3 eye = vec3(0.9 * iTime, 4.6 + 1.8 * sin(iTime * 0.21), 0.6 * iTime + 2.0 * sin(iTime * 0.1));
    float yaw = 0.25 * iTime * 0.6 + 0.5;
    vec3 ray = normalize(vec3(uv.x, uv.y - 0.40, 1.15));
    ray.xz = mat2(cos(yaw), sin(yaw), -sin(yaw), cos(yaw)) * ray.xz;
    ray += 1e-5;
    vec3 sun = normalize(vec3(0.8, 0.75 - 0.45 * dusk, 0.45));

    vec3 low = mix(rgb(0xFCE8C8), rgb(0xF07F5A), smoothstep(0.1, 0.6, dusk));
    low = mix(low, rgb(0x7B3F8C), smoothstep(0.6, 1.0, dusk));
    vec3 top = mix(rgb(0x4FA3E0), rgb(0x2B2560), smoothstep(0.2, 0.9, dusk));
    vec3 sky = mix(low, top, smoothstep(-0.05, 0.5, ray.y));

    // Walk the grid.
    vec2 cell = floor(eye.xz), dir = sign(ray.xz);
    vec2 next = (cell + 0.5 + 0.5 * dir - eye.xz) / ray.xz, stride = abs(1.0 / ray.xz);
    float dist = 1e9;
    vec3 face = vec3(0), hitFace = vec3(0);
    vec2 hitCell = vec2(0);
    for (int i = 0; i < 44; i++) {
        float h = tall(cell), inset = 0.14 + 0.08 * hash(cell + 91.0);
        float d = slab(eye, ray, vec3(cell.x + inset, 0.0, cell.y + inset), vec3(cell.x + 1.0 - inset, h, cell.y + 1.0 - inset), face);
        if (d < dist) { dist = d; hitFace = face; hitCell = cell; }
        if (dist < 1e8) break;
        if (next.x < next.y) { next.x += stride.x; cell.x += dir.x; } else { next.y += stride.y; cell.y += dir.y; }
    }

    float ground = ray.y < 0.0 ? -eye.y / ray.y : 1e9;
    float way = min(dist, ground);
    vec3 col = sky;
    if (way < 60.0) {
        vec3 p = eye + ray * way;
        vec3 glow = vec3(0);
        vec3 body;
        vec3 n = vec3(0, 1, 0);
        if (dist < ground) {
            n = hitFace;
            float pick = hash(hitCell + 7.0);
            body = facade(pick);
            vec2 wall = abs(n.x) > 0.5 ? p.zy : p.xy;
            if (n.y < 0.5) {
                vec2 g = wall * vec2(7.0, 5.0 + 3.0 * pick), room = floor(g), w = abs(fract(g) - 0.5);
                float pane = step(w.x, 0.30) * step(w.y, 0.28);
                float lit = step(1.0 - 0.65 * dusk, hash(room + hitCell * 13.0 + floor(iTime * 0.15 + pick)));
                body = mix(body * (0.85 + 0.15 * step(0.4, w.y)), mix(rgb(0x2F4858), low * 0.7, 0.4), pane);
                glow = pane * lit * mix(rgb(0xFFD27A), rgb(0xFF9F5A), hash(room));
            } else {
                vec2 roof = abs(fract(p.xz) - 0.5);
                body = mix(rgb(0x8E9AA6), facade(fract(pick * 7.0)) * 0.9, step(max(roof.x, roof.y), 0.24));
                body *= 0.8 + 0.2 * step(0.2, fract(p.x * 8.0));
            }
        } else {
            vec2 kerb = abs(fract(p.xz) - 0.5);
            float road = step(0.40, max(kerb.x, kerb.y));
            body = mix(rgb(0x6FA06A), rgb(0x59606E), road);
            float lane = kerb.x > kerb.y ? p.z : p.x;
            float side = kerb.x > kerb.y ? fract(p.x + 0.5) - 0.5 : fract(p.z + 0.5) - 0.5;
            float car = step(0.80, hash(vec2(floor(lane * 6.0 + sign(side) * iTime * 3.0), floor(side * 2.0) + 5.0)));
            glow = road * car * step(abs(abs(side) - 0.05), 0.03) * (side > 0.0 ? rgb(0xFF4B3E) : rgb(0xFFF3C4));
            body += road * 0.4 * step(abs(side), 0.008) * step(0.5, fract(lane * 6.0));
        }
        // One shadow probe through the neighbouring block, and street-level dimming.
        vec2 by = floor(p.xz + sun.xz * 0.62 + n.xz * 0.1);
        float shade = smoothstep(-0.15, 0.25, p.y + 0.55 - tall(by));
        float light = max(dot(n, sun), 0.0) * mix(0.25, 1.0, shade);
        vec3 beam = mix(vec3(1.05, 0.98, 0.85), vec3(0.9, 0.45, 0.35), dusk) * (1.0 - 0.6 * dusk);
        col = body * (mix(vec3(0.45, 0.50, 0.60), vec3(0.30, 0.26, 0.48), dusk) * (0.55 + 0.45 * clamp(p.y, 0.0, 1.0)) + beam * light);
        col += glow * (0.15 + 0.85 * dusk);
        col = mix(col, mix(low, top, 0.15), 1.0 - exp(-0.0022 * way * way));
    }
    fragColor = vec4(col, 1.0);
}
