"""The cache of cubins: shared, bounded, and whole after kill -9."""

from __future__ import annotations

import os
import select
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from phosphene.engines.cuda.cache import VARIABLE, CubinCache, Room, default_folder
from phosphene.engines.cuda.compiler import Compiled
from phosphene.engines.cuda.trial import Trial


def entry(name: str, size: int = 100) -> Compiled:
    return Compiled(name, bytes([len(name)]) * size, "", 32, 64)


def keys_in(cache: CubinCache, wanted: Iterable[str]) -> set[str]:
    return {compiled.key for compiled in cache.get(wanted)}


def test_compilations_refusals_and_trials_come_back(tmp_path: Path) -> None:
    refused = Compiled("bad", b"", "it wants too much", 255, 40_000)
    trial = Trial("", 1.5, 2e-5, 40, 16)
    cache = CubinCache(tmp_path)
    cache.put([entry("good"), refused])
    cache.put_trials({"good": trial}, "one GPU")
    cache.close()
    again = CubinCache(tmp_path)
    assert {c.key: c for c in again.get(["good", "bad", "none"])} == {
        "good": entry("good"),
        "bad": refused,
    }
    assert keys_in(again, ["good", "bad", "none"]) == {"good", "bad"}
    assert again.trials(["good", "bad"], "one GPU") == {"good": trial}
    assert again.trials(["good"], "another GPU") == {}


def test_more_keys_than_one_query_takes(tmp_path: Path) -> None:
    cache = CubinCache(tmp_path)
    keys = [f"k{i}" for i in range(1234)]
    cache.put(entry(key, 10) for key in keys)
    assert {c.key for c in cache.get(keys)} == set(keys)
    assert cache.room() == Room(1234, 12_340)


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    cache = CubinCache(tmp_path, limit=250)
    cache.put([entry("a"), entry("b"), entry("c")])
    with sqlite3.connect(tmp_path / "cubins.db") as db:
        db.execute("UPDATE cubins SET used = used - 1000000 * (key = 'a') - 2000000 * (key = 'b')")
    cache.put_trials({"a": Trial(), "b": Trial()}, "g")
    cache.trim()
    assert keys_in(cache, "abc") == {"a", "c"}
    assert set(cache.trials("abc", "g")) == {"a"}
    cache.touch(["a"])
    with sqlite3.connect(tmp_path / "cubins.db") as db:
        db.execute("UPDATE cubins SET used = used - 500000 WHERE key = 'c'")
    cache.put([entry("d")])
    cache.trim()
    assert keys_in(cache, "abcd") == {"a", "d"}


def test_a_refusal_is_forgotten_after_a_week_however_often_it_is_met(tmp_path: Path) -> None:
    """An overloaded machine may have been the reason."""
    cache = CubinCache(tmp_path)
    cache.put([entry("good"), Compiled("bad", b"", "no answer within 15 s")])
    days = lambda n: f"UPDATE cubins SET used = used - {n} * 86400"  # noqa: E731
    with sqlite3.connect(tmp_path / "cubins.db") as db:
        db.execute(days(6))
    assert keys_in(cache, ["good", "bad"]) == {"good", "bad"}
    cache.touch(["good", "bad"])
    with sqlite3.connect(tmp_path / "cubins.db") as db:
        db.execute(days(2))
    assert keys_in(cache, ["good", "bad"]) == {"good"}


def test_the_variable_moves_the_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv(VARIABLE, raising=False)
    assert default_folder() == tmp_path / "xdg" / "phosphene" / "cubins"
    monkeypatch.setenv(VARIABLE, str(tmp_path / "moved"))
    assert default_folder() == tmp_path / "moved"
    CubinCache().put([entry("x")])
    assert (tmp_path / "moved" / "cubins.db").exists()


def test_a_file_that_was_damaged_later_costs_the_kernels_in_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = CubinCache(tmp_path)
    first.put([entry(f"k{i}", 4000) for i in range(200)])
    first.close()
    path = tmp_path / "cubins.db"
    whole = bytearray(path.read_bytes())
    for page in range(2 * 4096, len(whole), 4096):
        whole[page : page + 64] = b"\xa5" * 64
    path.write_bytes(whole)
    again = CubinCache(tmp_path)
    assert len(keys_in(again, [f"k{i}" for i in range(200)])) < 200
    assert again.room().size < 200 * 4000
    again.trim()
    again.put([entry("new")])
    assert keys_in(again, ["new"]) == {"new"}
    assert "damaged" in caplog.text
    assert (tmp_path / "cubins.damaged").is_file()
    again.close()


