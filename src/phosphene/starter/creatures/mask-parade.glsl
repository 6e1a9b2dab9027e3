// Title: Mask Parade
// Author: The Phosphene authors
// Licence: CC0-1.0
// Family: creatures

// A crowd of painted masks: hashed heads, horns, ears, eyes that blink and
// look about, brows, noses and mouths, before festival bunting and cloth.

// Integer mixing of whole-numbered seeds: the same on every renderer.
float hash2(vec2 p)
{
    uint n = uint(int(p.x)) * 0xF0D885E3u + uint(int(p.y)) * 0xB08969EFu + 126u;
    n = (n ^ (n >> 15)) * 0xBDDE03F1u; n = (n ^ (n >> 13)) * 0xF763C84Fu;
    return float(n >> 8) * (1.0 / 16777216.0);
}
float hash(float p) { return hash2(vec2(p, 777.0)); }

vec3 gloss(float h)
{
    const vec3 c[14] = vec3[14](
        vec3(0.86, 0.20, 0.18), vec3(0.97, 0.72, 0.20), vec3(0.12, 0.46, 0.44), vec3(0.96, 0.90, 0.78), vec3(0.24, 0.26, 0.56), vec3(0.90, 0.46, 0.56), vec3(0.46, 0.64, 0.28),
        vec3(0.52, 0.24, 0.50), vec3(0.95, 0.55, 0.30), vec3(0.46, 0.76, 0.84), vec3(0.36, 0.20, 0.16), vec3(0.80, 0.84, 0.60), vec3(0.70, 0.50, 0.86), vec3(0.16, 0.32, 0.26));
    return c[int(fract(h) * 14.0)];
}

float seg(vec2 p, vec2 a, vec2 b) { p -= a; b -= a; return length(p - b * clamp(dot(p, b) / dot(b, b), 0.0, 1.0)); }
void lay(inout vec3 col, vec3 paint, float d, float px) { col = mix(col, paint, 1.0 - smoothstep(-px, px, d)); }

