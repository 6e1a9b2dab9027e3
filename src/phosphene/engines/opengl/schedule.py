"""What is to be drawn next, and by which worker. Decides when work is done, never what it gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from phosphene.engines.opengl.atlas import capacity
from phosphene.spirv.module import Module
from phosphene.views import Floats, Ints, RenderedBatch, RenderRequest

LONGEST_TASK = 0.25
"""Seconds of work, by estimate, that a worker is given at once: its pixels come back together."""

MOST_BYTES = 32 << 20
"""Bytes of pixels that a task may have, if it has more than one view."""

SAVED = 1 / 3
"""The share of drawing time that LLVM's optimisation saves. Measured with llvmpipe (LLVM 15) on 98 real
programs: 10.9 s became 7.5 s; on 68 small ones 2.6 s became 1.6 s."""

EXPECTED = 64
"""Views of a program that are taken for granted: programs that draw slowly are optimised at once."""

DEARER = 2.5
"""How many times as long compiling takes with it (40 real programs: 2.3)."""


@dataclass(eq=False)
class Unit:
    """Views of one program: what one worker does without interruption.

    Attributes:
        job: whose views they are.
        program: its id.
        rows: int64, the views' rows in the job's request.
        alone: drawn in a task of its own, because a worker died over it.
    """

    job: Job
    program: str
    rows: Ints
    alone: bool = False


@dataclass(eq=False)
class Job:
    """A request under way.

    Attributes:
        request: what was asked for.
        modules: program → module, of every program that has one.
        pixels: uint8 [V, 3, H, W], filled as tasks come back.
        undefined: float32 [V].
        refused: program → reason.
        seconds: program → seconds that one of its views took.
        waiting: units not handed out yet.
        open: units not finished yet, handed out or not.
    """

    request: RenderRequest
    modules: Mapping[str, Module]
    future: Future[RenderedBatch]
    pixels: npt.NDArray[np.uint8]
    undefined: Floats
    refused: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    waiting: list[Unit] = field(default_factory=list)
    open: int = 0

    @property
    def view_bytes(self) -> int:
        """Bytes of one view's pixels."""
        return 3 * self.request.height * self.request.width

    @property
    def places(self) -> int:
        """How many of its views one picture holds."""
        return capacity(self.request.width, self.request.height)

    @property
    def megasamples(self) -> float:
        """Millions of samples in one view."""
        return self.request.width * self.request.height * self.request.supersample**2 * 1e-6

    def drop(self, program: str) -> int:
        """Forgets the waiting units of a program. How many there were."""
        kept = [unit for unit in self.waiting if unit.program != program]
        dropped = len(self.waiting) - len(kept)
        self.waiting = kept
        return dropped

    def batch(self) -> RenderedBatch:
        """The finished batch; the views of refused programs are black."""
        programs = self.request.programs
        refused = [i for i, program in enumerate(programs) if program in self.refused]
        self.pixels[np.isin(self.request.program, refused)] = 0
        return RenderedBatch(self.pixels, self.refused, self.seconds, self.undefined)


class Costs:
    """What programs cost, measured where they were drawn before and estimated where not."""

    def __init__(self, software: bool) -> None:
        self._compile: dict[str, float] = {}
        self._draw: dict[str, float] = {}
        self._spent: dict[str, float] = {}
        self._seconds_per_byte = 4e-6
        self._seconds_per_megasample = 0.3 if software else 0.002

    def learn(self, job: Job, compiling: Mapping[str, float], drawing: Mapping[str, float]) -> None:
        """Takes over what a task measured: seconds to compile, seconds a view."""
        self._compile.update(compiling)
        for program, seconds in drawing.items():
            self._draw[program] = seconds / job.megasamples

    def spend(self, program: str, seconds: float, views: int) -> bool:
        """Notes time spent on drawing with quick code.

        Whether better code pays: where the next EXPECTED views will lose what making it costs, or where
        the views so far have (the rule that at worst costs twice the best choice).
        """
        spent = self._spent[program] = self._spent.get(program, 0.0) + seconds
        expected = EXPECTED * seconds / max(1, views)
        return (spent + expected) * SAVED >= self._compile.get(program, 1.0) * DEARER

    def compile(self, job: Job, program: str) -> float:
        """Seconds until the program is compiled."""
        known = self._compile.get(program)
        if known is None:
            return 0.02 + self._seconds_per_byte * len(job.modules[program].spirv)
        return known

    def draw(self, job: Job, program: str) -> float:
        """Seconds a view."""
        return job.megasamples * self._draw.get(program, self._seconds_per_megasample)

    def known(self, program: str) -> bool:
        """Whether its drawing was measured."""
        return program in self._draw


