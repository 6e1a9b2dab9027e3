"""Which variables of a function may be read before anything is written to them.

Definite assignment over the blocks in glslang's order, in which a block comes after all that lead to
it, save for the jumps back to the headers of loops; those add nothing, because whatever runs in a
loop has come through its header.
"""

from __future__ import annotations

from phosphene.spirv.binary import Block, Function
from phosphene.spirv.instructions import Op


def may_be_unset(function: Function, variables: list[int], calls_read: bool = False) -> set[int]:
    """The variables among `variables` that a read can reach without a store of the whole.

    Args:
        function: the only one that mentions them, or, with `calls_read`, the entry point.
        variables: ids of OpVariable instructions.
        calls_read: a call may read any of them, as it may read a global.
    """
    bit = {variable: 1 << i for i, variable in enumerate(variables)}
    every = (1 << len(variables)) - 1
    incoming: dict[int, int] = {function.blocks[0].label: 0}
    unset, done = 0, set()
    for block in function.blocks:
        done.add(block.label)
        assigned = incoming.get(block.label, every)  # nothing leads to it: it never runs
        if assigned != every:
            assigned, read = _run(block, bit, assigned, every if calls_read else 0)
            unset |= read
        for follower in successors(block):
            if follower not in done:
                incoming[follower] = incoming.get(follower, every) & assigned
            elif not _is_loop_header(function, follower):
                return set(variables)
    return {variable for variable in variables if bit[variable] & unset}


def _run(block: Block, bit: dict[int, int], assigned: int, calls_read: int) -> tuple[int, int]:
    """What is assigned after the block, and what it reads unassigned."""
    read = 0
    for instruction in block.body:
        op = instruction[0]
        if op == Op.VARIABLE:
            continue
        if op == Op.STORE and instruction[1] in bit:
            assigned |= bit[instruction[1]]
            continue
        if op == Op.FUNCTION_CALL:
            read |= calls_read & ~assigned
        for word in instruction[3:] if op != Op.STORE else instruction[1:2]:
            if word in bit:
                read |= bit[word] & ~assigned
    return assigned, read


def successors(block: Block) -> tuple[int, ...]:
    """Labels that the block's terminator may go to."""
    end = block.end
    if end[0] == Op.BRANCH:
        return end[1:]
    if end[0] == Op.BRANCH_CONDITIONAL:
        return end[2:4]
    if end[0] == Op.SWITCH:
        return (end[2], *end[4::2])
    return ()


def _is_loop_header(function: Function, label: int) -> bool:
    for block in function.blocks:
        if block.label == label:
            return bool(block.body) and block.body[-1][0] == Op.LOOP_MERGE
    return False