def test_a_damaged_file_is_moved_aside_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cubins.db").write_bytes(b"this is no database" * 1000)
    cache = CubinCache(tmp_path)
    cache.put([entry("x")])
    assert keys_in(cache, ["x"]) == {"x"}
    assert "damaged" in caplog.text
    assert (tmp_path / "cubins.damaged").read_bytes().startswith(b"this is no")


def test_a_folder_that_cannot_be_made_costs_the_cache_not_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = CubinCache(tmp_path / "file" / "cubins")
    cache.put([entry("x")])
    assert keys_in(cache, ["x"]) == {"x"}
    assert "compiled anew" in caplog.text


WAITER = """
import sys
from collections.abc import Iterable
from pathlib import Path
from phosphene.engines.cuda.cache import CubinCache
with CubinCache(Path(sys.argv[1])).turn():
    print("mine", flush=True)
    sys.stdin.read()
"""


def test_processes_take_turns_and_a_killed_one_gives_its_turn_up(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WAITER, str(tmp_path)]
    pipe = subprocess.PIPE
    pipes = {"stdin": pipe, "stdout": pipe, "stderr": pipe, "text": True}
    first = subprocess.Popen(command, **pipes)  # type: ignore[call-overload]
    assert first.stdout.readline() == "mine\n"
    second = subprocess.Popen(command, **pipes)  # type: ignore[call-overload]
    assert not select.select([second.stdout], [], [], 1.0)[0], "it waits"
    assert select.select([second.stderr], [], [], 60.0)[0], "and says so, before it has waited"
    first.kill()
    assert second.stdout.readline() == "mine\n"
    assert [process.communicate()[1] for process in (first, second)] == [
        "",
        f"waiting for another process, which is filling the cache of kernels in {tmp_path}\n",
    ]


WRITER = """
import sys
from collections.abc import Iterable
from pathlib import Path
from phosphene.engines.cuda.cache import CubinCache
from phosphene.engines.cuda.compiler import Compiled
cache = CubinCache(Path(sys.argv[1]))
for i in range(int(sys.argv[3])):
    cache.put(Compiled(f"{sys.argv[2]}-{i}-{j}", bytes([j]) * 5000) for j in range(8))
    print(i, flush=True)
"""


def writer(folder: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), name, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_share_it_and_kill_9_loses_no_more_than_a_transaction(tmp_path: Path) -> None:
    doomed, other = writer(tmp_path, "doomed", 10**6), writer(tmp_path, "other", 40)
    assert doomed.stdout is not None
    last = -1
    while last < 30:
        last = int(doomed.stdout.readline())
    os.kill(doomed.pid, signal.SIGKILL)
    doomed.wait()
    assert other.wait(60) == 0
    cache = CubinCache(tmp_path)
    keys = [f"doomed-{i}-{j}" for i in range(last + 1) for j in range(8)]
    keys += [f"other-{i}-{j}" for i in range(40) for j in range(8)]
    found = {c.key: c for c in cache.get(keys)}
    assert set(found) == set(keys)
    assert all(c.code == bytes([int(key[-1])]) * 5000 for key, c in found.items())
    later = keys_in(
        cache, (f"doomed-{i}-{j}" for i in range(last + 1, last + 200) for j in range(8))
    )
    assert len(later) % 8 == 0, "a batch is stored whole or not at all"


def test_a_file_of_an_older_version_is_made_anew(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "cubins.db") as db:
        db.execute("CREATE TABLE cubins (key TEXT PRIMARY KEY, quick INTEGER NOT NULL)")
        db.execute("INSERT INTO cubins VALUES ('old', 1)")
    cache = CubinCache(tmp_path)
    assert keys_in(cache, ["old"]) == set()
    cache.put([entry("new")])
    cache.close()
    assert keys_in(CubinCache(tmp_path), ["old", "new"]) == {"new"}
