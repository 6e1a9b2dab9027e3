"""`pretrain`, `evaluate` and `export weights` from a bank to a file that timm loads."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from phosphene.bank import Bank
from phosphene.cli.main import build_parser, main
from phosphene.cli.pretrain import configuration
from phosphene.runs import Run
from plain_banks import plain_bank


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    licences = ["MIT"] * 5 + ["CC0-1.0"] * 3
    return plain_bank(tmp_path_factory.mktemp("bank") / "bank.db", licences)


def pretrain(bank: Path, directory: Path, *more: Any) -> int:
    small = ["--backbone", "test_resnet", "--size", "16", "--batch-size", "8", "--device", "cpu"]
    fixed = ["--bank", str(bank), "--run", str(directory), "--engine", "fake", *small]
    return main(["pretrain", *fixed, *map(str, more)])


def test_from_a_bank_to_weights(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "run"
    more = ("--steps", 3, "--mix", 2, "--log-steps", 1, "--license", "MIT")
    assert pretrain(bank, directory, *more) == 0
    assert f"phosphene evaluate {directory}" in capsys.readouterr().out
    run = Run.open(directory)
    assert run.config["data"]["mix"] == 2
    assert run.config["training"]["backbone"]["name"] == "test_resnet"
    assert next(run.events("engine"))["name"] == "fake"
    assert next(run.events("started"))["programs"] == 5
    with Bank.open(bank) as opened:
        assert next(run.events("started"))["digest"] == opened.select(licences=["MIT"]).digest

    results, data = tmp_path / "results.json", ("--data", "digits", "--limit", "30", "--no-cache")
    judge = ["evaluate", str(directory), "--random", *data, "-o", str(results), "--device", "cpu"]
    assert main(judge) == 0
    shown = capsys.readouterr().out
    assert "digits, knn: run is" in shown
    scores = json.loads(results.read_text())["scores"]
    assert {s["model"] for s in scores} == {"random:test_resnet", "run"}
    assert next(run.events("evaluation"))["scores"] == scores

    weights = tmp_path / "weights.safetensors"
    assert main(["export", "weights", str(directory), "-o", str(weights)]) == 0
    line = f"timm.create_model('test_resnet', num_classes=0, checkpoint_path='{weights}')"
    assert line in capsys.readouterr().out
    import timm

    loaded = timm.create_model("test_resnet", num_classes=0, checkpoint_path=str(weights))
    kept = load_file(directory / "checkpoints" / "step-00000003" / "backbone.safetensors")
    assert all(torch.equal(loaded.state_dict()[name], kept[name]) for name in kept)
    assert main(["evaluate", str(weights), *data, "--probe", "knn", "--device", "cpu"]) == 0


def test_resume_goes_on_with_the_stored_configuration(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory, options = tmp_path / "run", ("--steps", 6, "--log-steps", 1, "--mix", 2)
    assert pretrain(bank, tmp_path / "whole", *options) == 0
    assert pretrain(bank, directory, *options, "--checkpoint-steps", 2) == 0
    for kept in ("step-00000006", "step-00000004"):
        manifest = directory / "checkpoints" / kept / "checkpoint.json"
        manifest.write_text(manifest.read_text() if kept.endswith("4") else "{}")
    capsys.readouterr()
    assert pretrain(bank, directory) == 2
    assert "exists already; continue it with --resume" in capsys.readouterr().err
    assert pretrain(bank, directory, "--resume", "--steps", 7) == 2
    assert "was started with training.steps = 6, now it is 7" in capsys.readouterr().err
    assert pretrain(bank, directory, "--resume") == 0
    steps = [
        {e["step"]: e["loss"] for e in Run.open(d).metrics()}
        for d in (directory, tmp_path / "whole")
    ]
    assert steps[0] == steps[1]
    assert [e["step"] for e in Run.open(directory).events("resumed")] == [4]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--method", "byol"), "`method` must be one of dino, moco, simclr, supcon, s"),
        (("--backbone", "resnet19"), "`backbone` must be a timm model, got 'resnet19'; like it:"),
        (("--views", 3), "the method simclr needs 2 views a sample, got 3"),
        (
            ("--license", "GPL-3.0-only"),
            "has no accepted programs under GPL-3.0-only; vet it first",
        ),
        (("--frame", "view"), "`frame` must be 0, a number of pixels or 'views', got 'view'"),
        (("--frame", "-1"), "`frame` must be 0, a number of pixels or 'views', got '-1'"),
        (("--set", "data.levels=hue"), "`levels` must be true, false, or some of brightness,"),
        (("--engine", "metal"), "`engine` must be one of auto, opengl, cuda; got 'metal'"),
        (("--set", "training.method.options.heat=1"), "entries of `training.method.options` are"),
        (("--set", "data.mixture=1"), "the entries of `data` are bank, "),
        (("--set", "nonsense"), "--set must be PATH=VALUE, got 'nonsense'"),
        (("--steps", 5, "--images", 50), "give either --steps or --images"),
        (("--pool", 5), "--pool is about the pictures of a --source; of a bank, give --programs"),
        (
            ("--set", "training.method.options.projection=0"),
            "`projection` must be at least 1, got 0",
        ),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    bank: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[Any, ...],
    message: str,
) -> None:
    assert pretrain(bank, tmp_path / "run", *options) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("phosphene pretrain: ")
    assert message in line


def test_what_cannot_be_judged_or_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "nothing")
    assert main(["evaluate", missing, "--data", "digits"]) == 2
    assert "nothing is no checkpoint: give a run's directory" in capsys.readouterr().err
    for option, value in (("--seed", "-1"), ("--size", "0")):
        assert main(["evaluate", "random:test_resnet", "--data", "digits", option, value]) == 2
        assert "`--seed` must be 0 or more and `--size` at least 1" in capsys.readouterr().err
    assert main(["evaluate", "random:test_resnet", "--data", "digit"]) == 2
    assert "`data` must be digits," in capsys.readouterr().err
    assert main(["export", "weights", missing, "-o", str(tmp_path / "x.safetensors")]) == 2
    assert "is no checkpoint" in capsys.readouterr().err


GROUPS = "training.method.options.groups=5"


def test_a_run_that_is_not_there_is_not_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pretrain", "--run", str(tmp_path / "typo"), "--resume"]) == 2
    assert f"there is no run {tmp_path / 'typo'} to go on with" in capsys.readouterr().err


def test_options_that_would_be_without_effect_are_refused(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["pretrain", "--source", "noise", "--run", str(tmp_path / "noise"), "--device", "cpu"]
    for option, value in (
        ("--license", "MIT"),
        ("--where", "filled>=0.5"),
        ("--programs", "3"),
        ("--engine", "cuda"),
    ):
        assert main([*command, option, value]) == 2
        assert f"{option} is about a bank's programs; --source noise" in capsys.readouterr().err
    for said, *options in (
        ("--reuse is about mixes of programs; give --mix too", "--reuse", 8),
        ("--local-size is about local views, and the run has none", "--local-size", 16),
        ("--positives is in what the", "--method", "supervised", "--positives", "latents"),
        ("the method supervised shows one; g", "--method", "supervised", "--positives", "both"),
    ):
        assert pretrain(bank, tmp_path / "run", "--steps", 1, *options) == 2
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert said in line
    assert pretrain(bank, tmp_path / "run", "--steps", 1) == 0
    again = ("--steps", 1, "--resume", "--recipe")
    assert pretrain(bank, tmp_path / "run", *again, "default") == 0
    resumed = ["pretrain", "--run", str(tmp_path / "run"), "--resume", "--recipe", "resnet50-moco"]
    assert main(resumed) == 2
    assert (
        "started with the method simclr, the recipe resnet50-moco has moco"
        in capsys.readouterr().err
    )


@pytest.mark.parametrize(
    "options",
    [
        ("--recipe", "default", "--mix", "1"),  # whose `reuse` nobody asked for
        ("--recipe", "default", "--reuse", "512"),
        ("--recipe", "vit-tiny-dino", "--local-size", "16"),
        ("--recipe", "vit-tiny-dino", "--method", "simclr", "--local-views", "0"),
        ("--mix", "cutmix", "--reuse", "512"),
        ("--method", "supervised", "--positives", "cameras"),
        ("--method", "supervised", "--positives", "both", "--views", "2"),
    ],
)
def test_what_a_recipe_says_is_not_refused_nor_what_has_an_effect(options: tuple[str, ...]) -> None:
    config, _ = configuration(
        build_parser().parse_args(["pretrain", "--bank", "bank.db", *options])
    )
    assert config.data.bank == "bank.db"
    if "--recipe" not in options:
        return
    given = ["pretrain", "--source", "noise", "--engine", "auto", *options]
    given += ["--reuse", "0", "--frame", "0"] if "default" in options else []
    config, _ = configuration(build_parser().parse_args(given))
    assert config.data.source == "noise"


def test_names_of_folders_are_no_names_of_runs() -> None:
    command = ["pretrain", "--bank", "bank.db", "--run"]
    for name, expected in (("..", ".."), (".", "."), ("x", "runs/x"), ("./x", "x")):
        _, directory = configuration(build_parser().parse_args([*command, name]))
        assert directory == Path(expected)


def test_starts_that_fail_on_an_option_leave_the_name_free(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options, setting = ("--method", "simclr", "--steps", 1), "training.method.options.temp"
    for said, *wrong in (
        ("`backbone` must be a timm model, got 'test_resne'", "--backbone", "test_resne"),
        ("got 'temprature'", "--set", f"{setting}rature=0.2"),
        (f"`{setting}erature` must be a number, got 'warm'", "--set", f"{setting}erature=warm"),
        ("`device` must be auto, cpu, cuda or cuda:N, got 'gpu9'", "--device", "gpu9"),
        ("moco encodes a rank's batch in 5 groups of", "--method", "moco", "--set", GROUPS),
    ):
        assert pretrain(bank, tmp_path / "run", *options, *wrong) == 2
        assert said in capsys.readouterr().err
    assert pretrain(bank, tmp_path / "run", *options) == 0
    events = [event["event"] for event in Run.open(tmp_path / "run").events()]
    assert events.count("engine") == events.count("started") == 1


def test_bank_show_prints_json_of_a_vetted_program(
    bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Bank.open(bank, read_only=True) as opened:
        program = next(iter(opened.ids()))
    assert main(["bank", "show", "--bank", str(bank), program, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["verdict"]["status"] == "accepted"
    assert "features" not in shown["verdict"]
