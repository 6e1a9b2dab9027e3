"""MixUp: a convex combination of pictures."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from phosphene.errors import UsageError
from phosphene.mixing.mixer import Mixed
from phosphene.sampling import Mixture

_SHIFT = 16
_CHUNK = 1 << 26
"""Values of a picture worked on at once: bounds the memory of the 32-bit sums to 256 MiB."""


@dataclass(frozen=True, slots=True)
class MixUp:
    """A convex combination of n pictures with Dirichlet(1) weights; n = 1 leaves pictures alone.

    Source: Zhang et al. 2018 for two; Baradad et al. 2022 for six, in 8-bit pixel space.

    Attributes:
        parts: pictures a sample.
        contrast: whether the contrast that averaging takes is given back: deviations from each channel's
            mean are divided by the length of the vector of weights, as if the parts had equal contrast and
            nothing in common.
    """

    parts: int = 1
    contrast: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.parts <= 64:
            raise UsageError(f"`mix` must be 1 to 64 programs a sample, got {self.parts}")

    def __call__(self, pixels: Tensor, draw: Mixture) -> Mixed:
        """See `Mixer.__call__`."""
        weights = torch.from_numpy(draw.weights).to(pixels.device, non_blocking=True)
        if self.parts == 1:
            return Mixed(pixels.squeeze(2), weights)
        mixed = blend(pixels, weights)
        return Mixed(restore(mixed, weights) if self.contrast else mixed, weights)


def blend(pixels: Tensor, weights: Tensor) -> Tensor:
    """The weighted mean of the parts, rounded to the nearest whole value (halves go up).

    Args:
        pixels: uint8 [V, B, P, 3, H, W].
        weights: float32 [B, P], whole multiples of 2**-16.

    Returns:
        uint8 [V, B, 3, H, W].
    """
    shares = (weights * (1 << _SHIFT)).to(torch.int32)[:, :, None, None, None]
    views, batch, parts = pixels.shape[:3]
    mixed = torch.empty((views, batch, *pixels.shape[3:]), dtype=torch.uint8, device=pixels.device)
    step = max(1, _CHUNK // max(1, mixed[0, :1].numel()))
    for view in range(views):
        for start in range(0, batch, step):
            rows = slice(start, start + step)
            total = torch.full_like(mixed[view, rows], 1 << (_SHIFT - 1), dtype=torch.int32)
            for part in range(parts):
                total += pixels[view, rows, part] * shares[rows, part]
            mixed[view, rows] = total >> _SHIFT
    return mixed


def restore(mixed: Tensor, weights: Tensor) -> Tensor:
    """Deviations from each channel's mean, divided by the length of the weights.

    Args:
        mixed: uint8 [V, B, 3, H, W].
        weights: float32 [B, P], that add up to 1.

    Returns:
        uint8 [V, B, 3, H, W].
    """
    gain = 1 / weights.double().square().sum(1).sqrt()
    total = mixed.sum(dim=(3, 4), dtype=torch.int64)  # of whole numbers: the same in any order
    mean = (total.double() / mixed[0, 0, 0].numel()).float()[..., None, None]
    restored = torch.empty_like(mixed)
    for view, pixels in enumerate(mixed):
        values = pixels.float().sub_(mean[view]).mul_(gain.float()[:, None, None, None])
        restored[view] = values.add_(mean[view]).round_().clamp_(0, 255)
    return restored
