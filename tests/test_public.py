"""What a user may rely on: the exported names, the command line, its exit codes, the doctor."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import torch

import phosphene
from phosphene import engines
from phosphene.cli.main import COMMANDS, build_parser, main
from phosphene.doctor import CHECKS, Status, examine
from phosphene.errors import CompileError, MissingPieceError

ROOT = Path(__file__).parents[1]


def test_every_exported_name_is_there_and_documented() -> None:
    assert set(phosphene.__all__) == {*phosphene._HOME, "__version__"}
    for name in phosphene._HOME:
        assert getattr(phosphene, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = phosphene.Nothing


def test_importing_the_package_or_the_command_line_loads_no_torch() -> None:
    code = (
        "import sys, phosphene; from phosphene.cli.main import build_parser; build_parser();"
        "sys.exit(sum(m in sys.modules for m in ('torch', 'moderngl', 'timm')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        build_parser().parse_args([command, "--help"])
    assert stop.value.code == 0
    assert f"usage: phosphene {command}" in capsys.readouterr().out


def test_wrong_usage_is_2_and_a_failure_is_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["no-such-command"])
    assert stop.value.code == 2
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no bank" * 100)
    assert main(["bank", "info", "--bank", str(broken)]) == 1
    error = capsys.readouterr().err.strip().splitlines()
    assert str(broken) in error[-1]
    assert error[-1].startswith("phosphene bank: ")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            "pretrain --methd simclr",
            "phosphene pretrain: there is no option --methd; did you mean --method? See phosphene pretrain --help",
        ),
        (
            "compare nothing --stesp=5",
            "phosphene compare: there is no option --stesp; did you mean --steps? See phosphene compare --help",
        ),
        (
            "bank list --bank b.db --lmit 3",
            "phosphene bank list: there is no option --lmit; did you mean --limit? See phosphene bank list --help",
        ),
        (
            "doctor --qqqq",
            "phosphene doctor: there is no option --qqqq; see phosphene doctor --help",
        ),
        ("doctor now", "phosphene doctor: there is no place for now; see phosphene doctor --help"),
        (
            "--verbsoe doctor",
            "phosphene: there is no option --verbsoe; did you mean --verbose? See phosphene --help",
        ),
    ],
)
def test_an_option_that_does_not_exist_is_one_line_that_says_what_was_meant(
    words: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(words.split())
    assert stop.value.code == 2
    assert capsys.readouterr().err.splitlines() == [line]


def test_the_doctor_finds_what_this_machine_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)}
    assert set(checks) == set(CHECKS)
    assert "glslang" in checks["shader compiler"]["detail"]
    assert checks["opengl engine"]["status"] in (Status.OK, Status.NOTE)


def test_the_doctor_looks_at_everything_that_the_package_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = {check.name: check for check in examine()}["packages"]
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    told = {word.split()[0] for word in packages.detail.split(", ")}
    assert told == {requirement.partition(">=")[0] for requirement in needed}

    real = importlib.metadata.version
    versions = {"safetensors": "0.4.2", "torch": "2.10.0+cpu"}
    monkeypatch.setattr("importlib.metadata.version", lambda p: versions.get(p) or real(p))
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {check.name: (check.status, check.detail) for check in examine()}
    remedy = "safetensors>=0.4.3; type: pip install 'safetensors>=0.4.3'"
    assert found["packages"] == (Status.MISSING, remedy)
    assert found["git"][0] is Status.NOTE
    assert "apt-get install git" in found["git"][1]


def test_the_doctor_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> tuple[Status, str]:
        raise MissingPieceError("EGL", "type: apt-get install libegl1")

    monkeypatch.setitem(CHECKS, "opengl engine", broken)
    found = {check.name: check for check in examine()}["opengl engine"]
    assert found.status is Status.MISSING
    assert "apt-get install libegl1" in found.detail
    assert main(["doctor"]) == 1


def test_the_engine_that_auto_takes_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without -v; and what to type where an NVIDIA GPU lies idle for want of a package."""
    bank = tmp_path / "bank.db"
    assert main(["collect", "starter", "--bank", str(bank)]) == 0
    command = [sys.executable, "-m", "phosphene", "vet", "--bank", str(bank), "--limit", "1"]
    command += ["--engine", "auto"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.count("phosphene: engine ") == 1
    assert ("engine cuda: NVIDIA" in done.stderr) == torch.cuda.is_available()

    caught: list[str] = []
    real = engines._found
    monkeypatch.setattr(engines.log, "warning", lambda text, *_: caught.append(text))
    monkeypatch.setattr(engines, "_found", lambda name: name != "cuda.bindings" and real(name))
    for driver in (tmp_path / "none", bank):
        monkeypatch.setattr(engines, "NVIDIA", driver)
        assert engines.resolve("auto") == "opengl"
    (told,) = caught
    assert "pip install 'phosphene[cuda]'" in told


def test_errors_survive_the_way_from_a_worker() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(CompileError("no such name", "common", 7)))
    assert (error.tab, error.line, str(error)) == ("common", 7, "common, line 7: no such name")
    missing = pickle.loads(pickle.dumps(MissingPieceError("EGL", "type this")))
    assert missing.remedy == "type this"
