"""Optimisers and the learning rate of every step."""

from __future__ import annotations

import math
from typing import Any

import torch
from lightly.utils.lars import LARS
from torch import nn

from phosphene.training.configuration import OptimiserConfig, TrainingConfig


def build_optimiser(
    model: nn.Module, config: OptimiserConfig, device: torch.device | str = "cpu"
) -> torch.optim.Optimizer:
    """The optimiser over a model's parameters that need a gradient.

    Vectors (biases, scales of normalisation) get no weight decay, and so no layer-wise rate in LARS.
    Groups of parameters say whether they are `decayed`.
    """
    learned = [p for p in model.parameters() if p.requires_grad]
    decay = config.weight_decay
    groups: list[dict[str, Any]] = [
        {"params": [p for p in learned if p.ndim > 1], "weight_decay": decay, "decayed": True},
        {"params": [p for p in learned if p.ndim <= 1], "weight_decay": 0.0, "decayed": False},
    ]
    if config.name == "adamw":
        fused = torch.device(device).type == "cuda"
        return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.999), fused=fused)
    if config.name == "lars":
        lars: torch.optim.Optimizer = LARS(groups, lr=0.0, momentum=config.momentum)
        return lars
    return torch.optim.SGD(groups, lr=0.0, momentum=config.momentum)


def learning_rate(config: TrainingConfig, step: int) -> float:
    """The rate of optimiser step `step`, from 0: a linear rise, then half a cosine.

    A function of the step alone, so that there is no scheduler whose state could be lost.
    """
    warmup = round(config.optimiser.warmup * config.steps)
    if step < warmup:
        return config.peak_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, config.steps - warmup)
    final = config.optimiser.final
    return config.peak_rate * (final + (1 - final) * (1 + math.cos(math.pi * done)) / 2)


def weight_decay(config: TrainingConfig, step: int) -> float:
    """The weight decay of optimiser step `step`: half a cosine from the first to the final one."""
    first, final = config.optimiser.weight_decay, config.optimiser.final_weight_decay
    if final is None:
        return first
    return final + (first - final) * (1 + math.cos(math.pi * step / max(1, config.steps))) / 2
