"""The call graph of a module. SPIR-V of the shader kind allows no recursion, so it is a DAG."""

from __future__ import annotations

from phosphene.errors import UnservedError
from phosphene.spirv.binary import Code, Function
from phosphene.spirv.instructions import Op


def callees(function: Function) -> list[int]:
    """Ids of the functions it calls, one for every call in the text."""
    return [i[3] for block in function.blocks for i in block.body if i[0] == Op.FUNCTION_CALL]


def callees_first(code: Code) -> list[Function]:
    """The functions that `main` reaches, each after all that it calls.

    Raises:
        UnservedError: a function calls itself, directly or through others.
    """
    functions = {f.id: f for f in code.functions}
    calls = {f.id: callees(f) for f in code.functions}
    ordered: dict[int, Function] = {}
    open_calls: dict[int, int] = {code.entry: 0}  # function → how many of its calls are done
    path = [code.entry]
    while path:
        caller = path[-1]
        if open_calls[caller] == len(calls[caller]):
            ordered[caller] = functions[caller]
            path.pop()
            continue
        callee = calls[caller][open_calls[caller]]
        open_calls[caller] += 1
        if callee in ordered:
            continue
        if callee in open_calls:
            raise UnservedError("a function calls itself; GLSL has no recursion")
        open_calls[callee] = 0
        path.append(callee)
    return list(ordered.values())


def reachable(code: Code) -> set[int]:
    """Ids of the functions that `main` reaches."""
    return {f.id for f in callees_first(code)}
