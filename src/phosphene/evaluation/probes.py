"""Probes: what a simple classifier makes of frozen features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from phosphene.errors import UsageError
from phosphene.evaluation.datasets import split_off

_CHUNK = 1024


@dataclass(frozen=True, eq=False)
class Split:
    """Features and labels of one part of a dataset: float32 [N, D], int64 [N]."""

    features: Tensor
    labels: Tensor

    def join(self, other: Split) -> Split:
        """Both parts, one behind the other."""
        return Split(
            torch.cat([self.features, other.features]), torch.cat([self.labels, other.labels])
        )


@dataclass(frozen=True, eq=False)
class Task:
    """What a probe gets: training, validation (may be empty) and test images of one dataset."""

    train: Split
    validation: Split
    test: Split
    classes: int


@dataclass(frozen=True)
class ProbeConfig:
    """Settings of all probes.

    Attributes:
        neighbours: k of k-NN.
        temperature: of the neighbours' weights, exp(similarity / temperature).
        penalties: L2 penalties that the linear probe chooses from, per image.
        holdout: share of the training images that serve as validation where a dataset has none.
        seed: names that choice.
    """

    neighbours: int = 20
    temperature: float = 0.07
    penalties: tuple[float, ...] = tuple(10.0**e for e in (1, 0, -1, -2, -3, -4, -5))
    holdout: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        if self.neighbours < 1:
            raise UsageError(f"`neighbours` must be at least 1, got {self.neighbours}")
        if self.temperature <= 0:
            raise UsageError(f"`temperature` must be above 0, got {self.temperature}")


@dataclass(frozen=True, eq=False)
class Prediction:
    """int64 [N], the class given to each test image, and the settings that were chosen."""

    labels: Tensor
    settings: Mapping[str, float] = field(default_factory=dict)


def knn(task: Task, config: ProbeConfig) -> Prediction:
    """Weighted k-NN under cosine similarity; validation images count as training images.

    Source: Wu et al., *Unsupervised Feature Learning via Non-Parametric Instance Discrimination* (CVPR
    2018), with the settings of DINO (Caron et al. 2021): k = 20, temperature 0.07.
    """
    known = task.train.join(task.validation)
    k = min(config.neighbours, len(known.labels))
    bank = functional.normalize(known.features, dim=1)
    given = []
    queries = functional.normalize(task.test.features, dim=1)
    for chunk in torch.split(queries, _CHUNK):
        similarity, nearest = (chunk @ bank.T).topk(k, dim=1)
        votes = torch.zeros(len(chunk), task.classes)
        weights = ((similarity - 1) / config.temperature).exp()  # at most 1: no overflow
        votes.scatter_add_(1, known.labels[nearest], weights)
        given.append(votes.argmax(1))
    return Prediction(torch.cat(given), {"k": k, "temperature": config.temperature})


def linear(task: Task, config: ProbeConfig) -> Prediction:
    """Logistic regression on standardised features.

    The L2 penalty is the one that is best on the validation images (those of the dataset, or
    `config.holdout` of the training images); the classifier is then fitted to both together.
    """
    train, validation = task.train, task.validation
    if not len(validation.labels):
        held = split_off(train.labels.numpy().astype(np.int64), config.holdout, config.seed)
        mask = torch.from_numpy(held)
        validation = Split(train.features[mask], train.labels[mask])
        train = Split(train.features[~mask], train.labels[~mask])
    mean, std = _scale(train.features)
    x, v = (train.features - mean) / std, (validation.features - mean) / std
    solution, best, penalty = None, -1, config.penalties[0]
    for candidate in sorted(config.penalties, reverse=True):
        solution = fit_logistic(x, train.labels, task.classes, candidate, solution)
        right = int((_decide(v, solution) == validation.labels).sum())
        if right > best:
            best, penalty, chosen = right, candidate, solution
    both = train.join(validation)
    mean, std = _scale(both.features)
    final = fit_logistic((both.features - mean) / std, both.labels, task.classes, penalty, chosen)
    return Prediction(_decide((task.test.features - mean) / std, final), {"l2": penalty})


def fit_logistic(
    features: Tensor, labels: Tensor, classes: int, penalty: float, start: Tensor | None = None
) -> Tensor:
    """Multinomial logistic regression by L-BFGS: mean cross-entropy + penalty / 2 * |W|².

    Args:
        features: float32 [N, D].
        labels: int64 [N].
        classes: C.
        penalty: on the weights, not on the bias. scikit-learn's C is 1 / (N * penalty).
        start: a solution to begin from.

    Returns:
        float32 [D + 1, C], the bias in the last row.
    """
    solution = (
        torch.zeros(features.shape[1] + 1, classes) if start is None else start.clone()
    ).requires_grad_()
    solver = torch.optim.LBFGS(
        [solution],
        max_iter=100,
        tolerance_grad=1e-5,
        tolerance_change=1e-8,
        line_search_fn="strong_wolfe",
    )

    def objective() -> Tensor:
        solver.zero_grad()
        weights = solution[:-1]
        loss = functional.cross_entropy(features @ weights + solution[-1], labels)
        loss = loss + penalty / 2 * weights.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    solver.step(objective)  # type: ignore[no-untyped-call]
    return solution.detach()


def _scale(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and spread of each feature; a feature that never changes is left alone."""
    std, mean = torch.std_mean(features, dim=0, correction=0)
    return mean, torch.where(std > 1e-6, std, torch.ones_like(std))


def _decide(features: Tensor, solution: Tensor) -> Tensor:
    return (features @ solution[:-1] + solution[-1]).argmax(1)


Probe = Callable[[Task, ProbeConfig], Prediction]

PROBES: dict[str, Probe] = {"knn": knn, "linear": linear}
"""The table of probes. A new one is added here."""


def find_probe(name: str) -> Probe:
    """The probe called `name`. Raises UsageError that lists the choices."""
    if name not in PROBES:
        raise UsageError(f"`probe` must be one of {', '.join(PROBES)}; got {name!r}")
    return PROBES[name]
