"""Views of finished pictures: what a camera sees of them, in batches on the device.

A program can be drawn anew for every camera; a picture, or a frame of a program, is resampled. The filter is
the one of torchvision's `resized_crop(antialias=True)`: a triangle as wide as a pixel of the view or of the
picture, whichever is wider, over the pixels of the window alone.
"""

from __future__ import annotations

import torch
from torch import Tensor

from phosphene.errors import UsageError
from phosphene.sampling import CameraPolicy, Windows
from phosphene.stream.transfer import Lane

_ROW_BITS, _BETWEEN_BITS, _COLUMN_BITS = 14, 4, 12
"""Weights are whole numbers, so that float32 sums below 2**24 are exact and a view has the same bytes in
every batch: 8 + 14 bits along rows, of which 8 + 4 are kept, plus 12 along columns."""

_CHUNK = 1 << 26
"""Values worked on at once."""


def check_camera(policy: CameraPolicy) -> None:
    """Raises UsageError for cameras that look beyond a picture or turn it."""
    if policy.rotation or policy.beyond:
        raise UsageError(
            "pictures are cropped, not rendered: cameras of a baseline or of frames must have rotation=0 "
            f"and beyond=False, got {policy}"
        )


def cropped(frames: Tensor, windows: Windows, lane: Lane) -> Tensor:
    """A group of views of samples' frames.

    Args:
        frames: uint8 [F, B, 3, S, S] on the lane's device.
        windows: where each view looks.
        lane: brings the cameras there.

    Returns:
        uint8 [V, B, 3, size, size].
    """
    views = [
        look(frames[frame], lane.bring(torch.from_numpy(camera)), windows.size)
        for frame, camera in zip(windows.frames, windows.cameras, strict=True)
    ]
    return torch.stack(views)


def look(pictures: Tensor, cameras: Tensor, size: int) -> Tensor:
    """What cameras see of pictures.

    Args:
        pictures: uint8 [N, 3, S, S].
        cameras: float32 [N, 6], see `Camera.matrix`; not turned.
        size: pixels a side of a view.

    Returns:
        uint8 [N, 3, size, size].
    """
    side = pictures.shape[-1]
    views = torch.empty((len(pictures), 3, size, size), dtype=torch.uint8, device=pictures.device)
    step = max(1, _CHUNK // (3 * side * max(side, size)))
    for start in range(0, len(pictures), step):
        rows = slice(start, start + step)
        camera = cameras[rows].float()
        across = _weights(camera[:, 2], camera[:, 0], side, size, _ROW_BITS)
        # Cameras have the origin at the lower left, rows of a picture are counted from the top.
        top, down = 1 - camera[:, 5] - camera[:, 4], camera[:, 4]
        along = _weights(top, down, side, size, _COLUMN_BITS)
        views[rows] = _resample(pictures[rows], across, along)
    return views


def _resample(pictures: Tensor, across: Tensor, along: Tensor) -> Tensor:
    """Both passes of the filter, weights [N, size, S] each."""
    count, _, side, _ = pictures.shape
    flat = pictures.reshape(count, 3 * side, side).float()
    rows = torch.bmm(flat, across.transpose(1, 2))
    rows = torch.floor(rows * 2.0 ** (_BETWEEN_BITS - _ROW_BITS) + 0.5)
    rows = rows.reshape(count, 3, side, -1)
    seen = torch.matmul(along[:, None], rows)
    return torch.floor(seen * 2.0 ** -(_BETWEEN_BITS + _COLUMN_BITS) + 0.5).to(torch.uint8)


def _weights(start: Tensor, extent: Tensor, side: int, size: int, bits: int) -> Tensor:
    """The shares of a picture's pixels in a view's pixels, along one axis.

    Args:
        start: float32 [N], where the window begins, as a share of the picture.
        extent: float32 [N], how far it goes; negative: to the left, mirrored.
        side: pixels of the picture.
        size: pixels of the view.
        bits: a row of shares adds up to 2**bits.

    Returns:
        float32 [N, size, side], whole numbers.
    """
    step = (extent * side / size)[:, None]
    first = (start * side)[:, None]
    centre = first + step * (torch.arange(size, device=start.device) + 0.5)
    pixels = torch.arange(side, device=start.device) + 0.5
    reach = step.abs().clamp(min=1.0)[:, :, None]
    shares = (1 - (pixels - centre[:, :, None]).abs() / reach).clamp_(min=0)
    low = torch.minimum(first, first + step * size)[:, :, None]
    high = torch.maximum(first, first + step * size)[:, :, None]
    inside = (pixels > low - 1e-6) & (pixels < high + 1e-6)
    inside |= ~inside.any(-1, keepdim=True)  # a window between the centres of two pixels
    shares = shares * inside
    return _whole(shares / shares.sum(-1, keepdim=True), bits)


def _whole(shares: Tensor, bits: int) -> Tensor:
    """Shares in whole multiples of 2**-bits that still add up: differences of rounded sums."""
    bounds = torch.round(torch.cumsum(shares, dim=-1) * 2.0**bits)
    zero = torch.zeros_like(bounds[..., :1])
    return torch.diff(bounds, dim=-1, prepend=zero).float()
