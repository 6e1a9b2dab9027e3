"""Which results must be exact to the last place.

Programs make noise from last places, and every renderer must agree on them: `fract(sin(n) * 43758.5)` shows
those of the sine, and with them those of `n`; `fract(p * 233.3)` those of its argument once a second `fract` takes a
product of them; a float that becomes a whole number and is then hashed shows them where it is cut off. And
the root of a difference that is 0 must not be that of something below it. All other sines may come from the
GPU's own unit, whose error of 7e-7 no picture shows, at a fifth of the instructions, and all other products
may be fused with the sums they go into.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from phosphene.engines.cuda.emitter import reader
from phosphene.engines.cuda.emitter.extended import COS, FMA, FRACT, MAX, SIN, SQRT
from phosphene.engines.cuda.emitter.reader import Instruction, Shader

LARGE = 50.0
"""Factors from which on a sine is exact; the error is then 1 / 28,000 of a whole."""

_DEPTH = 6
"""Instructions between a sine and the factor, a fraction and another, or a whole number and its hash."""

_ORIGINS = 12
"""Instructions before an exact result that are followed."""

_MULTIPLIES = frozenset({133, 142, 143, 144, 145, 146, 148})  # OpFMul … OpDot
_REARRANGES = frozenset({79, 80, 81, 82, 83})  # OpVectorShuffle, OpComposite-, OpCopyObject
_PASSES_ON = _REARRANGES | _MULTIPLIES | {127, 129, 131}  # OpFNegate, OpFAdd, OpFSub
_COMES_FROM = _PASSES_ON | {136, reader.OP_EXT_INST}  # OpFDiv
_CUTS_OFF = frozenset({109, 110})  # OpConvertFToU, OpConvertFToS
_SUBTRACTS = 131
_HASHES = frozenset({132, 194, 195, 196, 198})  # OpIMul, shifts, OpBitwiseXor
_WHOLE = _REARRANGES | _HASHES | {124, 128, 130}  # OpBitcast, OpIAdd, OpISub


def magnified(shader: Shader) -> frozenset[int]:
    """The results of which a picture shows the last places, and of all that they are computed from."""
    found: set[int] = set()
    for function in shader.functions.values():
        code = _Code.of(
            shader, (i for block in function.blocks for i in block.body if i.result), found
        )
        code.sines()
        code.fractions()
        code.whole_numbers()
        code.roots()
    return frozenset(found)


@dataclass(frozen=True)
class _Code:
    """A function's instructions.

    Attributes:
        shader: for its constants.
        home: result → the instruction that makes it.
        users: result → those that take it. (Literals may look like ids; that makes a result exact without
            need, no more.)
        found: what is exact; grows.
    """

    shader: Shader
    home: dict[int, Instruction]
    users: dict[int, list[Instruction]]
    found: set[int]

    @classmethod
    def of(cls, shader: Shader, body: Iterable[Instruction], found: set[int]) -> _Code:
        home = {i.result: i for i in body}
        users: dict[int, list[Instruction]] = {}
        for instruction in home.values():
            for operand in set(instruction.operands):
                users.setdefault(operand, []).append(instruction)
        return cls(shader, home, users, found)

    def sines(self) -> None:
        """Sines and cosines that are multiplied by at least LARGE, these products, and the arguments."""
        sines = [r for r, i in self.home.items() if _is(i, SIN, COS)]
        exact = [sine for sine in sines if self._multiplied(sine, _DEPTH)]
        self.found.update(exact)
        for sine in exact:
            self._follow_back(sine, _ORIGINS)

    def fractions(self) -> None:
        """What a fraction is of that another is made from, or that is multiplied by at least LARGE."""
        fractions = [r for r, i in self.home.items() if _is(i, FRACT)]
        for fraction in fractions:
            behind = list(self._behind(fraction, _DEPTH))
            of_another = any(_is(i, FRACT) for i in behind)
            multiplied = any(_multiplies(i) for i in behind)
            if (of_another and multiplied) or self._multiplied(fraction, _DEPTH):
                self._follow_back(fraction, _ORIGINS)

    def whole_numbers(self) -> None:
        """What becomes a whole number that is multiplied, shifted or combined bit by bit."""
        for result, instruction in self.home.items():
            if instruction.opcode in _CUTS_OFF and self._hashed(result, _DEPTH):
                self._follow_back(result, _ORIGINS)

    def roots(self) -> None:
        """Products of which a root takes a difference."""
        under = [u for i in self.home.values() if _is(i, SQRT) for u in self._taken(i)]
        under += [u for i in under if _is(i, MAX) for u in self._taken(i)]
        for difference in (u for u in under if u.opcode == _SUBTRACTS or _is(u, FMA)):
            products = (difference, *self._taken(difference))
            self.found.update(i.result for i in products if _multiplies(i))

    def _taken(self, instruction: Instruction) -> list[Instruction]:
        """The instructions whose results it takes."""
        return [self.home[o] for o in instruction.operands if o in self.home]

    def _behind(self, result: int, depth: int) -> Iterator[Instruction]:
        """What a result is computed from by sums and products, and what these take."""
        for origin in self._taken(self.home[result]):
            yield origin
            if depth > 1 and _passes_on(origin):
                yield from self._behind(origin.result, depth - 1)

    def _multiplied(self, value: int, depth: int) -> bool:
        """Whether a value is multiplied by a large constant; that product is exact, too."""
        for user in self.users.get(value, ()):
            if not _passes_on(user):
                continue
            others = [operand for operand in user.operands if operand != value]
            if _multiplies(user) and any(_size(self.shader, other) >= LARGE for other in others):
                self.found.add(user.result)
                return True
            if depth > 1 and self._multiplied(user.result, depth - 1):
                return True
        return False

    def _hashed(self, whole: int, depth: int) -> bool:
        """Whether a whole number goes into arithmetic of hashes."""
        for user in self.users.get(whole, ()):
            if user.opcode in _HASHES:
                return True
            if depth > 1 and user.opcode in _WHOLE and self._hashed(user.result, depth - 1):
                return True
        return False

    def _follow_back(self, result: int, depth: int) -> None:
        """Adds what a result is computed from."""
        for origin in self._taken(self.home[result]):
            if depth and origin.result not in self.found and origin.opcode in _COMES_FROM:
                self.found.add(origin.result)
                self._follow_back(origin.result, depth - 1)


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
    if constant.opcode != reader.OP_CONSTANT or shader.types[constant.type].kind != "float":
        return 0.0
    return abs(float(struct.unpack("<f", struct.pack("<I", constant.operands[0]))[0]))
