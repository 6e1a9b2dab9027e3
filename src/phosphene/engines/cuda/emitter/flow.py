"""The flow of control of a function, and which of its values differ from pixel to pixel.

Divergence analysis: B. Coutinho, D. Sampaio, F. Pereira, W. Meira Jr., "Divergence analysis and optimizations" (PACT
2011), here on SPIR-V's structured control flow (specification 1.6, 2.11).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from phosphene.engines.cuda.emitter import reader
from phosphene.engines.cuda.emitter.reader import Function, Instruction, Shader

OP_LOAD, OP_ACCESS_CHAIN, OP_IN_BOUNDS_ACCESS_CHAIN = 61, 65, 66
UNIFORM = 2
"""The storage class of what all pixels of a view have in common."""

_POINTERS = frozenset({OP_ACCESS_CHAIN, OP_IN_BOUNDS_ACCESS_CHAIN, reader.OP_VARIABLE})
_PURE = frozenset(
    {reader.OP_EXT_INST, 84, 124}  # OpTranspose, OpBitcast
    | set(range(77, 84))  # OpVectorExtractDynamic … OpCopyObject
    | set(range(109, 114))  # conversions
    | set(range(126, 153))  # arithmetic
    | set(range(154, 158))  # OpAny … OpIsInf
    | set(range(164, 192))  # logic and comparisons
    | set(range(194, 206))  # bits
)
_MODF, _FREXP = 35, 51
"""Extended instructions that write through a pointer."""


def is_pure(instruction: Instruction) -> bool:
    """Whether a result depends on the operands alone, and nothing else happens."""
    writes = instruction.opcode == reader.OP_EXT_INST and instruction.operands[1] in (_MODF, _FREXP)
    return instruction.opcode in _PURE and not writes


def taken(instruction: Instruction) -> tuple[int, ...]:
    """The ids that a pure instruction takes; literals among them may look like ids."""
    if instruction.opcode == reader.OP_EXT_INST:
        return instruction.operands[2:]
    return instruction.operands


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop: positions of its header and its merge block; its blocks are header … end - 1."""

    header: int
    end: int

    def __contains__(self, block: int) -> bool:
        return self.header <= block < self.end


class Flow:
    """Blocks by position, and what follows what.

    Attributes:
        blocks: of the function.
        following, before: positions that a block goes to, and comes from.
        loops: outer ones before those inside.
        home: result → position of its block.
        made: result → its instruction.
    """

    def __init__(self, function: Function) -> None:
        self.blocks = function.blocks
        self._position = {block.label: n for n, block in enumerate(self.blocks)}
        self.following = [list(self._targets(block.body[-1])) for block in self.blocks]
        self.before: list[list[int]] = [[] for _ in self.blocks]
        for n, targets in enumerate(self.following):
            for target in targets:
                self.before[target].append(n)
        self.loops = [
            Loop(n, self._position[i.operands[0]])
            for n, block in enumerate(self.blocks)
            for i in block.body
            if i.opcode == reader.OP_LOOP_MERGE
        ]
        self.home = {i.result: n for n, b in enumerate(self.blocks) for i in b.body if i.result}
        self.made = {i.result: i for block in self.blocks for i in block.body if i.result}
        self._dominator = self._dominators()

    def position(self, label: int) -> int:
        """Of the block with a label."""
        return self._position[label]

    def _targets(self, last: Instruction) -> Iterator[int]:
        match last.opcode:
            case reader.OP_BRANCH:
                labels = last.operands[:1]
            case reader.OP_BRANCH_CONDITIONAL:
                labels = last.operands[1:3]
            case reader.OP_SWITCH:
                labels = (last.operands[1], *last.operands[3::2])
            case _:
                labels = ()
        return (self._position[label] for label in labels)

    def _dominators(self) -> list[int]:
        """The immediate dominator of every block (Cooper, Harvey, Kennedy 2001); its own of what nothing leads to."""
        found: list[int | None] = [0, *[None] * (len(self.blocks) - 1)]

        def common(a: int, b: int) -> int:
            while a != b:
                a, b = (found[a] or 0, b) if a > b else (a, found[b] or 0)
            return a

        changed = True
        while changed:
            changed = False
            for n in range(1, len(self.blocks)):
                known = [p for p in self.before[n] if found[p] is not None]
                if not known:
                    continue
                nearest = known[0]
                for p in known[1:]:
                    nearest = common(nearest, p)
                if found[n] != nearest:
                    found[n], changed = nearest, True
        return [n if d is None else d for n, d in enumerate(found)]

    def condition(self, block: int) -> int:
        """The id that decides where a block goes; 0 where there is no choice."""
        last = self.blocks[block].body[-1]
        chooses = last.opcode in (reader.OP_BRANCH_CONDITIONAL, reader.OP_SWITCH)
        return last.operands[0] if chooses else 0

    def merge(self, block: int) -> int | None:
        """Where the branches of a selection that begins here meet."""
        for instruction in self.blocks[block].body:
            if instruction.opcode == reader.OP_SELECTION_MERGE:
                return self._position[instruction.operands[0]]
        return None

    def dominator(self, block: int) -> int:
        """The last block that every way to this one leads through."""
        return self._dominator[block]

    def leaves(self, loop: Loop, block: int) -> bool:
        """Whether a block of a loop may lead out of it."""
        return any(target not in loop for target in self.following[block])


