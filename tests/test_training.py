"""Training learns, resumes exactly and fails with one clear line."""

import itertools
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from phosphene.errors import PhospheneError, UsageError
from phosphene.methods import Progress, SimCLR, build_method
from phosphene.models import BackboneConfig, backbone
from phosphene.runs import Run
from phosphene.training import (
    KeepingConfig,
    MethodConfig,
    OptimiserConfig,
    TrainingConfig,
    plain,
    read_config,
    train,
)
from phosphene.training.feed import Feed, Stalls
from phosphene.training.learner import Learner
from phosphene.training.optimisation import build_optimiser, learning_rate, weight_decay
from phosphene.training.pretraining import DataConfig
from training_subject import HALF, Batch, Gratings, config, losses, prepare


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def trained(directory: Path, settings: TrainingConfig, resume: bool = False, **data: Any) -> Run:
    with Run.create(directory, plain(settings), resume) as run:
        train(settings, Gratings(settings.micro_batch, **data), prepare, HALF, run)
    return run


def test_simclr_falls_below_its_initial_loss_within_50_steps(tmp_path: Path) -> None:
    quiet = KeepingConfig(steps=0, minutes=0, log_steps=1)
    run = trained(tmp_path / "run", config(steps=50, batch_size=32, keeping=quiet))
    course = list(losses(run).values())
    assert len(course) == 50
    assert sum(course[-10:]) / 10 < 0.7 * course[0]
    metrics = run.metrics()
    assert metrics[-1]["match"] > metrics[0]["match"]


def test_supervised_learns_mixed_programs(tmp_path: Path) -> None:
    settings = config(
        steps=40,
        batch_size=32,
        method=MethodConfig("supervised"),
        optimiser=OptimiserConfig("adamw", learning_rate=0.02),
        keeping=KeepingConfig(steps=0, minutes=0),
    )
    run = trained(tmp_path / "run", settings, views=1, mix=2)
    assert run.metrics()[-1]["loss"] < run.metrics()[0]["loss"] - 0.3


SMALL: dict[str, dict[str, Any]] = {
    "moco": {"queue": 40, "projection": 16, "groups": 2},
    "dino": {"output": 32, "hidden": 16, "bottleneck": 8, "frozen": 0.2},
}


