// Title: Apollonian Foundry
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: fractals

// The gasket of mutually tangent circles, found by inverting each point out of
// the gaps until it falls in a disc; some discs hold a smaller gasket in turn.

const float RIM = 0.46410162;      // radius of the three inner discs
const float REACH = 0.53589838;    // distance of their centres

float hash(float n) {
    uint k = uint(int(n * 64.0) + 4096) * 0x9E3779B1u;
    k ^= k >> 15; k *= 0x2C1B3C6Du; k ^= k >> 13; k *= 0x297A2D39u; k ^= k >> 16;
    return float(k & 0xFFFFu) / 65536.0;
}

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

vec3 metal(float pick, float heat) {
    int k = int(pick * 5.999);
    vec3 cold = k == 0 ? rgb(0xB87333) : k == 1 ? rgb(0x2F8F83) : k == 2 ? rgb(0xE3C46B)
              : k == 3 ? rgb(0xB8452F) : k == 4 ? rgb(0x3F78B8) : rgb(0xD998A8);
    vec3 hot = k == 0 ? rgb(0xF25C54) : k == 1 ? rgb(0x6A4C93) : k == 2 ? rgb(0xFFCA3A)
             : k == 3 ? rgb(0x1982C4) : k == 4 ? rgb(0x8AC926) : rgb(0xF49D6E);
    return mix(cold, hot, heat);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float heat = smoothstep(0.25, 0.75, 0.5 + 0.5 * sin(iTime * 0.21 - 0.6));

    // Zoom, then a wandering inversion, so no two moments share a layout.
    float turn = iTime * 0.13;
    vec2 p = (0.75 + 0.35 * sin(iTime * 0.33)) * (mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * uv);
    vec2 pole = 1.3 * vec2(cos(iTime * 0.17 + 1.0), sin(iTime * 0.23));
    p -= pole;
    float scale = 1.15 / dot(p, p);
    p = p * scale + 0.6 * pole;
    if (dot(p, p) > 1.0) { float k = 1.0 / dot(p, p); p *= k; scale *= k; }

    vec3 col = vec3(0);
    float key = 1.0, shade = 1.0;
    for (int nest = 0; nest < 3; nest++) {
        vec2 centre = vec2(0);
        float found = 0.0, depth = 0.0, who = 0.0;
        for (int i = 0; i < 14; i++) {
            for (int j = 0; j < 3; j++) {
                float a = 2.0943951 * float(j);
                vec2 dir = vec2(cos(a), sin(a));
                if (length(p - REACH * dir) < RIM) { centre = REACH * dir; found = 1.0; who = float(j); }
            }
            if (found > 0.5) break;
            // Pick the mirror circle of the gap that holds the point.
            vec2 mirror = vec2(0);
            float radius2 = 0.07179677;
            if (dot(p, p) > radius2) {
                radius2 = 3.0;
                float sector = floor(atan(p.y, p.x) / 2.0943951);
                float a = (sector + 0.5) * 2.0943951;
                mirror = 2.0 * vec2(cos(a), sin(a));
                who += sector + 2.0;
            }
            vec2 q = p - mirror;
            float k = radius2 / dot(q, q);
            p = mirror + q * k;
            scale *= k;
            depth += 1.0;
            if (dot(p, p) > 1.0) break;
            key += who * 1.7 + depth;
        }
        vec2 q = (p - centre) / RIM;
        if (found < 0.5) q = p;
        float r = length(q);
        float thick = (1.0 - r) * RIM / scale;                     // distance to the edge on screen
        float pick = hash(key + who * 3.0 + depth);
        float relief = smoothstep(0.0, 0.012, thick);
        float light = 0.62 + 0.38 * dot(q / max(r, 0.01), vec2(cos(iTime * 0.3), sin(iTime * 0.3))) * smoothstep(0.55, 1.0, r);
        vec3 here = metal(pick, heat);
        here *= 0.75 + 0.25 * cos(r * (10.0 + 22.0 * pick) + iTime * 0.8);   // lathe marks
        here += 0.30 * pow(max(1.0 - length(q - 0.45 * vec2(cos(iTime * 0.3), sin(iTime * 0.3))), 0.0), 2.0);
        here *= light * 1.6 * (0.5 + 0.5 * relief) * shade;
        col = here;
        // About half the discs are opened to show a gasket inside a collar.
        if (r > 0.8 || (nest > 0 && pick > 0.6)) break;
        shade *= 0.92 + 0.2 * (1.0 - smoothstep(0.6, 0.8, r));
        p = q / 0.8;
        float a = iTime * (pick - 0.5) * 0.9 + 6.28 * pick;
        p = mat2(cos(a), sin(a), -sin(a), cos(a)) * p;
        scale = scale / (RIM * 0.8);
        key += 5.0;
    }
    fragColor = vec4(col, 1.0);
}
