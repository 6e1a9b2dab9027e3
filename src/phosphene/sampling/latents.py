"""Latents drawn at random: when a program is looked at, where the pointer is, what it reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from phosphene import seeds
from phosphene.errors import UsageError
from phosphene.uniforms import CHANNEL_COUNT, check_time
from phosphene.views import Floats, Ints

_FIRST_CHANNEL = 4  # words before it: time, whether the button is down, the pointer's x and y


class Positives(StrEnum):
    """In what the views of one sample differ."""

    CAMERAS = "cameras"
    """Two cameras look at one frame."""
    LATENTS = "latents"
    """One camera looks at two frames of one program."""
    BOTH = "both"
    """Each view has a camera and a latent of its own."""


@dataclass(frozen=True, slots=True)
class LatentPolicy:
    """The distribution of latents.

    Attributes:
        time: least and greatest time, seconds; uniform between. The default leaves out the first
            second, in which many programs fade in from black.
        mouse: probability that the pointer is pressed somewhere (uniform); else it is untouched, as
            when nobody has clicked yet.
        channel_variants: from so many variants of the stand-in each channel's content is drawn.
    """

    time: tuple[float, float] = (1.0, 61.0)
    mouse: float = 0.0
    channel_variants: int = 1

    def __post_init__(self) -> None:
        if not self.time[0] <= self.time[1]:
            raise UsageError(f"`time` must be least <= greatest, got {self.time}")
        for time in self.time:
            check_time("time", time)
        if not 0 <= self.mouse <= 1:
            raise UsageError(f"`mouse` must be in 0 … 1, got {self.mouse}")
        if self.channel_variants < 1:
            raise UsageError(f"`channel_variants` must be at least 1, got {self.channel_variants}")

    def draw(self, seed: int, index: Ints, part: Ints, view: int) -> tuple[Floats, Floats, Ints]:
        """The latents of one view of B samples.

        Args:
            seed: the run's seed.
            index, part: int64 [B, P], for which sample, and as which part of it, each slot is drawn.
            view: which view; the same number for views that share a latent.

        Returns:
            Time float32 [B, P] in seconds; mouse float32 [B, P, 4] and channels int64 [B, P, 4], see
            `Latent`.
        """
        numbers = seeds.uniforms(
            seed, "latent", index, part, view, n=_FIRST_CHANNEL + CHANNEL_COUNT
        )
        start, end = self.time
        time = (start + numbers[..., 0] * (end - start)).astype(np.float32)
        pressed = numbers[..., 1] < self.mouse
        mouse = np.zeros((*time.shape, 4), np.float32)
        mouse[..., :2] = numbers[..., 2:4] * pressed[..., None]
        mouse[..., 2] = pressed
        channels = np.floor(numbers[..., _FIRST_CHANNEL:] * self.channel_variants)
        return time, mouse, channels.astype(np.int64)
