"""New programs: from a typed grammar. Each is named by (seed, number) and free of rights.

A new field, shape, palette … is one entry in a table of `phosphene.synthesis.tables`; the language of
the entries is explained in `phosphene.synthesis.template`.
"""

from phosphene.synthesis.production import Grammar, Production
from phosphene.synthesis.synthesise import (
    LICENCE,
    ORIGIN,
    Synthesised,
    force,
    standard,
    synthesise,
    synthesised,
)

__all__ = [
    "LICENCE",
    "ORIGIN",
    "Grammar",
    "Production",
    "Synthesised",
    "force",
    "standard",
    "synthesise",
    "synthesised",
]
