"""Iterated function systems: which are drawn, and the points of their attractors.

Source: Kataoka et al.: *Pre-training without Natural Images*, ACCV 2020 (FractalDB): two to seven affine
maps with six parameters uniform in -1 … 1, each applied with a probability in proportion to its
determinant; a system is kept where its picture fills at least a fifth of the square.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

import numpy as np
import torch
from torch import Tensor

from phosphene.baselines.counters import Counters
from phosphene.errors import UsageError
from phosphene.views import Ints

_MAPS = (2, 7)
_CHOICE_BITS = 16
_FAR = 1e4
"""Points that get further than this are taken for lost: the maps do not contract."""

COLLECTION = 1000
"""Systems in the collection, as in FractalDB-1k."""
FILLED = 0.2
"""Least share of the square that a system of the collection fills."""
VARIATION = (0.8, 1.2)
"""Least and greatest factor of a parameter; no system of the collection loses points at either."""
_NUMBERS = "fractal_systems.txt"
_SEARCH_SIDE, _SEARCH_POINTS = 128, (512, 12)
"""The filter's picture: as many points for each pixel (3/8) as FractalDB's 100,000 on 512 x 512."""
_SEARCH_SEED = 0
"""The collection is one and the same in every run: its pictures vary, its systems do not."""


@dataclass(frozen=True)
class Systems:
    """n systems of up to K maps.

    Attributes:
        maps: float32 [n, K, 6], a to f of (x, y) → (a x + b y + e, c x + d y + f).
        cumulative: float32 [n, K], probabilities added up; 1 from the last map on.
    """

    maps: Tensor
    cumulative: Tensor

    def __len__(self) -> int:
        return len(self.maps)

    def take(self, rows: Tensor) -> Systems:
        """Some of them, by index int64 [m]."""
        return Systems(self.maps[rows], self.cumulative[rows])

    def to(self, device: torch.device) -> Systems:
        """The same on a device."""
        return Systems(self.maps.to(device), self.cumulative.to(device))

    def varied(self, parameter: Tensor, factor: Tensor) -> Systems:
        """One of the six parameters, int64 [n], of every map times a factor, float32 [n].

        It makes FractalDB's pictures of one system differ; probabilities stay.
        """
        chosen = torch.arange(6, device=self.maps.device) == parameter[:, None]
        factors = torch.where(chosen, factor[:, None], 1.0)
        return replace(self, maps=self.maps * factors[:, None])

    def points(self, draws: Counters, particles: int, steps: int, settle: int = 16) -> Tensor:
        """The chaos game (Barnsley 1988), played by many particles at once.

        Args:
            draws: random numbers of the n systems.
            particles: P, a system.
            steps: points of each particle, after `settle` that are left out.

        Returns:
            float32 [n, P * steps, 2]; lost points are nan.
        """
        turns = settle + steps
        words = draws.words("choices", particles * turns // 2).reshape(len(self), -1, particles)
        unit = 2.0**-_CHOICE_BITS
        here = draws.uniforms("begin", 2, particles) * 2 - 1
        x, y = here[:, 0], here[:, 1]
        maps, seen = self.maps, []
        for turn in range(turns):
            # A word of 32 bits holds two choices.
            bits = words[:, turn // 2] >> (_CHOICE_BITS * (turn % 2)) & (1 << _CHOICE_BITS) - 1
            number = torch.searchsorted(self.cumulative, bits.float() * unit, right=True)
            number = number.clamp_(max=maps.shape[1] - 1)
            a, b, c, d, e, f = maps.gather(1, number[..., None].expand(-1, -1, 6)).unbind(-1)
            x, y = a * x + b * y + e, c * x + d * y + f
            if turn >= settle:
                seen.append(torch.stack([x, y], dim=-1))
        points = torch.stack(seen, dim=1).flatten(1, 2)
        lost = ~(points.abs() < _FAR).all(dim=-1, keepdim=True)
        return points.masked_fill_(lost, float("nan"))


def plot(points: Tensor, side: int, margin: float = 6 / 512) -> Tensor:
    """How many points fall on each pixel of a square that just holds them; int32 [n, side, side].

    Args:
        points: float32 [n, N, 2]; nan is left out.
        side: pixels.
        margin: free on each side, as a share of the square.
    """
    low = points.nan_to_num(nan=torch.inf).amin(dim=1, keepdim=True)
    high = points.nan_to_num(nan=-torch.inf).amax(dim=1, keepdim=True)
    share = (points - low) / (high - low).clamp(min=1e-12)
    pixel = ((margin + share * (1 - 2 * margin)) * side).clamp_(0, side - 1)
    kept = ~pixel.isnan().any(dim=-1)
    x, y = pixel.nan_to_num(nan=0.0).long().unbind(-1)
    counts = torch.zeros((len(points), side * side), dtype=torch.int32, device=points.device)
    counts.scatter_add_(1, y * side + x, kept.int())
    return counts.reshape(-1, side, side).flip(1)


@lru_cache(maxsize=4)
def collection(count: int = COLLECTION) -> Systems:
    """The first systems of the collection, on the CPU.

    They were found by `search` among endless candidates; the package carries their numbers, because to
    look for them takes minutes.
    """
    text = resources.files("phosphene.baselines").joinpath(_NUMBERS).read_text("ascii")
    numbers = np.array(text.split(), np.int64)
    if not 1 <= count <= len(numbers):
        raise UsageError(f"`systems` must be 1 to {len(numbers)}, got {count}")
    return candidates(_draws(numbers[:count]))


def search(first: int, end: int) -> Ints:
    """The numbers of the candidates `first` … `end` - 1 that belong into the collection."""
    draws = _draws(np.arange(first, end))
    systems = candidates(draws)
    good = _filling(systems, draws) >= FILLED
    for parameter in range(6):
        which = torch.full((len(systems),), parameter)
        for factor in VARIATION:
            varied = systems.varied(which, torch.full((len(systems),), factor))
            points = varied.points(draws, particles=16, steps=32, settle=64)
            good &= ~points.isnan().flatten(1).any(dim=1)
    return first + np.flatnonzero(good.numpy())


def _draws(numbers: Ints) -> Counters:
    return Counters(_SEARCH_SEED, "fractal systems", numbers, torch.device("cpu"))


def candidates(draws: Counters) -> Systems:
    """A system for each picture that the draws are for; few fill their square."""
    least, most = _MAPS
    u = draws.uniforms("maps", 1 + 6 * most)
    number = least + (u[:, 0] * (most - least + 1)).long()
    maps = (u[:, 1:] * 2 - 1).reshape(-1, most, 6)
    a, b, c, d = (maps[..., i] for i in range(4))
    weight = (a * d - b * c).abs() * (torch.arange(most) < number[:, None])
    return Systems(maps, torch.cumsum(weight, dim=1) / weight.sum(dim=1, keepdim=True))


def _filling(systems: Systems, draws: Counters) -> Tensor:
    """The share of the square that each system fills; 0 where points get lost. float32 [n]."""
    points = systems.points(draws, *_SEARCH_POINTS)
    counts = plot(points, _SEARCH_SIDE)
    share = (counts > 0).float().mean(dim=(1, 2))
    return share.masked_fill(points.isnan().any(dim=2).any(dim=1), 0.0)
