"""Functions that stay functions: marked, and made such that spirv-opt sees as much within them as it does in copies."""

from __future__ import annotations

from collections.abc import Collection

from phosphene.spirv.binary import Code, Function, Instruction
from phosphene.spirv.instructions import FunctionControl, Op, StorageClass
from phosphene.spirv.passes.calls import callees


def keep_called(code: Code, called: Collection[int]) -> None:
    """Makes of a module one whose functions of these ids are called, by spirv-opt's lights and by the emitter's.

    Args:
        code: the module; changed.
        called: ids of functions, not of the entry.
    """
    for function in code.functions:
        if function.id in called:
            op, type_, id_, control, *rest = function.head[0]
            asked = control & ~FunctionControl.INLINE | FunctionControl.DONT_INLINE
            function.head[0] = (op, type_, id_, asked, *rest)
    _start_in_entry(code, called)
    _copy_parameters(code, called)


def _start_in_entry(code: Code, called: Collection[int]) -> None:
    """Gives variables outside functions their start in the entry, where functions that are called use them.

    spirv-opt moves such a variable into the only function that uses it, start and all: it would begin anew at every call,
    also the budget of instructions (`passes.fuel`), which is a pixel's and not a call's.
    """
    functions = {f.id: f for f in code.functions}
    within = list(called)
    for id_ in within:  # grows as it is walked
        within += [callee for callee in callees(functions[id_]) if callee not in within]
    bodies = (block.body for id_ in within for block in functions[id_].blocks)
    used = {word for body in bodies for i in body for word in i[1:]}  # literals, too: no harm
    stores = []
    for position, made in enumerate(code.globals):
        is_private = made[0] == Op.VARIABLE and made[3] == StorageClass.PRIVATE
        if is_private and len(made) > 4 and made[2] in used:
            code.globals[position] = made[:4]
            stores.append((Op.STORE, made[2], made[4]))
    entry = functions[code.entry].blocks[0]
    behind = sum(i[0] == Op.VARIABLE for i in entry.body)
    entry.body[behind:behind] = stores


def _copy_parameters(code: Code, called: Collection[int]) -> None:
    """Gives functions that are called variables of their own for what they are handed by pointers.

    glslang hands everything on by pointers to variables that are there for that call alone. spirv-opt follows values through
    a function's own variables, not through what its parameters point to.
    """
    pointers = {g[1]: g for g in code.globals if g[0] == Op.TYPE_POINTER}
    read = _read_by_callers(code)
    for function in code.functions:
        if function.id not in called:
            continue
        variables: list[Instruction] = []
        first: list[Instruction] = []
        last: list[tuple[int, int, int]] = []
        for place, (op, type_, id_, *_) in enumerate(function.head[1:]):
            if op != Op.FUNCTION_PARAMETER or type_ not in pointers:
                continue
            storage, target = pointers[type_][2:4]
            if storage != StorageClass.FUNCTION:
                continue
            parameter, value = code.fresh(), code.fresh()
            function.head[place + 1] = (op, type_, parameter)
            variables.append((Op.VARIABLE, type_, id_, storage))
            first += [(Op.LOAD, target, value, parameter), (Op.STORE, id_, value)]
            if place in read[function.id]:
                last.append((target, id_, parameter))
        _write_copies(code, function, variables, first, last)


def _write_copies(
    code: Code,
    function: Function,
    variables: list[Instruction],
    first: list[Instruction],
    last: list[tuple[int, int, int]],
) -> None:
    """What is done when a function begins, and with (type, variable, parameter) when it returns."""
    entry = function.blocks[0]
    behind = sum(i[0] == Op.VARIABLE for i in entry.body)
    entry.body[behind:behind] = first
    entry.body[:0] = variables
    for block in function.blocks:
        if block.end[0] in (Op.RETURN, Op.RETURN_VALUE):
            for target, variable, parameter in last:
                value = code.fresh()
                block.body += [(Op.LOAD, target, value, variable), (Op.STORE, parameter, value)]


def _read_by_callers(code: Code) -> dict[int, set[int]]:
    """Function → places of the parameters that some caller reads when it returns."""
    found: dict[int, set[int]] = {f.id: set() for f in code.functions}
    for function in code.functions:
        body = [i for block in function.blocks for i in block.body]
        plain = {Op.VARIABLE, Op.STORE, Op.FUNCTION_CALL}
        read = {word for i in body if i[0] not in plain for word in i[1:]}
        read |= {i[2] for i in body if i[0] == Op.STORE}
        own = {i[2] for i in body if i[0] == Op.VARIABLE}
        for i in body:
            if i[0] == Op.FUNCTION_CALL:
                found[i[3]] |= {n for n, a in enumerate(i[4:]) if a in read or a not in own}
    return found
