"""Functions and globals that productions may use; a program carries only those it needs.

Hashes mix integers, so that every machine draws the same picture (the mixer: Chris Wellons, *Prospecting
for hash functions*, 2018). Value noise, fbm and cellular noise as in Ebert, Musgrave et al., *Texturing
and Modeling*. Sphere tracing: Hart 1996. Soft shadows from the march: Quilez 2010.
"""

from __future__ import annotations

import re

_TEXT = """
vec4 dice;  // four random numbers that change with time

vec3 sun;  // towards the light

uint scramble(uint n) {
    n = (n ^ n >> 16) * 0x7FEB352Du;
    n = (n ^ n >> 15) * 0x846CA68Bu;
    return n ^ n >> 16;
}

float hash(vec2 cell) {
    return float(scramble(uint(int(cell.x)) * 0x9E3779B1u ^ uint(int(cell.y)) * 0x85EBCA77u) >> 8) / 16777216.0;
}

vec2 hash2(vec2 cell) { return vec2(hash(cell), hash(cell + 71.0)); }

float hash3(vec3 cell) {
    uint n = uint(int(cell.x)) * 0x9E3779B1u ^ uint(int(cell.y)) * 0x85EBCA77u;
    return float(scramble(n ^ uint(int(cell.z)) * 0xC2B2AE3Du) >> 8) / 16777216.0;
}

vec4 hash4(float n) {
    return vec4(hash(vec2(n, 1)), hash(vec2(n, 2)), hash(vec2(n, 3)), hash(vec2(n, 4)));
}

mat2 rot(float a) { return mat2(cos(a), -sin(a), sin(a), cos(a)); }

vec3 rgb(int hex) { return vec3(hex >> 16 & 255, hex >> 8 & 255, hex & 255) / 255.0; }

vec3 turnHue(vec3 col, float a) {
    vec3 grey = vec3(0.57735);
    return col * cos(a) + cross(grey, col) * sin(a) + grey * dot(grey, col) * (1.0 - cos(a));
}

float noise(vec2 p) {
    vec2 i = floor(p), f = p - i;
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), f.x),
               mix(hash(i + vec2(0, 1)), hash(i + vec2(1, 1)), f.x), f.y);
}

float noise3(vec3 p) {
    vec3 i = floor(p), f = p - i;
    f = f * f * (3.0 - 2.0 * f);
    vec2 o = vec2(0, 1);
    return mix(mix(mix(hash3(i), hash3(i + o.yxx), f.x), mix(hash3(i + o.xyx), hash3(i + o.yyx), f.x), f.y),
               mix(mix(hash3(i + o.xxy), hash3(i + o.yxy), f.x), mix(hash3(i + o.xyy), hash3(i + o.yyy), f.x), f.y), f.z);
}

vec2 compass(vec2 cell) {
    float a = 6.2832 * hash(cell);
    return vec2(cos(a), sin(a));
}

float gradientNoise(vec2 p) {
    vec2 i = floor(p), f = p - i, o = vec2(0, 1);
    vec2 s = f * f * f * (f * (f * 6.0 - 15.0) + 10.0);
    return mix(mix(dot(compass(i), f), dot(compass(i + o.yx), f - o.yx), s.x),
               mix(dot(compass(i + o), f - o), dot(compass(i + 1.0), f - 1.0), s.x), s.y);
}

float fbm(vec2 p) {
    float sum = 0.0, size = 0.5;
    for (int i = 0; i < 5; i++) {
        sum += size * noise(p);
        p = rot(0.6) * p * 2.0 + 17.0;
        size *= 0.5;
    }
    return sum;
}

float ridged(vec2 p) {
    float sum = 0.0, size = 0.55;
    for (int i = 0; i < 4; i++) {
        float ridge = 1.0 - abs(2.0 * noise(p) - 1.0);
        sum += size * ridge * ridge;
        p = rot(0.7) * p * 2.1 + 11.0;
        size *= 0.5;
    }
    return sum;
}

// Cellular noise: distances to the nearest and second nearest seed, and the nearest one's number.
vec3 cellular(vec2 p, float age) {
    vec2 home = floor(p);
    vec3 best = vec3(9.0, 9.0, 0.0);
    for (int y = -1; y <= 1; y++) {
        for (int x = -1; x <= 1; x++) {
            vec2 cell = home + vec2(x, y), h = hash2(cell);
            float d = length(cell + 0.5 + 0.4 * sin(age + 6.2832 * h) - p);
            if (d < best.x) best = vec3(d, best.x, h.x);
            else best.y = min(best.y, d);
        }
    }
    return best;
}

float box(vec2 p, vec2 half_) {
    vec2 d = abs(p) - half_;
    return length(max(d, 0.0)) + min(max(d.x, d.y), 0.0);
}

float block(vec3 p, vec3 half_) {
    vec3 d = abs(p) - half_;
    return length(max(d, 0.0)) + min(max(d.x, max(d.y, d.z)), 0.0);
}

float smin(float a, float b, float k) {
    float h = max(k - abs(a - b), 0.0) / k;
    return min(a, b) - 0.25 * h * h * k;
}

vec3 look(vec3 eye, vec3 target, vec2 p, float zoom) {
    vec3 ahead = normalize(target - eye), side = normalize(cross(ahead, vec3(0, 1, 0)));
    return normalize(p.x * side + p.y * cross(side, ahead) + zoom * ahead);
}

float march(vec3 eye, vec3 ray, float far) {
    float t = 0.02;
    for (int i = 0; i < 60 && t < far; i++) {
        float d = map(eye + t * ray);
        if (d < 0.0015 * t) break;
        t += d;
    }
    return t;
}

vec3 normalAt(vec3 p) {
    vec2 e = vec2(0.003, -0.003);
    return normalize(e.xyy * map(p + e.xyy) + e.yyx * map(p + e.yyx)
                   + e.yxy * map(p + e.yxy) + e.xxx * map(p + e.xxx));
}

float shadow(vec3 p, vec3 dir) {
    float t = 0.05, lit = 1.0;
    for (int i = 0; i < 16 && lit > 0.0; i++) {
        float d = map(p + t * dir);
        lit = min(lit, 8.0 * d / t);
        t += clamp(d, 0.06, 0.5);
    }
    return clamp(lit, 0.0, 1.0);
}

vec2 facing(vec3 p, vec3 n, float scale) {
    vec3 a = abs(n);
    return scale * (a.y > max(a.x, a.z) ? p.xz : a.x > a.z ? p.zy : p.xy);
}

vec2 hexagon(vec2 p) {
    vec2 s = vec2(1.0, 1.7320508);
    vec4 c = floor(vec4(p, p - vec2(0.5, 1.0)) / s.xyxy) + 0.5;
    vec4 h = vec4(p - c.xy * s, p - (c.zw + 0.5) * s);
    return dot(h.xy, h.xy) < dot(h.zw, h.zw) ? h.xy : h.zw;
}

// The plane, folded onto a square of side 4 around the origin.
vec2 tame(vec2 p) { return abs(mod(p - 2.0, 8.0) - 4.0) - 2.0; }

vec3 hsv(float h, float s, float v) {
    return v * mix(vec3(1), clamp(abs(fract(h + vec3(0, 2, 1) / 3.0) * 6.0 - 3.0) - 1.0, 0.0, 1.0), s);
}
"""

_DECLARED = re.compile(r"^\w+ (\w+)[(;]", re.MULTILINE)


def library() -> dict[str, str]:
    """Name → text of every function and global, in the order of this file."""
    texts = _TEXT.strip().split("\n\n")
    found: dict[str, str] = {}
    for text in texts:
        declared = _DECLARED.search(text)
        assert declared is not None, f"no name in {text!r}"
        found[declared[1]] = text
    return found
