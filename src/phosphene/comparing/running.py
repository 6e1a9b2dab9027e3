"""Runs the jobs of a comparison side by side, one process each."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import subprocess
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from phosphene.comparing.budgets import budget, check_equal
from phosphene.comparing.layout import (
    RESULTS,
    Job,
    jobs_of,
    marks_of,
    outdated,
    scored,
    trained,
    write_specification,
)
from phosphene.comparing.specification import NOTHING, Comparison
from phosphene.comparing.table import Table
from phosphene.errors import PhospheneError, UsageError
from phosphene.models import check_sizes
from phosphene.runs import Run, write_atomically
from phosphene.training import look
from phosphene.workers import module_command, module_environment

_LOOK = 0.25
_SAVING = 120.0
"""Seconds that jobs have to save when the comparison is stopped."""


def compare(
    comparison: Comparison,
    directory: Path,
    parallel: int = 1,
    device: str = "auto",
    gpus: Sequence[str] = (),
) -> Table:
    """Trains and judges every arm with every seed; what is done already is not done again.

    Args:
        comparison: what is compared.
        directory: of the comparison; see `layout`.
        parallel: jobs at a time.
        device: of each job.
        gpus: identifiers for CUDA_VISIBLE_DEVICES, handed to the slots in turn, so that several jobs may
            share one; empty: jobs see what this process sees.

    Raises:
        UsageError: the arms' budgets are unequal, or an arm's configuration does not fit.
        PhospheneError: an arm's bank or source cannot be read, and nothing was trained; or jobs failed, the
            others are done, and the message says where the logs are.
    """
    if parallel < 1:
        raise UsageError(f"`parallel` must be at least 1, got {parallel}")
    if not comparison.judging.data:
        raise UsageError("a comparison needs `judging.data`: --data, as for phosphene evaluate")
    trained = [arm for arm, about in comparison.arms.items() if about.role != NOTHING]
    configs = {arm: comparison.config(arm, comparison.seeds[0]) for arm in trained}
    for arm, config in configs.items():
        if not (config.data.bank or config.data.source):
            raise UsageError(f"the arm {arm} needs `data.bank` or `data.source`")
    budgets = {arm: budget(config) for arm, config in configs.items()}
    _check_backbones(comparison)
    check_equal(budgets, comparison.free)
    with _locked(directory):
        write_specification(comparison, directory)
        jobs = jobs_of(comparison, directory)
        old = outdated(jobs, comparison)  # with which a job refuses to go on
        waiting = deque(job for job in jobs if job in old or scored(job, comparison) is None)
        if waiting:  # what cannot be judged is not trained, and one table is of the same images
            marks = marks_of(comparison.judging.datasets())
            waiting = deque(j for j in jobs if j in old or scored(j, comparison, marks) is None)
            _look_ahead(comparison, waiting)
        failed = _run_all(comparison, waiting, len(jobs), parallel, device, gpus)
        failed.sort(key=jobs.index)  # not by which ended first
        done = [job for job in jobs if job not in failed]
        known = [found for job in done if (found := scored(job, comparison)) is not None]
        table = Table(known, next(iter(budgets.values()), {}), comparison.free)
        _write(directory / RESULTS, table)
    if failed:
        raise PhospheneError(
            f"{len(failed)} of {len(jobs)} runs failed; {failed[0].name}: {_last_line(failed[0].log)} "
            f"(see {failed[0].log}); the same command tries them again"
        )
    return table


def _check_backbones(comparison: Comparison) -> None:
    """Random weights are trained with nothing, but they must be of the same backbone."""
    seed = comparison.seeds[0]
    backbones = {
        arm: {
            "training": {"backbone": budget(comparison.config(arm, seed))["training"]["backbone"]}
        }
        for arm in comparison.arms
    }
    check_equal(backbones, comparison.free)


def _look_ahead(comparison: Comparison, waiting: Iterable[Job]) -> None:
    """Finds what an arm would fail on before the first of them is trained. What is trained and only to be judged
    wants no bank or source any more.

    Raises:
        UsageError, PhospheneError: the first fault, with the arm's name, in one line.
    """
    seen: set[str] = set()
    for job in waiting:
        if job.arm in seen or trained(job, comparison):
            continue
        seen.add(job.arm)
        config = comparison.config(job.arm, job.seed)
        backbone = config.training.backbone
        try:
            if comparison.arms[job.arm].role == NOTHING:
                check_sizes(backbone, backbone.size)
            else:
                look(config)
        except PhospheneError as error:
            kind = UsageError if isinstance(error, UsageError) else PhospheneError
            raise kind(f"the arm {job.arm}: {' '.join(str(error).split())}") from error


@dataclass
class _Slot:
    """A place for one job at a time, on one GPU."""

    gpu: str | None
    job: Job | None = None
    process: subprocess.Popen[bytes] | None = None
    task: TaskID | None = None


def _run_all(
    comparison: Comparison,
    waiting: deque[Job],
    total: int,
    parallel: int,
    device: str,
    gpus: Sequence[str],
) -> list[Job]:
    """Runs jobs until none waits; returns those that failed."""
    slots = [_Slot(gpus[i % len(gpus)] if gpus else None) for i in range(parallel)]
    failed: list[Job] = []
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[state]}", markup=False),
        TimeElapsedColumn(),
    )
    console = Console(stderr=True, highlight=False)
    with Progress(*columns, console=console, transient=True) as bar:
        whole = bar.add_task("runs", total=total, completed=total - len(waiting), state="")
        try:
            while waiting or any(slot.process for slot in slots):
                for slot in slots:
                    if ended := _ended(slot, bar):
                        job, code = ended
                        done = code == 0 and scored(job, comparison) is not None
                        failed += [] if done else [job]
                        ended_as = "done" if done else _failure(job)
                        # Unbroken, however narrow the terminal: what it says to type is copied.
                        console.print(f"{job.name}: {ended_as}", soft_wrap=True, markup=False)
                        bar.advance(whole)
                    if slot.process is None and waiting:
                        _start(slot, waiting.popleft(), comparison, parallel, device, bar)
                    _show(slot, bar)
                time.sleep(_LOOK)
        finally:
            _stop(slots)
    return failed


def _start(
    slot: _Slot, job: Job, comparison: Comparison, parallel: int, device: str, bar: Progress
) -> None:
    environment = module_environment()
    environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if slot.gpu is not None:
        environment["CUDA_VISIBLE_DEVICES"] = slot.gpu
    if parallel > 1:
        threads = max(1, len(os.sched_getaffinity(0)) // parallel)
        environment.setdefault("OMP_NUM_THREADS", str(threads))
    arguments = [str(job.root), job.arm, str(job.seed), "--device", device]
    arguments += ["--parent", str(os.getpid())]
    with open(job.log, "ab") as log:
        # In a session of its own: Ctrl-C in a terminal reaches this process alone, which lets jobs save.
        slot.process = subprocess.Popen(
            module_command("phosphene.comparing.job", *arguments),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    slot.job = job
    steps = comparison.config(job.arm, job.seed).training.steps
    slot.task = bar.add_task(job.name, total=steps, state="")


def _ended(slot: _Slot, bar: Progress) -> tuple[Job, int] | None:
    """The job of a slot whose process has ended, and its exit code; the slot is then free."""
    if slot.job is None or slot.process is None or (code := slot.process.poll()) is None:
        return None
    if slot.task is not None:
        bar.remove_task(slot.task)
    job, slot.process, slot.task, slot.job = slot.job, None, None, None
    return job, code


def _show(slot: _Slot, bar: Progress) -> None:
    """The step of a slot's run, from its record."""
    if slot.job is None or slot.task is None or not slot.job.run.is_dir():
        return
    newest = deque(Run(slot.job.run, {}).events("metrics"), maxlen=1)
    for event in newest:
        state = f"step {event['step']}, loss {event.get('loss')}"
        bar.update(slot.task, completed=event["step"], state=state)


def _failure(job: Job) -> str:
    return f"failed: {_last_line(job.log)}"


def _stop(slots: Sequence[_Slot]) -> None:
    """Asks jobs that still run to save and stop."""
    running = [slot.process for slot in slots if slot.process is not None]
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
    for process in running:
        try:
            process.wait(_SAVING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        return "no log"
    return lines[-1] if lines else "it printed nothing"


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Keeps a second process out of a comparison."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(directory / ".lock", os.O_CREAT | os.O_RDWR, 0o644)
    except OSError as error:
        raise PhospheneError(f"cannot write to {directory}: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise PhospheneError(f"another process runs the comparison {directory}") from error
    try:
        yield
    finally:
        os.close(lock)


def _write(path: Path, table: Table) -> None:
    try:
        write_atomically(path, (json.dumps(table.plain(), indent=1) + "\n").encode())
    except OSError as error:
        raise PhospheneError(f"cannot write {path}: {error.strerror}") from error
