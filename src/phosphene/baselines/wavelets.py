"""The 3 x 3 filters of the oriented StyleGAN: edges and lines in eight directions, and a few spots.

Source: Baradad et al.: *Learning to See by Looking at Noise*, NeurIPS 2021, and the description of its
generator `network_randomized_v3` (github.com/mbaradad/learning_with_noise).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_DIRECTIONS = 8
_FINE = 32
"""Points a pixel and axis at which a profile is averaged."""


def bank() -> Tensor:
    """The filters and their negatives, float32 [40, 3, 3]."""
    angles = torch.arange(_DIRECTIONS) * (math.pi / _DIRECTIONS)
    edge = _oriented(angles, width=0.5, inside=0.0, left=1.0, right=-1.0)
    line = _oriented(angles, width=0.5, inside=-1.0, left=1.0, right=1.0)
    spot = torch.zeros(3, 3)
    spot[1, 1] = 1
    surround = 2 * spot - 1
    cross = torch.tensor([[0.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 0.0]])
    spots = torch.stack([spot, surround, cross, 2 * cross - 1])
    filters = torch.cat([edge, line, spots])
    return torch.cat([filters, -filters])


def _oriented(angles: Tensor, width: float, inside: float, left: float, right: float) -> Tensor:
    """Step profiles across a line through the middle, turned; each pixel's mean, then without mean.

    Args:
        angles: float32 [n], of the profile's direction.
        width: half the line's width, pixels.
        inside, left, right: values on the line and to either side.

    Returns:
        float32 [n, 3, 3].
    """
    fine = (torch.arange(3 * _FINE) + 0.5) / _FINE - 1.5
    y, x = torch.meshgrid(fine, fine, indexing="ij")
    across = x * torch.cos(angles)[:, None, None] + y * torch.sin(angles)[:, None, None]
    values = torch.where(across > width, right, torch.where(across < -width, left, inside))
    pixels = values.reshape(len(angles), 3, _FINE, 3, _FINE).mean(dim=(2, 4))
    return pixels - pixels.mean(dim=(1, 2), keepdim=True)
