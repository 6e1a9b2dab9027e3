"""What programs were made from: the parents of each child, in and out of the bank."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from phosphene.bank.database import Database
from phosphene.bank.records import Entry
from phosphene.errors import BankError
from phosphene.program import Dialect
from phosphene.provenance import Lineage

MAX_TEXTS = 8
"""Texts that a composition may stand on, each counted as often as it is drawn: bounds its cost."""

_ADD = "INSERT INTO lineage (program, position, parent, operation) VALUES (?, ?, ?, ?)"
_ROWS = """SELECT id, parent, operation FROM programs JOIN lineage ON program = seq
    WHERE id IN ({ids}) ORDER BY id, position"""


def check(db: Database, entry: Entry) -> None:
    """Raises BankError for a child whose parents the bank lacks, or that stands on too many."""
    if entry.lineage is None:
        return
    parents = set(entry.lineage.parents)
    held = {row[0] for row in db.rows_of("SELECT id FROM programs WHERE id IN ({ids})", parents)}
    if parents - held:
        raise BankError(
            f"{db.path} lacks the program {min(parents - held)}, a parent of {entry.id}; add the "
            "parents first"
        )
    if entry.dialect is not Dialect.COMPOSITION:
        return
    count = sum(texts(db, parent) for parent in entry.lineage.parents)
    if count > MAX_TEXTS:
        raise BankError(
            f"the composition {entry.id} stands on {count} programs; at most {MAX_TEXTS} are served"
        )


def texts(db: Database, program_id: str) -> int:
    """How many texts a program draws on. Ends, because parents were there before their children."""
    row = db.row("SELECT dialect FROM programs WHERE id = ?", (program_id,))
    if row is None or row[0] != Dialect.COMPOSITION:
        return 1
    return sum(texts(db, parent) for _, parent, _ in db.rows_of(_ROWS, [program_id]))


def add(db: Database, seq: int, lineage: Lineage) -> None:
    """Notes a child's parents; a child that came about before keeps its first lineage."""
    if db.row("SELECT 1 FROM lineage WHERE program = ?", (seq,)) is None:
        rows = ((seq, n, p, lineage.operation) for n, p in enumerate(lineage.parents))
        db.write_many(_ADD, rows)


def lineages(db: Database, ids: Iterable[str]) -> Iterator[tuple[str, Lineage]]:
    """(id, lineage) of those of the ids that were made from others."""
    found: dict[str, Lineage] = {}
    for program_id, parent, operation in db.rows_of(_ROWS, ids):
        before = found[program_id].parents if program_id in found else ()
        found[program_id] = Lineage(operation, (*before, parent))
    yield from found.items()


def ancestors(db: Database, ids: Iterable[str]) -> set[str]:
    """Everything that the ids were made from, over all generations."""
    found: set[str] = set()
    young = set(ids)
    while young:
        rows = db.rows_of(_ROWS, sorted(young))
        young = {parent for _, parent, _ in rows} - found
        found |= young
    return found
