"""`phosphene synth`: resumed, killed, asked for nonsense."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from phosphene.bank import Bank
from phosphene.cli import synth
from phosphene.errors import BankError, UsageError
from phosphene.synthesis import synthesise


def _run(*arguments: object) -> int:
    """What `phosphene synth ARGUMENTS` does; errors are raised."""
    parser = argparse.ArgumentParser()
    synth.add_parser(parser.add_subparsers(dest="command", required=True))
    return synth.run(parser.parse_args(["synth", *map(str, arguments)]))


def _ids(path: Path) -> set[str]:
    with Bank.open(path, read_only=True) as bank:
        return set(bank.ids())


def test_it_stores_the_programs_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bank.db"
    assert _run("--bank", path, "-n", 5, "--seed", 8, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["made"], summary["known"], summary["new"], summary["seed"]) == (5, 0, 5, 8)
    assert _ids(path) == {synthesise(8, number).program.id for number in range(5)}
    assert _run("--bank", path, "-n", 7, "--seed", 8) == 0
    assert "seed 8: 2 programs" in (told := capsys.readouterr().out)
    assert "5 made before" in told
    assert "holds 7 programs" in told
    assert _run("--bank", path, "-n", 3, "--seed", 9, "--json") == 0
    assert json.loads(capsys.readouterr().out)["new"] == 3
    with Bank.open(path) as bank:
        selection = bank.select(licences=("CC0-1.0",), accepted=None, origins=("synthesis",))
        assert len(selection.program_ids) == 10
        where = bank.provenance(synthesise(8, 6).program.id)
        assert [p.location for p in where] == ["seed 8, number 6"]


def test_a_killed_run_goes_on_without_doubles(tmp_path: Path) -> None:
    path = tmp_path / "bank.db"
    command = [
        sys.executable,
        "-m",
        "phosphene",
        "synth",
        "--bank",
        str(path),
        "-n",
        "400",
        "--seed",
        "2",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (held := _held(path)) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert 0 < held < 400
    told = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    summary = json.loads(told.stdout)
    assert summary["known"] >= held
    assert summary["made"] + summary["known"] == 400
    assert summary["new"] == summary["made"]
    ids = _ids(path)
    assert len(ids) == 400
    assert {synthesise(2, number).program.id for number in (0, 150, 399)} <= ids
    with Bank.open(path, read_only=True) as bank:
        assert all(len(bank.provenance(program)) == 1 for program in sorted(ids)[:50])


def _held(path: Path) -> int:
    """Programs in a bank that another process is writing; 0 while there is none."""
    if not path.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            return int(db.execute("SELECT count(*) FROM programs").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_nonsense_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`-n` must be 1 or more, got 0"):
        _run("--bank", tmp_path / "bank.db", "-n", 0)
    assert not (tmp_path / "bank.db").exists()
    (tmp_path / "text.db").write_text("this is no bank, " * 100)
    with pytest.raises(BankError, match=r"text\.db"):
        _run("--bank", tmp_path / "text.db", "-n", 1)
    told = subprocess.run(
        [sys.executable, "-m", "phosphene", "synth", "--bank", os.devnull + "/x", "-n", "1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert told.stderr.startswith("phosphene synth: ")
    assert told.stderr.count("\n") == 1
