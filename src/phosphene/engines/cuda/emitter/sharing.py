"""Loops in which every pixel computes the same, found so that the threads of a block share that work.

    for (float i = 0.0; i < 1600.0; i++) { vec2 p = hash(i); sum += glow(length(uv - p)); }

All pixels take the same turns, and `hash(i)` is the same for all of them. So a block of N threads computes it for N turns
at once, a turn a thread, and then every thread reads what it needs turn by turn. Of what the slowest real programs
execute, a sixth is the same for all pixels and differs from turn to turn; where such work lies in a loop that all threads
of a block run together, it is shared.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from phosphene.engines.cuda.emitter import reader
from phosphene.engines.cuda.emitter.composites import POINTER_OPCODES
from phosphene.engines.cuda.emitter.extended import COS, SIN
from phosphene.engines.cuda.emitter.flow import (
    Divergence,
    Flow,
    Loop,
    is_pure,
    taken,
)
from phosphene.engines.cuda.emitter.reader import Function, Instruction, Shader, Type

LEAST = 16
"""Machine instructions, about, that sharing must save a turn."""

READING = 2
"""Of these, more for each number that is read."""

ROOM = 192
"""Bytes that the results of a turn may take, of all loops of a program; a block keeps those of as many turns as it has
threads."""

WORTH = 400
"""Machine instructions, about, that sharing must save in all turns: threads that wait for each other lose some, and short
loops the compiler unrolls, and computes by itself what follows from their numbers."""

_KILLS = frozenset({reader.OP_KILL, reader.OP_TERMINATE_INVOCATION})
_READS = POINTER_OPCODES | {reader.OP_LOAD}
_COUNTS = frozenset({128, 129, 130, 131})  # OpIAdd, OpFAdd, OpISub, OpFSub
_LIMITS = frozenset(range(172, 192))  # comparisons by size
_MOVES = frozenset(range(77, 84)) | {124, 127}  # composites, OpBitcast, OpFNegate
_DEAR = {  # of extended instructions: GLSL.std.450 number → machine instructions of a scalar, about
    **dict.fromkeys((SIN, COS), 6),
    **dict.fromkeys((15, 16, 17, 18, 25), 20),  # Tan, Asin, Acos, Atan, Atan2
    **dict.fromkeys((26, 49), 5),  # Pow, SmoothStep
    **dict.fromkeys((66, 67, 69), 4),  # Length, Distance, Normalize
}
_EXACT = {SIN: 24, COS: 24}
_NEAR = {SIN: 13}
"""Of exact and near sines and cosines, see `precision`."""


@dataclass(frozen=True, slots=True)
class Counter:
    """A phi that changes by the same amount at each turn: the instruction that makes its next value, and the id that it
    begins with."""

    phi: Instruction
    step: Instruction
    start: int


@dataclass(frozen=True, slots=True)
class SharedLoop:
    """A loop whose turns are computed ahead, side by side.

    Attributes:
        header: label of its header.
        entry: label of the block that leads into it.
        counters: those that the work needs.
        work: what is computed ahead, in order.
        moved: results of the work that are made nowhere else.
        results: of these, those that the loop reads.
    """

    header: int
    entry: int
    counters: tuple[Counter, ...]
    work: tuple[Instruction, ...]
    moved: frozenset[int]
    results: tuple[int, ...]


def shared_loops(
    shader: Shader,
    function: Function,
    exact: Collection[int] = frozenset(),
    near: Collection[int] = frozenset(),
) -> list[SharedLoop]:
    """The loops of a program that are worth it; none where threads may be missing when the others meet.

    Args:
        shader: the module.
        function: one of it; only the entry is run by all threads together.
        exact: results that must be right to the last places, see `precision`: sines take longer then.
        near: sines that nearly must.
    """
    if function.id != shader.entry:
        return []
    ends = [block.body[-1].opcode for block in function.blocks]
    anywhere = {b.body[-1].opcode for f in shader.functions.values() for b in f.blocks}
    if ends.count(reader.OP_RETURN) != 1 or not _KILLS.isdisjoint(anywhere):
        return []
    flow = Flow(function)
    if not flow.loops:
        return []
    divergence = Divergence(shader, flow)
    finder = _Finder(shader, flow, divergence, exact, near)
    found, room = [], ROOM
    for loop in flow.loops:
        shared = finder.find(loop) if loop.header not in divergence.blocks else None
        size = finder.size(shared) if shared else 0
        if shared and size <= room:
            found.append(shared)
            room -= size
    return found


class _Finder:
    def __init__(
        self,
        shader: Shader,
        flow: Flow,
        divergence: Divergence,
        exact: Collection[int],
        near: Collection[int],
    ) -> None:
        self._shader, self._flow, self._divergence = shader, flow, divergence
        self._exact, self._near = exact, near

    def find(self, loop: Loop) -> SharedLoop | None:
        """What the turns of a loop have in common for all pixels, if it is worth sharing."""
        flow = self._flow
        outside = [n for n in flow.before[loop.header] if n not in loop]
        if len(outside) != 1 or self._looks_up(loop):
            return None
        entry = flow.blocks[outside[0]].label
        counters = list(self._counters(loop, entry))
        counted = {counter.phi.result for counter in counters}
        work = self._work(loop, counted)
        movable = {i.result for i in work if i.opcode not in _READS}
        movable &= self._varying(counted, work) - self._control(loop, counters)
        if sum(self._cost(i) for i in work if i.result in movable) < LEAST:
            return None
        results = self._read_elsewhere(work, movable)
        needed = self._needed(work, results)
        gain = sum(self._cost(i) for i in needed if i.result in movable)
        types = self._types(results)
        if gain < LEAST + READING * sum(map(_scalars, types)) or not all(map(_is_plain, types)):
            return None
        if gain * self._turns(loop, counters) < WORTH:
            return None
        wanted = {id_ for i in needed for id_ in taken(i)}
        return SharedLoop(
            flow.blocks[loop.header].label,
            entry,
            tuple(counter for counter in counters if counter.phi.result in wanted),
            tuple(needed),
            frozenset(movable.intersection(i.result for i in needed)),
            tuple(results),
        )

    def _counters(self, loop: Loop, entry: int) -> Iterator[Counter]:
        flow = self._flow
        for phi in flow.blocks[loop.header].body:
            if phi.opcode != reader.OP_PHI or phi.result in self._divergence.values:
                continue
            ways = dict(zip(phi.operands[1::2], phi.operands[::2], strict=True))
            start = ways.pop(entry, 0)
            step = flow.made.get(ways.popitem()[1]) if len(ways) == 1 else None
            if step is None or step.opcode not in _COUNTS or step.operands[0] != phi.result:
                continue
            if self._is_fixed(loop, step.operands[1]):
                yield Counter(phi, step, start)

    def _is_fixed(self, loop: Loop, id_: int) -> bool:
        """Whether a value is known before a loop, and the same for all pixels."""
        if id_ in self._shader.constants:
            return True
        home = self._flow.home.get(id_)
        return home is not None and home < loop.header and id_ not in self._divergence.values

    def _turns(self, loop: Loop, counters: list[Counter]) -> float:
        """After how many turns a constant ends a loop; infinity where none does."""
        made = map(self._flow.made.get, self._conditions(loop))
        tests = [test.operands for test in made if test and test.opcode in _LIMITS]
        limits = {test[0]: test[1] for test in tests}
        for counter in counters:
            ids = (counter.start, limits.get(counter.phi.result, 0), counter.step.operands[1])
            first, last, amount = map(self._shader.number, ids)
            if first is not None and last is not None and amount:
                return abs((last - first) / amount)
        return math.inf

    def _conditions(self, loop: Loop) -> list[int]:
        """What decides whether a loop is left."""
        flow = self._flow
        return [flow.condition(n) for n in range(loop.header, loop.end) if flow.leaves(loop, n)]

    def _looks_up(self, loop: Loop) -> bool:
        """Whether a loop reads or writes an array at places that vary: unrolled, such an array may lie in registers."""
        for n in range(loop.header, loop.end):
            for i in self._flow.blocks[n].body:
                varies = any(id_ in self._flow.made for id_ in i.operands[1:])
                if i.opcode in POINTER_OPCODES and varies:
                    return True
        return False

    def _work(self, loop: Loop, counted: set[int]) -> list[Instruction]:
        """What follows from the counters, and from what is known before, for all pixels alike."""
        flow = self._flow
        inside = [inner for inner in flow.loops if inner != loop and inner.header in loop]
        known = set(counted)
        found: list[Instruction] = []
        for n in range(loop.header, loop.end):
            if any(n in inner for inner in inside):
                continue
            for instruction in flow.blocks[n].body:
                if not instruction.result or instruction.result in self._divergence.values:
                    continue
                if not (is_pure(instruction) or instruction.opcode in _READS):
                    continue
                if all(self._is_ready(loop, known, id_) for id_ in self._ids(instruction)):
                    known.add(instruction.result)
                    found.append(instruction)
        return found

    def _ids(self, instruction: Instruction) -> list[int]:
        """The results of instructions that it takes."""
        return [id_ for id_ in taken(instruction) if id_ in self._flow.made]

    def _is_ready(self, loop: Loop, known: set[int], id_: int) -> bool:
        return id_ in known or self._is_fixed(loop, id_)

    def _varying(self, counted: set[int], work: list[Instruction]) -> set[int]:
        """What differs from turn to turn: the rest the compiler computes ahead of the loop."""
        varying = set(counted)
        for instruction in work:
            if any(id_ in varying for id_ in taken(instruction)):
                varying.add(instruction.result)
        return varying

    def _read_elsewhere(self, work: list[Instruction], movable: set[int]) -> list[int]:
        """Which of the work something takes that is not moved itself."""
        others = (i for b in self._flow.blocks for i in b.body if i.result not in movable)
        read = {id_ for i in others for id_ in i.operands}
        return [i.result for i in work if i.result in movable and i.result in read]

    def _control(self, loop: Loop, counters: list[Counter]) -> set[int]:
        """What decides how often a loop turns; every thread computes it for itself."""
        flow = self._flow
        waiting = self._conditions(loop) + [counter.step.result for counter in counters]
        control: set[int] = set()
        while waiting:
            made = flow.made.get(waiting.pop())
            if made is None or made.result in control or flow.home[made.result] not in loop:
                continue
            control.add(made.result)
            waiting += taken(made) if is_pure(made) else ()
        return control

    def _needed(self, work: list[Instruction], results: list[int]) -> list[Instruction]:
        """The work without which some result could not be computed, in order."""
        wanted = set(results)
        needed = []
        for instruction in reversed(work):
            if instruction.result in wanted:
                wanted.update(taken(instruction))
                needed.append(instruction)
        return needed[::-1]

    def size(self, shared: SharedLoop) -> int:
        """Bytes of a turn's results, which are read in fours."""
        return 16 * -(-sum(map(_scalars, self._types(shared.results))) // 4)

    def _types(self, ids: Iterable[int]) -> list[Type]:
        return [self._shader.types[self._flow.made[id_].type] for id_ in ids]

    def _cost(self, instruction: Instruction) -> int:
        if instruction.opcode in _MOVES or instruction.opcode in _READS:
            return 0
        width = _scalars(self._shader.types[instruction.type])
        if instruction.opcode == reader.OP_EXT_INST:
            id_, number = instruction.result, instruction.operands[1]
            costs = _EXACT if id_ in self._exact else _NEAR if id_ in self._near else _DEAR
            return width * costs.get(number, 1)
        return width


def _scalars(type_: Type) -> int:
    """How many numbers a value has."""
    if type_.kind in ("vector", "matrix", "array"):
        return type_.count * _scalars(type_.of())
    return sum(map(_scalars, type_.members)) if type_.kind == "struct" else 1


def _is_plain(type_: Type) -> bool:
    return type_.kind in ("float", "int", "bool", "vector")
