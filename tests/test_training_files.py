"""Runs and checkpoints on the disk: whole or absent, never lost, refused when they do not fit."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from phosphene.errors import PhospheneError, UsageError
from phosphene.methods import build_method
from phosphene.models import BackboneConfig, backbone
from phosphene.runs import Run
from phosphene.training import StoppedError, checkpoints, plain, train
from training_subject import HALF, Batch, Gratings, config, losses, prepare

SUBJECT = Path(__file__).with_name("training_subject.py")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    torch.set_num_threads(1)
    settings = config(steps=7)
    with Run.create(tmp_path_factory.mktemp("runs") / "first", plain(settings)) as made:
        train(settings, Gratings(16), prepare, HALF, made)
    return made


def copied(run: Run, to: Path) -> Path:
    subprocess.run(["cp", "-r", run.directory, to], check=True)
    return to


def test_the_last_checkpoints_stay_and_nothing_else(run: Run) -> None:
    assert sorted(p.name for p in run.checkpoints.iterdir()) == ["step-00000006", "step-00000007"]


def test_the_backbone_comes_back_with_its_configuration(run: Run) -> None:
    file = checkpoints.locate(run.directory)
    model, settings = checkpoints.load_backbone(file)
    assert settings == BackboneConfig("test_resnet", 16)
    about = checkpoints.describe(file)
    assert about["step"] == 7
    assert about["mean"] == [0.5, 0.5, 0.5]
    assert about["method"]["name"] == "simclr"
    method = build_method("simclr", backbone(settings), 8, about["method"]["options"])
    checkpoints.read(file.parent).restore(method, torch.device("cpu"))
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, method.backbone.state_dict()[name])


def test_a_killed_run_loses_at_most_the_steps_since_its_checkpoint(
    tmp_path: Path, run: Run
) -> None:
    command = [sys.executable, str(SUBJECT), str(tmp_path / "killed"), "24"]
    subject = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    record = tmp_path / "killed" / "record.jsonl"
    while not (record.exists() and '"checkpoint", ' in record.read_text()):
        assert subject.poll() is None
        time.sleep(0.01)
    time.sleep(0.03)
    subject.kill()
    assert subject.wait() == -signal.SIGKILL
    killed = Run.open(tmp_path / "killed")
    reached = max(losses(killed), default=0)
    assert reached < 24
    kept = checkpoints.steps(killed.checkpoints)[-1]
    assert checkpoints.read(kept).step >= reached - 3

    settings = config(steps=24)
    with Run.create(killed.directory, plain(settings), resume=True) as resumed:
        train(settings, Gratings(16), prepare, HALF, resumed)
    with Run.create(tmp_path / "whole", plain(settings)) as whole:
        train(settings, Gratings(16), prepare, HALF, whole)
    assert losses(resumed) == losses(whole)
    assert len(losses(whole)) == 24


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_to_stop_saves_and_ends_with_one_line(
    tmp_path: Path, number: signal.Signals
) -> None:
    class Interrupted(Gratings):
        def batch(self, index: torch.Tensor) -> Batch:
            if index[0] == 4 * 16:
                os.kill(os.getpid(), number)
            return super().batch(index)

    before = signal.getsignal(number)
    settings = config(steps=9)
    with (
        Run.create(tmp_path / "run", plain(settings)) as run,
        pytest.raises(StoppedError) as caught,
    ):
        train(settings, Interrupted(16), prepare, HALF, run)
    assert signal.getsignal(number) is before
    assert str(caught.value) == (
        f"stopped by {number.name} at step 5 of 9, saved in {run.directory}; --resume continues it"
    )
    assert checkpoints.read(checkpoints.steps(run.checkpoints)[-1]).step == 5


def test_a_damaged_checkpoint_falls_back_to_the_one_before(run: Run, tmp_path: Path) -> None:
    directory = copied(run, tmp_path / "run")
    newest = directory / "checkpoints" / "step-00000007" / checkpoints.TRAINING
    newest.write_bytes(newest.read_bytes()[:-20])
    with pytest.raises(PhospheneError, match=r"step-00000007 is damaged \(training.pt\)"):
        checkpoints.locate(directory)
    settings = config(steps=7)
    with Run.create(directory, plain(settings), resume=True) as again:
        train(settings, Gratings(16), prepare, HALF, again)
    assert next(again.events("damaged"))["checkpoint"] == "step-00000007"
    assert losses(again) == losses(run)


def test_a_full_disk_leaves_the_checkpoints_alone(run: Run, tmp_path: Path) -> None:
    parent = tmp_path / "checkpoints"
    subprocess.run(["cp", "-r", run.checkpoints, parent], check=True)
    method = build_method("simclr", backbone(BackboneConfig("test_resnet", 16)), 8)
    broken = {"state": open(os.devnull)}  # noqa: SIM115 - what cannot be pickled stands for no space
    with pytest.raises((PhospheneError, TypeError)):
        checkpoints.save(parent, 8, method, {"backbone": {}}, broken)
    checkpoints.prune(parent, 2)
    assert [p.name for p in checkpoints.steps(parent)] == ["step-00000006", "step-00000007"]
    assert not list(parent.glob(".*"))
    for path in checkpoints.steps(parent):
        checkpoints.read(path).verify()


def test_what_is_no_checkpoint_is_named(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no checkpoint: give a run's directory"):
        checkpoints.locate(tmp_path / "nothing")
    (tmp_path / "x.safetensors").write_bytes(b"not weights")
    with pytest.raises(PhospheneError, match=r"x\.safetensors is not a whole safetensors file"):
        checkpoints.load_backbone(tmp_path / "x.safetensors")
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(1)}, tmp_path / "foreign.safetensors")
    with pytest.raises(PhospheneError, match="was not written by phosphene"):
        checkpoints.load_backbone(tmp_path / "foreign.safetensors")
    about = json.dumps({"backbone": {"name": "test_vit", "size": 16, "options": {}}})
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors", {"phosphene": about})
    with pytest.raises(UsageError, match=r"other\.safetensors is of another model: it lacks"):
        checkpoints.load_backbone(tmp_path / "other.safetensors")
    with Run.create(tmp_path / "empty", {}), pytest.raises(UsageError, match="no checkpoint yet"):
        checkpoints.locate(tmp_path / "empty")


@pytest.mark.parametrize("resume", [False, True])
def test_a_run_that_did_not_begin_is_started_anew(tmp_path: Path, resume: bool) -> None:
    with Run.create(tmp_path / "run", {"steps": 5}) as run:
        run.append("engine", name="fake")
    Run.create(tmp_path / "run", {"steps": 6}, resume).close()
    again = Run.open(tmp_path / "run")
    assert (again.config, list(again.events()), again.began) == ({"steps": 6}, [], False)


@pytest.mark.parametrize("resume", [False, True])
def test_what_is_left_of_a_run_without_its_configuration_stays(
    run: Run, tmp_path: Path, resume: bool
) -> None:
    left = copied(run, tmp_path / "left")
    (left / "config.yaml").unlink()
    before = (left / "record.jsonl").read_bytes()
    with pytest.raises(UsageError, match=r"holds checkpoints or a record, but no config\.yaml"):
        Run.create(left, plain(config(steps=9)), resume)
    assert (left / "record.jsonl").read_bytes() == before
    assert not (left / "config.yaml").exists()


@pytest.mark.parametrize("name", ["config.yaml", "record.jsonl"])
def test_somebody_elses_folder_is_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"mine": 1}\n')
    with pytest.raises(UsageError, match="another name or directory for the run"):
        Run.create(tmp_path, plain(config()), resume=True)
    assert (tmp_path / name).read_text() == '{"mine": 1}\n'
    assert {p.name for p in tmp_path.iterdir()} == {name}


def test_texts_with_other_ends_of_lines_stay_in_one_event(tmp_path: Path) -> None:
    text = "one\u2028two\u0085three"
    with Run.create(tmp_path / "run", {}) as made:
        made.append("noted", text=text)
    assert [event["text"] for event in Run.open(made.directory).events("noted")] == [text]


def test_a_full_disk_costs_the_tensorboard_events_and_not_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Run.create(tmp_path / "run", {}) as made:
        made.scalars(1, {"loss": 1.0})
        made._writer.add_scalar = lambda *_: (_ for _ in ()).throw(
            OSError(28, "No space left on device")
        )
        made.scalars(2, {"loss": 1.0})
        made.scalars(3, {"loss": 1.0})
        made.append("metrics", step=3)
    assert caplog.text.count("no TensorBoard events") == 1
    assert "No space left on device" in caplog.text


def test_a_run_is_not_started_twice_and_keeps_its_configuration(tmp_path: Path) -> None:
    first = {"data": {"bank": "a"}, "training": {"steps": 5, "keeping": {"keep": 2}}}
    with Run.create(tmp_path / "run", first) as run:
        run.append("started", step=0)
        with pytest.raises(PhospheneError, match="another process is writing to the run"):
            Run.create(tmp_path / "run", first, resume=True)
    with pytest.raises(UsageError, match="exists already; continue it with --resume"):
        Run.create(tmp_path / "run", first)
    other = {"data": {"bank": "b"}, "training": {"steps": 6, "keeping": {"keep": 3}}}
    with pytest.raises(UsageError, match=r"was started with training.steps = 5, now it is 6"):
        Run.create(tmp_path / "run", other, resume=True, free=("data.bank", "training.keeping"))
    other["training"]["steps"] = 5
    Run.create(tmp_path / "run", other, True, ("data.bank", "training.keeping")).close()
    assert Run.open(tmp_path / "run").config == first
    with pytest.raises(UsageError, match=r"is not a run: it has no config\.yaml"):
        Run.open(tmp_path)


def test_a_torn_line_is_skipped_and_later_events_are_kept(tmp_path: Path) -> None:
    with Run.create(tmp_path / "run", {}) as run:
        run.append("metrics", step=1, loss=float("nan"))
        with open(run.directory / "record.jsonl", "a") as file:
            file.write('{"event": "metrics", "step": 2, "lo')
        assert [e["step"] for e in run.metrics()] == [1]
        assert run.metrics()[0]["loss"] is None
        run.append("metrics", step=3, loss=0.5)
        run.append("resumed", step=1)
        run.append("metrics", step=2, loss=0.25)
    assert [e["step"] for e in Run.open(run.directory).metrics()] == [1, 2]


def test_a_run_of_an_older_version_lacks_newer_entries(tmp_path: Path) -> None:
    old, usual = {"data": {"mix": 6}, "steps": 5}, {"data": {"mix": 1, "reuse": 0}, "steps": 1}
    with Run.create(tmp_path / "run", old) as run:
        run.append("started", step=0)
    new = {"data": {"mix": 6, "reuse": 0}, "steps": 5}
    with Run.create(tmp_path / "run", new, resume=True, usual=usual) as again:
        assert again.config["data"]["reuse"] == 0
    other = {"data": {"mix": 6, "reuse": 64}, "steps": 5}
    with pytest.raises(UsageError, match=r"was started with data.reuse = 0, now it is 64"):
        Run.create(tmp_path / "run", other, resume=True, usual=usual)
