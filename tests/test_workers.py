"""Workers are real processes: they die, hang, run out of memory, and the work goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import phosphene
from phosphene.errors import CompileError, WorkerError
from phosphene.workers import Worker, WorkerPool, WorkerSpec

HERE = str(Path(__file__).parent)


def spec(entry: str = "serve", memory: int | None = None) -> WorkerSpec:
    path = os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")])
    return WorkerSpec(f"worker_entries:{entry}", "set-up", memory, (("PYTHONPATH", path),))


def test_outcomes_of_a_pool_are_complete_whatever_happens() -> None:
    tasks = [("echo", i) for i in range(10)]
    tasks[2:2] = [("die", None), ("refuse", 7), ("break", None), ("sleep", 60)]
    with WorkerPool(spec(), 2, timeout=3.0) as pool:
        outcomes = {(o.task, repr(o.result)): o.error for o in pool.map(tasks)}
        assert {task for task, _ in outcomes} == set(tasks)
        for i in range(10):
            assert outcomes[("echo", i), repr(("set-up", i))] is None
        errors = {task: error for (task, _), error in outcomes.items() if error}
        assert "SIGKILL" in str(errors["die", None])
        assert isinstance(errors["refuse", 7], CompileError)
        assert "ZeroDivisionError: broken" in str(errors["break", None])
        assert "no answer within 3 s" in str(errors["sleep", 60])


def test_a_pool_serves_again_after_a_failure() -> None:
    with WorkerPool(spec(), 1, timeout=30) as pool:
        assert [bool(o.error) for o in pool.map([("die", None)])] == [True]
        assert [o.result for o in pool.map([("echo", 1)])] == [("set-up", 1)]
        assert list(pool.map([])) == []


def test_memory_is_bounded() -> None:
    worker = Worker(spec(memory=1 << 30))
    try:
        worker.send(("allocate", 2 << 30))
        with pytest.raises(WorkerError, match="out of memory"):
            worker.receive(30)
        worker.send(("echo", 5))
        assert worker.receive(30) == ("set-up", 5)
    finally:
        worker.close()


def test_large_messages_both_ways_do_not_lock() -> None:
    large = b"x" * (4 << 20)
    with WorkerPool(spec(), 1, timeout=60) as pool:
        results = [o.result for o in pool.map([("echo", large)] * 4)]
    assert results == [("set-up", large)] * 4


def test_a_worker_that_cannot_start_says_why() -> None:
    with WorkerPool(spec("cannot_start"), 1, timeout=30) as pool:
        (outcome,) = pool.map([("echo", 1)])
    assert "no licence to start" in str(outcome.error)


def test_workers_end_with_a_parent_that_is_killed() -> None:
    code = (
        "import worker_entries, sys, time; from test_workers import spec;"
        "from phosphene.workers import Worker; w = Worker(spec()); w.send(('pid', None));"
        "print(w.receive(30), flush=True); w.send(('sleep', 600)); time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": HERE},
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and _alive(child):
        time.sleep(0.05)
    assert not _alive(child)


def test_workers_use_the_package_of_their_parent(tmp_path: Path) -> None:
    (tmp_path / "phosphene").symlink_to(Path(phosphene.__file__).parent)
    code = (
        "from phosphene.workers import Worker, WorkerSpec;"
        "w = Worker(WorkerSpec('builtins:eval', 'lambda _: __import__(\"phosphene\").__file__'));"
        "w.send(None); print(w.receive(30))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == str(tmp_path / "phosphene" / "__init__.py")


def _alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
