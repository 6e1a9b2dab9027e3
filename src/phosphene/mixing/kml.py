"""KML: masks cut out of pictures by k-means over their colours ("k-means leaves")."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from phosphene.mixing.mixer import Mixed
from phosphene.sampling import Mixture

ROUNDS = 6
"""Of Lloyd's algorithm: masks hardly change after a few, and a fixed number is the same everywhere."""

_GRID = 16
"""Centres are found on about so many by so many pixels; then every pixel is told to one of them."""

_FINE = 16
"""Centres are whole multiples of 1 / 16 of a grey level."""


@dataclass(frozen=True, slots=True)
class KML:
    """The colours of one picture, in two clusters, are the mask that pastes a second on a third.

    Of three programs the first gives the mask and no pixels: its weight is 0. The second shows where the
    mask's picture is brighter, so that all views of a sample agree which is which. How much of each is
    seen depends on the view's camera; the weights are the mean over the views of a group (a batch's labels
    are those of its first group).

    Source: Rodríguez-Muñoz et al., *Separating Knowledge and Perception with Procedural Data*, ICML 2025.

    Attributes:
        average: "KML MixUp": the average of two such pictures, of six programs.
    """

    average: bool = False

    @property
    def parts(self) -> int:
        """See `Mixer.parts`."""
        return 6 if self.average else 3

    def __call__(self, pixels: Tensor, draw: Mixture) -> Mixed:
        """See `Mixer.__call__`."""
        pasted = [_paste(pixels[:, :, first : first + 3]) for first in range(0, self.parts, 3)]
        if not self.average:
            return Mixed(*pasted[0])
        (one, one_weights), (other, other_weights) = pasted
        # (a + b + 1) / 2 without leaving 8 bits.
        mean = (one | other) - ((one ^ other) >> 1)
        return Mixed(mean, torch.cat([one_weights, other_weights], dim=1) / 2)


def _paste(parts: Tensor) -> tuple[Tensor, Tensor]:
    """One picture of three, and its weights.

    Args:
        parts: uint8 [V, B, 3, 3, H, W].

    Returns:
        uint8 [V, B, 3, H, W]; float32 [B, 3].
    """
    views, batch, _, _, height, width = parts.shape
    mask = torch.empty((views, batch, height, width), dtype=torch.bool, device=parts.device)
    for view in range(views):  # bounds the memory of the masks' arithmetic to one view
        mask[view] = bright_cluster(parts[view, :, 0])
    mixed = torch.where(mask[:, :, None], parts[:, :, 1], parts[:, :, 2])
    count = mask.sum(dim=(0, 2, 3), dtype=torch.int64).double()
    share = count / (views * height * width)
    weights = torch.stack([torch.zeros_like(share), share, 1.0 - share], dim=1)
    return mixed, weights.float()


def bright_cluster(pictures: Tensor) -> Tensor:
    """2-means over each picture's colours: which pixels belong to the brighter centre.

    It begins with the channel that varies most, cut at its mean, and takes `ROUNDS` steps of Lloyd's
    algorithm in whole numbers, so that neither the order of a sum nor the batch can change a pixel.

    Args:
        pictures: uint8 [N, 3, H, W].

    Returns:
        bool [N, H, W]. Where all pixels are of one colour, none belongs to it.
    """
    height, width = pictures.shape[2:]
    coarse = pictures[:, :, :: -(-height // _GRID), :: -(-width // _GRID)]
    colours = coarse.reshape(len(pictures), 3, -1).int()
    delta, threshold = _cut(_first(colours), colours)
    for _ in range(ROUNDS):
        side = (colours * delta[:, :, None]).sum(1) > threshold[:, None]
        delta, threshold = _cut(side, colours)
    # Brightness after Rec. 601 in 1 / 256: the centre on the side of `delta` is the brighter one.
    luma = delta[:, 0] * 77 + delta[:, 1] * 150 + delta[:, 2] * 29
    sign = torch.where(luma < 0, -1, 1).int()
    delta, swapped = delta * sign[:, None], luma < 0
    # Beyond a cut that was turned around lies what did not lie beyond it before.
    threshold = torch.where(swapped, -threshold - 1, threshold)
    projected = pictures[:, 0].int() * delta[:, 0, None, None]
    for channel in (1, 2):
        projected += pictures[:, channel].int() * delta[:, channel, None, None]
    return projected > threshold[:, None, None]


def _first(colours: Tensor) -> Tensor:
    """The first guess: pixels above the mean of the channel with the greatest variance, bool [N, M]."""
    count = colours.shape[2]
    total = colours.sum(2, dtype=torch.int64)
    spread = count * colours.square().sum(2, dtype=torch.int64) - total.square()
    # Channels that vary equally are told apart by their number, or the choice would be the device's.
    widest = (spread * 4 + torch.arange(2, -1, -1, device=colours.device)).argmax(1)
    rows = torch.arange(len(colours), device=colours.device)
    return colours[rows, widest] * count > total[rows, widest, None]


def _cut(side: Tensor, colours: Tensor) -> tuple[Tensor, Tensor]:
    """The plane midway between the centres of two sides.

    Args:
        side: bool [N, M].
        colours: int32 [N, 3, M].

    Returns:
        Its normal, int32 [N, 3], and a threshold, int32 [N]: x belongs to the side where x · normal is
        greater. Both are 0 where a side is empty, so that nothing belongs to it.
    """
    chosen = side.sum(1, dtype=torch.int64)[:, None]
    others = colours.shape[2] - chosen
    inside = (colours * side[:, None]).sum(2, dtype=torch.int64)
    outside = colours.sum(2, dtype=torch.int64) - inside
    near = inside * _FINE // chosen.clamp(min=1)
    far = outside * _FINE // others.clamp(min=1)
    empty = (chosen == 0) | (others == 0)
    delta = torch.where(empty, 0, near - far)
    # |x - near| < |x - far|  ⇔  2 x · (near - far) > |near|² - |far|², with x in the centres' units.
    threshold = (near.square() - far.square()).sum(1).div(2 * _FINE, rounding_mode="floor")
    return delta.int(), torch.where(empty[:, 0], 0, threshold).int()
