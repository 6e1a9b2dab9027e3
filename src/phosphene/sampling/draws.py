"""What a sampler draws: values, and what an engine must render for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from phosphene.errors import UsageError
from phosphene.sampling.cameras import CameraPolicy
from phosphene.views import MAX_LITERALS, Floats, Ints, Latent, RenderRequest


@dataclass(frozen=True, slots=True)
class ViewGroup:
    """Views of one size and one distribution of cameras.

    A multi-crop method (DINO) has two groups: a few large views of most of the canvas, many small ones
    of little of it.

    Attributes:
        count: views a sample.
        size: pixels a side.
        camera: how their cameras are drawn.
        supersample: samples a pixel and axis, see `RenderRequest`.
    """

    count: int
    size: int
    camera: CameraPolicy = field(default_factory=CameraPolicy)
    supersample: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise UsageError(f"`count` of views must be at least 1, got {self.count}")
        if not 1 <= self.size <= 8192:
            raise UsageError(f"`size` must be 1 to 8192 px, got {self.size}")
        if not 1 <= self.supersample <= 8:
            raise UsageError(f"`supersample` must be 1 to 8, got {self.supersample}")


@dataclass(frozen=True, eq=False)
class Windows:
    """Cameras that look at rendered frames, of one group of views.

    Attributes:
        size: pixels a side of a view.
        cameras: float32 [V, B, 6], see `Camera.matrix`.
        frames: int64 [V], at which of a sample's frames each view looks.
    """

    size: int
    cameras: Floats
    frames: Ints


@dataclass(frozen=True, eq=False)
class Mixture:
    """Which P programs B samples mix, and how.

    Attributes:
        seed: the run's seed, for draws that depend on rendered pixels.
        index: int64 [B], sample indices.
        program: int64 [B, P], index into the selection.
        attempt: int64 [B, P], how many programs each slot drew in vain because of quarantines.
        weights: float32 [B, P], whole multiples of 2**-16 that add up to 1: the share of each part.
        windows: of each group of views, where they look at frames; empty: views are rendered.
    """

    seed: int
    index: Ints
    program: Ints
    attempt: Ints
    weights: Floats
    windows: tuple[Windows, ...]


@dataclass(frozen=True, eq=False)
class Draw(Mixture):
    """What B samples show, each in V views of P programs. What is rendered are the views, or frames at which
    they look: V below is then how many frames a sample has.

    Attributes:
        time, mouse, channels: float32 [V, B, P], float32 [V, B, P, 4], int64 [V, B, P, 4].
        camera: float32 [V, B, 6], shared by the parts of a mix.
        canvas: width and height in canvas pixels, shared by everything.
        literals: float32 [V, B, P, MAX_LITERALS], by how much literals deviate; None: none does.
    """

    time: Floats
    mouse: Floats
    channels: Ints
    camera: Floats
    canvas: tuple[float, float]
    literals: Floats | None = None

    def request(self, ids: Sequence[str], group: ViewGroup, first: int = 0) -> RenderRequest:
        """What an engine must render for one group of views.

        Args:
            ids: the selection's program ids, or what stands for them (`Families.names`).
            group: the views' size; there are `group.count`.
            first: the group's first view.

        Returns:
            `group.count` * B * P views, in this order of axes.
        """
        rows = slice(first, first + group.count)
        shape = self.time[rows].shape
        used, program = np.unique(self.program, return_inverse=True)
        count = int(np.prod(shape))
        cameras = np.broadcast_to(self.camera[rows, :, None], (*shape, 6))
        return RenderRequest(
            tuple(ids[i] for i in used),
            np.broadcast_to(program.reshape(self.program.shape), shape).reshape(count),
            self.time[rows].reshape(count),
            self.mouse[rows].reshape(count, 4),
            self.channels[rows].reshape(count, 4),
            np.tile(np.array(Latent().date, np.float32), (count, 1)),
            np.tile(np.array(self.canvas, np.float32), (count, 1)),
            np.ascontiguousarray(cameras.reshape(count, 6)),
            group.size,
            group.size,
            group.supersample,
            None if self.literals is None else self.literals[rows].reshape(count, MAX_LITERALS),
        )
