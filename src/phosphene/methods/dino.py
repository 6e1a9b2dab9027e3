"""DINO: a student sees small and large views, and says what its teacher says of the other large ones.

Source: Caron et al., *Emerging Properties in Self-Supervised Vision Transformers* (ICCV 2021); Sinkhorn-Knopp in
place of a centre: Oquab et al., *DINOv2* (2023), after Caron et al., *SwAV* (NeurIPS 2020). Loss, head, momentum and
Sinkhorn-Knopp are lightly's. The crops are cameras: local views are rendered at their own size.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from lightly.loss import DINOLoss
from lightly.loss.swav_loss import sinkhorn
from lightly.models.modules.heads import DINOProjectionHead
from lightly.models.utils import deactivate_requires_grad, update_momentum
from lightly.utils.scheduler import cosine_schedule
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from phosphene.errors import UsageError
from phosphene.methods.method import Labels, Method, Outcome, Progress, Wants, check_least
from phosphene.models import width_of

CENTRINGS = ("mean", "sinkhorn")


@dataclass(frozen=True)
class DINOConfig:
    """Settings of DINO. Shares are of the run's steps; the paper counts epochs, here of 100.

    Attributes:
        output: length of the heads' output.
        hidden, bottleneck: widths of the heads' layers.
        student_temperature: of the student's softmax.
        teacher_temperature, first_teacher_temperature: of the teacher's, in the end and at first.
        warmup: share in which the teacher's temperature rises.
        momentum: of the teacher at first; it rises to 1 on a cosine.
        centring: what keeps the teacher from saying the same of everything: "mean", the running mean of its output is
            taken off; or "sinkhorn", the classes are equally common in every batch (three rounds of Sinkhorn-Knopp).
        centre_momentum: of that running mean.
        frozen: share in which the student's last layer does not learn.
        batch_norm: whether the heads' hidden layers have it; the paper's have it behind convolutional networks.
        norm_last_layer: its weights have length 1; slower, but steadier.
        sync_batchnorm: BatchNorm, where a backbone has it, sees the samples of all ranks (on GPUs).
    """

    output: int = 65536
    hidden: int = 2048
    bottleneck: int = 256
    student_temperature: float = 0.1
    teacher_temperature: float = 0.07
    first_teacher_temperature: float = 0.04
    warmup: float = 0.3
    momentum: float = 0.996
    centring: str = "mean"
    centre_momentum: float = 0.9
    frozen: float = 0.01
    batch_norm: bool = False
    norm_last_layer: bool = True
    sync_batchnorm: bool = True

    def __post_init__(self) -> None:
        for name in ("student", "teacher", "first_teacher"):
            value = getattr(self, f"{name}_temperature")
            if value <= 0:
                raise UsageError(f"`{name}_temperature` must be above 0, got {value}")
        check_least(self, output=1, hidden=1, bottleneck=1)
        for name in ("warmup", "frozen", "momentum", "centre_momentum"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"`{name}` must be in 0 … 1, got {getattr(self, name)}")
        if self.centring not in CENTRINGS:
            raise UsageError(
                f"`centring` must be one of {', '.join(CENTRINGS)}; got {self.centring!r}"
            )

    def temperature(self, share: float) -> float:
        """The teacher's temperature after a share of the steps: a linear rise."""
        risen = min(1.0, share / self.warmup) if self.warmup else 1.0
        rise = self.teacher_temperature - self.first_teacher_temperature
        return self.first_teacher_temperature + rise * risen


