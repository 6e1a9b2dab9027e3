"""Mip levels: a texture's halvings, the same for every engine."""

from __future__ import annotations

import numpy as np

from phosphene.channels.noise import Pixels


def mip_chain(pixels: Pixels) -> list[Pixels]:
    """A picture and its halvings, down to one texel.

    Each level averages 2 x 2 texels of the one before, rounded to the nearest; an odd last row or column is
    dropped. OpenGL 4.6, section 8.14.4, leaves the filter open, and drivers' differ: Mesa's rounds down, so that
    the last level of a photo is up to four of 255 darker. All engines upload these.

    Args:
        pixels: uint8 [H, W, 4].

    Returns:
        The levels, uint8 [H >> l, W >> l, 4], no side less than 1.
    """
    levels = [pixels]
    while max(levels[-1].shape[:2]) > 1:
        levels.append(_half(levels[-1]))
    return levels


def _half(level: Pixels) -> Pixels:
    height, width = (max(1, side // 2) for side in level.shape[:2])
    rows = np.minimum(2 * np.arange(height)[:, None] + (0, 1), level.shape[0] - 1)
    columns = np.minimum(2 * np.arange(width)[:, None] + (0, 1), level.shape[1] - 1)
    blocks = level[rows][:, :, columns].astype(np.uint16)  # [height, 2, width, 2, 4]
    return np.asarray((blocks.sum((1, 3)) + 2) // 4, np.uint8)
