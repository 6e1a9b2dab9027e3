"""The files of a comparison, and what of it is done.

comparison.yaml          the specification
runs/ARM-SEED/           a run each, as `phosphene pretrain` leaves it
scores/ARM-SEED.json     how it was judged
logs/ARM-SEED.log        what its process printed
results.json             the table
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from phosphene.bank import Bank
from phosphene.comparing.specification import NOTHING, Comparison
from phosphene.comparing.table import Scored
from phosphene.errors import PhospheneError
from phosphene.evaluation import LabelledImages
from phosphene.runs import Run, without, write_atomically
from phosphene.training import PretrainConfig, plain, read_config
from phosphene.training.checkpoints import Checkpoint, read, steps
from phosphene.training.pretraining import FREE_AT_RESUME, DataConfig, chosen

SPECIFICATION = "comparison.yaml"
RESULTS = "results.json"


@dataclass(frozen=True)
class Job:
    """One arm with one seed, in the directory of a comparison."""

    root: Path
    arm: str
    seed: int

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.arm}-{self.seed}"

    @property
    def run(self) -> Path:
        """The directory of its run."""
        return self.root / "runs" / self.name

    @property
    def log(self) -> Path:
        """What its process printed."""
        return self.root / "logs" / f"{self.name}.log"

    @property
    def scores(self) -> Path:
        """How it was judged."""
        return self.root / "scores" / f"{self.name}.json"


def jobs_of(comparison: Comparison, root: Path) -> list[Job]:
    """All jobs, seed by seed, so that a comparison cut short has something of every arm."""
    return [
        Job(root, arm, seed)
        for seed in comparison.seeds
        for arm in comparison.arms
        if seed in comparison.seeds_of(arm)
    ]


def specification_text(comparison: Comparison) -> str:
    """As it is kept."""
    return yaml.safe_dump(comparison.plain(), sort_keys=False, allow_unicode=True)


def write_specification(comparison: Comparison, root: Path) -> None:
    """Makes the directories and writes the specification."""
    text = specification_text(comparison)
    try:
        for name in ("runs", "scores", "logs"):
            (root / name).mkdir(parents=True, exist_ok=True)
        write_atomically(root / SPECIFICATION, text.encode())
    except OSError as error:
        raise PhospheneError(f"cannot write the comparison {root}: {error.strerror}") from error


def marks_of(datasets: Sequence[LabelledImages]) -> dict[str, str]:
    """What names the images, labels and splits of each dataset."""
    return {data.name: data.mark for data in datasets}


def write_scores(
    job: Job,
    comparison: Comparison,
    weights: str,
    marks: Mapping[str, str],
    report: Mapping[str, Any],
) -> None:
    """Keeps how a job was judged, as what, on what weights and images."""
    content = {
        "judging": asdict(comparison.judging),
        "subject": _subject(job, comparison),
        "weights": weights,
        "data": marks,
        "report": report,
    }
    try:
        job.scores.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(job.scores, json.dumps(content, indent=1).encode())
    except OSError as error:
        raise PhospheneError(f"cannot write {job.scores}: {error.strerror}") from error


def scored(
    job: Job, comparison: Comparison, marks: Mapping[str, str] | None = None
) -> Scored | None:
    """What is known of a job; None where it is to be done, or was judged in another way, or as something else.

    Args:
        job: whose.
        comparison: what it belongs to.
        marks: of the datasets as they are now (`marks_of`), on which it must have been judged; None: on any.
    """
    expected = {"judging": asdict(comparison.judging), "subject": _subject(job, comparison)}
    if marks is not None:
        expected["data"] = dict(marks)
    try:
        content = json.loads(job.scores.read_text("utf-8"))
        same = {name: content[name] for name in expected} == json.loads(json.dumps(expected))
        report = content["report"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    role = comparison.arms[job.arm].role
    if not same or (role != NOTHING and not trained(job, comparison)):
        return None
    return Scored(job.arm, role, job.seed, report)


def trained(job: Job, comparison: Comparison) -> bool:
    """Whether a job's run has its last checkpoint, and was trained as it is to be.

    One that was trained otherwise (the specification was changed, or a recipe) is none that is done: going
    on with it is refused, with the entry that differs.
    """
    config = comparison.config(job.arm, job.seed)
    newest = _last(job.run)
    if newest is None or newest.step < config.training.steps:
        return False
    try:
        before = read_config(PretrainConfig, Run.open(job.run).config)
    except PhospheneError:
        return False
    return _deciding(before) == _deciding(config)


def outdated(jobs: Sequence[Job], comparison: Comparison) -> set[Job]:
    """The jobs whose runs were shown other programs than their bank has by now. A bank that is not there any more,
    or cannot be read, tells nothing."""
    digest = cache(_digest)  # of each selection once, for all seeds that have the same
    old = set()
    for job in jobs:
        config, newest = comparison.config(job.arm, job.seed), _last(job.run)
        if newest is not None and config.data.bank:
            now = digest(config.data, config.training.seed if config.data.programs else 0)
            if now not in (None, newest.manifest.get("digest")):
                old.add(job)
    return old


def _digest(data: DataConfig, seed: int) -> str | None:
    """Names the programs that a run would be shown now; None where there is no telling."""
    try:
        with Bank.open(Path(data.bank), read_only=True) as bank:
            return chosen(bank, data, seed).digest
    except PhospheneError:
        return None


def _subject(job: Job, comparison: Comparison) -> dict[str, Any]:
    """What decides the weights of a job: a run's configuration, or the backbone whose random weights are judged."""
    config = comparison.config(job.arm, job.seed)
    if comparison.arms[job.arm].role == NOTHING:
        return {"backbone": asdict(config.training.backbone)}
    return _deciding(config)


def _deciding(config: PretrainConfig) -> dict[str, Any]:
    """A run's configuration, less what may change when it is resumed."""
    return without(plain(config), FREE_AT_RESUME)


def finished(directory: Path, total: int) -> bool:
    """Whether a run's newest checkpoint can be read and is that of its last step."""
    newest = _last(directory)
    return newest is not None and newest.step >= total


def _last(directory: Path) -> Checkpoint | None:
    """A run's newest checkpoint; None where there is none, or it cannot be read."""
    try:
        found = steps(Run.open(directory).checkpoints)
        return read(found[-1]) if found else None
    except PhospheneError:
        return None
