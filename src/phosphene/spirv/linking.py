"""Several modules in one: the parents of a composition become functions of the shader around them.

Each parent is a module as the bank holds it, so it has been through the passes, and what they promise
still holds: indexes stay inside, variables begin at zero. Loops of all parents draw on one tank of fuel,
so a composition's pixel runs no more instructions in them than any other program's; what runs outside of
paying loops adds up, over as many texts as a bank allows. A parent that discards a pixel discards the
composition's.

What a parent reads and writes is exchanged: gl_FragCoord and its output become globals of the shader
around it, its uniform block the shader's, its samplers those of the slots that they are given.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from phosphene.glsl.composition import COLOUR, COORD, ENTRY
from phosphene.spirv.binary import Block, Code, Function, Instruction, MalformedModuleError, parse
from phosphene.spirv.instructions import Op, StorageClass
from phosphene.spirv.operands import renamed
from phosphene.spirv.passes.fuel import FULL
from phosphene.spirv.passes.literals import number
from phosphene.uniforms import CHANNEL_BINDING, UNIFORMS

_CAPABILITY, _EXTENSION, _BINDING, _DESCRIPTOR_SET = 17, 10, 33, 34
_AGGREGATES = {Op.TYPE_ARRAY, Op.TYPE_RUNTIME_ARRAY, Op.TYPE_STRUCT}
_TYPES = range(Op.TYPE_VOID, Op.TYPE_FUNCTION + 1)
_TO_PRIVATE = {StorageClass.INPUT, StorageClass.OUTPUT}
_BY_CHANNEL = {i for i, u in enumerate(UNIFORMS) if u.name.startswith("iChannel")}
"""Members of the uniform block that are indexed by channel."""


@dataclass(frozen=True, slots=True)
class Part:
    """A parent to link.

    Attributes:
        spirv: its module's.
        slots: its channel → the channel of the whole that takes its place.
    """

    spirv: bytes
    slots: Mapping[int, int]


def samplers(code: Code) -> dict[int, int]:
    """Channel → id of the variable of its sampler, of the samplers that a module reads."""
    inside = [i for f in code.functions for b in f.blocks for i in b.body]
    read = {i[3] for i in inside if i[0] == Op.LOAD}
    read |= {argument for i in inside if i[0] == Op.FUNCTION_CALL for argument in i[4:]}
    binding = {
        i[1]: i[3] - CHANNEL_BINDING
        for i in code.preamble
        if i[0] == Op.DECORATE and i[2] == _BINDING
    }
    declared = [g[2] for g in code.globals if _is(g, StorageClass.UNIFORM_CONSTANT)]
    return {binding[variable]: variable for variable in declared if variable in read}


def sampler_shape(code: Code, variable: int) -> int:
    """How many dimensions a sampler has, as SPIR-V numbers them: 1: 2D, 2: 3D, 3: a cube."""
    definitions = code.definitions()
    pointer = next(g for g in code.globals if g[0] == Op.VARIABLE and g[2] == variable)[1]
    image = definitions[definitions[pointer][3]][2]
    return definitions[image][3]


def link(around: bytes, parts: Sequence[Part]) -> Code:
    """The shader around the parents with the parents in it.

    Args:
        around: unoptimised SPIR-V of `phosphene.glsl.composition.composition_text`, names included.
        parts: the parents, in their order.

    Raises:
        MalformedModuleError: a module is not of the form that the front end writes.
    """
    linker = _Linker(parse(around))
    for index, part in enumerate(parts):
        linker.add(index, part)
    return linker.code


def _is(instruction: Instruction, storage: StorageClass) -> bool:
    return instruction[0] == Op.VARIABLE and instruction[3] == storage


def _text(words: Sequence[int]) -> str:
    """A literal string (specification, section 2.2.1)."""
    return struct.pack(f"<{len(words)}I", *words).split(b"\0")[0].decode("utf-8", "replace")


def _words(text: str) -> tuple[int, ...]:
    data = text.encode() + b"\0" * (4 - len(text.encode()) % 4)
    return struct.unpack(f"<{len(data) // 4}I", data)


class _Linker:
    """The whole while parents are added to it."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.names = {_text(i[2:]).split("(")[0]: i[1] for i in code.preamble if i[0] == Op.NAME}
        self.block = next(g for g in code.globals if _is(g, StorageClass.UNIFORM))
        self.samplers: dict[int, int] = {}
        self.tank = 0
        self._known = {self._key(g): self._result(g) for g in code.globals}

    def add(self, number: int, part: Part) -> None:
        """Puts a parent in the place of its stub."""
        stub = self.names[ENTRY.format(number)]
        self.code.functions = [f for f in self.code.functions if f.id != stub]
        _Import(self, parse(part.spirv), part.slots).run(
            stub, self.names[COORD.format(number)], self.names[COLOUR.format(number)]
        )

    def intern(self, instruction: Instruction) -> int:
        """The id of a type or constant; types other than aggregates may not be declared twice."""
        key = self._key(instruction)
        if instruction[0] in _AGGREGATES or key not in self._known:
            self.code.globals.append(instruction)
            self._known[key] = self._result(instruction)
        return self._known[key]

    @staticmethod
    def _result(instruction: Instruction) -> int:
        return instruction[1] if instruction[0] in _TYPES else instruction[2]

    @staticmethod
    def _key(instruction: Instruction) -> Instruction:
        """The instruction without its result; a variable is like no other."""
        op = instruction[0]
        if op == Op.VARIABLE or op in _AGGREGATES:
            return instruction
        return (op, *instruction[2:]) if op in _TYPES else (op, instruction[1], *instruction[3:])


class _Import:
    """One parent on its way into the whole."""

    def __init__(self, linker: _Linker, parent: Code, slots: Mapping[int, int]) -> None:
        self._to, self._parent, self._slots = linker, parent, slots
        self._definitions = parent.definitions()
        self._ids: dict[int, int] = {}
        self._own: set[int] = set()
        """Ids of the parent that are new in the whole: their decorations come along."""
        self._block = 0

    def run(self, entry: int, coord: int, colour: int) -> None:
        """Copies everything; the parent's `main`, gl_FragCoord and output become these ids."""
        self._ids[self._parent.entry] = entry
        self._preamble()
        self._match_block()
        inputs = {int(StorageClass.INPUT): coord, int(StorageClass.OUTPUT): colour}
        channels = {variable: i for i, variable in samplers(self._parent).items()}
        for instruction in self._parent.globals:
            if instruction[0] == Op.VARIABLE:
                self._variable(instruction, inputs, channels)
            elif self._result(instruction) not in self._ids:
                self._declaration(instruction)
        for function in self._parent.functions:
            self._to.code.functions.append(self._function(function))
        for i in self._parent.preamble:
            if i[0] in (Op.DECORATE, Op.MEMBER_DECORATE) and i[1] in self._own:
                self._to.code.preamble.append((i[0], self._ids[i[1]], *i[2:]))

    def _id(self, old: int) -> int:
        if old not in self._ids:
            self._ids[old] = self._to.code.fresh()
            self._own.add(old)
        return self._ids[old]

    @staticmethod
    def _result(instruction: Instruction) -> int:
        return instruction[1] if instruction[0] in _TYPES else instruction[2]

    def _preamble(self) -> None:
        """Capabilities, extensions and instruction sets that the whole lacks."""
        held = self._to.code.preamble
        for i in self._parent.preamble:
            if i[0] in (_CAPABILITY, _EXTENSION) and i not in held:
                last = max((n for n, h in enumerate(held) if h[0] == i[0]), default=-1)
                if last < 0:
                    last = max(n for n, h in enumerate(held) if h[0] == _CAPABILITY)
                held.insert(last + 1, i)
            elif i[0] == Op.EXT_INST_IMPORT:
                same = [h for h in held if h[0] == Op.EXT_INST_IMPORT and h[2:] == i[2:]]
                if not same:
                    raise MalformedModuleError(f"an unknown instruction set: {_text(i[2:])}")
                self._ids[i[1]] = same[0][1]

    def _match_block(self) -> None:
        """The parent's uniform block and the types in it become the whole's."""
        blocks = [g for g in self._parent.globals if _is(g, StorageClass.UNIFORM)]
        if not blocks:
            return
        self._block = blocks[0][2]
        theirs, ours = self._definitions, self._to.code.definitions()
        pairs = [(theirs[blocks[0][1]][3], ours[self._to.block[1]][3])]
        for their, our in pairs:
            a, b = theirs[their], ours[our]
            if a[0] != b[0] or len(a) != len(b):
                raise MalformedModuleError("the parents' uniform blocks differ; vet them again")
            if a[0] in _AGGREGATES:
                self._ids[their] = our
                last = len(a) if a[0] == Op.TYPE_STRUCT else 3
                pairs += list(zip(a[2:last], b[2:last], strict=True))
        self._ids[self._block] = self._to.block[2]

    def _variable(
        self, variable: Instruction, interface: Mapping[int, int], channels: Mapping[int, int]
    ) -> None:
        _, _, old, storage, *start = variable
        if storage in interface:
            self._ids[old] = interface[storage]
        elif storage == StorageClass.UNIFORM_CONSTANT:
            if old in channels:
                self._sampler(variable, self._slots[channels[old]])
        elif storage == StorageClass.PRIVATE:
            is_tank = bool(start) and number(self._definitions, start[0]) == FULL
            if is_tank and self._to.tank:
                self._ids[old] = self._to.tank
                return
            self._to.code.globals.append(renamed(variable, self._id))
            if is_tank:
                self._to.tank = self._ids[old]
        elif old not in self._ids:
            raise MalformedModuleError(f"a variable of storage class {storage}")

    def _sampler(self, variable: Instruction, slot: int) -> None:
        code = self._to.code
        if slot in self._to.samplers:
            self._ids[variable[2]] = self._to.samplers[slot]
            return
        made = code.fresh()
        self._ids[variable[2]] = self._to.samplers[slot] = made
        code.globals.append(renamed(variable, self._id))
        last = max(n for n, i in enumerate(code.preamble) if i[0] in (Op.NAME, Op.MEMBER_NAME))
        code.preamble.insert(last + 1, (Op.NAME, made, *_words(f"iChannel{slot}")))
        code.preamble.append((Op.DECORATE, made, _DESCRIPTOR_SET, 0))
        code.preamble.append((Op.DECORATE, made, _BINDING, CHANNEL_BINDING + slot))

    def _declaration(self, instruction: Instruction) -> None:
        """A type or constant: the whole's where it has it."""
        op, old = instruction[0], self._result(instruction)
        if op == Op.TYPE_POINTER and instruction[2] in _TO_PRIVATE:
            instruction = (int(op), old, int(StorageClass.PRIVATE), instruction[3])
        made = self._to.code.fresh()
        known = self._to.intern(renamed(instruction, lambda i: made if i == old else self._id(i)))
        self._ids[old] = known
        if known == made:
            self._own.add(old)

    def _function(self, function: Function) -> Function:
        blocks = [
            Block(
                self._id(block.label),
                [self._inside(i) for i in block.body],
                renamed(block.end, self._id),
            )
            for block in function.blocks
        ]
        head = [renamed(i, self._id) for i in function.head]
        return Function(self._id(function.id), head, blocks)

    def _inside(self, instruction: Instruction) -> Instruction:
        op = instruction[0]
        if op in (Op.ACCESS_CHAIN, Op.IN_BOUNDS_ACCESS_CHAIN) and instruction[3] == self._block:
            return self._uniform(renamed(instruction, self._id), instruction[4:])
        return renamed(instruction, self._id)

    def _uniform(self, made: Instruction, indexes: Sequence[int]) -> Instruction:
        """What the block says of a channel is said of the slot that the channel has here. An index that
        is computed keeps its meaning only where the slot is the same."""
        numbers = [self._definitions.get(i, (0, 0, 0, -1)) for i in indexes]
        if len(indexes) < 2 or numbers[0][3] not in _BY_CHANNEL:
            return made
        channel = numbers[1][3]
        slot = self._slots.get(channel, channel)
        if slot == channel or numbers[1][0] != Op.CONSTANT:
            return made
        integer = self._ids[numbers[1][1]]
        constant = self._to.intern((Op.CONSTANT, integer, self._to.code.fresh(), slot))
        return (*made[:5], constant, *made[6:])
