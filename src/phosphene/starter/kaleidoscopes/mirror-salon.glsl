// Title: Mirror Salon
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: kaleidoscopes

// Walking through a salon whose four walls are mirrors: space is folded into
// one furnished cell, and every reflected room is tiled in its own hues.

float tri(float x, float s) { return abs(mod(x + s, 4.0 * s) - 2.0 * s) - s; }
vec3 fold(vec3 p) { return vec3(tri(p.x, 1.5), p.y, tri(p.z, 1.5)); }
mat2 rot(float a) { float c = cos(a), s = sin(a); return mat2(c, -s, s, c); }
float box(vec3 p, vec3 b) { p = abs(p) - b; return length(max(p, 0.0)) + min(max(p.x, max(p.y, p.z)), 0.0); }

// Distance and material of the furniture in the folded room.
vec2 room(vec3 q, float t)
{
    vec3 e = abs(q) - vec3(1.5, 1.2, 1.5);
    float frame = min(min(max(abs(e.x), abs(e.y)), max(abs(e.y), abs(e.z))), max(abs(e.x), abs(e.z))) - 0.09;
    vec2 d = vec2(frame, 1.0);
    vec3 o = q - vec3(0.55, 0.1 * sin(t), 0.35);
    o.xy = rot(t * 0.4) * o.xy;
    o.xz = rot(t * 0.3) * o.xz;
    float ring = length(vec2(length(o.xy) - 0.42, o.z)) - 0.11;
    float cube = box(o, vec3(0.34)) - 0.04;
    float ball = length(o) - 0.45;
    float k = mod(t / 7.0, 3.0);
    float toy = k < 1.0 ? mix(ring, cube, smoothstep(0.6, 1.0, k)) : k < 2.0 ? mix(cube, ball, smoothstep(1.6, 2.0, k)) : mix(ball, ring, smoothstep(2.6, 3.0, k));
    if (toy < d.x) d = vec2(toy, 2.0);
    float lamp = length(q - vec3(-0.7, 0.75, -0.6)) - 0.2;
    if (lamp < d.x) d = vec2(lamp, 3.0);
    float post = max(length(q.xz - vec2(-0.75, 0.75)) - 0.13 - 0.04 * cos(q.y * 12.0), abs(q.y) - 1.2);
    if (post < d.x) d = vec2(post, 4.0);
    if (-e.y < d.x) d = vec2(-e.y, 5.0);                             // floor and ceiling
    return d;
}

vec3 paper(vec3 id, float shift)
{
    float h = fract(dot(id, vec3(0.37, 0.21, 0.53)) + shift);
    vec3 c = mix(vec3(0.93, 0.36, 0.30), vec3(0.99, 0.76, 0.36), smoothstep(0.0, 0.3, h));
    c = mix(c, vec3(0.24, 0.66, 0.60), smoothstep(0.3, 0.55, h));
    c = mix(c, vec3(0.36, 0.30, 0.72), smoothstep(0.55, 0.8, h));
    return mix(c, vec3(0.93, 0.36, 0.30), smoothstep(0.85, 1.0, h));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime;
    vec3 ro = vec3(0.7 * sin(t * 0.21), 0.5 * sin(t * 0.27), 0.6 * t);
    vec3 rd = normalize(vec3(uv, 1.35));
    rd.yz = rot(0.45 * sin(t * 0.17)) * rd.yz;
    rd.xz = rot(0.22 * t) * rd.xz;

    float s = 0.05, mat = 0.0, halo = 0.0;
    for (int i = 0; i < 56; i++) {
        vec2 d = room(fold(ro + rd * s), t);
        halo += 0.005 / (0.04 + d.x * d.x) * step(2.5, d.y) * step(d.y, 3.5);
        mat = d.y;
        if (d.x < 0.004 * s || s > 16.0) break;
        s += d.x * 0.92;
    }
    vec3 p = ro + rd * s, q = fold(p);
    vec3 id = floor((p + vec3(1.5, 1.2, 1.5)) / vec3(3.0, 90.0, 3.0));
    vec2 e = vec2(0.004, -0.004);
    vec3 n = normalize(e.xyy * room(fold(p + e.xyy), t).x + e.yyx * room(fold(p + e.yyx), t).x
                     + e.yxy * room(fold(p + e.yxy), t).x + e.xxx * room(fold(p + e.xxx), t).x);
    vec3 tint = paper(id, t * 0.013);
    vec3 base = tint;
    if (mat < 1.5) base = mix(tint, tint.brg * 1.15, step(0.5, fract(1.5 * (q.x + q.y + q.z))));
    else if (mat < 2.5) base = mix(paper(id + 3.0, 0.4), vec3(1.0), 0.15) * (0.75 + 0.25 * cos(14.0 * (q.x - q.y)));
    else if (mat < 3.5) base = vec3(1.3, 1.1, 0.7);
    else if (mat > 4.5) {
        vec2 tile = abs(fract(q.xz * 1.667 + 0.5) - 0.5);
        float motif = p.y < 0.0 ? step(tile.x + tile.y, 0.42) : step(length(tile), 0.33);
        base = mix(tint, paper(id + 5.0, t * 0.013 + 0.3), motif);
        base = mix(base, vec3(0.97, 0.92, 0.80), step(length(tile), 0.16) + step(abs(tile.x + tile.y - 0.42), 0.035));
    }
    else base = mix(vec3(0.95, 0.8, 0.3), tint.bgr, step(0.5, fract(q.y * 5.0)));
    float dif = 0.5 + 0.5 * dot(n, normalize(vec3(0.4, 0.8, -0.4)));
    float key = max(dot(n, -rd), 0.0);
    vec3 col = base * (0.12 + 0.62 * dif + 0.28 * key) + pow(key, 24.0) * 0.25;
    vec3 fog = paper(floor(rd * 2.5), t * 0.02) * 0.8;
    col = mix(fog, col, exp(-0.016 * s * s));
    col += min(halo, 1.2) * vec3(1.0, 0.8, 0.45) * 0.35;
    fragColor = vec4(pow(clamp(col, 0.0, 1.0), vec3(0.9)), 1.0);
}
