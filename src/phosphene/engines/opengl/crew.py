"""One worker as the engine sees it: its process, the memory shared with it, the tasks it holds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from phosphene.engines.opengl.arena import Arena
from phosphene.engines.opengl.renderer import Drawn
from phosphene.engines.opengl.schedule import Unit
from phosphene.engines.opengl.worker import Setup, Task
from phosphene.spirv.module import Module
from phosphene.views import Ints, RenderRequest
from phosphene.workers import Worker, WorkerSpec

TASKS_AHEAD = 2
"""Tasks that a worker holds, so that it never waits for the engine."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A task that a worker holds."""

    units: Sequence[Unit]
    rows: Ints
    request: RenderRequest
    offset: int

    @property
    def size(self) -> int:
        """Bytes of its pixels."""
        return len(self.rows) * self.units[0].job.view_bytes


class Member:
    """A worker, its shared memory, and what it was given to do."""

    def __init__(
        self,
        setup: Setup,
        env: tuple[tuple[str, str], ...],
        limit: int | None,
        optimising: bool = False,
    ) -> None:
        """
        Args:
            setup: for the worker; its `arena` is filled in here.
            env: variables set for it.
            limit: of its address space, bytes; None: no limit.
            optimising: whether it is of the second kind; see `Schedule`.
        """
        self.optimising = optimising
        self.arena = Arena()
        descriptor = self.arena.descriptor
        setup = Setup(descriptor, setup.gpu, setup.programs, setup.memory, setup.textures)
        entry = "phosphene.engines.opengl.worker:serve"
        self.worker = Worker(WorkerSpec(entry, setup, limit, env, (descriptor,)))
        self.tasks: deque[Handed] = deque()
        self.losses = 0
        self._since = time.monotonic()

    @property
    def room(self) -> bool:
        """Whether it should be given another task."""
        return len(self.tasks) < TASKS_AHEAD

    def hand(self, units: Sequence[Unit], modules: dict[str, Module]) -> None:
        """Sends a task. A dead worker is noticed when its answer is awaited.

        Raises:
            WorkerError: the worker is gone; the task is on its list all the same.
        """
        rows = np.concatenate([unit.rows for unit in units])
        request = units[0].job.request.take(rows)
        task = Handed(units, rows, request, 0)
        task = Handed(units, rows, request, self._free(task.size))
        self.arena.reserve(task.offset + task.size)
        if not self.tasks:
            self._since = time.monotonic()
        self.tasks.append(task)
        self.worker.send(Task(request, modules, task.offset))

    def _free(self, size: int) -> int:
        """Where in the shared memory a task of this size overwrites no other."""
        taken = sorted((task.offset, task.offset + task.size) for task in self.tasks)
        offset = 0
        for begin, end in taken:
            if begin - offset >= size:
                break
            offset = end
        return offset

    def finish(self) -> tuple[Handed, Drawn, npt.NDArray[np.uint8]]:
        """The oldest task's outcome and pixels (valid until the next task is handed over).

        Raises:
            WorkerError: the worker died or failed; the task stays on its list.
        """
        drawn: Drawn = self.worker.receive(0)
        task = self.tasks.popleft()
        self._since = time.monotonic()
        self.losses = 0
        shape = (len(task.rows), 3, task.request.height, task.request.width)
        return task, drawn, self.arena.pixels(task.offset, shape)

    @property
    def suspect(self) -> str | None:
        """The program that the worker is, or was, working on."""
        index, _ = self.arena.announced
        task = next(iter(tuple(self.tasks)), None)  # other threads may ask
        if index is None or task is None or index >= len(task.request.programs):
            return None
        return task.request.programs[index]

    @property
    def busy_for(self) -> float:
        """Seconds since it last began a step of its oldest task; 0 without a task."""
        if not self.tasks:
            return 0.0
        return min(self.arena.announced[1], time.monotonic() - self._since)

    def replace(self) -> list[Handed]:
        """Ends the process, starts another, and gives back the tasks that it held."""
        held = list(self.tasks)
        self.tasks.clear()
        self.losses += 1
        self.worker.close()
        self.arena.announce(None)
        self.worker.restart()
        self._since = time.monotonic()
        return held

    def close(self) -> None:
        """Ends the process and gives up the shared memory."""
        self.worker.close()
        self.arena.close()
