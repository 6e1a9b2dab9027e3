"""Brightness and contrast of samples, brought to what photographs have."""

from __future__ import annotations

import torch
from torch import Tensor

from phosphene.augment.colour import MEAN, STD

PHOTO_MEAN = sum(MEAN) / 3
"""Brightness: ImageNet's, over all channels, on 0 … 1."""

PHOTO_SPREAD = sum(STD) / 3
"""Contrast: the channels' standard deviations, their mean."""

MAX_GAIN = 4.0
"""A picture with less than a quarter of the contrast stays the flatter."""


def level(views: Tensor) -> Tensor:
    """Moves and stretches the values of each sample to `PHOTO_MEAN` and `PHOTO_SPREAD`.

    All views and channels of a sample together: what one view has more of than the other stays, and so do
    hues, as far as no value leaves 0 … 255. Many programs are dark or pale, and averages of several are flat;
    this is a picture's "levels" as photographers know them.

    Args:
        views: uint8 [V, B, 3, H, W].

    Returns:
        uint8 of the same shape. A sample's values depend on it alone, and are the same on every device.
    """
    count = views[:, 0].numel()
    # Sums of whole numbers are the same in any order.
    total = views.sum(dim=(0, 2, 3, 4), dtype=torch.int64).double()
    squares = torch.stack([view.int().square_().sum(dim=(1, 2, 3)) for view in views]).sum(0)
    mean = total / count
    spread = (squares.double() / count - mean.square()).clamp_(min=0).sqrt_()
    gain = (PHOTO_SPREAD * 255 / spread.clamp(min=1)).clamp_(max=MAX_GAIN)
    mean, gain = (x.float()[:, None, None, None] for x in (mean, gain))
    levelled = torch.empty_like(views)
    for view, pixels in enumerate(views):
        values = pixels.float().sub_(mean).mul_(gain).add_(PHOTO_MEAN * 255)
        levelled[view] = values.round_().clamp_(0, 255)
    return levelled
