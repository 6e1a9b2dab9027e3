"""How well a frozen backbone serves on real images: datasets → features → probes → results."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import torch
from torch import Tensor

from phosphene.evaluation.datasets import TEST, TRAIN, VALIDATION, LabelledImages
from phosphene.evaluation.features import FeatureCache, extract
from phosphene.evaluation.judged import Judged, from_checkpoint, randomly_initialised
from phosphene.evaluation.loading import cache_root, load
from phosphene.evaluation.probes import PROBES, ProbeConfig, Split, Task, find_probe
from phosphene.evaluation.results import Interval, Report, Score, bootstrap, per_class

__all__ = [
    "PROBES",
    "EvaluationConfig",
    "FeatureCache",
    "Interval",
    "Judged",
    "LabelledImages",
    "ProbeConfig",
    "Report",
    "Score",
    "cache_root",
    "evaluate",
    "find_probe",
    "from_checkpoint",
    "load",
    "randomly_initialised",
]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EvaluationConfig:
    """How backbones are judged.

    Attributes:
        probes: names of the table `PROBES`.
        settings: of the probes.
        limit: most images a split of a dataset; 0: all.
        device, batch_size: of the backbones.
    """

    probes: tuple[str, ...] = ("knn", "linear")
    settings: ProbeConfig = field(default_factory=ProbeConfig)
    limit: int = 0
    device: str = "cpu"
    batch_size: int = 256


def evaluate(
    models: Sequence[Judged],
    datasets: Sequence[LabelledImages],
    config: EvaluationConfig | None = None,
    cache: FeatureCache | None = None,
    baseline: str = "",
) -> Report:
    """Judges every backbone on every dataset with every probe.

    Args:
        models: under different names.
        datasets: from `load`.
        config: see `EvaluationConfig`.
        cache: where features are kept; None: nowhere.
        baseline: the name of the model that others are compared with.

    Raises:
        UsageError: for an unknown probe.
        PhospheneError: an image cannot be decoded, the cache cannot be written.
    """
    config, cache = config or EvaluationConfig(), cache or FeatureCache(None)
    probes = {name: find_probe(name) for name in config.probes}
    scores = []
    for data in datasets:
        data = data.limited(config.limit, config.settings.seed) if config.limit else data
        tasks = {}
        for judged in models:
            log.info("%s sees %s (%d images)", judged.name, data.name, len(data))
            features = extract(judged, data, cache, config.device, config.batch_size)
            tasks[judged.name] = _task(data, features)
        for name, probe in probes.items():
            for model, task in tasks.items():
                prediction = probe(task, config.settings)
                scores.append(
                    _score(model, name, data, task, prediction.labels, prediction.settings)
                )
    about = {m.name: {"backbone": asdict(m.config), "weights": m.digest} for m in models}
    return Report(tuple(scores), about, baseline, config.settings.seed)


def _task(data: LabelledImages, features: Tensor) -> Task:
    labels = torch.from_numpy(data.labels)
    parts = {}
    for split in (TRAIN, VALIDATION, TEST):
        rows = torch.from_numpy(data.rows(split))
        parts[split] = Split(features[rows], labels[rows])
    return Task(parts[TRAIN], parts[VALIDATION], parts[TEST], len(data.classes))


def _score(
    model: str,
    probe: str,
    data: LabelledImages,
    task: Task,
    given: Tensor,
    settings: Mapping[str, float],
) -> Score:
    right = (given == task.test.labels).numpy()
    return Score(
        model,
        probe,
        data.name,
        data.group,
        float(right.mean()),
        bootstrap([right.astype(np.float64)]),
        per_class(right, task.test.labels.numpy()),
        len(task.train.labels) + len(task.validation.labels),
        len(task.test.labels),
        task.classes,
        settings,
        right,
    )