class DINO(Method):
    """Self-distillation without labels; the backbone is the teacher's, whose features are better."""

    Config = DINOConfig
    wants = Wants(views=2, least=2, most=2, mixing=True, local_views=8)

    def __init__(self, backbone: nn.Module, config: DINOConfig, programs: int = 0) -> None:
        """Builds the student as a copy of the backbone, and two equal heads."""
        super().__init__(backbone)
        self.config, self.sync_batchnorm = config, config.sync_batchnorm
        self.student = copy.deepcopy(backbone)
        self.projector, self.teacher_projector = (_head(backbone, config) for _ in range(2))
        self.teacher_projector.load_state_dict(self.projector.state_dict())
        for teacher in (self.backbone, self.teacher_projector):
            deactivate_requires_grad(teacher)
        self.distance = DINOLoss(
            config.output,
            student_temp=config.student_temperature,
            center_momentum=config.centre_momentum,
        )
        self._temperature = config.temperature(0.0)

    def train(self, mode: bool = True) -> DINO:
        """The teacher drops nothing; its BatchNorm, where there is one, works as the student's."""
        super().train(mode)
        for layer in self.backbone.modules():
            if not isinstance(layer, _BatchNorm):
                layer.training = False  # of this layer alone
        return self

    def before_step(self, progress: Progress) -> None:
        """Sets the teacher's temperature."""
        self._temperature = self.config.temperature(progress.share)

    def loss(self, views: Sequence[Tensor], labels: Labels) -> Outcome:
        """Cross-entropy between teacher and student; `entropy`: of the teacher's output, in nats.

        Args:
            views: two global ones, then any number of local ones, all of one size.
            labels: not looked at.
        """
        whole, local = list(views[:2]), list(views[2:])
        seen = [self.projector(self.student(torch.cat(group))) for group in (whole, local) if group]
        with torch.no_grad():
            taught = self.teacher_projector(self.features(torch.cat(whole))).float()
        with torch.autocast(taught.device.type, enabled=False):
            student = [part for group in seen for part in group.float().split(len(views[0]))]
            targets = self._targets(taught)
            entropy = torch.special.entr(targets).sum(1).mean()
            if self.config.centring == "mean":
                teacher = list(taught.split(len(views[0])))
                loss = self.distance(teacher, student, teacher_temp=self._temperature)
            else:
                shares = torch.split(targets, len(views[0]))
                loss = _cross_entropy(shares, student, self.config.student_temperature)
        return Outcome(loss, {"entropy": entropy})

    def _targets(self, taught: Tensor) -> Tensor:
        """What the teacher says of each of N views as shares of the classes, [N, K], from its output."""
        shares: Tensor
        if self.config.centring == "sinkhorn":
            shares = sinkhorn(taught, epsilon=self._temperature, gather_distributed=True)
        else:
            shares = ((taught - self.distance.center.flatten()) / self._temperature).softmax(1)
        return shares

    def after_backward(self, progress: Progress) -> None:
        """Early on the last layer stays as it is."""
        self.projector.cancel_last_layer_gradients(int(progress.share >= self.config.frozen))

    def after_step(self, progress: Progress) -> None:
        """The teacher follows the student, ever more slowly."""
        done, steps = progress.step - 1, progress.steps
        momentum = cosine_schedule(done, steps, self.config.momentum, 1.0)
        update_momentum(self.student, self.backbone, momentum)
        update_momentum(self.projector, self.teacher_projector, momentum)


def _cross_entropy(
    targets: Sequence[Tensor], student: Sequence[Tensor], temperature: float
) -> Tensor:
    """The mean over all pairs of a target's view and another view.

    Args:
        targets: of the first views, [B, K] each.
        student: its outputs for all views, [B, K] each.
        temperature: of its softmax.
    """
    said = [(output / temperature).log_softmax(1) for output in student]
    pairs = [
        -(target * log).sum(1).mean()
        for t, target in enumerate(targets)
        for s, log in enumerate(said)
        if s != t
    ]
    return torch.stack(pairs).mean()


def _head(backbone: nn.Module, config: DINOConfig) -> DINOProjectionHead:
    with warnings.catch_warnings():  # lightly uses torch's earlier weight_norm
        warnings.simplefilter("ignore", FutureWarning)
        return DINOProjectionHead(
            width_of(backbone),
            config.hidden,
            config.bottleneck,
            config.output,
            batch_norm=config.batch_norm,
            freeze_last_layer=1,
            norm_last_layer=config.norm_last_layer,
        )
