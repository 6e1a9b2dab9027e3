"""`phosphene bank`: what it writes, and what it leaves as it was."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from phosphene.bank import Bank, Entry, Status, Verdict
from phosphene.cli.main import main
from phosphene.program import Dialect, Program
from phosphene.provenance import Basis, Lineage, Provenance
from plain_banks import plain_bank


def test_the_bank_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = plain_bank(tmp_path / "bank.db", ["MIT"] * 2)
    before = path.read_bytes()
    assert main(["bank", "list", "--bank", str(path), "-o", str(path)]) == 2
    assert "`-o` must not be the bank" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_what_a_file_held_stays_until_all_is_written(tmp_path: Path) -> None:
    path = plain_bank(tmp_path / "bank.db", ["MIT"] * 3)
    with Bank.open(path) as bank:
        (first, second, _) = sorted(bank.ids())
    ids = tmp_path / "ids.txt"
    ids.write_text(f"{first}\n{second}\n")
    command = ["bank", "attribution", "--bank", str(path)]
    assert main([*command, "--license", "nope", "-o", str(ids)]) == 2
    assert ids.read_text() == f"{first}\n{second}\n"
    assert main([*command, "--ids", str(ids), "-o", str(ids)]) == 0
    assert ids.read_text().count("author") == 2
    (tmp_path / "link").symlink_to(ids)
    assert main([*command, "-o", str(tmp_path / "link")]) == 0
    assert (tmp_path / "link").is_symlink()
    assert ids.read_text().count("author") == 3
    assert main([*command, "--license", "nope", "-o", str(tmp_path / "new ids.txt")]) == 2
    assert {p.name for p in tmp_path.iterdir() if "ids" in p.name} == {"ids.txt"}


def test_attribution_names_the_same_programs_as_text_and_as_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = plain_bank(tmp_path / "bank.db", ["MIT", "CC0-1.0"])
    child = Program.of(Dialect.SHADERTOY, "void mainImage(out vec4 o, in vec2 p) { o = vec4(9.); }")
    with Bank.open(path) as bank:
        parent = min(bank.ids())
        met = Provenance("tests", "child", author="nobody", licence="MIT", basis=Basis.STATED)
        bank.add_entries([Entry.of(child, (met,), lineage=Lineage("mutation", (parent,)))])
    ids = tmp_path / "ids.txt"
    ids.write_text(child.id)
    command = ["bank", "attribution", "--bank", str(path), "--ids", str(ids)]
    assert main(command) == 0
    text = capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {row["program"] for row in told} == {child.id, parent}
    assert all(row["program"][:8] in text for row in told)


def test_what_is_no_longer_served_is_not_selected(tmp_path: Path) -> None:
    with Bank.open(plain_bank(tmp_path / "bank.db", ["MIT"] * 2)) as bank:
        one, other = sorted(bank.ids())
        bank.mark_unserved({one: "brackets are nested too deep"})
        assert bank.select().program_ids == (other,)


def test_no_foreign_text_commands_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, hostile = tmp_path / "bank.db", "\x1b[2J \x9b \x7f \x08 \r \u202e \u2066 \u200f"
    text = f"// {hostile}\r\n//\tend\r\nvoid mainImage(out vec4 o, in vec2 p) {{ o = vec4(1.); }}"
    met = Provenance(hostile, hostile, hostile, hostile, None, "MIT", Basis.STATED, hostile)
    one = Program.of(Dialect.SHADERTOY, text).id
    with Bank.open(path, create=True) as bank:
        bank.add(Program.of(Dialect.SHADERTOY, text), met)
        bank.record_verdicts([Verdict(one, Status.REJECTED, hostile)])
    for command in (["list"], ["show", one], ["attribution"], ["licenses"], ["info"]):
        assert main(["bank", *command, "--bank", str(path)]) == 0
        told = capsys.readouterr().out
        assert not {c for c in told if unicodedata.category(c) in ("Cc", "Cf")} - {"\n", "\t"}
        assert "MIT" in told
        assert ("//\tend\nvoid" in told) == (command[0] == "show")
    assert main(["render", one, "--bank", str(path) + "\x1b", "-o", str(tmp_path / "x.png")]) != 0
    assert "bank.db\ufffd" in capsys.readouterr().err


def test_numbers_that_json_cannot_say_are_null(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = plain_bank(tmp_path / "bank.db", ["MIT"])
    measured = {"a": math.nan, "b": math.inf, "c": 1.5}
    with Bank.open(path) as bank:
        (one,) = bank.ids()
        bank.record_verdicts([Verdict(one, Status.ACCEPTED, measurements=measured)])
    assert main(["bank", "show", one, "--bank", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert told["verdict"]["measurements"] == {"a": None, "b": None, "c": 1.5}


def test_a_full_disk_ends_in_one_line(tmp_path: Path) -> None:
    path = plain_bank(tmp_path / "bank.db", ["MIT"] * 2)
    command = [sys.executable, "-m", "phosphene", "bank", "list", "--bank", str(path)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "phosphene bank: the output: No space left on device\n"


def test_only_a_reader_that_left_is_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = plain_bank(tmp_path / "bank.db", ["MIT"] * 2)
    command = [sys.executable, "-m", "phosphene", "bank", "list", "--bank", str(path)]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, "")

    def broken(bank: Bank, program: str) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(Bank, "find", broken)
    assert main(["bank", "show", "x", "--bank", str(path)]) == 1
    assert capsys.readouterr().err == "phosphene bank: another process: Broken pipe\n"


def test_a_place_that_may_not_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = plain_bank(tmp_path / "bank.db", ["MIT"] * 2)
    target = tmp_path / "nowhere" / "list.txt"
    target.parent.write_text("a file, not a folder")
    assert main(["bank", "list", "--bank", str(path), "-o", str(target)]) != 0
    told = capsys.readouterr().err
    assert told.startswith(f"phosphene bank: {target} cannot be written: ")
    assert told.count("\n") == 1


def test_texts_that_no_terminal_can_show_are_shown_with_gaps(tmp_path: Path) -> None:
    path = plain_bank(tmp_path / "bank.db", ["MIT"])
    broken = Program.of(
        Dialect.SHADERTOY,
        "// \ud83d \u00e4\nvoid mainImage(out vec4 o, in vec2 p) { o = vec4(1.); }",
    )
    with Bank.open(path) as bank:
        bank.add_entries([Entry.of(broken, (Provenance("tests", "broken"),))])
    command = [sys.executable, "-m", "phosphene", "bank", "show", broken.id, "--bank", str(path)]
    done = subprocess.run(
        command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"// ? ?\n" in done.stdout
    assert b"mainImage" in done.stdout
