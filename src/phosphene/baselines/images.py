"""What a baseline's samples are taken from: pictures painted as they are needed, or a finite set."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from phosphene.baselines.counters import Counters
from phosphene.baselines.order import visit
from phosphene.baselines.painter import Painter
from phosphene.errors import UsageError
from phosphene.views import Ints

_SHARE = 0.6
"""Of the memory that is free, so much may be taken by a set."""

Report = Callable[[int, int], None]
"""Told how many pictures of how many are ready."""


class Images(Protocol):
    """An endless sequence of slots, each with a picture and its label.

    Attributes:
        classes: what labels index.
    """

    @property
    def classes(self) -> Sequence[str]: ...

    def at(self, slots: Ints) -> tuple[Tensor, Ints]:
        """Pictures, uint8 [n, 3, S, S] on the device, and labels, int64 [n], of slots int64 [n]."""
        ...


class Live:
    """Every slot has a picture of its own: slot s shows picture s."""

    def __init__(self, painter: Painter, side: int, seed: int, device: torch.device) -> None:
        self._painter, self._side, self._seed, self._device = painter, side, seed, device
        self._blocks: dict[int, Tensor] = {}

    @property
    def classes(self) -> Sequence[str]:
        """See `Images`."""
        return self._painter.classes

    def at(self, slots: Ints) -> tuple[Tensor, Ints]:
        """See `Images.at`. The blocks of the last call are kept: the next begins inside one."""
        size = self._painter.block
        wanted = np.unique(slots // size).tolist()
        self._blocks = {
            block: self._blocks[block] if block in self._blocks else self._paint(block)
            for block in wanted
        }
        painted = torch.cat([self._blocks[block] for block in wanted])
        place = np.searchsorted(wanted, slots // size) * size + slots % size
        rows = torch.from_numpy(place).to(self._device, non_blocking=True)
        return painted[rows], self._painter.labels(slots)

    def _paint(self, block: int) -> Tensor:
        return paint(self._painter, block, self._side, self._seed, self._device)


def paint(painter: Painter, block: int, side: int, seed: int, device: torch.device) -> Tensor:
    """One block of a painter's pictures, uint8 [painter.block, 3, side, side]."""
    numbers = np.arange(block * painter.block, (block + 1) * painter.block)
    with torch.no_grad():
        return painter.paint(Counters(seed, painter.name, numbers, device), side)


class Pool:
    """A finite set of pictures, visited in epochs, each in an order of its own.

    Attributes:
        pictures: uint8 [N, 3, S, S], on the device, or on the CPU where it does not fit.
        labels: int64 [N].
        classes: what labels index.
    """

    def __init__(
        self,
        pictures: Tensor,
        labels: Ints,
        classes: Sequence[str],
        seed: int,
        device: torch.device,
    ) -> None:
        self.pictures, self.labels, self.classes = pictures, labels, classes
        self._seed, self._device = seed, device

    @classmethod
    def painted(
        cls,
        painter: Painter,
        count: int,
        side: int,
        seed: int,
        device: torch.device,
        report: Report | None = None,
    ) -> Pool:
        """The first `count` pictures of a painter."""
        pictures = room(count, side, device)
        for first in range(0, count, painter.block):
            made = paint(painter, first // painter.block, side, seed, device)
            end = min(count, first + painter.block)
            pictures[first:end] = made[: end - first].to(pictures.device)
            if report:
                report(end, count)
        labels = painter.labels(np.arange(count))
        return cls(pictures, labels, painter.classes, seed, device)

    def at(self, slots: Ints) -> tuple[Tensor, Ints]:
        """See `Images.at`."""
        chosen = visit(slots, len(self.labels), self._seed)
        rows = torch.from_numpy(chosen).to(self.pictures.device)
        return self.pictures[rows].to(self._device), self.labels[chosen]


def room(count: int, side: int, device: torch.device) -> Tensor:
    """Empty pictures, uint8 [count, 3, side, side]: on the device, or where it is full on the CPU.

    Raises:
        UsageError: neither has room.
    """
    needed = count * 3 * side * side
    if device.type == "cuda" and needed <= _SHARE * torch.cuda.mem_get_info(device)[0]:
        return torch.empty((count, 3, side, side), dtype=torch.uint8, device=device)
    if needed > _SHARE * _free_memory():
        raise UsageError(
            f"{count} pictures of {side} px take {needed / 2**30:.1f} GiB, more than there is room for; "
            "ask for fewer `images` or a smaller `canvas`"
        )
    return torch.empty((count, 3, side, side), dtype=torch.uint8)


def _free_memory() -> int:
    """Bytes of memory that are free, as Linux says, or else all there is."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        free = next(line for line in lines if line.startswith("MemAvailable"))
        return int(free.split()[1]) * 1024
    except (OSError, StopIteration, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
