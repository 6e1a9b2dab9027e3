"""SPIR-V words → types, constants, variables and functions, as the emitter walks them.

Section numbers are those of the SPIR-V specification 1.6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from phosphene.errors import UnservedError
from phosphene.spirv.instructions import FunctionControl

MAGIC = 0x07230203

# Opcodes that stand outside functions or shape them; those of bodies are in the tables.
OP_EXT_INST_IMPORT, OP_EXT_INST, OP_ENTRY_POINT = 11, 12, 15
OP_TYPE_VOID, OP_TYPE_BOOL, OP_TYPE_INT, OP_TYPE_FLOAT, OP_TYPE_VECTOR, OP_TYPE_MATRIX = range(
    19, 25
)
OP_TYPE_IMAGE, OP_TYPE_SAMPLER, OP_TYPE_SAMPLED_IMAGE, OP_TYPE_ARRAY = range(25, 29)
OP_TYPE_STRUCT, OP_TYPE_POINTER, OP_TYPE_FUNCTION = 30, 32, 33
OP_CONSTANT_TRUE, OP_CONSTANT_FALSE, OP_CONSTANT, OP_CONSTANT_COMPOSITE = range(41, 45)
OP_CONSTANT_NULL, OP_UNDEF = 46, 1
OP_FUNCTION, OP_FUNCTION_PARAMETER, OP_FUNCTION_END, OP_VARIABLE = 54, 55, 56, 59
OP_FUNCTION_CALL, OP_DECORATE, OP_MEMBER_DECORATE, OP_PHI = 57, 71, 72, 245
OP_LOOP_MERGE, OP_SELECTION_MERGE, OP_LABEL, OP_BRANCH, OP_BRANCH_CONDITIONAL, OP_SWITCH = range(
    246, 252
)
OP_KILL, OP_RETURN, OP_RETURN_VALUE, OP_UNREACHABLE = range(252, 256)
OP_TERMINATE_INVOCATION = 4416
OP_LOAD, OP_STORE, OP_COPY_MEMORY, OP_NOP, OP_LINE, OP_NO_LINE = 61, 62, 63, 0, 8, 317

RESULTLESS = frozenset(
    {OP_STORE, OP_COPY_MEMORY, OP_NOP, OP_LINE, OP_NO_LINE, OP_FUNCTION_END}
    | {OP_LOOP_MERGE, OP_SELECTION_MERGE, OP_BRANCH, OP_BRANCH_CONDITIONAL, OP_SWITCH}
    | {OP_KILL, OP_TERMINATE_INVOCATION, OP_RETURN, OP_RETURN_VALUE, OP_UNREACHABLE}
)
"""Instructions in a function that have neither a result nor a type (OpLabel has only a result)."""

DECORATION_BUILTIN, DECORATION_LOCATION, DECORATION_BINDING, DECORATION_OFFSET = 11, 30, 33, 35


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction; `type` and `result` are 0 where there is none."""

    opcode: int
    type: int
    result: int
    operands: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Type:
    """A type (3.42.6). `element` of a vector, matrix (its column), array or pointer."""

    kind: str
    id: int
    element: Type | None = None
    count: int = 0
    members: tuple[Type, ...] = ()
    signed: bool = False

    @property
    def scalar(self) -> Type:
        """The component type of a vector or matrix; the type itself for scalars."""
        return self.element.scalar if self.element and self.kind in ("vector", "matrix") else self

    def of(self) -> Type:
        """The element's type, for a composite or pointer."""
        if self.element is None:
            raise UnservedError(f"a {self.kind} has no elements")
        return self.element


@dataclass(slots=True)
class Block:
    """A basic block; `body` ends with its terminator."""

    label: int
    body: list[Instruction] = field(default_factory=list)


@dataclass(slots=True)
class Function:
    """A function: its result type, whether it is to be called and not copied, its parameters, and its blocks in the order
    of the module."""

    id: int
    returns: Type
    called: bool = False
    parameters: list[Instruction] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


@dataclass(slots=True)
class Shader:
    """A parsed module."""

    types: dict[int, Type] = field(default_factory=dict)
    constants: dict[int, Instruction] = field(default_factory=dict)
    variables: list[Instruction] = field(default_factory=list)
    functions: dict[int, Function] = field(default_factory=dict)
    entry: int = 0
    decorations: dict[tuple[int, int], int] = field(default_factory=dict)
    offsets: dict[tuple[int, int], int] = field(default_factory=dict)

    def decoration(self, target: int, decoration: int) -> int | None:
        """The decoration's first literal; None where the id is not so decorated."""
        return self.decorations.get((target, decoration))

    def number(self, id_: int) -> float | None:
        """What a scalar constant of numbers stands for; None for anything else."""
        constant = self.constants.get(id_)
        if constant is None or constant.opcode != OP_CONSTANT:
            return None
        type_ = self.types[constant.type]
        form = "<f" if type_.kind == "float" else "<i" if type_.signed else "<I"
        return float(struct.unpack(form, struct.pack("<I", constant.operands[0]))[0])


