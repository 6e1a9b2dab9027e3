"""The productions, a module a group. A new one is one entry in its group's table."""

from phosphene.synthesis.production import Production
from phosphene.synthesis.tables import (
    canvases,
    domains,
    fields,
    fractals,
    landscapes,
    layers,
    lights,
    motifs,
    noises,
    palettes,
    patterns,
    plain,
    scenes,
    shapes,
    signs,
    skies,
    solids,
    traced,
    views,
)

_TABLES = (
    noises,
    fields,
    fractals,
    domains,
    shapes,
    motifs,
    patterns,
    palettes,
    views,
    skies,
    solids,
    canvases,
    layers,
    scenes,
    landscapes,
    traced,
    lights,
    plain,
    signs,
)


def productions() -> tuple[Production, ...]:
    """Every production of every table."""
    return tuple(production for table in _TABLES for production in table.PRODUCTIONS)
