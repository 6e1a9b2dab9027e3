"""Pretraining on a bank or a baseline: from one configuration to a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from phosphene import baselines
from phosphene.augment import MEAN, STD, Levels
from phosphene.bank import Bank, Selection, ranges
from phosphene.engines import check_name, open_engine, resolve
from phosphene.engines.cuda import connections
from phosphene.engines.engine import Engine, EngineInfo
from phosphene.errors import UsageError
from phosphene.methods import check_views, method_class
from phosphene.mixing import mixer
from phosphene.models import check_sizes
from phosphene.progress import ProgressBar
from phosphene.runs import FollowedRun, Run
from phosphene.sampling import (
    CameraPolicy,
    Families,
    LatentPolicy,
    Positives,
    ProgramPolicy,
    SamplingPlan,
    ViewGroup,
)
from phosphene.sampling.families import check_strength
from phosphene.stream import Stream
from phosphene.training.augmenting import Augment, colour_policies
from phosphene.training.bookkeeping import Normalisation
from phosphene.training.configuration import TrainingConfig, plain
from phosphene.training.loop import TrainingResult, train
from phosphene.training.ranks import Ranks, joined
from phosphene.workers import cpu_count

VIEWS = "views"
"""In place of a frame's pixels: as many as a view has."""

FREE_AT_RESUME = ("data.bank", "data.engine", "training.keeping")
"""Entries of a configuration that a resumed run may change: they do not decide what it learns. That the
bank still holds the same programs is checked by their digest."""


