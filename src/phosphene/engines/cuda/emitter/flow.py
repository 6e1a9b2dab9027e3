"""The flow of control of a function, and which of its values differ from pixel to pixel.

Divergence analysis (B. Coutinho, D. Sampaio, F. Pereira, W. Meira Jr., "Divergence analysis and optimizations", PACT 2011)
by control dependence (J. Ferrante, K. Ottenstein, J. Warren, "The program dependence graph", 1987).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from phosphene.engines.cuda.emitter import reader
from phosphene.engines.cuda.emitter.composites import POINTER_OPCODES
from phosphene.engines.cuda.emitter.reader import Function, Instruction, Shader
from phosphene.spirv.instructions import StorageClass

_POINTERS = POINTER_OPCODES | {reader.OP_VARIABLE}
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
        self._meets = self._post_dominators()

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

    def _post_dominators(self) -> dict[int, int]:
        """Block → its immediate post-dominator (Cooper, Harvey, Kennedy, "A simple, fast dominance algorithm", 2001); the
        function's end is the position behind the last block. Blocks from which no way leads there are left out."""
        end = len(self.blocks)
        into = [
            [n for n in range(end) if not self.following[n]] if b == end else self.before[b]
            for b in range(end + 1)
        ]
        order = _postorder(end, into)
        number = {block: n for n, block in enumerate(order)}
        found = {end: end}

        def common(a: int, b: int) -> int:
            while a != b:
                if number[a] < number[b]:
                    a = found[a]
                else:
                    b = found[b]
            return a

        changed = True
        while changed:
            changed = False
            for block in reversed(order[:-1]):
                known = [n for n in self.following[block] or [end] if n in found]
                nearest = known[0]
                for other in known[1:]:
                    nearest = common(nearest, other)
                if found.get(block) != nearest:
                    found[block], changed = nearest, True
        return found

    def meeting(self, fork: int) -> int | None:
        """The first block that all ways from a block lead through; None where there is none."""
        return self._meets.get(fork)

    def between(self, fork: int) -> set[int]:
        """The blocks that a way from a block leads through before they meet: those that depend on where it goes."""
        meeting, seen = self.meeting(fork), set[int]()
        waiting = list(self.following[fork])
        while waiting:
            block = waiting.pop()
            if block != meeting and block not in seen:
                seen.add(block)
                waiting += self.following[block]
        return seen

    def condition(self, block: int) -> int:
        """The id that decides where a block goes; 0 where there is no choice."""
        last = self.blocks[block].body[-1]
        chooses = last.opcode in (reader.OP_BRANCH_CONDITIONAL, reader.OP_SWITCH)
        return last.operands[0] if chooses else 0

    def leaves(self, loop: Loop, block: int) -> bool:
        """Whether a block of a loop may lead out of it."""
        return any(target not in loop for target in self.following[block])


def _postorder(start: int, following: list[list[int]]) -> list[int]:
    """What can be reached, every block behind those that it leads to, as far as there are no cycles."""
    order: list[int] = []
    seen, path = {start}, [(start, iter(following[start]))]
    while path:
        block, rest = path[-1]
        for other in rest:
            if other not in seen:
                seen.add(other)
                path.append((other, iter(following[other])))
                break
        else:
            order.append(block)
            path.pop()
    return order


class Divergence:
    """What differs from pixel to pixel, at most.

    A value is divergent where pixels may have different ones, a branch where its condition is. Blocks that depend on
    where a divergent branch goes are divergent, too: not all pixels may run them equally often. Whatever is made there
    counts as divergent, and so does what is chosen where the ways meet again.

    Attributes:
        values: divergent results.
        blocks: positions of divergent blocks.
    """

    def __init__(self, shader: Shader, flow: Flow) -> None:
        self._flow = flow
        self._uniform = {
            v.result for v in shader.variables if v.operands[0] == StorageClass.UNIFORM
        }
        self._headers = {loop.header: loop for loop in flow.loops}
        self._forks: set[int] = set()
        self._meetings: set[int] = set()
        self.values: set[int] = set()
        self.blocks: set[int] = set()
        before = -1
        while len(self.values) > before:
            before = len(self.values)
            self._spread()

    def _spread(self) -> None:
        flow = self._flow
        for n, block in enumerate(flow.blocks):
            for instruction in block.body:
                if instruction.result and self._differs(n, instruction):
                    self.values.add(instruction.result)
        for n in range(len(flow.blocks)):
            if flow.condition(n) in self.values and n not in self._forks:
                self._forks.add(n)
                self.blocks |= flow.between(n)
                self._meetings.add(flow.meeting(n) or 0)

    def _differs(self, block: int, instruction: Instruction) -> bool:
        if instruction.opcode in _POINTERS:
            return False
        if instruction.opcode == reader.OP_LOAD:
            return not self._is_common(instruction.operands[0])
        if block in self.blocks:
            return True
        if instruction.opcode == reader.OP_PHI:
            return self._is_chosen(block) or not self.values.isdisjoint(instruction.operands[::2])
        return not is_pure(instruction) or not self.values.isdisjoint(taken(instruction))

    def _is_chosen(self, block: int) -> bool:
        """Whether pixels may come to a block on different ways; from a turn of a loop to the next there is one."""
        loop = self._headers.get(block)
        outside = [n for n in self._flow.before[block] if loop is None or n not in loop]
        return block in self._meetings and len(outside) > 1

    def _is_common(self, pointer: int) -> bool:
        """Whether it points into the uniform block, at a place that does not differ."""
        made = self._flow.made.get(pointer)
        while made is not None and made.opcode in POINTER_OPCODES:
            if not self.values.isdisjoint(made.operands[1:]):
                return False
            pointer = made.operands[0]
            made = self._flow.made.get(pointer)
        return pointer in self._uniform
