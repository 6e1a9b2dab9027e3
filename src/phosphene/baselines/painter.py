"""What paints the pictures of a baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from torch import Tensor

from phosphene.baselines.counters import Counters
from phosphene.views import Ints


class Painter(Protocol):
    """An endless set of pictures, each made from its number. A painter is a value: `repr` names it.

    Attributes:
        name: what `open_source` calls it.
        version: grows whenever the same numbers give other pictures.
        block: pictures that are always painted together, so that batched arithmetic, whose rounding can
            depend on the batch, gives each the same bytes.
        classes: names of the kinds of pictures; one where there are no kinds.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def block(self) -> int: ...
    @property
    def classes(self) -> Sequence[str]: ...

    def labels(self, numbers: Ints) -> Ints:
        """Index into `classes` of each picture; int64 [n] for int64 [n]."""
        ...

    def paint(self, draws: Counters, side: int) -> Tensor:
        """The pictures whose numbers the draws were made for.

        Args:
            draws: random numbers of n pictures, on the device.
            side: pixels a side, S.

        Returns:
            uint8 [n, 3, S, S] on the draws' device.
        """
        ...


class Unlabelled:
    """Of a painter whose pictures are all of one kind."""

    name: str

    @property
    def classes(self) -> Sequence[str]:
        """The one kind."""
        return (self.name,)

    def labels(self, numbers: Ints) -> Ints:
        """All of kind 0."""
        return np.zeros(len(numbers), np.int64)
