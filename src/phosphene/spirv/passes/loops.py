"""Loops of a function as glslang writes them, and how often they turn where that can be told.

A loop is a header block `OpLoopMerge merge continue; OpBranch`, and glslang puts all its blocks
between the header and the merge block.
"""

from __future__ import annotations

import operator
import struct
from collections.abc import Callable
from dataclasses import dataclass

from phosphene.spirv.binary import Block, Function, Instruction, MalformedModuleError
from phosphene.spirv.instructions import Op

MAX_COUNTED = 1 << 16
"""Turns up to which a loop is counted; beyond, its bound counts as unknown."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop of a function.

    Attributes:
        header: index of the header block in `Function.blocks`.
        end: index of the merge block; the loop's blocks are header … end - 1.
        merge: label of the merge block.
        step: index of the continue block.
    """

    header: int
    end: int
    merge: int
    step: int


def loops(function: Function) -> list[Loop]:
    """The loops of a function, inner ones before those around them."""
    found = []
    position = {block.label: i for i, block in enumerate(function.blocks)}
    for header, block in enumerate(function.blocks):
        if not block.body or block.body[-1][0] != Op.LOOP_MERGE:
            continue
        _, merge, step, _ = block.body[-1]
        if not (header <= position[step] < position[merge] and block.end[0] == Op.BRANCH):
            raise MalformedModuleError("a loop is not laid out as glslang does")
        found.append(Loop(header, position[merge], merge, position[step]))
    return found[::-1]


def turns(function: Function, loop: Loop, constants: dict[int, Instruction]) -> int | None:
    """How often a counting loop turns at most; None where that is not plain.

    Seen is `for (T i = constant; i < constant; i += constant)`, T int, uint or float, every comparison,
    where nothing else in the loop writes `i`.

    Args:
        constants: id → instruction of the module's globals.
    """
    blocks = function.blocks
    step = _step(blocks[loop.step], constants)
    test = _test(blocks[loop.header + 1], constants) if loop.step != loop.header else None
    if step is None or test is None or step.variable != test.variable:
        return None
    if test.goes_to != loop.merge or blocks[loop.header].end[1] != blocks[loop.header + 1].label:
        return None
    start = _start(function, loop, step.variable, constants)
    if start is None or not _only_read(function, loop, step.variable):
        return None
    return _count(start, test, step)


@dataclass(frozen=True, slots=True)
class _Step:
    variable: int
    amount: float


@dataclass(frozen=True, slots=True)
class _Test:
    variable: int
    op: int
    limit: float
    goes_to: int


_RANGES = {
    **dict.fromkeys((Op.SLESS_THAN, Op.SLESS_THAN_EQUAL), (-(2**31), 2**31 - 1)),
    **dict.fromkeys((Op.SGREATER_THAN, Op.SGREATER_THAN_EQUAL), (-(2**31), 2**31 - 1)),
    **dict.fromkeys((Op.ULESS_THAN, Op.ULESS_THAN_EQUAL), (0, 2**32 - 1)),
    **dict.fromkeys((Op.UGREATER_THAN, Op.UGREATER_THAN_EQUAL), (0, 2**32 - 1)),
}
"""What whole numbers under a comparison can be; beyond, they wrap round and the loop may never end."""

_STEPS = {Op.IADD: 1, Op.FADD: 1, Op.ISUB: -1, Op.FSUB: -1}
_HOLDS: dict[Op, Callable[[float, float], bool]] = {
    Op.SLESS_THAN: operator.lt,
    Op.SLESS_THAN_EQUAL: operator.le,
    Op.SGREATER_THAN: operator.gt,
    Op.SGREATER_THAN_EQUAL: operator.ge,
    Op.ULESS_THAN: operator.lt,
    Op.ULESS_THAN_EQUAL: operator.le,
    Op.UGREATER_THAN: operator.gt,
    Op.UGREATER_THAN_EQUAL: operator.ge,
    Op.FORD_LESS_THAN: operator.lt,
    Op.FORD_LESS_THAN_EQUAL: operator.le,
    Op.FORD_GREATER_THAN: operator.gt,
    Op.FORD_GREATER_THAN_EQUAL: operator.ge,
}


def _step(block: Block, constants: dict[int, Instruction]) -> _Step | None:
    if len(block.body) != 3 or block.end[0] != Op.BRANCH:
        return None
    load, add, store = block.body
    if load[0] != Op.LOAD or add[0] not in _STEPS or store[0] != Op.STORE:
        return None
    amount = _value(add[4], constants)
    if amount is None or add[3] != load[2] or store[1:3] != (load[3], add[2]):
        return None
    return _Step(load[3], _STEPS[Op(add[0])] * amount)


def _test(block: Block, constants: dict[int, Instruction]) -> _Test | None:
    if len(block.body) != 2 or block.end[0] != Op.BRANCH_CONDITIONAL:
        return None
    load, compare = block.body
    if load[0] != Op.LOAD or compare[0] not in _HOLDS:
        return None
    limit = _value(compare[4], constants)
    if limit is None or compare[3] != load[2] or block.end[1] != compare[2]:
        return None
    return _Test(load[3], compare[0], limit, block.end[3])


def _start(
    function: Function, loop: Loop, variable: int, constants: dict[int, Instruction]
) -> float | None:
    """The constant that the variable holds when the loop is entered."""
    entry = function.blocks[0]
    if not any(i[0] == Op.VARIABLE and i[2] == variable for i in entry.body):
        return None
    header = function.blocks[loop.header].label
    outside = [
        block
        for i, block in enumerate(function.blocks)
        if i != loop.step and header in block.end[1:]
    ]
    if len(outside) != 1 or outside[0].end[0] != Op.BRANCH:
        return None
    for instruction in reversed(outside[0].body):
        if variable in instruction[1:]:
            stored = instruction[0] == Op.STORE and instruction[1] == variable
            return _value(instruction[2], constants) if stored else None
    return None


def _only_read(function: Function, loop: Loop, variable: int) -> bool:
    for i in range(loop.header, loop.end):
        if i == loop.step:
            continue
        for instruction in function.blocks[i].body:
            if instruction[0] != Op.LOAD and variable in instruction[1:]:
                return False
    return True


def _value(constant: int, constants: dict[int, Instruction]) -> float | None:
    """The number behind a constant's id, of 32 bits; None for anything else."""
    made = constants.get(constant)
    if made is None or made[0] != Op.CONSTANT:
        return None
    type_ = constants[made[1]]
    form = "<f" if type_[0] == Op.TYPE_FLOAT else "<i" if type_[3] else "<I"
    return float(struct.unpack(form, struct.pack("<I", made[3]))[0])


def _count(start: float, test: _Test, step: _Step) -> int | None:
    """Turns, with the rounding of 32-bit floats; whole numbers must not wrap round."""
    holds = _HOLDS[Op(test.op)]
    whole = _RANGES.get(Op(test.op))
    value, count = start, 0
    while holds(value, test.limit):
        count += 1
        if count > MAX_COUNTED:
            return None
        value += step.amount
        if whole is None:
            value = struct.unpack("<f", struct.pack("<f", value))[0]
        elif not whole[0] <= value <= whole[1]:
            return None
    return count