@dataclass(frozen=True)
class DataConfig:
    """What is drawn from a bank or a baseline, and how it is shown.

    Attributes:
        bank: the bank's file.
        source: in place of a bank a baseline, see `phosphene.baselines.open_source`. What is said below
            of engines, licences, programs, sampling and supersampling is about banks only.
        images: of a baseline, pictures in all, visited in epochs; 0: endless, or all of the files'.
        canvas: of a baseline, pixels a side of its pictures; 0: 32 more than the largest view.
        engine: which engine renders.
        licences: only programs under these; empty: under any.
        where: only programs of which vetting measured this, for example "milliseconds <= 40".
        programs: at most so many, drawn at random; 0: all.
        views: of each sample; 0: what the method wants.
        mix: how programs are mixed into each sample: 6, "mixup:6" or "6+contrast", "cutmix", "kml",
            "kml-mixup"; 1: not at all.
        reuse: of mixes: samples between those in which a picture takes part, see `phosphene.stream.Stream`;
            0: it takes part in one, and every part of a mix is rendered.
        per_program: consecutive samples that show the same programs, in their own latents and cameras.
        frame: of programs, pixels a side of frames that are rendered once a sample and mixed, and from which
            views are cropped as from photographs; "views": as many as a view has; 0: every view is rendered
            by its own camera.
        sampling: how programs are drawn, see `phosphene.sampling.PLANS`.
        supersample: samples a pixel and axis.
        crop: least and greatest share of the canvas' area that a view shows.
        positives: in what the views of a sample differ: "cameras", "latents" or "both".
        families: how far the literals of programs deviate that were vetted for it; 0: not at all.
        time, mouse, channel_variants: how the other latents are drawn, see `LatentPolicy`.
        levels: whether every sample is brought to the brightness, contrast and chroma of photographs before
            its colours change; or which of them, as "contrast+chroma"; see `phosphene.augment.Levels`.
        colour: strength of SimCLR's colour augmentation, greyscale and blur; 0: none; 0.5: MoCo v2's.
        local_views: further views of each sample, smaller and of less of the canvas, for multi-crop
            methods (DINO); None: as many as the method wants.
        local_size: their side in pixels; 0: 3/7 of the others', in whole patches of 16 (224: 96).
        local_crop: least and greatest share of the canvas' area that they show.
    """

    bank: str = ""
    source: str = ""
    images: int = 0
    canvas: int = 0
    engine: str = "auto"
    licences: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    programs: int = 0
    views: int = 0
    mix: int | str = 1
    reuse: int = 0
    per_program: int = 1
    frame: int | str = 0
    sampling: str = "uniform"
    supersample: int = 1
    crop: tuple[float, float] = (0.08, 1.0)
    positives: str = Positives.CAMERAS.value
    families: float = 0.0
    time: tuple[float, float] = LatentPolicy().time
    mouse: float = LatentPolicy().mouse
    channel_variants: int = LatentPolicy().channel_variants
    levels: str | bool = False
    colour: float = 0.5
    local_views: int | None = None
    local_size: int = 0
    local_crop: tuple[float, float] = (0.05, 0.4)

    def __post_init__(self) -> None:
        check_name(self.engine)
        choices = [positives.value for positives in Positives]
        if self.positives not in choices:
            raise UsageError(
                f"`positives` must be one of {', '.join(choices)}; got {self.positives!r}"
            )
        check_strength(self.families)
        ranges(self.where)
        LatentPolicy(self.time, self.mouse, self.channel_variants)
        mixer(self.mix)
        if self.frame != VIEWS and (isinstance(self.frame, str) or self.frame < 0):
            raise UsageError(
                f"`frame` must be 0, a number of pixels or {VIEWS!r}, got {self.frame!r}"
            )
        Levels.of(self.levels)
        SamplingPlan.of(self.sampling)
        if self.source:
            baselines.check_name(self.source)
            own = self.bank or self.reuse or self.frame
            if own or self.positives != Positives.CAMERAS.value:
                raise UsageError(
                    f"`source` {self.source} goes with no `bank`, no `reuse` and no `frame`, and with "
                    f"`positives` cameras; got {self.bank!r}, {self.reuse}, {self.frame} and {self.positives}"
                )
        counts = (
            "images",
            "canvas",
            "programs",
            "reuse",
            "views",
            "colour",
            "local_views",
            "local_size",
        )
        for name in counts:
            if (getattr(self, name) or 0) < 0:
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

    @property
    def local_views(self) -> int:
        """Further, smaller views of each sample."""
        wanted = method_class(self.training.method.name).wants.local_views
        return wanted if self.data.local_views is None else self.data.local_views

    @property
    def groups(self) -> tuple[ViewGroup, ...]:
        """The views of each sample: large ones, and local ones where there are any."""
        data, size = self.data, self.training.backbone.size
        large = ViewGroup(self.views, size, CameraPolicy(scale=data.crop), data.supersample)
        if not self.local_views:
            return (large,)
        side = data.local_size or max(1, round(size * 3 / 7 / 16)) * 16
        camera = CameraPolicy(scale=data.local_crop)
        return (large, ViewGroup(self.local_views, side, camera, data.supersample))

    @property
    def frame(self) -> int:
        """Pixels a side of the samples' frames; 0: there are none."""
        frame = self.data.frame
        return frame if isinstance(frame, int) else self.training.backbone.size

    @property
    def resolved(self) -> TrainingConfig:
        """The training with a backbone that takes views of every size that there is."""
        training = self.training
        if len({group.size for group in self.groups}) == 1:
            return training
        return replace(training, backbone=training.backbone.resizable())


def pretrain(
    config: PretrainConfig,
    directory: Path,
    resume: bool = False,
    device: torch.device | str = "cpu",
) -> TrainingResult:
    """Runs, or continues, a pretraining run on live renderings.

    Started by `torchrun` it is one rank of a run: each renders its own samples on its own device.

    Args:
        config: everything that decides the run.
        directory: the run's, e.g. `runs/NAME`.
        resume: continue the run where there is one.
        device: where the network lies.

    Raises:
        UsageError: the configuration does not fit the method, the bank or the run.
        PhospheneError: see `phosphene.training.train`.
    """
    data, training, device = config.data, config.resolved, torch.device(device)
    parts = mixer(data.mix).parts
    check_views(training.method.name, config.views, parts, config.local_views)
    if config.local_views:
        check_sizes(training.backbone, *(group.size for group in config.groups))
    if device.type == "cuda":
        connections.widen()  # before CUDA starts
        torch.cuda.set_device(device if device.index is not None else torch.cuda.current_device())
        torch.backends.cudnn.benchmark = True  # shapes do not change
    policies = colour_policies(data.colour, config.local_views > 0)
    augment = Augment(policies, training.seed, Levels.of(data.levels))
    normalisation = Normalisation(MEAN, STD)
    with (
        joined(device) as ranks,
        (_pictures if data.source else _opened)(config, device, ranks) as (source, about),
        _created(config, directory, resume, ranks) as run,
    ):
        run.append("engine", **about)
        return train(training, source, augment, normalisation, run, device, ranks)


