"""Backbones x datasets x probes → a report."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import torch

from phosphene.errors import UsageError
from phosphene.evaluation.datasets import TEST, TRAIN, VALIDATION, LabelledImages
from phosphene.evaluation.feature_cache import FeatureCache
from phosphene.evaluation.features import extract
from phosphene.evaluation.finetuning import FineTuningConfig, fine_tune, labelled_images
from phosphene.evaluation.judged import Judged
from phosphene.evaluation.probes import (
    FINE_TUNING,
    ProbeConfig,
    Split,
    Task,
    find_probe,
    shortage,
)
from phosphene.evaluation.results import Bits, Report, Score, interval_of, per_class
from phosphene.progress import ProgressBar

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EvaluationConfig:
    """How backbones are judged.

    Attributes:
        probes: names of the table `PROBES`, or "fine-tuning".
        settings: of the probes.
        tuning: of the fine-tuning.
        limit: most images a split of a dataset; 0: all.
        device, batch_size: of the backbones.
    """

    probes: tuple[str, ...] = ("knn", "linear")
    settings: ProbeConfig = field(default_factory=ProbeConfig)
    tuning: FineTuningConfig = field(default_factory=FineTuningConfig)
    limit: int = 0
    device: str = "cpu"
    batch_size: int = 256

    def __post_init__(self) -> None:
        if self.limit < 0:
            raise UsageError(f"`limit` must be 0 or more, got {self.limit}")


def evaluate(
    models: Sequence[Judged],
    datasets: Sequence[LabelledImages],
    config: EvaluationConfig | None = None,
    cache: FeatureCache | None = None,
    baseline: str = "",
    progress: bool = False,
) -> Report:
    """Judges every backbone on every dataset with every probe.

    Args:
        models: under different names.
        datasets: from `load`.
        config: see `EvaluationConfig`.
        cache: where features are kept; None: nowhere.
        baseline: the name of the model that others are compared with.
        progress: whether the standard error shows how far each work is.

    Raises:
        UsageError: for an unknown probe.
        PhospheneError: an image cannot be decoded.
    """
    config, cache = config or EvaluationConfig(), cache or FeatureCache(None)
    for name in config.probes:
        if name != FINE_TUNING:
            find_probe(name)
    scores: list[Score] = []
    for data in datasets:
        data = data.limited(config.limit, config.settings.seed) if config.limit else data
        for name in config.probes:
            if lacking := shortage(data, config.settings, name):
                log.warning("%s", lacking)
        tasks = {}
        if set(config.probes) - {FINE_TUNING}:
            for judged in models:
                log.info("%s sees %s (%d images)", judged.name, data.name, len(data))
                tasks[judged.name] = _task(judged, data, cache, config, progress)
        for name in config.probes:
            if name == FINE_TUNING:
                scores += [_tuned(judged, data, config, progress) for judged in models]
            else:
                scores += _probed(name, tasks, data, config, progress)
    about = {m.name: {"backbone": asdict(m.config), "weights": m.digest} for m in models}
    return Report(tuple(scores), about, baseline, config.settings.seed)


def score(
    model: str, probe: str, data: LabelledImages, right: Bits, settings: Mapping[str, float]
) -> Score:
    """The score of a model and probe on a dataset.

    Args:
        model, probe: their names.
        data: the dataset.
        right: bool [draws, test], which test images were right.
        settings: what the probe used or chose.
    """
    test = data.rows(TEST)
    shares = right.astype(np.float64)
    return Score(
        model,
        probe,
        data.name,
        data.group,
        float(shares.mean()),
        interval_of([shares]),
        float(np.mean([per_class(row, data.labels[test]) for row in right])),
        len(data) - len(test),
        len(test),
        len(data.classes),
        settings,
        right,
    )


def _probed(
    name: str,
    tasks: Mapping[str, Task],
    data: LabelledImages,
    config: EvaluationConfig,
    progress: bool,
) -> list[Score]:
    """The scores of one probe of frozen features: of every backbone of `tasks`, by name."""
    probe = find_probe(name)
    scores: list[Score] = []
    with ProgressBar(f"{name} on {data.name}", progress) as bar:
        for model, task in tasks.items():
            bar.show(len(scores), len(tasks), model)
            given = probe(task, config.settings)
            right = (given.labels == task.test.labels).cpu().numpy()
            scores.append(score(model, name, data, right, given.settings))
    return scores


def _tuned(judged: Judged, data: LabelledImages, config: EvaluationConfig, progress: bool) -> Score:
    """The score of the whole network trained on, one draw after the other."""
    settings = config.settings
    with ProgressBar(f"fine-tuning {judged.name} on {data.name}", progress) as bar:
        tuned = list(fine_tune(judged, data, config.tuning, settings, config.device, show=bar.show))
    chosen = {"labelled": labelled_images(data, settings), "draws": settings.draws}
    rates = {f"rate_{t.draw}": t.rate for t in tuned}
    right = np.stack([t.right for t in tuned])
    return score(judged.name, FINE_TUNING, data, right, {**chosen, **rates})


def _task(
    judged: Judged,
    data: LabelledImages,
    cache: FeatureCache,
    config: EvaluationConfig,
    progress: bool,
) -> Task:
    with ProgressBar(f"{judged.name} sees {data.name}", progress) as bar:
        seen = extract(judged, data, cache, config.device, config.batch_size, bar.show)
    features = seen.to(config.device)
    labels = torch.from_numpy(data.labels).to(config.device)
    parts = {}
    for split in (TRAIN, VALIDATION, TEST):
        rows = torch.from_numpy(data.rows(split)).to(config.device)
        parts[split] = Split(features[rows], labels[rows])
    return Task(parts[TRAIN], parts[VALIDATION], parts[TEST], len(data.classes))
