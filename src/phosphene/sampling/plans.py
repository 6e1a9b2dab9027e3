"""How programs are to be drawn, in words: from an option's text to a policy over a bank's programs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from phosphene.bank.bank import Bank
from phosphene.errors import UsageError
from phosphene.sampling.programs import (
    GrowingPrograms,
    ProgramPolicy,
    UniformPrograms,
    WeightedPrograms,
)

PLANS = ("uniform", "family", "origin", "diversity", "column:NAME", "growing:FIRST[:SAMPLES]")
"""What can be asked for.

uniform: every program is as likely as any other. family: every group of near-duplicates is, however many
programs it has. origin: every collection is. diversity: in proportion to the measured diversity of a
program's pictures. column:NAME: in proportion to any measurement of the bank. growing: uniform over
FIRST programs at the beginning and over all from sample SAMPLES on.
"""

GROWN_AT = 0.5
"""Share of a run's samples from which all programs are open, where SAMPLES is left out."""


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """How programs are to be drawn.

    Attributes:
        kind: "uniform", "family", "origin", "column" or "growing".
        column: of "column": the measurement.
        first: of "growing": programs open to sample 0.
        samples: of "growing": from when all are open; 0: halfway through the run.
    """

    kind: str = "uniform"
    column: str = ""
    first: int = 0
    samples: int = 0

    @classmethod
    def of(cls, text: str) -> SamplingPlan:
        """The plan that a text of `PLANS` describes. Raises UsageError for any other text."""
        kind, _, rest = text.partition(":")
        if kind in ("uniform", "family", "origin") and not rest:
            return cls(kind)
        if text == "diversity":
            return cls("column", "diversity")
        if kind == "column" and rest:
            return cls(kind, rest)
        numbers = rest.split(":")
        if kind == "growing" and len(numbers) <= 2 and all(n.isdecimal() for n in numbers):
            first, samples = int(numbers[0]), int(numbers[1]) if len(numbers) == 2 else 0
            if first >= 1 and (len(numbers) == 1 or samples >= 1):
                return cls(kind, "", first, samples)
        raise UsageError(f"`sampling` must be one of {', '.join(PLANS)}; got {text!r}")

    def policy(self, bank: Bank, ids: Sequence[str], samples: int | None = None) -> ProgramPolicy:
        """The policy over a selection.

        Args:
            bank: with the programs.
            ids: the selection's programs, in its order.
            samples: that the run draws in all; None: it has no end.

        Raises:
            UsageError: the bank lacks what the plan needs, or it does not fit the selection.
        """
        if self.kind == "uniform":
            return UniformPrograms(len(ids))
        if self.kind == "growing":
            return self._growing(len(ids), samples)
        weigh: dict[str, Callable[[Bank, Sequence[str]], list[float]]] = {
            "family": _by_family,
            "origin": _by_origin,
        }
        weights = weigh[self.kind](bank, ids) if self.kind in weigh else self._measured(bank, ids)
        return WeightedPrograms(np.array(weights))

    def _growing(self, count: int, samples: int | None) -> GrowingPrograms:
        until = self.samples or int((samples or 0) * GROWN_AT)
        if not until:
            raise UsageError(
                f"a run without an end must say until when it grows: growing:{self.first}:SAMPLES"
            )
        return GrowingPrograms(count, min(self.first, count), until)

    def _measured(self, bank: Bank, ids: Sequence[str]) -> list[float]:
        """The measurement of every program; of those without it, the others' median."""
        measured = bank.measurements(ids)
        known = {
            i: m[self.column]
            for i, m in measured.items()
            if self.column in m and math.isfinite(m[self.column])
        }
        if not known:
            names = sorted({name for values in measured.values() for name in values})
            remedy = f"there are {', '.join(names)}" if names else "run phosphene vet first"
            raise UsageError(f"no program of {bank.path} has a measured {self.column!r}; {remedy}")
        least = min(known, key=known.__getitem__)
        if known[least] < 0:
            raise UsageError(
                f"weights must not be negative: {self.column} of {least} is {known[least]:g}"
            )
        usual = median(known.values())
        return [known.get(i, usual) for i in ids]


def _by_family(bank: Bank, ids: Sequence[str]) -> list[float]:
    """One share for each group of near-duplicates; a program of its own is a group of one."""
    structures = bank.structures(ids)
    families = [structures[i] or i for i in ids]
    sizes = Counter(families)
    return [1.0 / sizes[family] for family in families]


def _by_origin(bank: Bank, ids: Sequence[str]) -> list[float]:
    """One share for each collection; a program that several hold has a part of each one's."""
    origins: dict[str, set[str]] = {i: set() for i in ids}
    for program, met in bank.provenances(ids):
        origins[program].add(met.origin)
    sizes = Counter(origin for held in origins.values() for origin in held or {""})
    return [sum(1.0 / sizes[origin] for origin in origins[i] or {""}) for i in ids]
