"""Sources of programs: one importer an origin, yielding programs with their provenance."""

from phosphene.sources.opening import open_source
from phosphene.sources.reading import read
from phosphene.sources.source import (
    ITEM_LIMIT,
    READER_VERSION,
    Context,
    Found,
    Item,
    Known,
    Reading,
    Site,
    Source,
)

__all__ = [
    "ITEM_LIMIT",
    "READER_VERSION",
    "Context",
    "Found",
    "Item",
    "Known",
    "Reading",
    "Site",
    "Source",
    "open_source",
    "read",
]
