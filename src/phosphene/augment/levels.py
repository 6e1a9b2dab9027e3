"""Brightness, contrast and chroma of samples, brought to what photographs have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from phosphene import seeds
from phosphene.errors import UsageError
from phosphene.views import Ints

LEVELS = ("brightness", "contrast", "chroma")
"""What can be levelled: the mean of a sample's luminance, the luminance's standard deviation, and the root mean
square of the colours' deviations from their own mean. Luminance is the mean of the three channels."""

SHARES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)

QUANTILES = {
    "brightness": (0.13, 0.24, 0.36, 0.44, 0.51, 0.67, 0.84),
    "contrast": (0.05, 0.11, 0.16, 0.20, 0.24, 0.30, 0.36),
    "chroma": (0.0, 0.01, 0.026, 0.041, 0.062, 0.105, 0.161),
}
"""So many of photographs' samples have at most that, on 0 … 1, for each of `SHARES` (the ends: one of 200 is
beyond). From two crops, of 8% to 100% of the area, of each of 4,000 photographs; the three hardly depend on each
other (correlations of at most 0.14)."""

MAX_GAIN = 4.0
"""A sample with less than a quarter of what it is to have stays below."""


@dataclass(frozen=True, slots=True)
class Levels:
    """How samples' levels are drawn: those of photographs, each independent of the others.

    Attributes:
        names: of `LEVELS`; what is not named stays as it is.
    """

    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        unknown = [name for name in self.names if name not in LEVELS]
        if unknown or len(set(self.names)) < len(self.names):
            raise UsageError(
                f"`levels` must be true, false, or some of {', '.join(LEVELS)} with + between them; got "
                f"{'+'.join(self.names)!r}"
            )

    @classmethod
    def of(cls, text: str | bool) -> Levels:
        """True: all of them; False or "": none; "contrast+chroma": these. Raises UsageError for other text."""
        if isinstance(text, bool):
            return cls(LEVELS if text else ())
        return cls(tuple(text.split("+")) if text else ())

    def draw(self, seed: int, index: Ints) -> npt.NDArray[np.float64]:
        """Of samples `index` [B]: [B, 3] on 0 … 1, in the order of `LEVELS`; NaN for what stays."""
        drawn = seeds.uniforms(seed, "levels", index, n=len(LEVELS))
        for column, name in enumerate(LEVELS):
            if name in self.names:
                drawn[:, column] = np.interp(drawn[:, column], SHARES, QUANTILES[name])
            else:
                drawn[:, column] = np.nan
        return drawn


def level(views: Tensor, levels: Tensor) -> Tensor:
    """Moves and stretches the values of each sample until it has the given levels.

    All views of a sample together: what one view has more of than the other stays. So does each sample's mean
    colour, apart from its brightness, as far as no value leaves 0 … 255. Many programs are dark or pale,
    averages of several are flat, and their colours differ as much as their brightness does, where photographs'
    colours differ a third as much.

    Args:
        views: uint8 [V, B, 3, H, W].
        levels: float64 [B, 3] on the same device, see `Levels.draw`.

    Returns:
        uint8 of the shape of `views`. A sample's values depend on it and its levels alone, and are the same on
        every device.
    """
    count = views[:, 0, 0].numel()
    # Sums of whole numbers are the same in any order.
    channels = views.sum(dim=(0, 3, 4), dtype=torch.int64).double() / count
    squares = _squares(views)
    summed = _squares(views.sum(2, keepdim=True, dtype=torch.int32))
    brightness = channels.mean(1)
    tint = channels - brightness[:, None]
    contrast = (summed / (count * 9) - brightness.square()).clamp_(min=0).sqrt_()
    chroma = (squares - summed / 3) / (count * 3) - tint.square().mean(1)
    chroma = chroma.clamp_(min=0).sqrt_()

    wanted = levels * 255
    bright, gain, colour = (
        _or(wanted[:, 0], brightness),
        _gain(wanted[:, 1], contrast),
        _gain(wanted[:, 2], chroma),
    )
    shift = (bright - gain * brightness)[:, None] + (1 - colour)[:, None] * tint
    gain, colour, shift = (x.float()[..., None, None] for x in (gain - colour, colour, shift))
    levelled = torch.empty_like(views)
    for view, pixels in enumerate(views):
        values = pixels.float()
        grey = values.sum(1, keepdim=True).div_(3).mul_(gain[:, None])
        levelled[view] = values.mul_(colour[:, None]).add_(grey).add_(shift).round_().clamp_(0, 255)
    return levelled


def _squares(views: Tensor) -> Tensor:
    """float64 [B], the sums of the squares of whole numbers [V, B, ...]; view by view, to save memory."""
    return torch.stack([view.int().square().flatten(1).sum(1) for view in views]).sum(0).double()


def _or(wanted: Tensor, present: Tensor) -> Tensor:
    """What is wanted, where anything is."""
    return torch.where(wanted.isnan(), present, wanted)


def _gain(wanted: Tensor, present: Tensor) -> Tensor:
    """By how much deviations are stretched."""
    gain = (wanted / present.clamp(min=1)).clamp_(max=MAX_GAIN)
    return _or(gain, torch.ones_like(gain))
