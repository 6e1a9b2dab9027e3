"""An untrained StyleGAN2 with oriented filters, the strongest source of Baradad et al. 2021.

Sources: Karras et al.: *Analyzing and Improving the Image Quality of StyleGAN*, CVPR 2020 (the generator);
Baradad et al.: *Learning to See by Looking at Noise*, NeurIPS 2021, "StyleGAN oriented": every picture has
filters of its own, drawn from oriented wavelets and tied, one for each input channel and scaled by one
random number for each output channel; biases are uniform in ±0.2; one map of pink noise under a smooth
Laplacian envelope enters every layer; the colours' means and deviations are those of photos.

What the tied filters make of the generator: the kernel of input channel i and output channel o is
g_o s_i F_i, and demodulation divides by its norm over i, |g_o| |s F|. So all output channels of a layer are
one map z, or -z where g_o < 0, and a layer costs one output channel in place of hundreds:

    x_o = √2 relu(± z + noise + bias_o)

A style s = 1 + A w / √512, of a random matrix A and a latent w, is a normal variable around 1 whose
variance is |w|² / 512: it is drawn as such, and A is not. (That two pictures of one generator share A,
which correlates their styles by a fifth, is left out: here every picture has its own generator.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from phosphene.baselines import wavelets
from phosphene.baselines.counters import Counters, Stock
from phosphene.baselines.painter import Unlabelled
from phosphene.baselines.spectra import impose, radial, standardised

_CHANNELS = (32768, 512)
"""Channels at a resolution R: the first over R, at most the second."""
_STYLE_VARIANCE = 0.52
"""E |w|² / 512 of a latent that is a leaky ReLU (slope 0.2) of standard normals."""
_LEAST_FILTERS = 5
_PHOTO_MEAN = ((0.483, 0.145), (0.455, 0.142), (0.401, 0.161))
_PHOTO_DEVIATION = ((0.219, 0.063), (0.213, 0.062), (0.213, 0.069))
"""Mean and standard deviation over photos of each channel's mean and deviation."""


@dataclass(frozen=True)
class StyleGAN(Unlabelled):
    """Pictures of untrained, oriented StyleGAN2 generators.

    Attributes:
        bias: biases are uniform between minus and plus this.
        noise: greatest strength of the noise; each layer's is uniform from 0.
        exponents: least and greatest exponent of the noise's amplitude.
    """

    bias: float = 0.2
    noise: float = 0.3
    exponents: tuple[float, float] = (0.5, 1.5)
    name = "stylegan"
    version = 2
    block = 32

    def paint(self, draws: Counters, side: int) -> Tensor:
        """See `Painter.paint`. Made at the next power of two, and averaged down."""
        resolution = 1 << max(3, math.ceil(math.log2(side)))
        noise = self._noise_map(draws, resolution)
        stock = Stock(draws, "generator", _words(resolution))
        colours = Generator(stock, self.bias, self.noise, noise).colours(resolution)
        if resolution != side:
            colours = F.interpolate(
                colours, size=(side, side), mode="bilinear", antialias=True, align_corners=False
            )
        return _as_photos(colours, draws)

    def _noise_map(self, draws: Counters, side: int) -> Tensor:
        """Pink noise whose strength varies over the picture; float32 [n, 1, S, S]."""
        low, high = self.exponents
        exponent = low + draws.uniforms("noise exponent", 1)[:, 0] * (high - low)
        white = draws.uniforms("noise phases", side, side) - 0.5
        pink = impose(white, radial(side, exponent, draws.device))
        u = draws.uniforms("envelope", 1, 4, 4) - 0.5
        laplace = -torch.sign(u) * torch.log1p(-2 * u.abs())
        envelope = F.interpolate(laplace, size=(side, side), mode="bicubic", align_corners=False)
        return standardised(pink[:, None] * envelope)


