"""What is done to every module between glslang and the bank: one pass a file, in a fixed order.

A pass is a function that changes a `Code` in place, or refuses it by raising a PhospheneError. To add
one: write the file, put it into PIPELINE, prove its meaning in `tests/test_spirv_passes.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from phosphene.spirv.binary import Code, parse, serialise
from phosphene.spirv.passes.bounds import clamp_indexes
from phosphene.spirv.passes.fuel import add_fuel
from phosphene.spirv.passes.size import check_size
from phosphene.spirv.passes.strip import strip_dead
from phosphene.spirv.passes.zero import start_at_zero


@dataclass(frozen=True, slots=True)
class Pass:
    """A step of the pipeline; its version is raised when it makes other modules than before."""

    name: str
    version: int
    run: Callable[[Code], None]


PIPELINE = (
    Pass("strip", 1, strip_dead),
    Pass("size", 1, check_size),
    Pass("bounds", 1, clamp_indexes),
    Pass("zero", 1, start_at_zero),
    Pass("fuel", 3, add_fuel),
)
"""In this order: fuel comes last, because it weighs what the others have written."""

PIPELINE_VERSION = "+".join(f"{p.name}{p.version}" for p in PIPELINE)


def run_passes(spirv: bytes, pipeline: tuple[Pass, ...] = PIPELINE) -> bytes:
    """The module after all passes.

    Raises:
        MalformedModuleError: no SPIR-V, or not of the form that glslang writes.
        UnservedError: a pass refuses the program, with the reason.
    """
    code = parse(spirv)
    for step in pipeline:
        step.run(code)
    return serialise(code)
