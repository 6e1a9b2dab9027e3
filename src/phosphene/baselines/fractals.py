"""IFS fractals in the manner of FractalDB, in colour.

Sources: Kataoka et al.: *Pre-training without Natural Images*, ACCV 2020 (systems, and how pictures of one
system differ: one parameter is scaled, the picture is mirrored); Anderson, Farrell: *Improving Fractal
Pre-training*, WACV 2022 (hues that follow the density of points, over coloured random textures).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from phosphene import seeds
from phosphene.baselines.counters import Counters
from phosphene.baselines.pixels import halved
from phosphene.baselines.spectra import impose, radial, standardised
from phosphene.baselines.systems import COLLECTION, VARIATION, Systems, collection, plot
from phosphene.errors import UsageError
from phosphene.views import Ints

_SUPERSAMPLE = 2
_POINTS_A_PIXEL = 1.5
_STEPS, _SETTLE = 16, 12
"""Points a particle, and steps before the first of them."""


@dataclass(frozen=True)
class Fractals:
    """Pictures of a collection of systems; a picture's kind is its system.

    Attributes:
        systems: how many.
        background: whether there is a texture behind the fractal; else it is black, as in FractalDB.
    """

    systems: int = COLLECTION
    background: bool = True
    name = "fractals"
    version = 2
    block = 64

    def __post_init__(self) -> None:
        if not 1 <= self.systems <= COLLECTION:
            raise UsageError(f"`systems` must be 1 to {COLLECTION}, got {self.systems}")

    @property
    def classes(self) -> Sequence[str]:
        """The systems' names."""
        return _names(self.systems)

    def labels(self, numbers: Ints) -> Ints:
        """Which system each picture shows, drawn at random."""
        return seeds.below(self.systems, 0, "fractal system", numbers)[:, 0]

    def paint(self, draws: Counters, side: int) -> Tensor:
        """See `Painter.paint`."""
        fine = side * _SUPERSAMPLE
        rows = torch.from_numpy(self.labels(draws.numbers))
        u = draws.uniforms("instance", 16)
        systems = _varied(collection(self.systems).take(rows).to(draws.device), u[:, :2])
        particles = 2 * max(32, round(fine * fine * _POINTS_A_PIXEL / _STEPS / 2))
        counts = plot(systems.points(draws, particles, _STEPS, _SETTLE), fine)
        counts = _mirrored(counts, u[:, 2:4] < 0.5)
        density = torch.log1p(counts.float())
        density /= density.amax(dim=(1, 2), keepdim=True).clamp_(min=1e-12)
        colours = _coloured(density, u[:, 4:9])
        ground = torch.zeros_like(colours)
        if self.background:
            exponent = 1 + u[:, 9]
            white = draws.uniforms("background", side, side) - 0.5
            field = torch.sigmoid(standardised(impose(white, radial(side, exponent, draws.device))))
            ground = _coloured(field, u[:, 10:15])
            ground = ground.repeat_interleave(_SUPERSAMPLE, 2).repeat_interleave(_SUPERSAMPLE, 3)
        picture = torch.where((counts > 0)[:, None], colours, ground)
        return halved((picture * 255).round_().to(torch.uint8))


@lru_cache(maxsize=4)
def _names(count: int) -> tuple[str, ...]:
    return tuple(f"fractal-{number:04d}" for number in range(count))


def _varied(systems: Systems, u: Tensor) -> Systems:
    """Another instance of each system, from uniforms [n, 2]."""
    low, high = VARIATION
    return systems.varied((u[:, 0] * 6).long(), low + u[:, 1] * (high - low))


def _mirrored(pictures: Tensor, flips: Tensor) -> Tensor:
    """Pictures [n, S, S] mirrored up-down and left-right where flips [n, 2] say so."""
    for axis, flip in ((1, flips[:, 0]), (2, flips[:, 1])):
        pictures = torch.where(flip[:, None, None], pictures.flip(axis), pictures)
    return pictures


def _coloured(values: Tensor, u: Tensor) -> Tensor:
    """Colours of values [n, S, S] in 0 … 1 along a random arc of hues; float32 [n, 3, S, S].

    Args:
        values: what decides hue and brightness.
        u: uniforms [n, 5]: the first hue, the arc, the saturation, the brightness at 0 and at 1.
    """
    first, arc, saturation, dark, bright = (c[:, None, None] for c in u.unbind(1))
    hue = first + (arc - 0.5) * values
    low, high = 0.1 + 0.5 * dark, 0.5 + 0.5 * bright
    value = low + (high - low) * values
    return _rgb(hue, 0.25 + 0.75 * saturation, value)


def _rgb(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """HSV to RGB (Smith 1978); hue in circles. [n, S, S] each → [n, 3, S, S]."""
    channels = []
    for offset in (5, 3, 1):
        k = (offset + 6 * hue) % 6
        channels.append(value * (1 - saturation * torch.minimum(k, 4 - k).clamp_(0, 1)))
    return torch.stack(channels, dim=1)
