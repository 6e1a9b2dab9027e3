"""The little language that productions are written in: GLSL with holes.

$field            a node of that kind; a function's name where the kind is a function
$field:height     the same, called `height`; the same label in one text means the same node
$(2..5)           a number from that range; it may change with time
$(2..5!)          one that stays as it is
$(2..5 int)       a whole number, which stays
$(sin|cos|)       one of these texts, which may contain holes
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from phosphene.errors import UsageError
from phosphene.synthesis.kinds import BY_NAME, Kind


@dataclass(frozen=True, slots=True)
class Number:
    """A hole for a number in [low, high)."""

    low: float
    high: float
    fixed: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A hole for one of several texts."""

    options: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class Child:
    """A hole for a node of a kind."""

    kind: Kind
    label: str = ""


Part = str | Number | Choice | Child


@dataclass(frozen=True, slots=True)
class Template:
    """A text with holes."""

    parts: tuple[Part, ...]

    def children(self) -> tuple[Child, ...]:
        """Every hole for a node, those of choices too."""
        found: list[Child] = []
        for part in self.parts:
            if isinstance(part, Child):
                found.append(part)
            elif isinstance(part, Choice):
                found += [child for option in part.options for child in option.children()]
        return tuple(found)


_HOLE = re.compile(r"\$(?:(?P<kind>[a-z]+)(?::(?P<label>[a-zA-Z]\w*))?|\()")
_NUMBER = re.compile(r"(-?[\d.]*\d)\.\.(-?[\d.]+?)(!| int)?")


@lru_cache(maxsize=4096)
def parse(text: str) -> Template:
    """Reads a production's text.

    Raises:
        UsageError: for a hole that is not one of the above.
    """
    parts: list[Part] = []
    at = 0
    while hole := _HOLE.search(text, at):
        if hole.start() > at:
            parts.append(text[at : hole.start()])
        if name := hole["kind"]:
            if name not in BY_NAME:
                raise UsageError(f"`${name}` names no kind; choose from {', '.join(BY_NAME)}")
            parts.append(Child(BY_NAME[name], hole["label"] or ""))
            at = hole.end()
        else:
            at = _closing(text, hole.end())
            parts.append(_bracket(text[hole.end() : at - 1]))
    if at < len(text):
        parts.append(text[at:])
    return Template(tuple(parts))


def _closing(text: str, start: int) -> int:
    """The position behind the bracket that closes the one before `start`."""
    depth = 1
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at + 1
    raise UsageError(f"`$(` is never closed in {text!r}")


def _bracket(inside: str) -> Part:
    if number := _NUMBER.fullmatch(inside):
        low, high, mark = number.groups()
        return Number(float(low), float(high), mark is not None, mark == " int")
    options = _split(inside)
    if len(options) < 2:
        raise UsageError(f"`$({inside})` is neither a range LOW..HIGH nor a choice A|B")
    return Choice(tuple(parse(option) for option in options))


def _split(text: str) -> list[str]:
    """At the bars outside of brackets."""
    options, depth, start = [], 0, 0
    for at, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "|" and depth == 0:
            options.append(text[start:at])
            start = at + 1
    return [*options, text[start:]]
