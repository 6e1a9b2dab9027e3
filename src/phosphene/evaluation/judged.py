"""The backbones that are judged: from a checkpoint, or with random weights."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from phosphene import seeds
from phosphene.augment import MEAN, STD
from phosphene.models import BackboneConfig, backbone, freeze, weights_digest
from phosphene.training.bookkeeping import Normalisation
from phosphene.training.checkpoints import describe, load_backbone, locate


@dataclass(frozen=True, eq=False)
class Judged:
    """A frozen backbone and how it wants its images.

    Attributes:
        name: shown in tables.
        model: in evaluation mode, without gradients.
        config: what it is.
        normalisation: of its input.
        digest: hash of its weights.
    """

    name: str
    model: nn.Module
    config: BackboneConfig
    normalisation: Normalisation
    digest: str


def from_checkpoint(path: Path) -> Judged:
    """The backbone of a run's last checkpoint, of a checkpoint, or of a safetensors file; without the last layer
    of a network that was fine-tuned.

    Raises:
        UsageError: there is none, or the file is of another model.
        PhospheneError: it is damaged.
    """
    file = locate(path)
    about = describe(file)
    model, config = load_backbone(file)
    if "num_classes" in config.options:
        options = {name: value for name, value in config.options.items() if name != "num_classes"}
        config = replace(config, options=options)
        network: Any = model
        network.reset_classifier(0)
    freeze(model)
    normalisation = Normalisation(tuple(about["mean"]), tuple(about["std"]))
    return Judged(path.resolve().name, model, config, normalisation, weights_digest(model))


def randomly_initialised(
    config: BackboneConfig, normalisation: Normalisation | None = None, seed: int = 0
) -> Judged:
    """A backbone as training with this seed finds it: what learning is measured against."""
    normalisation = normalisation or Normalisation(MEAN, STD)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seeds.derive(seed, ["weights"]))
        model = freeze(backbone(config))
    return Judged(f"random:{config.name}", model, config, normalisation, weights_digest(model))