// Draw one mask with centre at the origin, radius about one.
void mask(inout vec3 col, vec2 p, float s, float t, float px)
{
    float tilt = 0.22 * sin(t * (0.6 + hash(s)) + s);
    p = mat2(cos(tilt), sin(tilt), -sin(tilt), cos(tilt)) * p;
    p.y -= 0.05 * abs(sin(t * 1.7 + s * 3.0));
    vec2 m = vec2(abs(p.x), p.y);
    vec3 skin = gloss(hash(s + 1.0)), second = gloss(hash(s + 1.0) + 0.2 + 0.6 * hash(s + 2.0)), third = gloss(hash(s + 3.0));
    float shape = hash(s + 4.0), crown = hash(s + 5.0);
    float wide = 0.62 + 0.16 * hash(s + 6.0);
    float oval = (length(m / vec2(wide, 0.82)) - 1.0) * wide;
    float box = length(max(abs(p) - vec2(wide - 0.2, 0.55), 0.0)) - 0.2;
    float leaf = max(length(m - vec2(-0.42, 0.12)) - 0.42 - wide, -p.y - 0.9);
    float head = shape < 0.4 ? oval : shape < 0.7 ? box : leaf;

    // Headdress behind the face.
    col *= 1.0 - 0.4 * (1.0 - smoothstep(0.0, 0.25, (length((p - vec2(0.08, -0.1)) / vec2(wide, 0.85)) - 1.0) * wide));
    if (crown < 0.25) {                                                  // horns
        float r = length(m - vec2(0.32, 0.98)), horn = max(abs(r - 0.36) - 0.13 * (1.0 - smoothstep(0.5, 1.35, p.y)), 0.35 - m.x);
        lay(col, mix(second, third, step(0.5, fract(p.y * 6.0))), horn, px);
    } else if (crown < 0.5) {                                            // round ears
        float r = length(m - vec2(0.52, 0.62)); lay(col, skin * 0.85, r - 0.30, px); lay(col, third, r - 0.17, px);
    } else if (crown < 0.78) {                                           // feathers
        float a = atan(p.x, p.y + 0.2), k = clamp(floor(a / 0.28 + 0.5), -4.0, 4.0), aa = a - k * 0.28, r = length(p + vec2(0.0, 0.2));
        float f = max(abs(aa) * r - 0.13 * smoothstep(0.3, 0.9, r), r - 1.22 + aa * aa * 9.0);
        vec3 plume = mix(second, gloss(hash(s + k + 20.0)), 0.65) * (0.8 + 0.3 * sin(r * 40.0 - abs(aa) * 90.0));
        plume = mix(plume, third, 1.0 - smoothstep(0.08, 0.10, length(vec2(aa * r, r - 1.02))));
        lay(col, plume, f, px);
    } else {                                                             // crown of triangles
        float z = abs(fract(p.x * 3.5) - 0.5) * 2.0; lay(col, vec3(0.96, 0.76, 0.25) * (0.8 + 0.4 * z), max(abs(p.x) - wide, max(p.y - 0.62 - 0.45 * (1.0 - z), 0.3 - p.y)), px);
    }

    // Face, shaded and painted.
    float dome = clamp(1.0 - dot(p, p) * 0.8, 0.0, 1.0);
    vec3 face = skin * (0.70 + 0.40 * dome + 0.14 * p.y - 0.10 * p.x);
    float war = hash(s + 7.0);
    if (war < 0.25) face = mix(face, second, step(0.5, fract(p.y * 4.0 + 0.6 * m.x)) * step(0.35, m.x));
    else if (war < 0.5) face = mix(face, second, step(0.0, p.x * sign(hash(s + 8.0) - 0.5)));
    else if (war < 0.75) face = mix(face, second, 1.0 - smoothstep(-px, px, length(m - vec2(0.42, -0.28)) - 0.16));
    else face = mix(face, second, step(p.y, -0.05 - 0.5 * m.x) + step(0.48, p.y - 0.2 * cos(p.x * 9.0)));
    lay(col, face, head, px);
    lay(col, third * 0.6, abs(head + 0.02) - 0.022, px);

    // Eyes, lids and brows.
    float gap = 0.26 + 0.05 * hash(s + 9.0), er = 0.13 + 0.09 * hash(s + 10.0);
    float blink = smoothstep(0.92, 0.98, sin(t * (0.8 + hash(s + 11.0)) + s * 5.0));
    vec2 e = m - vec2(gap, 0.16);
    float eye = hash(s + 12.0) < 0.6 ? length(e) - er : max(length(e + vec2(0.0, er * 0.7)) - er * 1.35, length(e - vec2(0.0, er * 0.7)) - er * 1.35);
    vec2 look = er * 0.4 * vec2(sin(t * 0.7 + s), cos(t * 0.5 + s * 2.0));
    vec2 q = vec2(p.x - sign(p.x) * gap, p.y - 0.16) - look;
    vec3 ball = vec3(0.98, 0.97, 0.92);
    lay(ball, gloss(hash(s + 13.0)), length(q) - er * 0.62, px);
    lay(ball, vec3(0.07, 0.05, 0.10), length(q) - er * 0.34, px);
    lay(ball, vec3(1.0), length(q - er * vec2(-0.2, 0.22)) - er * 0.14, px);
    ball = mix(ball, skin * 0.75, step(er * (1.0 - 2.2 * blink), e.y + 0.25 * er * hash(s + 14.0)));
    lay(col, third * 0.55, eye - 0.035, px);
    lay(col, ball, eye, px);
    float tiltB = 0.16 * (hash(s + 15.0) - 0.5) + 0.04 * sin(t * 0.9 + s);
    lay(col, third * 0.45, seg(m, vec2(gap - 0.14, 0.40 - tiltB), vec2(gap + 0.17, 0.40 + tiltB)) - 0.035, px);

    // Nose and talking mouth.
    float nose = hash(s + 16.0) < 0.5 ? max(m.x - 0.05 - 0.10 * (1.0 - smoothstep(-0.2, 0.15, p.y)), abs(p.y + 0.02) - 0.17) : length(p + vec2(0.0, 0.12)) - 0.12;
    lay(col, mix(second, skin, 0.3) * (1.05 - 1.5 * max(p.x, 0.0)), nose, px);
    float open = 0.05 + 0.09 * (0.5 + 0.5 * sin(t * 2.0 + s * 7.0)), bow = (hash(s + 17.0) - 0.35) * 0.9;
    vec2 u = vec2(p.x, p.y + 0.46 - bow * p.x * p.x), mw = vec2(0.22 + 0.14 * hash(s + 18.0), open);
    float mouth = (length(u / mw) - 1.0) * open;
    lay(col, gloss(hash(s + 19.0)) * 0.9, mouth - 0.05, px);
    lay(col, vec3(0.24, 0.05, 0.10), mouth, px);
    lay(col, vec3(0.98, 0.96, 0.88), max(mouth, max(open * 0.25 - abs(u.y - open * 0.6) + 0.005, 0.10 - abs(fract(u.x * 8.0) - 0.5)) * -1.0 + 0.0), px);
}

