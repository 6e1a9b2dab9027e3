"""Plane shapes, as signed distances of about radius 0.8 (after Quilez' catalogue of 2D distances)."""

from phosphene.synthesis.kinds import SHAPE
from phosphene.synthesis.production import Production


def _shape(name: str, text: str, weight: float = 1.0, note: str = "") -> Production:
    return Production(SHAPE, name, text, weight, note)


PRODUCTIONS = (
    _shape("disc", "length(p) - $(0.6..0.8)"),
    _shape("slab", "box(p, vec2($(0.4..0.8), $(0.35..0.8))) - $(0..0.1!)"),
    _shape("hoop", "abs(length(p) - $(0.45..0.65)) - $(0.08..0.2)"),
    _shape("egg", "length(p * vec2($(1.1..1.6), 1.0 + 0.25 * p.y)) - 0.75", 0.7),
    _shape(
        "pill", "length(vec2(p.x - clamp(p.x, -$(0.3..0.5), $(0.3..0.5)), p.y)) - $(0.2..0.4)", 0.7
    ),
    _shape(
        "polygon",
        """
        float side = 6.2832 / $(3..8 int).0, a = atan(p.x, p.y);
        return cos(floor(0.5 + a / side) * side - a) * length(p) - $(0.5..0.68);
        """,
        1.2,
    ),
    _shape(
        "star",
        """
        float side = 3.1416 / $(4..9 int).0, a = mod(atan(p.x, p.y), 2.0 * side) - side;
        vec2 q = length(p) * vec2(cos(a), abs(sin(a)));
        return dot(q - vec2($(0.3..0.5), 0.0), normalize(vec2($(0.5..0.9), -$(0.35..0.8)))) * -1.0 + length(q) - 0.65;
        """,
        0.8,
    ),
    _shape("flower", "length(p) - 0.55 - $(0.1..0.28) * cos($(3..9 int).0 * atan(p.y, p.x))", 1.2),
    _shape(
        "gear",
        "length(p) - 0.62 - 0.09 * smoothstep(-0.3, 0.3, cos($(7..14 int).0 * atan(p.y, p.x)))",
    ),
    _shape(
        "heart", "length(vec2(p.x, 1.15 * p.y + 0.15 - 0.75 * sqrt(abs(p.x) + 0.01))) - 0.62", 0.7
    ),
    _shape("moon", "max(length(p) - 0.75, $(0.5..0.65) - length(p - vec2($(0.25..0.5), 0.1)))"),
    _shape(
        "plus",
        "min(box(p, vec2(0.75, $(0.12..0.28))), box(p, vec2($(0.12..0.28), 0.75))) - 0.03",
        0.8,
    ),
    _shape(
        "drop",
        "length(vec2(p.x * (1.2 + 0.9 * smoothstep(-0.3, 0.8, p.y)), p.y)) - 0.65 + 0.1 * p.y",
    ),
    _shape("leaf", "length(vec2(abs(p.x) + $(0.35..0.6), p.y)) - $(0.85..1)"),
    _shape(
        "cloud",
        "smin(smin(length(p + vec2(0.4, 0.1)) - 0.33, length(p - vec2(0.4, -0.1)) - 0.3, 0.2), length(p - vec2(0.0, 0.12)) - 0.42, 0.2)",
    ),
    _shape(
        "stone",
        "(length(p * vec2(1.0, $(1..1.5))) - 0.6 - 0.35 * (noise(3.0 * p + $(1..40)) - 0.5)) * 0.8",
        1.2,
    ),
    _shape("splat", "(length(p) - 0.5 - 0.4 * (fbm(2.5 * p + $(1..40)) - 0.4)) * 0.7"),
    _shape(
        "house",
        "min(box(p + vec2(0.0, 0.2), vec2(0.5, 0.4)), max(abs(p.x) * 0.7 + p.y * 0.7 - 0.5, 0.12 - p.y))",
        0.7,
    ),
    _shape(
        "tree",
        """
        float crown = length(vec2(p.x * $(0.9..1.3), p.y - 0.25)) - 0.45 - 0.12 * cos(9.0 * atan(p.y - 0.25, p.x));
        return min(crown, box(p + vec2(0.0, 0.5), vec2(0.07, 0.35)));
        """,
        0.8,
    ),
    _shape(
        "fir",
        """
        float tier = fract(p.y * 2.0 + 0.4), taper = $(0.5..0.7) * (0.8 - p.y);
        return max(abs(p.x) - taper * (1.1 - 0.6 * tier), max(p.y - 0.78, -0.8 - p.y)) * 0.7;
        """,
        0.7,
    ),
    _shape(
        "fish",
        """
        float body = length(vec2(p.x, $(1.6..2.2) * p.y)) - 0.6, tail = abs(p.y) - 0.6 * (p.x - 0.45);
        return min(body, max(tail, p.x - 0.85)) * 0.8;
        """,
        0.7,
    ),
    _shape(
        "bottle",
        """
        float wide = mix($(0.3..0.45), 0.1, smoothstep(0.0, $(0.25..0.5), p.y));
        return max(abs(p.x) - wide, abs(p.y) - 0.8) * 0.8;
        """,
        0.6,
    ),
    _shape(
        "vase",
        "max(abs(p.x) - 0.3 - $(0.1..0.22) * sin($(3..6) * p.y + $(0..6)), abs(p.y) - 0.75) * 0.7",
        0.8,
    ),
    _shape(
        "mask",
        """
        vec2 q = vec2(abs(p.x), p.y);
        float face = length(p * vec2(1.2, 1.0)) - 0.75, eyes = length(q - vec2(0.26, 0.2)) - $(0.1..0.18);
        float mouth = max(abs(length(p - vec2(0.0, 0.1)) - 0.5) - 0.06, p.y + $(0.1..0.3));
        return max(face, -min(eyes, mouth));
        """,
        0.8,
    ),
    _shape(
        "rune",
        """
        float d = 9.0;
        for (int i = 0; i < 4; i++) {
            vec4 h = hash4(float(i) + floor(20.0 * dice.x) + $(1..90 int).0);
            vec2 a = 0.35 * floor(h.xy * 5.0 - 2.0), b = 0.35 * floor(h.zw * 5.0 - 2.0) + 0.01, q = p - a;
            d = min(d, length(q - (b - a) * clamp(dot(q, b - a) / dot(b - a, b - a), 0.0, 1.0)));
        }
        return d - $(0.05..0.12);
        """,
        0.8,
        "Four strokes between the points of a grid.",
    ),
    _shape(
        "branch",
        """
        float d = 9.0, wide = 0.05;
        p.y += 0.8;
        for (int i = 0; i < 5; i++) {
            d = min(d, length(vec2(p.x, p.y - clamp(p.y, 0.0, 0.5))) - wide);
            p.y -= $(0.35..0.5);
            p.x = abs(p.x);
            p *= 1.25 * rot(-$(0.35..0.7));
        }
        return 0.6 * d;
        """,
        0.7,
        "A stem that forks.",
    ),
    _shape(
        "joined",
        "smin($shape(p + vec2($(0.1..0.4), $(-0.3..0.3))), $shape(1.5 * p - vec2($(0.2..0.6), $(-0.4..0.4))), 0.15)",
        0.7,
    ),
    _shape("pierced", "max($shape(p), -$shape(p * $(1.6..2.6) + $(-0.3..0.3)) * 0.5)", 1.0),
    _shape("shell", "abs($shape(p) + $(0.05..0.15)) - $(0.04..0.1)", 0.6),
    _shape("crossed", "$shape(p * rot($(0..3.1) + 0.3 * iTime))", 0.7),
    _shape("cutout", "max($shape(p), $shape(p * 0.9 + $(-0.3..0.3)))", 0.5),
)
