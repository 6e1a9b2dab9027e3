"""Crossover: a program that takes functions and expressions from another, in the place of its own.

What is taken brings along the functions, globals and macros that it stands on, under new names. Variables
that it reads are those of the place where it comes to stand, of the same type.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tree_sitter import Node

from phosphene.errors import UnservedError
from phosphene.program import Program
from phosphene.synthesis.draws import Draws
from phosphene.synthesis.syntax.donor import Donor, Item, names_in, rewritten
from phosphene.synthesis.syntax.inference import GIVEN, TYPES, Inference, names_of
from phosphene.synthesis.syntax.parsing import Edit, Source
from phosphene.synthesis.syntax.sites import expressions, is_entry

MOST_TAKEN = 2
"""Pieces that a child takes."""

_TRIES = 12
"""Places that are looked at for one piece."""

_SIZES = range(6, 400)
"""Bytes of an expression that is taken."""

_AT_TOP = frozenset(
    names_in("comment preproc_call preproc_directive preproc_def preproc_function_def")
)


def cross(program: Program, other: Program, draws: Draws) -> Program:
    """A child of two programs: the first with pieces of the second. Whether it compiles is for the
    caller to find out.

    Args:
        program: a text of any dialect; the child is of that dialect, with its channels.
        other: a text.
        draws: what decides.

    Raises:
        UnservedError: one of them is no text, or nothing of the second fits into the first.
    """
    if not program.tabs or not other.tabs:
        raise UnservedError("a composition has no text to exchange")
    source = Source(program.image.code)
    child = _Child(Inference(source, names_of(source)), Donor.of(other), draws)
    for _ in range(1 + draws.below(MOST_TAKEN)):
        if draws.chance(0.4):
            child.take_function()
        else:
            child.take_expression()
    if not child.edits:
        raise UnservedError("nothing of the second parent fits into the first")
    code = child.text()
    tabs = (replace(tab, code=code) if tab.name == "image" else tab for tab in program.tabs)
    return replace(program, tabs=tuple(tabs))


@dataclass
class _Child:
    """A text that takes pieces from a donor."""

    types: Inference
    donor: Donor
    draws: Draws
    edits: list[Edit] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    def text(self) -> str:
        """The text with what was taken, and above it what that stands on."""
        source = self.types.source
        if not self.items:
            return source.edited(self.edits)
        every = [item for item in self.donor.items if item in self.items]
        names = self._renamed(every)
        above_all = "".join(f"{rewritten(item.text, names)}\n" for item in every)
        places = [n.start_byte for n in source.root.named_children if n.type not in _AT_TOP]
        first = min(places, default=0)
        return source.edited([*self.edits, Edit(first, first, "\n" + above_all)])

    def _renamed(self, items: list[Item]) -> dict[str, str]:
        """New names for what items define; none that either text has."""
        return {name: f"{name.rstrip('_')}_X" for item in items for name in item.names}

    def take_function(self) -> None:
        """A function of the donor in the place of one of the same type."""
        given = list(self.donor.functions())
        pairs = [
            (node, name, theirs, other)
            for name, known in self.types.names.functions.items()
            if known is not None and not is_entry(name)
            for node in (known[0],)
            for other, theirs, type_ in given
            if type_ == (known[1].returns, *known[1].parameters)
        ]
        for _ in range(min(_TRIES, len(pairs))):
            node, name, theirs, other = self.draws.pick(pairs)
            text = self.donor.types.source.text(theirs)
            items = self.donor.needed(text, without=(other,))
            if items is not None and text != self.types.source.text(node):
                names = {**self._renamed(items), other: name}
                self._take(node, rewritten(text, names), items)
                return

    def take_expression(self) -> None:
        """An expression of the donor in the place of one of the same type."""
        ours = [n for n in expressions(self.types) if self.types.type_of(n) in TYPES]
        theirs: dict[str | None, list[Node]] = {}
        for node in expressions(self.donor.types):
            if node.end_byte - node.start_byte in _SIZES:
                theirs.setdefault(self.donor.types.type_of(node), []).append(node)
        ours = [n for n in ours if self.types.type_of(n) in theirs]
        for _ in range(_TRIES if ours else 0):
            target = self.draws.pick(ours)
            given = self.draws.pick(theirs[self.types.type_of(target)])
            if (taken := self._fitted(given, target)) is not None:
                self._take(target, *taken)
                return

    def _fitted(self, given: Node, target: Node) -> tuple[str, list[Item]] | None:
        """The donor's expression with the variables of the target's place; None: it has none."""
        text = self.donor.types.source.text(given)
        local = self.donor.types.scope(given)
        free = [name for name in names_in(text) if name in local]
        items = self.donor.needed(text, without=free)
        if items is None:
            return None
        names = self._renamed(items)
        for name in free:
            alike = self._variables(target, local[name])
            if not alike:
                return None
            names[name] = self.draws.pick(alike)
        return f"({rewritten(text, names)})", items

    def _variables(self, target: Node, type_: str | None) -> list[str]:
        """Variables of a type that are declared before a place, and what the host gives."""
        around = self.types.source.function_around(target)
        if type_ is None or around is None:
            return []
        source = self.types.source
        before = set(
            names_in(source.data[around.start_byte : target.start_byte].decode("utf-8", "replace"))
        )
        scope = self.types.scope(target)
        found = [name for name, kind in scope.items() if kind == type_ and name in before]
        used = names_in(source.data.decode("utf-8", "replace"))
        return found or [name for name in used if GIVEN.get(name) == type_]

    def _take(self, node: Node, text: str, items: list[Item]) -> None:
        edit = Edit(node.start_byte, node.end_byte, text)
        if any(e.start < edit.end and edit.start < e.end for e in self.edits):
            return
        self.edits.append(edit)
        self.items += [item for item in items if item not in self.items]
