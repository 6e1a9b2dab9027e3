"""Pass: every loop ends.

A pixel gets a budget of instructions (glslang's unoptimised ones). At each turn a loop pays the size
of its body, with the functions called there, before it runs it; a loop that cannot pay ends, and with
it every other loop, because the pixel is in debt from then on. Loops inside pay for themselves.

What is left is a float, 1 at the beginning, and a turn costs its share of the budget: however deep the
debt, a float does not wrap round, so a payment is one subtraction and one comparison. BUDGET is 2^24, up to
which floats count exactly.

So a pixel runs at most BUDGET instructions inside loops that pay, and at most MAX_UNPAID outside: the
latter is counted beforehand, over the tree of calls, and a program beyond it is refused. That also
ends trees of calls that double at each level.

A short loop whose number of turns is plain pays nothing and counts into what is around it, so that
drivers can still unroll it. A program of plain loops only, within the budget, is left alone.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from phosphene.errors import UnservedError
from phosphene.spirv.binary import Block, Code, Function, Instruction, MalformedModuleError
from phosphene.spirv.instructions import Op, StorageClass
from phosphene.spirv.passes.calls import callees_first
from phosphene.spirv.passes.loops import Loop, Numbers, loops, turns

BUDGET = 1 << 24
"""Instructions in loops a pixel.

A ray marcher of 200 steps with a map of ten noise layers and a shadow of 60 steps at each takes between
an eighth and a quarter of it; 186 real programs kept their pictures. An endless loop of sines then takes
one core of a software renderer 0.3 ms a pixel (1.3 s for 64 x 64).
"""

FULL = 1.0
"""What a tank begins with. Linking knows tanks by it: no other global begins at a number, because glslang stores at the
start of `main` what an author's globals begin with."""

MOST = 2.0
"""Price from which on a turn cannot be paid in any case."""

MAX_UNPAID = 1 << 24
"""Instructions a pixel outside the loops that pay."""

SHORT_LOOP = 1 << 14
"""Instructions of all turns together up to which a counting loop does not pay."""


def add_fuel(code: Code) -> None:
    """Makes every loop end.

    Raises:
        UnservedError: one pixel takes more than MAX_UNPAID instructions without any loop that pays.
    """
    plan = _plan(code, free=BUDGET)
    if plan.paying or plan.unpaid > BUDGET:
        plan = _plan(code, free=SHORT_LOOP)
    if plan.unpaid > MAX_UNPAID:
        raise UnservedError(
            f"one pixel takes {_readable(plan.unpaid)} instructions by calls alone; "
            f"at most {MAX_UNPAID:,} are served"
        )
    if plan.paying:
        _Pump(code).fit(plan.paying)


def _readable(number: int) -> str:
    return f"{number:,}" if number < 10**12 else f"about 10^{len(str(number)) - 1}"


@dataclass(slots=True)
class _Plan:
    """Which loops pay how much for a turn, and what a pixel costs beside."""

    paying: list[tuple[Function, Loop, int]] = field(default_factory=list)
    unpaid: int = 0


def _plan(code: Code, free: int) -> _Plan:
    """Weighs all loops; counting loops of at most `free` instructions in all do not pay."""
    plan = _Plan()
    numbers = Numbers(code)
    price: dict[int, int] = {}  # of one call of a function
    for function in callees_first(code):
        costs = [_block_cost(block, price) for block in function.blocks]
        for loop in loops(function):
            body = sum(costs[loop.header : loop.end])
            count = turns(function, loop, numbers)
            costs[loop.header : loop.end] = [0] * (loop.end - loop.header)
            if count is not None and (count + 1) * body <= free:
                costs[loop.header] = (count + 1) * body
            else:
                plan.paying.append((function, loop, body))
                costs[loop.header] = 1
        price[function.id] = sum(costs)
    plan.unpaid = price[code.entry]
    return plan


