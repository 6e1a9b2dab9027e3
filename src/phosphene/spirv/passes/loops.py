"""Loops of a function as glslang writes them, and how often they turn where that can be told.

A loop is a header block `OpLoopMerge merge continue; OpBranch`, and glslang puts all its blocks
between the header and the merge block.
"""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from phosphene.spirv.binary import Block, Code, Function, Instruction, MalformedModuleError
from phosphene.spirv.instructions import Op, StorageClass

MAX_COUNTED = 1 << 16
"""Turns up to which a loop is counted; beyond, its bound counts as unknown."""

FEW = 4
"""Numbers that a variable may hold, one at a time, and still be plain."""


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


def turns(function: Function, loop: Loop, numbers: Numbers) -> int | None:
    """How often a counting loop turns at most; None where that is not plain.

    Seen is `for (T i = number; i < number && …; i += number)`, T int, uint or float, every comparison, where nothing
    else in the loop writes `i`.

    Args:
        numbers: of the module.
    """
    header, inside = function.blocks[loop.header], function.blocks[loop.header + 1]
    if loop.step == loop.header or header.end[1] != inside.label:
        return None
    for step in _steps(function.blocks[loop.step], numbers):
        test = _test(inside, step.variable, numbers)
        if test is None or test.goes_to != loop.merge:
            continue
        if _only_read(function, loop, step.variable):
            starts = _starts(function, loop, step.variable, numbers)
            counts = [_count(start, test, limit, step) for start in starts for limit in test.limits]
            known = [count for count in counts if count is not None]
            return max(known, default=None) if len(known) == len(counts) else None
    return None


class Numbers:
    """Which numbers the ids of a module stand for, where that is plain.

    Plain are constants and what is read from variables that nothing but constants is written to: `int steps = 64;`,
    whether global or local, as authors write it in place of `const` or `#define`. To be made after `start_at_zero`, which
    gives an initialiser to whatever may be read before it is written.
    """

    def __init__(self, code: Code) -> None:
        self._code = code
        self._constants = code.definitions()

    def of(self, id_: int, block: Block) -> tuple[float, ...]:
        """What an id used in a block may be, of 32 bits; nothing where that is not plain."""
        number = self._constant(id_)
        if number is not None:
            return (number,)
        for instruction in block.body:
            if instruction[0] == Op.LOAD and instruction[2] == id_:
                held = self._held.get(instruction[3], ())
                return tuple(held) if len(held) <= FEW else ()
        return ()

    def _constant(self, id_: int) -> float | None:
        made = self._constants.get(id_)
        if made is None or made[0] not in (Op.CONSTANT, Op.CONSTANT_NULL):
            return None
        type_ = self._constants[made[1]]
        if type_[0] not in (Op.TYPE_FLOAT, Op.TYPE_INT):
            return None
        if made[0] == Op.CONSTANT_NULL:
            return 0.0
        form = "<f" if type_[0] == Op.TYPE_FLOAT else "<i" if type_[3] else "<I"
        return float(struct.unpack(form, struct.pack("<I", made[3]))[0])

    @cached_property
    def _held(self) -> dict[int, set[float]]:
        """Variable → the constants that are written to it, of variables that are otherwise only read."""
        held: dict[int, set[float]] = {}
        blocks = [block for function in self._code.functions for block in function.blocks]
        for instruction in chain(self._code.globals, *(block.body for block in blocks)):
            if instruction[0] == Op.VARIABLE and instruction[3] in _OWN:
                held[instruction[2]] = set()
                self._write(held, instruction[2], instruction[4:])
        for instruction in chain(*(block.body for block in blocks)):
            if instruction[0] == Op.STORE and instruction[1] in held:
                self._write(held, instruction[1], instruction[2:3])
            elif instruction[0] not in (Op.LOAD, Op.VARIABLE):
                for word in instruction[1:]:
                    held.pop(word, None)
        return held

    def _write(self, held: dict[int, set[float]], variable: int, values: tuple[int, ...]) -> None:
        for value in values:
            number = self._constant(value)
            if number is None:
                held.pop(variable, None)
            elif variable in held:
                held[variable].add(number)


