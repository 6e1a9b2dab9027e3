"""1/f noise with colour statistics.

Source: Baradad et al.: *Learning to See by Looking at Noise*, NeurIPS 2021, "spectrum + color": noise whose
amplitude falls as |fx|**-a + |fy|**-b and whose colours are those of a random picture of a few flat
colours, both imposed in turn (Portilla, Simoncelli 2000, with the simplest statistics).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from phosphene.baselines.counters import Counters
from phosphene.baselines.painter import Unlabelled
from phosphene.baselines.spectra import frequencies, impose

_COLOURS = (3, 22)
"""Least and greatest number of flat colours."""
_LIKELY = 0.001
"""Added to the share of each colour before they are normalised."""
_BLURS = 10
_BLUR_SIDE = 128
"""Flat colours are blurred over 1 to 10 rows of a picture of 128."""
_JITTER = 10 / 256
_STEPS = (0.7548776662466927, 0.5698402909980532, 0.4301597090019468)
"""An additive sequence that fills the cube evenly: a flat colour is a narrow range of colours."""


@dataclass(frozen=True)
class Noise(Unlabelled):
    """Coloured 1/f noise.

    Attributes:
        exponents: least and greatest exponent of the amplitude, uniform between; along x and y they
            differ a little.
        rounds: how often spectrum and colours are imposed in turn.
    """

    exponents: tuple[float, float] = (0.5, 3.5)
    rounds: int = 10
    name = "noise"
    version = 2
    block = 64

    def paint(self, draws: Counters, side: int) -> Tensor:
        """See `Painter.paint`."""
        basis, mean, levels = _colour_model(draws, side)
        amplitude = self._amplitude(draws, side)[:, None]
        planes = [draws.uniforms("phases", side, side, counter=plane) for plane in range(3)]
        fields = torch.stack(planes, dim=1) - 0.5
        for _ in range(self.rounds):
            order = impose(fields, amplitude).flatten(2).argsort(dim=-1)
            # The pixel with the k-th lowest value gets the k-th lowest level.
            fields = torch.empty_like(levels).scatter_(2, order, levels).reshape(fields.shape)
        colours = torch.einsum("nck,nkyx->ncyx", basis, fields) + mean[:, :, None, None]
        low, high = colours.amin((1, 2, 3), keepdim=True), colours.amax((1, 2, 3), keepdim=True)
        return ((colours - low) / (high - low) * 255).round().to(torch.uint8)

    def _amplitude(self, draws: Counters, side: int) -> Tensor:
        """float32 [n, S, S]."""
        low, high = self.exponents
        exponent = low + draws.uniforms("exponent", 1, 1) * (high - low)
        apart = draws.normals("apart", 1, 1) * (high - low) / 60
        y, x = frequencies(side, draws.device)
        amplitude = 1 / (x ** (exponent + apart) + y ** (exponent - apart) + 1e-16)
        amplitude[:, 0, 0] = 0
        return amplitude


def _colour_model(draws: Counters, side: int) -> tuple[Tensor, Tensor, Tensor]:
    """A distribution of colours.

    Returns:
        Its principal axes as columns, float32 [n, 3, 3]; its mean, float32 [n, 3]; and along each axis
        the sorted coordinates of as many colours as a picture has pixels, float32 [n, 3, S * S].
    """
    least, most = _COLOURS
    u = draws.uniforms("colour model", 2 + 4 * most)
    number = least + (u[:, :1] * (most - least + 1)).long()
    taken = torch.arange(most, device=draws.device) < number
    shares = torch.cumsum((_LIKELY + u[:, 2 : 2 + most]) * taken, dim=1)
    places = (torch.arange(side * side, device=draws.device) + 0.5) / side**2
    which = torch.searchsorted(shares, places * shares[:, -1:])
    palette = u[:, 2 + most :].reshape(-1, most, 3)
    colours = palette.gather(1, which.clamp_(max=most - 1)[:, :, None].expand(-1, -1, 3))
    rows = torch.ceil(u[:, 1] * _BLURS)
    colours = _blurred(colours, (rows / _BLUR_SIDE * side * side / 2).long())
    steps = torch.tensor(_STEPS, device=draws.device, dtype=torch.float64)
    jitter = torch.arange(side * side, device=draws.device)[:, None] * steps % 1
    colours = colours + _JITTER * jitter
    mean = colours.mean(dim=1)
    apart = colours - mean[:, None]
    basis = torch.linalg.eigh(apart.transpose(1, 2) @ apart / side**2).eigenvectors
    levels = (apart @ basis).transpose(1, 2).sort(dim=-1).values
    return basis.float(), mean.float(), levels.float().contiguous()


def _blurred(colours: Tensor, reach: Tensor) -> Tensor:
    """The mean of each colour and the `reach` before and behind it; float64 [n, N, 3] for [n]."""
    count = colours.shape[1]
    sums = torch.cumsum(colours.double(), dim=1)
    sums = torch.cat([torch.zeros_like(sums[:, :1]), sums], dim=1)
    place = torch.arange(count, device=colours.device)
    low = (place - reach[:, None]).clamp_(min=0)
    high = (place + 1 + reach[:, None]).clamp_(max=count)
    ends = [sums.gather(1, at[:, :, None].expand(-1, -1, 3)) for at in (low, high)]
    return (ends[1] - ends[0]) / (high - low)[:, :, None]
