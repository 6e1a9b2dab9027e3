"""Derivation trees: a production with every hole filled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from phosphene.synthesis.colours import Scheme
from phosphene.synthesis.draws import Draws
from phosphene.synthesis.kinds import COLOURS, FIELD, PALETTE, PATTERN, SHAPE, SOLID, Kind
from phosphene.synthesis.production import Grammar, Production
from phosphene.synthesis.template import Choice, Number, Template

_LIVE = 0.3
"""The share of numbers that change with time."""

_REUSE = {PALETTE: 0.7, FIELD: 0.35, PATTERN: 0.3, SHAPE: 0.25, SOLID: 0.25}
"""How often a thing that the program has already stands in another place too, as people do it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A child in its place; `label` is its name there, or empty."""

    label: str
    node: Node


@dataclass(frozen=True, slots=True)
class Node:
    """A production whose text is complete but for its children."""

    production: Production
    pieces: tuple[str | Slot, ...]

    @property
    def kind(self) -> Kind:
        """What it makes."""
        return self.production.kind

    def walk(self) -> Iterator[Node]:
        """This node and all below it, each once."""
        seen: set[int] = set()
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if id(node) not in seen:
                seen.add(id(node))
                yield node
                waiting += [piece.node for piece in node.pieces if isinstance(piece, Slot)]


@dataclass(slots=True)
class Derivation:
    """Grows a tree.

    Attributes:
        grammar: the productions.
        draws: the random numbers.
        scheme: the colours.
        force: kind → the production to take the first time that the kind is asked for.
    """

    grammar: Grammar
    draws: Draws
    scheme: Scheme
    force: dict[Kind, Production] = field(default_factory=dict)
    _last: str = ""
    _made: dict[Kind, list[Node]] = field(default_factory=lambda: defaultdict(list))

    def grow(self, kind: Kind, height: int) -> Node:
        """A node of a kind whose tree is about that high at most."""
        choices = self.grammar.of(kind, height)
        forced = self.force.pop(kind, None)
        chosen = forced or self.draws.weighted(choices, [p.weight for p in choices])
        return self.fill(chosen, height)

    def fill(self, production: Production, height: int) -> Node:
        """A node of a production."""
        pieces = self._fill(production.template, production.kind, height, {})
        node = Node(production, tuple(pieces))
        self._made[production.kind].append(node)
        return node

    def _fill(
        self, template: Template, kind: Kind, height: int, here: dict[object, Node]
    ) -> Iterator[str | Slot]:
        for part in template.parts:
            if isinstance(part, str):
                yield part
            elif isinstance(part, Number):
                yield self._number(part, kind)
            elif isinstance(part, Choice):
                option = self.draws.pick(part.options)
                yield from self._fill(option, kind, height, here)
            elif part.kind in COLOURS:
                yield self._colour(part.kind)
            else:
                node = here.get(part) if part.label else None
                node = node or self._again(part.kind, here) or self.grow(part.kind, height - 1)
                here[part if part.label else len(here)] = node
                yield Slot(part.label, node)

    def _again(self, kind: Kind, here: dict[object, Node]) -> Node | None:
        """A node that the program has already, but not in the same text: that would be no change."""
        if kind in self.force or not self.draws.chance(_REUSE.get(kind, 0.0)):
            return None
        known = [
            node for node in self._made[kind] if all(node is not other for other in here.values())
        ]
        return self.draws.pick(known) if known else None

    def _colour(self, kind: Kind) -> str:
        """A colour, most often another one than the last: they stand side by side."""
        for _ in range(3):
            colour = self.scheme.ink(self.draws, kind)
            if colour != self._last:
                break
        self._last = colour
        return colour

    def _number(self, number: Number, kind: Kind) -> str:
        low, high, draws = number.low, number.high, self.draws
        if number.whole:
            return str(int(low) + draws.below(int(high) - int(low) + 1))
        if number.fixed or not draws.chance(_LIVE):
            return literal(draws.between(low, high), high - low)
        if kind.hot or draws.chance(0.75):
            ends = draws.shuffled((literal(low, high - low), literal(high, high - low)))
            return f"mix({ends[0]}, {ends[1]}, dice.{draws.pick('xyzw')})"
        middle, swing = 0.5 * (low + high), 0.5 * (high - low)
        rate = literal(draws.between(0.1, 0.6), 0.5)
        return f"({literal(middle, swing)} + {literal(swing, swing)} * sin({rate} * iTime))"


def literal(value: float, span: float) -> str:
    """A GLSL float with as many digits as its span of values deserves."""
    digits = 0 if span > 30.0 else 1 if span > 4.0 else 2 if span > 0.15 else 3
    text = f"{value:.{digits}f}"
    text = text.rstrip("0") if "." in text else text + "."
    return text + "0" if text.endswith(".") else text
