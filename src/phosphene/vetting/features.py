"""A fixed feature space for pictures: what they look like, without a network that has seen any.

No weights can be presumed where nothing was learned yet, so the space is made of three hand-made views
of a picture: which colours it has (a histogram of RGB), how its edges run (histograms of gradients after
Dalal and Triggs, CVPR 2005), and how a small random convolutional network answers (Jarrett et al., *What
is the best multi-stage architecture for object recognition?*, ICCV 2009: random filters with
rectification and pooling come close to learned ones on small sets). NumPy alone: vetting stays light.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from phosphene import seeds

Pictures = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

SIDE = 48
"""Pictures are brought to about this many pixels a side: layout and texture, not single pixels."""

_LEAST = 16
"""Smaller pictures are enlarged to this many pixels a side, for the filters to fit in."""

_NODES = 5
"""Of the colour histogram along each channel; a pixel counts for the eight nodes around it."""

_ANGLES = 8
_STEEP = (0.02, 0.06, 0.18)
"""Gradients below the first (of 0 … 1 a pixel) are flat; the others are told apart by steepness."""

_FIRST, _SECOND = 32, 64
"""Filters of the two random layers, of 5 x 5 and 3 x 3 pixels."""

_SEED = 20260
_CELLS = 2
"""Edges and answers are pooled over so many by so many parts of the picture."""

LENGTH = _NODES**3 + 2 * _CELLS**2 * (1 + _ANGLES * len(_STEEP)) + (_CELLS**2 * _SECOND)
"""D, the number of features."""


def features(frames: Pictures) -> Floats:
    """Where pictures lie in the feature space.

    Each of the three parts has length 1 / sqrt(3), so that a picture has length 1 and the scalar product
    of two pictures lies in 0 … 1. Histograms enter as square roots: their product is Bhattacharyya's.

    Args:
        frames: uint8 [F, 3, H, W].

    Returns:
        float32 [F, LENGTH].
    """
    small = _shrunk(frames)
    grey = small @ np.array([0.299, 0.587, 0.114], np.float32)
    parts = (
        np.sqrt(_colours(small)),
        np.sqrt(np.concatenate([_edges(grey), _edges(_halved(grey[..., None])[..., 0])], axis=1)),
        np.sqrt(_answers(small)),
    )
    lengths = [np.maximum(np.linalg.norm(p, axis=1, keepdims=True), 1e-6) for p in parts]
    scaled = [p / length for p, length in zip(parts, lengths, strict=True)]
    joined: Floats = (np.concatenate(scaled, axis=1) / np.sqrt(len(parts))).astype(np.float32)
    return joined


def _shrunk(frames: Pictures) -> Floats:
    """float32 [F, S, S', 3], 0 … 1: means over squares, so that at least `SIDE` pixels are left."""
    if (least := min(frames.shape[2:])) < _LEAST:
        frames = frames.repeat(-(-_LEAST // least), axis=2).repeat(-(-_LEAST // least), axis=3)
    step = max(1, min(frames.shape[2:]) // SIDE)
    height, width = (side // step * step for side in frames.shape[2:])
    cut = frames[:, :, :height, :width].astype(np.float32)
    squares = cut.reshape(len(cut), 3, height // step, step, width // step, step)
    means: Floats = squares.mean(axis=(3, 5)).transpose(0, 2, 3, 1) / np.float32(255.0)
    return np.ascontiguousarray(means)


def _halved(pictures: Floats) -> Floats:
    """Means over 2 x 2 pixels. float32 [F, H, W, C] → [F, H // 2, W // 2, C]."""
    count, height, width, channels = pictures.shape
    cut = pictures[:, : height // 2 * 2, : width // 2 * 2]
    squares = cut.reshape(count, height // 2, 2, width // 2, 2, channels)
    halved: Floats = squares.mean(axis=(2, 4))
    return halved


def _colours(pictures: Floats) -> Floats:
    """Shares of the nodes of a grid over RGB, with trilinear weights. float32 [F, nodes**3]."""
    count = len(pictures)
    place = pictures.reshape(count, -1, 3) * np.float32(_NODES - 1)
    low = np.minimum(np.floor(place), _NODES - 2)
    rest = place - low
    base = low.astype(np.int64) @ np.array([_NODES * _NODES, _NODES, 1])
    base += np.arange(count)[:, None] * _NODES**3
    shares = np.zeros(count * _NODES**3)
    for corner in np.ndindex(2, 2, 2):
        weight = np.prod(np.where(corner, rest, 1 - rest), axis=2)
        index = base + (corner[0] * _NODES + corner[1]) * _NODES + corner[2]
        shares += np.bincount(index.ravel(), weight.ravel(), len(shares))
    found: Floats = (shares.reshape(count, -1) / place.shape[1]).astype(np.float32)
    return found


def _edges(grey: Floats) -> Floats:
    """For each cell, shares of flat pixels and of edges by direction and steepness. [F, cells * bins]."""
    across = grey[:, 1:-1, 2:] - grey[:, 1:-1, :-2]
    down = grey[:, 2:, 1:-1] - grey[:, :-2, 1:-1]
    steepness = np.searchsorted(_STEEP, 0.5 * np.hypot(across, down))
    turn = np.arctan2(down, across) / np.pi  # a direction and its opposite are one edge
    angle = np.floor(turn * _ANGLES + 0.5).astype(np.int64) % _ANGLES
    bins = 1 + _ANGLES * len(_STEEP)
    kind = np.where(steepness == 0, 0, 1 + angle + _ANGLES * (steepness - 1))
    index = (np.arange(len(grey))[:, None, None] * _CELLS**2 + _cells(*kind.shape[1:])) * bins
    counts = np.bincount((index + kind).ravel(), minlength=len(grey) * _CELLS**2 * bins)
    found: Floats = (counts.reshape(len(grey), -1) / kind[0].size).astype(np.float32)
    return found


def _cells(height: int, width: int) -> npt.NDArray[np.int64]:
    """Which part of the picture each pixel belongs to, int64 [H, W]."""
    down, along = np.arange(height) * _CELLS // height, np.arange(width) * _CELLS // width
    cells: npt.NDArray[np.int64] = down[:, None] * _CELLS + along
    return cells


def _answers(pictures: Floats) -> Floats:
    """Mean rectified answers of the second layer in each cell, float32 [F, cells * filters]."""
    first, second = _filters()
    hidden = _halved(np.maximum(_windows(pictures, 5, 1) @ first, 0))
    hidden -= hidden.mean(axis=(1, 2), keepdims=True)  # what stands out, not how bright it is
    answers = np.maximum(_windows(hidden, 3, 2) @ second, 0)
    cells = _cells(*answers.shape[1:3]).ravel()
    flat = answers.reshape(len(answers), -1, _SECOND)
    pooled = [flat[:, cells == cell].mean(axis=1) for cell in range(_CELLS**2)]
    return np.concatenate(pooled, axis=1)


def _windows(pictures: Floats, side: int, step: int) -> Floats:
    """All windows of a side as rows, float32 [F, H', W', side * side * C]."""
    views = np.lib.stride_tricks.sliding_window_view(pictures, (side, side), axis=(1, 2))
    chosen = views[:, ::step, ::step]
    return np.ascontiguousarray(chosen).reshape(*chosen.shape[:3], -1)


@cache
def _filters() -> tuple[Floats, Floats]:
    """Random filters of the two layers, [fan-in, filters], each without a mean and of length 1."""
    made = []
    for layer, (fan_in, count) in enumerate(((5 * 5 * 3, _FIRST), (3 * 3 * _FIRST, _SECOND))):
        pairs = seeds.uniforms(_SEED, f"features/{layer}", np.arange(fan_in), n=2 * count)
        # Box and Muller's normal numbers.
        radius = np.sqrt(-2.0 * np.log1p(-pairs[:, :count]))
        normal = radius * np.cos(2.0 * np.pi * pairs[:, count:])
        normal -= normal.mean(axis=0)
        made.append((normal / np.linalg.norm(normal, axis=0)).astype(np.float32))
    return made[0], made[1]
