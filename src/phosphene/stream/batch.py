"""What a stream yields."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from phosphene.errors import UsageError


@dataclass(frozen=True, eq=False)
class Batch:
    """B samples in V views each.

    Attributes:
        views: uint8 [V, B, 3, H, W] on the stream's device, row 0 is the top.
        programs: int64 [B] on the device, index into the stream's `program_ids`; of a mix, the part
            with the greatest weight.
        parts: int64 [B, P] on the device, the programs mixed into each sample.
        weights: float32 [B, P] on the device, their shares; rows add up to 1.
        index: int64 [B] on the CPU (random numbers are drawn there), the samples' numbers.
        more: further groups of views, uint8 [V', B, 3, H', W'] each, where the stream has several.
    """

    views: Tensor
    programs: Tensor
    parts: Tensor
    weights: Tensor
    index: Tensor
    more: tuple[Tensor, ...] = ()

    def __post_init__(self) -> None:
        if self.parts.ndim != 2:
            raise UsageError(f"`parts` must have the shape [B, P], got {list(self.parts.shape)}")
        batch, parts = self.parts.shape
        expected = {
            "programs": (torch.int64, (batch,)),
            "parts": (torch.int64, (batch, parts)),
            "weights": (torch.float32, (batch, parts)),
            "index": (torch.int64, (batch,)),
        }
        for name, (dtype, shape) in expected.items():
            tensor: Tensor = getattr(self, name)
            if tensor.dtype != dtype or tensor.shape != shape:
                got = f"{tensor.dtype} {list(tensor.shape)}"
                raise UsageError(f"`{name}` must be {dtype} {list(shape)}, got {got}")
        for group in self.groups:
            if group.dtype != torch.uint8 or group.ndim != 5 or group.shape[1:3] != (batch, 3):
                got = f"{group.dtype} {list(group.shape)}"
                raise UsageError(f"views must be uint8 [V, {batch}, 3, H, W], got {got}")

    def __len__(self) -> int:
        return len(self.index)

    @property
    def groups(self) -> tuple[Tensor, ...]:
        """All groups of views: `views`, then `more`."""
        return (self.views, *self.more)

    def tensors(self) -> tuple[Tensor, ...]:
        """Everything that may lie on a device."""
        return (*self.groups, self.programs, self.parts, self.weights)