@contextmanager
def _created(config: PretrainConfig, directory: Path, resume: bool, ranks: Ranks) -> Iterator[Run]:
    """The run's files, for the first rank to write; the others follow."""
    run: Run = FollowedRun(directory, plain(config))

    def create() -> None:
        nonlocal run
        run = Run.create(directory, plain(config), resume, FREE_AT_RESUME, plain(PretrainConfig()))

    ranks.first_does(create)
    with run:
        yield run


@contextmanager
def _pictures(
    config: PretrainConfig, device: torch.device, ranks: Ranks
) -> Iterator[tuple[baselines.PictureSource, dict[str, Any]]]:
    """As `_opened`, of a baseline."""
    data, training = config.data, config.training
    with baselines.open_source(
        data.source,
        batch_size=ranks.share(training.micro_batch),
        views=config.groups,
        device=device,
        seed=training.seed,
        images=data.images,
        canvas=data.canvas,
        mix=data.mix,
        rank=ranks.rank,
        world=ranks.world,
        progress=ranks.first,
    ) as source:
        info = EngineInfo("pictures", str(device), torch.__version__, device.type == "cpu")
        yield source, asdict(info)


def chosen(bank: Bank, data: DataConfig, seed: int) -> Selection:
    """The programs of a bank that a run with this seed is shown."""
    limit = data.programs or None
    return bank.select(data.licences, limit=limit, seed=seed, measured=ranges(data.where))


def drawn(
    bank: Bank, data: DataConfig, training: TrainingConfig
) -> tuple[Selection, ProgramPolicy, Families]:
    """The programs that a run is shown, how they are drawn, and how far they vary.

    Raises:
        UsageError: the bank has no accepted programs of this kind, or not what was measured of them.
    """
    selection = chosen(bank, data, training.seed)
    if not selection.program_ids:
        raise UsageError(
            f"the bank {data.bank} has no accepted programs"
            + (f" under {', '.join(data.licences)}" if data.licences else "")
            + (f" with {', '.join(data.where)}" if data.where else "")
            + f"; vet it first: phosphene vet --bank {data.bank}"
        )
    samples = training.steps * training.batch_size
    plan = SamplingPlan.of(data.sampling).policy(bank, selection.program_ids, samples)
    return selection, plan, Families.of(bank, selection.program_ids, data.families)


@contextmanager
def _opened(
    config: PretrainConfig, device: torch.device, ranks: Ranks
) -> Iterator[tuple[Stream, dict[str, Any]]]:
    """This rank's share of the samples, and what the record says of where they come from."""
    data, training = config.data, config.training
    with Bank.open(Path(data.bank)) as bank:
        selection, plan, families = drawn(bank, data, training)
        engine = _engine(data.engine, bank, ranks)
        try:
            names = families.names(selection.program_ids)
            _prepare(engine, names, data.supersample, shown=ranks.first)
            with Stream(
                selection,
                batch_size=ranks.share(training.micro_batch),
                views=config.groups,
                device=device,
                seed=training.seed,
                engine=engine,
                mix=data.mix,
                programs=plan,
                latent=LatentPolicy(data.time, data.mouse, data.channel_variants),
                families=families,
                positives=Positives(data.positives),
                reuse=data.reuse,
                per_program=data.per_program,
                frame=config.frame,
                rank=ranks.rank,
                world=ranks.world,
            ) as stream:
                yield stream, asdict(engine.info)
        finally:
            engine.close()


def _engine(name: str, bank: Bank, ranks: Ranks) -> Engine:
    """The engine; ranks of one machine share the cores that a software renderer draws on."""
    options: dict[str, Any] = {}
    if ranks.beside > 1 and resolve(name) == "opengl":
        options["workers"] = max(1, cpu_count() // ranks.beside)
    return open_engine(name, bank.modules, **options)


def _prepare(engine: Engine, programs: Sequence[str], supersample: int, shown: bool) -> None:
    """Compiles what the engine wants compiled before the first step, under a progress bar."""
    with ProgressBar("preparing programs", shown) as bar:
        engine.prepare(programs, bar.show, supersample)
