"""What every source of programs promises: raw items under stable keys, read one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from phosphene.program import Dialect, Program
from phosphene.provenance import Provenance

ITEM_LIMIT = 1_000_000
"""Bytes of an item that are still read; the largest real programs have about 300 kB."""

READER_VERSION = "3"
"""Of the code that turns items into programs. With a new one, a collection reads all items again."""


class Site(StrEnum):
    """Where an item is known to come from, apart from the collection that holds it."""

    NONE = ""
    SHADERTOY_API = "shadertoy-api"
    STARTER = "starter"


@dataclass(frozen=True, slots=True)
class Context:
    """What all items of a source share.

    Attributes:
        origin: the collection's name, as in `Provenance`.
        licence, statement: what the collection's own licence file says; "" where it says nothing.
        dialect: what every text is; None: found by content.
        site: where the items are known to come from.
    """

    origin: str
    licence: str = ""
    statement: str = ""
    dialect: Dialect | None = None
    site: Site = Site.NONE


@dataclass(frozen=True, slots=True)
class Item:
    """One raw piece of a source: a file, a member of an archive, an answer of a site.

    Attributes:
        key: its path or number within the source; stable from run to run.
        data: its bytes; empty where `problem` is set.
        fingerprint: of its content or version, known before it is read.
        problem: why it was not read; empty where it was.
    """

    key: str
    data: bytes
    fingerprint: str = ""
    problem: str = ""


Known = Callable[[str, str], bool]
"""(key, fingerprint) → whether this item was read in an earlier run and need not be read again."""


class Source(Protocol):
    """A source of programs."""

    @property
    def key(self) -> str:
        """Names the source in the bank, so that a later run goes on where an earlier one stopped."""
        ...

    @property
    def context(self) -> Context:
        """What all its items share."""
        ...

    def size(self) -> int | None:
        """How many items it has; None where that is not known before they are read."""
        ...

    def items(self, known: Known) -> Iterator[Item]:
        """The items that are not known, in a stable order.

        Raises:
            SourceError: where the source as a whole cannot be read (further).
        """
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A program and where it was met."""

    program: Program
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one item gave.

    Attributes:
        found: its programs.
        reason: why there are none, or why some are missing; empty where all is well.
    """

    found: tuple[Found, ...] = ()
    reason: str = ""


def too_large(size: int) -> str:
    """The problem of an item of `size` bytes; empty where it is small enough."""
    return f"too large (limit {ITEM_LIMIT // 1_000_000} MB)" if size > ITEM_LIMIT else ""
