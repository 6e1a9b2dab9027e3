"""On a GPU: steps that nobody waits for, and batches prepared ahead."""

import os
from pathlib import Path
from typing import Any

import pytest
import torch

import ranks_subject
from phosphene.models import BackboneConfig
from phosphene.runs import Run
from phosphene.training import (
    DataConfig,
    MethodConfig,
    OptimiserConfig,
    PretrainConfig,
    TrainingConfig,
    pretrain,
)
from phosphene.training.feed import Fed, Feed
from phosphene.training.foreground import foreground
from phosphene.training.learner import Learner
from phosphene.training.ranks import Ranks
from ranks_subject import torchrun
from training_subject import Batch, Gratings, config, prepare

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        not torch.cuda.is_available() and os.environ.get("PHOSPHENE_GPU") != "1",
        reason="no NVIDIA GPU here, and PHOSPHENE_GPU=1 does not promise one",
    ),
]
DEVICE = torch.device("cuda", 0)

METHODS: dict[str, dict[str, Any]] = {
    "supervised": {},
    "supcon": {},
    "simclr": {},
    "moco": {"queue": 64, "groups": 2},
    "dino": {"output": 64, "hidden": 32, "bottleneck": 16},
}


def there(batch: Batch) -> list[torch.Tensor]:
    batch.programs, batch.parts, batch.weights = (
        t.to(DEVICE) for t in (batch.programs, batch.parts, batch.weights)
    )
    return list(prepare(batch).to(DEVICE))


@pytest.mark.parametrize("optimiser", ["sgd", "adamw"])
@pytest.mark.parametrize("method", sorted(METHODS))
def test_a_step_does_not_wait_for_the_device(method: str, optimiser: str) -> None:
    vit = {"patch_size": 8} if method == "dino" else {}
    settings = config(
        steps=100,
        method=MethodConfig(method, METHODS[method]),
        optimiser=OptimiserConfig(optimiser, learning_rate=1e-3, clip=1.0),
        backbone=BackboneConfig("test_vit" if method == "dino" else "test_resnet", 16, vit),
    )
    learner = Learner(settings, 8, DEVICE)
    with Feed(Gratings(16), there, DEVICE) as feed:
        ready = [next(feed) for _ in range(4)]
    torch.cuda.synchronize()
    for step, fed in enumerate(ready):
        torch.cuda.set_sync_debug_mode("error" if step == 3 else "default")
        try:
            figures = learner.step(step, iter([fed]))
        finally:
            torch.cuda.set_sync_debug_mode("default")
    assert all(value.isfinite() for value in figures.values())


def test_what_is_prepared_ahead_is_what_would_be_prepared_now() -> None:
    def take(feed: Feed) -> list[tuple[Fed, Any]]:
        return [(next(feed), feed.state) for _ in range(5)]

    with Feed(Gratings(4), there, DEVICE) as ahead:
        made = take(ahead)
    source = Gratings(4)
    for fed, state in made:
        batch = source.batch(fed.batch.index)
        assert state == {"position": int(fed.batch.index[-1]) + 1}
        for view, expected in zip(fed.views, there(batch), strict=True):
            assert torch.equal(view, expected)


def test_waiting_is_the_time_that_the_gpu_stands_still() -> None:
    with Feed(Gratings(4, pause=0.1), there, DEVICE) as slow:
        for _ in range(6):
            next(slow)
        torch.cuda.synchronize()
        stood = slow.seconds
    with Feed(Gratings(4, pause=0.02), there, DEVICE) as fast:
        next(fast)
        torch.cuda.synchronize()
        first = fast.seconds
        for _ in range(6):  # the process is far ahead of the GPU, which never waits
            torch.cuda._sleep(200_000_000)
            next(fast)
        torch.cuda.synchronize()
        assert fast.seconds - first < stood / 4


def test_training_goes_before_what_prepares_its_batches() -> None:
    outside = torch.cuda.current_stream(DEVICE)
    before = torch.full((1 << 20,), 2.0, device=DEVICE)
    with foreground(DEVICE):
        inside = torch.cuda.current_stream(DEVICE)
        torch.cuda._sleep(50_000_000)
        doubled = before * 2
    assert inside.priority < outside.priority
    assert torch.cuda.current_stream(DEVICE) == outside != inside
    assert doubled.sum().item() == 4 << 20, "the caller's stream waits for what was queued inside"


def test_a_run_takes_the_current_gpu_where_no_number_is_given(tmp_path: Path) -> None:
    settings = PretrainConfig(
        DataConfig(source="noise", images=16, canvas=16),
        TrainingConfig(BackboneConfig("test_resnet", 16), steps=2, batch_size=8),
    )
    assert pretrain(settings, tmp_path / "run", device="cuda").steps == 2
    (report,) = Run.open(tmp_path / "run").metrics()
    assert 0 < report["ahead"] < report["seconds"]


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="fewer than two NVIDIA GPUs here")
def test_two_gpus_learn_what_one_learns(tmp_path: Path) -> None:
    torchrun(ranks_subject.__file__, str(tmp_path), "cuda")
    for name in ranks_subject.CASES:
        ranks_subject.learn(name, tmp_path / "one" / name, Ranks(), "cuda")
        two, one = (Run.open(d / name).metrics() for d in (tmp_path, tmp_path / "one"))
        assert 3 <= len(two) < 8, "asked to stop at the fourth batch, which GPUs prepare ahead"
        for together, alone in zip(two, one, strict=False):
            assert together["loss"] == pytest.approx(alone["loss"], rel=2e-2), name
