"""Colour operations on many pictures at once, each with settings of its own.

Pictures are float32 [N, 3, H, W] in 0 … 1. They follow `torchvision.transforms.v2.functional` on floats.
Each step is rounded as it stands in the text (no fused multiply-add, no sum whose order depends on N),
so that a picture has the same values in every batch.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

_GREY_UNIT = 1 << 16


def grey(pixels: Tensor) -> Tensor:
    """Luma of ITU-R BT.601 with torchvision's digits, [N, 1, H, W]."""
    red, green, blue = (pixels[:, c : c + 1] for c in range(3))
    return red * 0.2989 + green * 0.587 + blue * 0.114


def blend(pixels: Tensor, own: Tensor, luma: Tensor, mean: Tensor) -> Tensor:
    """Brightness, contrast or saturation: each is a sum of the picture, its grey, its mean grey.

    Args:
        pixels: the pictures.
        own, luma, mean: float32 [N], the shares of the three. Brightness is (f, 0, 0), contrast
            (f, 0, 1 - f), saturation (f, 1 - f, 0); (1, 0, 0) changes nothing.
    """
    own, luma, mean = (share[:, None, None, None] for share in (own, luma, mean))
    shades = grey(pixels)
    # A sum of whole numbers is the same in any order, a sum of floats is not.
    total = (shades * _GREY_UNIT).round().to(torch.int32).sum(dim=(1, 2, 3), dtype=torch.int64)
    average = (total.double() / (_GREY_UNIT * shades[0].numel())).float()[:, None, None, None]
    return (pixels * own).add_(shades * luma + average * mean).clamp_(0, 1)


def turn_hue(pixels: Tensor, turn: Tensor) -> Tensor:
    """Turns the hue, float32 [N] in circles, in HSV (Smith 1978)."""
    red, green, blue = (pixels[:, c : c + 1] for c in range(3))
    value, low = pixels.amax(dim=1, keepdim=True), pixels.amin(dim=1, keepdim=True)
    chroma = value - low
    width = torch.where(chroma == 0, 1.0, chroma)
    sixths = torch.where(
        value == red,
        (green - blue) / width,
        torch.where(value == green, 2 + (blue - red) / width, 4 + (red - green) / width),
    )
    offsets = torch.arange(5, 0, -2, device=pixels.device)[:, None, None]
    k = sixths + turn[:, None, None, None] * 6 + offsets
    k = k - torch.floor(k / 6) * 6
    return value - chroma * torch.minimum(k, 4 - k).clamp_(0, 1)


def blur(pixels: Tensor, kernel: Tensor) -> Tensor:
    """Blurs along both axes by a kernel a picture, float32 [N, K], K odd; edges are mirrored."""
    count, channels, height, width = pixels.shape
    reach = kernel.shape[1] // 2
    padded = F.pad(pixels, (reach, reach, reach, reach), mode="reflect")
    # Each channel of each picture is a group: a direct sum over the taps, whatever N is.
    flat = padded.reshape(1, count * channels, height + 2 * reach, width + 2 * reach)
    taps = kernel.repeat_interleave(channels, dim=0)[:, None, None, :]
    flat = F.conv2d(flat, taps, groups=count * channels)
    flat = F.conv2d(flat, taps.transpose(2, 3), groups=count * channels)
    return flat.reshape(count, channels, height, width)


def solarise(pixels: Tensor) -> Tensor:
    """Inverts values of at least 0.5."""
    return torch.where(pixels >= 0.5, 1 - pixels, pixels)
