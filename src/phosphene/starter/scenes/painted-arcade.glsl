// Title: Painted Arcade
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: scenes

// Walking down a vaulted hall: columns, open arches, a patterned floor, and
// sun through the left-hand side. Each bay is painted in its own colours.

float hash(float n) {
    uint k = uint(int(n)) * 0x9E3779B1u + 977u;
    k ^= k >> 15; k *= 0x2C1B3C6Du; k ^= k >> 13; k *= 0x297A2D39u; k ^= k >> 16;
    return float(k & 0xFFFFu) / 65536.0;
}

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

const float BAY = 3.2;

vec3 plaster(float pick) {
    int k = int(pick * 5.999);
    return k == 0 ? rgb(0x2E86AB) : k == 1 ? rgb(0xE07A5F) : k == 2 ? rgb(0x81B29A) : k == 3 ? rgb(0xF2CC8F)
         : k == 4 ? rgb(0x9D6A9F) : rgb(0xD64550);
}

// Opening in the side walls, seen along x: rectangle with a round head.
float arch(vec2 p) {
    return p.y < 1.5 ? abs(p.x) - 0.95 : length(p - vec2(0, 1.5)) - 0.95;
}

float map(vec3 p) {
    float z = mod(p.z, BAY) - 0.5 * BAY;
    float wall = max(2.6 - abs(p.x), -arch(vec2(z, p.y)));
    wall = max(wall, abs(p.x) - 3.1);
    float roof = max(3.35 - length(vec2(p.x * 0.62, p.y - 1.6)) * 1.55, 2.4 - p.y);
    // Columns stand between the bays, with base and capital.
    vec2 c = vec2(abs(p.x) - 1.75, abs(z) - 0.5 * BAY);
    float flare = 0.13 * (1.0 - smoothstep(0.15, 0.35, p.y)) + 0.16 * smoothstep(2.0, 2.4, p.y);
    float flute = 0.012 * cos(10.0 * atan(c.y, c.x));
    float column = length(c) - 0.20 - flare + flute;
    // Ribs carry the vault from column to column.
    float rib = max(length(vec2(length(vec2(p.x, p.y - 2.3)) - 1.78, abs(z) - 0.5 * BAY)) - 0.16, 2.25 - p.y);
    return min(min(p.y, 0.8 * wall), min(0.65 * roof, min(0.8 * column, rib)));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float walk = 1.35 * iTime;
    vec3 eye = vec3(0.8 * sin(iTime * 0.33), 1.45 + 0.35 * sin(iTime * 0.21), walk);
    float yaw = 0.75 * sin(iTime * 0.27 + 0.3), pitch = 0.16 * sin(iTime * 0.39);
    vec3 ray = normalize(vec3(uv.x, uv.y + pitch, 0.85));
    ray.xz = mat2(cos(yaw), -sin(yaw), sin(yaw), cos(yaw)) * ray.xz;
    float hour = 0.5 + 0.5 * sin(iTime * 0.19);
    vec3 sun = normalize(vec3(-0.9, 0.75 - 0.25 * hour, 0.35 * sin(iTime * 0.1)));
    vec3 glow = mix(vec3(1.25, 1.05, 0.78), vec3(1.3, 0.72, 0.42), hour);
    vec3 air = mix(vec3(0.62, 0.80, 0.95), vec3(0.95, 0.66, 0.58), hour);

    float dist = 0.05;
    for (int i = 0; i < 64; i++) {
        float d = map(eye + ray * dist);
        if (d < 0.0015 * dist || dist > 30.0) break;
        dist += d;
    }
    vec3 p = eye + ray * dist;
    // Garden and sky beyond the arches.
    float hedge = 0.16 + 0.05 * sin(ray.z * 30.0 / max(abs(ray.x), 0.2)) ;
    vec2 bush = vec2(ray.z / max(abs(ray.x), 0.2), ray.y) * vec2(26.0, 44.0) + vec2(0.8 * walk, 0.0);
    float leafy = sin(bush.x + 2.0 * sin(bush.y)) * cos(bush.y + 1.7 * sin(bush.x * 1.3));
    vec3 far = ray.y < hedge * 0.6 ? mix(rgb(0x2F6B3C), rgb(0xA8C256), smoothstep(-0.2, 0.15, ray.y + 0.10 * leafy)) * (0.85 + 0.2 * leafy) : mix(air * 1.1, air * 0.75, ray.y);
    vec3 col = far;
    if (dist < 30.0 && abs(p.x) < 3.05) {
        vec2 e = vec2(0.004, 0.0);
        vec3 n = normalize(vec3(map(p + e.xyy), map(p + e.yxy), map(p + e.yyx)) - map(p));
        float bay = floor(p.z / BAY), z = mod(p.z, BAY) - 0.5 * BAY;
        vec3 paint = plaster(hash(bay)), trim = plaster(hash(bay + 0.0) > 0.5 ? 0.55 : 0.05);
        vec2 c = vec2(abs(p.x) - 1.75, abs(z) - 0.5 * BAY);
        vec3 body;
        if (p.y < 0.01) {
            // Floor: eight-pointed inlay on alternating tiles.
            vec2 g = p.xz / 0.8, t = abs(fract(g) - 0.5);
            float star = min(max(t.x, t.y), (t.x + t.y) * 0.7071);
            float odd = mod(floor(g.x) + floor(g.y), 2.0);
            body = mix(rgb(0xF3E9D8), trim, step(star, 0.25));
            body = mix(body, odd > 0.5 ? rgb(0x3B4A6B) : rgb(0xB5523B), step(0.36, star));
            body *= 0.6 + 0.4 * smoothstep(0.0, 0.03, 0.5 - max(t.x, t.y));
        } else if (length(c) < 0.42 && p.y < 2.42) {
            body = mix(rgb(0xEFE3CC), plaster(hash(floor((p.z + 0.5 * BAY) / BAY) + 60.0)), step(0.45, p.y) * step(p.y, 1.9) * step(0.5, fract(p.y * 1.1 + atan(c.y, c.x) * 0.32)));
        } else if (p.y > 2.25) {
            vec2 g = vec2(atan(p.x, p.y - 1.6) * 4.0, p.z * 2.0);
            float coffer = max(abs(fract(g.x) - 0.5), abs(fract(g.y) - 0.5));
            body = mix(paint, rgb(0xF6D365), smoothstep(0.38, 0.42, coffer));
            body = mix(body, rgb(0xFFF4D6), step(length(fract(g) - 0.5), 0.14));
        } else {
            float head = arch(vec2(z, p.y));
            body = mix(paint, rgb(0xF7EFE0), step(head, 0.22));
            body = mix(body, trim * 0.8, step(head, 0.22) * step(0.5, fract(atan(z, p.y - 1.5) * 3.0)));
            body = mix(body, rgb(0x8A5A44), step(p.y, 0.35));
        }
        float shadow = 1.0, reach = 0.06;
        for (int i = 0; i < 20; i++) {
            float d = map(p + sun * reach);
            shadow = min(shadow, 10.0 * d / reach);
            reach += clamp(d, 0.06, 0.5);
            if (shadow < 0.01 || p.x + sun.x * reach < -3.1) break;
        }
        float light = max(dot(n, sun), 0.0) * clamp(shadow, 0.0, 1.0);
        float nook = clamp(map(p + n * 0.3) / 0.3, 0.25, 1.0);
        col = body * (air * 0.50 * nook + glow * light + 0.16 * glow * max(-n.y, 0.0));
        col = mix(col, air * 0.9, 1.0 - exp(-0.0035 * dist * dist));
    }
    fragColor = vec4(pow(clamp(col, 0.0, 1.0), vec3(0.8)), 1.0);
}