void mainImage(out vec4 fragColor, in vec2 fragCoord)
{
    vec2 uv = (2.0 * fragCoord - iResolution.xy) / iResolution.y;
    float t = iTime, act = floor(t / 14.0), px = 3.0 / iResolution.y;
    // Backcloth: pleated stripes, moons and bunting.
    float pl = uv.x * 3.0 + 0.3 * sin(uv.y * 2.0 + t * 0.3) + t * 0.1;
    vec3 col = mix(gloss(0.37 * act + 0.1), gloss(0.37 * act + 0.45), step(0.5, fract(pl))) * (0.72 + 0.28 * sin(pl * 12.566)) ;
    vec2 dg = uv * 4.0 + vec2(t * 0.3, 0.0);
    col = mix(col, gloss(0.37 * act + 0.7), (1.0 - smoothstep(0.0, 0.04, length(fract(dg) - 0.5) - 0.17)) * 0.8);

    // Two ranks walking in opposite directions, one or two sizes per act.
    for (int j = 0; j < 2; j++) {
        float fj = float(j), w = (j == 0 ? 0.92 : 1.35) * (0.8 + 0.5 * hash(act + 7.0)), x = uv.x + (fj - 0.5) * 0.42 * t + 3.0 * fj, id = floor(x / w);
        float s = id * 37.0 + fj * 411.0 + act * 9.0, cy = j == 0 ? 0.48 : -0.42;
        vec2 v = vec2((fract(x / w) - 0.5) * w, uv.y - cy - 0.08 * (hash(s) - 0.5)) / (w * 0.52);
        vec3 body = mix(gloss(hash(s + 30.0)), gloss(hash(s + 31.0)), step(0.5, fract(v.x * 3.0 + v.y)));   // robe below
        float robe = max(abs(v.x) - 0.50 + 0.28 * v.y, v.y + 0.55);
        lay(col, body * (0.6 + 0.4 * sin(v.x * 9.0 + 2.0)), robe, px / w * 2.0);
        mask(col, v, s, t, px / w * 2.0);
    }
    // Bunting in front.
    float bx = uv.x * 3.0 - t * 0.2, sag = 0.86 - 0.10 * cos(uv.x * 1.7), k = floor(bx), f = fract(bx) - 0.5;
    lay(col, gloss(hash(k)), max(abs(f) - 0.40 * (1.0 + (uv.y - sag) / 0.2), uv.y - sag) * 0.3, px);
    fragColor = vec4(clamp(col, 0.0, 1.0), 1.0);
}
