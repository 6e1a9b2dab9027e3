"""Pretraining on a bank: from one configuration to a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import Progress
from torch import Tensor

from phosphene.augment import MEAN, STD, ColourAugment, ColourPolicy
from phosphene.bank import Bank
from phosphene.engines import ENGINES, open_engine
from phosphene.engines.engine import Engine
from phosphene.errors import UsageError
from phosphene.methods import check_views, method_class
from phosphene.runs import Run
from phosphene.sampling import CameraPolicy, Positives
from phosphene.stream import Batch, Stream
from phosphene.training.bookkeeping import Normalisation
from phosphene.training.configuration import TrainingConfig, plain
from phosphene.training.loop import TrainingResult, train

FREE_AT_RESUME = ("data.bank", "data.engine", "training.keeping")
"""Entries of a configuration that a resumed run may change: they do not decide what it learns. That the
bank still holds the same programs is checked by their digest."""


@dataclass(frozen=True)
class DataConfig:
    """What is drawn from a bank, and how it is shown.

    Attributes:
        bank: the bank's file.
        engine: which engine renders.
        licences: only programs under these; empty: under any.
        programs: at most so many, drawn at random; 0: all.
        views: of each sample; 0: what the method wants.
        mix: programs mixed into each sample; 1: none.
        supersample: samples a pixel and axis.
        crop: least and greatest share of the canvas' area that a view shows.
        positives: in what the views of a sample differ: "cameras", "latents" or "both".
        colour: strength of SimCLR's colour augmentation, greyscale and blur; 0: none; 0.5: MoCo v2's.
    """

    bank: str = ""
    engine: str = "auto"
    licences: tuple[str, ...] = ()
    programs: int = 0
    views: int = 0
    mix: int = 1
    supersample: int = 1
    crop: tuple[float, float] = (0.08, 1.0)
    positives: str = Positives.CAMERAS.value
    colour: float = 0.5

    def __post_init__(self) -> None:
        choices = [positives.value for positives in Positives]
        for name, value, known in (
            ("engine", self.engine, ENGINES),
            ("positives", self.positives, choices),
        ):
            if value not in known:
                raise UsageError(f"`{name}` must be one of {', '.join(known)}; got {value!r}")
        for name in ("programs", "views", "colour"):
            if getattr(self, name) < 0:
                raise UsageError(f"`{name}` must be 0 or more, got {getattr(self, name)}")


@dataclass(frozen=True)
class PretrainConfig:
    """Everything that decides a pretraining run; `config.yaml` of its directory."""

    data: DataConfig = field(default_factory=DataConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)

    @property
    def views(self) -> int:
        """Views of each sample."""
        return self.data.views or method_class(self.training.method.name).wants.views


def pretrain(
    config: PretrainConfig,
    directory: Path,
    resume: bool = False,
    device: torch.device | str = "cpu",
) -> TrainingResult:
    """Runs, or continues, a pretraining run on live renderings.

    Args:
        config: everything that decides the run.
        directory: the run's, e.g. `runs/NAME`.
        resume: continue the run where there is one.
        device: where the network lies.

    Raises:
        UsageError: the configuration does not fit the method, the bank or the run.
        PhospheneError: see `phosphene.training.train`.
    """
    data, training = config.data, config.training
    check_views(training.method.name, config.views, data.mix)
    with Bank.open(Path(data.bank)) as bank:
        limit = data.programs or None
        selection = bank.select(licences=data.licences, limit=limit, seed=training.seed)
        if not selection.program_ids:
            raise UsageError(
                f"the bank {data.bank} has no accepted programs"
                + (f" under {', '.join(data.licences)}" if data.licences else "")
                + f"; vet it first: phosphene vet --bank {data.bank}"
            )
        engine = open_engine(data.engine, bank.modules)
        try:
            _prepare(engine, selection.program_ids)
            with (
                Stream(
                    selection,
                    batch_size=training.micro_batch,
                    size=training.backbone.size,
                    views=config.views,
                    device=device,
                    seed=training.seed,
                    engine=engine,
                    mix=data.mix,
                    supersample=data.supersample,
                    camera=CameraPolicy(scale=data.crop),
                    positives=Positives(data.positives),
                ) as stream,
                Run.create(directory, plain(config), resume, FREE_AT_RESUME) as run,
            ):
                run.append("engine", **asdict(engine.info))
                policy = ColourPolicy.simclr(data.colour) if data.colour else ColourPolicy.none()
                augment = Augment(policy, training.seed)
                return train(training, stream, augment, Normalisation(MEAN, STD), run, device)
        finally:
            engine.close()


def _prepare(engine: Engine, programs: Sequence[str]) -> None:
    """Compiles what the engine wants compiled before the first step, under a progress bar."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("preparing programs", total=len(programs), visible=False)
        engine.prepare(
            programs,
            lambda done, total: bar.update(task, completed=done, total=total, visible=True),
        )


class Augment:
    """From a batch of a stream to normalised views: what sample n gets depends on (seed, n) alone."""

    def __init__(self, policy: ColourPolicy, seed: int) -> None:
        self._augment = ColourAugment((policy,), seed)

    def __call__(self, batch: Batch | Any) -> Sequence[Tensor]:
        """float32 [B, 3, H, W] for each view of each group."""
        views: list[Tensor] = []
        for group in batch.groups:
            views.extend(self._augment(group, batch.index, first=len(views)))
        return views
