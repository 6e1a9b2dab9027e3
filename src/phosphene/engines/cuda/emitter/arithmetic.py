"""Arithmetic, bits, conversions, logic and comparisons (SPIR-V 3.42.11, 3.42.13 - 3.42.15).

The operators of vectors, and whole-number arithmetic that is defined for every input (GLSL leaves
division by zero and overflow open, but neither may trap), are in device/vectors.cuh.
"""

from __future__ import annotations

from phosphene.engines.cuda.emitter.reader import Instruction
from phosphene.engines.cuda.emitter.values import Context, Handler, Table, type_name


def _bitcast(context: Context, instruction: Instruction) -> str:
    """OpBitcast between scalars or vectors of the same shape."""
    kind = context.type(instruction.type).scalar
    return f"as_{type_name(kind)}({context.value(instruction.operands[0])})"


def _integers(template: str) -> Handler:
    """Operands may differ from the result in sign alone (3.42.13); C++ wants them alike.

    Comparisons, whose result is a bool, take the first operand's type.
    """

    def write(context: Context, instruction: Instruction) -> str:
        return template.format(*_alike(context, instruction))

    return write


def _alike(context: Context, instruction: Instruction) -> list[str]:
    """Whole-number operands under the sign of the result, or of the first where that is a bool."""
    result = context.type(instruction.type).scalar
    first = context.type_of(instruction.operands[0]).scalar
    name = type_name(result if result.kind == "int" else first)
    operands = instruction.operands
    return [
        text if type_name(context.type_of(id_).scalar) == name else f"as_{name}({text})"
        for id_, text in zip(operands, context.values(operands), strict=True)
    ]


def _fields(template: str) -> Handler:
    """OpBitField…: what is inserted into and taken from may be vectors; offset and count are scalars."""

    def write(context: Context, instruction: Instruction) -> str:
        alike, type_ = _alike(context, instruction), context.type(instruction.type)
        if type_.kind != "vector":
            return template.format(*alike)
        vectors = [context.type_of(id_).kind == "vector" for id_ in instruction.operands]
        parts = [
            template.format(*(f"{t}.{c}" if v else t for t, v in zip(alike, vectors, strict=True)))
            for c in "xyzw"[: type_.count]
        ]
        return f"{type_name(type_)}{{{', '.join(parts)}}}"

    return write


CONVERSION: Table = {
    109: "to_uint({0})",  # OpConvertFToU
    110: "to_int({0})",  # OpConvertFToS
    111: "to_float({0})",  # OpConvertSToF
    112: "to_float({0})",  # OpConvertUToF
    116: "quantize_half({0})",  # OpQuantizeToF16
    124: _bitcast,  # OpBitcast
}

ARITHMETIC: Table = {
    126: _integers("negate({0})"),  # OpSNegate
    127: "-({0})",  # OpFNegate
    128: _integers("iadd({0}, {1})"),  # OpIAdd
    129: "{0} + {1}",  # OpFAdd
    130: _integers("isub({0}, {1})"),  # OpISub
    131: "{0} - {1}",  # OpFSub
    132: _integers("imul({0}, {1})"),  # OpIMul
    133: "{0} * {1}",  # OpFMul
    134: _integers("udivide({0}, {1})"),  # OpUDiv
    135: _integers("sdivide({0}, {1})"),  # OpSDiv
    136: "{0} / {1}",  # OpFDiv
    137: _integers("umodulo({0}, {1})"),  # OpUMod
    138: _integers("sremainder({0}, {1})"),  # OpSRem
    # OpSMod, how glslang writes every signed %: GLSL leaves negative operands open, and llvmpipe takes them as unsigned.
    139: _integers("smodulo({0}, {1})"),
    140: "fremainder({0}, {1})",  # OpFRem
    141: "fmodulo({0}, {1})",  # OpFMod
    142: "{0} * {1}",  # OpVectorTimesScalar
    143: "{0} * {1}",  # OpMatrixTimesScalar
    144: "vector_times_matrix({0}, {1})",  # OpVectorTimesMatrix
    145: "matrix_times_vector({0}, {1})",  # OpMatrixTimesVector
    146: "matrix_times_matrix({0}, {1})",  # OpMatrixTimesMatrix
    147: "outer_product({0}, {1})",  # OpOuterProduct
    148: "dot({0}, {1})",  # OpDot
    149: "{type}{{iadd({0}, {1}), carry({0}, {1})}}",  # OpIAddCarry
    150: "{type}{{isub({0}, {1}), borrow({0}, {1})}}",  # OpISubBorrow
    151: "{type}{{imul({0}, {1}), high_unsigned({0}, {1})}}",  # OpUMulExtended
    152: "{type}{{imul({0}, {1}), high_signed({0}, {1})}}",  # OpSMulExtended
    84: "transpose({0})",  # OpTranspose
}

