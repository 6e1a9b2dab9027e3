"""DINO: a student sees small and large views, and says what its teacher says of the other large ones.

Source: Caron et al., *Emerging Properties in Self-Supervised Vision Transformers* (ICCV 2021). Loss,
head and momentum are lightly's. The crops are cameras: local views are rendered at their own size.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from lightly.loss import DINOLoss
from lightly.models.modules.heads import DINOProjectionHead
from lightly.models.utils import deactivate_requires_grad, update_momentum
from lightly.utils.scheduler import cosine_schedule
from timm.layers.drop import DropPath
from torch import Tensor, nn

from phosphene.errors import UsageError
from phosphene.methods.method import Labels, Method, Outcome, Progress, Wants
from phosphene.models import width_of


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
        centre_momentum: of the mean that is taken off the teacher's output.
        frozen: share in which the student's last layer does not learn.
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
    centre_momentum: float = 0.9
    frozen: float = 0.01
    norm_last_layer: bool = True
    sync_batchnorm: bool = True

    def __post_init__(self) -> None:
        for name in ("student", "teacher", "first_teacher"):
            value = getattr(self, f"{name}_temperature")
            if value <= 0:
                raise UsageError(f"`{name}_temperature` must be above 0, got {value}")
        for name in ("warmup", "frozen", "momentum", "centre_momentum"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"`{name}` must be in 0 … 1, got {getattr(self, name)}")

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
            if isinstance(layer, DropPath | nn.Dropout):
                layer.eval()
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
            centre = self.distance.center.flatten()
            log_taught = ((taught - centre) / self._temperature).log_softmax(1)
            entropy = -(log_taught.exp() * log_taught).sum(1).mean()
            teacher = list(taught.split(len(views[0])))
            loss = self.distance(teacher, student, teacher_temp=self._temperature)
        return Outcome(loss, {"entropy": entropy})

    def after_backward(self, progress: Progress) -> None:
        """Early on the last layer stays as it is."""
        self.projector.cancel_last_layer_gradients(int(progress.share >= self.config.frozen))

    def after_step(self, progress: Progress) -> None:
        """The teacher follows the student, ever more slowly."""
        done, steps = progress.step - 1, progress.steps
        momentum = cosine_schedule(done, steps, self.config.momentum, 1.0)
        update_momentum(self.student, self.backbone, momentum)
        update_momentum(self.projector, self.teacher_projector, momentum)


def _head(backbone: nn.Module, config: DINOConfig) -> DINOProjectionHead:
    with warnings.catch_warnings():  # lightly uses torch's earlier weight_norm
        warnings.simplefilter("ignore", FutureWarning)
        return DINOProjectionHead(
            width_of(backbone),
            config.hidden,
            config.bottleneck,
            config.output,
            freeze_last_layer=1,
            norm_last_layer=config.norm_last_layer,
        )
