"""What a method of learning is: views and labels in, a loss out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Protocol, cast

from torch import Tensor, nn

from phosphene.errors import UsageError


class Labels(Protocol):
    """What a batch tells about its samples; `phosphene.stream.Batch` is one.

    Attributes:
        programs: int64 [B], the index of each sample's program; of the heaviest where several are mixed.
        parts: int64 [B, P], the programs mixed into each sample; P = 1 without mixing.
        weights: float32 [B, P], their shares; each row adds up to 1.
    """

    @property
    def programs(self) -> Tensor: ...
    @property
    def parts(self) -> Tensor: ...
    @property
    def weights(self) -> Tensor: ...


@dataclass(frozen=True, slots=True)
class Wants:
    """What a method asks of its data.

    Attributes:
        views: views of each sample that a user gets who does not say otherwise.
        least, most: the bounds of what it can work with.
        mixing: whether samples may be mixes of several programs.
        local_views: further views of less of the canvas, at a smaller size, that a user gets who does
            not say otherwise; 0: the method has no use for them.
    """

    views: int = 2
    least: int = 2
    most: int = 2
    mixing: bool = True
    local_views: int = 0


class Outcome(NamedTuple):
    """What a method makes of a batch: the loss (scalar, with gradient) and figures to log (scalars)."""

    loss: Tensor
    metrics: Mapping[str, Tensor]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far training is: `step` of `steps` optimiser steps are done."""

    step: int
    steps: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.step / max(1, self.steps)


def check_least(settings: object, **least: int) -> None:
    """Raises UsageError where an entry of a method's settings is below its least value."""
    for name, bound in least.items():
        if (value := getattr(settings, name)) < bound:
            raise UsageError(f"`{name}` must be at least {bound}, got {value}")


class Method(nn.Module, ABC):
    """One way to learn from rendered views. To add one: CONTRIBUTING.md, "a method".

    A subclass has a frozen dataclass `Config` with its settings, declares what it `wants`, builds its
    heads in `__init__(backbone, config, programs)` and computes `loss`. What it does around optimiser
    steps (a momentum encoder, a teacher's temperature) belongs into `before_step`, `after_backward` and
    `after_step`. All that must outlive a checkpoint is a parameter or a persistent buffer.

    Attributes:
        backbone: the network that is judged and exported; of a student and a teacher, the one whose
            features are better. Its parameters' names are saved as timm has them.
        sync_batchnorm: in a distributed run BatchNorm sees the samples of all ranks.
    """

    Config: ClassVar[type[Any]]
    wants: ClassVar[Wants]
    backbone: nn.Module
    sync_batchnorm: bool

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.sync_batchnorm = False

    @abstractmethod
    def loss(self, views: Sequence[Tensor], labels: Labels) -> Outcome:
        """The loss of one batch.

        Args:
            views: float [B, 3, H, W] a view, normalised; a tensor [V, B, 3, H, W] serves too. Sizes may
                differ between views only where the method asked for that.
            labels: of the B samples.
        """

    def forward(self, views: Sequence[Tensor], labels: Labels) -> Outcome:
        """`loss`, so that a wrapper such as DistributedDataParallel can stand around the method."""
        return self.loss(views, labels)

    def check_batch(self, samples: int) -> None:
        """Raises UsageError where a rank's batch of so many samples does not do; asked before training begins."""

    def before_step(self, progress: Progress) -> None:
        """Called before the batches of an optimiser step; most methods have nothing to do."""

    def after_backward(self, progress: Progress) -> None:
        """Called when a step's gradients are there, before they are clipped and used."""

    def after_step(self, progress: Progress) -> None:
        """Called after every optimiser step, which `progress` counts as done."""

    def features(self, images: Tensor) -> Tensor:
        """float [B, 3, H, W] → float [B, D], what the backbone sees."""
        return cast(Tensor, self.backbone(images))
