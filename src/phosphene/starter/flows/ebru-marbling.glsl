// Title: Ebru Marbling
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: flows

// Paint on water, computed exactly: undo each comb stroke and each drop in
// reverse order until the point is found inside the drop that coloured it.

float hash(float n) {
    uint k = uint(int(n)) * 0x9E3779B1u + 0x51u;
    k ^= k >> 15; k *= 0x2C1B3C6Du; k ^= k >> 13; k *= 0x297A2D39u; k ^= k >> 16;
    return float(k & 0xFFFFu) / 65536.0;
}

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

vec3 pigment(float pick, float tray) {
    int k = int(pick * 5.999), s = int(mod(tray, 4.0));
    int a[6] = int[6](0x1B3A5C, 0xC8402F, 0xF4E9D2, 0xE2A93B, 0x2F7F79, 0x8FB8C9);
    int b[6] = int[6](0x5A1A4A, 0xF27D72, 0xFFE7D6, 0x3C7A57, 0xB6D369, 0x28425E);
    int c[6] = int[6](0x0F5257, 0xF9A620, 0xFFF7E0, 0xB7245C, 0x7C3697, 0x6CC4A1);
    int d[6] = int[6](0x3A2E2B, 0xD9A679, 0xF7F0E6, 0xA63C2E, 0x5F7A8C, 0xDDB43C);
    return rgb(s == 0 ? a[k] : s == 1 ? b[k] : s == 2 ? c[k] : d[k]);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    // A new tray every 15 s: drops for the first part, then combing.
    float clock = iTime / 15.0 + 0.38, tray = floor(clock), age = fract(clock);
    float drops = 50.0 + 30.0 * smoothstep(0.0, 0.8, age);
    float combing = smoothstep(0.0, 0.9, age);
    vec2 p = uv * 1.05;

    // Undo the combs, last stroke first.
    for (int i = 4; i >= 0; i--) {
        float seed = tray * 31.0 + float(i);
        float done = clamp(combing * 5.0 - float(i), 0.0, 1.0);
        float a = 6.2831853 * hash(seed + 400.0);
        if (mod(tray, 2.0) < 0.5) a = 1.5707963 * float(i) + 0.1 * a;
        vec2 dir = vec2(cos(a), sin(a)), nrm = vec2(-dir.y, dir.x);
        float d = dot(p, nrm) + 0.3 * hash(seed + 90.0);
        float teeth = i < 3 ? 0.30 - 0.05 * float(i) : 0.9;
        float off = abs(fract(d / teeth) - 0.5) * teeth;
        float pull = exp(-off * (i < 3 ? 22.0 : 6.0));
        p -= dir * done * (i < 3 ? 0.24 : 0.34) * pull * (mod(floor(d / teeth), 2.0) < 0.5 || i > 2 ? 1.0 : -1.0);
    }
    // A slow swirl of the whole bath.
    vec2 hub = vec2(hash(tray + 5.0), hash(tray + 6.0)) - 0.5;
    float r = length(p - hub), twist = 2.6 * combing * exp(-3.5 * r);
    p = hub + mat2(cos(twist), sin(twist), -sin(twist), cos(twist)) * (p - hub);

    // Undo the drops. Each one pushed all earlier paint outwards, keeping areas.
    vec3 col = pigment(0.42, tray);
    float vein = 1.0, squeeze = 1.0;
    for (int i = 79; i >= 0; i--) {
        float fi = float(i);
        if (fi > drops) continue;
        float seed = tray * 97.0 + fi * 3.0;
        vec2 at = (vec2(hash(seed), hash(seed + 500.0)) - 0.5) * vec2(2.0, 1.4);
        // Runs of drops fall on one spot and make concentric rings.
        float run = floor(fi / 4.0);
        if (hash(tray * 7.0 + run) > 0.45) at = (vec2(hash(run + 60.0 * tray), hash(run + 60.0 * tray + 800.0)) - 0.5) * vec2(1.7, 1.2);
        float big = (0.08 + 0.15 * hash(seed + 900.0)) * smoothstep(0.0, 1.5, drops - fi);
        vec2 d = p - at;
        float r2 = dot(d, d), b2 = big * big;
        if (r2 < b2) {
            float inside = 1.0 - sqrt(r2) / big;
            col = pigment(hash(seed + 1300.0), tray);
            col *= 0.90 + 0.16 * hash(seed + 77.0) + 0.10 * inside;
            vein = min(vein, inside * big * squeeze);
            break;
        }
        float shrink = sqrt(1.0 - b2 / r2);
        squeeze *= 0.5 + 0.5 / max(shrink, 0.2);
        p = at + d * shrink;
    }
    // Thin dark rim where paints meet, paper tooth, a sheen on the bath.
    col *= 0.78 + 0.22 * smoothstep(0.0, 0.008, vein);
    float tooth = hash(floor(fragCoord.x * 512.0 / iResolution.y) * 131.0 + floor(fragCoord.y * 512.0 / iResolution.y) * 7919.0);
    col *= 0.955 + 0.07 * tooth;
    col += 0.06 * smoothstep(0.5, 1.0, sin(3.0 * uv.x + 2.0 * uv.y + 0.5 * iTime));
    fragColor = vec4(col, 1.0);
}
