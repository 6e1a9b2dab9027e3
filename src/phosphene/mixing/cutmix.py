"""CutMix: a rectangle of one picture on another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from phosphene import seeds
from phosphene.mixing.mixer import Mixed
from phosphene.sampling import Mixture

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CutMix:
    """A rectangle of the second picture is pasted on the first.

    Its area is uniform in 0 … 1 of the picture, its shape the picture's. All views of a sample have one
    size of rectangle, so they share the labels' weights; each view has a place of its own, or the place
    alone would tell which views belong together. The rectangle lies inside the picture, where the
    original cuts it off at the border: the area that was drawn is then the area that is seen.

    Source: Yun et al., *CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
    Features*, ICCV 2019.
    """

    @property
    def parts(self) -> int:
        """See `Mixer.parts`."""
        return 2

    def __call__(self, pixels: Tensor, draw: Mixture) -> Mixed:
        """See `Mixer.__call__`."""
        views, _, _, _, height, width = pixels.shape
        side = np.sqrt(draw.weights[:, 1].astype(np.float64))
        tall, wide = np.rint(side * height), np.rint(side * width)
        # The height tells apart the groups of a stream, whose views are all counted from 0; groups of one size
        # share their places.
        numbers = [
            seeds.uniforms(draw.seed, "cutmix", draw.index, view, height, n=2)
            for view in range(views)
        ]
        inside = _inside(np.stack(numbers), tall, wide, (height, width), pixels.device)
        mixed = torch.where(inside[:, :, None], pixels[:, :, 1], pixels[:, :, 0])
        share = tall * wide / (height * width)
        weights = torch.from_numpy(np.stack([1.0 - share, share], axis=1).astype(np.float32))
        return Mixed(mixed, weights.to(pixels.device, non_blocking=True))


def _inside(
    numbers: Doubles, tall: Doubles, wide: Doubles, size: tuple[int, int], device: torch.device
) -> Tensor:
    """Which pixels lie in the rectangles, bool [V, B, H, W].

    Args:
        numbers: float64 [V, B, 2], uniform, for their places.
        tall, wide: float64 [B], whole pixels.
        size: the picture's height and width.
        device: where the answer is to lie.
    """
    height, width = size
    top = np.floor(numbers[..., 0] * (height - tall + 1))
    left = np.floor(numbers[..., 1] * (width - wide + 1))
    bounds = np.stack([top, top + tall, left, left + wide]).astype(np.int64)
    first, last, west, east = torch.from_numpy(bounds).to(device, non_blocking=True)[..., None]
    rows, columns = torch.arange(height, device=device), torch.arange(width, device=device)
    down = (rows >= first) & (rows < last)
    along = (columns >= west) & (columns < east)
    inside: Tensor = down[..., :, None] & along[..., None, :]
    return inside
