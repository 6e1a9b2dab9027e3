"""What two ranks do together, for `test_training_ranks.py`; `torchrun … tests/ranks_subject.py DIRECTORY`.

Rank 1 alone is asked to stop while it makes its fourth batch.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from phosphene.cli.main import main as command
from phosphene.errors import PhospheneError
from phosphene.methods.contrast import nt_xent, supervised_contrast
from phosphene.models import BackboneConfig
from phosphene.runs import FollowedRun, Run
from phosphene.training import (
    KeepingConfig,
    MethodConfig,
    OptimiserConfig,
    StoppedError,
    TrainingConfig,
    find_device,
    plain,
    train,
)
from phosphene.training.ranks import EchoError, Ranks, joined
from training_subject import HALF, Batch, Gratings, config, prepare

VIT = BackboneConfig("test_vit", 16, {"patch_size": 8})
STEPS = 8
QUIET = KeepingConfig(steps=0, minutes=0, log_steps=1)


def case(method: str, **options: Any) -> TrainingConfig:
    return config(
        backbone=BackboneConfig("test_resnet", 16) if method == "moco" else VIT,
        method=MethodConfig(method, options),
        optimiser=OptimiserConfig(learning_rate=0.5),
        keeping=QUIET,
        precision="float32",
        steps=STEPS,
        accumulate=2 if method == "supervised" else 1,
    )


CASES = {
    "supervised": case("supervised"),
    "moco": case("moco", queue=24, groups=2, momentum=0.9),
    "dino": case("dino", output=16, hidden=16, bottleneck=8, momentum=0.9),
    "dino-sinkhorn": case(
        "dino", output=16, hidden=16, bottleneck=8, momentum=0.9, centring="sinkhorn"
    ),
}


def torchrun(*command: str) -> subprocess.CompletedProcess[str]:
    """Two processes that see these tests; fails where one of them does."""
    launch = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
    ]
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        [*launch, *command],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done


class Asked(Gratings):
    """Its rank is asked to stop while it makes the batch behind `at` others."""

    at: int | None = None

    def batch(self, index: Tensor) -> Batch:
        if self.at is not None and len(self.seen) == self.at + 1:
            os.kill(os.getpid(), signal.SIGTERM)
        return super().batch(index)


def learn(
    name: str, directory: Path, ranks: Ranks, kind: str = "cpu", at: int | None = None
) -> list[list[int]]:
    """Trains one case on this rank's CPU or GPU, or continues it; the samples that this rank saw."""
    settings = CASES[name]
    views = 1 if name == "supervised" else 2
    share = ranks.share(settings.micro_batch)
    source = Asked(share, views, rank=ranks.rank, world=ranks.world)
    source.at = at if at is None else at * settings.accumulate
    device = find_device(kind)

    def send(batch: Batch) -> Tensor:
        for label in ("programs", "parts", "weights"):
            setattr(batch, label, getattr(batch, label).to(device))
        return prepare(batch).to(device)

    run: Run = FollowedRun(directory, plain(settings))
    if ranks.first:
        run = Run.create(directory, plain(settings), resume=True)
    with run:
        train(settings, source, send, HALF, run, device, ranks)
    return source.seen


def contrasts(ranks: Ranks) -> dict[str, Any]:
    """Loss and gradient of the contrastive losses for this rank's half of six samples."""
    torch.manual_seed(0)
    everything, labels = torch.randn(2, 6, 4), torch.tensor([0, 1, 0, 2, 1, 0])
    part = slice(ranks.rank * 6 // ranks.world, (ranks.rank + 1) * 6 // ranks.world)
    found = {}
    for name in ("nt_xent", "supcon"):
        own = functional.normalize(everything, dim=2)[:, part].clone().requires_grad_()
        if name == "nt_xent":
            loss = nt_xent(own, 0.3, gather=True)
        else:
            loss = supervised_contrast(own, labels[part], 0.3, gather=True)
        loss.backward()
        assert own.grad is not None
        found[name] = {"loss": loss.item(), "gradient": (own.grad / ranks.world).tolist()}
    return found


def fail(ranks: Ranks) -> str:
    """What this rank hears of an error that the first one meets."""

    def work() -> None:
        raise PhospheneError("the disk is full")

    try:
        ranks.first_does(work)
    except EchoError as error:
        return f"echo: {error}"
    except PhospheneError as error:
        return str(error)
    return "nothing"


def pretrain(directory: Path, run: str) -> int:
    """The command, on a bank that the test has made; the exit code."""
    options = ["pretrain", "--bank", str(directory / "bank.db"), "--name", str(directory / run)]
    options += ["--engine", "fake", "--device", "cpu", "--method", "supervised", "--size", "16"]
    options += ["--backbone", "test_vit", "--set", "training.backbone.options.patch_size=8"]
    return command([*options, "--batch-size", "8", "--steps", "3", "--log-steps", "1"])


def main(directory: Path, kind: str = "cpu") -> None:
    torch.set_num_threads(1)
    if kind == "cuda":
        torch.cuda.set_device(find_device(kind))
    with joined(find_device(kind)) as ranks:
        told: dict[str, Any] = {"failure": fail(ranks), "errors": {}}
        if kind == "cpu":
            told["contrasts"] = contrasts(ranks)
        for name in CASES:
            try:
                learn(name, directory / name, ranks, kind, at=3 if ranks.rank == 1 else None)
            except (StoppedError, EchoError) as error:
                told["errors"][name] = [type(error).__name__, str(error)]
        (directory / f"rank-{ranks.rank}.json").write_text(json.dumps(told))
        if kind == "cuda":
            return
        assert pretrain(directory, "two") == 0
        assert pretrain(directory, "two") == 2


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
