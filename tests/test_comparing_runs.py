"""`phosphene compare`, run: comparisons that are killed, terminated, resumed and refused."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
import yaml
from PIL import Image

from phosphene.cli import compare as compare_command
from phosphene.cli.main import build_parser, main
from phosphene.comparing.job import stop_with
from phosphene.comparing.layout import SPECIFICATION, Job, scored, trained
from phosphene.comparing.specification import load_comparison
from phosphene.runs import Run
from plain_banks import plain_bank


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_bank(tmp_path_factory.mktemp("bank") / "bank.db", ["MIT"] * 6)


def started(command: list[str], run: Path) -> subprocess.Popen[bytes]:
    """The command in a process of its own, whose first run has a checkpoint."""
    process = subprocess.Popen(
        [sys.executable, "-m", "phosphene", *command, "--parallel", "1"],
        start_new_session=True,
        preexec_fn=_heeding_ctrl_c,
    )
    deadline = time.monotonic() + 300
    while not any((run / "checkpoints").glob("step-*")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def _heeding_ctrl_c() -> None:
    """What a shell starts in the background ignores it, and hands that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def words(bank: Path, directory: Path) -> list[str]:
    arms = ["few=classic:bank,programs=3", "all=ours:bank"]
    small = ["--engine", "fake", "--backbone", "test_resnet", "--size", "16", "--batch-size", "8"]
    keep = ["--set", "training.keeping.steps=25", "--steps", "100", "--seeds", "2"]
    judge = ["--data", "digits", "--limit", "40", "--probe", "knn", "--device", "cpu"]
    rest = ["--dir", str(directory), "--parallel", "2", "--bank", str(bank)]
    return ["compare", *arms, *small, *keep, *judge, *rest]


