"""The paper's figure: the share of the gap between the best classic source and real images that ours
closes, (ours - classic) / (real - classic)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

LEVEL = 0.95


@dataclass(frozen=True)
class GapShare:
    """A share of a gap, 1.0 being all of it.

    Attributes:
        share: the ratio of the means over seeds; None where there is no gap to close.
        low, high: its interval of 95% over seeds, by Fieller's theorem; None where one seed, or too
            small a gap, allows none.
        by_seed: the ratio of each seed; None where that seed has no gap.
        note: why a figure is missing; empty where none is.
    """

    share: float | None
    low: float | None
    high: float | None
    by_seed: tuple[float | None, ...]
    note: str = ""

    def __str__(self) -> str:
        if self.share is None:
            return "none"
        interval = "" if self.low is None else f" [{self.low:.0%}, {self.high:.0%}]"
        return f"{self.share:.0%}{interval}" + (f" ({self.note})" if self.note else "")


def gap_share(ours: Sequence[float], classic: Sequence[float], real: Sequence[float]) -> GapShare:
    """The share, from accuracies of the same seeds in the same order; of no seed there is none.

    The interval is Fieller's (*Some Problems in Interval Estimation*, 1954), for a ratio of two means
    of paired observations: where the gap itself is lost in the noise, no bounded interval exists and
    none is given.
    """
    if not len(classic):
        return GapShare(None, None, None, (), "no seed in common")
    base = np.asarray(classic, float)
    gains, gaps = np.asarray(ours, float) - base, np.asarray(real, float) - base
    by_seed = tuple(
        float(gain / gap) if gap > 0 else None for gain, gap in zip(gains, gaps, strict=True)
    )
    gain, gap, count = float(gains.mean()), float(gaps.mean()), len(gaps)
    if gap <= 0:
        return GapShare(None, None, None, by_seed, "real images are not above the classic source")
    share = gain / gap
    if count < 2:
        return GapShare(share, None, None, by_seed, "one seed: no interval")
    quantile = float(stdtrit(count - 1, (1 + LEVEL) / 2))
    (own, shared), (_, other) = np.cov(gains, gaps, ddof=1) * quantile**2 / count
    # Roots of (gain - s * gap)² = own - 2 s * shared + s² * other.
    square, middle = gap**2 - other, gain * gap - shared
    if square <= 0:
        return GapShare(share, None, None, by_seed, "the gap is within the noise of the seeds")
    # The square under the root is that of a real interval around `share`, below 0 by rounding only.
    root = math.sqrt(max(0.0, middle**2 - square * (gain**2 - own)))
    low, high = (middle - root) / square, (middle + root) / square
    return GapShare(share, float(low), float(high), by_seed)
