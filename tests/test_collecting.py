"""A source goes into a bank in parallel; killed at any moment, it goes on and ends in the same bank."""

import argparse
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from phosphene.bank import Bank
from phosphene.cli import bank as bank_command
from phosphene.cli import collect as collect_command
from phosphene.cli.main import main
from phosphene.collecting import Progress, collect
from phosphene.errors import PhospheneError, SourceError, UsageError
from phosphene.program import Dialect
from phosphene.sources import Context, Item, open_source
from phosphene.sources.source import Known
from sources_made import git, image, sandbox, shadertoy, write

COLLECT = """
import sys
from phosphene import collecting
from phosphene.bank import Bank
from phosphene.sources import open_source
collecting._COMMIT_SECONDS = 0.0
with Bank.open(sys.argv[2], create=True) as bank:
    collecting.collect(open_source(sys.argv[1]), bank, workers=2)
"""
DUMPS = (
    "SELECT id, dialect, unserved, structure, licence, basis FROM programs",
    "SELECT id, json_zlib FROM contents JOIN programs ON seq = program",
    "SELECT id, p.* FROM provenance p JOIN programs ON seq = program",
    "SELECT key, i.* FROM imports i JOIN sources ON seq = source",
)


def stored(path: Path) -> list[set[tuple[Any, ...]]]:
    """All that a collection stores, without the order in which it came."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        assert tuple(db.execute("PRAGMA integrity_check").fetchone()) == ("ok",)
        tables = []
        for sql in DUMPS:
            found = [dict(row) for row in db.execute(sql)]
            rows = [tuple(v for k, v in r.items() if k not in ("program", "source")) for r in found]
            assert len(set(rows)) == len(rows)
            tables.append(set(rows))
        return tables


def imported(path: Path) -> int:
    """How many items a running collection has stored; 0 before it began."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM imports").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A folder of 800 files with duplicates, near-duplicates and files that hold nothing."""
    files: dict[str, Any] = {}
    for number in range(200):
        files[f"a/{number}.glsl"] = image(number)
        files[f"b/{number}.json"] = shadertoy(f"id{number}", image(number // 2))
        files[f"c/{number}.frag"] = sandbox(number)
        files[f"d/{number}.txt"] = f"note {number}" if number % 3 else b"\0"
    return write(tmp_path / "many", files)


def test_killed_at_any_moment_it_goes_on_to_the_same_bank(many: Path, tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole.db", tmp_path / "killed.db"
    with Bank.open(whole, create=True) as bank:
        collect(open_source(str(many)), bank, workers=1)
    reached: list[int] = []
    for goal in (1, 400):
        process = subprocess.Popen([sys.executable, "-c", COLLECT, many, killed])
        while process.poll() is None and imported(killed) < goal:
            time.sleep(0.01)
        process.kill()
        process.wait()
        reached.append(imported(killed))
    assert 0 < reached[0] < 800
    assert reached == sorted(reached)
    with Bank.open(killed) as bank:
        held = bank.imported(bank.sources()[0])
        summary = collect(open_source(str(many)), bank, workers=2)
        assert (summary.known, summary.read) == (len(held), 800 - len(held))
    assert stored(killed) == stored(whole)
    assert imported(whole) == 800


def test_nothing_of_the_current_folder_is_run(tmp_path: Path) -> None:
    hostile = "raise SystemExit('this was run')"
    write(tmp_path, {"queue.py": hostile, "socket.py": hostile, "a.glsl": image(1)})
    command = [sys.executable, "-P", "-m", "phosphene", "collect", ".", "--bank", "x.db"]
    done = subprocess.run(
        [*command, "--workers", "1", "--json"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)[0]["new"] == 1


def test_a_second_run_reads_nothing_and_changes_nothing(many: Path, tmp_path: Path) -> None:
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        first = collect(open_source(str(many)), bank, workers=1)
        before = stored(bank.path)
        second = collect(open_source(str(many)), bank, workers=1)
        assert (second.read, second.new, second.known) == (0, 0, 800)
        assert stored(bank.path) == before
    assert first.outcomes == {
        ("imported", ""): 600,
        ("no program", "no program in it"): 133,
        ("no program", "binary"): 67,
    }
    assert first.new + first.met_again == 600
    assert first.new < 600


def test_what_git_gave_before_it_died_is_stored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = write(tmp_path / "x", {f"{number:03}.glsl": image(number) for number in range(201)})
    git(files, "init", "-q", "-b", "main")
    git(files, "add", "-A")
    git(files, "commit", "-q", "-m", "first")
    real, fake = shutil.which("git"), tmp_path / "bin" / "git"
    write(
        fake.parent,
        {
            "git": f"""#!/bin/sh
