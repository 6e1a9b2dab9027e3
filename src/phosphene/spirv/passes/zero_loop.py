"""Code that zeroes a large array: one loop over all elements of all its dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from phosphene.spirv.binary import Block, Code, Function, Instruction
from phosphene.spirv.instructions import Op, StorageClass
from phosphene.spirv.passes.size import type_bytes


@dataclass(frozen=True, slots=True)
class ArrayShape:
    """What a variable holds.

    Attributes:
        dimensions: lengths from the outside in; empty: no array.
        element: id of the elements' type.
        storage: where it lives.
        element_numbers: scalars in an element.
        of_structs: whether an element is a structure.
    """

    dimensions: tuple[int, ...]
    element: int
    storage: int
    element_numbers: int
    of_structs: bool

    @property
    def is_array(self) -> bool:
        """Whether it is an array at all."""
        return bool(self.dimensions)

    @property
    def numbers(self) -> int:
        """Numbers in the whole variable."""
        return self.size * self.element_numbers

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.dimensions)


def array_shape(definitions: dict[int, Instruction], pointer_type: int) -> ArrayShape:
    """The shape behind a pointer type."""
    _, _, storage, type_ = definitions[pointer_type]
    dimensions = []
    while definitions[type_][0] == Op.TYPE_ARRAY:
        _, _, type_, length = definitions[type_]
        dimensions.append(definitions[length][3])
    numbers = type_bytes(definitions, type_) // 4
    of_structs = definitions[type_][0] == Op.TYPE_STRUCT
    return ArrayShape(tuple(dimensions), type_, storage, numbers, of_structs)


def zero_loop(code: Code, function: Function, variable: int, shape: ArrayShape) -> None:
    """Puts `for (int i = 0; i < size; i++) variable[i / …][i % …] = 0` at the function's start.

    It has the form that glslang gives to such a loop, in which the fuel pass sees its bound.
    """
    integer = code.declare(Op.TYPE_INT, 32, 1)
    counter = code.fresh()
    start, header, test, body, step, merge = (code.fresh() for _ in range(6))
    zero, one, size = (_integer(code, n) for n in (0, 1, shape.size))
    read, read_again, below, more = (code.fresh() for _ in range(4))
    boolean = code.declare(Op.TYPE_BOOL)
    entry = function.blocks[0]
    variables = [i for i in entry.body if i[0] == Op.VARIABLE]
    entry.body = entry.body[len(variables) :]
    pointer = code.declare(Op.TYPE_POINTER, StorageClass.FUNCTION, integer)
    variables.append((Op.VARIABLE, pointer, counter, StorageClass.FUNCTION))
    function.blocks[:0] = [
        Block(start, [*variables, (Op.STORE, counter, zero)], (Op.BRANCH, header)),
        Block(header, [(Op.LOOP_MERGE, merge, step, 0)], (Op.BRANCH, test)),
        Block(
            test,
            [(Op.LOAD, integer, read, counter), (Op.SLESS_THAN, boolean, below, read, size)],
            (Op.BRANCH_CONDITIONAL, below, body, merge),
        ),
        Block(body, _store_null(code, variable, shape, counter), (Op.BRANCH, step)),
        Block(
            step,
            [
                (Op.LOAD, integer, read_again, counter),
                (Op.IADD, integer, more, read_again, one),
                (Op.STORE, counter, more),
            ],
            (Op.BRANCH, header),
        ),
        Block(merge, [], (Op.BRANCH, entry.label)),
    ]


def _store_null(code: Code, variable: int, shape: ArrayShape, counter: int) -> list[Instruction]:
    integer = code.declare(Op.TYPE_INT, 32, 1)
    index = code.fresh()
    made: list[Instruction] = [(Op.LOAD, integer, index, counter)]
    indexes = []
    stride = shape.size
    for length in shape.dimensions:
        stride //= length
        quotient, remainder = code.fresh(), code.fresh()
        made.append((Op.SDIV, integer, quotient, index, _integer(code, stride)))
        made.append((Op.SMOD, integer, remainder, quotient, _integer(code, length)))
        indexes.append(remainder)
    element = code.declare(Op.TYPE_POINTER, shape.storage, shape.element)
    place = code.fresh()
    null = code.declare(Op.CONSTANT_NULL, type_=shape.element)
    made.append((Op.ACCESS_CHAIN, element, place, variable, *indexes))
    made.append((Op.STORE, place, null))
    return made


def _integer(code: Code, value: int) -> int:
    return code.declare(Op.CONSTANT, value, type_=code.declare(Op.TYPE_INT, 32, 1))