EXACT: dict[int, str] = {
    133: "exact_product({0}, {1})",  # OpFMul
    136: "exact_quotient({0}, {1})",  # OpFDiv
    142: "exact_product({0}, {1})",  # OpVectorTimesScalar
    143: "exact_product({0}, {1})",  # OpMatrixTimesScalar
    144: "exact_vector_times_matrix({0}, {1})",  # OpVectorTimesMatrix
    145: "exact_matrix_times_vector({0}, {1})",  # OpMatrixTimesVector
    146: "exact_matrix_times_matrix({0}, {1})",  # OpMatrixTimesMatrix
    148: "exact_dot({0}, {1})",  # OpDot
}
"""How these are written where the last places count: see `precision`."""

LOGIC: Table = {
    154: "any({0})",  # OpAny
    155: "all({0})",  # OpAll
    156: "is_nan({0})",  # OpIsNan
    157: "is_inf({0})",  # OpIsInf
    164: "equal({0}, {1})",  # OpLogicalEqual
    165: "not_equal({0}, {1})",  # OpLogicalNotEqual
    166: "logical_or({0}, {1})",  # OpLogicalOr
    167: "logical_and({0}, {1})",  # OpLogicalAnd
    168: "logical_not({0})",  # OpLogicalNot
    169: "select({0}, {1}, {2})",  # OpSelect
    170: _integers("equal({0}, {1})"),  # OpIEqual
    171: _integers("not_equal({0}, {1})"),  # OpINotEqual
    172: "greater(as_uint({0}), as_uint({1}))",  # OpUGreaterThan
    173: "greater(as_int({0}), as_int({1}))",  # OpSGreaterThan
    174: "greater_equal(as_uint({0}), as_uint({1}))",  # OpUGreaterThanEqual
    175: "greater_equal(as_int({0}), as_int({1}))",  # OpSGreaterThanEqual
    176: "less(as_uint({0}), as_uint({1}))",  # OpULessThan
    177: "less(as_int({0}), as_int({1}))",  # OpSLessThan
    178: "less_equal(as_uint({0}), as_uint({1}))",  # OpULessThanEqual
    179: "less_equal(as_int({0}), as_int({1}))",  # OpSLessThanEqual
    # Floats: an ordered comparison is false, an unordered one true where an operand is NaN.
    180: "equal({0}, {1})",  # OpFOrdEqual
    181: "logical_not(ordered_not_equal({0}, {1}))",  # OpFUnordEqual
    182: "ordered_not_equal({0}, {1})",  # OpFOrdNotEqual
    183: "not_equal({0}, {1})",  # OpFUnordNotEqual
    184: "less({0}, {1})",  # OpFOrdLessThan
    185: "logical_not(greater_equal({0}, {1}))",  # OpFUnordLessThan
    186: "greater({0}, {1})",  # OpFOrdGreaterThan
    187: "logical_not(less_equal({0}, {1}))",  # OpFUnordGreaterThan
    188: "less_equal({0}, {1})",  # OpFOrdLessThanEqual
    189: "logical_not(greater({0}, {1}))",  # OpFUnordLessThanEqual
    190: "greater_equal({0}, {1})",  # OpFOrdGreaterThanEqual
    191: "logical_not(less({0}, {1}))",  # OpFUnordGreaterThanEqual
}

BITS: Table = {
    194: _integers("shift_right_logical({0}, {1})"),  # OpShiftRightLogical
    195: _integers("shift_right_arithmetic({0}, {1})"),  # OpShiftRightArithmetic
    196: _integers("shift_left({0}, {1})"),  # OpShiftLeftLogical
    197: _integers("bit_or({0}, {1})"),  # OpBitwiseOr
    198: _integers("bit_xor({0}, {1})"),  # OpBitwiseXor
    199: _integers("bit_and({0}, {1})"),  # OpBitwiseAnd
    200: _integers("bit_not({0})"),  # OpNot
    201: _fields("bitfield_insert({0}, {1}, {2}, {3})"),  # OpBitFieldInsert
    202: _fields("bitfield_extract_signed({0}, {1}, {2})"),  # OpBitFieldSExtract
    203: _fields("bitfield_extract_unsigned({0}, {1}, {2})"),  # OpBitFieldUExtract
    204: _integers("bit_reverse({0})"),  # OpBitReverse
    205: _integers("bit_count({0})"),  # OpBitCount
}

TABLE: Table = {**CONVERSION, **ARITHMETIC, **LOGIC, **BITS}
