"""Many programs to modules, over several processes that may hang, crash and be replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from phosphene.closing import Closing
from phosphene.program import Program
from phosphene.spirv import native
from phosphene.spirv.module import Module
from phosphene.spirv.worker import SECONDS, Task, worker_spec
from phosphene.workers import Worker, WorkerPool, cpu_count

RECYCLE_AFTER = 20_000
"""Programs after which all workers are replaced: each leaves about 13 KB behind."""


Modules = Callable[[Sequence[str]], Mapping[str, Module]]
"""Program ids → their modules; ids without one are left out."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What became of a program.

    Attributes:
        program: its id.
        module: its module, where it compiled.
        error: why not: CompileError, UnservedError, or WorkerError for time, memory and crashes.
    """

    program: str
    module: Module | None = None
    error: Exception | None = None


class ModuleCompiler(Closing):
    """Compiles in worker processes; a context manager.

    Raises MissingPieceError at once where this machine has no glslang.
    """

    def __init__(
        self,
        workers: int | None = None,
        optimise: bool = False,
        seconds: float = SECONDS,
        parents: Modules | None = None,
    ) -> None:
        """Starts the workers.

        Args:
            workers: how many; None: one a core.
            optimise: also fill in `Module.optimised`.
            seconds: what a program may take.
            parents: where the modules of compositions' parents come from, e.g. `Bank.modules`; asked
                when the composition's turn comes.
        """
        native.versions()  # builds the shim here, once, not in each worker
        self._count = workers or cpu_count()
        self._optimise = optimise
        self._seconds = seconds
        self._parents = parents or (lambda ids: {})
        self._served = 0
        self._pool = self._start()

    def _start(self) -> WorkerPool:
        return WorkerPool(worker_spec(), self._count, self._seconds)

    def map(self, programs: Iterable[Program | tuple[str, str]]) -> Iterator[Compiled]:
        """Compiles programs, in the order in which they become ready.

        Args:
            programs: programs, or pairs of id and `Program.to_json()` text (of texts only); drawn as
                needed.
        """
        source = iter(programs)
        for first in source:
            if self._served >= RECYCLE_AFTER:
                self._renew()
            part = chain([first], islice(source, RECYCLE_AFTER - 1))
            for outcome in self._pool.map(self._task(program) for program in part):
                program_id = outcome.task[0]
                self._served += 1
                yield Compiled(program_id, outcome.result, outcome.error)

    @property
    def workers(self) -> tuple[Worker, ...]:
        """The processes at work."""
        return self._pool.workers

    def _task(self, program: Program | tuple[str, str]) -> Task:
        if isinstance(program, tuple):
            return *program, self._optimise, {}
        parents = program.composition.parents if program.composition else ()
        modules = self._parents(parents) if parents else {}
        return program.id, program, self._optimise, modules

    def _renew(self) -> None:
        self._pool.close()
        self._served = 0
        self._pool = self._start()

    def close(self) -> None:
        """Ends the workers."""
        self._pool.close()
