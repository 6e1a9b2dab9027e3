"""Compositions drawn at random: an operator, its parents, its parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from phosphene.errors import UnservedError
from phosphene.glsl.operators import OPERATORS, TEXTURE
from phosphene.program import Program
from phosphene.synthesis.draws import Draws

_READERS_TRIED = 12
"""Programs that are looked at for one that reads a texture; of real ones a quarter does."""

_DIGITS = 4


def draw_composition(
    draws: Draws, ids: Sequence[str], readable: Callable[[str], Sequence[int]]
) -> Program:
    """A composition of different programs.

    Args:
        draws: what decides.
        ids: programs to choose from.
        readable: program id → the channels from which it reads a picture.

    Raises:
        UnservedError: there are too few programs, or none was met that reads a texture.
    """
    operators = [operator for operator in OPERATORS.values() if operator.parents <= len(ids)]
    if not operators:
        raise UnservedError(f"a composition takes at least 2 programs, got {len(ids)}")
    operator = draws.weighted(operators, [operator.weight for operator in operators])
    values = {
        name: round(draws.between(span.low, span.high), _DIGITS)
        if not span.whole
        else float(int(span.low) + draws.below(int(span.high - span.low) + 1))
        for name, span in operator.parameters.items()
    }
    if operator.name == TEXTURE:
        reader, channels = _reader(draws, ids, readable)
        values["channel"] = float(draws.pick(channels))
        parents = draw_parents(draws, ids, operator.parents, [reader])
    else:
        parents = draw_parents(draws, ids, operator.parents)
    return Program.composed(operator.name, parents, values)


def draw_parents(
    draws: Draws, ids: Sequence[str], count: int, first: Sequence[str] = ()
) -> tuple[str, ...]:
    """`count` different programs of at least as many, beginning with those that are given."""
    chosen = list(first)
    while len(chosen) < count:
        more = draws.pick(ids)
        if more not in chosen:
            chosen.append(more)
    return tuple(chosen)


def _reader(
    draws: Draws, ids: Sequence[str], readable: Callable[[str], Sequence[int]]
) -> tuple[str, Sequence[int]]:
    for _ in range(_READERS_TRIED):
        program = draws.pick(ids)
        if channels := readable(program):
            return program, channels
    raise UnservedError(f"none of {_READERS_TRIED} programs drawn reads a picture")
