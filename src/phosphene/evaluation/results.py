"""What was measured: plain dataclasses that become JSON or a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

RESAMPLES = 2000
LEVEL = 0.95

Bits = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Interval:
    """An interval of 95%: see `interval_of`."""

    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Score:
    """One backbone, one probe, one dataset.

    Attributes:
        model, probe, dataset, group: what was measured with what.
        accuracy: share of the test images that got their own class, 0 … 1.
        interval: of the accuracy; see `interval_of`.
        per_class: mean over classes of the accuracy within the class.
        train, test: numbers of images (validation images count as training images).
        classes: how many.
        settings: what the probe used or chose.
        right: bool [draws, test], which images were right in each draw of the labelled images (one draw
            where the probe draws none); not part of the JSON.
    """

    model: str
    probe: str
    dataset: str
    group: str
    accuracy: float
    interval: Interval
    per_class: float
    train: int
    test: int
    classes: int
    settings: Mapping[str, float]
    right: Bits = field(repr=False)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        plain = {k: v for k, v in asdict(self).items() if k != "right"}
        return plain | {"by_draw": self.right.mean(1).tolist()}


@dataclass(frozen=True, eq=False)
class Mean:
    """Mean accuracy of one backbone and probe over the datasets of a group ("all": over all)."""

    model: str
    probe: str
    group: str
    accuracy: float
    interval: Interval
    datasets: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Difference:
    """How much better one backbone is than another on the same test images."""

    model: str
    over: str
    probe: str
    dataset: str
    gain: float
    interval: Interval


@dataclass(frozen=True, eq=False)
class Report:
    """All scores of one evaluation.

    Attributes:
        scores: in the order dataset, probe, model.
        models: about each backbone, by name: its configuration and the digest of its weights.
        baseline: the model that others are compared with; empty: none.
        seed: names the resamples.
    """

    scores: tuple[Score, ...]
    models: Mapping[str, Mapping[str, Any]]
    baseline: str = ""
    seed: int = 0

    def means(self) -> list[Mean]:
        """Group means where a dataset tells its group, and the mean of all where there are several."""
        found = []
        for model, probe in dict.fromkeys((s.model, s.probe) for s in self.scores):
            own = [s for s in self.scores if (s.model, s.probe) == (model, probe)]
            groups = {
                g: [s for s in own if s.group == g] for g in dict.fromkeys(s.group for s in own)
            }
            groups.pop("", None)
            if len(own) > 1:
                groups["all"] = own
            for group, scores in groups.items():
                accuracy = float(np.mean([s.accuracy for s in scores]))
                interval = interval_of([s.right.astype(float) for s in scores], self.seed)
                names = tuple(s.dataset for s in scores)
                found.append(Mean(model, probe, group, accuracy, interval, names))
        return found

    def differences(self) -> list[Difference]:
        """Every model against the baseline, image by image."""
        base = {(s.dataset, s.probe): s for s in self.scores if s.model == self.baseline}
        found = []
        for score in self.scores:
            other = base.get((score.dataset, score.probe))
            if other is None or other is score:
                continue
            gains = score.right.astype(float) - other.right.astype(float)
            found.append(
                Difference(
                    score.model,
                    other.model,
                    score.probe,
                    score.dataset,
                    float(gains.mean()),
                    interval_of([gains], self.seed, least=-1.0),
                )
            )
        return found

    def plain(self) -> dict[str, Any]:
        """For JSON and for a run's record."""
        return {
            "models": {name: dict(about) for name, about in self.models.items()},
            "scores": [score.plain() for score in self.scores],
            "means": [asdict(mean) for mean in self.means()],
            "differences": [asdict(difference) for difference in self.differences()],
        }

    def table(self) -> str:
        """Accuracies in per cent, a row for each dataset and group, a column for each model and probe."""
        columns = list(dict.fromkeys((s.probe, s.model) for s in self.scores))
        cells = {(s.dataset, s.probe, s.model): _cell(s.accuracy, s.interval) for s in self.scores}
        means = self.means()
        cells |= {
            (f"mean {m.group}", m.probe, m.model): _cell(m.accuracy, m.interval) for m in means
        }
        rows = list(dict.fromkeys([s.dataset for s in self.scores]))
        rows += list(dict.fromkeys(f"mean {m.group}" for m in means))
        head = [
            ["", *(probe for probe, _ in columns)],
            ["dataset", *(model for _, model in columns)],
        ]
        body = [[row, *(cells.get((row, *column), "") for column in columns)] for row in rows]
        lines = aligned([*head, *body])
        lines += [
            f"{d.dataset}, {d.probe}: {d.model} is {d.gain * 100:+.1f} points over {d.over} "
            f"(95%: {d.interval.low * 100:+.1f} to {d.interval.high * 100:+.1f})"
            for d in self.differences()
        ]
        return "\n".join(lines)


def interval_of(
    samples: Sequence[npt.NDArray[np.float64]], seed: int = 0, least: float = 0.0
) -> Interval:
    """The interval of the mean of several datasets' means.

    Args:
        samples: for each dataset, float64 [draws, images]; as many draws in all that have several.
        seed: names the resamples.
        least: the mean is in `least` … 1, and so is the interval.

    Returns:
        where the labelled images were drawn several times, and the draws differ: Student's interval over the
        draws, which is about other labelled images; else a percentile bootstrap, which is about other test
        images. A dataset of one draw beside others of several is the same in every draw.
    """
    draws = max(len(sample) for sample in samples)
    values = np.mean([np.broadcast_to(sample.mean(1), draws) for sample in samples], 0)
    if values.min() == values.max():
        return bootstrap([sample.mean(0) for sample in samples], seed)
    over = student(values)
    return Interval(max(least, over.low), min(1.0, over.high))


def student(values: npt.NDArray[np.float64]) -> Interval:
    """Student's interval of the mean of n values, n at least 2."""
    spread = float(values.std(ddof=1)) / math.sqrt(len(values))
    half = float(stdtrit(len(values) - 1, (1 + LEVEL) / 2)) * spread
    return Interval(float(values.mean()) - half, float(values.mean()) + half)


def bootstrap(samples: Sequence[npt.NDArray[np.float64]], seed: int = 0) -> Interval:
    """The interval of the mean of several samples' means, each resampled on its own.

    A resample of n values of which few differ is a draw from a multinomial distribution, so this is exact
    and cheap.
    """
    generator = np.random.default_rng(seed)
    total = np.zeros(RESAMPLES)
    for sample in samples:
        values, counts = np.unique(sample, return_counts=True)
        draws = generator.multinomial(len(sample), counts / len(sample), RESAMPLES)
        total += draws @ values / len(sample)
    low, high = np.quantile(total / len(samples), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def per_class(right: Bits, labels: npt.NDArray[np.int64]) -> float:
    """Mean over the classes that occur of the share of right answers in the class."""
    counts = np.bincount(labels)
    shares = np.bincount(labels, weights=right)[counts > 0] / counts[counts > 0]
    return float(shares.mean())


def _cell(accuracy: float, interval: Interval) -> str:
    return f"{accuracy * 100:.1f} [{interval.low * 100:.1f}, {interval.high * 100:.1f}]"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, the first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
