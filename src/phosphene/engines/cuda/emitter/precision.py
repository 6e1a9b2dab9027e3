"""Which results must be exact to the last place.

Programs make noise from `fract(sin(n) * 43758.5)`: what is multiplied by a large constant shows the last
places of the sine, and with them those of `n`; every renderer must agree on them. All other sines may
come from the GPU's own unit, whose error of 7e-7 no picture shows, at a fifth of the instructions, and
all other products may be fused with the sums they go into.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

from phosphene.engines.cuda.emitter import reader
from phosphene.engines.cuda.emitter.extended import COS, SIN
from phosphene.engines.cuda.emitter.reader import Instruction, Shader

LARGE = 100.0
"""Factors from which on a sine is exact; the error is then a fifty-thousandth of what is multiplied."""

_DEPTH = 4
"""Instructions between a sine and the factor that are followed."""

_ORIGINS = 12
"""Instructions before a sine's argument that are followed."""

_MULTIPLIES = frozenset({133, 142, 143, 144, 145, 146, 148})  # OpFMul … OpDot
_PASSES_ON = frozenset(
    {79, 80, 81, 82, 83}  # OpVectorShuffle, OpCompositeConstruct, -Extract, -Insert, OpCopyObject
    | {127, 129, 131}  # OpFNegate, OpFAdd, OpFSub
    | _MULTIPLIES
)
_COMES_FROM = _PASSES_ON | {136, reader.OP_EXT_INST}  # OpFDiv
_FMA = 50


def magnified(shader: Shader) -> frozenset[int]:
    """The results of sines and cosines that are multiplied by at least LARGE, and of all that their
    arguments and these products are computed from."""
    found: set[int] = set()
    for function in shader.functions.values():
        home = {i.result: i for block in function.blocks for i in block.body if i.result}
        users = _users(home.values())
        sines = [i for i in home.values() if _is_sine(i)]
        exact = {i.result for i in sines if _reaches(shader, users, i.result, _DEPTH, found)}
        found |= exact
        for sine in exact:
            _follow_back(home, sine, found, _ORIGINS)
    return frozenset(found)


def _is_sine(instruction: Instruction) -> bool:
    return instruction.opcode == reader.OP_EXT_INST and instruction.operands[1] in (SIN, COS)


def _users(instructions: Iterable[Instruction]) -> dict[int, list[Instruction]]:
    """Result → the instructions that multiply it or pass it on. (Literals may look like ids; that makes
    a result exact without need, no more.)"""
    users: dict[int, list[Instruction]] = {}
    for instruction in instructions:
        fused = instruction.opcode == reader.OP_EXT_INST and instruction.operands[1] == _FMA
        if instruction.opcode in _PASSES_ON or fused:
            for operand in set(instruction.operands):
                users.setdefault(operand, []).append(instruction)
    return users


def _reaches(
    shader: Shader,
    users: dict[int, list[Instruction]],
    value: int,
    depth: int,
    products: set[int],
) -> bool:
    """Whether a value is multiplied by a large constant; adds that product."""
    for user in users.get(value, ()):
        multiplies = user.opcode in _MULTIPLIES or user.opcode == reader.OP_EXT_INST
        others = [operand for operand in user.operands if operand != value]
        if multiplies and any(_size(shader, other) >= LARGE for other in others):
            products.add(user.result)
            return True
        if depth > 1 and _reaches(shader, users, user.result, depth - 1, products):
            return True
    return False


def _follow_back(home: dict[int, Instruction], result: int, found: set[int], depth: int) -> None:
    """Adds what a result is computed from."""
    for operand in home[result].operands:
        origin = home.get(operand)
        if depth and origin and operand not in found and origin.opcode in _COMES_FROM:
            found.add(operand)
            _follow_back(home, operand, found, depth - 1)


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
