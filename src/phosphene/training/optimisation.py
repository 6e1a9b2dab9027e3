"""Optimisers and the learning rate of every step."""

from __future__ import annotations

import math

import torch
from lightly.utils.lars import LARS
from torch import nn

from phosphene.training.configuration import OptimiserConfig, TrainingConfig


def build_optimiser(model: nn.Module, config: OptimiserConfig) -> torch.optim.Optimizer:
    """The optimiser over a model's parameters that need a gradient.

    Vectors (biases, scales of normalisation) get no weight decay, and so no layer-wise rate in LARS.
    """
    learned = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in learned if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in learned if p.ndim <= 1], "weight_decay": 0.0},
    ]
    if config.name == "adamw":
        return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.999))
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
