"""What the CUDA compiler reads: a module after spirv-opt, in which long functions that are often called stay functions.

spirv-opt and NVRTC copy a function to every place that calls it. A scene's distance function is called from the march, the
normal (four or six times), the shadow and the occlusion, and it calls others that are called in their turn: the dearest
real programs grow fifteen times. They then take the compiler seconds, and more machine code than a GPU's instruction
cache holds.
"""

from __future__ import annotations

from collections import Counter

from phosphene.spirv import native
from phosphene.spirv.binary import Code, parse, serialise
from phosphene.spirv.passes.calls import callees, callees_first

COPIES = 3
"""Places, copies counted in, from which on a function is called. Two copies are no more than a call costs to set up."""

LONG = 150
"""Instructions of such a function, with all that is copied into it. Shorter ones are hashes and noise, of which the
compiler must see the whole to know which of their results are magnified (`engines.cuda.emitter.precision`)."""

INLINE, DONT_INLINE = 1, 2
"""OpFunction's control: the specification's bits `Inline` and `DontInline`."""


def optimise(spirv: bytes) -> bytes:
    """The module after spirv-opt: one function, and those that are called.

    Raises:
        KhronosError: not valid SPIR-V.
    """
    code = parse(spirv)
    mark_called(code)
    return native.optimise(serialise(code))


def mark_called(code: Code) -> None:
    """Marks the functions that are to be called as `DontInline`, which spirv-opt and the emitter obey."""
    called = _called(code)
    for function in code.functions:
        if function.id in called:
            op, type_, id_, control, *rest = function.head[0]
            function.head[0] = (op, type_, id_, control & ~INLINE | DONT_INLINE, *rest)


def _called(code: Code) -> set[int]:
    """Ids of the functions that are long, and would be there COPIES times."""
    ordered = callees_first(code)
    calls = {f.id: callees(f) for f in ordered}
    copies = Counter({code.entry: 1})
    for function in reversed(ordered):
        for callee in calls[function.id]:
            copies[callee] += copies[function.id]
    called: set[int] = set()
    length: dict[int, int] = {}
    for function in ordered:
        own = sum(len(block.body) + 1 for block in function.blocks)
        length[function.id] = own + sum(length[c] for c in calls[function.id] if c not in called)
        often = copies[function.id] >= COPIES and function.id != code.entry
        if often and length[function.id] >= LONG:
            called.add(function.id)
    return called
