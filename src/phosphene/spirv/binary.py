"""SPIR-V words to a light form that passes can rewrite, and back.

The layout of a module: SPIR-V specification 1.6, section 2.4.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from phosphene.errors import PhospheneError
from phosphene.spirv.instructions import HEADER_WORDS, MAGIC, Op

Instruction = tuple[int, ...]
"""Opcode, then the operand words as they stand in the binary."""

_FIRST_OF_GLOBALS = frozenset(range(Op.TYPE_VOID, Op.TYPE_FUNCTION + 1))


class MalformedModuleError(PhospheneError):
    """Words that are no SPIR-V module, or one of a form that the passes do not know."""


@dataclass(slots=True)
class Block:
    """A basic block.

    Attributes:
        label: its id.
        body: everything after OpLabel but the terminator; a merge instruction comes last.
        end: the terminator.
    """

    label: int
    body: list[Instruction]
    end: Instruction


@dataclass(slots=True)
class Function:
    """A function.

    Attributes:
        id: its id.
        head: OpFunction and its parameters.
        blocks: in the order of the binary; the first is the entry.
    """

    id: int
    head: list[Instruction]
    blocks: list[Block]

    @property
    def result_type(self) -> int:
        """Id of the type it returns."""
        return self.head[0][1]


@dataclass(slots=True)
class Code:
    """A module in parts.

    Attributes:
        version, generator: words of the header.
        bound: the first id that is free.
        preamble: capabilities to annotations.
        globals: types, constants and variables outside functions, each before its first use.
        functions: in the order of the binary.
    """

    version: int
    generator: int
    bound: int
    preamble: list[Instruction] = field(default_factory=list)
    globals: list[Instruction] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)

    def fresh(self) -> int:
        """An id that nothing uses."""
        self.bound += 1
        return self.bound - 1

    def declare(self, op: int, *operands: int, type_: int | None = None) -> int:
        """The id of a type or constant, added at the end of the globals where it is new.

        Args:
            op: an opcode that makes a type (then `type_` is None) or a constant of `type_`.
            operands: what follows the result's id.
        """
        for known in self.globals:
            if known[0] != op:
                continue
            if type_ is None and known[2:] == operands:
                return known[1]
            if type_ is not None and known[1] == type_ and known[3:] == operands:
                return known[2]
        made = self.fresh()
        head = (int(op), made) if type_ is None else (int(op), type_, made)
        self.globals.append((*head, *operands))
        return made

    def definitions(self) -> dict[int, Instruction]:
        """Result id → instruction, of all globals."""
        kinds = range(Op.TYPE_VOID, Op.TYPE_FUNCTION + 1)
        return {g[1] if g[0] in kinds else g[2]: g for g in self.globals}

    @property
    def entry(self) -> int:
        """Id of the function `main`."""
        for instruction in self.preamble:
            if instruction[0] == Op.ENTRY_POINT:
                return instruction[2]
        raise MalformedModuleError("the SPIR-V module has no entry point")


def parse(spirv: bytes) -> Code:
    """Words to parts. Raises MalformedModuleError where the words are no SPIR-V module."""
    words = array("I")
    if words.itemsize != 4 or len(spirv) % 4 or len(spirv) < 4 * HEADER_WORDS:
        raise MalformedModuleError(f"{len(spirv)} bytes are no SPIR-V module")
    words.frombytes(spirv)
    if sys.byteorder == "big":
        words.byteswap()
    if words[0] != MAGIC:
        raise MalformedModuleError(f"no SPIR-V: it begins with {words[0]:#010x}")
    code = Code(version=words[1], generator=words[2], bound=words[3])
    stream = _instructions(words.tolist())
    for instruction in stream:
        if instruction[0] == Op.FUNCTION:
            code.functions.append(_function(instruction, stream))
        elif code.globals or instruction[0] in _FIRST_OF_GLOBALS:
            code.globals.append(instruction)
        else:
            code.preamble.append(instruction)
    if not code.functions:
        raise MalformedModuleError("the SPIR-V module has no function")
    return code


def _instructions(words: list[int]) -> Iterator[Instruction]:
    position, end = HEADER_WORDS, len(words)
    while position < end:
        first = words[position]
        following = position + (first >> 16)
        if not position < following <= end:
            raise MalformedModuleError(f"the SPIR-V instruction at word {position} has no length")
        yield (first & 0xFFFF, *words[position + 1 : following])
        position = following


_TERMINATORS = frozenset(range(Op.BRANCH, Op.UNREACHABLE + 1))


def _function(first: Instruction, stream: Iterator[Instruction]) -> Function:
    function = Function(first[2], [first], [])
    label, body = 0, function.head
    for instruction in stream:
        op = instruction[0]
        if op == Op.LABEL:
            label, body = instruction[1], []
        elif op in _TERMINATORS:
            function.blocks.append(Block(label, body, instruction))
        elif op == Op.FUNCTION_END:
            return function
        else:
            body.append(instruction)
    raise MalformedModuleError("the SPIR-V module ends inside a function")


def serialise(code: Code) -> bytes:
    """Parts to words, little endian."""
    words = [MAGIC, code.version, code.generator, code.bound, 0]
    for instruction in _flat(code):
        words.append(len(instruction) << 16 | instruction[0])
        words += instruction[1:]
    return struct.pack(f"<{len(words)}I", *words)


def _flat(code: Code) -> Iterable[Instruction]:
    yield from code.preamble
    yield from code.globals
    for function in code.functions:
        yield from function.head
        for block in function.blocks:
            yield (Op.LABEL, block.label)
            yield from block.body
            yield block.end
        yield (Op.FUNCTION_END,)
