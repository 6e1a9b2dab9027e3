"""Which literals of a module may vary, and which must stay what the author wrote."""

from __future__ import annotations

import math
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from phosphene.spirv.binary import Code, Function, Instruction
from phosphene.spirv.instructions import TYPED, Op
from phosphene.spirv.passes.calls import reachable
from phosphene.spirv.passes.loops import loops

EXACT = frozenset({0.0, 0.5, 1.0, 2.0})
"""Magnitudes that stay: they stand for "none", "half", "whole" and "twice", not for a choice."""

_RIGHT_ANGLE = math.pi / 2
_MOST_ANGLES = 16
_ANGLE_TOLERANCE = 1e-3
"""Relative. 3.14, 3.1415, 6.28 and 1.57 are meant as multiples of pi."""

_FROM_THREE = (
    *range(Op.CONVERT_FTOU, Op.QUANTIZE_TO_F16 + 1),
    *range(Op.SNEGATE, Op.SMUL_EXTENDED + 1),
    *range(Op.ANY, Op.FUNORD_GREATER_THAN_EQUAL + 1),
    *(Op.COMPOSITE_CONSTRUCT, Op.COPY_OBJECT, Op.TRANSPOSE),
)
_SAMPLES = (
    Op.IMAGE_SAMPLE_IMPLICIT_LOD,
    Op.IMAGE_SAMPLE_EXPLICIT_LOD,
    Op.IMAGE_SAMPLE_PROJ_IMPLICIT_LOD,
    Op.IMAGE_SAMPLE_PROJ_EXPLICIT_LOD,
)
USES: dict[int, slice] = {
    **dict.fromkeys(_FROM_THREE, slice(3, None)),
    **dict.fromkeys(_SAMPLES, slice(4, 5)),  # the coordinate; behind it stand bits
    Op.EXT_INST: slice(5, None),
    Op.FUNCTION_CALL: slice(4, None),
    Op.STORE: slice(2, 3),
    Op.RETURN_VALUE: slice(1, 2),
    Op.COMPOSITE_EXTRACT: slice(3, 4),
    Op.COMPOSITE_INSERT: slice(3, 5),
    Op.VECTOR_SHUFFLE: slice(3, 5),
    Op.VECTOR_EXTRACT_DYNAMIC: slice(3, 4),
    Op.VECTOR_INSERT_DYNAMIC: slice(3, 5),
}
"""Opcode → the words of an instruction that are ids of values; other words may be numbers that only
look like ids. In instructions that are not named here every literal stays."""

_EQUALITIES = frozenset(range(Op.FORD_EQUAL, Op.FUNORD_NOT_EQUAL + 1))


def number(code: dict[int, Instruction], id_: int) -> float | None:
    """The 32-bit float that a constant's id stands for; None for anything else."""
    made = code.get(id_)
    if made is None or made[0] != Op.CONSTANT or code[made[1]] != (Op.TYPE_FLOAT, made[1], 32):
        return None
    return float(struct.unpack("<f", struct.pack("<I", made[3]))[0])


def is_exact(value: float) -> bool:
    """Whether a number is one that a program relies on being just that."""
    if not math.isfinite(value) or abs(value) in EXACT:
        return True
    angles = abs(value) / _RIGHT_ANGLE
    nearest = round(angles)
    return 1 <= nearest <= _MOST_ANGLES and abs(angles - nearest) <= _ANGLE_TOLERANCE * angles


def liftable(code: Code, most: int) -> list[float]:
    """Magnitudes of the literals that may vary, the most used first, of equals the first defined.

    A number and its negative are one literal, so that what was symmetric stays so.

    Args:
        code: the module.
        most: so many at most; those used least stay.
    """
    definitions = code.definitions()
    used: Counter[int] = Counter()
    for function in code.functions:
        for instruction in _instructions(function):
            where = USES.get(instruction[0])
            if where is not None:
                used.update(_leaves(definitions, instruction[where], tables=False))
    frozen = {abs(v) for id_ in _kept(code) if (v := number(definitions, id_)) is not None}
    counts: dict[float, int] = {}
    for id_ in definitions:  # in the order of the module
        value = number(definitions, id_)
        if value is None or not used[id_] or is_exact(value) or abs(value) in frozen:
            continue
        counts[abs(value)] = counts.get(abs(value), 0) + used[id_]
    return sorted(counts, key=lambda value: -counts[value])[:most]


