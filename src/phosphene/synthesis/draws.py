"""The random numbers of one program: a stream that is named by (seed, number, attempt)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from phosphene import seeds

T = TypeVar("T")

_BLOCK = 256


class Draws:
    """Draws one number after the other; the same name always gives the same numbers."""

    def __init__(
        self, seed: int, number: int, attempt: int = 0, purpose: str = "synthesis"
    ) -> None:
        """Names the stream.

        Args:
            seed: of the run.
            number: of the program.
            attempt: raised where an earlier draw of the program was thrown away.
            purpose: other purposes are independent.
        """
        self._name = seed, purpose, number, attempt
        self._blocks = 0
        self._waiting: list[float] = []

    def unit(self) -> float:
        """A number in [0, 1)."""
        if not self._waiting:
            made = seeds.uniforms(*self._name, self._blocks, n=_BLOCK)
            self._blocks += 1
            self._waiting = [float(x) for x in made[::-1]]
        return self._waiting.pop()

    def between(self, low: float, high: float) -> float:
        """A number in [low, high)."""
        return low + (high - low) * self.unit()

    def below(self, limit: int) -> int:
        """A whole number in [0, limit)."""
        return int(self.unit() * limit)

    def chance(self, probability: float) -> bool:
        """True with that probability."""
        return self.unit() < probability

    def pick(self, things: Sequence[T]) -> T:
        """One of the things."""
        return things[self.below(len(things))]

    def weighted(self, things: Sequence[T], weights: Sequence[float]) -> T:
        """One of the things, by weight."""
        left = self.unit() * sum(weights)
        for thing, weight in zip(things, weights, strict=True):
            left -= weight
            if left < 0.0:
                return thing
        return things[-1]

    def shuffled(self, things: Sequence[T]) -> list[T]:
        """All things in another order (Fisher and Yates)."""
        order = list(things)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order
