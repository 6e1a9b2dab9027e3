"""Which operands of an instruction are ids and which are plain numbers.

Source: SPIR-V specification 1.6, section 3.42; the instructions that glslang writes for fragment shaders.
"""

from __future__ import annotations

from collections.abc import Callable

from phosphene.spirv.binary import Instruction
from phosphene.spirv.instructions import Op

_FIRST_NUMBER = {
    # types and constants
    21: 2,
    22: 2,
    25: 3,
    43: 3,
    # annotations, names, modes: everything behind the target
    5: 2,
    6: 2,
    16: 2,
    71: 2,
    72: 2,
    # memory operands
    61: 4,
    62: 3,
    63: 3,
    # composites: indexes and shuffles
    79: 5,
    81: 4,
    82: 5,
    # control flow: hints and weights
    246: 3,
    247: 2,
    250: 4,
}
"""Opcode → position of the first operand that is no id, where all behind it are none either."""

_NUMBERS = {
    23: (3,),
    24: (3,),
    32: (2,),
    54: (3,),
    59: (3,),
    68: (4,),
    12: (4,),
    # image operands: a mask, then ids
    87: (5,),
    88: (5,),
    89: (6,),
    90: (6,),
    91: (5,),
    92: (5,),
    93: (6,),
    94: (6,),
    95: (5,),
    96: (6,),
    97: (6,),
    98: (5,),
}
"""Opcode → positions of single operands that are no ids."""


def renamed(instruction: Instruction, name: Callable[[int], int]) -> Instruction:
    """The instruction with `name` applied to every id in it."""
    op = instruction[0]
    if op == Op.SWITCH:
        return (
            op,
            name(instruction[1]),
            name(instruction[2]),
            *(word if n % 2 == 0 else name(word) for n, word in enumerate(instruction[3:])),
        )
    end = _FIRST_NUMBER.get(op, len(instruction))
    numbers = _NUMBERS.get(op, ())
    ids = (
        word if position in numbers else name(word)
        for position, word in enumerate(instruction[1:end], 1)
    )
    return (op, *ids, *instruction[end:])