def is_table(definitions: dict[int, Instruction], made: Instruction) -> bool:
    """Whether a composite constant is an array or a structure. These stay: as parameters they would be
    built anew for every pixel."""
    return definitions[made[1]][0] not in (Op.TYPE_VECTOR, Op.TYPE_MATRIX)


def _leaves(definitions: dict[int, Instruction], ids: Iterable[int], tables: bool) -> Iterator[int]:
    """The scalar constants among ids, those inside vectors and matrices and, if wanted, tables too."""
    for id_ in ids:
        made = definitions.get(id_)
        if made is None:
            continue
        if made[0] == Op.CONSTANT:
            yield id_
        elif made[0] == Op.CONSTANT_COMPOSITE and (tables or not is_table(definitions, made)):
            yield from _leaves(definitions, made[3:], tables)


def _instructions(function: Function) -> Iterator[Instruction]:
    for block in function.blocks:
        yield from block.body
        yield block.end


def _kept(code: Code) -> set[int]:
    """Constants that loops' conditions hang on, and those that something is compared with for equality
    (`if (id == 3.0)`), where the least change would cut the branch off."""
    slice_ = _Slice(code)
    kept = reachable(code)
    for function in code.functions:
        if function.id not in kept:
            continue
        for instruction in _instructions(function):
            if instruction[0] in _EQUALITIES:
                slice_.add(instruction[3:5])
        for loop in loops(function):
            for block in function.blocks[loop.header : loop.end]:
                if block.end[0] == Op.BRANCH_CONDITIONAL and loop.merge in block.end[2:4]:
                    slice_.follow(block.end[1])
    return slice_.constants


@dataclass(slots=True)
class _Slice:
    """What values are made of, backwards: through arithmetic, and through a variable to what is stored
    into it; no further, or a ray marcher's condition would hang on all of its scene."""

    code: Code
    constants: set[int] = field(default_factory=set)
    _globals: dict[int, Instruction] = field(init=False)
    _made: dict[int, Instruction] = field(default_factory=dict)
    _stored: dict[int, list[int]] = field(default_factory=dict)
    _arguments: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._globals = self.code.definitions()
        parameters = {f.id: [p[2] for p in f.head[1:]] for f in self.code.functions}
        for function in self.code.functions:
            for instruction in _instructions(function):
                op = instruction[0]
                if op in TYPED:
                    self._made[instruction[2]] = instruction
                if op == Op.STORE:
                    self._stored.setdefault(self._base(instruction[1]), []).append(instruction[2])
                if op == Op.FUNCTION_CALL:
                    pairs = zip(parameters[instruction[3]], instruction[4:], strict=True)
                    for parameter, argument in pairs:
                        self._arguments.setdefault(parameter, []).append(argument)

    def _base(self, pointer: int) -> int:
        """The variable or parameter behind a pointer."""
        made = self._made.get(pointer)
        chained = made is not None and made[0] in (Op.ACCESS_CHAIN, Op.IN_BOUNDS_ACCESS_CHAIN)
        return made[3] if made is not None and chained else pointer

    def add(self, ids: Iterable[int]) -> None:
        """Takes constants in, composites with all their members."""
        self.constants.update(_leaves(self._globals, ids, tables=True))

    def follow(self, condition: int) -> None:
        """Takes in what a condition hangs on."""
        loaded = self._expression([condition])
        for variable in loaded:
            sources = [variable, *self._arguments.get(variable, ())]
            stored = [v for source in sources for v in self._stored.get(self._base(source), ())]
            # `float last = 9.0;`, which a loop begins or ends with
            for further in self._expression(stored):
                self.add(self._stored.get(further, ()))

    def _expression(self, ids: Iterable[int]) -> set[int]:
        """Takes in the constants of expressions; the variables that they load."""
        loaded: set[int] = set()
        seen: set[int] = set()
        waiting = list(ids)
        while waiting:
            id_ = waiting.pop()
            if id_ in seen:
                continue
            seen.add(id_)
            self.add([id_])
            made = self._made.get(id_)
            if made is None:
                continue
            if made[0] == Op.LOAD:
                loaded.add(self._base(made[3]))
            elif made[0] in USES and made[0] != Op.FUNCTION_CALL:
                waiting += made[USES[made[0]]]
            elif made[0] == Op.PHI:
                waiting += made[3::2]
        return loaded
