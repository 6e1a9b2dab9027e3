"""Probes: what a simple classifier makes of frozen features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from phosphene import seeds
from phosphene.errors import UsageError
from phosphene.evaluation.datasets import TEST, LabelledImages, Labels, split_off, stratified
from phosphene.evaluation.logistic import decide, fit_logistic

FINE_TUNING = "fine-tuning"
"""The probe that moves the backbone too: `evaluation.finetuning`."""

FEW_SHOT = "few-shot"
"""The probe that draws labelled images: `few_shot`."""

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
        shots: labelled images of each class in the few-shot probe.
        labelled: in place of `shots`: labelled images in all; 0: `shots` counts.
        draws: how often the labelled images are drawn, and the fine-tuning is repeated.
        seed: names these choices.
    """

    neighbours: int = 20
    temperature: float = 0.07
    penalties: tuple[float, ...] = tuple(10.0**e for e in (1, 0, -1, -2, -3, -4, -5))
    holdout: float = 0.2
    shots: int = 5
    labelled: int = 0
    draws: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("neighbours", "shots", "draws"):
            if getattr(self, name) < 1:
                raise UsageError(f"`{name}` must be at least 1, got {getattr(self, name)}")
        if self.labelled < 0:
            raise UsageError(f"`labelled` must be 0 or more, got {self.labelled}")
        if self.temperature <= 0:
            raise UsageError(f"`temperature` must be above 0, got {self.temperature}")


@dataclass(frozen=True, eq=False)
class Prediction:
    """int64 [R, N], the class given to each test image in each of R draws, and what was chosen."""

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
        votes = chunk.new_zeros(len(chunk), task.classes)
        # The nearest weighs 1: nothing overflows, and not all are 0.
        weights = ((similarity - similarity[:, :1]) / config.temperature).exp()
        votes.scatter_add_(1, known.labels[nearest], weights)
        given.append(votes.argmax(1))
    return Prediction(torch.cat(given)[None], {"k": k, "temperature": config.temperature})


def linear(task: Task, config: ProbeConfig) -> Prediction:
    """Logistic regression on standardised features.

    The L2 penalty is the one that is best on the validation images (those of the dataset, or
    `config.holdout` of the training images), the larger of equals; the classifier is then fitted to
    both together.
    """
    train, validation = _with_validation(task, config)
    penalties = sorted(config.penalties, reverse=True)
    chosen, start = penalties[len(penalties) // 2], None
    if len(validation.labels):
        mean, std = _scale(train.features)
        x, v = (train.features - mean) / std, (validation.features - mean) / std
        solutions = fit_logistic(x, train.labels, task.classes, penalties)
        right = (decide(v, solutions) == validation.labels).sum(1)
        best = int((right == right.max()).nonzero()[0])
        chosen, start = penalties[best], solutions[best]
    both = train.join(validation)
    mean, std = _scale(both.features)
    final = fit_logistic((both.features - mean) / std, both.labels, task.classes, [chosen], start)
    given = decide((task.test.features - mean) / std, final)
    return Prediction(given, {"l2": chosen})


def few_shot(task: Task, config: ProbeConfig) -> Prediction:
    """The linear probe on few labelled images, drawn `config.draws` times from training and validation.

    `config.shots` images of every class, or, where `config.labelled` is set, that many images in all,
    every class in its proportion; where there are fewer, all (see `shortage`). The settings of the
    prediction tell what was taken. One draw is made where it takes all: others would be the same. The
    penalty is chosen on a part of the drawn images, as `linear` does; with one image a class it is the
    middle one.
    """
    pool = task.train.join(task.validation)
    labels = pool.labels.cpu().numpy().astype(np.int64)
    nothing = Split(pool.features[:0], pool.labels[:0])
    taken = len(drawn(labels, config, 0))
    draws = config.draws if taken < len(labels) else 1
    given = []
    for draw in range(draws):
        rows = torch.from_numpy(drawn(labels, config, draw)).to(pool.labels.device)
        few = Task(Split(pool.features[rows], pool.labels[rows]), nothing, task.test, task.classes)
        given.append(linear(few, config).labels)
    largest = int(np.bincount(labels).max())
    shots = {} if config.labelled else {"shots": min(config.shots, largest)}
    return Prediction(torch.cat(given), {**shots, "labelled": taken, "draws": draws})


def drawn(labels: Labels, config: ProbeConfig, draw: int) -> npt.NDArray[np.intp]:
    """The rows of the labelled images of a few-shot draw, sorted."""
    seed = seeds.derive(config.seed, ["few", draw])
    if config.labelled:
        return stratified(labels, config.labelled, seed)
    order = seeds.uniforms(seed, "few", np.arange(len(labels)), n=1)[:, 0]
    rows = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return np.sort(np.concatenate([r[np.argsort(order[r])[: config.shots]] for r in rows]))


def shortage(data: LabelledImages, config: ProbeConfig, probe: str) -> str:
    """What a dataset lacks of the labelled images that a probe is to draw, in one line; empty: nothing.

    It is no error: a small dataset among others is judged with what it has.
    """
    pool = data.labels[data.splits != TEST]
    asked, has = config.labelled, f"{data.name} has {len(pool):,} labelled images to draw from"
    if probe == FINE_TUNING and asked > len(pool):
        return (
            f"{has}, {asked:,} were asked for: {probe} takes all, and draws differ in order and "
            "augmentation alone"
        )
    if probe != FEW_SHOT or 0 < asked < len(pool):
        return ""
    sizes = np.bincount(pool, minlength=len(data.classes))
    if asked or sizes.max() <= config.shots:
        wanted = f"{asked:,}" if asked else f"{config.shots:,} of each class"
        return (
            f"{has}, {wanted} were asked for: {probe} takes all, in one draw, and its interval is "
            "over test images"
        )
    few = int((sizes < config.shots).sum())
    if not few:
        return ""
    return (
        f"{few} of the {len(sizes)} classes of {data.name} have fewer than {config.shots:,} images "
        f"to draw from: {probe} takes all of theirs"
    )


def _with_validation(task: Task, config: ProbeConfig) -> tuple[Split, Split]:
    """Training and validation images; where a dataset has none of the latter, a part of the former."""
    train, validation = task.train, task.validation
    if len(validation.labels):
        return train, validation
    labels = train.labels.cpu().numpy().astype(np.int64)
    held = torch.from_numpy(split_off(labels, config.holdout, config.seed)).to(train.labels.device)
    return (
        Split(train.features[~held], train.labels[~held]),
        Split(train.features[held], train.labels[held]),
    )


def _scale(features: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and spread of each feature; a feature that never changes is left alone."""
    std, mean = torch.std_mean(features, dim=0, correction=0)
    return mean, torch.where(std > 1e-6, std, torch.ones_like(std))


Probe = Callable[[Task, ProbeConfig], Prediction]

PROBES: dict[str, Probe] = {"knn": knn, "linear": linear, FEW_SHOT: few_shot}
"""The table of probes of frozen features. A new one is added here."""


def find_probe(name: str) -> Probe:
    """The probe called `name`. Raises UsageError that lists the choices."""
    if name not in PROBES:
        known = ", ".join((*PROBES, FINE_TUNING))
        raise UsageError(f"`probe` must be one of {known}; got {name!r}")
    return PROBES[name]
