"""What the CUDA compiler reads: a module after spirv-opt, in which large programs keep their long functions.

spirv-opt and NVRTC copy a function to every place that calls it. A scene's distance function is called from the march, the
normal (four or six times), the shadow and the occlusion, and it calls others that are called in their turn: the dearest
real programs grow fifteen times. They then take the compiler seconds, and more machine code than a GPU's instruction
cache holds. For all others a copy is faster than a call: a call passes its values through memory.
"""

from __future__ import annotations

from collections import Counter

from phosphene.spirv import native
from phosphene.spirv.binary import Code, parse, serialise
from phosphene.spirv.calling import keep_called
from phosphene.spirv.passes.calls import callees, callees_first

COPIES = 3
"""Places, copies counted in, from which on a function is called. Two copies are no more than a call costs to set up."""

LARGE = 12_000
"""Instructions of a module, copies counted in, from which on its functions are called: of real programs one in forty,
which has a sixth of all compile time. Where half as large ones are called, they are a quarter slower on the GPU."""

LONG = 150
"""Instructions of such a function, with all that is copied into it. Shorter ones are hashes and noise, of which the
compiler must see the whole to know which of their results are magnified (`engines.cuda.emitter.precision`)."""


def optimise(spirv: bytes) -> bytes:
    """The module after spirv-opt: one function, and those that are called.

    Raises:
        KhronosError: not valid SPIR-V.
    """
    code = parse(spirv)
    called = often_called(code)
    if not called:
        return native.optimise(spirv)
    keep_called(code, called)
    return native.optimise(serialise(code))


def often_called(code: Code) -> set[int]:
    """Ids of the functions of a large module that are long, and would be there COPIES times."""
    ordered = callees_first(code)
    calls = {f.id: callees(f) for f in ordered}
    own = {f.id: sum(len(block.body) + 1 for block in f.blocks) for f in ordered}
    copies = Counter({code.entry: 1})
    for function in reversed(ordered):
        for callee in calls[function.id]:
            copies[callee] += copies[function.id]
    if sum(own[f.id] * copies[f.id] for f in ordered) < LARGE:
        return set()
    called: set[int] = set()
    length: dict[int, int] = {}
    for function in ordered:
        copied_in = (length[c] for c in calls[function.id] if c not in called)
        length[function.id] = own[function.id] + sum(copied_in)
        often = copies[function.id] >= COPIES and function.id != code.entry
        if often and length[function.id] >= LONG:
            called.add(function.id)
    places = Counter({code.entry: 1})
    for function in reversed(ordered):  # what a function that is called copies is there once
        if places[function.id] < COPIES:
            called.discard(function.id)
        for callee in calls[function.id]:
            places[callee] += 1 if function.id in called else places[function.id]
    return called
