"""The thread that hands work to the workers, takes in their pixels, and ends those that hang."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing.connection import wait

import numpy as np

from phosphene.engines.engine import EngineInfo
from phosphene.engines.opengl.crew import Member
from phosphene.engines.opengl.renderer import Drawn
from phosphene.engines.opengl.schedule import Costs, Job, Schedule
from phosphene.errors import EngineError, WorkerError
from phosphene.views import RenderRequest
from phosphene.workers import cpu_count

log = logging.getLogger(__name__)

_GLANCE = 0.25
"""Seconds between looks at the clock while workers are busy."""

START_UP = 60.0
"""Seconds that a worker may take to open its context, or to read back."""

OPTIMISING = 15.0
"""Seconds that a program may take in a worker that optimises before it is drawn with quick code again:
1 of 100 real programs keeps LLVM busy for minutes."""

_MOST_LOSSES = 4
"""Workers lost in a row, over no program in particular, after which the engine gives up."""


class Conductor:
    """Owns the workers; everything here runs in one thread, apart from `add` and `close`."""

    def __init__(
        self, hire: Callable[[bool], Member], count: int | None, timeout: float, promote: bool
    ) -> None:
        """Starts the thread, which starts the workers (Linux ends them with the thread that did).

        Args:
            hire: starts a worker, of the kind that optimises or (False) the other.
            count: how many; None: as many as suit the device, by `suitable`.
            timeout: seconds that a program may take; see `OpenGLEngine`.
            promote: whether programs that are drawn much are given to workers that optimise.
        """
        self._hire = hire
        self._count = count
        self._timeout = timeout
        self._promote = promote
        self._hopeless: set[str] = set()
        self._crew: list[Member] = []
        self._inbox: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._bell, self._rope = os.pipe()
        self._closing = False
        self.quarantine: dict[str, str] = {}
        self.info: Future[EngineInfo] = Future()
        self._software = True
        self._schedule = Schedule(Costs(software=True))
        self._thread = threading.Thread(target=self._run, name="phosphene-opengl", daemon=True)
        self._thread.start()

    def add(self, job: Job) -> None:
        """Takes a job on. Any thread.

        Raises:
            EngineError: the engine is closed or has given up.
        """
        if not self._thread.is_alive() or self._closing:
            raise EngineError("the opengl engine is closed")
        job.future.set_running_or_notify_cancel()  # it cannot be cancelled from now on
        self._inbox.put(job)
        os.write(self._rope, b"!")

    @property
    def workers(self) -> list[int]:
        """The process ids of the workers."""
        return [member.worker.process.pid for member in self._crew]

    @property
    def at_work(self) -> dict[int, str]:
        """Process id → the program that it is working on, of the workers that are."""
        now = {member.worker.process.pid: member.suspect for member in self._crew}
        return {pid: program for pid, program in now.items() if program is not None}

    def close(self) -> None:
        """Ends the workers; jobs under way fail. Any thread."""
        if not self._closing:
            self._closing = True
            os.write(self._rope, b"!")
            self._thread.join()
            os.close(self._rope)
            os.close(self._bell)

    def _run(self) -> None:
        reason = "the opengl engine was closed"
        try:
            self._assemble()
            while not self._closing:
                self._turn()
        except Exception as error:  # whatever it is, nobody may wait for it forever
            log.debug("the conductor stops", exc_info=True)
            reason = str(error)
            if not self.info.done():
                self.info.set_exception(error)
        finally:
            for member in self._crew:
                member.close()
            self._drain()
            for job in self._schedule.jobs:
                job.future.set_exception(EngineError(reason))

    def _assemble(self) -> None:
        """Starts the first worker, asks what it runs on, and starts the others."""
        self._add_workers(1, optimising=False)
        first = self._crew[0].worker
        first.send(None)
        info: EngineInfo = first.receive(START_UP)
        self._schedule.costs = Costs(info.software)
        self._software = info.software
        self._promote = self._promote and info.software
        self._count = self._count or suitable(info)
        self._add_workers(self._count - 1, optimising=False)
        self.info.set_result(info)

    def _add_workers(self, count: int, optimising: bool) -> None:
        for _ in range(count):
            self._crew.append(self._hire(optimising))
            self._schedule.add_worker(optimising)

    def _turn(self) -> None:
        """Hands out, waits for something to happen, takes in."""
        self._drain()
        for index in range(len(self._crew)):
            self._feed(index)
        connections = {member.worker.connection: i for i, member in enumerate(self._crew)}
        busy = any(member.tasks for member in self._crew)
        for ready in wait([*connections, self._bell], _GLANCE if busy else None):
            if ready == self._bell:
                os.read(self._bell, 4096)
            else:
                self._take_in(connections[ready])  # type: ignore[index]
        for index, member in enumerate(self._crew):
            if member.busy_for > self._patience(member):
                self._lost(index, hang=True, why=f"it ran for more than {self._timeout:g} s")

    def _drain(self) -> None:
        while not self._inbox.empty():
            job = self._inbox.get()
            refused = {p: self.quarantine[p] for p in job.request.programs if p in self.quarantine}
            job.refused.update(refused)
            self._schedule.add(job, [p for p in job.request.programs if p not in job.refused])
            self._settle(job)

    def _feed(self, index: int) -> None:
        member, compiled = self._crew[index], self._schedule.compiled[index]
        while member.room:
            units = self._schedule.next_task(index)
            if not units:
                return
            job = units[0].job
            new = {unit.program for unit in units} - compiled
            compiled |= new
            try:
                member.hand(units, {program: job.modules[program] for program in new})
            except WorkerError as error:
                self._lost(index, hang=False, why=str(error))

    def _take_in(self, index: int) -> None:
        member = self._crew[index]
        try:
            task, drawn, pixels = member.finish()
        except WorkerError as error:
            self._lost(index, hang=False, why=str(error))
            return
        job = task.units[0].job
        compiled = self._schedule.compiled[index]
        compiled -= {*drawn.dropped, *drawn.refused, *drawn.missing}
        for program, reason in drawn.refused.items():
            self.quarantine.setdefault(program, reason)
        job.pixels[task.rows] = pixels
        job.undefined[task.rows] = drawn.undefined
        job.seconds.update(drawn.draw)
        self._learn(job, task.request, member.optimising, drawn)
        for program, reason in drawn.refused.items():
            self._refuse(program, reason)
        again = set(drawn.missing) - self.quarantine.keys()
        self._schedule.give_back(unit for unit in task.units if unit.program in again)
        job.open -= sum(unit.program not in again for unit in task.units)
        self._settle(job)

    def _learn(self, job: Job, request: RenderRequest, optimising: bool, drawn: Drawn) -> None:
        """Takes over what a task measured; promotes programs for which better code pays."""
        costs = self._schedule.costs
        costs.learn(job, {} if optimising else drawn.compile, drawn.draw)
        if not self._promote or optimising:
            return
        views = np.bincount(request.program, minlength=len(request.programs))
        for program, count in zip(request.programs, views, strict=True):
            spent = drawn.draw.get(program, 0.0) * int(count)
            if costs.spend(program, spent, int(count)) and program not in self._hopeless:
                self._schedule.promoted.add(program)
        if self._schedule.promoted and not any(self._schedule.optimising):
            self._add_workers(self._count or 1, optimising=True)

    def _refuse(self, program: str, reason: str) -> None:
        """The program is drawn no more, for as long as the engine lives."""
        self.quarantine.setdefault(program, reason)
        for job in list(self._schedule.jobs):
            if program in job.request.programs:
                job.refused[program] = reason
                job.open -= job.drop(program)
                self._settle(job)

    def _patience(self, member: Member) -> float:
        if member.suspect is None:
            return START_UP
        job = member.tasks[0].units[0].job
        patience = min(self._timeout, OPTIMISING) if member.optimising else self._timeout
        views = 1 if self._software else len(member.tasks[0].rows)
        return patience * max(1.0, job.megasamples * views)

    def _lost(self, index: int, hang: bool, why: str) -> None:
        """A worker died or hangs: another takes its place. The program it was on gets a second chance,
        alone, if the worker merely died: that may have been somebody else's doing."""
        member = self._crew[index]
        suspect = member.suspect
        held = member.replace()
        self._schedule.compiled[index].clear()
        self._schedule.give_back(unit for task in held for unit in task.units)
        first = [unit for unit in held[0].units if unit.program == suspect] if held else []
        if suspect is None:
            log.warning("a rendering worker was lost (%s) and replaced", why)
            if member.losses >= _MOST_LOSSES:
                raise EngineError(f"rendering workers keep dying: {why}")
        elif member.optimising:  # quick code will do
            self._schedule.promoted.discard(suspect)
            self._hopeless.add(suspect)
        elif hang or any(unit.alone for unit in first):
            log.warning("program %s is quarantined: %s", suspect, why)
            self._refuse(suspect, why)
        else:
            for unit in first:
                unit.alone = True

    def _settle(self, job: Job) -> None:
        """Hands over a job's batch when nothing of it is open."""
        if job.open == 0 and job in self._schedule.jobs:
            self._schedule.jobs.remove(job)
            job.future.set_result(job.batch())


def suitable(info: EngineInfo) -> int:
    """How many workers suit a device: one a core where the CPU draws, else two, so that one compiles
    while the other draws."""
    return cpu_count() if info.software else 2
