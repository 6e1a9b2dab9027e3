// Title: Rain Pond
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: waves

// Ring waves from raindrops bend a reflected garden sky; lily pads, blossoms
// and slow koi share the pond.

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

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

// Slope of all rings near p. Drops fall in jittered cells on their own clocks.
vec2 rings(vec2 p, float scale, float rate) {
    vec2 base = floor(p * scale), sum = vec2(0);
    for (int j = -1; j <= 1; j++)
    for (int i = -1; i <= 1; i++) {
        vec2 c = base + vec2(i, j);
        float clock = iTime * rate + 7.0 * hash(c), n = floor(clock), age = clock - n;
        vec2 drop = c + vec2(hash(c + 13.0 * n), hash(c + 17.0 * n + 5.0));
        vec2 v = p * scale - drop;
        float r = length(v), front = r - age * 1.15;
        float packet = 1.25 * sin(21.0 * front) * exp(-38.0 * front * front) * sqrt(1.0 - age) * smoothstep(0.0, 0.1, age);
        sum += packet * v / max(r, 0.02);
    }
    return sum;
}

// Top-view fish swimming along its lane.
vec4 koi(vec2 p, float lane) {
    float h = hash(vec2(lane, 6.0)), speed = (h > 0.5 ? 1.0 : -1.0) * (0.25 + 0.25 * h);
    float span = 3.0, x = p.x + 1.2 * sin(lane) - speed * iTime;
    float n = floor(x / span);
    float pick = hash(vec2(n, lane));
    vec2 q = vec2(mod(x, span) - 0.5 * span, p.y - lane - 0.25 * sin(p.x * 1.1 + lane * 2.0));
    if (speed < 0.0) q.x = -q.x;
    q.y += 0.05 * sin(q.x * 8.0 - iTime * 4.0 + 9.0 * pick) * (1.0 - smoothstep(-0.4, 0.3, q.x));
    float body = abs(q.y) - 0.115 * sqrt(max(1.0 - q.x * q.x / 0.1764, 0.0)) * (0.75 + 0.6 * (q.x + 0.3));
    float tail = max(abs(q.y) - 0.30 * (-0.36 - q.x), -0.62 - q.x);
    float fin = length((vec2(q.x - 0.12, abs(q.y) - 0.12)) * vec2(1.0, 1.6)) - 0.075;
    float d = abs(q.x) < 0.42 ? min(body, fin) : tail;
    vec3 c = mix(rgb(0xFFF4E6), pick < 0.4 ? rgb(0xF2542D) : pick < 0.7 ? rgb(0xF5B700) : rgb(0x3B3B58), smoothstep(0.45, 0.55, vnoise(q * 7.0 + 50.0 * pick)));
    return vec4(c * (1.0 - 2.2 * abs(q.y)), pick > 0.1 ? 1.0 - smoothstep(-0.012, 0.012, d) : 0.0);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float season = 0.5 - 0.5 * cos(iTime * 0.29), zoom = 2.3 + 0.6 * sin(iTime * 0.27);
    vec2 p = uv * zoom + vec2(0.8 * sin(iTime * 0.12), 0.28 * iTime);
    vec2 slope = rings(p, 0.9, 0.45) + 0.6 * rings(p + 9.0, 2.1, 0.7);
    slope += 0.12 * (vec2(vnoise(p * 3.0 + iTime), vnoise(p * 3.0 - iTime + 20.0)) - 0.5);

    // Silt and stones of the bed, koi above it.
    vec2 q = p + 0.07 * slope;
    vec3 col = mix(mix(rgb(0x0F4C4A), rgb(0x3A8F7B), vnoise(q * 1.3)), mix(rgb(0x263A6B), rgb(0x7C5C9E), vnoise(q * 1.3)), season);
    float stone = vnoise(q * 13.0) * (0.4 + 0.6 * vnoise(q * 4.0 + 4.0));
    col = mix(col, col * 1.3 + 0.04, smoothstep(0.36, 0.40, stone));
    float row = floor(q.y * 1.25);
    for (int i = 0; i < 2; i++) {
        float lane = (row + float(i)) / 1.25;
        vec4 shade = koi(q + vec2(0.10, 0.12), lane), fish = koi(q, lane);
        col = mix(col * (1.0 - 0.45 * shade.a), fish.rgb, 0.92 * fish.a);
    }

    // Reflection: banded sky, boughs and lanterns, shaken by the slope.
    vec2 m = uv + 0.22 * slope;
    vec3 sky = mix(mix(rgb(0xFFE3B3), rgb(0x8EC5E8), m.y + 0.5), mix(rgb(0xFF9A76), rgb(0x7B6BD6), m.y + 0.5), season);
    float bough = vnoise(vec2(m.x * 3.0 + 0.2 * iTime, m.y * 2.0 + 7.0)) + 0.5 * vnoise(m * 11.0 + 0.2 * iTime);
    sky = mix(sky, mix(rgb(0x2E6B3F), rgb(0xC2456E), season), smoothstep(0.78, 0.90, bough));
    float grazing = clamp(0.30 + 0.30 * uv.y + 0.5 * slope.y, 0.05, 0.85);
    col = mix(col, sky, grazing);
    col += vec3(1.0, 0.97, 0.88) * 0.8 * smoothstep(0.75, 1.25, dot(slope, vec2(-0.5, 0.85)));

    // Lily pads with a notch, veins, rims; some carry a blossom.
    for (int i = 0; i < 2; i++) {
        float s = i == 0 ? 1.25 : 0.75;
        vec2 g = p * s + 31.0 * float(i) + 0.02 * slope, c = floor(g);
        float h = hash(c + 61.0), k = hash(c + 73.0);
        if (h < (i == 0 ? 0.40 : 0.50)) continue;
        vec2 f = g - c - 0.5 - 0.22 * (vec2(k, hash(c + 5.0)) - 0.5) - 0.03 * sin(iTime * 0.7 + 9.0 * vec2(h, k));
        float r = length(f), a = atan(f.y, f.x) + 6.28 * k + 0.3 * sin(iTime * 0.2 + h * 9.0), size = 0.20 + 0.17 * k;
        float notch = abs(mod(a, 6.2831853) - 3.14159) ;
        float d = max(r - size - 0.006 * sin(17.0 * a), 0.035 - notch * r);
        float fall = length(f + vec2(-0.04, 0.05)) - size;
        col *= 1.0 - 0.40 * (1.0 - smoothstep(-0.03, 0.06, fall));
        vec3 pad = mix(mix(rgb(0x2F8F4E), rgb(0xA7C957), h), mix(rgb(0x1E7B74), rgb(0xD98E4A), h), season);
        pad *= 0.72 + 0.28 * smoothstep(0.0, 0.25, abs(sin(a * 6.5))) + 0.9 * r * (1.0 - r);
        pad = mix(pad, rgb(0xE5F2B5), (1.0 - smoothstep(0.0, 0.02, abs(r - size + 0.01))) * 0.5);
        col = mix(col, pad, 1.0 - smoothstep(-0.008, 0.008, d));
        if (k > 0.55) {
            float petal = r / (0.115 * (0.75 + 0.25 * cos(8.0 * a)));
            vec3 bloom = mix(rgb(0xFFF3F8), h > 0.8 ? rgb(0xE63E7B) : rgb(0xF4A6D7), petal);
            bloom = mix(rgb(0xFFC93C), bloom, smoothstep(0.22, 0.32, petal));
            col = mix(col, bloom, 1.0 - smoothstep(0.95, 1.05, petal));
        }
    }
    fragColor = vec4(col, 1.0);
}
