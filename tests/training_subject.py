"""A small training run on made-up pictures, for tests; also a script, so that it can be killed.

`python tests/training_subject.py DIRECTORY [STEPS]` trains, resuming where the run exists.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from phosphene.errors import PhospheneError
from phosphene.models import BackboneConfig
from phosphene.runs import Run
from phosphene.training import (
    KeepingConfig,
    MethodConfig,
    Normalisation,
    OptimiserConfig,
    TrainingConfig,
    plain,
    train,
)

PROGRAMS = 8
SIZE = 16
HALF = Normalisation((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))


@dataclass
class Batch:
    views: Tensor
    programs: Tensor
    parts: Tensor
    weights: Tensor
    index: Tensor


class Gratings:
    """Sample n is a function of n: a grating of its program's angle in its own tint, noise in each view."""

    program_ids = tuple(f"program-{k}" for k in range(PROGRAMS))
    digest = "gratings"

    def __init__(
        self,
        batch_size: int,
        views: int = 2,
        mix: int = 1,
        pause: float = 0.0,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.batch_size, self.views, self.mix, self.pause = batch_size, views, mix, pause
        self.rank, self.world = rank, world
        self.position = 0
        self.seen: list[list[int]] = []

    def __iter__(self) -> Iterator[Batch]:
        while True:
            first = self.position + self.rank * self.batch_size
            index = torch.arange(first, first + self.batch_size)
            self.position += self.batch_size * self.world
            self.seen.append(index.tolist())
            time.sleep(self.pause)
            yield self.batch(index)

    def batch(self, index: Tensor) -> Batch:
        random = [torch.Generator().manual_seed(int(i)) for i in index]
        parts = torch.stack([torch.randint(PROGRAMS, (self.mix,), generator=g) for g in random])
        weights = torch.stack([torch.rand(self.mix, generator=g) + 1e-3 for g in random])
        weights /= weights.sum(1, keepdim=True)
        heaviest = parts.gather(1, weights.argmax(1, keepdim=True)).squeeze(1)
        shape = (self.views, 3, SIZE, SIZE)
        noise = torch.stack([torch.rand(shape, generator=g) for g in random], 1)
        pictures = (picture(parts) * weights[..., None, None, None]).sum(1)
        tint = torch.stack([torch.rand((3, 1, 1), generator=g) for g in random])
        views = (0.5 * pictures + 0.3 * tint + 0.2 * noise) * 255
        return Batch(views.to(torch.uint8), heaviest, parts, weights, index)

    def state_dict(self) -> dict[str, Any]:
        return {"position": self.position}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.position = state["position"]


def picture(parts: Tensor) -> Tensor:
    """int64 [B, P] → float [B, P, 3, H, W] in 0 … 1."""
    angle = parts.float()[..., None, None] * torch.pi / PROGRAMS
    y, x = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
    wave = torch.sin((x * angle.cos() + y * angle.sin()) * 1.2) / 2 + 0.5
    tint = torch.stack([0.5 + 0.5 * torch.sin(angle * k + k) for k in (1, 2, 3)], 2)
    return wave.unsqueeze(2) * tint.reshape(*parts.shape, 3, 1, 1)


def prepare(batch: Batch) -> Tensor:
    return (batch.views.float() / 255 - 0.5) / 0.25


def config(**changes: Any) -> TrainingConfig:
    base: dict[str, Any] = {
        "backbone": BackboneConfig("test_resnet", SIZE),
        "method": MethodConfig("simclr", {"projection": 16, "hidden": 32}),
        "optimiser": OptimiserConfig(learning_rate=1.0),
        "keeping": KeepingConfig(steps=3, minutes=0, keep=2, log_steps=1),
        "steps": 10,
        "batch_size": 16,
    }
    return TrainingConfig(**base | changes)


def losses(run: Run) -> dict[int, float]:
    return {event["step"]: event["loss"] for event in run.metrics()}


def main(directory: Path, steps: int) -> None:
    torch.set_num_threads(1)
    settings = config(steps=steps)
    with Run.create(directory, plain(settings), resume=True) as run:
        source = Gratings(settings.micro_batch, pause=0.02)
        result = train(settings, source, prepare, HALF, run)
    print(json.dumps({"pid": os.getpid(), "steps": result.steps}))


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]))
    except PhospheneError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
