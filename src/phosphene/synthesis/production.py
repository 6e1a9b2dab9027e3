"""Productions, and the tables they are registered in."""

from __future__ import annotations

import hashlib
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from phosphene.errors import UsageError
from phosphene.synthesis.kinds import COLOURS, MOTION, PALETTE, Kind
from phosphene.synthesis.template import Template, parse

_SMALL = (PALETTE, MOTION)


@dataclass(frozen=True)
class Production:
    """One way to make a thing of a kind.

    Attributes:
        kind: what it makes.
        name: a GLSL name; functions made of it are called so.
        text: GLSL with holes, see `phosphene.synthesis.template`; for a function either one
            expression or statements with a `return`.
        weight: how often it is drawn among those of its kind.
        note: a comment for the function, in a reader's words.
    """

    kind: Kind
    name: str
    text: str
    weight: float = 1.0
    note: str = ""

    @cached_property
    def template(self) -> Template:
        """The parsed text."""
        return parse(textwrap.dedent(self.text).strip("\n").rstrip())


class Grammar:
    """Productions by kind, and how deep a tree each needs at least."""

    def __init__(self, productions: Iterable[Production], library: Mapping[str, str]) -> None:
        """Takes productions and a library in.

        Args:
            productions: all of them.
            library: name → text of the functions and globals that texts may use.

        Raises:
            UsageError: where two have one name, or one can never end.
        """
        self.productions = tuple(productions)
        self.library = dict(library)
        self._of: dict[Kind, list[Production]] = defaultdict(list)
        for production in self.productions:
            if any(known.name == production.name for known in self._of[production.kind]):
                raise UsageError(
                    f"two productions of {production.kind.name} are called {production.name}"
                )
            self._of[production.kind].append(production)
        self.heights = self._measure()
        self._fitting: dict[tuple[Kind, int], list[Production]] = {}

    def of(self, kind: Kind, height: int) -> list[Production]:
        """The productions of a kind that fit into a tree of that height, never none."""
        known = self._fitting.get((kind, height))
        if known is None:
            choices = self._of[kind]
            most = max(height, min(self.heights[kind, p.name] for p in choices))
            known = [p for p in choices if self.heights[kind, p.name] <= most]
            self._fitting[kind, height] = known
        return known

    def named(self, kind: Kind, name: str) -> Production:
        """The production of that name. Raises UsageError where there is none."""
        for production in self._of[kind]:
            if production.name == name:
                return production
        raise UsageError(f"there is no {kind.name} called {name!r}")

    @cached_property
    def digest(self) -> str:
        """Names this exact grammar: another one makes other programs of the same numbers."""
        text = repr([self.productions, sorted(self.library.items())])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def _measure(self) -> dict[tuple[Kind, str], int]:
        """The height of the lowest tree of every production; small things do not count in others."""
        heights: dict[tuple[Kind, str], int] = {}
        lowest: dict[Kind, int] = dict.fromkeys(COLOURS, 0)
        changed = True
        while changed:
            changed = False
            for production in self.productions:
                kind = production.kind
                needs = {child.kind for child in production.template.children()}
                if not needs <= lowest.keys():
                    continue
                height = 1 + max(
                    (lowest[k] for k in needs if k == kind or k not in _SMALL), default=0
                )
                if heights.get((kind, production.name)) != height:
                    heights[kind, production.name] = height
                    lowest[kind] = min(height, lowest.get(kind, height))
                    changed = True
        for production in self.productions:
            if (production.kind, production.name) not in heights:
                raise UsageError(f"the {production.kind.name} {production.name} can never be made")
        return heights
