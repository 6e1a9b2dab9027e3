"""The worker that compiles: glslang crashes, hangs and grows here, not in the process that asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from phosphene.program import Program
from phosphene.spirv import native
from phosphene.spirv.frontend import compile_program
from phosphene.spirv.module import Module
from phosphene.workers import WorkerSpec

Task = tuple[str | None, Program | str, bool, Mapping[str, Module]]
"""The program's id where it is known, the program or its JSON, whether to fill in `optimised`, and the
modules of a composition's parents."""

ENTRY = "phosphene.spirv.worker:serve"

MEMORY = 3 << 30
"""Bytes of address space of a worker, of which 0.5 GiB are its reserved stack."""

SECONDS = 30.0
"""A program may take this long; the slowest of 1,000 real ones took 0.2 s, and spirv-opt has taken 4.5 s."""


def serve(setup: object = None) -> Callable[[Task], Module]:
    """The handler for `phosphene.workers`: a task to its module; raises what `compile_program` does."""
    native.versions()  # a missing compiler is reported once, and not in the first program's time
    return compile_task


def compile_task(task: Task) -> Module:
    """The module of a task's program. Raises what `compile_program` does."""
    program_id, program, optimise, parents = task
    if isinstance(program, str):
        program = Program.from_json(program)
    return compile_program(program, optimise=optimise, program_id=program_id, parents=parents)


def worker_spec() -> WorkerSpec:
    """How a compiling worker is started."""
    return WorkerSpec(ENTRY, memory=MEMORY)
