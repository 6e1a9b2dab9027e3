"""One picture that holds all views of a task, so that a task is read back once."""

from __future__ import annotations

from typing import Any

import moderngl
import numpy as np
import numpy.typing as npt

from phosphene.engines.opengl.fragment import RESOLVE, VERTEX
from phosphene.errors import EngineError
from phosphene.views import Floats

_GRAIN = 16
"""Tiles begin at multiples of this many pixels: derivatives are taken over 2 x 2 blocks of the window and
llvmpipe shades 4 x 4 blocks, so every tile meets the same blocks wherever it lies."""


SIDE = 8192
"""Pixels a side of the largest picture."""


def capacity(width: int, height: int) -> int:
    """How many views of a size the largest picture holds, at least one."""
    return max(1, SIDE // _rounded(width)) * max(1, SIDE // _rounded(height))


class Atlas:
    """Tiles of one size: 8-bit colour, and sums of samples in float where views are supersampled."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._limit = min(int(context.info["GL_MAX_TEXTURE_SIZE"]), SIDE)
        self._shown: Any = None
        self._summed: Any = None
        resolve = context.program(vertex_shader=VERTEX, fragment_shader=RESOLVE)
        self._share = resolve["ph_Share"]
        self._resolve = context.vertex_array(resolve, [])
        self._count = self._columns = self._samples = 0
        self._tile = self._pitch = self._extent = (0, 0)

    def begin(self, count: int, width: int, height: int, supersample: int) -> None:
        """Prepares black tiles for `count` views.

        Raises:
            EngineError: where the device cannot hold so many.
        """
        self._count, self._samples = count, supersample**2
        self._tile = width, height
        self._pitch = _rounded(width), _rounded(height)
        most = max(1, self._limit // self._pitch[0])
        self._columns = min(most, max(1, int(np.ceil(np.sqrt(count)))))
        rows = -(-count // self._columns)
        self._extent = self._columns * self._pitch[0], rows * self._pitch[1]
        if max(self._extent) > max(self._limit, *self._pitch):
            raise EngineError(f"{count} views of {width} x {height} px do not fit on the device")
        self._shown = self._target(self._shown, "f1")
        if self._samples > 1:
            self._summed = self._target(self._summed, "f4")
        target = self._drawn_to
        target.use()
        target.clear(viewport=(0, 0, *self._extent))  # the texture may be far larger

    @property
    def _drawn_to(self) -> Any:
        return self._summed if self._samples > 1 else self._shown

    def _target(self, kept: Any, kind: str) -> Any:
        """A framebuffer of at least the extent: the one that is there, or a larger one."""
        width, height = self._extent
        if kept is not None:
            if kept.width >= width and kept.height >= height:
                return kept
            width, height = max(width, kept.width), max(height, kept.height)
            for texture in kept.color_attachments:
                texture.release()
            kept.release()
        texture = self._context.texture((width, height), 4, dtype=kind)
        return self._context.framebuffer([texture])

    def corner(self, view: int) -> tuple[int, int]:
        """Window position of a view's lower left corner, pixels."""
        return (view % self._columns) * self._pitch[0], (view // self._columns) * self._pitch[1]

    def aim(self, view: int) -> None:
        """Draws go to a view's tile and nowhere else."""
        target = self._drawn_to
        target.viewport = target.scissor = (*self.corner(view), *self._tile)

    def read(self, pixels: npt.NDArray[np.uint8], undefined: Floats) -> None:
        """Reads all tiles back at once.

        Args:
            pixels: uint8 [V, 3, H, W]; written, row 0 the top.
            undefined: float32 [V]; written: the share of pixels that are not a number.
        """
        if self._samples > 1:
            self._average()
        width, height = self._extent
        raw = np.empty((height, width, 4), np.uint8)
        self._shown.read_into(raw, viewport=(0, 0, width, height), components=4, alignment=1)
        w, h = self._tile
        for view in range(self._count):
            x, y = self.corner(view)
            tile = raw[y : y + h, x : x + w][::-1]
            pixels[view] = tile[:, :, :3].transpose(2, 0, 1)
            flagged = tile[:, :, 3]
            undefined[view] = flagged.mean() / 255.0 if flagged.any() else 0.0

    def _average(self) -> None:
        self._context.enable_only(moderngl.NOTHING)
        self._shown.use()
        self._shown.viewport = self._shown.scissor = (0, 0, *self._extent)
        self._summed.color_attachments[0].use(0)
        self._share.value = 1.0 / self._samples
        self._resolve.render(vertices=3)


def _rounded(size: int) -> int:
    return -(-size // _GRAIN) * _GRAIN
