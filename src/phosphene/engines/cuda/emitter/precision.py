"""Which results must be exact to the last place.

Programs make noise from last places, and every renderer must agree on them: `fract(sin(n) * 43758.5)` shows
those of the sine, and with them those of `n`; `fract(p * 233.3)` those of its argument once a second `fract` takes a
product of them; a float that becomes a whole number and is then hashed shows them where it is cut off. And
the root of a difference that is 0 must not be that of something below it. All other sines may come from the
GPU's own unit, as drivers take them, in two instructions, and all other products may be fused with the sums they
go into.

Most hashes go into a picture nearly as they are: `43758.5` then makes 1e-8, the mean distance of a shorter sine from an
exact one, some tenths of a level of brightness. Such sines are near: right to 1.3e-7, at half the instructions. Cosines
are not: few hash.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from phosphene.engines.cuda.emitter import reader
from phosphene.engines.cuda.emitter.composites import POINTER_OPCODES
from phosphene.engines.cuda.emitter.extended import (
    CLAMP,
    COS,
    FMA,
    FRACT,
    INVERSE_SQRT,
    MAX,
    SIN,
    SQRT,
)
from phosphene.engines.cuda.emitter.flow import taken
from phosphene.engines.cuda.emitter.reader import Instruction, Shader
from phosphene.spirv.instructions import StorageClass

LARGE = 50.0
"""Factors from which on a sine is exact; the error is then 1 / 28,000 of a whole."""

MODERATE = 2e5
"""By how much the last places of a near sine may be magnified: then they are 1 / 500 of a whole apart in the mean."""

_DEPTH = 6
"""Instructions between a sine and the factor, a fraction and another, or a whole number and its hash."""

_ORIGINS = 12
"""Instructions before an exact result that are followed."""

_FAR = 12
"""Instructions behind a sine that are followed to find what its last places are magnified by."""

_UNDER_A_ROOT = 3
"""Instructions between a root and the products that it takes a difference of."""

_MULTIPLIES = frozenset({133, 142, 143, 144, 145, 146, 148})  # OpFMul … OpDot
_REARRANGES = frozenset({79, 80, 81, 82, 83})  # OpVectorShuffle, OpComposite-, OpCopyObject
_COPY = 83  # OpCopyObject
_ADDS = frozenset({127, 129, 131})  # OpFNegate, OpFAdd, OpFSub
_PASSES_ON = _REARRANGES | _MULTIPLIES | _ADDS
_CHOOSES = frozenset({169, reader.OP_PHI})  # OpSelect
_F_DIV = 136
_COMES_FROM = _PASSES_ON | _CHOOSES | {_F_DIV, 140, 141, reader.OP_EXT_INST}  # …, OpFRem, OpFMod
_STEPS = (1, 2, 3, 6, 8, 9, 48)  # Round, RoundEven, Trunc, FSign, Floor, Ceil, Step
_CUTS_OFF = frozenset({109, 110, 124})  # OpConvertFToU, OpConvertFToS, OpBitcast
_LOSES = _CUTS_OFF | {77, 78}  # OpVectorExtractDynamic, OpVectorInsertDynamic
_HASHES = frozenset({132, 194, 195, 196, 198})  # OpIMul, shifts, OpBitwiseXor
_WHOLE = (
    _REARRANGES | _HASHES | {124, 128, 130, 137, 138, 139, 197, 199, 200}
)  # …, OpUMod, …, OpNot


@dataclass(frozen=True, slots=True)
class Magnified:
    """What a picture magnifies.

    Attributes:
        exact: results of which it shows the last places, and all that they are computed from.
        near: sines that would be among them, but of which it magnifies the last places by no more than MODERATE.
    """

    exact: frozenset[int] = frozenset()
    near: frozenset[int] = frozenset()


def magnified(shader: Shader) -> Magnified:
    """The results of a program that must be exact, or near."""
    code = _Code(shader, _joined(shader))
    exact, near = code.exact(), code.near()
    return Magnified(frozenset(exact - near), frozenset(near))


def _joined(shader: Shader) -> list[Instruction]:
    """All instructions; what functions hand each other is written as copies, so that it is followed from one to another.

    What is kept in variables for functions, or outside of them, may be anything that is stored there. A function with
    many callers counts as what the most demanding wants.
    """
    bodies = {f.id: [i for b in f.blocks for i in b.body] for f in shader.functions.values()}
    instructions = [i for body in bodies.values() for i in body]
    if len(bodies) == 1:
        return instructions
    parameters = {f.id: f.parameters for f in shader.functions.values()}
    by_value: dict[int, list[int]] = {}  # parameter, or call → what it may be
    groups: dict[int, int] = {v.result: v.result for v in shader.variables}  # one place of memory
    calls = [i for i in instructions if i.opcode == reader.OP_FUNCTION_CALL]
    for call in calls:
        callee, *arguments = call.operands
        ends = [i.operands[0] for i in bodies[callee] if i.opcode == reader.OP_RETURN_VALUE]
        by_value[call.result] = ends
        for parameter, argument in zip(parameters[callee], arguments, strict=True):
            if shader.types[parameter.type].kind == "pointer":
                groups[parameter.result] = parameter.result
                groups.setdefault(argument, parameter.result)
            else:
                by_value.setdefault(parameter.result, []).append(argument)
    chains = (i for i in instructions if i.opcode in POINTER_OPCODES)
    parted = {groups[i.operands[0]] for i in chains if i.operands[0] in groups}
    groups = {id_: group for id_, group in groups.items() if group not in parted}
    stored: dict[int, list[int]] = {}
    for i in instructions:
        if i.opcode == reader.OP_STORE and i.operands[0] in groups:
            stored.setdefault(groups[i.operands[0]], []).append(i.operands[1])
    made = [_copied(i, by_value, groups, stored) for i in instructions]
    own = (p for ps in parameters.values() for p in ps if p.result in by_value)
    return [*(replace(p, opcode=_COPY, operands=tuple(by_value[p.result])) for p in own), *made]


def _copied(
    instruction: Instruction,
    by_value: dict[int, list[int]],
    groups: dict[int, int],
    stored: dict[int, list[int]],
) -> Instruction:
    """A call or a load as a copy of what it may be; stores and returns that are followed keep nothing."""
    match instruction.opcode:
        case reader.OP_FUNCTION_CALL:
            return replace(instruction, opcode=_COPY, operands=tuple(by_value[instruction.result]))
        case reader.OP_LOAD if instruction.operands[0] in groups:
            found = stored.get(groups[instruction.operands[0]], [])
            return (
                replace(instruction, opcode=_COPY, operands=tuple(found)) if found else instruction
            )
        case reader.OP_STORE if instruction.operands[0] in groups:
            return replace(instruction, opcode=reader.OP_NOP, operands=())
        case reader.OP_RETURN_VALUE:
            return replace(instruction, opcode=reader.OP_NOP, operands=())
    return instruction


class _Code:
    """A function's instructions."""

    def __init__(self, shader: Shader, body: Sequence[Instruction]) -> None:
        self._shader = shader
        self._home = {i.result: i for i in body if i.result}
        self._outputs = {v.result for v in shader.variables if v.operands[0] == StorageClass.OUTPUT}
        self._kept = {id_ for i in body for id_ in self._keeps(i)}
        # Literals may look like ids; that makes a result exact without need, no more.
        self._users: dict[int, list[Instruction]] = {}
        for instruction in self._home.values():
            for operand in set(instruction.operands):
                self._users.setdefault(operand, []).append(instruction)
        self._exact: set[int] = set()
        self._followed: dict[int, int] = {}
        self._reaches: dict[tuple[int, int], bool] = {}
        self._gains: dict[tuple[int, int], float] = {}

    def _keeps(self, instruction: Instruction) -> tuple[int, ...]:
        """The values that are kept where they are not followed: in variables, but for the output, and other functions."""
        match instruction.opcode:
            case reader.OP_STORE:
                place, value = instruction.operands[:2]
                while (chain := self._home.get(place)) and chain.opcode in POINTER_OPCODES:
                    place = chain.operands[0]
                return () if place in self._outputs else (value,)
            case reader.OP_FUNCTION_CALL | reader.OP_RETURN_VALUE:
                return instruction.operands
        return ()

    def exact(self) -> set[int]:
        """See `magnified`."""
        self._sines()
        self._fractions()
        self._whole_numbers()
        self._roots()
        return self._exact

    def near(self) -> set[int]:
        """See `Magnified`; of what `exact` found."""
        sines = {sine.result for sine in self._made_by(SIN)}
        return {sine for sine in sines & self._exact if self._gain(sine, _FAR) <= MODERATE}

    def _gain(self, value: int, depth: int) -> float:
        """By how much a picture magnifies a value's last places, as far as constants say so and instructions are followed;
        infinity where something exact is made of it, or where it is kept in a variable."""
        if not depth:
            return 1.0
        known = self._gains.get((value, depth))
        if known is not None:
            return known
        gain = math.inf if value in self._kept else 1.0
        for user in self._users.get(value, ()):
            if not _passes_on(user) and (user.opcode in _LOSES or user.result in self._exact):
                gain = math.inf
            elif user.opcode in _COMES_FROM and not _is(user, *_STEPS):
                gain = max(gain, self._factor(user, value) * self._gain(user.result, depth - 1))
        self._gains[value, depth] = gain
        return gain

    def _factor(self, user: Instruction, value: int) -> float:
        """By what an instruction multiplies a value, as far as that is constant."""
        operands = taken(user)
        if user.opcode == _F_DIV:
            divisor = _size(self._shader, operands[1])
            return 1.0 / divisor if divisor else 1.0
        if not _multiplies(user) or value not in operands[:2]:  # but added to a product
            return 1.0
        return max((_size(self._shader, o) for o in operands[:2] if o != value), default=0.0) or 1.0

    def _sines(self) -> None:
        """Products of sines and cosines with a factor of at least LARGE."""
        for sine in self._made_by(SIN, COS):
            self._multiplied(sine.result, _DEPTH)

    def _fractions(self) -> None:
        """What a fraction is of that another is made from, or that is multiplied by at least LARGE."""
        for fraction in self._made_by(FRACT):
            behind = self._behind(fraction, _DEPTH)
            of_another = any(_is(i, FRACT) for i in behind) and any(map(_multiplies, behind))
            if self._multiplied(fraction.result, _DEPTH) or of_another:
                self._follow_back(fraction, _ORIGINS)

    def _whole_numbers(self) -> None:
        """What becomes a whole number that is multiplied, shifted or combined bit by bit."""
        for cut in [i for i in self._home.values() if i.opcode in _CUTS_OFF]:
            if self._hashed(cut.result, _DEPTH):
                self._follow_back(cut, _ORIGINS)

    def _roots(self) -> None:
        """Products of which a root takes a difference."""
        for root in self._made_by(SQRT, INVERSE_SQRT):
            self._exact.update(self._under(root, _UNDER_A_ROOT))

    def _made_by(self, *numbers: int) -> list[Instruction]:
        """The extended instructions of these numbers."""
        return [i for i in self._home.values() if _is(i, *numbers)]

    def _taken(self, instruction: Instruction) -> list[Instruction]:
        """The instructions whose results it takes."""
        return [self._home[o] for o in instruction.operands if o in self._home]

    def _behind(self, instruction: Instruction, depth: int) -> list[Instruction]:
        """What a result is computed from by sums and products, and what these take."""
        seen: dict[int, Instruction] = {}
        latest = [instruction]
        for _ in range(depth):
            taken = {o.result: o for i in latest for o in self._taken(i) if o.result not in seen}
            seen |= taken
            latest = [i for i in taken.values() if _passes_on(i)]
        return list(seen.values())

    def _multiplied(self, value: int, depth: int) -> bool:
        """Whether a value is multiplied by a large constant; that product is exact, then."""
        known = self._reaches.get((value, depth))
        if known is not None:
            return known
        reaches = False
        for user in filter(_passes_on, self._users.get(value, ())):
            others = [operand for operand in user.operands if operand != value]
            large = _multiplies(user) and any(_size(self._shader, o) >= LARGE for o in others)
            if large or (depth > 1 and self._multiplied(user.result, depth - 1)):
                self._exact.add(user.result)
                self._follow_back(user, _ORIGINS)
                reaches = True
        self._reaches[value, depth] = reaches
        return reaches

    def _hashed(self, whole: int, depth: int) -> bool:
        """Whether a whole number goes into arithmetic of hashes."""
        seen, latest = {whole}, [whole]
        for _ in range(depth):
            users = [user for value in latest for user in self._users.get(value, ())]
            if any(user.opcode in _HASHES for user in users):
                return True
            latest = [u.result for u in users if u.opcode in _WHOLE and u.result not in seen]
            seen.update(latest)
        return False

    def _follow_back(self, instruction: Instruction, depth: int) -> None:
        """Adds what a result is computed from."""
        for origin in self._taken(instruction):
            if origin.opcode in _COMES_FROM and self._followed.get(origin.result, 0) < depth:
                self._followed[origin.result] = depth
                self._exact.add(origin.result)
                self._follow_back(origin, depth - 1)

    def _under(self, instruction: Instruction, depth: int) -> Iterator[int]:
        """The products in the sums of which a root is taken."""
        for origin in self._taken(instruction):
            if _multiplies(origin):
                yield origin.result
            if depth > 1 and (origin.opcode in _ADDS or _is(origin, FMA, MAX, CLAMP)):
                yield from self._under(origin, depth - 1)


def _multiplies(instruction: Instruction) -> bool:
    return instruction.opcode in _MULTIPLIES or _is(instruction, FMA)


def _passes_on(instruction: Instruction) -> bool:
    """Whether errors of what it takes are errors of its result, no smaller."""
    return instruction.opcode in _PASSES_ON or _is(instruction, FMA)


def _is(instruction: Instruction, *numbers: int) -> bool:
    """Whether it is one of these extended instructions."""
    return instruction.opcode == reader.OP_EXT_INST and instruction.operands[1] in numbers


def _size(shader: Shader, id_: int) -> float:
    """The largest magnitude in a constant of floats; 0 for anything else."""
    constant = shader.constants.get(id_)
    if constant is None:
        return 0.0
    if constant.opcode == reader.OP_CONSTANT_COMPOSITE:
        return max((_size(shader, part) for part in constant.operands), default=0.0)
    if shader.types[constant.type].kind != "float":
        return 0.0
    return abs(shader.number(id_) or 0.0)
