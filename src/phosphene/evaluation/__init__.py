"""How well a backbone serves on real images: datasets → features → probes → results."""

from __future__ import annotations

from phosphene.evaluation.datasets import LabelledImages
from phosphene.evaluation.feature_cache import FeatureCache
from phosphene.evaluation.finetuning import FineTuningConfig, Tuned, fine_tune
from phosphene.evaluation.groups import GROUPS, grouped
from phosphene.evaluation.judged import Judged, from_checkpoint, randomly_initialised
from phosphene.evaluation.judging import EvaluationConfig, evaluate, score
from phosphene.evaluation.loading import cache_root, load
from phosphene.evaluation.probes import (
    FINE_TUNING,
    PROBES,
    ProbeConfig,
    Split,
    Task,
    find_probe,
)
from phosphene.evaluation.results import (
    Interval,
    Report,
    Score,
    aligned,
    bootstrap,
    per_class,
    student,
)

__all__ = [
    "FINE_TUNING",
    "GROUPS",
    "PROBES",
    "EvaluationConfig",
    "FeatureCache",
    "FineTuningConfig",
    "Interval",
    "Judged",
    "LabelledImages",
    "ProbeConfig",
    "Report",
    "Score",
    "Split",
    "Task",
    "Tuned",
    "aligned",
    "bootstrap",
    "cache_root",
    "evaluate",
    "find_probe",
    "fine_tune",
    "from_checkpoint",
    "grouped",
    "load",
    "per_class",
    "randomly_initialised",
    "score",
    "student",
]
