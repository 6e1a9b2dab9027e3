"""BatchNorm whose statistics are of parts of a batch, while all else sees the whole of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


@contextmanager
def in_groups(network: nn.Module, groups: int) -> Iterator[None]:
    """Inside, BatchNorm layers take a batch as so many groups of samples, one after the other.

    What comes out is what as many ranks with a group each would compute (He et al. 2020, 3.3), and what
    encoding the groups one by one would; but the other layers run once, so a step has a fraction of the
    launches.

    Args:
        network: in training mode; its layers are as before when the block is left.
        groups: must divide the batch.
    """
    if groups == 1:
        yield
        return
    layers = [layer for layer in network.modules() if isinstance(layer, _BatchNorm)]
    for layer in layers:
        layer.forward = partial(_normalised, layer, groups)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for layer in layers:
            del layer.forward


def _normalised(layer: _BatchNorm, groups: int, features: Tensor) -> Tensor:
    """Features [B, …], each group of them by statistics of its own."""
    forward = type(layer).forward
    return torch.cat([forward(layer, part) for part in features.chunk(groups)])