@pytest.mark.parametrize(
    ("method", "optimiser", "model"),
    [
        ("simclr", "sgd", BackboneConfig("test_resnet", 16)),
        ("simclr", "lars", BackboneConfig("test_resnet", 16)),
        ("supervised", "adamw", BackboneConfig("test_resnet", 16)),
        ("supcon", "sgd", BackboneConfig("test_resnet", 16)),
        ("moco", "sgd", BackboneConfig("test_resnet", 16)),
        ("dino", "adamw", BackboneConfig("test_vit", 16, {"patch_size": 8, "drop_path_rate": 0.2})),
    ],
)
def test_a_resumed_run_repeats_the_uninterrupted_one_bit_by_bit(
    tmp_path: Path, method: str, optimiser: str, model: BackboneConfig
) -> None:
    """Momentum encoders, queue, centre, schedules and random numbers go on where they were."""
    settings = config(
        steps=7,
        backbone=model,
        method=MethodConfig(method, SMALL.get(method, {})),
        optimiser=OptimiserConfig(optimiser, clip=5.0, final_weight_decay=0.1),
    )
    whole = losses(trained(tmp_path / "whole", settings))
    assert len(set(whole.values())) == 7

    class Breaking(Gratings):
        def batch(self, index: torch.Tensor) -> Batch:
            if index[0] >= 5 * 16:
                raise RuntimeError("the power went")
            return super().batch(index)

    with (
        Run.create(tmp_path / "broken", plain(settings)) as run,
        pytest.raises(RuntimeError, match="power"),
    ):
        train(settings, Breaking(16), prepare, HALF, run)
    assert max(losses(run)) == 5  # steps 4 and 5 came after the checkpoint of step 3
    torch.manual_seed(99)
    assert losses(trained(tmp_path / "broken", settings, resume=True)) == whole
    assert [e["step"] for e in run.events("started", "resumed")] == [0, 3]
    for part in ("backbone", "method"):
        file = f"checkpoints/step-00000007/{part}.safetensors"
        one, other = (load_file(tmp_path / name / file) for name in ("whole", "broken"))
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_accumulated_gradients_equal_those_of_the_whole_batch_for_ce() -> None:
    def gradients(accumulate: int) -> list[torch.Tensor]:
        settings = config(
            backbone=BackboneConfig("test_vit", 16, {"patch_size": 8}),
            method=MethodConfig("supervised"),
            accumulate=accumulate,
        )
        learner = Learner(settings, 8, torch.device("cpu"))
        source = Gratings(settings.micro_batch, views=1)
        values = learner.step(0, Feed(source, prepare, torch.device("cpu")))
        return [
            values["loss"],
            *(p.grad for p in learner.method.parameters() if p.grad is not None),
        ]

    for one, other in zip(gradients(1), gradients(4), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_the_rate_rises_and_then_falls_on_a_cosine() -> None:
    settings = config(
        steps=100,
        batch_size=512,
        optimiser=OptimiserConfig(learning_rate=0.1, warmup=0.1, final=0.01),
    )
    rates = [learning_rate(settings, step) for step in range(100)]
    assert rates[0] == pytest.approx(0.02)
    assert max(rates) == rates[10] == pytest.approx(0.2)
    assert rates[55] == pytest.approx(0.2 * (0.01 + 0.99 * 0.5))
    assert rates[-1] < 0.003
    assert settings.peak_rate == pytest.approx(0.2)


def test_weight_decay_changes_on_a_cosine_where_it_should() -> None:
    changing = config(
        steps=10, optimiser=OptimiserConfig(weight_decay=0.04, final_weight_decay=0.4)
    )
    assert [weight_decay(changing, step) for step in (0, 5)] == pytest.approx([0.04, 0.22])
    assert 0.38 < weight_decay(changing, 9) < 0.4
    assert weight_decay(config(), 5) == 1e-4
    learner = Learner(changing, 8, torch.device("cpu"))
    learner.step(5, Feed(Gratings(16), prepare, torch.device("cpu")))
    assert [g["weight_decay"] for g in learner.optimiser.param_groups] == pytest.approx([0.22, 0])


def test_a_feed_tells_the_position_behind_what_it_handed_out() -> None:
    source = Gratings(4)
    feed = Feed(source, prepare, torch.device("cpu"))
    assert feed.state == {"position": 0}
    fed = next(feed)
    assert fed.batch.index.tolist() == [0, 1, 2, 3]
    assert feed.state == fed.state == {"position": 4}
    assert torch.equal(torch.stack(list(fed.views)), prepare(fed.batch))


def test_biases_and_scales_have_no_weight_decay() -> None:
    method = build_method("simclr", backbone("test_resnet"), 5)
    matrices, vectors = build_optimiser(method, OptimiserConfig(weight_decay=0.3)).param_groups
    assert matrices["weight_decay"] == 0.3
    assert vectors["weight_decay"] == 0
    assert all(p.ndim == 1 for p in vectors["params"])
    assert len(matrices["params"]) + len(vectors["params"]) == len(list(method.parameters()))


def test_a_loss_that_is_not_finite_names_the_step_and_keeps_the_checkpoint(tmp_path: Path) -> None:
    def poisoned(batch: Batch) -> torch.Tensor:
        views = prepare(batch)
        return views * (math.nan if int(batch.index[0]) == 4 * 16 else 1)

    settings = config(keeping=KeepingConfig(steps=3, minutes=0, log_steps=4))
    with (
        Run.create(tmp_path / "run", plain(settings)) as run,
        pytest.raises(PhospheneError) as caught,
    ):
        train(settings, Gratings(16), poisoned, HALF, run)
    message = str(caught.value)
    assert message.startswith("the loss is nan at step 5 of 10; try a lower --learning-rate")
    assert message.endswith("last checkpoint: step 3")
    assert "\n" not in message
    assert [e["step"] for e in run.events("checkpoint")] == [3]


def test_a_method_is_told_after_every_step_how_far_training_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Progress] = []
    monkeypatch.setattr(SimCLR, "after_step", lambda _, progress: told.append(progress))
    trained(tmp_path / "run", config(steps=3))
    assert [(p.step, p.steps) for p in told] == [(1, 3), (2, 3), (3, 3)]
    assert told[-1].share == 1


