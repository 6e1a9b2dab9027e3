// Title: Julia Petals
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: fractals

// A Julia set whose parameter strolls round the cardioid; every visit of the
// orbit to a flower-shaped trap lays one translucent petal on warm paper.

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

vec3 petalInk(int i, float mood) {
    int k = i % 5;
    vec3 warm = k == 0 ? rgb(0xD81E5B) : k == 1 ? rgb(0xF0803C) : k == 2 ? rgb(0x7A9E3A) : k == 3 ? rgb(0xF7C59F) : rgb(0x5B2A86);
    vec3 cool = k == 0 ? rgb(0x1B6CA8) : k == 1 ? rgb(0xF26A8D) : k == 2 ? rgb(0x2CA58D) : k == 3 ? rgb(0xFFE066) : rgb(0x33395E);
    return mix(warm, cool, mood);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;
    float mood = smoothstep(0.3, 0.7, 0.5 + 0.5 * sin(iTime * 0.27));

    // Parameter just outside the main cardioid.
    float a = 0.7 + iTime * 0.19;
    vec2 c = 0.5 * vec2(cos(a), sin(a)) - 0.25 * vec2(cos(2.0 * a), sin(2.0 * a));
    c *= 1.05 + 0.03 * sin(iTime * 0.7);

    float turn = iTime * 0.11;
    float zoom = 1.9 + 0.75 * sin(iTime * 0.37);
    vec2 z = zoom * (mat2(cos(turn), sin(turn), -sin(turn), cos(turn)) * uv) + 0.35 * vec2(cos(a * 1.7), sin(a * 1.3));

    vec3 paper = mix(mix(rgb(0xFBF3E4), rgb(0xF6D9C4), uv.y + 0.5), mix(rgb(0xDDEFF0), rgb(0xB7D3E8), uv.y + 0.5), mood);
    vec3 col = paper;
    float left = 1.0, stalk = 9.0, count = 0.0;
    float scale = zoom;
    for (int i = 0; i < 40; i++) {
        // Rosette trap with five lobes around a slowly moving centre.
        vec2 q = z - 0.55 * vec2(cos(0.4 * iTime), sin(0.3 * iTime));
        float spoke = atan(q.y, q.x);
        float lobe = 0.30 * (0.62 + 0.38 * cos(5.0 * spoke + 0.5 * float(i)));
        float d = length(q) / lobe;
        float soft = 0.02 + 0.012 * float(i);
        float cover = (1.0 - smoothstep(1.0 - soft, 1.0 + soft, d)) * left;
        vec3 ink = petalInk(i, mood);
        ink = mix(ink * 1.15 + 0.08, ink * 0.55, d * d);              // deeper towards the rim
        ink = mix(rgb(0xFFF3B0), ink, smoothstep(0.16, 0.24, d));     // a pale eye
        ink *= 0.88 + 0.12 * cos(40.0 * d);                           // growth lines
        col = mix(col, ink, cover * 0.93);
        // Soft shadow round the petal for whatever lies below.
        col *= 1.0 - 0.30 * left * (1.0 - smoothstep(1.0, 1.5, d)) * smoothstep(0.9, 1.0, d);
        left *= 1.0 - 0.93 * (1.0 - smoothstep(1.0 - soft, 1.0 + soft, d));
        stalk = min(stalk, abs(z.x * z.y) + 0.002 * float(i));
        z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
        if (dot(z, z) > 60.0) break;
        count += 1.0;
    }
    float r2 = dot(z, z);
    float level = r2 > 60.0 ? count + 1.0 - log2(0.5 * log2(r2)) : 40.0;

    // Bare paper is washed by escape bands and green stalks.
    vec3 wash = mix(petalInk(3, mood), petalInk(2, mood), 0.5 + 0.5 * sin(level * 1.1 + iTime * 0.4));
    wash = mix(wash, petalInk(4, mood), smoothstep(5.0, 26.0, level));
    wash *= 0.85 + 0.15 * smoothstep(0.05, 0.2, abs(fract(level) - 0.5));
    col = mix(col, wash, 0.78 * left);
    col = mix(col, petalInk(2, mood) * 0.45, 0.8 * left * (1.0 - smoothstep(0.005, 0.02, stalk)));
    fragColor = vec4(col, 1.0);
}
