"""Patterns of many small things: tiles, confetti, glyphs, bricks, stones."""

from phosphene.synthesis.kinds import PATTERN
from phosphene.synthesis.production import Production


def _pattern(name: str, text: str, weight: float = 1.0, note: str = "") -> Production:
    return Production(PATTERN, name, text, weight, note)


PRODUCTIONS = (
    _pattern(
        "tiles",
        """
        p = $(1.5..4) * p + $motion;
        vec2 cell = floor(p), f = 2.0 * fract(p) - 1.0;
        float h = hash(cell + floor(0.2 * iTime + hash(cell)));
        float d = $shape(rot(1.5708 * floor(4.0 * h)) * f);
        return mix($palette(h), $palette(h + $(0.3..0.6)), (1.0 - smoothstep(-0.04, 0.04, d)));
        """,
        1.5,
    ),
    _pattern(
        "wallpaper",
        """
        p = $(1.2..3) * p + $motion;
        p.x += 0.5 * mod(floor(p.y), 2.0);
        vec2 f = 2.0 * fract(p) - 1.0;
        float d = $shape(1.2 * f);
        vec3 col = mix($ink, $ink, $field(p * 0.5));
        col = mix(col, $ink, (1.0 - smoothstep(-0.03, 0.03, d)));
        return mix(col, $ink, (1.0 - smoothstep(0.03, 0.06, abs(d))));
        """,
        1.2,
    ),
    _pattern(
        "confetti",
        """
        vec3 col = mix($ink, $ink, 0.5 + 0.5 * sin(p.y));
        for (int k = 0; k < 4; k++) {
            vec2 q = rot(float(k)) * p * $(1.2..2.5!) + 7.0 * float(k) + $motion, cell = floor(q);
            vec2 h = hash2(cell + 5.0 * float(k) + floor(0.15 * iTime));
            float d = $shape(rot(6.3 * h.x + iTime * (h.y - 0.5)) * (q - cell - 0.5) / (0.2 + 0.2 * h.y));
            col = mix(col, $palette(h.x + h.y), (1.0 - smoothstep(-0.05, 0.05, d)));
        }
        return col;
        """,
        1.2,
        "Pieces thrown on top of each other.",
    ),
    _pattern(
        "bricks",
        """
        p *= vec2($(1.5..3), $(3..6));
        p.x += 0.5 * mod(floor(p.y), 2.0);
        vec2 cell = floor(p), f = abs(fract(p) - 0.5);
        vec3 clay = $palette(hash(cell)) * (0.65 + 0.6 * $field(p));
        return mix(clay, $ink * (0.7 + 0.4 * noise(20.0 * p)), smoothstep(0.42, 0.46, max(f.x * 0.95 + 0.02, f.y)));
        """,
        1.0,
    ),
    _pattern(
        "planks",
        """
        p.x *= $(2..5);
        float plank = floor(p.x), cut = hash(vec2(plank, 3.0));
        float fibre = noise(vec2(6.0 * p.x, p.y * 1.5 + 30.0 * cut)) + 0.5 * noise(vec2(30.0 * p.x, 2.0 * p.y));
        vec3 wood = $palette(0.3 * cut + 0.4 * fibre) * (0.7 + 0.4 * cut);
        float gap = min(fract(p.x), fract(p.y * 0.4 + cut) * 6.0);
        return wood * smoothstep(0.0, 0.05, gap);
        """,
        0.8,
    ),
    _pattern(
        "mosaic",
        """
        vec3 c = cellular($(2..6) * p + $motion, $(0.2..0.7!) * iTime);
        return $palette(c.z + floor(0.2 * iTime) * 0.3) * smoothstep($(0.02..0.08!), $(0.09..0.15!), c.y - c.x) * (1.1 - 0.5 * c.x);
        """,
        1.4,
        "Stained glass.",
    ),
    _pattern(
        "cobbles",
        """
        vec3 c = cellular($(2..5) * p + $motion, 1.0 + 3.0 * dice.x);
        float dome = smoothstep(0.0, 0.35, c.y - c.x);
        return $palette(0.6 * c.z + 0.3 * $field(3.0 * p)) * (0.25 + 0.8 * dome) + 0.15 * (1.0 - smoothstep(0.0, 0.3, c.x));
        """,
    ),
    _pattern(
        "glyphs",
        """
        p = $(2..5) * p + $motion;
        vec2 cell = floor(p), q = floor(fract(p) * 7.0) - 1.0;
        float ink = step(0.5, hash(vec2(abs(q.x - 2.0), q.y) + 31.0 * cell + floor(0.3 * iTime + hash(cell)) * 5.0));
        ink *= step(0.0, q.x) * step(q.x, 4.0) * step(0.0, q.y) * step(q.y, 4.0);
        return mix($palette(0.3 * hash(cell * 2.0)), $palette(0.5 + 0.5 * hash(cell)), ink);
        """,
        1.0,
        "Mirrored letters of an unknown alphabet, five dots wide.",
    ),
    _pattern(
        "text",
        """
        p *= vec2($(6..12), $(3..7));
        p.x += $(-0.5..0.5) * iTime;
        float line = floor(p.y), word = floor(p.x * 0.25 + hash(vec2(line, 2.0)));
        vec2 q = fract(p);
        float stroke = noise(vec2(p.x * 3.0, 5.0 * floor(q.y * 4.0) + line * 17.0)) * step(0.25, q.y) * step(0.15, q.x);
        float blank = step(0.2, hash(vec2(word, line)));
        return mix($light, mix($dark, $ink, step(0.8, hash(vec2(word, line + 9.0)))), smoothstep(0.4, 0.6, stroke) * blank);
        """,
        0.6,
    ),
    _pattern(
        "tartan",
        """
        p = $(1..2.5) * p + $motion;
        float warp_ = hash(vec2(floor(4.0 * fract(p.x)), 1.0 + floor(9.0 * dice.x)));
        float weft = hash(vec2(floor(4.0 * fract(p.y)), 1.0 + floor(9.0 * dice.y)));
        float over = step(0.5, fract($(12..24!) * (p.x + p.y)));
        return mix($palette(warp_), $palette(weft), over) * (0.85 + 0.15 * sin(90.0 * p.x));
        """,
        0.9,
    ),
    _pattern(
        "stitches",
        """
        p *= $(7..14!);
        vec2 q = vec2(p.x, p.y + 0.9 * abs(fract(p.x) - 0.5)), cell = floor(q);
        float loop_ = smoothstep(0.0, 0.35, 0.5 - abs(fract(q.y) - 0.5)) * smoothstep(0.0, 0.2, 0.5 - abs(fract(q.x) - 0.5));
        return $palette($field(cell / $(8..12!))) * (0.4 + 0.7 * loop_);
        """,
        1.0,
        "Knitting: the picture is read once a stitch.",
    ),
    _pattern(
        "halftone",
        """
        vec2 q = rot($(0.2..1)) * p * $(8..18), cell = floor(q) + 0.5;
        float tone = $field(rot(-0.5) * cell / 11.0);
        return mix($light, mix($ink, $dark, tone), (1.0 - smoothstep(-0.08, 0.08, length(q - cell) - 0.75 * sqrt(clamp(tone, 0.0, 1.0)))));
        """,
        0.9,
    ),
    _pattern(
        "hatched",
        """
        float tone = $field(p), lines = 0.5 + 0.5 * sin($(60..110!) * (p.x + p.y * $(0.3..1)));
        float cross_ = 0.5 + 0.5 * sin($(60..110!) * (p.x - p.y));
        float ink = (1.0 - smoothstep(-0.1, 0.1, tone - 0.7 * lines)) + (1.0 - smoothstep(-0.1, 0.1, tone - 0.4 * cross_));
        return mix(mix($light, $ink, smoothstep(0.3, 0.9, tone)), $dark, clamp(0.8 * ink, 0.0, 1.0));
        """,
        0.6,
    ),
    _pattern(
        "terrazzo",
        """
        vec3 col = $light * (0.85 + 0.2 * noise(30.0 * p));
        for (int k = 1; k < 4; k++) {
            vec3 c = cellular(p * (2.0 + $(1..3!) * float(k)) + 9.0 * float(k) + $motion, 2.0);
            col = mix(col, $palette(c.z), (1.0 - smoothstep(-0.02, 0.02, c.x - 0.2 - 0.25 * fract(c.z * 9.0))));
        }
        return col;
        """,
        0.8,
    ),
    _pattern(
        "nested",
        """
        p = $(1..2.5) * p + $motion;
        vec2 cell = floor(p), f = fract(p) - 0.5;
        float h = hash(cell + floor(0.2 * iTime + hash(cell))), d = max(abs(f.x), abs(f.y));
        if (h < 0.5) d = length(f);
        return $palette(h + floor($(4..9!) * d + $(0.2..0.8!) * iTime * (h - 0.5)) * $(0.17..0.4!));
        """,
        0.9,
        "Squares in squares, rings in rings.",
    ),
    _pattern(
        "quadtree",
        """
        float side = 1.0, h = 0.0;
        vec2 q = p + $motion, cell = q;
        for (int i = 0; i < 5; i++) {
            cell = floor(q / side);
            h = hash(cell + 17.0 * float(i) + floor(0.25 * iTime) * 3.0);
            if (h < $(0.25..0.45!)) break;
            side *= 0.5;
        }
        vec2 f = 2.0 * fract(q / side) - 1.0;
        vec3 col = mix($palette(3.0 * h), $palette(3.0 * h + 0.4), (1.0 - smoothstep(-0.05, 0.05, $shape(f * 1.1))));
        return col * (1.0 - smoothstep(0.93, 1.0, max(abs(f.x), abs(f.y))));
        """,
        1.3,
    ),
    _pattern(
        "pinstripes",
        "mix($ink, $ink, smoothstep(-0.2, 0.2, sin($(6..40) * dot(p, vec2($(-1..1), $(0.2..1))))))",
        0.5,
    ),
    _pattern(
        "polka",
        "mix($ink, $palette(0.2 * floor($(2..5!) * p.y)), (1.0 - smoothstep(0.27, 0.3, length(fract($(2..5!) * p) - 0.5))))",
        0.5,
    ),
    _pattern(
        "checkers",
        """
        vec2 cell = floor($(1.5..5) * p + $motion);
        return mod(cell.x + cell.y, 2.0) < 0.5 ? $palette(0.5 * hash(cell)) : $ink * (0.8 + 0.2 * noise(9.0 * p));
        """,
        0.6,
    ),
    _pattern(
        "plaster",
        "mix($ink, $ink, fbm($(1..3) * p + $motion)) * (0.8 + 0.35 * noise($(20..40!) * p))",
        0.8,
    ),
    _pattern(
        "watercolour",
        "mix($light, $palette(0.4 * noise(0.7 * p + 3.0)), smoothstep(0.25, 0.75, fbm($(1..2.5) * p + $motion) + 0.1 * noise(12.0 * p)))",
        0.8,
    ),
    _pattern(
        "moss",
        """
        float growth = fbm($(2..4) * p + $motion), leaf = noise($(25..45!) * p);
        return mix($ink * (0.7 + 0.4 * leaf), $dark + $ink * leaf, smoothstep(0.45, 0.55, growth + 0.15 * leaf));
        """,
        0.8,
    ),
    _pattern(
        "fabric",
        """
        vec2 thread = sin($(40..80!) * p);
        vec3 dye = mix($ink, $palette(floor($(2..4!) * p.x) * 0.23), step(0.5, fract($(1..3!) * p.y + $(0..0.5!) * sin(p.x))));
        return dye * (0.75 + 0.25 * max(thread.x, thread.y));
        """,
        0.7,
    ),
    _pattern(
        "meadow",
        """
        vec3 col = mix($dark, $ink, noise(vec2($(25..40!) * p.x, 6.0 * p.y) + $motion));
        vec2 q = $(4..8!) * p, cell = floor(q), h = hash2(cell + floor(0.15 * iTime));
        vec2 s = q - cell - 0.3 - 0.4 * h;
        float d = length(s) - 0.16 - 0.06 * cos(5.0 * atan(s.y, s.x));
        col = mix(col, $palette(h.x) * 1.1, (1.0 - smoothstep(-0.02, 0.04, d)) * step(0.4, h.y));
        return mix(col, $light, (1.0 - smoothstep(0.05, 0.07, length(s))) * step(0.4, h.y));
        """,
        0.8,
        "Flowers in the grass.",
    ),
    _pattern(
        "waves",
        """
        float row = $(2..5) * p.y + $(0.2..0.5) * sin($(2..5) * p.x + 0.5 * iTime + 2.0 * floor($(2..5) * p.y));
        return $palette(0.23 * floor(row)) * (0.6 + 0.4 * fract(row));
        """,
        0.8,
    ),
    _pattern(
        "camouflage",
        """
        float a = fbm($(1.5..3) * p + $motion), b = fbm($(1.5..3) * p + 20.0);
        return a > 0.55 ? $ink : b > 0.52 ? $ink : a + b < 0.85 ? $dark : $light * 0.9;
        """,
        0.6,
    ),
    _pattern(
        "circles",
        """
        vec3 col = $ink;
        for (int k = 0; k < 5; k++) {
            vec2 q = p * $(0.8..1.6!) + 5.0 * float(k) + $motion * 0.3, cell = floor(q), h = hash2(cell + float(k));
            float d = length(q - cell - 0.5) - 0.2 - 0.25 * h.x;
            col = mix(col, $palette(h.y + 0.3 * step(-0.1, d)), (1.0 - smoothstep(-0.01, 0.02, d)) * step(0.3, h.y));
        }
        return col;
        """,
        0.8,
    ),
)
