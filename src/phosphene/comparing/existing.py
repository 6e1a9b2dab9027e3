"""A table from runs that exist already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from phosphene.comparing.budgets import budget, check_equal
from phosphene.comparing.layout import finished
from phosphene.comparing.specification import NOTHING, ROLES, Judging
from phosphene.comparing.table import Scored, Table
from phosphene.errors import UsageError
from phosphene.evaluation import (
    FeatureCache,
    Judged,
    evaluate,
    from_checkpoint,
    randomly_initialised,
)
from phosphene.runs import Run
from phosphene.training import PretrainConfig, read_config


@dataclass(frozen=True)
class Existing:
    """A run that takes part: `[ROLE:][ARM=]DIR`; several runs of one arm differ in their seed."""

    role: str
    arm: str
    directory: Path

    @classmethod
    def parse(cls, text: str) -> Existing:
        """From the command line. The arm's default name is the directory's, less a seed at its end."""
        role, colon, rest = text.partition(":")
        if not colon or role not in ROLES or role == NOTHING:
            role, rest = "", text
        arm, equals, directory = rest.partition("=")
        if not equals:
            arm, directory = "", rest
        own = Path(directory)
        stem, _, seed = own.resolve().name.rpartition("-")
        return cls(role, arm or (stem if seed.isdigit() and stem else own.resolve().name), own)


def tabulate_runs(
    runs: Sequence[Existing],
    judging: Judging,
    cache: FeatureCache,
    device: str = "cpu",
    free: Sequence[str] = (),
    nothing: bool = True,
) -> Table:
    """Judges runs that exist and makes their table.

    Args:
        runs: finished ones.
        judging: how they are judged.
        cache: where features are kept.
        device: where backbones run.
        free: entries of the budget that may differ.
        nothing: whether random weights, one for each seed that occurs, take part.

    Raises:
        UsageError: a run is not finished, budgets are unequal, or an arm has a seed twice.
    """
    configs = {run.directory: _config(run.directory) for run in runs}
    check_equal({str(d): budget(config) for d, config in configs.items()}, free)
    named: list[tuple[str, str, int, Judged]] = []
    for run in runs:
        seed = configs[run.directory].training.seed
        if any((run.arm, seed) == (arm, other) for _, arm, other, _ in named):
            raise UsageError(f"the arm {run.arm} has two runs of seed {seed}")
        named.append((run.role, run.arm, seed, from_checkpoint(run.directory)))
    first = next(iter(configs.values()))
    if nothing:
        random = [
            (NOTHING, NOTHING, seed, randomly_initialised(first.training.backbone, seed=seed))
            for seed in sorted({seed for _, _, seed, _ in named})
        ]
        named = random + named
    datasets = judging.datasets()
    found = [
        Scored(
            arm,
            role,
            seed,
            evaluate(
                [replace(judged, name=arm)], datasets, judging.evaluation(device), cache
            ).plain(),
        )
        for role, arm, seed, judged in named
    ]
    return Table(found, budget(first), free)


def _config(directory: Path) -> PretrainConfig:
    config = read_config(PretrainConfig, Run.open(directory).config)
    if not finished(directory, config.training.steps):
        raise UsageError(
            f"the run {directory} is not finished: it has no checkpoint of step "
            f"{config.training.steps}; continue it with --resume"
        )
    return config
