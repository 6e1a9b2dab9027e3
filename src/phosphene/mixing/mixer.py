"""What a mixer takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from phosphene.sampling import Mixture


@dataclass(frozen=True, slots=True)
class Mixed:
    """What became of the parts.

    Attributes:
        pixels: uint8 [V, B, 3, H, W].
        weights: float32 [B, P], the share of each part in the sample's pictures; rows add up to 1.
    """

    pixels: Tensor
    weights: Tensor


class Mixer(Protocol):
    """Makes one picture of P. A mixer is a value: its `repr` names its settings.

    Random choices are counter draws from (`draw.seed`, a purpose of its own, `draw.index`), equal for
    all views of a sample, so that they share partners and weights. The parts of a view were rendered
    with the view's camera.
    """

    @property
    def parts(self) -> int:
        """Programs a sample, P."""
        ...

    def __call__(self, pixels: Tensor, draw: Mixture) -> Mixed:
        """Mixes the parts of every view.

        Args:
            pixels: uint8 [V, B, P, 3, H, W], the rendered parts, on any device.
            draw: what was drawn for the B samples.
        """
        ...