_OWN = (StorageClass.FUNCTION, StorageClass.PRIVATE)


@dataclass(frozen=True, slots=True)
class _Step:
    variable: int
    amount: float


@dataclass(frozen=True, slots=True)
class _Test:
    op: int
    limits: tuple[float, ...]
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


def _steps(block: Block, numbers: Numbers) -> Iterator[_Step]:
    """The variables that a loop's last block counts on."""
    made = _made(block)
    for store in block.body if block.end[0] == Op.BRANCH else ():
        add = made.get(store[2]) if store[0] == Op.STORE else None
        if add is None or add[0] not in _STEPS:
            continue
        load, amount = made.get(add[3]), numbers.of(add[4], block)
        if load is None or load[0] != Op.LOAD or load[3] != store[1] or len(amount) != 1:
            continue
        if sum(store[1] in instruction[1:] for instruction in block.body) == 2:
            yield _Step(store[1], _STEPS[Op(add[0])] * amount[0])


def _made(block: Block) -> dict[int, Instruction]:
    """Id → the instruction of a block that makes it."""
    return {i[2]: i for i in block.body if len(i) > 2 and i[0] != Op.STORE}


def _test(block: Block, variable: int, numbers: Numbers) -> _Test | None:
    """The comparison of a variable without which the loop does not go on."""
    if block.end[0] != Op.BRANCH_CONDITIONAL:
        return None
    made = _made(block)
    needed = [block.end[1]]
    while needed:
        condition = made.get(needed.pop())
        if condition is None:
            continue
        if condition[0] == Op.LOGICAL_AND:
            needed += condition[3:]
        elif condition[0] in _HOLDS:
            load = made.get(condition[3])
            limits = numbers.of(condition[4], block)
            if load is not None and load[0] == Op.LOAD and load[3] == variable and limits:
                return _Test(condition[0], limits, block.end[3])
    return None


def _starts(function: Function, loop: Loop, variable: int, numbers: Numbers) -> tuple[float, ...]:
    """What the variable may hold when the loop is entered; nothing where that is not plain."""
    entry = function.blocks[0]
    if not any(i[0] == Op.VARIABLE and i[2] == variable for i in entry.body):
        return ()
    header = function.blocks[loop.header].label
    outside = [
        block
        for i, block in enumerate(function.blocks)
        if i != loop.step and header in block.end[1:]
    ]
    if len(outside) != 1 or outside[0].end[0] != Op.BRANCH:
        return ()
    for instruction in reversed(outside[0].body):
        if variable in instruction[1:]:
            stored = instruction[0] == Op.STORE and instruction[1] == variable
            return numbers.of(instruction[2], outside[0]) if stored else ()
    return ()


def _only_read(function: Function, loop: Loop, variable: int) -> bool:
    for i in range(loop.header, loop.end):
        if i == loop.step:
            continue
        for instruction in function.blocks[i].body:
            if instruction[0] != Op.LOAD and variable in instruction[1:]:
                return False
    return True


def _rounded(value: float) -> float:
    """As a float of 32 bits."""
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


_LEAST_NORMAL = 2.0**-126


def _count(start: float, test: _Test, limit: float, step: _Step) -> int | None:
    """Turns, with the rounding of 32-bit floats; whole numbers must not wrap round.

    None where a float is subnormal: drivers may take it for 0 (The OpenGL Shading Language 4.50, section 4.7.1), and
    the loop would stand still.
    """
    holds = _HOLDS[Op(test.op)]
    whole = _RANGES.get(Op(test.op))
    if any(0 < abs(number) < _LEAST_NORMAL for number in (start, limit, step.amount)):
        return None
    value, count = start, 0
    while holds(value, limit):
        if 0 < abs(value) < _LEAST_NORMAL:
            return None
        count += 1
        if count > MAX_COUNTED:
            return None
        value += step.amount
        if whole is None:
            value = _rounded(value)
        elif not whole[0] <= value <= whole[1]:
            return None
    return count