class Divergence:
    """What differs from pixel to pixel.

    Attributes:
        values: results that may differ.
        blocks: positions of blocks that not all pixels may run equally often.
    """

    def __init__(self, shader: Shader, flow: Flow) -> None:
        self._flow = flow
        self._uniform = {v.result for v in shader.variables if v.operands[0] == UNIFORM}
        self._headers = {loop.header for loop in flow.loops}
        self._escaping: dict[Loop, set[int]] = {}
        self.values: set[int] = set()
        before = -1
        while len(self.values) > before:
            before = len(self.values)
            self._spread()
        apart = self._apart(self._forks())
        left_apart = [loop for loop in flow.loops if self._is_left_apart(loop, apart)]
        self.blocks = apart.union(*(range(loop.header, loop.end) for loop in left_apart))

    def _spread(self) -> None:
        flow, forks = self._flow, self._forks()
        for n, block in enumerate(flow.blocks):
            chosen = bisect_left(forks, n) > bisect_left(forks, flow.dominator(n))
            for instruction in block.body:
                if instruction.result and self._differs(n, instruction, chosen):
                    self.values.add(instruction.result)
        apart = self._apart(forks)
        for loop in flow.loops:
            if self._is_left_apart(loop, apart):
                self.values |= self._escapes(loop)

    def _forks(self) -> list[int]:
        """Positions, in order, of blocks from which pixels may go different ways."""
        return [n for n in range(len(self._flow.blocks)) if self._flow.condition(n) in self.values]

    def _differs(self, block: int, instruction: Instruction, chosen: bool) -> bool:
        """Whether a result does, where `chosen` says that pixels may come to its block on different ways."""
        if instruction.opcode in _POINTERS:
            return False
        if instruction.opcode == OP_LOAD:
            return not self._is_common(instruction.operands[0])
        if instruction.opcode == reader.OP_PHI:
            ways = instruction.operands[::2]
            return (chosen and block not in self._headers) or not self.values.isdisjoint(ways)
        return not is_pure(instruction) or not self.values.isdisjoint(taken(instruction))

    def _is_common(self, pointer: int) -> bool:
        """Whether it points into the uniform block, at a place that does not differ."""
        made = self._flow.made.get(pointer)
        while made is not None and made.opcode in (OP_ACCESS_CHAIN, OP_IN_BOUNDS_ACCESS_CHAIN):
            if not self.values.isdisjoint(made.operands[1:]):
                return False
            pointer = made.operands[0]
            made = self._flow.made.get(pointer)
        return pointer in self._uniform

    def _apart(self, forks: list[int]) -> set[int]:
        """Blocks between a fork and where its ways meet: without a merge (`if (x) continue;`) the rest of the loop."""
        apart: set[int] = set()
        for fork in forks:
            around = [loop.end for loop in self._flow.loops if fork in loop]
            end = around[-1] if around else len(self._flow.blocks)
            apart.update(range(fork + 1, self._flow.merge(fork) or end))
        return apart

    def _is_left_apart(self, loop: Loop, apart: set[int]) -> bool:
        """Whether pixels may leave a loop after different numbers of turns."""
        flow = self._flow
        return any(
            n in apart or flow.condition(n) in self.values
            for n in range(loop.header, loop.end)
            if flow.leaves(loop, n)
        )

    def _escapes(self, loop: Loop) -> set[int]:
        """Results outside a loop of what is made in it: where it is left apart, these are of different turns."""
        if loop not in self._escaping:
            self._escaping[loop] = {
                instruction.result
                for n, block in enumerate(self._flow.blocks)
                if n not in loop
                for instruction in block.body
                if instruction.result
                and any(self._flow.home.get(id_, -1) in loop for id_ in instruction.operands)
            }
        return self._escaping[loop]
