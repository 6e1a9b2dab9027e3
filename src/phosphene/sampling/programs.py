"""Which program a slot shows: a policy turns random words into indices of a selection.

A *slot* is one part of one sample's mix; without mixing a sample has one slot. Policies are values:
the same words and sample index always give the same program.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from phosphene.errors import UsageError
from phosphene.seeds import Words
from phosphene.views import Ints

WORDS_PER_CHOICE = 2
"""Random 32-bit words that a policy is given for every slot."""


class ProgramPolicy(Protocol):
    """How programs are drawn from a selection of `count`."""

    @property
    def count(self) -> int:
        """How many programs the selection holds."""
        ...

    def choose(self, words: Words, index: Ints) -> Ints:
        """The programs of S slots.

        Args:
            words: uint32 [S, 2], random.
            index: int64 [S], the sample each slot belongs to.

        Returns:
            int64 [S], each in [0, count).
        """
        ...

    def describe(self) -> str:
        """One line that is equal for equal policies: it goes into the state of a stream."""
        ...


@dataclass(frozen=True, slots=True)
class UniformPrograms:
    """Every program is as likely as any other: the draw of the paper (Baradad et al. 2022)."""

    count: int

    def __post_init__(self) -> None:
        _check_count(self.count)

    def choose(self, words: Words, index: Ints) -> Ints:
        """See `ProgramPolicy.choose`. The bias is below count / 2**32."""
        return _scaled(words[:, 0], np.uint64(self.count))

    def describe(self) -> str:
        """See `ProgramPolicy.describe`."""
        return f"uniform over {self.count}"


@dataclass(frozen=True, eq=False)
class WeightedPrograms:
    """Programs in proportion to weights, e.g. a measurement of the bank.

    Attributes:
        weights: float64 [count], finite, none below 0, not all 0.
    """

    weights: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        _check_count(len(self.weights))
        if not np.isfinite(self.weights).all() or (self.weights < 0).any():
            raise UsageError("`weights` must be finite and not negative")
        if not self.weights.sum() > 0:
            raise UsageError("`weights` are all 0: no program could be drawn")

    @property
    def count(self) -> int:
        """See `ProgramPolicy.count`."""
        return len(self.weights)

    @cached_property
    def _cumulative(self) -> npt.NDArray[np.float64]:
        shares = self.weights.astype(np.float64) / self.weights.sum(dtype=np.float64)
        return np.cumsum(shares, dtype=np.float64)

    def choose(self, words: Words, index: Ints) -> Ints:
        """See `ProgramPolicy.choose`. A program of weight 0 is never drawn."""
        point = words[:, 0] * 2.0**-32 + words[:, 1] * 2.0**-64
        # Rounding can take a point to 1.0: the last program that has a weight stands for it.
        last = int(np.flatnonzero(self.weights)[-1])
        found = np.searchsorted(self._cumulative, point, side="right")
        return np.minimum(found, last).astype(np.int64)

    def describe(self) -> str:
        """See `ProgramPolicy.describe`."""
        weights = np.ascontiguousarray(self.weights, "<f8").tobytes()
        digest = hashlib.blake2b(weights, digest_size=8).hexdigest()
        return f"weighted over {self.count}, weights {digest}"


@dataclass(frozen=True, slots=True)
class GrowingPrograms:
    """A curriculum over the number of programs: uniform over the first few, later over all.

    Attributes:
        count: programs of the selection.
        first: programs open to sample 0.
        samples: the sample index from which all are open; between, their number grows evenly in its
            logarithm, because accuracy grows with the logarithm of the number of programs.
    """

    count: int
    first: int
    samples: int

    def __post_init__(self) -> None:
        _check_count(self.count)
        if not 1 <= self.first <= self.count:
            raise UsageError(f"`first` must be in 1 … {self.count}, got {self.first}")
        if self.samples < 1:
            raise UsageError(f"`samples` must be at least 1, got {self.samples}")

    def choose(self, words: Words, index: Ints) -> Ints:
        """See `ProgramPolicy.choose`."""
        share = np.minimum(index / self.samples, 1.0)
        reach = np.floor(self.first * (self.count / self.first) ** share + 1e-9)
        return _scaled(words[:, 0], np.clip(reach, 1, self.count).astype(np.uint64))

    def describe(self) -> str:
        """See `ProgramPolicy.describe`."""
        return f"growing from {self.first} to {self.count} over {self.samples} samples"


def _scaled(words: npt.NDArray[np.uint32], limit: npt.NDArray[np.uint64] | np.uint64) -> Ints:
    product = words.astype(np.uint64) * limit
    return (product >> np.uint64(32)).astype(np.int64)


def _check_count(count: int) -> None:
    if not 1 <= count <= 2**31:
        raise UsageError(f"a selection must hold 1 to 2**31 programs, got {count}")