class Schedule:
    """The units of all jobs, and which worker has compiled what.

    Workers are of two kinds: those that compile quickly, and those that optimise. A program is drawn by
    the second kind once it is in `promoted`.
    """

    def __init__(self, costs: Costs) -> None:
        self.costs = costs
        self.compiled: list[set[str]] = []
        self.optimising: list[bool] = []
        self.promoted: set[str] = set()
        self.jobs: list[Job] = []

    def add_worker(self, optimising: bool) -> None:
        """One more worker; its index is the next number."""
        self.compiled.append(set())
        self.optimising.append(optimising)

    def add(self, job: Job, programs: Iterable[str]) -> None:
        """Takes a job on: its units, dearest first, so that the cheap ones level the end."""
        index = {program: i for i, program in enumerate(job.request.programs)}
        units = []
        for program in programs:
            rows = np.flatnonzero(job.request.program == index[program])
            pieces = self._pieces(job, program, len(rows))
            units += [Unit(job, program, part) for part in np.array_split(rows, pieces)]
        units.sort(key=self._cost)
        job.waiting, job.open = units, len(units)
        self.jobs.append(job)

    def _pieces(self, job: Job, program: str, views: int) -> int:
        """A program with many views is shared out where that costs less than compiling it again."""
        fitting = max(1, min(MOST_BYTES // job.view_bytes, job.places))
        pieces = -(-views // fitting)
        if self.costs.known(program):
            whole = self.costs.draw(job, program) * views
            worth = max(LONGEST_TASK, self.costs.compile(job, program))
            pieces = max(pieces, min(views, int(whole / worth)))
        return pieces

    def _cost(self, unit: Unit, worker: int | None = None) -> float:
        """Seconds that a unit takes a worker, or (None) the one that suits it best."""
        cost = self.costs.draw(unit.job, unit.program) * len(unit.rows)
        if worker is None:
            warm = self._compiled_by_any(unit.program)
        else:
            warm = unit.program in self.compiled[worker]
        return cost if warm else cost + self.costs.compile(unit.job, unit.program)

    def _compiled_by_any(self, program: str) -> bool:
        """Whether a worker of the kind that should draw it has compiled it."""
        kind = program in self.promoted
        return any(
            program in programs
            for programs, optimising in zip(self.compiled, self.optimising, strict=True)
            if optimising == kind
        )

    def next_task(self, worker: int) -> list[Unit]:
        """The units that the worker should do next, all of one job; none: it has to wait."""
        for job in self.jobs:
            kind = self.optimising[worker]
            suitable = [u for u in job.waiting if (u.program in self.promoted) == kind]
            chosen = self._choose(job, suitable, worker) if suitable else []
            if chosen:
                taken = set(map(id, chosen))
                job.waiting = [unit for unit in job.waiting if id(unit) not in taken]
                return chosen
        return []

    def _choose(self, job: Job, waiting: list[Unit], worker: int) -> list[Unit]:
        """Units that this worker has compiled, then those that none has, dearest first, up to a task's
        measure: smaller towards the end of a job, so that workers finish together."""
        mine, free, others = self._sorted_out(waiting, worker)
        left = sum(self._cost(unit) for unit in waiting)
        budget = min(LONGEST_TASK, left / (4 * self.optimising.count(self.optimising[worker])))
        bytes_left, places_left = MOST_BYTES, job.places
        chosen: list[Unit] = []
        for unit in mine + free:
            size, places = len(unit.rows) * job.view_bytes, len(unit.rows)
            full = size > bytes_left or places > places_left
            if chosen and (budget <= 0 or full or unit.alone):
                break
            chosen.append(unit)
            budget -= self._cost(unit, worker)
            bytes_left -= size
            places_left -= places
            if unit.alone:
                break
        return chosen or self._stolen(others, worker)

    def _sorted_out(
        self, waiting: list[Unit], worker: int
    ) -> tuple[list[Unit], list[Unit], list[Unit]]:
        """Units that this worker has compiled, that none has, that only others have; dearest first."""
        mine, free, others = [], [], []
        for unit in reversed(waiting):
            if unit.program in self.compiled[worker]:
                mine.append(unit)
            elif self._compiled_by_any(unit.program):
                others.append(unit)
            else:
                free.append(unit)
        return mine, free, others

    def _stolen(self, others: list[Unit], worker: int) -> list[Unit]:
        """One unit of another worker's, if compiling it here ends sooner than waiting for the other."""
        if not others:
            return []
        queue = sum(self._cost(unit) for unit in others)
        unit = min(others, key=lambda unit: self._cost(unit, worker) - self._cost(unit))
        return [unit] if queue > self._cost(unit, worker) else []

    def give_back(self, units: Iterable[Unit]) -> None:
        """Takes back units that a task did not finish, to be done first."""
        for unit in units:
            unit.job.waiting.append(unit)