def test_data_that_ends_too_early_is_named(tmp_path: Path) -> None:
    class Short(Gratings):
        def __iter__(self) -> Iterator[Batch]:
            return itertools.islice(super().__iter__(), 2)

    settings = config(steps=5)
    with (
        Run.create(tmp_path / "run", plain(settings)) as run,
        pytest.raises(UsageError, match="the data ended at step 2 of 5"),
    ):
        train(settings, Short(16), prepare, HALF, run)


def test_the_record_tells_where_and_how_it_ran(tmp_path: Path) -> None:
    settings = config(steps=2)
    run = trained(tmp_path / "run", settings)
    started = next(run.events("started"))
    assert started["digest"] == "gratings"
    assert started["programs"] == 8
    assert started["versions"]["torch"] == torch.__version__.split("+")[0]
    assert started["hardware"]["device"] == "cpu"
    for metrics in run.metrics():
        assert {"loss", "match", "gradient", "learning_rate", "waiting"} <= metrics.keys()
        images = metrics["images_per_second"] * metrics["seconds"]
        assert images == pytest.approx(2 * settings.batch_size)
    assert list(run.directory.glob("events.out.tfevents*"))
    assert next(run.events("finished"))["step"] == 2


class Mark:
    """A moment of a stream, passed once the GPU has come to it."""

    passed = 0.0

    def __init__(self, at: float) -> None:
        self.at = at

    def query(self) -> bool:
        return self.at <= Mark.passed

    def elapsed_time(self, end: "Mark") -> float:
        assert end.query(), "nobody may ask before"
        return 1000 * (end.at - self.at)


def test_waits_count_once_the_gpu_has_come_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    stalls = Stalls()
    for before, after in ((1.0, 1.5), (3.0, 3.0), (4.0, 6.0)):
        stalls.add(Mark(before), Mark(after))
    found = []
    for now in (1.2, 2.0, 5.0, 9.0, 9.0):
        monkeypatch.setattr(Mark, "passed", now)
        found.append(stalls.seconds)
    assert found == [0.0, 0.5, 0.5, 2.5, 2.5]


def test_configuration_survives_yaml_and_names_what_is_wrong() -> None:
    settings = config(accumulate=2)
    assert read_config(TrainingConfig, plain(settings)) == settings
    for tree, message in (
        ({"step": 5}, "the entries are backbone, .*got 'step'"),
        (
            {"optimiser": {"name": "adam"}},
            "`optimiser` must be one of sgd, adamw, lars; got 'adam'",
        ),
        ({"optimiser": {"momentum": "high"}}, "`optimiser.momentum` must be a number, got 'high'"),
        ({"steps": 0}, "`steps` must be at least 1, got 0"),
        ({"steps": True}, "`steps` must be a whole number, got True"),
        ({"batch_size": 10, "accumulate": 3}, "multiple of `accumulate`, got 10 and 3"),
        ({"method": {"name": "best"}}, "`method` must be one of"),
        ({"keeping": []}, "`keeping` must be a mapping"),
    ):
        with pytest.raises(UsageError, match=message):
            read_config(TrainingConfig, tree)
    with pytest.raises(UsageError, match="`where` must be a list, got 'colourfulness>=10'"):
        read_config(DataConfig, {"where": "colourfulness>=10"})
