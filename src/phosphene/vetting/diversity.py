"""How different the programs of a set are from each other, and how many they are in effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from phosphene import seeds
from phosphene.errors import UsageError
from phosphene.vetting.features import LENGTH, Floats

BANDWIDTH = 0.35
"""Of the Gaussian kernel: programs whose points lie so far apart are alike by exp(-1/2). Two frames of one
program lie about 0.3 apart, two programs 0.8: so a program counts as one, and 1,000 do not as 1,000."""

MOST = 2000
"""Programs that enter a Vendi score; of more, so many are drawn. Its cost grows with their cube."""

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SetDiversity:
    """How diverse a set of programs is.

    Attributes:
        programs: with features, of which all figures are taken.
        compared: programs that entered `effective`.
        effective: the Vendi score, their effective number: `compared` where they have nothing in
            common, 1 where they all look the same.
        apart: root of half the mean squared distance between two programs, 0 … 1; as `diversity`
            between the frames of one.
        within: median over programs of the diversity between their frames, 0 … 1.
    """

    programs: int
    compared: int
    effective: float
    apart: float
    within: float


def packed(seen: Floats) -> bytes:
    """A program's point: the mean of its frames' features, as float16, for the bank.

    Args:
        seen: float32 [F, D].
    """
    return bytes(seen.mean(axis=0).astype("<f2").tobytes())


def unpacked(vectors: Sequence[bytes]) -> Doubles:
    """Points of programs, float64 [N, D], each of length 1.

    Raises:
        UsageError: where one is of another version's feature space.
    """
    if wrong := [len(v) for v in vectors if len(v) != 2 * LENGTH]:
        raise UsageError(
            f"features must have {2 * LENGTH} bytes, got {wrong[0]}: run phosphene vet on the bank again"
        )
    points = np.frombuffer(b"".join(vectors), "<f2").astype(np.float64).reshape(-1, LENGTH)
    unit: Doubles = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-9)
    return unit


def vendi(points: Doubles, bandwidth: float = BANDWIDTH) -> float:
    """The Vendi score: the exponential of the entropy of the kernel's eigenvalues.

    Source: Friedman and Dieng, *The Vendi Score: A Diversity Evaluation Metric for Machine Learning*,
    TMLR 2023, with a Gaussian kernel.

    Args:
        points: float64 [N, D].
        bandwidth: of the kernel, in units of the points.

    Returns:
        1, where all points are the same, to N.
    """
    squared = np.square(points).sum(axis=1)
    distances = np.maximum(squared[:, None] + squared - 2.0 * points @ points.T, 0.0)
    kernel = np.exp(-distances / (2.0 * bandwidth**2))
    values = np.linalg.eigvalsh(kernel / len(points))
    values = values[values > 1e-12]
    return float(np.exp(-(values * np.log(values)).sum()))


def apart(points: Doubles) -> float:
    """Root of half the mean squared distance over all pairs of different points."""
    count = len(points)
    if count < 2:
        return 0.0
    # The sum over all pairs, from the points' sum alone.
    total = count * np.square(points).sum() - np.square(points.sum(axis=0)).sum()
    return float(np.sqrt(max(total, 0.0) / (count * (count - 1))))


def set_diversity(
    features: Mapping[str, bytes], within: Mapping[str, float], seed: int = 0
) -> SetDiversity:
    """How diverse a set of programs is.

    Args:
        features: program id → packed point (`Bank.features`).
        within: program id → its measured diversity.
        seed: of the draw where there are more than `MOST`.

    Raises:
        UsageError: without features.
    """
    if not features:
        raise UsageError("no program has features yet; measure them with: phosphene vet")
    ids = sorted(features)
    points = unpacked([features[i] for i in ids])
    lots = seeds.words(seed, "vendi", np.arange(len(ids)), n=1)[:, 0]
    drawn = np.sort(np.argsort(lots, kind="stable")[:MOST])
    known = [within[i] for i in ids if i in within]
    return SetDiversity(
        len(ids),
        len(drawn),
        vendi(points[drawn]),
        apart(points),
        float(np.median(known)) if known else float("nan"),
    )
