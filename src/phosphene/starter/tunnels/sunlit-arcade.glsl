// Title: Sunlit Arcade
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: tunnels

// An endless corridor solved in closed form: tiled floor with reflections,
// arched openings onto sky and sea, coffered ceiling, banners and lamps.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

vec3 plaster(float bay, float t)
{
    float h = hash(vec2(floor(bay / 4.0), 5.0)) * 5.0;
    if (h < 1.0) return vec3(0.93, 0.58, 0.38);
    if (h < 2.0) return vec3(0.36, 0.62, 0.60);
    if (h < 3.0) return vec3(0.94, 0.80, 0.46);
    if (h < 4.0) return vec3(0.78, 0.40, 0.46);
    return vec3(0.46, 0.50, 0.74);
}

vec3 outdoors(vec3 rd, float t)
{
    float k = 0.5 + 0.5 * sin(t * 0.11), c = sin(rd.z * 7.0 + t * 0.2) + sin(rd.y * 16.0 + rd.z * 5.0);
    vec3 sky = mix(mix(vec3(0.98, 0.88, 0.68), vec3(1.0, 0.62, 0.45), k), mix(vec3(0.24, 0.58, 0.92), vec3(0.42, 0.30, 0.70), k), smoothstep(-0.05, 0.45, rd.y));
    sky = mix(sky, vec3(1.0, 0.96, 0.92), smoothstep(0.7, 1.5, c) * 0.8);
    float hill = 0.05 + 0.05 * sin(rd.z * 9.0 + t * 0.1);
    if (rd.y < hill) sky = mix(vec3(0.25, 0.50, 0.38), vec3(0.45, 0.34, 0.55), k);
    if (rd.y < -0.03) sky = mix(vec3(0.12, 0.52, 0.66), vec3(0.55, 0.36, 0.58), k) + 0.05 * sin(rd.z * 30.0 - 90.0 * rd.y + t * 2.0);
    return sky;
}

