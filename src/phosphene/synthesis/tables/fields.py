"""Fields that are drawn with compass and ruler, and fields made of other fields."""

from phosphene.synthesis.kinds import FIELD
from phosphene.synthesis.production import Production


def _field(name: str, text: str, weight: float = 1.0, note: str = "") -> Production:
    return Production(FIELD, name, text, weight, note)


PRODUCTIONS = (
    _field(
        "waves",
        """
        float sum = 0.0;
        for (int i = 0; i < $(3..6 int); i++) {
            float a = $(1.1..2.9!) * float(i) + $(0..6);
            sum += sin($(4..14) * dot(p, vec2(cos(a), sin(a))) + $(0.5..1.5!) * iTime);
        }
        return 0.5 + $(0.12..0.25) * sum;
        """,
    ),
    _field(
        "ripples",
        """
        p = tame(p);
        vec2 a = vec2(cos(0.3 * iTime), $(-0.8..0.8)), b = vec2($(-0.9..0.9), sin(0.4 * iTime));
        return 0.5 + 0.25 * (sin($(15..40) * length(p - a)) + sin($(15..40) * length(p - b)));
        """,
        note="Two sources interfere.",
    ),
    _field(
        "plasma",
        """
        float v = sin($(2..6) * p.x + iTime) + sin($(2..6) * (p.y + 0.5 * iTime));
        v += sin($(2..5) * (p.x + p.y)) + sin($(3..8) * length(p + vec2(sin(0.3 * iTime), cos(0.4 * iTime))));
        return 0.5 + 0.22 * v;
        """,
    ),
    _field(
        "moire",
        """
        vec2 q = rot($(0.05..0.3)) * p * $(1.02..1.2) + 0.2 * $motion;
        return (0.5 + 0.5 * $(sin|cos)($(25..50) * $(p.x|length(p)))) * (0.5 + 0.5 * sin($(25..50) * $(q.x|length(q))));
        """,
    ),
    _field("checks", "mod(dot(floor($(2..7) * p + $motion), vec2(1)), 2.0)", 0.6),
    _field(
        "stripes",
        "smoothstep(-0.1, 0.1, sin($(8..24) * (p.x + $(0.05..0.25) * sin($(3..9) * p.y + iTime))))",
        0.6,
    ),
    _field(
        "zigzag",
        "fract($(2..5) * p.y + abs(fract($(1.5..5) * p.x) - 0.5) * $(0.8..3) - $(0.1..0.4!) * iTime)",
    ),
    _field(
        "spiral",
        """
        p = tame(p);
        float a = atan(p.y, p.x), r = length(p);
        return 0.5 + 0.5 * sin($(2..7 int).0 * a + $(5..14) * $(log(r + 0.01)|r|sqrt(r)) - $(0.8..2!) * iTime);
        """,
    ),
    _field(
        "rays",
        """
        p = tame(p);
        float a = atan(p.y, p.x) + $(0.5..3) * length(p) * $(sin(0.5 * iTime)|0.3);
        return smoothstep(-0.15, 0.15, sin($(5..18 int).0 * a + $(0.5..1.5!) * iTime));
        """,
        0.7,
    ),
    _field(
        "truchet",
        """
        p = $(2.5..6) * p + $motion;
        vec2 cell = floor(p), f = fract(p);
        if (hash(cell + floor(0.25 * iTime)) < 0.5) f.x = 1.0 - f.x;
        float d = min(abs(length(f) - 0.5), abs(length(f - 1.0) - 0.5));
        return $(smoothstep(0.08, 0.12, d)|0.5 + 0.5 * cos(40.0 * d)|2.0 * d|(1.0 - smoothstep(0.18, 0.2, d)) * (0.4 + d * 5.0));
        """,
        1.2,
        "Arcs that meet at the edges of their tiles.",
    ),
    _field(
        "maze",
        """
        p = $(3..8) * p + $motion;
        vec2 cell = floor(p), f = fract(p) - 0.5;
        if (hash(cell + floor(0.2 * iTime)) < 0.5) f.x = -f.x;
        return smoothstep($(0.08..0.15!), $(0.16..0.25!), abs(f.x + f.y) * 0.7 + 0.0 * f.x);
        """,
        0.8,
    ),
    _field(
        "weave",
        """
        p = $(3..8) * p + $motion;
        vec2 cell = floor(p), f = fract(p) - 0.5;
        float over = mod(cell.x + cell.y, 2.0);
        vec2 thread = cos(3.1416 * f) * (1.0 - smoothstep(0.4, 0.5, abs(f.yx)));
        return over > 0.5 ? thread.x : thread.y * 0.8;
        """,
    ),
    _field(
        "gyroid",
        "0.5 + 0.33 * dot(sin(vec3($(3..8) * p, 0.4 * iTime)), cos(vec3($(3..8) * p.yx, iTime * 0.3).zxy))",
    ),
    _field(
        "bits",
        """
        ivec2 c = ivec2(floor($(10..40) * p + $(3..15) * iTime)) & 255;
        return float((c.x $(^|&|* c.y ^) c.y) & $(31|63|127)) / $(31..127!);
        """,
        0.7,
        "Patterns in the bits of coordinates.",
    ),
    _field(
        "scales",
        """
        p = $(3..7) * p + $motion;
        float row = floor(p.y), best = 0.0;
        for (float k = 1.0; k >= -1.0; k--) {
            vec2 c = vec2(floor(p.x + 0.5 * mod(row + k, 2.0)) + 0.5 - 0.5 * mod(row + k, 2.0), row + k + 1.0);
            float d = length((p - c) * vec2(1.0, 0.8));
            if (d < 0.72) best = 0.35 + 0.65 * (1.0 - smoothstep(0.1, 0.72, d)) - 0.35 * smoothstep(0.62, 0.72, d);
        }
        return best;
        """,
        note="Scales of a fish, one row over the next.",
    ),
    _field(
        "hexes",
        """
        vec2 h = abs(hexagon($(2..6) * p + $motion));
        float d = max(h.x, dot(h, vec2(0.5, 0.866)));
        return $((1.0 - smoothstep(0.42, 0.47, d))|2.0 * d|0.5 + 0.5 * cos(30.0 * d + iTime)|(1.0 - smoothstep(0.45, 0.5, d)) * (1.0 - 0.9 * d));
        """,
    ),
    _field(
        "petals",
        """
        p = tame(p);
        float a = atan(p.y, p.x), r = length(p);
        return 0.5 + 0.5 * cos($(6..20) * r * (1.0 + $(0.2..0.6) * cos($(3..9 int).0 * a + $(-1..1!) * iTime)) - iTime);
        """,
    ),
    _field(
        "metaballs",
        """
        p = tame(p);
        float sum = 0.0;
        for (int i = 0; i < 6; i++) {
            vec2 c = vec2(1.2, 0.9) * sin(iTime * (0.3 + 0.13 * float(i)) + vec2(i * 2, i * 3) + 6.2832 * dice.xy);
            sum += $(0.03..0.08) / dot(p - c, p - c);
        }
        return $(sum / (1.0 + sum)|fract(3.0 * log(1.0 + sum))|smoothstep(0.8, 1.0, sum));
        """,
    ),
    _field(
        "vortices",
        """
        p = tame(p);
        float angle = 0.0;
        for (int i = 0; i < 5; i++) {
            vec2 c = vec2(1.3, 0.9) * (2.0 * hash2(vec2(i, floor(0.1 * iTime))) - 1.0);
            angle += $(2..6) * (mod(float(i), 2.0) - 0.5) / (0.15 + length(p - c));
        }
        p *= rot(angle * 0.2);
        return 0.5 + 0.5 * sin($(6..16) * p.x + 0.5 * iTime);
        """,
    ),
    _field(
        "outlines",
        "0.5 + 0.5 * cos($(10..45) * $shape(tame(p) * $(0.6..1.3)) - $(0.5..2!) * iTime)",
        1.2,
    ),
    _field("contours", "fract($(3..9) * $field(p) + $(0.1..0.3!) * iTime)", 0.8),
    _field("levels", "abs(2.0 * fract($(1.5..4) * $field(p) + 0.1 * iTime) - 1.0)", 0.6),
    _field("blend", "mix($field(p), $field(p), $(0.3..0.7))", 0.8),
    _field("product", "$field(p) * (0.4 + $field(p))", 0.6),
    _field("difference", "abs($field(p) - $field(p)) * $(1.2..1.8!)", 0.8),
    _field("detailed", "0.75 * $field(p) + 0.35 * $field($(3..6!) * p + $(3..9))", 1.0),
    _field(
        "stencil", "mix($field(p), $field(p), smoothstep(0.45, 0.55, $field($(0.4..0.8) * p)))", 0.8
    ),
    _field("switched", "dice.$(x|y|z|w) < 0.5 ? $field(p) : $field(p)", 1.2),
    _field(
        "bent",
        """
        $warp
        return $field(p);
        """,
        2.2,
    ),
    _field("dragged", "$field(p + $(0.15..0.6) * vec2($field:push(p), $field:push(p + 3.7)))", 1.0),
    _field(
        "echo",
        """
        float sum = 0.0;
        for (int i = 0; i < 3; i++) {
            sum += $field:layer(p) / 3.0;
            p = rot($(0.5..2.4)) * p * $(1.3..1.9!) + $(1..5!);
        }
        return sum;
        """,
        0.6,
    ),
)
