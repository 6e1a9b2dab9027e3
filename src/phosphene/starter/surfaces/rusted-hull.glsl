// Title: Rusted Hull
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: surfaces

// Riveted plates of an old ship: coats of enamel flaking to primer, rust and
// bright steel, with scratches, streaks, weld beads and painted draught marks.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 17u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}

float noise(vec2 p)
{
    vec2 i = floor(p), f = fract(p), u = f * f * (3.0 - 2.0 * f);
    return mix(mix(hash(i), hash(i + vec2(1, 0)), u.x), mix(hash(i + vec2(0, 1)), hash(i + 1.0), u.x), u.y);
}

float fbm(vec2 p)
{
    float s = 0.0, a = 0.5;
    for (int i = 0; i < 4; i++) { s += a * noise(p); p = mat2(1.6, 1.2, -1.2, 1.6) * p + 2.3; a *= 0.5; }
    return s;
}

vec3 enamel(float h)
{
    const vec3 c[8] = vec3[8](
        vec3(0.10, 0.48, 0.62), vec3(0.90, 0.24, 0.16), vec3(0.96, 0.86, 0.62), vec3(0.16, 0.44, 0.30),
        vec3(0.97, 0.66, 0.12), vec3(0.16, 0.24, 0.50), vec3(0.86, 0.50, 0.52), vec3(0.58, 0.80, 0.74));
    return c[int(fract(h) * 8.0)];
}

// Corrosion grows and is painted over: how much coating is lost at p.
float wear(vec2 p, float t)
{
    return fbm(p * 2.2 + 3.0) + 0.18 * (noise(p * 17.0) - 0.5) + 0.10 * sin(t * 0.28 + 2.0 * noise(p * 0.5));
}

// Plates of varying length: local coords and size.
vec4 plate(vec2 p, out vec2 id)
{
    float row = floor(p.y / 0.72), w = 0.9 + 0.7 * hash(vec2(row, 3.0)), x = p.x + 3.0 * hash(vec2(row, 8.0));
    id = vec2(floor(x / w), row);
    return vec4(mod(x, w), mod(p.y, 0.72), w, 0.72);
}

