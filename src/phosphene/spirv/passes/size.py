"""Pass: refuses programs whose variables or code are too large for a pixel's share of a machine."""

from __future__ import annotations

from phosphene.errors import UnservedError
from phosphene.spirv.binary import Code, Function, Instruction
from phosphene.spirv.instructions import Op, StorageClass
from phosphene.spirv.passes.calls import callees, callees_first

MAX_VARIABLE_BYTES = 1 << 18
"""Bytes of all variables of a pixel, globals and those of each function once.

A GPU has at most 512 KiB of local memory a thread; a data-centre card reserves it for 270,000 threads.
"""

MAX_INLINED = 1 << 19
"""Instructions once every call is replaced by its function's body, as all drivers do."""


def check_size(code: Code) -> None:
    """Raises UnservedError beyond MAX_VARIABLE_BYTES or MAX_INLINED."""
    held = _variable_bytes(code)
    if held > MAX_VARIABLE_BYTES:
        raise UnservedError(
            f"its variables take {held:,} bytes a pixel; at most {MAX_VARIABLE_BYTES:,} are served"
        )
    inlined = _inlined_size(code)
    if inlined > MAX_INLINED:
        shown = f"{inlined:,}" if inlined < 10**12 else f"about 10^{len(str(inlined)) - 1}"
        raise UnservedError(
            f"its calls expand to {shown} instructions; at most {MAX_INLINED:,} are served"
        )


def _variable_bytes(code: Code) -> int:
    definitions = code.definitions()
    private = [g for g in code.globals if g[0] == Op.VARIABLE and g[3] == StorageClass.PRIVATE]
    local = [v for f in code.functions for v in _locals(f)]
    return sum(type_bytes(definitions, definitions[v[1]][3]) for v in private + local)


def _locals(function: Function) -> list[Instruction]:
    return [i for i in function.blocks[0].body if i[0] == Op.VARIABLE]


def type_bytes(definitions: dict[int, Instruction], type_: int) -> int:
    """Bytes of a value of a type, tightly packed, booleans as 4."""
    factor = 1
    kind = definitions[type_]
    while kind[0] in (Op.TYPE_ARRAY, Op.TYPE_VECTOR, Op.TYPE_MATRIX):
        factor *= definitions[kind[3]][3] if kind[0] == Op.TYPE_ARRAY else kind[3]
        kind = definitions[kind[2]]
    if kind[0] == Op.TYPE_STRUCT:
        return factor * sum(type_bytes(definitions, member) for member in kind[2:])
    return factor * (8 if kind[0] in (Op.TYPE_INT, Op.TYPE_FLOAT) and kind[2] == 64 else 4)


def _inlined_size(code: Code) -> int:
    sizes: dict[int, int] = {}
    for function in callees_first(code):
        own = sum(1 + len(block.body) for block in function.blocks)
        sizes[function.id] = own + sum(sizes[callee] for callee in callees(function))
    return sizes[code.entry]
