"""Batches whose kernels may still run: noticed when they take too long or fail, without waiting for them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from phosphene.engines.cuda.plan import Plan
from phosphene.views import MAX_LITERALS, Floats

_KEPT = 64
"""Flights that are remembered; what was launched before is taken to have landed."""


@dataclass(eq=False)
class Flight:
    """A batch on the device.

    Attributes:
        programs, keys: of the request, and of their compilations; an empty key: not launched.
        plan, views: what was launched.
        size: width, height, samples a pixel and axis.
        begin, end: torch's timing events around the launches.
        literals: float32 [V', MAX_LITERALS], of lifted programs; None where there are none.
        seen: when it was first seen to run, by this process' clock.
    """

    programs: Sequence[str]
    keys: Sequence[str]
    plan: Plan
    views: npt.NDArray[np.void]
    size: tuple[int, int, int]
    begin: Any
    end: Any
    literals: Floats | None = None
    seen: float | None = field(default=None)

    def limit(self, seconds: float) -> float:
        """How long it may take: so long, and ten times what its kernels were measured to need."""
        return seconds + 10.0 * float(self.plan.seconds.sum())

    def launched(self) -> Iterator[tuple[str, str, npt.NDArray[np.void], Floats]]:
        """Each program with its key, its views' records and their literals."""
        for program in np.unique(self.plan.program):
            mine = self.plan.program == program
            first, count = self.plan.first[mine], self.plan.count[mine]
            rows = np.arange(first.min(), (first + count).max())
            literals = np.zeros((len(rows), MAX_LITERALS), np.float32)
            if self.literals is not None:
                literals = self.literals[rows]
            yield self.programs[program], self.keys[program], self.views[rows], literals


class Flights:
    """The batches under way, oldest first."""

    def __init__(self, seconds: float) -> None:
        """Args: what a batch may take beyond what was measured."""
        self._seconds = seconds
        self._under_way: deque[Flight] = deque(maxlen=_KEPT)
        self._landed: Any = None

    def __len__(self) -> int:
        return len(self._under_way)

    def add(self, flight: Flight) -> None:
        """A batch was launched."""
        self._under_way.append(flight)

    def all(self) -> list[Flight]:
        """What may still run, oldest first."""
        return list(self._under_way)

    def late(self) -> Flight | None:
        """Forgets what has landed; the first batch that took, or is taking, too long.

        Raises:
            RuntimeError: torch reports that a kernel failed.
        """
        while self._under_way:
            head = self._under_way[0]
            if head.end.query():
                self._under_way.popleft()
                took = head.begin.elapsed_time(head.end)
                if self._landed is not None:  # until then it may have waited for the one before
                    took = min(took, self._landed.elapsed_time(head.end))
                self._landed = head.end
                if took / 1e3 > head.limit(self._seconds):
                    return head
                continue
            if head.seen is None and head.begin.query():
                head.seen = time.monotonic()
            if head.seen is not None and time.monotonic() - head.seen > head.limit(self._seconds):
                self._under_way.popleft()
                return head
            return None
        return None
