// Title: Toadstool Glade
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: scenes

// Spotted toadstools, one to a cell of moss, ray marched with sun and mist.

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

float moss(vec2 p) { return 0.9 * vnoise(p * 0.35) + 0.06 * vnoise(p * 5.0); }

const float CELL = 2.2;

// The toadstool of the cell under p: x distance, y part (1 stem, 2 cap, 3 gills); local point out.
vec2 toadstool(vec3 p, out vec3 q) {
    vec2 cell = floor(p.xz / CELL);
    float h = hash(cell), k = hash(cell + 41.0);
    vec2 foot = (cell + 0.5 + 0.18 * (vec2(h, k) - 0.5)) * CELL;
    q = p - vec3(foot.x, 0.9 * vnoise(foot * 0.35), foot.y);
    float size = 0.55 + 0.5 * k;
    q /= size;
    q.x += 0.12 * sin(q.y * 1.5 + 6.0 * h);
    float stem = length(q.xz) - 0.13 - 0.10 * exp(-5.0 * max(q.y, 0.0));
    stem = max(stem, abs(q.y - 0.6) - 0.7);
    vec3 c = q - vec3(0, 1.05, 0);
    c.y *= 0.9 + 0.9 * h;
    float dome = max(length(c) - 0.72, -c.y - 0.12 + 0.18 * dot(c.xz, c.xz));
    float hollow = length(c + vec3(0, 0.62, 0)) - 0.62;
    dome = max(dome, -hollow);
    float part = dome < stem ? (hollow < 0.03 ? 3.0 : 2.0) : 1.0;
    return vec2(min(dome * 0.6, stem * 0.85) * size, part);
}

float map(vec3 p) {
    vec3 q;
    return min(min(toadstool(p, q).x, 1.5), 0.75 * (p.y - moss(p.xz)));
}

vec3 capInk(float pick) {
    return pick < 0.28 ? vec3(0.86, 0.12, 0.10) : pick < 0.5 ? vec3(0.96, 0.55, 0.08) : pick < 0.68 ? vec3(0.48, 0.20, 0.62)
         : pick < 0.85 ? vec3(0.10, 0.48, 0.70) : vec3(0.93, 0.80, 0.30);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float hour = 0.5 + 0.5 * sin(iTime * 0.26 + 0.5);
    vec2 trail = vec2(1.1 * iTime, 1.5 * sin(iTime * 0.25));
    vec3 eye = vec3(trail.x, 2.15 + 0.5 * sin(iTime * 0.35) + 0.9 * vnoise(trail * 0.35), trail.y);
    float yaw = 0.8 * sin(iTime * 0.14) + 0.1 * iTime;
    vec3 ray = normalize(vec3(uv.x, uv.y - 0.38, 1.2));
    ray.xz = mat2(cos(yaw), sin(yaw), -sin(yaw), cos(yaw)) * ray.xz;
    ray.xz += 1e-5;
    vec3 sun = normalize(vec3(0.6, 0.55, -0.5));
    vec3 mist = mix(vec3(0.98, 0.80, 0.62), vec3(0.55, 0.80, 0.86), hour);

    float dist = 0.2;
    for (int i = 0; i < 64; i++) {
        vec3 p = eye + ray * dist;
        float d = map(p);
        if (d < 0.003 * dist || dist > 22.0) break;
        // Never step past the cell wall: the next cell has its own toadstool.
        vec2 wall = (step(0.0, ray.xz) - fract(p.xz / CELL)) * CELL / ray.xz;
        dist += min(d * 0.9, max(min(wall.x, wall.y), 0.0) + 0.03);
    }
    // Background: sunlit trunks in the fog.
    float trunk = vnoise(vec2(atan(ray.x, ray.z) * 14.0, ray.y * 1.5));
    vec3 far = mist * mix(0.62, 1.05, smoothstep(0.35, 0.55, trunk)) + 0.12 * ray.y;
    vec3 col = far;
    if (dist < 22.0) {
        vec3 p = eye + ray * dist, q;
        vec2 e = vec2(0.006, 0.0);
        vec3 n = normalize(vec3(map(p + e.xyy), map(p + e.yxy), map(p + e.yyx)) - map(p));
        vec2 stool = toadstool(p, q);
        vec2 cell = floor(p.xz / CELL);
        vec3 body;
        if (stool.x < 0.75 * (p.y - moss(p.xz))) {
            float pick = hash(cell + 5.0);
            float around = atan(q.z, q.x);
            if (stool.y > 2.5) body = vec3(0.96, 0.85, 0.70) * (0.6 + 0.4 * abs(sin(around * 16.0)));
            else if (stool.y > 1.5) {
                vec2 g = vec2(around * 1.9, q.y * 4.5 + 0.5 * pick);
                float spot = length(fract(g + vec2(0.5 * mod(floor(g.y), 2.0), 0.0)) - 0.5);
                body = mix(capInk(pick) * (0.75 + 0.5 * q.y * 0.5), vec3(1.0, 0.96, 0.86), 1.0 - smoothstep(0.25, 0.30, spot));
            } else body = mix(vec3(0.93, 0.88, 0.76), vec3(0.70, 0.62, 0.48), 0.5 + 0.5 * sin(around * 9.0 + q.y * 5.0));
        } else {
            float tuft = vnoise(p.xz * 9.0);
            body = mix(vec3(0.10, 0.30, 0.12), vec3(0.55, 0.66, 0.16), tuft * 0.6 + 0.4 * vnoise(p.xz * 0.8));
            body = mix(body, vec3(0.62, 0.30, 0.16), smoothstep(0.62, 0.72, vnoise(p.xz * 2.3 + 30.0)));
            body = mix(body, vec3(0.95, 0.75, 0.92), step(0.965, hash(floor(p.xz * 9.0))));
        }
        float shadow = 1.0, reach = 0.08;
        for (int i = 0; i < 16; i++) {
            float d = map(p + sun * reach);
            shadow = min(shadow, 8.0 * d / reach);
            reach += clamp(d, 0.06, 0.5);
            if (shadow < 0.01) break;
        }
        float light = max(dot(n, sun), 0.0) * clamp(shadow, 0.0, 1.0);
        col = body * (mist * (0.42 + 0.18 * n.y) + vec3(1.15, 1.0, 0.78) * light);
        col = mix(col, far, 1.0 - exp(-0.006 * dist * dist));
    }
    fragColor = vec4(pow(clamp(col, 0.0, 1.0), vec3(0.82)), 1.0);
}
