// Title: Turing Skin
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: cellular

// A settled reaction-diffusion look: band-limited plane waves, thresholded
// with a slowly wandering bias so that spots, stripes and holes coexist.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(float p)
{
    uint n = uint(int(p)) * 0xF0D885E3u + 67u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

// Sum of plane waves of nearly one wavelength: value in x, gradient in yz.
vec3 waves(vec2 p, float seed, float t)
{
    vec3 s = vec3(0.0);
    for (int i = 0; i < 11; i++) {
        float n = 50.0 * seed + 4.0 * float(i);
        float a = 6.2832 * hash(n);
        vec2 d = (0.82 + 0.36 * hash(n + 1.0)) * vec2(cos(a), sin(a));
        float ph = dot(d, p) + 40.0 * hash(n + 2.0) + t * (hash(n + 3.0) - 0.5);
        s += vec3(cos(ph), -sin(ph) * d);
    }
    return s * 0.31;
}

// Five skins: paint, groove, accent.
mat3 skin(float k)
{
    k = mod(k + 0.5, 5.0);
    if (k < 1.0) return mat3(0.98, 0.47, 0.36, 0.05, 0.30, 0.38, 1.00, 0.86, 0.62);
    if (k < 2.0) return mat3(0.96, 0.80, 0.20, 0.33, 0.11, 0.42, 0.95, 0.32, 0.45);
    if (k < 3.0) return mat3(0.35, 0.82, 0.71, 0.62, 0.10, 0.22, 0.96, 0.93, 0.80);
    if (k < 4.0) return mat3(0.93, 0.92, 0.86, 0.16, 0.27, 0.70, 0.98, 0.55, 0.20);
    return mat3(0.62, 0.45, 0.90, 0.10, 0.33, 0.19, 0.74, 0.93, 0.35);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime;

    // Slow swirl of the sheet, breathing zoom.
    float turn = 0.5 * sin(t * 0.07) + 0.35 * length(uv) * sin(t * 0.11);
    vec2 q = mat2(cos(turn), -sin(turn), sin(turn), cos(turn)) * uv;
    q *= 1.15 + 0.45 * sin(t * 0.13 + 1.0);
    q += 0.12 * vec2(sin(3.0 * q.y + t * 0.3), cos(3.0 * q.x - t * 0.2)) + vec2(t * 0.04, 0.0);

    vec3 large = waves(q * 2.6, 17.0, t * 0.9);
    vec3 w = waves(q * 16.0, 3.0, t * 1.3);
    float bias = 0.75 * large.x;
    float f = w.x + bias;

    // A second, finer generation of spots lives inside the grooves.
    vec3 fine = waves(q * 41.0, 29.0, t * 1.1);
    float body = smoothstep(-0.08, 0.08, f);
    float spots = smoothstep(0.25, 0.45, fine.x) * (1.0 - smoothstep(-0.6, -0.25, f));

    // A travelling front replaces one skin by the next.
    float clock = t / 9.0 + 0.16 * uv.x + 0.12 * large.x;
    float k = floor(clock);
    float swap = smoothstep(0.75, 0.8, fract(clock) + 0.03 * w.x);
    mat3 pal = skin(k) * (1.0 - swap) + skin(k + 1.0) * swap;

    vec3 col = mix(pal[1] * (1.0 + 0.35 * large.x), pal[0], body);
    col = mix(col, pal[2], spots);
    col = mix(col, pal[2], 0.55 * smoothstep(0.8, 1.3, f));

    // Relief lighting from the wave gradient.
    float slope = exp(-2.2 * f * f);
    vec3 nor = normalize(vec3(-w.yz * slope * 1.3 - fine.yz * spots * 0.5, 1.0));
    vec3 sun = normalize(vec3(cos(t * 0.17), sin(t * 0.17), 1.0));
    float dif = max(dot(nor, sun), 0.0);
    float spe = pow(max(dot(nor, normalize(sun + vec3(0.0, 0.0, 1.0))), 0.0), 40.0);
    col = col * (0.45 + 0.8 * dif) + 0.35 * spe;
    fragColor = vec4(sqrt(clamp(col * col * 1.1, 0.0, 1.0)), 1.0);
}