def read(spirv: bytes) -> Shader:
    """Parses a module.

    Raises:
        UnservedError: where the words are no SPIR-V, or use a type that the emitter does not know.
    """
    shader = Shader()
    function: Function | None = None
    for opcode, words in _instructions(spirv):
        if function is None and opcode != OP_FUNCTION:
            _declare(shader, opcode, words)
        elif opcode == OP_FUNCTION:
            function = Function(
                words[1], shader.types[words[0]], bool(words[2] & FunctionControl.DONT_INLINE)
            )
            shader.functions[function.id] = function
        elif opcode == OP_FUNCTION_END:
            function = None
        elif function is not None:
            _extend(function, opcode, words)
    return shader


def _instructions(spirv: bytes) -> Iterator[tuple[int, tuple[int, ...]]]:
    if len(spirv) < 20 or len(spirv) % 4:
        raise UnservedError(f"a module of {len(spirv)} bytes is no SPIR-V")
    words = struct.unpack(f"<{len(spirv) // 4}I", spirv)
    if words[0] != MAGIC:
        raise UnservedError(f"the module begins with {words[0]:#x}, not with SPIR-V's {MAGIC:#x}")
    at = 5
    while at < len(words):
        length = words[at] >> 16
        if not 0 < length <= len(words) - at:
            raise UnservedError(f"the module is cut off at word {at}")
        yield words[at] & 0xFFFF, words[at + 1 : at + length]
        at += length


def _extend(function: Function, opcode: int, words: tuple[int, ...]) -> None:
    if opcode == OP_LABEL:
        function.blocks.append(Block(words[0]))
    elif opcode == OP_FUNCTION_PARAMETER:
        function.parameters.append(Instruction(opcode, words[0], words[1], ()))
    elif opcode in RESULTLESS:
        function.blocks[-1].body.append(Instruction(opcode, 0, 0, words))
    else:
        function.blocks[-1].body.append(Instruction(opcode, words[0], words[1], words[2:]))


def _declare(shader: Shader, opcode: int, words: tuple[int, ...]) -> None:
    if OP_TYPE_VOID <= opcode <= OP_TYPE_FUNCTION:
        shader.types[words[0]] = _type(shader, opcode, words)
    elif OP_CONSTANT_TRUE <= opcode <= OP_CONSTANT_NULL or opcode == OP_UNDEF:
        shader.constants[words[1]] = Instruction(opcode, words[0], words[1], words[2:])
    elif opcode == OP_VARIABLE:
        shader.variables.append(Instruction(opcode, words[0], words[1], words[2:]))
    elif opcode == OP_ENTRY_POINT:
        shader.entry = words[1]
    elif opcode == OP_DECORATE:
        shader.decorations[words[0], words[1]] = words[2] if len(words) > 2 else 0
    elif opcode == OP_MEMBER_DECORATE and words[2] == DECORATION_OFFSET:
        shader.offsets[words[0], words[1]] = words[3]


_PLAIN = {
    OP_TYPE_VOID: "void",
    OP_TYPE_BOOL: "bool",
    OP_TYPE_FUNCTION: "function",
    OP_TYPE_SAMPLER: "sampler",
}
_DIMENSIONS = {0: "1d", 1: "2d", 2: "3d", 3: "cube"}


def _type(shader: Shader, opcode: int, words: tuple[int, ...]) -> Type:
    at, types = words[0], shader.types
    match opcode:
        case _ if opcode in _PLAIN:
            return Type(_PLAIN[opcode], at)
        case 21:  # OpTypeInt
            return Type("int", at, signed=bool(words[2]), count=_width(words[1]))
        case 22:  # OpTypeFloat
            return Type("float", at, count=_width(words[1]))
        case 23:  # OpTypeVector
            return Type("vector", at, types[words[1]], words[2])
        case 24:  # OpTypeMatrix
            return Type("matrix", at, types[words[1]], words[2])
        case 25:  # OpTypeImage
            return Type("image", at, count=words[2])
        case 27:  # OpTypeSampledImage
            return Type("sampled", at, types[words[1]])
        case 28:  # OpTypeArray
            return Type("array", at, types[words[1]], shader.constants[words[2]].operands[0])
        case 30:  # OpTypeStruct
            return Type("struct", at, members=tuple(types[word] for word in words[1:]))
        case 32:  # OpTypePointer
            return Type("pointer", at, types[words[2]], words[1])
    raise UnservedError(f"the type opcode {opcode} is not known to the CUDA emitter")


def _width(bits: int) -> int:
    if bits != 32:
        raise UnservedError(f"numbers of {bits} bits are not served by the CUDA engine")
    return bits
