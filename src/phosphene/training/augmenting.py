"""From a source's batches to what a method sees: colours, and how they differ between views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from phosphene.augment import ColourAugment, ColourPolicy, level
from phosphene.stream import Batch


def colour_policies(strength: float, multicrop: bool) -> tuple[ColourPolicy, ...]:
    """Of each view in turn, the last also of those behind it.

    Args:
        strength: of the jitter; 0: colours stay as they are.
        multicrop: DINO's three in place of SimCLR's one.
    """
    if not strength:
        return (ColourPolicy.none(),)
    return ColourPolicy.dino(strength) if multicrop else (ColourPolicy.simclr(strength),)


class Augment:
    """From a batch of a stream to normalised views: what sample n gets depends on (seed, n) alone."""

    def __init__(self, policies: Sequence[ColourPolicy], seed: int, levels: bool = False) -> None:
        self._augment = ColourAugment(policies, seed)
        self._levels = levels

    def __call__(self, batch: Batch | Any) -> Sequence[Tensor]:
        """float32 [B, 3, H, W] for each view of each group."""
        views: list[Tensor] = []
        for group in batch.groups:
            group = level(group) if self._levels else group
            views.extend(self._augment(group, batch.index, first=len(views)))
        return views
