"""Palettes: a colour for every number."""

from phosphene.synthesis.kinds import PALETTE
from phosphene.synthesis.production import Production


def _palette(name: str, text: str, weight: float = 1.0, note: str = "") -> Production:
    return Production(PALETTE, name, text, weight, note)


PRODUCTIONS = (
    _palette(
        "cosine",
        """
        vec3 shift = vec3($(0..1!), $(0..1!), $(0..1!)) + $(0.2..0.8!) * dice.x;
        return $(0.45..0.6!) + $(0.35..0.5!) * cos(6.2832 * (t * vec3($(0.6..1.3!), $(0.6..1.3!), $(0.6..1.3!)) + shift));
        """,
        1.0,
        "After Quilez: three cosines.",
    ),
    _palette(
        "ramp",
        """
        vec3 stops[5] = vec3[5]($dark, $ink, $ink, $light, $ink);
        t = 5.0 * fract(t + dice.$(x|y|z|w));
        int i = int(t) % 5;
        return mix(stops[i], stops[(i + 1) % 5], fract(t));
        """,
        2.0,
    ),
    _palette(
        "bands",
        """
        vec3 paints[6] = vec3[6]($ink, $dark, $ink, $light, $ink, $ink);
        return paints[int(fract(t + dice.$(x|y|z|w)) * 5.99)];
        """,
        1.0,
    ),
    _palette("duotone", "mix($dark, $light, smoothstep($(0..0.3), $(0.6..1), t))", 0.6),
    _palette(
        "sunrise",
        """
        t = clamp(t, 0.0, 1.0);
        vec3 middle = mix($ink, $ink, dice.$(x|y|z|w));
        return t < 0.5 ? mix($dark, middle, 2.0 * t) : mix(middle, $light, 2.0 * t - 1.0);
        """,
        1.6,
    ),
    _palette(
        "pendulum",
        """
        t = abs(2.0 * fract(0.5 * t + $(0..0.5) + 0.02 * iTime) - 1.0);
        return mix(mix($dark, $ink, smoothstep(0.0, 0.4, t)), mix($ink, $light, t), smoothstep(0.3, 0.9, t));
        """,
        1.2,
    ),
    _palette(
        "wheel",
        "hsv($(0..1!) + dice.x + $(0.1..0.5!) * t, $(0.4..0.85!), 0.25 + 0.75 * fract($(0.7..1.6!) * t + dice.y))",
        0.8,
    ),
    _palette(
        "glow",
        "pow(clamp(vec3($(1.2..2) * t, t * t * 1.2, t * t * t), 0.0, 1.0).$(xyz|zyx|yxz|zxy|xzy), vec3($(0.7..1.1!)))",
        0.6,
    ),
    _palette(
        "oil",
        "0.5 + 0.45 * cos(vec3($(3..7!), $(4..8!), $(5..9!)) * t + vec3(0, 1, 2) + 6.2832 * dice.$(x|y|z|w) + 0.1 * iTime)",
        0.7,
    ),
    _palette(
        "inked",
        "mix($light, t > $(0.5..0.7) ? $dark : $ink, smoothstep($(0.2..0.35!), $(0.36..0.5!), t))",
        0.9,
    ),
    _palette(
        "tinted",
        "mix(mix($ink, $ink, dice.x), mix($ink, $light, dice.y), t) * (0.35 + 0.8 * t)",
        1.0,
    ),
    _palette(
        "seasons", "mix($palette(t), $palette(t), 0.5 + 0.5 * sin($(0.15..0.5!) * iTime))", 0.5
    ),
    _palette("costumes", "dice.$(x|y|z|w) < 0.5 ? $palette(t) : $palette(t)", 0.9),
)
