"""What is asked of an engine and what it gives back.

A *frame* is a program at a latent on a canvas; a *view* is a frame seen by a camera at an output size.
A `RenderRequest` holds many views as arrays, because a batch has thousands of them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from phosphene.errors import UsageError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

MAX_LITERALS = 64
"""Literals that can vary in a program; 97 of 100 real programs have no more, their median is 12."""

DEFAULT_STRENGTH, MAX_STRENGTH = 0.3, 1.0
"""How far literals deviate (`deviations`): up to 1.35 times as large or as small, at most 2.7 times."""


@dataclass(frozen=True, slots=True)
class Latent:
    """What varies inside one program.

    Attributes:
        time: seconds since the program began.
        mouse: x, y of the pointer as shares of the canvas, origin at the lower left; then 1.0 or 0.0
            for a button that is down, and for one that went down in this frame.
        channels: which variant of the stand-in is bound to each sampler; 0 is the usual one.
        date: year, month (from 0), day, seconds since midnight.
        literals: by how much of itself each literal of a lifted module deviates (0.1: a tenth more), at
            most MAX_LITERALS; those left out do not. Modules that are not lifted ignore them.
    """

    time: float = 0.0
    mouse: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    channels: tuple[int, int, int, int] = (0, 0, 0, 0)
    date: tuple[float, float, float, float] = (2024.0, 5.0, 15.0, 43200.0)
    literals: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Camera:
    """The affine map from the output to the canvas, both in the unit square, origin lower left, y up.

    A point (u, v) of the output shows the canvas at (xu * u + xv * v + x0, yu * u + yv * v + y0).
    Shares of the canvas are of its own width and height: a rotation that keeps shapes on a canvas that
    is not square is made by `Camera.crop(…, aspect=width / height)`.
    """

    xu: float = 1.0
    xv: float = 0.0
    x0: float = 0.0
    yu: float = 0.0
    yv: float = 1.0
    y0: float = 0.0

    @classmethod
    def crop(
        cls,
        centre: tuple[float, float] = (0.5, 0.5),
        width: float = 1.0,
        height: float = 1.0,
        angle: float = 0.0,
        flip: bool = False,
        aspect: float = 1.0,
    ) -> Camera:
        """A window of the canvas.

        Args:
            centre: the window's middle, shares of the canvas.
            width, height: the window's size, shares of the canvas (0.5: zoomed in twice).
            angle: counter-clockwise turn of the window, radians.
            flip: mirrored left to right.
            aspect: width / height of the canvas, so that turning keeps right angles.
        """
        cos, sin = math.cos(angle), math.sin(angle)
        w = -width if flip else width
        xu, xv = w * cos, -height * sin / aspect
        yu, yv = w * sin * aspect, height * cos
        cx, cy = centre
        return cls(xu, xv, cx - (xu + xv) / 2, yu, yv, cy - (yu + yv) / 2)

    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """xu, xv, x0, yu, yv, y0."""
        return (self.xu, self.xv, self.x0, self.yu, self.yv, self.y0)


@dataclass(frozen=True, slots=True)
class View:
    """A program (by id) at a latent on a canvas (width, height in canvas pixels), through a camera."""

    program: str
    latent: Latent = Latent()
    canvas: tuple[float, float] = (256.0, 256.0)
    camera: Camera = Camera()


@dataclass(frozen=True)
class RenderRequest:
    """Many views of one output size, as arrays over V views.

    Attributes:
        programs: the distinct program ids.
        program: int64 [V], index into `programs`.
        time: float32 [V], seconds.
        mouse: float32 [V, 4], see `Latent.mouse`.
        channels: int64 [V, 4], see `Latent.channels`.
        date: float32 [V, 4].
        canvas: float32 [V, 2], width and height: the program's iResolution.
        camera: float32 [V, 6], see `Camera.matrix`.
        width, height: output size in pixels.
        supersample: samples a pixel and axis; n² samples are averaged before rounding to 8 bits.
        literals: float32 [V, MAX_LITERALS], see `Latent.literals`; None: nothing deviates.
    """

    programs: tuple[str, ...]
    program: Ints
    time: Floats
    mouse: Floats
    channels: Ints
    date: Floats
    canvas: Floats
    camera: Floats
    width: int
    height: int
    supersample: int = 1
    literals: Floats | None = None

    def __post_init__(self) -> None:
        v = len(self.program)
        shapes = {"time": (v,), "mouse": (v, 4), "channels": (v, 4), "date": (v, 4)}
        shapes |= {"canvas": (v, 2), "camera": (v, 6)}
        if self.literals is not None:
            shapes["literals"] = (v, MAX_LITERALS)
        for name, shape in shapes.items():
            got = getattr(self, name).shape
            if got != shape:
                raise UsageError(f"`{name}` must have the shape {shape}, got {got}")
        if not 1 <= self.width <= 8192 or not 1 <= self.height <= 8192:
            raise UsageError(f"the output must be 1 to 8192 px, got {self.width} x {self.height}")
        if not 1 <= self.supersample <= 8:
            raise UsageError(f"`supersample` must be 1 to 8, got {self.supersample}")

    def __len__(self) -> int:
        return len(self.program)

    @classmethod
    def of(
        cls, views: Sequence[View], width: int, height: int | None = None, supersample: int = 1
    ) -> RenderRequest:
        """The request for a list of views."""
        programs = tuple(dict.fromkeys(view.program for view in views))
        index = {program: i for i, program in enumerate(programs)}
        latents = [view.latent for view in views]

        def rows(values: list[Any], columns: int) -> Floats:
            return np.array(values, np.float32).reshape(len(views), columns)

        return cls(
            programs,
            np.array([index[view.program] for view in views], np.int64),
            np.array([latent.time for latent in latents], np.float32),
            rows([latent.mouse for latent in latents], 4),
            np.array([latent.channels for latent in latents], np.int64).reshape(len(views), 4),
            rows([latent.date for latent in latents], 4),
            rows([view.canvas for view in views], 2),
            rows([view.camera.matrix() for view in views], 6),
            width,
            height if height is not None else width,
            supersample,
            _literals(latents),
        )

    def take(self, rows: npt.NDArray[np.integer]) -> RenderRequest:
        """The request for some of the views, in the order given; unused programs are dropped."""
        used, program = np.unique(self.program[rows], return_inverse=True)
        return RenderRequest(
            tuple(self.programs[i] for i in used),
            program.astype(np.int64),
            self.time[rows],
            self.mouse[rows],
            self.channels[rows],
            self.date[rows],
            self.canvas[rows],
            self.camera[rows],
            self.width,
            self.height,
            self.supersample,
            None if self.literals is None else self.literals[rows],
        )


def deviations(uniforms: npt.NDArray[np.float64], strength: npt.NDArray[np.float64]) -> Floats:
    """By how much of themselves literals deviate.

    A literal is multiplied by exp(s), s uniform in -strength … strength: as often enlarged as made
    smaller, never turned round, and bounded.

    Args:
        uniforms: float64 [..., MAX_LITERALS], in [0, 1).
        strength: float64 [...].

    Returns:
        float32 [..., MAX_LITERALS]; zeros where the strength is 0.
    """
    return np.expm1(strength[..., None] * (2.0 * uniforms - 1.0)).astype(np.float32)


def _literals(latents: Sequence[Latent]) -> Floats | None:
    """The deviations of V latents, filled up with zeros; None where there are none."""
    if not any(latent.literals for latent in latents):
        return None
    rows = np.zeros((len(latents), MAX_LITERALS), np.float32)
    for row, latent in zip(rows, latents, strict=True):
        if len(latent.literals) > MAX_LITERALS:
            raise UsageError(
                f"`literals` must be at most {MAX_LITERALS} numbers, got {len(latent.literals)}"
            )
        row[: len(latent.literals)] = latent.literals
    return rows


@dataclass(frozen=True)
class RenderedBatch:
    """What an engine made of a request.

    Attributes:
        pixels: uint8 [V, 3, H, W], row 0 is the top; a NumPy array, or a torch tensor on a device.
        refused: program id → why it could not be rendered; the rows of its views are zero.
        seconds: program id → seconds that one view took, compilation left out; empty where the engine
            does not measure.
        undefined: float32 [V], the share of a view's pixels that had NaN for a colour (they are black);
            None where the engine does not count.
    """

    pixels: Any
    refused: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    undefined: Floats | None = None
