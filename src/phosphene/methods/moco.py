"""MoCo v2: a view finds its sample's other view among a long queue of earlier ones.

Sources: He et al., *Momentum Contrast for Unsupervised Visual Representation Learning* (CVPR 2020);
Chen, Fan, Girshick, He, *Improved Baselines with Momentum Contrastive Learning* (2020). Head, momentum
and shuffling are lightly's.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from lightly.models import utils as lightly_models
from lightly.models.modules.heads import MoCoProjectionHead
from lightly.utils import dist
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from phosphene.errors import UsageError
from phosphene.methods.groups import in_groups
from phosphene.methods.method import Labels, Method, Outcome, Progress, Wants, check_least
from phosphene.models import width_of


@dataclass(frozen=True)
class MoCoConfig:
    """Settings of MoCo v2.

    Attributes:
        queue: keys that a query is compared with, K.
        temperature: what similarities are divided by.
        momentum: of the key encoder, a step.
        hidden: width of the projection head's hidden layer; 0: as wide as the features.
        projection: length of the vectors that are compared.
        groups: a batch is encoded in so many groups, all ranks' together, each with BatchNorm statistics
            of its own; keys are shuffled between groups. Statistics that a query shares with its key
            give the key away (He et al., 3.3): 8 is what the paper's eight GPUs came to. With as many
            ranks as groups, each rank's batch is one. Networks without BatchNorm have no groups.
    """

    queue: int = 65536
    temperature: float = 0.2
    momentum: float = 0.999
    hidden: int = 0
    projection: int = 128
    groups: int = 8

    def __post_init__(self) -> None:
        if self.temperature <= 0:
            raise UsageError(f"`temperature` must be above 0, got {self.temperature}")
        if not 0 <= self.momentum < 1:
            raise UsageError(f"`momentum` must be in [0, 1), got {self.momentum}")
        check_least(self, queue=1, hidden=0, projection=1, groups=1)


class MoCo(Method):
    """Contrast of queries with a momentum encoder's keys; the backbone is the query encoder's."""

    Config = MoCoConfig
    wants = Wants(views=2, least=2, most=2, mixing=True)

    def __init__(self, backbone: nn.Module, config: MoCoConfig, programs: int = 0) -> None:
        """Builds the head, the key encoder as a copy, and a queue of random keys."""
        super().__init__(backbone)
        self.config = config
        width = width_of(backbone)
        self.projector = MoCoProjectionHead(width, config.hidden or width, config.projection)
        self.key_backbone = copy.deepcopy(backbone)
        self.key_projector = copy.deepcopy(self.projector)
        for momentum in (self.key_backbone, self.key_projector):
            lightly_models.deactivate_requires_grad(momentum)
        keys = functional.normalize(torch.randn(config.queue, config.projection), dim=1)
        self.queue: Tensor
        self.register_buffer("queue", keys)
        normalised = any(isinstance(layer, _BatchNorm) for layer in self.modules())
        self._groups = config.groups if normalised else 1

    @property
    def _parts(self) -> int:
        """Groups of this rank."""
        world: int = dist.world_size()
        return max(1, self._groups // world)

    def check_batch(self, samples: int) -> None:
        """Raises UsageError where the samples do not make equal groups of at least two."""
        if samples % self._parts or (self._groups > 1 and samples < 2 * self._parts):
            raise UsageError(
                f"moco encodes a rank's batch in {self._parts} groups of at least 2 equally many samples, "
                f"got {samples}: change --batch-size, or --set training.method.options.groups=1"
            )

    def loss(self, views: Sequence[Tensor], labels: Labels) -> Outcome:
        """InfoNCE; `match`: how often a query is nearer to its own key than to all of the queue."""
        first, second = views
        queries = self._encode(self.backbone, self.projector, first)
        with torch.no_grad():
            keys = self._keys(second)
        with torch.autocast(queries.device.type, enabled=False):
            own = (queries * keys).sum(1, keepdim=True)
            logits = torch.cat([own, queries @ self.queue.T], 1) / self.config.temperature
            loss = functional.cross_entropy(logits, logits.new_zeros(len(own), dtype=torch.long))
            with torch.no_grad():
                match = (logits.argmax(1) == 0).float().mean()
        self._enqueue(keys)
        return Outcome(loss, {"match": match})

    def _encode(self, backbone: nn.Module, projector: nn.Module, images: Tensor) -> Tensor:
        """float32 [B, D] of length 1, each group of images with BatchNorm statistics of its own."""
        self.check_batch(len(images))
        with in_groups(backbone, self._parts):
            features = backbone(images)
        projected: Tensor = projector(features)
        return functional.normalize(projected.float(), dim=1)

    def _keys(self, images: Tensor) -> Tensor:
        """The momentum encoder's view of them; a batch is shuffled while it is encoded."""
        several = dist.world_size() > 1
        shuffled = self._groups > 1 or (several and self.config.groups > 1)
        if not shuffled:
            return self._encode(self.key_backbone, self.key_projector, images)
        images, order = lightly_models.batch_shuffle(images, distributed=several)
        keys = self._encode(self.key_backbone, self.key_projector, images)
        restored: Tensor = lightly_models.batch_unshuffle(keys, order, distributed=several)
        return restored

    @torch.no_grad()
    def _enqueue(self, keys: Tensor) -> None:
        """The keys of all ranks go in front, the oldest drop out: first in, first out, no pointer."""
        if dist.world_size() > 1:
            keys = lightly_models.concat_all_gather(keys)
        keys = keys[: len(self.queue)]
        self.queue = torch.cat([keys, self.queue[: len(self.queue) - len(keys)]])

    def after_step(self, progress: Progress) -> None:
        """The key encoder follows the query encoder."""
        momentum = self.config.momentum
        lightly_models.update_momentum(self.backbone, self.key_backbone, momentum)
        lightly_models.update_momentum(self.projector, self.key_projector, momentum)
