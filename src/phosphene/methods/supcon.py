"""SupCon: views of one program attract each other, those of other programs repel.

Source: Khosla et al., *Supervised Contrastive Learning* (NeurIPS 2020); with program ids as classes:
Baradad et al. (NeurIPS 2022), small scale. The head is lightly's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from lightly.models.modules.heads import SimCLRProjectionHead
from torch import Tensor, nn
from torch.nn import functional

from phosphene.errors import UsageError
from phosphene.methods.contrast import supervised_contrast
from phosphene.methods.method import Labels, Method, Outcome, Wants, check_least
from phosphene.models import width_of


@dataclass(frozen=True)
class SupConConfig:
    """Settings of SupCon.

    Attributes:
        temperature: what similarities are divided by.
        hidden: width of the projection head's hidden layer; 0: as wide as the features.
        projection: length of the vectors that are compared.
        gather: a view is compared with those of all ranks, not with one's own alone.
        sync_batchnorm: BatchNorm sees the samples of all ranks (on GPUs).
    """

    temperature: float = 0.07
    hidden: int = 0
    projection: int = 128
    gather: bool = True
    sync_batchnorm: bool = True

    def __post_init__(self) -> None:
        if self.temperature <= 0:
            raise UsageError(f"`temperature` must be above 0, got {self.temperature}")
        check_least(self, hidden=0, projection=1)


class SupCon(Method):
    """Contrast between programs. A mix of programs has no one class: it is refused."""

    Config = SupConConfig
    wants = Wants(views=2, least=2, most=64, mixing=False)

    def __init__(self, backbone: nn.Module, config: SupConConfig, programs: int) -> None:
        """Builds the projection head; there must be at least 2 programs."""
        super().__init__(backbone)
        if programs < 2:
            raise UsageError(f"the method supcon needs at least 2 programs, got {programs}")
        self.config, self.sync_batchnorm = config, config.sync_batchnorm
        width = width_of(backbone)
        self.projector = SimCLRProjectionHead(width, config.hidden or width, config.projection)

    def loss(self, views: Sequence[Tensor], labels: Labels) -> Outcome:
        """L_out; `match`: how often the view most like a first view is of its program."""
        if labels.parts.shape[1] > 1:
            raise UsageError(
                f"the method supcon needs one program a sample, got a mix of {labels.parts.shape[1]}"
            )
        projected = self.projector(self.features(torch.cat(list(views))))
        with torch.autocast(projected.device.type, enabled=False):
            shape = (len(views), len(views[0]))
            projected = functional.normalize(projected.float(), dim=1).view(*shape, -1)
            settings = self.config.temperature, self.config.gather
            loss = supervised_contrast(projected, labels.programs, *settings)
            with torch.no_grad():
                nearest = (projected[0] @ projected[1].T).argmax(1)
                match = (labels.programs[nearest] == labels.programs).float().mean()
        return Outcome(loss, {"match": match})
