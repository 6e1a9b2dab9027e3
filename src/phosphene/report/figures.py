"""The pictures of a report: curves as SVG, filters as PNG. Nothing here renders programs."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def curve(series: Mapping[str, Sequence[tuple[float, float]]], x: str, y: str) -> str:
    """Lines over a common axis, as an SVG element.

    Args:
        series: name → (x, y) points.
        x, y: what the axes show.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 2.8), layout="constrained")
    axes = figure.add_subplot()
    for name, points in series.items():
        axes.plot(*zip(*points, strict=True), label=name, linewidth=1.2)
    axes.set(xlabel=x, ylabel=y)
    axes.spines[["top", "right"]].set_visible(False)
    if len(series) > 1:
        axes.legend(frameon=False)
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def filter_sheet(weights: Floats, columns: int = 16, scale: int = 4) -> bytes:
    """The filters of a first convolution as a PNG, each stretched to its own range.

    Args:
        weights: float32 [N, 3, h, w].
        columns: filters a row.
        scale: pixels a weight.

    Raises:
        ValueError: where the weights are not of colour images.
    """
    from PIL import Image

    if weights.ndim != 4 or weights.shape[1] != 3:
        raise ValueError(f"`weights` must have the shape [N, 3, h, w], got {weights.shape}")
    low = weights.min(axis=(1, 2, 3), keepdims=True)
    high = weights.max(axis=(1, 2, 3), keepdims=True)
    tiles = ((weights - low) / np.maximum(high - low, 1e-12) * 255).astype(np.uint8)
    tiles = tiles.transpose(0, 2, 3, 1).repeat(scale, axis=1).repeat(scale, axis=2)
    count, height, width, _ = tiles.shape
    rows, gap = -(-count // columns), 2
    sheet = np.full((rows * (height + gap), columns * (width + gap), 3), 255, np.uint8)
    for i, tile in enumerate(tiles):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        sheet[top : top + height, left : left + width] = tile
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "PNG")
    return buffer.getvalue()


def first_filters(weights: Mapping[str, Any]) -> Floats | None:
    """The first convolution that sees colours among named weights; None where there is none."""
    for name in weights:
        value = np.asarray(weights[name])
        if value.ndim == 4 and value.shape[1] == 3 and value.shape[2] > 1:
            return value.astype(np.float32)
    return None