def test_a_comparison_survives_kill_9(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    directory = tmp_path / "comparison"
    command = words(bank, directory)
    run = directory / "runs" / "few-0"
    process = started(command, run)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (directory / "results.json").exists()
    capsys.readouterr()

    assert main([*command, "-o", str(tmp_path / "out.json")]) == 0
    shown = capsys.readouterr().out
    events = [e["event"] for e in Run.open(run).events("started", "resumed", "finished")]
    assert events == ["started", "resumed", "finished"]
    assert [line.split()[0] for line in shown.splitlines()[:3]] == ["knn", "few", "all"]
    found = json.loads((tmp_path / "out.json").read_text())
    assert {(c["arm"], len(c["by_seed"])) for c in found["cells"]} == {
        ("few", 2),
        ("all", 2),
    }
    assert found["budget"]["images"] == 100 * 8 * 2

    records = {p: p.read_bytes() for p in directory.glob("runs/*/record.jsonl")}
    assert len(records) == 4
    assert main(command) == 0
    assert all(path.read_bytes() == content for path, content in records.items())
    capsys.readouterr()

    other = [word.replace("programs=3", "programs=2") for word in command]
    assert main(other) == 1
    error = capsys.readouterr().err
    assert "2 of 4 runs failed; few-0: the run" in error.replace("\n", " ")
    assert "was started with data.programs = 3, now it is 2" in error
    assert all(path.read_bytes() == content for path, content in records.items())

    roles = [f"classic:{directory}/runs/few-0", f"ours:{directory}/runs/all-0"]
    only = ["--data", "digits", "--limit", "40", "--probe", "knn", "--device", "cpu", "--json"]
    assert main(["compare", "--from-runs", *roles, *only]) == 0
    again = json.loads(capsys.readouterr().out)
    before = {(c["arm"], c["column"]): c["by_seed"]["0"] for c in found["cells"]}
    shared = [c for c in again["cells"] if c["arm"] != "nothing"]
    assert {(c["arm"], c["column"]): c["by_seed"]["0"] for c in shared} == before
    assert len(again["cells"]) == len(shared) + 1

    config = directory / "runs" / "all-0" / "config.yaml"
    config.write_text(config.read_text().replace("batch_size: 8", "batch_size: 16"))
    assert main(["compare", "--from-runs", *roles, *only]) == 2
    error = capsys.readouterr().err
    assert f"training.batch_size is 8 for {directory}/runs/few-0 and 16 for {directory}" in error
    for checkpoint in (directory / "runs" / "all-0" / "checkpoints").iterdir():
        (checkpoint / "checkpoint.json").write_text("{")
    assert main(["compare", "--from-runs", *roles, *only]) == 2
    assert "all-0 is not finished: it has no checkpoint of step 100" in capsys.readouterr().err


def test_runs_of_one_name_are_compared_by_their_budgets_too(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = ["--engine", "fake", "--backbone", "test_resnet", "--size", "16", "--device", "cpu"]
    for place, steps in (("one", "2"), ("two", "3")):
        name = str(tmp_path / place / "run-0")
        command = ["pretrain", "--bank", str(bank), "--name", name, "--steps", steps]
        assert main([*command, "--batch-size", "8", *small]) == 0
    runs = [f"ours:a={tmp_path}/one/run-0", f"real:b={tmp_path}/two/run-0"]
    assert main(["compare", "--from-runs", *runs, "--data", "digits", "--device", "cpu"]) == 2
    assert "unequal budgets: training.steps is 2 for" in capsys.readouterr().err


def test_scores_of_other_weights_are_not_taken_for_these(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    directory = tmp_path / "comparison"
    rest = ["--probe", "knn", "--device", "cpu", "--dir", str(directory), "--engine", "fake"]
    judged = ["--data", "digits", "--limit", "500", "--seeds", "1", "--steps", "2", *rest]

    def accuracies(*options: str) -> dict[str, float]:
        command = ["compare", "nothing", f"all=ours:bank:{bank}", *judged, *options, "--json"]
        assert main(command) == 0
        cells = json.loads(capsys.readouterr().out)["cells"]
        return {c["arm"]: c["mean"] for c in cells if c["column"] == "digits"}

    small = accuracies("--backbone", "test_resnet", "--size", "16", "--batch-size", "8")
    shutil.rmtree(directory / "runs")
    options = ["--backbone", "test_vit", "--size", "16", "--batch-size", "8"]
    options += ["--set", "training.backbone.options.patch_size=8"]
    other = accuracies(*options)
    shutil.rmtree(directory)
    assert other == accuracies(*options)
    assert other["nothing"] != small["nothing"]

    job, comparison = Job(directory, "all", 0), load_comparison(directory / SPECIFICATION)
    assert scored(job, comparison) is not None
    path = (
        job.run / "config.yaml"
    )  # as if it had been trained anew, and stopped before it was judged
    config = yaml.safe_load(path.read_text())
    config["training"]["optimiser"]["learning_rate"] = 5.0
    path.write_text(yaml.safe_dump(config))
    training = {**comparison.training, "optimiser": {"learning_rate": 5.0}}
    changed = dataclasses.replace(comparison, training=training)
    assert trained(job, changed)
    assert scored(job, changed) is None


def test_a_table_is_of_the_banks_programs_and_of_one_set_of_images(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    directory, data = tmp_path / "comparison", tmp_path / "judge"
    own = tmp_path / "bank.db"
    shutil.copy(bank, own)

    def pictures(count: int) -> None:
        for label in ("dark", "light"):
            (data / label).mkdir(parents=True, exist_ok=True)
            for i in range(count):
                level = (60 if label == "dark" else 180) + i
                Image.new("RGB", (16, 16), (level,) * 3).save(data / label / f"{i}.png")

    def compare(*arms: str) -> tuple[int, dict[str, Any]]:
        small = ["--engine", "fake", "--backbone", "test_resnet", "--size", "16", "--steps", "2"]
        rest = ["--batch-size", "8", "--seeds", "1", "--data", f"folder:{data}", "--probe", "knn"]
        command = ["compare", *arms, *small, *rest, "--device", "cpu", "--dir", str(directory)]
        code = main([*command, "--json"])
        shown = capsys.readouterr()
        return code, json.loads(shown.out) if not code else {"error": shown.err}

    pictures(10)
    nothing, few = "nothing", f"few=ours:bank:{own}"
    assert compare(nothing)[0] == 0
    before = json.loads((directory / "scores" / "nothing-0.json").read_text())
    pictures(20)
    assert compare(nothing, few)[0] == 0
    after = json.loads((directory / "scores" / "nothing-0.json").read_text())
    assert [s["report"]["scores"][0]["test"] for s in (before, after)] == [4, 8]

    trained_at = (directory / "runs/few-0/record.jsonl").stat().st_mtime_ns
    assert compare(nothing, few)[0] == 0, "nothing changed"
    assert (directory / "runs/few-0/record.jsonl").stat().st_mtime_ns == trained_at
    plain_bank(tmp_path / "other.db", ["MIT"] * 2 + ["CC0-1.0"] * 6)
    shutil.copy(tmp_path / "other.db", own)
    code, told = compare(nothing, few)
    assert code == 1
    assert "other programs" in told["error"].replace("\n", " ")
    assert (directory / "scores/few-0.json").exists(), "what was measured is kept"


def test_a_specification_of_ones_own_is_not_written_over(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "comparison.yaml"
    text = (
        f"# mine\narms: {{a: {{role: ours, data: {{bank: '{bank}'}}}}}}\ntraining: {{steps: 1}}\n"
    )
    own.write_text(text)
    assert main(["compare", str(own), "--dir", str(tmp_path), "--data", "digits"]) == 2
    assert "would be written over; call it otherwise" in capsys.readouterr().err
    assert own.read_text() == text


def test_where_a_result_could_not_go_is_said_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, message in (
        (tmp_path, "is a folder"),
        (tmp_path / "no" / "x", "there is no folder"),
    ):
        for command in (["evaluate", "nowhere", "--data", "digits"], ["compare", "nothing"]):
            assert main([*command, "-o", str(place)]) == 2
            assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "expected"),
    [([], ["0", "1"]), (["--device", "cuda:1"], ["1"]), (["--gpus", "1"], ["1"])],
)
def test_jobs_see_the_gpus_that_were_asked_for(
    options: list[str], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(
        "phosphene.training.find_device",
        lambda name: torch.device("cuda:1" if name == "cuda:1" else "cuda"),
    )
    monkeypatch.setattr("phosphene.cli.compare._visible", lambda: ["0", "1"])
    monkeypatch.setattr("phosphene.comparing.compare", lambda *given: asked.append(given[3:]))
    args = build_parser().parse_args(["compare", "nothing", *options])
    compare_command._compared(args)
    assert asked == [("cuda", expected)]


@pytest.mark.parametrize("terminal", [False, True], ids=["SIGTERM", "Ctrl-C"])
def test_a_comparison_that_is_stopped_ends_when_its_runs_are_saved(
    bank: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    directory = tmp_path / "comparison"
    run = directory / "runs" / "few-0"
    process = started([*words(bank, directory), "--steps", "100000"], run)
    if terminal:
        os.killpg(process.pid, signal.SIGINT)  # to all of the terminal's processes
    else:
        process.terminate()
    assert process.wait(120) == 1
    *_, last = Run.open(run).events("started", "checkpoint", "stopped")
    assert (last["event"], last["signal"]) == ("stopped", "SIGTERM")
    assert (run / "checkpoints" / f"step-{last['step']:08d}").is_dir()


def test_unequal_arms_are_refused_before_anything_is_trained(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "comparison"
    command = words(bank, directory)
    command[1] = "few=classic:bank,training.steps=7"
    assert main(command) == 2
    assert "unequal budgets: training.steps is 7 for few and 100 for all" in capsys.readouterr().err
    assert main(["compare", "all=ours", *words(bank, directory)[3:-2]]) == 2
    assert "the arm all needs `data.bank` or `data.source`" in capsys.readouterr().err
    assert not directory.exists()
    for wrong, message in (
        (["--data", f"folder:{tmp_path / 'none'}"], "none is not a directory"),
        (["--data", "digits"], "datasets must have different names, digits is given twice"),
        (["--group", "letters=natural"], "`group` must name a dataset of digits; got 'letters'"),
    ):
        assert main([*words(bank, directory), *wrong]) == 2
        assert message in capsys.readouterr().err.replace("\n", " ")
        assert not list((directory / "runs").iterdir())


def test_a_job_stops_when_its_comparison_is_gone() -> None:
    asked = threading.Event()
    before = signal.signal(signal.SIGTERM, lambda number, frame: asked.set())
    try:
        stop_with(os.getppid() + 1)
        deadline = time.monotonic() + 60
        while not asked.is_set() and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert asked.is_set()


def test_a_failing_arm_is_named_and_the_others_are_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    directory, photos = tmp_path / "comparison", tmp_path / "a-folder-whose-name-is-long" / "photos"
    photos.mkdir(parents=True)
    Image.new("RGB", (16, 16)).save(photos / "0.png")
    (photos / "1.png").write_bytes(b"no picture")  # of which the first alone is looked at before
    (tmp_path / "queue.py").write_text("raise SystemExit('of the current folder')")
    monkeypatch.chdir(tmp_path)  # whose modules are not the jobs'
    command = ["compare", "nothing", f"torn=real:folder:{photos}", "--seeds", "1"]
    small = ["--backbone", "test_resnet", "--size", "16", "--data", "digits", "--limit", "20"]
    rest = ["--probe", "knn", "--device", "cpu", "--dir", str(directory), "--batch-size", "2"]
    assert main([*command, *small, *rest]) == 1
    told = capsys.readouterr().err.strip().splitlines()
    assert "1 of 2 runs failed; torn-0: " in told[-1]
    assert str(photos / "1.png") in told[-1]
    (line,) = (line for line in told if line.startswith("torn-0: failed: "))
    assert str(photos / "1.png") in line, "in one line, however narrow the terminal"
    results = json.loads((directory / "results.json").read_text())
    assert {cell["arm"] for cell in results["cells"]} == {"nothing"}


def test_what_an_arm_would_fail_on_is_found_before_any_is_trained(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    directory, torn, columns = (tmp_path / name for name in ("c", "torn.parquet", "odd.parquet"))
    torn.write_bytes(b"PAR1")
    pq.write_table(pa.table({"picture": [1]}), columns)
    (tmp_path / "no.db").write_bytes(b"no bank")
    bad_option = ["--set", "training.method.options.foo=1"]
    small = [
        "--size",
        "16",
        "--batch-size",
        "8",
        "--steps",
        "1",
        "--seeds",
        "1",
        "--engine",
        "fake",
    ]
    rest = ["--data", "digits", "--device", "cpu", "--dir", str(directory), *small]
    for arm, options, message in (
        (f"ours:bank:{tmp_path}/none.db", [], "the arm none: there is no bank at "),
        (f"ours:bank:{tmp_path}/no.db", [], "the arm no: "),
        (f"x=ours:bank:{bank},licences=[GPL-3.0-only]", [], "the arm x: the bank "),
        (f"x=ours:bank:{bank},sampling=column:beauty", [], "has a measured 'beauty'"),
        (f"real:parquet:{tmp_path}/none.parquet", [], "none.parquet is not a file"),
        (f"real:parquet:{torn}", [], f"the arm torn: cannot read {torn}: "),
        (f"real:parquet:{columns}", [], "the arm odd: "),
        (f"real:folder:{tmp_path}/none", [], "none is not a directory"),
        (
            "nothing",
            ["--backbone", "resnet999"],
            "`backbone` must be a timm model, got 'resnet999'",
        ),
        (
            f"ours:bank:{bank}",
            bad_option,
            "the arm noise: the entries of `training.method.options`",
        ),
        (
            f"ours:bank:{bank}",
            ["--backbone", "phosphene_alexnet_small", "--size", "8"],
            "phosphene_alexnet_small cannot be built for 8 px",
        ),
    ):
        options = options if "--backbone" in options else ["--backbone", "test_resnet", *options]
        assert main(["compare", "classic:noise", arm, *rest, *options]) in (1, 2)
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert line.startswith("phosphene compare: the arm ")
        assert message in line
        assert not list((directory / "runs").iterdir())


def test_what_is_trained_is_judged_without_its_bank(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    own, directory = tmp_path / "own.db", tmp_path / "comparison"
    shutil.copy(bank, own)
    small = ["--backbone", "test_resnet", "--size", "16", "--batch-size", "8", "--steps", "1"]
    rest = ["--seeds", "1", "--engine", "fake", "--device", "cpu", "--dir", str(directory)]
    judge = ["--data", "digits", "--limit", "40", "--probe", "knn"]
    command = ["compare", f"ours:bank:{own}", *small, *rest, *judge]
    assert main(command) == 0
    own.unlink()
    for judged_again in ([], ["--limit", "60"]):
        assert main([*command, *judged_again]) == 0
    assert main([*command, "--seeds", "2"]) == 1
    assert "the arm own: there is no bank at " in capsys.readouterr().err
