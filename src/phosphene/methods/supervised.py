"""CE: tell which program drew the image, the mix of programs where images are mixed.

Source: Baradad et al., *Procedural Image Programs for Representation Learning* (NeurIPS 2022), small
scale; soft targets as in Zhang et al., *mixup* (ICLR 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from phosphene.errors import UsageError
from phosphene.methods.method import Labels, Method, Outcome, Wants
from phosphene.models import width_of


@dataclass(frozen=True)
class SupervisedConfig:
    """Settings of CE.

    Attributes:
        label_smoothing: share of the target that is spread evenly over all programs, 0 … 1.
        sync_batchnorm: BatchNorm sees the samples of all ranks (on GPUs).
    """

    label_smoothing: float = 0.0
    sync_batchnorm: bool = True

    def __post_init__(self) -> None:
        if not 0 <= self.label_smoothing < 1:
            raise UsageError(f"`label_smoothing` must be in [0, 1), got {self.label_smoothing}")


class Supervised(Method):
    """Cross-entropy against program ids, through one linear layer on the backbone's features."""

    Config = SupervisedConfig
    wants = Wants(views=1, least=1, most=64, mixing=True)

    def __init__(self, backbone: nn.Module, config: SupervisedConfig, programs: int) -> None:
        """Builds the classifier for `programs` classes."""
        super().__init__(backbone)
        if programs < 2:
            raise UsageError(f"the method supervised needs at least 2 programs, got {programs}")
        self.config, self.sync_batchnorm = config, config.sync_batchnorm
        self.classifier = nn.Linear(width_of(backbone), programs)
        nn.init.zeros_(self.classifier.bias)

    def loss(self, views: Sequence[Tensor], labels: Labels) -> Outcome:
        """Mean over views and samples; `top1`: how often the heaviest program is named."""
        logits = self.classifier(self.features(torch.cat(list(views)))).float()
        parts, weights = (t.repeat(len(views), 1) for t in (labels.parts, labels.weights))
        loss = soft_cross_entropy(logits, parts, weights, self.config.label_smoothing)
        with torch.no_grad():
            heaviest = parts.gather(1, weights.argmax(1, keepdim=True)).squeeze(1)
            top1 = (logits.argmax(1) == heaviest).float().mean()
        return Outcome(loss, {"top1": top1})


def soft_cross_entropy(
    logits: Tensor, parts: Tensor, weights: Tensor, smoothing: float = 0.0
) -> Tensor:
    """Cross-entropy against the distributions that `parts` and `weights` describe, never made dense.

    Args:
        logits: float [N, K].
        parts: int64 [N, P], classes; one that occurs twice in a row has both weights.
        weights: float [N, P], rows add up to 1.
        smoothing: share of every target that is spread evenly over the K classes.

    Returns:
        the mean over N, a scalar.
    """
    log_probabilities = logits.log_softmax(1)
    loss = -(log_probabilities.gather(1, parts) * weights).sum(1)
    if smoothing:
        loss = (1 - smoothing) * loss - smoothing * log_probabilities.mean(1)
    return loss.mean()
