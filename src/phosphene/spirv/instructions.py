"""Numbers of the SPIR-V specification (unified 1.6, grammar `spirv.core.grammar.json`) that passes use."""

from __future__ import annotations

from enum import IntEnum
from itertools import chain

MAGIC = 0x07230203
"""First word of every module."""

HEADER_WORDS = 5


class Op(IntEnum):
    """Opcodes, under the specification's names without `Op`."""

    UNDEF = 1
    SOURCE_CONTINUED = 2
    SOURCE = 3
    SOURCE_EXTENSION = 4
    NAME = 5
    MEMBER_NAME = 6
    STRING = 7
    LINE = 8
    EXT_INST_IMPORT = 11
    EXT_INST = 12
    ENTRY_POINT = 15
    TYPE_VOID = 19
    TYPE_BOOL = 20
    TYPE_INT = 21
    TYPE_FLOAT = 22
    TYPE_VECTOR = 23
    TYPE_MATRIX = 24
    TYPE_IMAGE = 25
    TYPE_SAMPLED_IMAGE = 27
    TYPE_ARRAY = 28
    TYPE_RUNTIME_ARRAY = 29
    TYPE_STRUCT = 30
    TYPE_POINTER = 32
    TYPE_FUNCTION = 33
    CONSTANT_TRUE = 41
    CONSTANT_FALSE = 42
    CONSTANT = 43
    CONSTANT_COMPOSITE = 44
    CONSTANT_NULL = 46
    FUNCTION = 54
    FUNCTION_PARAMETER = 55
    FUNCTION_END = 56
    FUNCTION_CALL = 57
    VARIABLE = 59
    LOAD = 61
    STORE = 62
    ACCESS_CHAIN = 65
    IN_BOUNDS_ACCESS_CHAIN = 66
    DECORATE = 71
    MEMBER_DECORATE = 72
    VECTOR_EXTRACT_DYNAMIC = 77
    VECTOR_INSERT_DYNAMIC = 78
    VECTOR_SHUFFLE = 79
    COMPOSITE_CONSTRUCT = 80
    COMPOSITE_EXTRACT = 81
    COMPOSITE_INSERT = 82
    COPY_OBJECT = 83
    TRANSPOSE = 84
    IMAGE_SAMPLE_IMPLICIT_LOD = 87
    IMAGE_SAMPLE_EXPLICIT_LOD = 88
    IMAGE_SAMPLE_PROJ_IMPLICIT_LOD = 91
    IMAGE_SAMPLE_PROJ_EXPLICIT_LOD = 92
    CONVERT_FTOU = 109
    QUANTIZE_TO_F16 = 116
    SNEGATE = 126
    IADD = 128
    FADD = 129
    ISUB = 130
    FSUB = 131
    FMUL = 133
    SDIV = 135
    SMOD = 139
    SMUL_EXTENDED = 152
    ANY = 154
    LOGICAL_AND = 167
    SELECT = 169
    UGREATER_THAN = 172
    SGREATER_THAN = 173
    UGREATER_THAN_EQUAL = 174
    SGREATER_THAN_EQUAL = 175
    ULESS_THAN = 176
    SLESS_THAN = 177
    ULESS_THAN_EQUAL = 178
    SLESS_THAN_EQUAL = 179
    FORD_EQUAL = 180
    FUNORD_NOT_EQUAL = 183
    FORD_LESS_THAN = 184
    FORD_GREATER_THAN = 186
    FORD_LESS_THAN_EQUAL = 188
    FORD_GREATER_THAN_EQUAL = 190
    FUNORD_GREATER_THAN_EQUAL = 191
    PHI = 245
    LOOP_MERGE = 246
    SELECTION_MERGE = 247
    LABEL = 248
    BRANCH = 249
    BRANCH_CONDITIONAL = 250
    SWITCH = 251
    KILL = 252
    RETURN = 253
    RETURN_VALUE = 254
    UNREACHABLE = 255
    NO_LINE = 317


class StorageClass(IntEnum):
    """Where a variable lives."""

    UNIFORM_CONSTANT = 0
    INPUT = 1
    UNIFORM = 2
    OUTPUT = 3
    PRIVATE = 6
    FUNCTION = 7


class FunctionControl(IntEnum):
    """Bits of what OpFunction asks of optimisers."""

    INLINE = 1
    DONT_INLINE = 2


class Decoration(IntEnum):
    """What OpDecorate and OpMemberDecorate say of an id."""

    BLOCK = 2
    ARRAY_STRIDE = 6
    BINDING = 33
    DESCRIPTOR_SET = 34
    OFFSET = 35


class ExtInst(IntEnum):
    """Instructions of the set GLSL.std.450."""

    UMIN = 38
    SCLAMP = 45


def _ranges(*bounds: tuple[int, int]) -> frozenset[int]:
    return frozenset(chain.from_iterable(range(first, last + 1) for first, last in bounds))


TYPED = _ranges(
    *((1, 1), (12, 12), (41, 46), (48, 52), (54, 55), (57, 57), (59, 61), (65, 70), (77, 84)),
    *((86, 98), (100, 107), (109, 124), (126, 152), (154, 191), (194, 205), (207, 215)),
    *((227, 227), (229, 242), (245, 245), (400, 400)),
)
"""Opcodes whose first two operands are the result's type and the result."""
