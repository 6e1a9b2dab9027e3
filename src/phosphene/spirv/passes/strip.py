"""Pass: drops what no pixel depends on: functions never called, debug text, authors' names.

Names stay where an engine binds by them: the uniform block and its members, samplers, the output.
All others go, because SPIRV-Cross would hand them to a driver in which they may be built-in functions
or reserved words; it also makes modules of equal code equal.
"""

from __future__ import annotations

from phosphene.spirv.binary import Code, Function, Instruction
from phosphene.spirv.instructions import TYPED, Op, StorageClass
from phosphene.spirv.passes.calls import reachable

_DEBUG = {Op.SOURCE_CONTINUED, Op.SOURCE, Op.SOURCE_EXTENSION, Op.STRING, Op.LINE, Op.NO_LINE}
_ANNOTATIONS = {Op.NAME, Op.MEMBER_NAME, Op.DECORATE, Op.MEMBER_DECORATE}
_INTERFACE = {StorageClass.UNIFORM_CONSTANT, StorageClass.UNIFORM, StorageClass.OUTPUT}


def strip_dead(code: Code) -> None:
    """Removes dead functions, debug instructions and all names but the interface's."""
    kept = reachable(code)
    dead = {i for f in code.functions if f.id not in kept for i in _results(f)}
    code.functions = [f for f in code.functions if f.id in kept]
    named = _interface_names(code)
    code.preamble = [i for i in code.preamble if _stays(i, dead, named)]
    code.globals = [g for g in code.globals if g[0] not in _DEBUG]
    for function in code.functions:
        for block in function.blocks:
            if any(i[0] in _DEBUG for i in block.body):
                block.body = [i for i in block.body if i[0] not in _DEBUG]


def _stays(instruction: Instruction, dead: set[int], named: set[int]) -> bool:
    op = instruction[0]
    if op in _DEBUG:
        return False
    if op in (Op.NAME, Op.MEMBER_NAME):
        return instruction[1] in named
    return op not in _ANNOTATIONS or instruction[1] not in dead


def _interface_names(code: Code) -> set[int]:
    """The variables that an engine binds, and the struct of the uniform block."""
    definitions = code.definitions()
    named = {code.entry}
    for variable in code.globals:
        if variable[0] == Op.VARIABLE and variable[3] in _INTERFACE:
            named |= {variable[2], definitions[variable[1]][3]}
    return named


def _results(function: Function) -> list[int]:
    inside = [i for block in function.blocks for i in block.body]
    return [i[2] for i in (*function.head, *inside) if i[0] in TYPED]
