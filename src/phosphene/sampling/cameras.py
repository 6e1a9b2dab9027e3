"""Cameras drawn at random: the geometric half of data augmentation, rendered instead of cropped."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from phosphene import seeds
from phosphene.errors import UsageError
from phosphene.views import Floats, Ints

_TRIES = 10
"""As in torchvision: so many windows are drawn until one lies on the canvas."""

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CameraPolicy:
    """The distribution of cameras.

    A window of the canvas as in torchvision's `RandomResizedCrop` (Szegedy et al. 2015): its area is
    uniform in `scale`, the logarithm of its aspect ratio uniform in `ratio`, its place uniform. Then it
    is turned and mirrored.

    Attributes:
        scale: least and greatest area, as shares of the canvas. Above 1 only with `beyond`.
        ratio: least and greatest width / height, in canvas pixels.
        flip: probability of left-right mirroring.
        rotation: greatest turn to either side, degrees.
        beyond: whether a window may be larger than the canvas or taller or wider than it. A program
            is defined there too, but few authors looked. A larger window holds the whole canvas.
    """

    scale: tuple[float, float] = (0.08, 1.0)
    ratio: tuple[float, float] = (3 / 4, 4 / 3)
    flip: float = 0.5
    rotation: float = 0.0
    beyond: bool = False

    def __post_init__(self) -> None:
        low, high = self.scale
        if not 0 < low <= high or (high > 1 and not self.beyond):
            raise UsageError(
                f"`scale` must be 0 < least <= greatest <= 1 (more with `beyond`), got {self.scale}"
            )
        if not 0 < self.ratio[0] <= self.ratio[1]:
            raise UsageError(f"`ratio` must be 0 < least <= greatest, got {self.ratio}")
        if not 0 <= self.flip <= 1:
            raise UsageError(f"`flip` must be in 0 … 1, got {self.flip}")
        if not 0 <= self.rotation <= 180:
            raise UsageError(f"`rotation` must be in 0 … 180 degrees, got {self.rotation}")

    @classmethod
    def still(cls) -> CameraPolicy:
        """The same window every time: the largest square in the middle of the canvas."""
        return cls(scale=(1.0, 1.0), ratio=(1.0, 1.0), flip=0.0)

    def draw(self, canvas: tuple[float, float], seed: int, index: Ints, view: int) -> Floats:
        """The cameras of one view of B samples.

        Args:
            canvas: width and height, canvas pixels.
            seed: the run's seed.
            index: int64 [B], sample indices.
            view: which view of the sample.

        Returns:
            float32 [B, 6], see `Camera.matrix`.
        """
        drawn = np.zeros(1, np.int64) if self._fixed else index
        numbers = seeds.uniforms(seed, "camera", drawn, view, n=2 * _TRIES + 4)
        aspect = canvas[0] / canvas[1]
        width, height, found = self._windows(numbers[:, : 2 * _TRIES], aspect)
        place = np.where(found[:, None], numbers[:, -4:-2], 0.5) - 0.5
        centre_x = 0.5 + place[:, 0] * np.abs(1 - width)
        centre_y = 0.5 + place[:, 1] * np.abs(1 - height)
        angle = np.deg2rad((2 * numbers[:, -2] - 1) * self.rotation)
        width = np.where(numbers[:, -1] < self.flip, -width, width)
        cameras = _matrix(centre_x, centre_y, width, height, angle, aspect)
        return np.repeat(cameras, len(index), axis=0) if self._fixed else cameras

    @property
    def _fixed(self) -> bool:
        """Whether every draw is the same: as much of the canvas as there is."""
        one = self.scale == (1.0, 1.0) and self.ratio[0] == self.ratio[1]
        return one and not (self.flip or self.rotation or self.beyond)

    def _windows(
        self, numbers: Doubles, aspect: float
    ) -> tuple[Doubles, Doubles, npt.NDArray[np.bool_]]:
        """Width, height (shares of the canvas) and whether a try fitted, [B] each.

        Args:
            numbers: float64 [B, 2 * tries], uniform.
            aspect: width / height of the canvas.
        """
        area = self.scale[0] + numbers[:, :_TRIES] * (self.scale[1] - self.scale[0])
        low, high = math.log(self.ratio[0]), math.log(self.ratio[1])
        ratio = np.exp(low + numbers[:, _TRIES:] * (high - low)) / aspect
        width, height = np.sqrt(area * ratio), np.sqrt(area / ratio)
        fits = np.ones_like(area, bool) if self.beyond else (width <= 1) & (height <= 1)
        rows, first = np.arange(len(numbers)), fits.argmax(axis=1)
        found = fits[rows, first]
        # None fits: as much of the canvas as the aspect ratios allow, in its middle.
        whole = min(max(aspect, self.ratio[0]), self.ratio[1]) / aspect
        return (
            np.where(found, width[rows, first], min(1.0, whole)),
            np.where(found, height[rows, first], min(1.0, 1.0 / whole)),
            found,
        )


def _matrix(
    centre_x: Doubles,
    centre_y: Doubles,
    width: Doubles,
    height: Doubles,
    angle: Doubles,
    aspect: float,
) -> Floats:
    """`Camera.crop(…).matrix()` of many windows; a negative width mirrors. float32 [B, 6]."""
    cos, sin = np.cos(angle), np.sin(angle)
    xu, xv = width * cos, -height * sin / aspect
    yu, yv = width * sin * aspect, height * cos
    x0, y0 = centre_x - (xu + xv) / 2, centre_y - (yu + yv) / 2
    return np.stack([xu, xv, x0, yu, yv, y0], axis=-1).astype(np.float32)
