"""A batch's views as a network's input: colour operations, normalisation, order of memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from phosphene.augment import operations
from phosphene.augment.policy import ColourPolicy, ColourSettings
from phosphene.augment.work import Work
from phosphene.errors import UsageError

MEAN = (0.485, 0.456, 0.406)
"""Of each channel, on 0 … 1: ImageNet's, because timm's models expect it."""
STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class ColourAugment:
    """Augments batches. What sample n gets depends on (seed, n, view) alone.

    Attributes:
        policies: of each view in turn; the last one also for the views after it.
        seed: the run's seed.
        mean, std: of each channel on 0 … 1, for normalisation.
        kernel: size of the blur as a share of the picture's height (SimCLR: a tenth).
        dtype: of the result; the work is done in float32.
    """

    policies: Sequence[ColourPolicy]
    seed: int = 0
    mean: tuple[float, float, float] = MEAN
    std: tuple[float, float, float] = STD
    kernel: float = 0.1
    dtype: torch.dtype = torch.float32

    def __post_init__(self) -> None:
        if not self.policies:
            raise UsageError("`policies` must hold at least one ColourPolicy")
        if not 0 <= self.kernel <= 1:
            raise UsageError(f"`kernel` must be in 0 … 1, got {self.kernel}")

    def __call__(self, views: Tensor, index: Tensor, first: int = 0) -> Tensor:
        """Augments and normalises one group of views.

        Args:
            views: uint8 [V, B, 3, H, W] on any device.
            index: int64 [B] on the CPU, sample numbers (`Batch.index`).
            first: number of the first of the views among all of the sample's.

        Returns:
            `dtype` [V, B, 3, H, W] on the device; `flatten(0, 1)` is a batch in channels-last order
            of memory.
        """
        count = len(views)
        policies = [self.policies[min(first + v, len(self.policies) - 1)] for v in range(count)]
        settings = ColourSettings.draw(policies, self.seed, index.numpy(), first)
        pixels = recolour(views.flatten(0, 1).float() / 255, settings, self.kernel)
        normalised = self._normalise(pixels).to(self.dtype, memory_format=torch.channels_last)
        return normalised.view(count, -1, *views.shape[2:])

    def _normalise(self, pixels: Tensor) -> Tensor:
        """In place, and channel by channel, so that no constant has to be sent."""
        for channel, (mean, std) in enumerate(zip(self.mean, self.std, strict=True)):
            pixels[:, channel].sub_(mean).div_(std)
        return pixels


def recolour(pixels: Tensor, settings: ColourSettings, kernel: float = 0.1) -> Tensor:
    """Applies drawn settings.

    Args:
        pixels: float32 [N, 3, H, W] in 0 … 1.
        settings: of the N pictures.
        kernel: size of the blur as a share of H.

    Returns:
        float32 [N, 3, H, W] in 0 … 1, apart from `pixels`.
    """
    work = Work.send(settings, int(kernel * pixels.shape[-2]) | 1, pixels.device)
    pixels = pixels if work.shares else pixels.clone()  # some of what follows works in place
    for shares, (rows, turns) in zip(work.shares, work.turns, strict=True):
        pixels = operations.blend(pixels, *shares)
        _on_some(pixels, rows, partial(operations.turn_hue, turn=turns))
    _on_some(pixels, work.grey, lambda p: operations.grey(p).expand_as(p))
    _on_some(pixels, work.blur, lambda p: operations.blur(p, work.kernels))
    _on_some(pixels, work.solarise, operations.solarise)
    return pixels


def _on_some(pixels: Tensor, rows: Tensor, change: Callable[[Tensor], Tensor]) -> None:
    """Changes some pictures in place."""
    if len(rows):
        pixels.index_copy_(0, rows, change(pixels.index_select(0, rows)))
