"""Worker processes: plain subprocesses that can be timed, limited, killed and replaced.

Not `multiprocessing`: a fork breaks EGL and CUDA, a spawn breaks scripts without a main guard. A worker
is `python -P -m phosphene.workers`; the function that its spec names is called once with the set-up value
and returns the handler that is then called with every task. Tasks and results are pickled.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import queue
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from phosphene.closing import Closing
from phosphene.errors import PhospheneError, WorkerError

Handler = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """How a worker is started.

    Attributes:
        entry: "module:function"; the function takes `setup` and returns the handler.
        setup: a picklable value.
        memory: limit of the address space in bytes; None: no limit.
        env: variables to set besides the inherited ones.
        fds: file descriptors the worker inherits under the same numbers.
    """

    entry: str
    setup: Any = None
    memory: int | None = None
    env: tuple[tuple[str, str], ...] = ()
    fds: tuple[int, ...] = ()


class Worker:
    """One worker process and the pipe to it."""

    def __init__(self, spec: WorkerSpec) -> None:
        self.spec = spec
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                module_command("phosphene.workers", str(theirs.fileno())),
                pass_fds=(theirs.fileno(), *self.spec.fds),
                stdin=subprocess.DEVNULL,
                env={**module_environment(), **dict(self.spec.env)},
            )
        self.connection = Connection(ours.detach())
        self.connection.send((self.spec.entry, self.spec.setup, self.spec.memory))

    def send(self, task: Any) -> None:
        """Hands over a task. Raises WorkerError where the worker is gone."""
        try:
            self.connection.send(task)
        except OSError as error:
            raise WorkerError(f"the worker is gone ({self._how_it_ended()})") from error

    def receive(self, timeout: float | None = None) -> Any:
        """The next result.

        Raises:
            WorkerError: the task failed, the worker died, or nothing came within `timeout` seconds;
                in the last two cases the worker must be restarted.
        """
        try:
            if not self.connection.poll(timeout):
                raise WorkerError(f"no answer within {timeout:g} s")
            ok, value = self.connection.recv()
        except (EOFError, OSError) as error:
            raise WorkerError(f"the worker died ({self._how_it_ended()})") from error
        if ok:
            return value
        raise value

    def restart(self) -> None:
        """Ends the process, whatever it is doing, and starts another."""
        self.close()
        self._start()

    def close(self) -> None:
        """Ends the process."""
        self.connection.close()
        self.process.kill()
        self.process.wait()

    def _how_it_ended(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        code = self.process.returncode
        if code is None:
            return "it closed its pipe"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: its result, or the error (a WorkerError for time, memory and death)."""

    task: Any
    result: Any = None
    error: Exception | None = None


class WorkerPool(Closing):
    """Several workers of one kind that share a sequence of tasks."""

    def __init__(self, spec: WorkerSpec, count: int, timeout: float) -> None:
        """Starts the workers.

        Args:
            spec: how each is started.
            count: how many.
            timeout: seconds a task may take before its worker is ended and replaced.
        """
        self.timeout = timeout
        self._workers = [Worker(spec) for _ in range(count)]

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The processes at work."""
        return tuple(self._workers)

    def map(self, tasks: Iterable[Any]) -> Iterator[Outcome]:
        """Outcomes in the order in which they are ready; tasks are drawn as workers become free.

        A task that fails, hangs or kills its worker gives an Outcome with its error; the others go on.
        """
        source = iter(tasks)
        busy: dict[Connection, tuple[Worker, deque[Any], float]] = {}
        for worker in self._workers:
            self._feed(worker, deque(), source, busy)
        while busy:
            deadline = min(started for _, _, started in busy.values()) + self.timeout
            ready = wait(list(busy), max(0.0, deadline - time.monotonic()))
            for connection in ready or [min(busy, key=lambda c: busy[c][2])]:
                assert isinstance(connection, Connection)
                worker, waiting, _ = busy.pop(connection)
                task = waiting.popleft()
                try:
                    outcome = Outcome(task, worker.receive(0 if ready else 0.0))
                except WorkerError as error:
                    why = error if ready else WorkerError(f"no answer within {self.timeout:g} s")
                    outcome = Outcome(task, error=why)
                    worker.restart()
                    for next_task in waiting:
                        worker.send(next_task)
                except Exception as error:  # the task's own failure, raised in the worker
                    outcome = Outcome(task, error=error)
                self._feed(worker, waiting, source, busy)
                yield outcome

    def _feed(
        self,
        worker: Worker,
        waiting: deque[Any],
        source: Iterator[Any],
        busy: dict[Connection, tuple[Worker, deque[Any], float]],
    ) -> None:
        """Keeps two tasks with the worker, so that it never waits for us."""
        while len(waiting) < 2:
            try:
                task = next(source)
            except StopIteration:
                break
            waiting.append(task)
            with contextlib.suppress(WorkerError):  # noticed when its answer is awaited
                worker.send(task)
        if waiting:
            busy[worker.connection] = (worker, waiting, time.monotonic())

    def close(self) -> None:
        """Ends all workers."""
        for worker in self._workers:
            worker.close()


def module_command(module: str, *arguments: str) -> list[str]:
    """Starts a module in another Python, which imports nothing from the current folder (`-P`)."""
    return [sys.executable, "-P", "-m", module, *arguments]


def module_environment() -> dict[str, str]:
    """What `module_command` inherits.

    Where this process found the package through the path's first entry, which `-P` leaves out,
    PYTHONPATH hands it on.
    """
    ours = os.path.realpath(Path(__file__).parents[1])
    given = os.environ.get("PYTHONPATH")
    if sys.flags.safe_path or os.path.realpath(sys.path[0]) != ours:
        return dict(os.environ)
    return {**os.environ, "PYTHONPATH": f"{ours}{os.pathsep}{given}" if given else ours}


def die_with_parent() -> None:
    """Asks Linux to kill this process when its parent is gone, even by kill -9 (prctl(2))."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _serve(descriptor: int) -> None:
    """The worker's side: sets up, then answers tasks until the pipe closes."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    connection = Connection(descriptor)
    entry, setup, memory = connection.recv()
    if memory is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    handler: Handler | None = None
    failure: Exception | None = None
    try:
        module, _, function = entry.partition(":")
        handler = getattr(importlib.import_module(module), function)(setup)
    except Exception as error:
        failure = _portable(error)
    tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(connection, tasks), daemon=True).start()
    while True:
        task = tasks.get()
        try:
            if handler is None:
                raise failure or WorkerError("the worker has no handler")
            reply = (True, handler(task))
        except MemoryError:
            reply = (False, WorkerError("out of memory"))
        except Exception as error:
            reply = (False, _portable(error))
        connection.send(reply)


def _read(connection: Connection, tasks: queue.SimpleQueue[Any]) -> None:
    """Drains the pipe at all times, so that two large messages never wait for each other."""
    while True:
        try:
            tasks.put(connection.recv())
        except (EOFError, OSError):
            os._exit(0)


def _portable(error: Exception) -> Exception:
    """An exception that survives pickling: ours as they are, others as WorkerError with their trace."""
    if isinstance(error, PhospheneError):
        return error
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" at {os.path.basename(last[0].filename)}:{last[0].lineno}" if last else ""
    return WorkerError(f"{type(error).__name__}: {error}{where}")


def cpu_count() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0))


def main(arguments: Sequence[str]) -> None:
    """`python -m phosphene.workers DESCRIPTOR`: run by `Worker`, not by hand."""
    _serve(int(arguments[0]))


if __name__ == "__main__":
    main(sys.argv[1:])
