"""The extended instructions of GLSL.std.450 (Khronos, *SPIR-V Extended Instructions for GLSL*).

Most are a function of the same name in device/functions.cuh.
"""

from __future__ import annotations

from phosphene.engines.cuda.emitter.reader import Instruction
from phosphene.engines.cuda.emitter.values import Context, Handler, Table, type_name
from phosphene.errors import UnservedError


def _through_pointer(function: str) -> Handler:
    """Modf, Frexp: the second result goes through a pointer."""

    def write(context: Context, instruction: Instruction) -> str:
        value, pointer = instruction.operands[2:]
        return f"{function}({context.value(value)}, {context.pointer(pointer).lvalue})"

    return write


def _clamp(context: Context, instruction: Instruction) -> str:
    """FClamp, NClamp: into [0, 1] is a modifier of the GPU's instructions, and costs nothing."""
    value, low, high = instruction.operands[2:]
    if context.is_everywhere(low, 0.0) and context.is_everywhere(high, 1.0):
        return f"saturate({context.value(value)})"
    return f"clamp({', '.join(context.values((value, low, high)))})"


def _power(context: Context, instruction: Instruction) -> str:
    """Pow: drivers multiply out small constant powers."""
    exponent = instruction.operands[3]
    function = "power_by_constant" if context.is_constant(exponent) else "power"
    return f"{function}({', '.join(context.values(instruction.operands[2:]))})"


FRACT, SIN, COS, SQRT, INVERSE_SQRT, MAX, CLAMP, FMA = 10, 13, 14, 31, 32, 40, 43, 50

FUNCTIONS: dict[int, str | Handler] = {
    1: "round_even({2})",  # Round: GLSL leaves halves open; drivers round to even
    2: "round_even({2})",
    3: "trunc({2})",
    4: "abs({2})",
    5: "abs({2})",
    6: "sign({2})",
    7: "sign({2})",
    8: "floor({2})",
    9: "ceil({2})",
    FRACT: "fract({2})",
    11: "({2} * 0.0174532925f)",  # Radians
    12: "({2} * 57.2957795f)",  # Degrees
    SIN: "sin({2})",
    COS: "cos({2})",
    15: "tan({2})",
    16: "asin({2})",
    17: "acos({2})",
    18: "atan({2})",
    19: "sinh({2})",
    20: "cosh({2})",
    21: "tanh({2})",
    22: "asinh({2})",
    23: "acosh({2})",
    24: "atanh({2})",
    25: "atan({2}, {3})",
    26: _power,
    27: "exp({2})",
    28: "log({2})",
    29: "exp2({2})",
    30: "log2({2})",
    SQRT: "sqrt({2})",
    INVERSE_SQRT: "inverse_sqrt({2})",
    33: "determinant({2})",
    34: "inverse({2})",
    35: _through_pointer("modf"),
    36: "{type}{{fract_toward_zero({2}), trunc({2})}}",  # ModfStruct
    37: "min({2}, {3})",
    38: "min(as_uint({2}), as_uint({3}))",
    39: "min(as_int({2}), as_int({3}))",
    MAX: "max({2}, {3})",
    41: "max(as_uint({2}), as_uint({3}))",
    42: "max(as_int({2}), as_int({3}))",
    CLAMP: _clamp,
    44: "clamp(as_uint({2}), as_uint({3}), as_uint({4}))",
    45: "clamp(as_int({2}), as_int({3}), as_int({4}))",
    46: "mix({2}, {3}, {4})",
    48: "step({2}, {3})",
    49: "smoothstep({2}, {3}, {4})",
    FMA: "({2} * {3} + {4})",  # Fma
    51: _through_pointer("frexp"),
    52: "{type}{{frexp_mantissa({2}), frexp_exponent({2})}}",  # FrexpStruct
    53: "ldexp({2}, {3})",
    54: "pack_snorm_4x8({2})",
    55: "pack_unorm_4x8({2})",
    56: "pack_snorm_2x16({2})",
    57: "pack_unorm_2x16({2})",
    58: "pack_half_2x16({2})",
    60: "unpack_snorm_2x16({2})",
    61: "unpack_unorm_2x16({2})",
    62: "unpack_half_2x16({2})",
    63: "unpack_snorm_4x8({2})",
    64: "unpack_unorm_4x8({2})",
    66: "length({2})",
    67: "distance({2}, {3})",
    68: "cross({2}, {3})",
    69: "normalize({2})",
    70: "faceforward({2}, {3}, {4})",
    71: "reflect({2}, {3})",
    72: "refract({2}, {3}, {4})",
    73: "find_lsb({2})",
    74: "find_msb_signed(as_int({2}))",
    75: "find_msb_unsigned(as_uint({2}))",
    79: "min({2}, {3})",  # NMin
    80: "max({2}, {3})",  # NMax
    81: _clamp,  # NClamp
}

EXACT = {SIN: "exact_sin({2})", COS: "exact_cos({2})", FMA: "(exact_product({2}, {3}) + {4})"}
"""How these are written where the last places count: see `precision`."""

NEAR = {SIN: "near_sin({2})"}
"""And where they count less."""

_BITS_OF_RESULT = frozenset({38, 39, 41, 42, 44, 45, 73, 74, 75})
"""Whole-number functions whose result's sign is the instruction's, not the operand's."""


def extended(context: Context, instruction: Instruction) -> str:
    """OpExtInst."""
    number, operands = instruction.operands[1], instruction.operands[2:]
    how = FUNCTIONS.get(number)
    if how is None:
        raise UnservedError(f"GLSL.std.450 instruction {number} is not served by the CUDA engine")
    if not isinstance(how, str):
        return how(context, instruction)
    if instruction.result in context.exact:
        how = EXACT.get(number, how)
    elif instruction.result in context.near:
        how = NEAR.get(number, how)
    type_ = context.type(instruction.type)
    text = how.format("", "", *context.values(operands), type=type_name(type_))
    return f"as_{type_name(type_.scalar)}({text})" if number in _BITS_OF_RESULT else text


TABLE: Table = {12: extended}
