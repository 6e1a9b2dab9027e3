"""From a source's batches to what a method sees: colours, and how they differ between views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from phosphene.augment import ColourAugment, ColourPolicy, Levels, level
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

    def __init__(
        self, policies: Sequence[ColourPolicy], seed: int, levels: Levels | None = None
    ) -> None:
        self._augment = ColourAugment(policies, seed)
        self._levels, self._seed = levels or Levels(), seed

    def __call__(self, batch: Batch | Any) -> Sequence[Tensor]:
        """float32 [B, 3, H, W] for each view of each group."""
        groups = self._levelled(batch) if self._levels.names else batch.groups
        views: list[Tensor] = []
        for group in groups:
            views.extend(self._augment(group, batch.index, first=len(views)))
        return views

    def _levelled(self, batch: Batch | Any) -> Sequence[Tensor]:
        """The batch's groups, each sample at the same levels in all of them."""
        drawn = torch.from_numpy(self._levels.draw(self._seed, batch.index.numpy()))
        levels = drawn.to(batch.groups[0].device, non_blocking=True)
        return [level(group, levels) for group in batch.groups]