float height(vec2 p, float t)
{
    vec2 id;
    vec4 b = plate(p, id);
    vec2 e2 = min(b.xy, b.zw - b.xy);
    float e = min(e2.x, e2.y), lost = wear(p, t);
    float h = 0.05 * smoothstep(0.0, 0.02, e);
    h -= 0.020 * smoothstep(0.50, 0.53, lost) + 0.014 * smoothstep(0.58, 0.60, lost);
    h += 0.022 * smoothstep(0.56, 0.62, lost) * fbm(p * 19.0);
    // Rivets two deep along the seams; a beaded weld on the verticals.
    vec2 r = e2.y < e2.x ? vec2(fract(b.x / 0.12) - 0.5, (e2.y - 0.07) / 0.12) : vec2((e2.x - 0.07) / 0.12, fract(b.y / 0.12) - 0.5);
    h += 0.05 * sqrt(max(0.0, 1.0 - dot(r, r) * 11.0));
    h += 0.02 * (1.0 - smoothstep(0.0, 0.022, e2.x)) * (0.6 + 0.4 * sin(b.y * 190.0));
    return h + 0.03 * noise(p * 1.6 + id);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, a = 0.3 * sin(t * 0.1);
    vec2 p = mat2(cos(a), sin(a), -sin(a), cos(a)) * uv * (0.85 + 0.25 * sin(t * 0.19)) + vec2(0.12, 0.045) * t;
    vec2 e = vec2(0.006, 0.0), id;
    float h = height(p, t);
    vec3 n = normalize(vec3(h - height(p + e.xy, t), h - height(p + e.yx, t), 0.009));
    vec4 b = plate(p, id);
    float lost = wear(p, t);

    // Coats of paint: a plate colour, a broad livery stripe, stencilled marks.
    float job = floor(t / 16.0 + 0.3 * hash(id)), k = hash(id + job * 3.0);
    vec3 coat = enamel(hash(id + 70.0 + job) ), under = enamel(k + 0.4);
    float livery = step(0.35, fract(p.y * 0.45 + 0.13 * p.x + 0.1 * job));
    coat = mix(enamel(0.37 * job + 0.1), coat, livery);
    vec2 mk = (b.xy - b.zw * 0.5) / 0.2;
    float ring = abs(length(mk) - 0.75) - 0.13, bar = max(abs(mk.y) - 0.1, abs(mk.x) - 1.15), chev = abs(abs(mk.x) + mk.y * 0.8 - 0.5) - 0.16;
    float mark = k < 0.3 ? min(ring, bar) : k < 0.5 ? max(chev, abs(mk.y) - 0.9) : k < 0.65 ? max(abs(mk.x) - 1.2, abs(fract(mk.x * 1.5 + mk.y * 1.5) - 0.5) - 0.25 + step(0.6, abs(mk.y))) : 1.0;
    coat = mix(coat, mix(vec3(0.97, 0.95, 0.88), under, step(0.45, k)), 1.0 - smoothstep(0.0, 0.04, mark));
    coat *= 0.88 + 0.22 * noise(p * 6.0);

    // Scratches through the enamel in two directions.
    float scr = 0.0;
    for (int i = 0; i < 3; i++) {
        float th = 0.5 + 1.9 * float(i);
        vec2 q = vec2(dot(p, vec2(cos(th), sin(th))), dot(p, vec2(-sin(th), cos(th)))) * vec2(1.4, 17.0), c = floor(q);
        float g = hash(c + 9.0 * float(i));
        scr = max(scr, step(0.72, g) * (1.0 - smoothstep(0.0, 0.09, abs(fract(q.y) - 0.5 + 0.2 * sin(q.x * 2.0 + g * 9.0)))) * (1.0 - smoothstep(0.3, 0.5, abs(fract(q.x) - 0.5))));
    }
    vec3 col = mix(coat, under, smoothstep(0.46, 0.475, lost) * 0.85);
    col = mix(col, vec3(0.72, 0.30, 0.16), smoothstep(0.50, 0.515, lost));            // red lead
    vec3 rust = mix(vec3(0.36, 0.15, 0.10), vec3(0.90, 0.50, 0.16), fbm(p * 13.0));
    rust = mix(rust, vec3(0.24, 0.42, 0.46), smoothstep(0.62, 0.8, noise(p * 5.0 + 30.0)) * 0.7);
    col = mix(col, rust, smoothstep(0.53, 0.57, lost));
    float steel = max(scr * (1.0 - smoothstep(0.5, 0.55, lost)), smoothstep(0.70, 0.74, lost));
    col = mix(col, vec3(0.74, 0.80, 0.88), steel);
    // Rust weeping downwards from seams.
    float weep = noise(vec2(p.x * 16.0, p.y * 1.2)) * smoothstep(0.0, 0.6, b.y / 0.72) * smoothstep(0.35, 0.6, fbm(vec2(p.x * 3.0, p.y * 0.7)));
    col = mix(col, vec3(0.62, 0.28, 0.10), 0.75 * smoothstep(0.35, 0.75, weep));

    // Harbour light: warm key, cool fill, water caustics playing on the plates.
    vec3 key = normalize(vec3(cos(t * 0.21), 0.7 + 0.3 * sin(t * 0.13), 0.7));
    float dif = max(dot(n, key), 0.0), gloss = mix(18.0, 60.0, steel);
    float spe = pow(max(dot(n, normalize(key + vec3(0.0, 0.0, 1.0))), 0.0), gloss) * mix(0.45, 0.12, smoothstep(0.5, 0.55, lost));
    vec2 w = uv * 2.5 + 0.5 * sin(uv.yx * 3.0 + t * vec2(0.7, 0.9));
    float caustic = pow(1.0 - abs(sin(w.x + sin(w.y * 1.7 + t))), 5.0);
    col *= vec3(0.36, 0.40, 0.50) + vec3(0.98, 0.88, 0.72) * dif;
    col += (spe + 0.5 * steel * spe) * vec3(1.0, 0.95, 0.85) + 0.13 * caustic * vec3(0.75, 1.0, 0.95);
    fragColor = vec4(pow(clamp(col, 0.0, 1.0), vec3(0.86)), 1.0);
}