if [ "$3" = cat-file ]; then head -n 200 > {tmp_path}/asked; exec < {tmp_path}/asked; fi
exec {real} "$@"
"""
        },
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent), prepend=os.pathsep)
    bank = tmp_path / "bank.db"
    assert main(["collect", f"{files}@main", "--bank", str(bank), "--workers", "1"]) == 1
    assert "git stopped at 200.glsl; check it with: git -C" in capsys.readouterr().err
    assert imported(bank) == 200


def test_exact_duplicates_are_stored_once_and_near_ones_are_marked(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "x",
        {"a.glsl": image(1), "b.glsl": image(1), "c.glsl": image(2), "d.frag": sandbox(1)},
    )
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        summary = collect(open_source(str(folder)), bank, workers=1)
        assert (summary.new, summary.met_again) == (3, 1)
        twice = next(p for p in bank.programs() if p.image.code == image(1))
        assert [p.location for p in bank.provenance(twice.id)] == ["a.glsl", "b.glsl"]
        (near,) = bank.near_duplicates(twice.id)
        assert bank.program(near).image.code == image(2)
        assert len(bank.select(accepted=None, distinct=True)) == 2


def test_programs_that_cannot_be_served_are_kept_whole_and_marked(tmp_path: Path) -> None:
    shader = shadertoy("abc", image(1))
    shader["renderpass"].append({"type": "buffer", "name": "Buffer A", "code": image(2)})
    write(tmp_path / "x", {"multi.json": shader})
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        collect(open_source(str(tmp_path / "x")), bank, workers=1)
        (program,) = bank.programs()
        assert [tab.name for tab in program.tabs] == ["buffer a", "image"]
        assert bank.info().unserved == {"several passes": 1}
        assert bank.uncompiled("1") == ()


@dataclass
class Made:
    """A source made for a test; it may fail after its last item."""

    made: Sequence[Item]
    failure: PhospheneError | None = None
    key: str = "made:"
    context: Context = field(default_factory=lambda: Context("made"))

    def size(self) -> int | None:
        return None

    def items(self, known: Known) -> Iterator[Item]:
        yield from (item for item in self.made if not known(item.key, item.fingerprint))
        if self.failure:
            raise self.failure


def test_what_was_read_before_a_source_fails_is_stored(tmp_path: Path) -> None:
    items = [Item(f"{i}", image(i).encode()) for i in range(100)]
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        with pytest.raises(SourceError, match="the site is away"):
            collect(Made(items, SourceError("the site is away")), bank, workers=1)
        assert len(bank) == 100
        summary = collect(Made([*items, Item("last", image(100).encode())]), bank, workers=1)
        assert (summary.known, summary.read, summary.new) == (100, 1, 1)


def test_what_could_not_be_read_is_read_by_the_next_run(tmp_path: Path) -> None:
    whole = [Item("a", image(1).encode(), "1"), Item("b", image(2).encode(), "2")]
    locked = [whole[0], Item("b", b"", "2", problem="cannot be read: Permission denied")]
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        first = collect(Made(locked), bank, workers=1)
        assert (first.new, len(bank)) == (1, 1)
        again = collect(Made(whole), bank, workers=1)
        assert (again.known, again.read, len(bank)) == (1, 1, 2)


def test_what_was_read_as_another_dialect_or_origin_is_read_again(tmp_path: Path) -> None:
    items = [Item("a", image(1).encode(), "1")]
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        assert collect(Made(items), bank, workers=1).read == 1
        named = Made(items, context=Context("mine"))
        assert collect(named, bank, workers=1).read == 1
        assert {p.origin for i in bank.ids() for p in bank.provenance(i)} == {"made", "mine"}
        typed = Made(items, context=Context("mine", dialect=Dialect.SHADERTOY))
        assert collect(typed, bank, workers=1).read == 1
        assert collect(typed, bank, workers=1).known == 1


def test_a_collections_new_licence_reaches_programs_that_were_read_before(tmp_path: Path) -> None:
    folder = write(tmp_path / "shaders", {"one.glsl": image(1), "LICENSE": "MIT License"})
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        for text, expected in (("MIT License", "MIT"), ("CC BY-NC 4.0", "CC-BY-NC-4.0")):
            write(folder, {"LICENSE": text})
            collect(open_source(str(folder)), bank, workers=1)
            (one,) = bank.ids()
            assert [p.licence for p in bank.provenance(one)] == [expected]


def test_an_item_that_breaks_its_reader_is_the_only_one_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "hooks"
    write(
        hooks,
        {
            "sitecustomize.py": "import os, phosphene.sources as s\n"
            "read = s.read\n"
            "s.read = lambda item, c: os.abort() if b'BREAK' in item.data else read(item, c)\n"
        },
    )
    monkeypatch.setenv("PYTHONPATH", f"{hooks}:{os.environ.get('PYTHONPATH', '')}")
    items = [Item(f"{i}", image(i).encode()) for i in range(200)]
    items[70] = Item("70", b"BREAK")
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        summary = collect(Made(items), bank, workers=2)
        assert summary.outcomes == {("imported", ""): 199, ("failed", "broke its reader"): 1}
        assert len(bank) == 199
        assert collect(Made(items), bank, workers=1).read == 0


def test_hostile_texts_are_survived(tmp_path: Path) -> None:
    entry = "void mainImage(out vec4 o, in vec2 p) "
    folder = write(
        tmp_path / "x",
        {
            "braces.glsl": entry + "{" * 900_000,
            "parentheses.glsl": entry + "{ o = vec4(" + "(" * 900_000,
            "comment.glsl": entry + "{ /*" + "/*" * 450_000,
            "line.glsl": entry + "{ float " + "a" * 900_000 + "; }",
            "names.glsl": entry + "{ " + "".join(f"float a{i};" for i in range(60_000)) + " }",
            "utf8.glsl": entry.encode() + b"{ } // \xff\xfe\xc3\x28" + b"\xf0" * 10_000,
            "fine.glsl": image(1),
        },
    )
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        summary = collect(open_source(str(folder)), bank, workers=2)
        assert summary.read == 7
        assert image(1) in {p.image.code for p in bank.programs()}


def test_a_limit_and_progress(tmp_path: Path) -> None:
    folder = write(tmp_path / "x", {f"{i}.glsl": image(i) for i in range(40)})
    seen: list[Progress] = []
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        summary = collect(open_source(str(folder)), bank, 1, limit=30, progress=seen.append)
        assert (summary.read, summary.new) == (30, 30)
        assert (seen[0].done, seen[0].total) == (0, 40)
        assert (seen[-1].done, seen[-1].programs) == (30, 30)
        collect(open_source(str(folder)), bank, 1, limit=7, progress=seen.append)
        assert (seen[-1].done, seen[-1].programs) == (37, 7)


def test_a_busy_bank_ends_the_run_in_one_line(tmp_path: Path) -> None:
    holder = Bank.open(tmp_path / "bank.db", create=True)
    bank = Bank.open(tmp_path / "bank.db", patience=0.1)
    items = [Item("a", image(1).encode())]
    with holder.writing(), pytest.raises(PhospheneError, match="another process is writing to it"):
        collect(Made(items), bank, workers=1)
    assert collect(Made(items), bank, workers=1).new == 1


def phosphene(*arguments: object) -> int:
    """The command line, without its other commands."""
    parser = argparse.ArgumentParser()
    subparsers = parser.add_subparsers(dest="command")
    collect_command.add_parser(subparsers)
    bank_command.add_parser(subparsers)
    args = parser.parse_args([str(a) for a in arguments])
    return {"collect": collect_command, "bank": bank_command}[args.command].run(args)


def test_the_command_line_collects_and_looks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bank.db"
    folder = write(
        tmp_path / "x",
        {
            "a.glsl": "// License: MIT\n// Author: Ada\n" + image(1),
            "b.frag": sandbox(1),
            "c": b"\0",
        },
    )
    assert phosphene("collect", folder, "starter", "--bank", file, "--workers", 1) == 0
    said = capsys.readouterr().out
    assert "1  no program: binary" in said
    assert "2 new programs, 0 met again" in said
    assert phosphene("collect", folder, "--bank", file, "--json") == 0
    (summary,) = json.loads(capsys.readouterr().out)
    assert (summary["read"], summary["known"]) == (0, 3)

    assert phosphene("bank", "list", "--bank", file, "--origin", "x", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert {row["title"] for row in listed} == {"a", "b"}
    assert phosphene("bank", "list", "--bank", file, "--license", "MIT") == 0
    (line,) = capsys.readouterr().out.splitlines()
    program_id = line.split()[0]
    assert "a by Ada" in line
    assert phosphene("bank", "list", "--bank", file, "--license", "MPL-2.0", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []

    assert phosphene("bank", "show", program_id[:8], "--bank", file) == 0
    shown = capsys.readouterr().out
    assert image(1) in shown
    assert "met in x: a.glsl" in shown
    assert "MIT (stated) license: mit" in shown
    assert phosphene("bank", "show", program_id, "--bank", file, "--json") == 0
    assert json.loads(capsys.readouterr().out)["provenance"][0]["author"] == "Ada"

    assert phosphene("bank", "licenses", "--bank", file, "--json") == 0
    rows = {(r["license"], r["basis"]): r["programs"] for r in json.loads(capsys.readouterr().out)}
    assert rows[("MIT", "stated")] == rows[("unknown", "unknown")] == 1
    assert rows[("CC0-1.0", "stated")] > 1
    assert phosphene("bank", "info", "--bank", file) == 0
    assert "programs" in capsys.readouterr().out

    ids = tmp_path / "ids.txt"
    ids.write_text(program_id)
    written = tmp_path / "ATTRIBUTION.md"
    assert phosphene("bank", "attribution", "--bank", file, "--ids", ids, "-o", written) == 0
    text = written.read_text()
    assert f"`{program_id}` a by Ada, MIT (stated), from x: a.glsl" in text
    assert text.count("\n- `") == 1


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--workers", "0"], "`--workers` must be 1 or more, got 0"),
        (["--limit", "-2"], "`--limit` must be 1 or more, got -2"),
        (["--dialect", "hlsl"], "`dialect` must be one of shadertoy"),
        (["--revision", "main"], "is no git repository"),
    ],
)
def test_wrong_arguments(tmp_path: Path, arguments: list[str], error: str) -> None:
    folder = write(tmp_path / "x", {"a.glsl": image(1)})
    with pytest.raises(UsageError, match=error):
        phosphene("collect", folder, "--bank", tmp_path / "bank.db", *arguments)
    assert not (tmp_path / "bank.db").exists()


def test_a_misspelt_source_keeps_the_others_from_being_read(tmp_path: Path) -> None:
    """It is said before the first is read, and no bank is made."""
    folder = write(tmp_path / "x", {"a.glsl": image(1)})
    with pytest.raises(UsageError, match="got '/no/such'"):
        phosphene("collect", folder, "/no/such", "--bank", tmp_path / "bank.db")
    assert not (tmp_path / "bank.db").exists()