def _block_cost(block: Block, price: dict[int, int]) -> int:
    calls = sum(price[i[3]] for i in block.body if i[0] == Op.FUNCTION_CALL)
    return 1 + len(block.body) + calls


class _Pump:
    """Writes the payment into the headers of loops."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self._float = code.declare(Op.TYPE_FLOAT, 32)
        self._boolean = code.declare(Op.TYPE_BOOL)
        self._zero = self._number(0.0)
        pointer = code.declare(Op.TYPE_POINTER, StorageClass.PRIVATE, self._float)
        self._tank = code.fresh()
        full = self._number(FULL)
        code.globals.append((Op.VARIABLE, pointer, self._tank, StorageClass.PRIVATE, full))

    def _number(self, value: float) -> int:
        (bits,) = struct.unpack("<I", struct.pack("<f", value))
        return self._code.declare(Op.CONSTANT, bits, type_=self._float)

    def fit(self, paying: list[tuple[Function, Loop, int]]) -> None:
        """Makes each loop pay its weight at each turn."""
        touched = {}
        if any(_has_phi(function.blocks[loop.end]) for function, loop, _ in paying):
            raise MalformedModuleError("a loop has a phi at its merge block")
        for (
            function,
            loop,
            weight,
        ) in paying:  # inner loops first: headers before them stay in place
            self._fit_one(function, loop, weight)
            touched[function.id] = function
        for function in touched.values():
            self._reach_ends(function)

    def _fit_one(self, function: Function, loop: Loop, weight: int) -> None:
        payment, enough = self._payment(weight)
        test = function.blocks[loop.header + 1]
        header = function.blocks[loop.header]
        goes_on = self._code.fresh()
        if (
            header.end[1] == test.label
            and test.end[0] == Op.BRANCH_CONDITIONAL
            and test.end[3] == loop.merge
        ):
            # One exit is kept where there is one: drivers compile a second one up to 3 times slower.
            both = (Op.LOGICAL_AND, self._boolean, goes_on, test.end[1], enough)
            test.body += [*payment, both]
            test.end = (Op.BRANCH_CONDITIONAL, goes_on, *test.end[2:])
            return
        inside = header.end[1]
        _rename_predecessor(function, header, goes_on)
        header.end = (Op.BRANCH, goes_on)
        end = (Op.BRANCH_CONDITIONAL, enough, inside, loop.merge)
        function.blocks.insert(loop.header + 1, Block(goes_on, payment, end))

    def _payment(self, weight: int) -> tuple[list[Instruction], int]:
        """tank -= weight; and the id of whether it was enough."""
        tank, left, enough = (self._code.fresh() for _ in range(3))
        price = self._number(min(weight / BUDGET, MOST))
        return [
            (Op.LOAD, self._float, tank, self._tank),
            (Op.FSUB, self._float, left, tank, price),
            (Op.STORE, self._tank, left),
            (Op.FORD_GREATER_THAN_EQUAL, self._boolean, enough, left, self._zero),
        ], enough

    def _reach_ends(self, function: Function) -> None:
        """What followed an endless loop can now be reached: it returns zero."""
        code = self._code
        end: Instruction = (Op.RETURN,)
        if (Op.TYPE_VOID, function.result_type) not in code.globals:
            end = (Op.RETURN_VALUE, code.declare(Op.CONSTANT_NULL, type_=function.result_type))
        for block in function.blocks:
            if block.end[0] == Op.UNREACHABLE:
                block.end = end


def _has_phi(block: Block) -> bool:
    return bool(block.body) and block.body[0][0] == Op.PHI


def _rename_predecessor(function: Function, header: Block, label: int) -> None:
    """Phis after the header see the payment's block as where they come from."""
    target = header.end[1]
    for block in function.blocks:
        if block.label == target and _has_phi(block):
            block.body = [
                (
                    *i[:3],
                    *(label if n % 2 and w == header.label else w for n, w in enumerate(i[3:])),
                )
                if i[0] == Op.PHI
                else i
                for i in block.body
            ]
