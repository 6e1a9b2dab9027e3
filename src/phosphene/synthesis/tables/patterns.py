"""Patterns made of fields and palettes, and patterns made of patterns."""

from phosphene.synthesis.kinds import PATTERN
from phosphene.synthesis.production import Production


def _pattern(name: str, text: str, weight: float = 1.0, note: str = "") -> Production:
    return Production(PATTERN, name, text, weight, note)


PRODUCTIONS = (
    _pattern("tinted", "$palette($field(p) + $(0..0.12!) * iTime)", 1.6),
    _pattern("shaded", "$palette($field(p) + 0.05 * iTime) * (0.3 + 0.9 * $field(p))", 1.8),
    _pattern("hued", "$palette($field($(0.4..0.8) * p) + 0.4 * $field(p))", 1.0),
    _pattern(
        "relief",
        """
        float h = $field:bump(p);
        vec2 slope = vec2($field:bump(p + vec2(0.012, 0)), $field:bump(p + vec2(0, 0.012))) - h;
        vec3 n = normalize(vec3(-slope * $(25..60), 1.0));
        vec3 lamp = normalize(vec3(cos(0.5 * iTime), sin(0.5 * iTime), 0.8));
        return $palette(h + dice.x) * (0.3 + 0.8 * max(dot(n, lamp), 0.0)) + $(0.1..0.6) * pow(max(dot(n, normalize(lamp + vec3(0, 0, 1))), 0.0), $(10..40!));
        """,
        1.8,
        "Lit from the side.",
    ),
    _pattern(
        "outlined",
        """
        float v = $field(p) * $(3..7!), edge = abs(fract(v) - 0.5);
        return mix($palette(floor(v + 0.5) * $(0.13..0.4!)), $dark, (1.0 - smoothstep(0.02, $(0.06..0.15!), edge)));
        """,
        1.0,
        "A map of levels.",
    ),
    _pattern("posterised", "$palette(floor($field(p) * $(4..9!)) / $(3..8!))", 0.8),
    _pattern(
        "masked",
        "mix($pattern(p), $pattern(p), smoothstep($(0.42..0.5), $(0.52..0.6), $field(p)))",
        1.8,
    ),
    _pattern(
        "veined",
        "mix($pattern(p), $ink, (1.0 - smoothstep(0.02, $(0.05..0.12!), abs($field(p) - 0.5))))",
        0.8,
    ),
    _pattern("glazed", "$pattern(p) * mix(vec3($(0.4..0.6!)), $light * 1.3, $field(p))", 0.9),
    _pattern("switched", "dice.$(x|y|z|w) < 0.5 ? $pattern(p) : $pattern(p)", 1.4),
    _pattern(
        "bent",
        """
        $warp
        return $pattern(p);
        """,
        1.5,
    ),
    _pattern(
        "patchwork",
        """
        vec2 q = $(0.8..2) * p + 0.5 * $motion, cell = floor(q), f = fract(q);
        float h = hash(cell + floor(0.2 * iTime));
        p = rot(6.2832 * h) * p * (0.7 + h);
        vec3 col = h < 0.33 ? $pattern(p) : h < 0.66 ? $pattern(p + 3.0) : $palette(h + $field(p));
        return col * (0.6 + 0.4 * smoothstep(0.0, 0.04, min(min(f.x, f.y), min(1.0 - f.x, 1.0 - f.y))));
        """,
        1.3,
    ),
    _pattern(
        "shards",
        """
        vec3 c = cellular($(0.8..1.8) * p + $motion, $(0.1..0.5!) * iTime);
        p = rot(6.2832 * c.z) * p * (0.6 + c.z) + 9.0 * c.z;
        vec3 col = c.z < 0.5 ? $pattern(p) : $pattern(p);
        return mix($dark, turnHue(col, 3.0 * c.z), smoothstep(0.0, $(0.02..0.08!), c.y - c.x));
        """,
        1.2,
    ),
    _pattern(
        "emblem",
        """
        float d = $shape(p * $(0.7..1.1));
        vec3 col = mix($pattern(p), $pattern(p * 1.3), (1.0 - smoothstep(-0.02, 0.02, d)));
        return mix(col, $ink, (1.0 - smoothstep(0.02, $(0.03..0.08!), abs(d))));
        """,
        1.1,
    ),
    _pattern(
        "striped",
        "fract($(1.5..4) * (p.x * cos($(0..3.1)) + p.y * sin($(0..3.1))) + 0.1 * iTime) < $(0.3..0.7) ? $pattern(p) : $pattern(p)",
        0.7,
    ),
    _pattern(
        "weathered",
        "$pattern(p) * (0.55 + 0.6 * fbm($(2..5) * p)) + $(0.05..0.2) * smoothstep(0.6, 0.8, noise($(8..20) * p))",
        0.8,
    ),
)
