"""In what order programs are compiled: compositions after their parents."""

from __future__ import annotations

from collections.abc import Sequence

from phosphene.bank import Bank
from phosphene.program import Dialect
from phosphene.spirv import FRONT_END_VERSION


def compositions(bank: Bank) -> frozenset[str]:
    """The ids of all compositions in a bank."""
    return frozenset(bank.select(accepted=None, dialects=(Dialect.COMPOSITION,)).program_ids)


def generations(bank: Bank, ids: Sequence[str]) -> list[list[str]]:
    """What to compile, in parts, each of which needs nothing but the parts before it.

    Args:
        bank: with the programs.
        ids: those to compile.

    Returns:
        The ids in their order, and those ancestors of compositions among them that this front end has
        made nothing of yet.
    """
    composed = compositions(bank)
    if not composed.intersection(ids):
        return [list(ids)] if ids else []
    uncompiled = set(bank.uncompiled(FRONT_END_VERSION))
    wanted = list(ids)
    seen = set(wanted)
    parents: dict[str, tuple[str, ...]] = {}
    for program in wanted:  # grows
        made = bank.program(program).composition if program in composed else None
        parents[program] = made.parents if made else ()
        more = [p for p in dict.fromkeys(parents[program]) if p in uncompiled and p not in seen]
        seen.update(more)
        wanted += more
    level: dict[str, int] = {}
    for program in wanted:
        _settle(program, parents, level)
    return [
        [program for program in wanted if level[program] == n]
        for n in range(max(level.values()) + 1)
    ]


def _settle(program: str, parents: dict[str, tuple[str, ...]], level: dict[str, int]) -> int:
    """One more than the highest of its parents; 0 for those that wait for nothing."""
    if program not in level:
        waits = [_settle(p, parents, level) for p in parents[program] if p in parents]
        level[program] = 1 + max(waits, default=-1)
    return level[program]