// Wall, floor or ceiling seen along a ray. w returns floor amount, s distance.
vec3 hall(vec3 ro, vec3 rd, float t, out float onFloor, out vec3 hit)
{
    vec3 size = vec3(1.25, 1.0, 0.0);
    float sx = (size.x * sign(rd.x) - ro.x) / (abs(rd.x) < 1e-4 ? 1e-4 : rd.x);
    float sy = (size.y * sign(rd.y) - ro.y) / (abs(rd.y) < 1e-4 ? 1e-4 : rd.y);
    float s = min(sx, sy);
    hit = ro + rd * s;
    float bay = floor(hit.z / 2.0), z = mod(hit.z, 2.0) - 1.0;
    vec3 wall = plaster(bay, t), col = wall;
    onFloor = 0.0;
    vec2 sun = vec2(0.9 * sin(t * 0.15), 0.8 + 0.5 * cos(t * 0.11));
    if (sx < sy) {                                                       // side wall with an arch
        float y = hit.y, arch = length(vec2(z, max(y - 0.12, 0.0))) - 0.62;
        float side = sign(rd.x), kind = hash(vec2(bay, side + 4.0));
        col *= 0.82 + 0.15 * y + 0.05 * sin(hit.z * 31.0) * sin(y * 27.0);
        col = mix(col, wall.brg * 0.8, step(y, -0.62) + step(0.86, y));
        col = mix(col, vec3(0.97, 0.93, 0.84), 1.0 - smoothstep(0.02, 0.03, abs(y + 0.62)) + 1.0 - smoothstep(0.02, 0.03, abs(y - 0.86)));
        float brick = step(0.06, fract(atan(z, y - 0.12) * 4.0));
        if (arch < 0.14) col = mix(vec3(0.70, 0.52, 0.42), vec3(0.96, 0.90, 0.78), brick) * (0.9 + arch);
        if (arch < 0.0 && y > -0.80) {
            if (kind < 0.72) {
                col = outdoors(rd, t);
                if (y < -0.45 && abs(fract(hit.z * 5.0) - 0.5) < 0.22 + 0.12 * sin(y * 30.0)) col = vec3(0.93, 0.88, 0.80) * (0.75 + 0.5 * abs(fract(hit.z * 5.0) - 0.5));
                if (abs(y + 0.45) < 0.05) col = vec3(0.98, 0.94, 0.86);
                if (arch > -0.09) col = wall * 0.55 + 0.25 * step(0.0, z * side);
            } else {                                                     // niche with a round fresco
                float r = length(vec2(z, y + 0.05)), ring = fract(r * 7.0 - t * 0.2);
                col = mix(plaster(bay + 9.0, t), plaster(bay + 23.0, t).gbr, step(0.5, fract(ring + floor(atan(z, y + 0.05) * 2.546) * 0.5))) * (1.05 - 0.5 * r);
            }
        }
        float post = abs(z) - 0.88;                                      // half columns between bays
        if (post > 0.0) col = mix(vec3(0.95, 0.86, 0.72), wall, 0.25) * (0.45 + 5.0 * post * (0.9 + 0.4 * sin(hit.z * 90.0) * 0.3)) + step(0.72, abs(y)) * 0.18;
    } else if (rd.y < 0.0) {                                             // inlaid floor
        onFloor = 1.0;
        vec2 g = hit.xz * 1.6, id = floor(g), f = abs(fract(g) - 0.5);
        float style = hash(vec2(floor((bay + 0.5) / 3.0), 11.0));
        float m = style < 0.35 ? step(f.x + f.y, 0.5) : style < 0.7 ? mod(id.x + id.y, 2.0) : step(length(f), 0.36);
        col = mix(vec3(0.94, 0.88, 0.78), plaster(bay + 13.0, t).grb * 0.8, m);
        col = mix(col, vec3(0.36, 0.16, 0.20), step(length(f), 0.13) * step(0.35, style));
        float beam = length(vec2(z - 0.35 * hit.x * sun.x, 0.0)) - 0.45;  // sun through the arches
        col *= mix(vec3(1.35, 1.15, 0.85), vec3(0.58, 0.55, 0.78), smoothstep(-0.03, 0.03, beam + 0.1 * abs(hit.x + sun.x)));
    } else {                                                             // coffers, beams and lamps
        vec2 f = abs(fract(vec2(hit.x / 1.25 + 0.5, hit.z) * 1.0) - 0.5);
        float c = max(f.x, f.y);
        col = mix(wall.gbr * 0.75, vec3(0.72, 0.44, 0.26), step(0.34, c)) * (0.75 + 0.9 * abs(c - 0.34));
        col = mix(col, vec3(0.98, 0.80, 0.36), 1.0 - smoothstep(0.01, 0.02, abs(c - 0.3)));
        col += vec3(1.0, 0.80, 0.45) * 0.9 * exp(-26.0 * dot(f, f)) ;
        col = mix(vec3(0.90, 0.72, 0.50), col, step(abs(z), 0.86));
    }
    float k = 0.5 + 0.5 * sin(t * 0.11);
    return mix(mix(vec3(1.0, 0.92, 0.78), vec3(0.96, 0.66, 0.58), k), col, exp(-0.055 * max(s - 1.0, 0.0)));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, yaw = 0.75 * sin(t * 0.19), pitch = 0.22 * sin(t * 0.27), roll = 0.10 * sin(t * 0.21);
    uv = mat2(cos(roll), sin(roll), -sin(roll), cos(roll)) * uv;
    vec3 rd = normalize(vec3(uv, 1.05)), ro = vec3(0.7 * sin(t * 0.31), 0.35 * sin(t * 0.23), 0.9 * t);
    rd.yz = mat2(cos(pitch), -sin(pitch), sin(pitch), cos(pitch)) * rd.yz;
    rd.xz = mat2(cos(yaw), -sin(yaw), sin(yaw), cos(yaw)) * rd.xz;
    float fl = 0.0, f2 = 0.0;
    vec3 hit, h2, col = hall(ro, rd, t, fl, hit);
    if (fl > 0.5) {                                                      // polished stone
        vec3 rr = vec3(rd.x + 0.02 * sin(hit.z * 20.0), -rd.y, rd.z);
        col = mix(col, hall(hit + vec3(0.0, 0.002, 0.0), rr, t, f2, h2), 0.22 + 0.4 * pow(max(1.0 + rd.y, 0.0), 4.0));
    }
    fragColor = vec4(pow(clamp(col, 0.0, 1.0), vec3(1.1)), 1.0);
}
