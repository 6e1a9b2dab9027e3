"""SimCLR: two views of one sample attract each other, all other views of the batch repel.

Source: Chen et al., *A Simple Framework for Contrastive Learning of Visual Representations* (ICML 2020).
Loss and head are lightly's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from lightly.loss import NTXentLoss
from lightly.models.modules.heads import SimCLRProjectionHead
from torch import Tensor, nn
from torch.nn import functional

from phosphene.errors import UsageError
from phosphene.methods.method import Labels, Method, Outcome, Wants
from phosphene.models import width_of


@dataclass(frozen=True)
class SimCLRConfig:
    """Settings of SimCLR.

    Attributes:
        temperature: what similarities are divided by.
        hidden: width of the projection head's hidden layers; 0: as wide as the features.
        projection: length of the vectors that are compared.
        layers: of the projection head, at least 2.
        gather: negatives come from all ranks of a distributed run, not from one's own alone.
    """

    temperature: float = 0.1
    hidden: int = 0
    projection: int = 128
    layers: int = 2
    gather: bool = True

    def __post_init__(self) -> None:
        if self.temperature <= 0:
            raise UsageError(f"`temperature` must be above 0, got {self.temperature}")
        if self.layers < 2:
            raise UsageError(f"`layers` must be at least 2, got {self.layers}")


class SimCLR(Method):
    """Contrast of two views. With gradient accumulation negatives come from one micro-batch."""

    Config = SimCLRConfig
    wants = Wants(views=2, least=2, most=2, mixing=True)

    def __init__(self, backbone: nn.Module, config: SimCLRConfig, programs: int = 0) -> None:
        """Builds the projection head; the number of programs does not matter."""
        super().__init__(backbone)
        width = width_of(backbone)
        self.projector = SimCLRProjectionHead(
            width, config.hidden or width, config.projection, config.layers
        )
        self.contrast = NTXentLoss(config.temperature, gather_distributed=config.gather)

    def loss(self, views: Sequence[Tensor], labels: Labels) -> Outcome:
        """NT-Xent; `match`: how often a first view is nearest to its own second view."""
        first, second = views
        if len(first) < 2:
            raise UsageError("SimCLR needs a batch of at least 2 samples, got 1")
        projected = self.projector(self.features(torch.cat([first, second])))
        with torch.autocast(projected.device.type, enabled=False):
            z0, z1 = functional.normalize(projected.float(), dim=1).chunk(2)
            loss = self.contrast(z0, z1)
            with torch.no_grad():
                own = torch.arange(len(z0), device=z0.device)
                match = ((z0 @ z1.T).argmax(1) == own).float().mean()
        return Outcome(loss, {"match": match})
