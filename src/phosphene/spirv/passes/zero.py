"""Pass: every variable that may be read before it is written begins at zero.

GLSL leaves unset variables undefined, authors rely on zeros (`float i; for (; i++ < 9.;)`,
`O *= 0.`), and drivers differ. A variable begins at zero once a call of its function: SPIR-V has no
trace of the block that declared it, so an array declared inside a loop keeps its value from the last turn
(scalars, vectors and matrices are given their zero in the text, by `phosphene.glsl`, at every turn).

Variables get an OpConstantNull initialiser, where a read can come before a write at all. For an array
of more than LARGE_ARRAY numbers SPIRV-Cross would write one constructor of as many zeros and the driver
one store for each: those are zeroed by a loop at the start of their function (`main` for globals).
"""

from __future__ import annotations

from phosphene.spirv.binary import Code, Function, Instruction
from phosphene.spirv.instructions import Op, StorageClass
from phosphene.spirv.passes.assigned import may_be_unset
from phosphene.spirv.passes.zero_loop import ArrayShape, array_shape, zero_loop

LARGE_ARRAY = 32
"""Numbers (of all elements' components) above which an array is zeroed by a loop.

Mesa took 4.8 s to compile a program with an initialised `vec4[100]` that takes 0.4 s with the loop, and
0.4 s with neither.
"""

LARGE_STRUCT_ARRAY = 1024
"""The same for arrays of structures: there Mesa compiles a moderate initialiser faster than the loop."""

_UNSET = {StorageClass.FUNCTION, StorageClass.PRIVATE, StorageClass.OUTPUT}


def start_at_zero(code: Code) -> None:
    """Gives every variable that needs it a defined start, and every undefined value a null."""
    _replace_undefined(code)
    definitions = code.definitions()
    main = next(f for f in code.functions if f.id == code.entry)
    loops: dict[int, list[tuple[int, ArrayShape]]] = {}
    variables = [g[2] for g in code.globals if _has_no_start(g)]
    unset = may_be_unset(main, variables, calls_read=True) | _outputs(code)
    nulls = _Nulls(code)
    globals_: list[Instruction] = []
    for instruction in code.globals:
        if _has_no_start(instruction) and instruction[2] in unset:
            shape = array_shape(definitions, instruction[1])
            if _takes_loop(shape):
                loops.setdefault(main.id, []).append((instruction[2], shape))
            else:
                null = nulls.of(definitions[instruction[1]][3], globals_)
                instruction = (*instruction, null)
        globals_.append(instruction)
    code.globals = globals_
    for function in code.functions:
        _zero_locals(code, function, definitions, nulls, loops)
    for function in code.functions:
        for variable, shape in loops.get(function.id, ()):
            zero_loop(code, function, variable, shape)


def _zero_locals(
    code: Code,
    function: Function,
    definitions: dict[int, Instruction],
    nulls: _Nulls,
    loops: dict[int, list[tuple[int, ArrayShape]]],
) -> None:
    entry = function.blocks[0]
    unset = may_be_unset(function, [i[2] for i in entry.body if i[0] == Op.VARIABLE])
    for position, instruction in enumerate(entry.body):
        if not _has_no_start(instruction) or instruction[2] not in unset:
            continue
        shape = array_shape(definitions, instruction[1])
        if _takes_loop(shape):
            loops.setdefault(function.id, []).append((instruction[2], shape))
        else:
            null = nulls.of(definitions[instruction[1]][3], code.globals)
            entry.body[position] = (*instruction, null)


def _takes_loop(shape: ArrayShape) -> bool:
    limit = LARGE_STRUCT_ARRAY if shape.of_structs else LARGE_ARRAY
    return shape.is_array and shape.numbers > limit


def _has_no_start(instruction: Instruction) -> bool:
    return instruction[0] == Op.VARIABLE and len(instruction) == 4 and instruction[3] in _UNSET


def _outputs(code: Code) -> set[int]:
    """The outputs: the driver reads them when `main` returns, written or not."""
    return {g[2] for g in code.globals if g[0] == Op.VARIABLE and g[3] == StorageClass.OUTPUT}


class _Nulls:
    """One OpConstantNull a type."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._ids: dict[int, int] = {}

    def of(self, type_: int, globals_: list[Instruction]) -> int:
        """The null of a type, added to `globals_` at its first use."""
        if type_ not in self._ids:
            self._ids[type_] = self._code.fresh()
            globals_.append((Op.CONSTANT_NULL, type_, self._ids[type_]))
        return self._ids[type_]


def _replace_undefined(code: Code) -> None:
    """OpUndef, which glslang returns at the end of a function without a return, becomes null."""
    code.globals = [(Op.CONSTANT_NULL, *g[1:]) if g[0] == Op.UNDEF else g for g in code.globals]
    for function in code.functions:
        for block in function.blocks:
            undefined = [i for i in block.body if i[0] == Op.UNDEF]
            if undefined:
                code.globals += [(Op.CONSTANT_NULL, *i[1:]) for i in undefined]
                block.body = [i for i in block.body if i[0] != Op.UNDEF]
