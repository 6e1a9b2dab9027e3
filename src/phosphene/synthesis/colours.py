"""Colour schemes: a handful of colours that go together, chosen in OKLCH.

OKLab: Björn Ottosson, *A perceptual color space for image processing*, 2020.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from phosphene.synthesis.draws import Draws
from phosphene.synthesis.kinds import DARK, LIGHT, Kind

Colour = tuple[float, float, float]
"""sRGB, 0 … 1."""

HARMONIES: dict[str, tuple[tuple[float, ...], tuple[float, float]]] = {
    "analogous": ((0, 20, 40, -20, 60, -40), (0.08, 0.2)),
    "complementary": ((0, 180, 10, 190, -15, 165), (0.08, 0.22)),
    "split": ((0, 150, 210, 20, 170, 195), (0.08, 0.2)),
    "triad": ((0, 120, 240, 15, 135, 255), (0.1, 0.22)),
    "square": ((0, 90, 180, 270, 45, 225), (0.1, 0.22)),
    "rainbow": ((0, 60, 120, 180, 240, 300), (0.14, 0.24)),
    "duotone": ((0, 0, 140, 140, 0, 140), (0.04, 0.2)),
    "grey": ((0, 0, 0, 0, 0, 0), (0.0, 0.01)),
    "pure": ((0, 120, 250, 60, 180, 300), (0.3, 0.35)),
    "neon": ((0, 70, -70, 150, 0, 40), (0.22, 0.32)),
    "pastel": ((0, 90, 180, 270, 45, 225), (0.03, 0.08)),
    "accent": ((0, 5, -5, 175, 0, 10), (0.01, 0.25)),
}
"""Name → hues in degrees from the first one, and the range of chroma."""

NATURAL = {
    "earth": (35.0, 95.0, 0.03, 0.11),
    "forest": (95.0, 165.0, 0.03, 0.14),
    "sea": (190.0, 260.0, 0.03, 0.14),
    "dusk": (300.0, 420.0, 0.05, 0.17),
    "stone": (0.0, 360.0, 0.0, 0.035),
    "autumn": (20.0, 110.0, 0.08, 0.18),
    "skin": (30.0, 70.0, 0.03, 0.1),
}
"""Name → range of hues and chroma; a third of the colours are drawn from anywhere, as flowers are."""

PRIMARY = "primary"
"""The scheme of those who write `vec3(1, 0, 0)`: channels fully on or off, or half."""

_LEVELS = (0.0, 0.0, 0.0, 0.5, 1.0, 1.0)
_ORIGINS = ("natural", "harmony", PRIMARY)
_ORIGIN_WEIGHTS = (3.0, 5.0, 2.0)

_LIGHTS = (
    (0.22, 0.4, 0.55, 0.68, 0.8, 0.93),
    (0.25, 0.4, 0.55, 0.68, 0.8, 0.93),
    (0.12, 0.2, 0.3, 0.42, 0.6, 0.85),
    (0.4, 0.62, 0.75, 0.85, 0.92, 0.97),
    (0.1, 0.14, 0.5, 0.65, 0.88, 0.96),
)
"""The lightness of a scheme's colours: balanced, low-key, high-key, stark."""


@dataclass(frozen=True)
class Scheme:
    """The colours of a program.

    Attributes:
        name: how they were chosen.
        colours: from dark to light.
        hexadecimal: whether they are written `rgb(0xD96C4F)` or `vec3(0.85, 0.42, 0.31)`.
    """

    name: str
    colours: tuple[Colour, ...]
    hexadecimal: bool

    @classmethod
    def draw(cls, draws: Draws) -> Scheme:
        """A scheme at random."""
        origin = draws.weighted(_ORIGINS, _ORIGIN_WEIGHTS)
        if origin == PRIMARY:
            return cls(PRIMARY, _primaries(draws), draws.chance(0.2))
        natural = origin == "natural"
        name = draws.pick(sorted(NATURAL if natural else HARMONIES))
        first, mood = draws.between(0.0, 360.0), draws.between(-0.1, 0.1)
        lights = draws.pick(_LIGHTS)
        points: list[tuple[float, float, float]] = []
        if natural:
            low, high, least, most = NATURAL[name]
            for light in lights:
                far = draws.chance(0.3)
                hue = draws.between(0.0, 360.0) if far else draws.between(low, high)
                chroma = draws.between(0.08, 0.18) if far else draws.between(least, most)
                points.append((light + draws.between(-0.06, 0.06) + mood, chroma, hue))
        else:
            steps, (least, most) = HARMONIES[name]
            for light, step in zip(lights, draws.shuffled(steps), strict=True):
                hue = first + step + draws.between(-8.0, 8.0)
                chroma = most if name == "accent" and step == 175 else draws.between(least, most)
                points.append((light + draws.between(-0.06, 0.06) + mood, chroma, hue))
        colours = tuple(from_oklch(*point) for point in sorted(points))
        return cls(name, colours, draws.chance(0.5))

    def ink(self, draws: Draws, kind: Kind) -> str:
        """One of the colours, as GLSL."""
        if kind == DARK:
            colour = self.colours[draws.below(2)]
        elif kind == LIGHT:
            colour = self.colours[-1 - draws.below(2)]
        else:
            colour = draws.pick(self.colours)
        if self.hexadecimal:
            return "rgb(0x" + "".join(f"{round(255 * part):02X}" for part in colour) + ")"
        return "vec3(" + ", ".join(f"{part:.2f}" for part in colour) + ")"


def _primaries(draws: Draws) -> tuple[Colour, ...]:
    """Six colours from dark to light; the first is black, or nearly."""
    made = [tuple(draws.pick(_LEVELS) for _ in range(3)) for _ in range(5)]
    bright = (draws.pick(_LEVELS), 1.0, draws.pick(_LEVELS)) if draws.chance(0.6) else (1.0,) * 3
    first = 0.1 * draws.below(2)
    ordered = sorted(
        [*made[:4], bright], key=lambda c: 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]
    )
    return ((first, first, first), *((r, g, b) for r, g, b in ordered))


def from_oklch(light: float, chroma: float, hue: float) -> Colour:
    """OKLCH to sRGB; the chroma is lowered until the colour exists on a screen.

    Args:
        light: 0 … 1.
        chroma: 0 … about 0.3.
        hue: degrees.
    """
    light = min(max(light, 0.0), 1.0)
    for _ in range(24):
        linear = _linear(light, chroma, math.radians(hue))
        if all(-1e-3 <= part <= 1.001 for part in linear):
            break
        chroma *= 0.88
    red, green, blue = (_encoded(min(max(part, 0.0), 1.0)) for part in linear)
    return red, green, blue


def _linear(light: float, chroma: float, angle: float) -> Colour:
    a, b = chroma * math.cos(angle), chroma * math.sin(angle)
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _encoded(part: float) -> float:
    return float(12.92 * part if part <= 0.0031308 else 1.055 * part ** (1.0 / 2.4) - 0.055)