class Generator:
    """The synthesis network of n pictures, each with weights of its own, taken from a stock as they come.

    Args:
        stock: random numbers of the n pictures.
        bias, noise: see `StyleGAN`.
        noise_map: float32 [n, 1, S, S].
    """

    def __init__(self, stock: Stock, bias: float, noise: float, noise_map: Tensor) -> None:
        self._stock, self._bias, self._noise, self._noise_map = stock, bias, noise, noise_map
        self._filters = wavelets.bank().to(noise_map.device).flatten(1)

    def colours(self, resolution: int) -> Tensor:
        """Raw colours, float32 [n, 3, resolution, resolution]."""
        side = 4
        channels = _channels(side)
        x = self._stock.normals(channels, side, side)
        x = self.layer(x, side, channels)
        colours = self._to_colours(x)
        while side < resolution:
            side *= 2
            channels = _channels(side)
            x = self.layer(x, side, channels, up=True)
            x = self.layer(x, side, channels)
            colours = _doubled(_doubled(colours, -1), -2) + self._to_colours(x)
        return colours

    def layer(self, x: Tensor, side: int, channels: int, up: bool = False) -> Tensor:
        """Modulated convolution by tied filters, noise, bias and ReLU; [n, C, …] → [n, channels, …]."""
        count, inputs = x.shape[:2]
        kernels = self._styles(inputs)[:, :, None] * self._tied(inputs)
        kernels = kernels / (kernels.square().sum(dim=(1, 2), keepdim=True) + 1e-8).sqrt()
        # One number a pixel and tap; the taps are then moved to where they belong and added up.
        taps = torch.bmm(kernels.transpose(1, 2), x.flatten(2)).reshape(count, 9, *x.shape[2:])
        z = _added(taps, stride=2 if up else 1)
        if up:
            z = _filtered(_filtered(z, -1), -2)
        strength = self._stock.uniforms(1, 1, 1) * self._noise
        noise = F.adaptive_avg_pool2d(self._noise_map, side) * strength
        u = self._stock.uniforms(2, channels, 1, 1)
        sign = torch.where(u[:, 0] < 0.5, -1.0, 1.0)
        bias = (2 * u[:, 1] - 1) * self._bias
        return torch.addcmul(noise + bias, sign, z).relu_().mul_(math.sqrt(2))

    def _tied(self, inputs: int) -> Tensor:
        """A filter for each input channel, out of a few that are drawn first; [n, inputs, 9]."""
        known = len(self._filters)
        u = self._stock.uniforms(1 + known + inputs)
        subset = u[:, 1 : 1 + known].argsort(dim=1)
        number = _LEAST_FILTERS + torch.floor(u[:, :1] * (known + 1 - _LEAST_FILTERS))
        chosen = subset.gather(1, torch.floor(u[:, 1 + known :] * number).long())
        return self._filters[chosen]

    def _styles(self, channels: int) -> Tensor:
        """float32 [n, channels]."""
        return 1 + math.sqrt(_STYLE_VARIANCE) * self._stock.normals(channels)

    def _to_colours(self, x: Tensor) -> Tensor:
        """The layer ToRGB: 1 x 1 weights, modulated, not demodulated; [n, C, …] → [n, 3, …]."""
        channels = x.shape[1]
        weights = self._stock.normals(3, channels)
        weights = weights * self._styles(channels)[:, None] / math.sqrt(channels)
        return torch.bmm(weights, x.flatten(2)).reshape(len(x), 3, *x.shape[2:])


def _words(resolution: int) -> int:
    """Enough random words for a generator: 16 for a channel and layer, and its constant."""
    layers = 2 * round(math.log2(resolution)) - 3
    return 16 * _channels(4) * (layers + 1)


def _channels(side: int) -> int:
    total, most = _CHANNELS
    return min(total // side, most)


def _added(taps: Tensor, stride: int) -> Tensor:
    """The sum of the taps of 3 x 3 kernels, each moved to its place.

    Args:
        taps: float32 [n, 9, S, S], every pixel times every tap.
        stride: 1, a convolution; 2, a transposed one, with zeros between pixels.

    Returns:
        float32 [n, 1, S, S], or [n, 1, 2S + 1, 2S + 1].
    """
    side = taps.shape[-1]
    sums = taps.new_zeros(len(taps), 1, stride * (side - 1) + 3, stride * (side - 1) + 3)
    for tap in range(9):
        rows = slice(tap // 3, tap // 3 + stride * (side - 1) + 1, stride)
        columns = slice(tap % 3, tap % 3 + stride * (side - 1) + 1, stride)
        sums[:, 0, rows, columns] += taps[:, tap]
    return sums[:, :, 1:-1, 1:-1] if stride == 1 else sums


def _filtered(maps: Tensor, axis: int) -> Tensor:
    """The low-pass filter 1, 3, 3, 1 over 2 along an axis, which gets one pixel shorter.

    Slices in place of a convolution: which algorithm a library takes for those may change between runs.
    """
    size = maps.shape[axis]
    padded = F.pad(maps, (1, 1) if axis == -1 else (0, 0, 1, 1))
    outer = padded.narrow(axis, 0, size - 1) + padded.narrow(axis, 3, size - 1)
    inner = padded.narrow(axis, 1, size - 1) + padded.narrow(axis, 2, size - 1)
    return (outer + 3 * inner) / 4


def _doubled(maps: Tensor, axis: int) -> Tensor:
    """Twice as large along an axis: zeros between the pixels, then the filter of `_filtered`."""
    size = maps.shape[axis]
    padded = F.pad(maps, (1, 1) if axis == -1 else (0, 0, 1, 1))
    even = padded.narrow(axis, 0, size) + 3 * maps
    odd = 3 * maps + padded.narrow(axis, 2, size)
    return torch.stack([even, odd], dim=axis).flatten(axis - 1, axis) / 4


def _as_photos(colours: Tensor, draws: Counters) -> Tensor:
    """Gives each channel a mean and a deviation drawn as those of photos; uint8."""
    normals = draws.normals("photos", 2, 3)
    statistics = torch.tensor([_PHOTO_MEAN, _PHOTO_DEVIATION], device=draws.device)
    drawn = statistics[..., 0] + normals * statistics[..., 1]
    mean, deviation = drawn[:, 0, :, None, None], drawn[:, 1, :, None, None]
    return (
        (standardised(colours) * deviation + mean).clamp_(0, 1).mul_(255).round_().to(torch.uint8)
    )
