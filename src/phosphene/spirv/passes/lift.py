"""Pass: literals become parameters, so that a program is a family of pictures and not a film.

Each distinct literal that may vary (`literals.liftable`) is read as `c + c * d`, where `d` is a number
of the second uniform block (`phosphene.uniforms.LITERAL_BLOCK_NAME`): by how much of itself it deviates.
With zeros in the block every number is, to the bit, the author's; so a block that nobody has filled
does no harm, and who draws deviations need not know the program.

Not part of PIPELINE: the author's module stays what it is. The lifted one is made from it on demand (5 ms
for a real program), and runs only where something deviates.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from phosphene.spirv.binary import Block, Code, Function, Instruction, MalformedModuleError, parse
from phosphene.spirv.binary import serialise as _serialise
from phosphene.spirv.instructions import Decoration, Op, StorageClass
from phosphene.spirv.passes.literals import USES, is_table, liftable, number
from phosphene.spirv.passes.loops import Numbers, loops, turns
from phosphene.uniforms import LITERAL_BLOCK_BINDING, LITERAL_BLOCK_NAME, LITERAL_MEMBER
from phosphene.views import MAX_LITERALS

LIFT_VERSION = "lift1"
"""Raised when the pass makes another module, or another order of parameters, of the same one."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """A module whose literals are parameters.

    Attributes:
        spirv: the module; the one that was given where it has no literal that may vary.
        literals: magnitude of each literal, in the order of the block.
    """

    spirv: bytes
    literals: tuple[float, ...]


def lift(spirv: bytes) -> Lifted:
    """Makes literals parameters.

    Args:
        spirv: a module as the front end stores it (unoptimised, after all passes).

    Raises:
        MalformedModuleError: no SPIR-V, or not of the form that the front end writes.
    """
    code = parse(spirv)
    try:
        literals = liftable(code, MAX_LITERALS)
        if not literals:
            return Lifted(spirv, ())
        counted = _turns(code)
        _Lifting(code, literals).run()
        if _turns(code) != counted:
            raise MalformedModuleError("the bound of a loop hangs on a literal in an unknown way")
    except (KeyError, IndexError) as error:
        raise MalformedModuleError(f"the SPIR-V module refers to what it lacks: {error}") from error
    return Lifted(_serialise(code), tuple(literals))


def _turns(code: Code) -> list[int | None]:
    """How often each loop turns, as far as it is plain: loops that pay no fuel must keep their bounds."""
    numbers = Numbers(code)
    return [turns(f, loop, numbers) for f in code.functions for loop in loops(f)]


@dataclass(slots=True)
class _Lifting:
    """Rewrites one module."""

    code: Code
    literals: list[float]
    _slots: dict[float, int] = field(init=False)
    _block: int = 0
    _float: int = 0
    _pointer: int = 0

    def run(self) -> None:
        """Adds the block, and has every function compute the literals that it uses."""
        code = self.code
        self._slots = {value: slot for slot, value in enumerate(self.literals)}
        self._float = code.declare(Op.TYPE_FLOAT, 32)
        self._block = self._declare_block()
        self._pointer = code.declare(Op.TYPE_POINTER, StorageClass.UNIFORM, self._float)
        definitions = code.definitions()
        varying = {id_ for id_ in definitions if self._varies(definitions, id_)}
        for function in code.functions:
            self._rewrite(function, definitions, varying)

    def _varies(self, definitions: dict[int, Instruction], id_: int) -> bool:
        """Whether a constant is, or holds, a lifted literal."""
        made = definitions[id_]
        if made[0] == Op.CONSTANT_COMPOSITE:
            return not is_table(definitions, made) and any(
                self._varies(definitions, member) for member in made[3:]
            )
        value = number(definitions, id_)
        return value is not None and abs(value) in self._slots

    def _declare_block(self) -> int:
        """The variable of `uniform ph_Family { vec4 ph_Deviation[16]; }`."""
        code = self.code
        vector = code.declare(Op.TYPE_VECTOR, self._float, 4)
        count = self._integer(MAX_LITERALS // 4)
        # Types of their own, even where the module has equal ones: decorations belong to the type.
        array, struct, pointer, variable = (code.fresh() for _ in range(4))
        code.globals += [
            (Op.TYPE_ARRAY, array, vector, count),
            (Op.TYPE_STRUCT, struct, array),
            (Op.TYPE_POINTER, pointer, StorageClass.UNIFORM, struct),
            (Op.VARIABLE, pointer, variable, StorageClass.UNIFORM),
        ]
        names: list[Instruction] = [
            (Op.NAME, struct, *_text(LITERAL_BLOCK_NAME)),
            (Op.MEMBER_NAME, struct, 0, *_text(LITERAL_MEMBER)),
            (Op.NAME, variable, *_text("")),
        ]
        annotations = (Op.DECORATE, Op.MEMBER_DECORATE)
        end = len(code.preamble)
        at = next((i for i, p in enumerate(code.preamble) if p[0] in annotations), end)
        code.preamble[at:at] = names
        code.preamble += [
            (Op.DECORATE, array, Decoration.ARRAY_STRIDE, 16),
            (Op.MEMBER_DECORATE, struct, 0, Decoration.OFFSET, 0),
            (Op.DECORATE, struct, Decoration.BLOCK),
            (Op.DECORATE, variable, Decoration.DESCRIPTOR_SET, 0),
            (Op.DECORATE, variable, Decoration.BINDING, LITERAL_BLOCK_BINDING),
        ]
        return variable

    def _integer(self, value: int) -> int:
        code = self.code
        return code.declare(Op.CONSTANT, value, type_=code.declare(Op.TYPE_INT, 32, 1))

    def _rewrite(
        self, function: Function, definitions: dict[int, Instruction], varying: set[int]
    ) -> None:
        """Computes literals at the function's entry and puts them where constants stood."""
        values: dict[int, int] = {}
        made: list[Instruction] = []

        def replaced(instruction: Instruction) -> Instruction:
            where = USES.get(instruction[0])
            if where is None or varying.isdisjoint(instruction[where]):
                return instruction
            ids = list(instruction)
            ids[where] = [
                self._value(id_, definitions, varying, values, made) if id_ in varying else id_
                for id_ in instruction[where]
            ]
            return tuple(ids)

        for block in function.blocks:
            block.body = [replaced(instruction) for instruction in block.body]
            block.end = replaced(block.end)
        _insert(function.blocks[0], made)

    def _value(
        self,
        constant: int,
        definitions: dict[int, Instruction],
        varying: set[int],
        values: dict[int, int],
        made: list[Instruction],
    ) -> int:
        """The id of what stands for a constant in this function; computed where it is new."""
        if constant in values:
            return values[constant]
        _, type_, _, *members = definitions[constant]
        if definitions[constant][0] == Op.CONSTANT_COMPOSITE:
            parts = [
                self._value(m, definitions, varying, values, made) if m in varying else m
                for m in members
            ]
            result = self.code.fresh()
            made.append((Op.COMPOSITE_CONSTRUCT, type_, result, *parts))
        else:
            result = self._deviating(constant, definitions, made)
        values[constant] = result
        return result

    def _deviating(
        self, constant: int, definitions: dict[int, Instruction], made: list[Instruction]
    ) -> int:
        value = number(definitions, constant)
        slot = self._slots[abs(value or 0.0)]
        place, deviation, change, result = (self.code.fresh() for _ in range(4))
        path = (self._integer(0), self._integer(slot // 4), self._integer(slot % 4))
        made += [
            (Op.ACCESS_CHAIN, self._pointer, place, self._block, *path),
            (Op.LOAD, self._float, deviation, place),
            (Op.FMUL, self._float, change, constant, deviation),
            (Op.FADD, self._float, result, constant, change),
        ]
        return result


def _insert(entry: Block, made: list[Instruction]) -> None:
    """Puts instructions behind the variables of a function's first block."""
    variables = sum(instruction[0] == Op.VARIABLE for instruction in entry.body)
    entry.body[variables:variables] = made


def _text(text: str) -> tuple[int, ...]:
    """A literal string: UTF-8, ended by a zero byte, filled up to words (specification 2.2.1)."""
    raw = text.encode() + b"\0"
    raw += b"\0" * (-len(raw) % 4)
    return tuple(int.from_bytes(raw[i : i + 4], "little") for i in range(0, len(raw), 4))
