// Title: Burning Ship Regatta
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: fractals

// The burning ship (fold z into the first quadrant, then square). The camera
// sails along the fleet in the antenna; fire inside, evening outside.

vec3 rgb(int h) { return vec3(h >> 16 & 255, h >> 8 & 255, h & 255) / 255.0; }

vec3 sky(float x, float hour) {
    vec3 a = mix(rgb(0x24557A), rgb(0x6B2D5C), hour);
    vec3 b = mix(rgb(0x7FC8C2), rgb(0xF0A868), hour);
    vec3 c = mix(rgb(0xFBE7B2), rgb(0xFCE9DA), hour);
    vec3 d = mix(rgb(0xD1495B), rgb(0x3E7CB1), hour);
    float k = fract(x) * 4.0, f = fract(k);
    return k < 1.0 ? mix(a, b, f) : k < 2.0 ? mix(b, c, f) : k < 3.0 ? mix(c, d, f) : mix(d, a, f);
}

vec3 fire(float x) {
    return mix(mix(rgb(0x5A0F14), rgb(0xE2401B), smoothstep(0.0, 0.45, x)), rgb(0xFFD56B), smoothstep(0.4, 1.0, x));
}

void mainImage(out vec4 fragColor, in vec2 fragCoord) {
    vec2 uv = (fragCoord - 0.5 * iResolution.xy) / iResolution.y;

    // Five moorings, eight seconds each, with an eased passage between.
    float leg = floor(iTime / 8.0), ease = smoothstep(0.62, 1.0, fract(iTime / 8.0));
    vec3 stops[5] = vec3[5](vec3(-1.762, -0.028, 0.11), vec3(-0.45, -0.55, 2.1), vec3(-1.625, -0.006, 0.075),
                            vec3(-1.861, -0.003, 0.022), vec3(0.72, -1.18, 0.55));
    vec3 from = stops[int(mod(leg + 0.5, 5.0))], to = stops[int(mod(leg + 1.5, 5.0))];
    vec2 target = mix(from.xy, to.xy, ease);
    float wide = exp(mix(log(from.z), log(to.z), ease) + 0.9 * sin(3.14159 * ease));
    wide *= 1.0 + 0.25 * sin(iTime * 0.7);
    float lean = 0.22 * sin(iTime * 0.35);
    vec2 c = target + wide * (mat2(cos(lean), sin(lean), -sin(lean), cos(lean)) * (uv * vec2(1, -1)));

    vec2 z = vec2(0);
    float count = 0.0, spark = 9.0, mast = 9.0, swirl = 0.0, r2 = 0.0;
    for (int i = 0; i < 110; i++) {
        z = abs(z);
        z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
        r2 = dot(z, z);
        if (r2 > 256.0) break;
        spark = min(spark, length(z - vec2(-0.4 + 0.2 * sin(iTime * 0.5), -0.25)));
        mast = min(mast, abs(z.x + 0.6));
        swirl += exp(-6.0 * abs(z.y + 0.2));
        count += 1.0;
    }

    float hour = 0.5 - 0.5 * cos(iTime * 0.24);
    vec3 col;
    if (r2 > 256.0) {
        float level = count + 1.0 - log2(0.5 * log2(r2));
        float x = 0.55 * log2(1.0 + level);
        col = sky(x + 0.03 * iTime, hour);
        // Wood-grain strata and trap-lit smoke.
        col *= 0.82 + 0.18 * smoothstep(0.0, 0.3, abs(fract(level) - 0.5));
        col = mix(col, fire(1.0 - spark * 2.0), 0.75 * (1.0 - smoothstep(0.05, 0.28, spark)));
        col = mix(col, fire(0.25 + 0.03 * level), smoothstep(9.0, 45.0, level));
        col = mix(col, rgb(0x2B1420), 0.75 * (1.0 - smoothstep(0.005, 0.03, mast)));
    } else {
        col = fire(fract(swirl * 0.6) * 0.8 + 0.2 * sin(iTime + swirl));
        col = mix(col, sky(spark * 3.0, 1.0 - hour), smoothstep(0.1, 0.5, spark));
        col *= 0.6 + 0.6 * smoothstep(0.0, 0.15, mast);
    }
    fragColor = vec4(col, 1.0);
}
