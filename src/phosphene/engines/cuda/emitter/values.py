"""How SPIR-V's types, constants and ids are written in C++."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from phosphene.engines.cuda.emitter import reader
from phosphene.engines.cuda.emitter.reader import Instruction, Shader, Type
from phosphene.errors import UnservedError

_VECTOR_PREFIX = {"float": "", "int": "i", "uint": "u", "bool": "b"}


def type_name(type_: Type) -> str:
    """The C++ name of a type; those of vectors and matrices are in device/vectors.cuh."""
    match type_.kind:
        case "void" | "bool" | "float":
            return type_.kind
        case "int":
            return "int" if type_.signed else "uint"
        case "vector":
            return f"{_VECTOR_PREFIX[type_name(type_.of())]}vec{type_.count}"
        case "matrix":
            return f"Matrix<{type_name(type_.of())}, {type_.count}>"
        case "array":
            return f"Array<{type_name(type_.of())}, {type_.count}>"
        case "struct":
            return f"S{type_.id}"
        case "pointer":
            target = type_.of()
            opaque = target.kind in ("sampled", "image")  # uniform: nobody writes one
            return f"{'const ' if opaque else ''}{type_name(target)}&"
        case "sampled" | "image":
            return "Texture"
    raise UnservedError(f"values of the type {type_.kind} are not served by the CUDA engine")


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a pointer points: an lvalue and, for a component chosen at run time, its index.

    A component that is chosen at run time is read and written by selection: an index into a vector
    would move the vector from registers to local memory.
    """

    lvalue: str
    type: Type
    component: str = ""


@dataclass(slots=True)
class Context:
    """What the handlers of instructions see of the function they write."""

    shader: Shader
    expressions: dict[int, str] = field(default_factory=dict)
    pointers: dict[int, Pointer] = field(default_factory=dict)
    result_types: dict[int, Type] = field(default_factory=dict)
    tables: dict[int, str] = field(default_factory=dict)
    """Constant arrays, which live outside the program: id → declaration."""
    exact: frozenset[int] = frozenset()
    """Results that must be right to the last places: see `precision`."""
    near: frozenset[int] = frozenset()
    """Sines that nearly must."""
    uses_derivatives: bool = False
    returns_nothing: bool = True
    """Whether the function being written returns void."""
    lifted: bool = False
    """Whether literals are parameters, so that the program reads the second uniform block."""
    state: dict[int, dict[str, str]] = field(default_factory=dict)
    """What functions are handed of a pixel's state: see `pixel_state`."""

    def value(self, id_: int) -> str:
        """The expression of a value."""
        found = self.expressions.get(id_)
        if found is None:
            found = self.expressions[id_] = self._constant(id_)
        return found

    def values(self, ids: tuple[int, ...]) -> list[str]:
        """The expressions of several values."""
        return [self.value(id_) for id_ in ids]

    def type(self, id_: int) -> Type:
        """The type called `id_`."""
        return self.shader.types[id_]

    def type_of(self, id_: int) -> Type:
        """The type of the value called `id_`."""
        if id_ in self.result_types:
            return self.result_types[id_]
        return self.shader.types[self.shader.constants[id_].type]

    def pointer(self, id_: int) -> Pointer:
        """Where the pointer called `id_` points."""
        if id_ not in self.pointers:
            raise UnservedError("a pointer that is computed at run time is not served")
        return self.pointers[id_]

    def literal(self, id_: int) -> int | None:
        """The whole number that a constant holds; None where the id is no such constant."""
        constant = self.shader.constants.get(id_)
        if constant is None or self.shader.types[constant.type].kind != "int":
            return None
        return constant.operands[0] if constant.operands else 0

    def is_constant(self, id_: int) -> bool:
        """Whether this is a constant of the module."""
        return id_ in self.shader.constants

    def is_everywhere(self, id_: int, number: float) -> bool:
        """Whether this is a constant float, or vector of floats, that equals `number` everywhere."""
        constant = self.shader.constants.get(id_)
        if constant is None:
            return False
        if constant.opcode == reader.OP_CONSTANT_COMPOSITE:
            return all(self.is_everywhere(part, number) for part in constant.operands)
        type_ = self.shader.types[constant.type].scalar
        if type_.kind != "float":
            return False
        # OpConstantNull and OpUndef are written as 0.
        word = constant.operands[0] if constant.opcode == reader.OP_CONSTANT else 0
        return word == int.from_bytes(struct.pack("<f", number), "little")

    def _constant(self, id_: int) -> str:
        text = self._written(id_)
        constant = self.shader.constants[id_]
        type_ = self.shader.types[constant.type]
        if type_.kind != "array" or constant.opcode != reader.OP_CONSTANT_COMPOSITE:
            return text
        self.tables[id_] = f"PH_TABLE {type_name(type_)} c{id_} = {text};"
        return f"c{id_}"

    def _written(self, id_: int) -> str:
        """A constant in full: CUDA takes no table's name inside of another table."""
        constant = self.shader.constants.get(id_)
        if constant is None:
            raise UnservedError(f"the id {id_} is used before it is defined")
        type_ = self.shader.types[constant.type]
        text = _scalar(constant, type_)
        if text is not None:
            return text
        if constant.opcode != reader.OP_CONSTANT_COMPOSITE:
            return f"{type_name(type_)}{{}}"
        parts = ", ".join(map(self._written, constant.operands))
        if type_.kind in ("array", "matrix"):
            return f"{type_name(type_)}{{{{{parts}}}}}"
        return f"{type_name(type_)}{{{parts}}}"


def _scalar(constant: Instruction, type_: Type) -> str | None:
    if constant.opcode in (reader.OP_CONSTANT_TRUE, reader.OP_CONSTANT_FALSE):
        return "true" if constant.opcode == reader.OP_CONSTANT_TRUE else "false"
    if constant.opcode != reader.OP_CONSTANT:
        return None
    return number(constant.operands[0], type_)


def number(word: int, type_: Type) -> str:
    """A scalar literal with the bits of `word`."""
    if type_.kind == "int":
        if not type_.signed:
            return f"{word}u"
        value = word - (1 << 32) if word >> 31 else word
        return (
            "(-2147483647 - 1)"
            if value == -(1 << 31)
            else f"({value})"
            if value < 0
            else str(value)
        )
    value_f = struct.unpack("<f", struct.pack("<I", word))[0]
    if math.isinf(value_f) or math.isnan(value_f):
        return f"as_float({word}u)"
    text = f"{value_f:.9g}"
    text = text if any(c in text for c in ".e") else f"{text}.0"
    return f"({text}f)" if word >> 31 else f"{text}f"


Handler = Callable[[Context, Instruction], str]
"""Writes an instruction's value as an expression, or a statement for instructions without result."""

Table = dict[int, "str | Handler"]
"""Opcode → how it is written: a template in which {0}, {1} … are the operands' values and {type} the
result's type, or a handler where a template does not do."""


def expand(template: str, context: Context, instruction: Instruction) -> str:
    """Fills in a template."""
    return template.format(
        *context.values(instruction.operands), type=type_name(context.type(instruction.type))
    )
