"""The worker that makes lifted modules ready for the CUDA compiler: spirv-opt takes seconds at worst."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from phosphene.errors import MissingPieceError
from phosphene.spirv import native
from phosphene.spirv.optimising import optimise
from phosphene.spirv.passes.lift import lift
from phosphene.spirv.worker import MEMORY, SECONDS
from phosphene.workers import WorkerPool, WorkerSpec, cpu_count

ENTRY = "phosphene.spirv.lifting:serve"

Task = tuple[str, bytes]
"""A program's id and its module's SPIR-V."""


def serve(setup: object = None) -> Callable[[Task], bytes]:
    """The handler for `phosphene.workers`: an author's module, lifted and optimised."""
    native.versions()
    return _optimised


def _optimised(task: Task) -> bytes:
    return optimise(lift(task[1]).spirv)


def optimise_lifted(
    tasks: Iterable[Task], workers: int | None = None
) -> Iterator[tuple[str, bytes]]:
    """Lifted and optimised modules, in the order in which they become ready.

    Args:
        tasks: ids and SPIR-V of authors' modules.
        workers: processes; None: one a core.

    Returns:
        Pairs of id and SPIR-V, empty where spirv-opt gave up: the CUDA compiler then reads the lifted
        module as it is.

    Raises:
        MissingPieceError: this machine has no spirv-opt.
    """
    native.versions()
    with WorkerPool(WorkerSpec(ENTRY, memory=MEMORY), workers or cpu_count(), SECONDS) as pool:
        for outcome in pool.map(tasks):
            if isinstance(outcome.error, MissingPieceError):
                raise outcome.error
            yield outcome.task[0], b"" if outcome.error else outcome.result
