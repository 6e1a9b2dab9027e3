"""Scores of runs as one table: mean ± spread over seeds, and the share of the gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from phosphene.comparing.gaps import GapShare, gap_share
from phosphene.comparing.specification import CLASSIC, OURS, REAL
from phosphene.evaluation import aligned

Column = tuple[str, str]
"""A probe, and a dataset or "mean GROUP"."""


@dataclass(frozen=True)
class Scored:
    """One judged run.

    Attributes:
        arm, role, seed: which.
        report: what `phosphene.evaluation.Report.plain` gave for it alone.
    """

    arm: str
    role: str
    seed: int
    report: Mapping[str, Any]

    def accuracies(self) -> dict[Column, float]:
        """0 … 1, for every probe and dataset, and for the means of groups."""
        own = {(s["probe"], s["dataset"]): s["accuracy"] for s in self.report["scores"]}
        means = {(m["probe"], f"mean {m['group']}"): m["accuracy"] for m in self.report["means"]}
        return {**own, **means}


@dataclass(frozen=True)
class Cell:
    """An arm's accuracy in one column: mean over seeds, standard deviation (None: one seed)."""

    mean: float
    spread: float | None
    by_seed: Mapping[int, float]

    def __str__(self) -> str:
        spread = "" if self.spread is None else f" ±{self.spread * 100:.1f}"
        return f"{self.mean * 100:.1f}{spread}"


@dataclass(frozen=True)
class Closed:
    """How much of the gap an arm of role "ours" closes in one column.

    Attributes:
        arm, probe, column: which.
        classic, real: between which arms the gap is; of their roles the best in this column, each by the
            mean over its own seeds, as the table shows them.
        seeds: that all three arms have; the share is about them alone.
        share: see `gap_share`.
    """

    arm: str
    probe: str
    column: str
    classic: str
    real: str
    seeds: tuple[int, ...]
    share: GapShare

    def __str__(self) -> str:
        where = f"{self.probe}, {self.column}:"
        gap = f"the gap from {self.classic} to {self.real}"
        if self.share.share is None:
            return f"{where} no share of {gap} for {self.arm} ({self.share.note})"
        seeds = ", ".join(map(str, self.seeds))
        over = f"seed {seeds}" if len(self.seeds) == 1 else f"{len(self.seeds)} seeds ({seeds})"
        return f"{where} {self.arm} closes {self.share} of {gap}, over {over}"


class Table:
    """All cells of a comparison.

    Args:
        scored: every judged run; an arm's runs have different seeds.
        budget: what all had in common.
        free: entries that were allowed to differ.
    """

    def __init__(
        self, scored: Sequence[Scored], budget: Mapping[str, Any], free: Sequence[str] = ()
    ) -> None:
        self.budget, self.free = budget, tuple(free)
        self.roles = {run.arm: run.role for run in scored}
        found: dict[str, dict[Column, dict[int, float]]] = {}
        for run in scored:
            for column, accuracy in run.accuracies().items():
                found.setdefault(run.arm, {}).setdefault(column, {})[run.seed] = accuracy
        self.cells = {
            arm: {column: _cell(values) for column, values in columns.items()}
            for arm, columns in found.items()
        }
        self.columns = list(dict.fromkeys(c for columns in self.cells.values() for c in columns))

    def closed(self) -> list[Closed]:
        """The share of the gap for every arm of ours and every column that has all three roles."""
        found = []
        for probe, name in self.columns:
            classic, real = (self._best(role, (probe, name)) for role in (CLASSIC, REAL))
            if classic is None or real is None:
                continue
            for arm in self._of(OURS, (probe, name)):
                trio = [self.cells[a][probe, name].by_seed for a in (arm, classic, real)]
                seeds = tuple(sorted(set.intersection(*map(set, trio))))
                share = gap_share(*([values[seed] for seed in seeds] for values in trio))
                found.append(Closed(arm, probe, name, classic, real, seeds, share))
        return found

    def _seeds(self, arm: str) -> int:
        """How many runs an arm has."""
        return max(len(cell.by_seed) for cell in self.cells[arm].values())

    def _of(self, role: str, column: Column) -> list[str]:
        return [arm for arm, own in self.roles.items() if own == role and column in self.cells[arm]]

    def _best(self, role: str, column: Column) -> str | None:
        arms = self._of(role, column)
        return max(arms, key=lambda arm: self.cells[arm][column].mean, default=None)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        cells = [
            {"arm": arm, "role": self.roles[arm], "probe": probe, "column": name, **asdict(cell)}
            for arm, columns in self.cells.items()
            for (probe, name), cell in columns.items()
        ]
        closed = [asdict(closed) for closed in self.closed()]
        return {
            "budget": dict(self.budget),
            "free": list(self.free),
            "cells": cells,
            "closed": closed,
        }

    def text(self) -> str:
        """Tables for a terminal: one a probe, accuracies in per cent, then the shares of the gap."""
        lines: list[str] = []
        counts = {arm: self._seeds(arm) for arm in self.cells}
        differing = len(set(counts.values())) > 1
        for probe in dict.fromkeys(probe for probe, _ in self.columns):
            names = [name for p, name in self.columns if p == probe]
            names.sort(key=lambda name: not name.startswith("mean "))
            rows = [[probe, *(["seeds"] if differing else []), *names]]
            for arm, columns in self.cells.items():
                cells = (columns.get((probe, name)) for name in names)
                head = [arm, str(counts[arm])] if differing else [arm]
                rows.append([*head, *(str(cell) if cell else "" for cell in cells)])
            lines += [*aligned(rows), ""]
        closed = self.closed()
        means = [c for c in closed if c.column.startswith("mean ")] or closed
        lines += [str(c) for c in means]
        if max(counts.values(), default=0) > 1:
            over = "/".join(map(str, sorted(set(counts.values()))))
            lines.append(f"± standard deviation over {over} seeds")
        else:
            lines.append("one seed each: no spread; --seeds 3 shows it")
        if self.free:
            lines.append(f"not held equal: {', '.join(self.free)}")
        return "\n".join(lines)


def _cell(by_seed: Mapping[int, float]) -> Cell:
    values = np.array(list(by_seed.values()))
    spread = float(values.std(ddof=1)) if len(values) > 1 else None
    return Cell(float(values.mean()), spread, dict(by_seed))
