"""SimCLR: two views of one sample attract each other, all other views of the batch repel.

Source: Chen et al., *A Simple Framework for Contrastive Learning of Visual Representations* (ICML 2020).
The head is lightly's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from lightly.models.modules.heads import SimCLRProjectionHead
from torch import Tensor, nn
from torch.nn import functional

from phosphene.errors import UsageError
from phosphene.methods.contrast import nt_xent
from phosphene.methods.method import Labels, Method, Outcome, Wants, check_least
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
        sync_batchnorm: BatchNorm sees the samples of all ranks (on GPUs).
    """

    temperature: float = 0.1
    hidden: int = 0
    projection: int = 128
    layers: int = 2
    gather: bool = True
    sync_batchnorm: bool = True

    def __post_init__(self) -> None:
        if self.temperature <= 0:
            raise UsageError(f"`temperature` must be above 0, got {self.temperature}")
        check_least(self, hidden=0, projection=1, layers=2)


class SimCLR(Method):
    """Contrast of two views. With gradient accumulation negatives come from one micro-batch."""

    Config = SimCLRConfig
    wants = Wants(views=2, least=2, most=2, mixing=True)

    def __init__(self, backbone: nn.Module, config: SimCLRConfig, programs: int = 0) -> None:
        """Builds the projection head; the number of programs does not matter."""
        super().__init__(backbone)
        self.config, self.sync_batchnorm = config, config.sync_batchnorm
        width = width_of(backbone)
        self.projector = SimCLRProjectionHead(
            width, config.hidden or width, config.projection, config.layers
        )

    def loss(self, views: Sequence[Tensor], labels: Labels) -> Outcome:
        """NT-Xent; `match`: how often a first view is nearest to its own second view."""
        batch = len(views[0])
        if batch < 2:
            raise UsageError(f"SimCLR needs a batch of at least 2 samples, got {batch}")
        projected = self.projector(self.features(torch.cat(list(views))))
        with torch.autocast(projected.device.type, enabled=False):
            projected = functional.normalize(projected.float(), dim=1).view(2, batch, -1)
            loss = nt_xent(projected, self.config.temperature, self.config.gather)
            with torch.no_grad():
                own = torch.arange(batch, device=projected.device)
                match = ((projected[0] @ projected[1].T).argmax(1) == own).float().mean()
        return Outcome(loss, {"match": match})
