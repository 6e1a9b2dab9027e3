"""Two processes under torchrun learn what one does, stop together, and hand over to one."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

import ranks_subject
from phosphene.errors import MissingPieceError, UsageError
from phosphene.runs import Run
from phosphene.training import find_device
from phosphene.training.ranks import Ranks
from plain_banks import plain_bank
from ranks_subject import torchrun
from training_subject import losses


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("ranks")
    plain_bank(made / "bank.db", ["MIT"] * 4)
    done = torchrun(ranks_subject.__file__, str(made))
    (made / "output.json").write_text(json.dumps([done.stdout, done.stderr]))
    return made


def told(directory: Path, rank: int) -> Any:
    return json.loads((directory / f"rank-{rank}.json").read_text())


@pytest.mark.parametrize("name", sorted(ranks_subject.CASES))
def test_two_ranks_and_then_one_learn_what_one_learns(
    directory: Path, tmp_path: Path, name: str
) -> None:
    """Losses and norms of gradients, so also what was learned; the samples must be the same."""
    run = Run.open(directory / name)
    (stopped,) = run.events("stopped")
    assert (stopped["step"], stopped["signal"]) == (5, "SIGTERM")  # known a step later
    assert [e["step"] for e in run.events("checkpoint")] == [5]
    for rank, kind in enumerate(("StoppedError", "EchoError")):
        error = told(directory, rank)["errors"][name]
        assert error[0] == kind
        assert error[1].startswith("stopped by SIGTERM at step 5 of 8, saved in ")
    seen = ranks_subject.learn(name, directory / name, Ranks())
    assert seen[0][0] == 5 * 16, "one process goes on with the samples behind those of the two"
    ranks_subject.learn(name, tmp_path / name, Ranks())
    together, alone = (Run.open(d / name).metrics() for d in (directory, tmp_path))
    assert [m["step"] for m in together] == list(range(1, 9))
    for two, one in zip(together, alone, strict=True):
        for figure in ("loss", "gradient"):
            assert two[figure] == pytest.approx(one[figure], rel=2e-3), f"{figure} at {one['step']}"


def test_contrast_over_ranks_is_the_contrast_of_the_whole_batch(directory: Path) -> None:
    whole = ranks_subject.contrasts(Ranks())
    parts = [told(directory, rank)["contrasts"] for rank in range(2)]
    for name, expected in whole.items():
        loss = sum(part[name]["loss"] for part in parts) / 2
        assert loss == pytest.approx(expected["loss"], rel=1e-5)
        gradient = torch.cat([torch.tensor(part[name]["gradient"]) for part in parts], 1)
        torch.testing.assert_close(gradient, torch.tensor(expected["gradient"]))


def test_an_error_of_the_first_rank_reaches_the_others(directory: Path) -> None:
    assert told(directory, 0)["failure"] == "the disk is full"
    assert told(directory, 1)["failure"] == "echo: the disk is full"


def test_pretrain_under_torchrun_is_one_run_of_the_same_samples(directory: Path) -> None:
    shown, said = json.loads((directory / "output.json").read_text())
    assert shown.count("3 steps, loss") == 1
    assert said.count("step 3/3") == 1
    assert said.count("exists already; continue it with --resume") == 1
    assert ranks_subject.pretrain(directory, "one") == 0
    two, one = (Run.open(directory / name) for name in ("two", "one"))
    assert losses(two) == pytest.approx(losses(one), rel=1e-4)
    assert next(two.events("started"))["world"] == 2
    assert [e["event"] for e in two.events()] == [e["event"] for e in one.events()]


def test_what_ranks_cannot_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"a batch of 9 .* by 2 ranks; choose a multiple of 2"):
        Ranks(world=2).share(9)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert find_device("auto") == torch.device("cuda:1")
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(MissingPieceError, match=r"the GPU cuda:2 is missing.* there are 2"):
        find_device("cuda")
