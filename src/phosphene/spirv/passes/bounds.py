"""Pass: an index that is computed stays inside its array, vector or matrix.

Out-of-range indexes are undefined in GLSL (specification 4.50, section 5.11) and read foreign memory or
fault on a GPU. Here the nearest element is taken. Constant indexes were checked by glslang.
"""

from __future__ import annotations

from phosphene.spirv.binary import Code, Function, Instruction, MalformedModuleError
from phosphene.spirv.instructions import TYPED, ExtInst, Op

_CHAINS = {Op.ACCESS_CHAIN, Op.IN_BOUNDS_ACCESS_CHAIN}
_DYNAMIC = {Op.VECTOR_EXTRACT_DYNAMIC, Op.VECTOR_INSERT_DYNAMIC}
_INDEXED = _CHAINS | _DYNAMIC


def clamp_indexes(code: Code) -> None:
    """Clamps every index that is not a constant."""
    clamps = _Clamps(code)
    for function in code.functions:
        if not any(i[0] in _INDEXED for block in function.blocks for i in block.body):
            continue
        clamps.enter(function)
        for block in function.blocks:
            if any(i[0] in _INDEXED for i in block.body):
                block.body = clamps.rewrite(block.body)


class _Clamps:
    """Rewrites the blocks of one function after the other."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._definitions = code.definitions()
        self._global_types = {
            g[2]: g[1] for g in code.globals if g[0] in TYPED
        }  # of constants and variables
        self._types: dict[int, int] = {}
        self._glsl = 0

    def enter(self, function: Function) -> None:
        """Learns the type of every value in the function."""
        self._types = dict(self._global_types)
        for instruction in function.head[1:]:
            self._types[instruction[2]] = instruction[1]
        for block in function.blocks:
            for instruction in block.body:
                if instruction[0] in TYPED:
                    self._types[instruction[2]] = instruction[1]

    def rewrite(self, body: list[Instruction]) -> list[Instruction]:
        """The block with its computed indexes clamped."""
        made: list[Instruction] = []
        for instruction in body:
            op = instruction[0]
            if op in _CHAINS:
                instruction = self._chain(instruction, made)
            elif op in _DYNAMIC:
                instruction = self._dynamic(instruction, made)
            made.append(instruction)
        return made

    def _chain(self, chain: Instruction, made: list[Instruction]) -> Instruction:
        indexes = chain[4:]
        if all(i in self._definitions for i in indexes):
            return chain
        pointee = self._definitions[self._types[chain[3]]][3]
        kept = []
        for index in indexes:
            kind = self._definitions[pointee]
            if index in self._definitions:
                kept.append(index)
            else:
                kept.append(self._clamped(index, self._length(kind), made))
            pointee = self._inside(kind, index)
        return (*chain[:4], *kept)

    def _dynamic(self, instruction: Instruction, made: list[Instruction]) -> Instruction:
        index = instruction[-1]
        if index in self._definitions:
            return instruction
        length = self._length(self._definitions[self._types[instruction[3]]])
        return (*instruction[:-1], self._clamped(index, length, made))

    def _inside(self, kind: Instruction, index: int) -> int:
        """The type that an index into a composite leads to."""
        if kind[0] == Op.TYPE_STRUCT:
            return kind[2 + self._definitions[index][3]]
        return kind[2]

    def _length(self, kind: Instruction) -> int:
        if kind[0] == Op.TYPE_ARRAY:
            return self._definitions[kind[3]][3]
        if kind[0] in (Op.TYPE_VECTOR, Op.TYPE_MATRIX):
            return kind[3]
        raise MalformedModuleError(f"a computed index into a type of opcode {kind[0]}")

    def _clamped(self, index: int, length: int, made: list[Instruction]) -> int:
        type_ = self._types[index]
        _, _, _, signed = self._definitions[type_]
        last = self._constant(length - 1, type_)
        result = self._code.fresh()
        call = (Op.EXT_INST, type_, result, self._instruction_set())
        if signed:
            zero = self._constant(0, type_)
            made.append((*call, ExtInst.SCLAMP, index, zero, last))
        else:
            made.append((*call, ExtInst.UMIN, index, last))
        return result

    def _constant(self, value: int, type_: int) -> int:
        made = self._code.declare(Op.CONSTANT, value, type_=type_)
        self._definitions.setdefault(made, self._code.globals[-1])
        return made

    def _instruction_set(self) -> int:
        """The id of GLSL.std.450, which glslang imports in every module."""
        if not self._glsl:
            imports = [i for i in self._code.preamble if i[0] == Op.EXT_INST_IMPORT]
            if not imports:
                raise MalformedModuleError("the SPIR-V module does not import GLSL.std.450")
            self._glsl = imports[0][1]
        return self._glsl
