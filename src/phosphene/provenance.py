"""Where a program was met, whose it is and under what licence: many records a program."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Basis(StrEnum):
    """What the statement of a licence rests on, strongest first."""

    STATED = "stated"
    """The author says so in the program's own text."""
    COLLECTION = "collection"
    """A licence file of the collection that holds the program."""
    SITE_DEFAULT = "site-default"
    """The terms of the site the program was published on."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a program was made from.

    Attributes:
        operation: "mutation", "crossover", or the operator of a composition.
        parents: ids of programs, in the order in which the operation takes them.
    """

    operation: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Provenance:
    """One meeting with a program.

    Attributes:
        origin: the collection: a repository, archive or folder name, "shadertoy", "starter".
        location: the path or address inside it.
        author, title: as stated; empty where unknown.
        year: of publication; None where unknown.
        licence: an SPDX identifier ("CC0-1.0", "MIT", "CC-BY-NC-SA-3.0" …), "other" for a stated one
            that has none, or "unknown".
        basis: what the licence rests on.
        statement: the words that the licence was read from, at most 200 characters.
    """

    origin: str
    location: str
    author: str = ""
    title: str = ""
    year: int | None = None
    licence: str = "unknown"
    basis: Basis = Basis.UNKNOWN
    statement: str = ""
