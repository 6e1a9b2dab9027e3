"""Programs in and out of the bank, with where they were met."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence

from phosphene.bank import lineage
from phosphene.bank.database import Database, Row, chunks
from phosphene.bank.records import Entry, Listing, Status
from phosphene.errors import BankError
from phosphene.licences import governing
from phosphene.program import Dialect, Program
from phosphene.provenance import Basis, Provenance

_ADD = """INSERT INTO programs (id, dialect, unserved, structure) VALUES (?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING RETURNING seq"""
_UPDATE = """UPDATE programs SET unserved = ?, structure = iif(? = '', structure, ?)
    WHERE id = ? RETURNING seq"""
_ADD_PROVENANCE = """INSERT OR REPLACE INTO provenance
    (program, origin, location, author, title, year, licence, basis, statement)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_PROVENANCE = "m.origin, m.location, m.author, m.title, m.year, m.licence, m.basis, m.statement"


def add(db: Database, entry: Entry) -> bool:
    """Stores a program, or adds to the one that is there. True where it is new."""
    lineage.check(db, entry)
    row = db.write(
        _ADD, (entry.id, entry.dialect.value, entry.unserved, entry.structure)
    ).fetchone()
    new = row is not None
    if new:
        db.write("INSERT INTO contents VALUES (?, ?)", (row[0], entry.content))
    else:
        values = (entry.unserved, entry.structure, entry.structure, entry.id)
        row = db.write(_UPDATE, values).fetchone()
    if entry.provenance:
        _add_provenance(db, row[0], entry.provenance, new)
    if entry.lineage is not None:
        lineage.add(db, row[0], entry.lineage)
    return new


def _add_provenance(db: Database, seq: int, provenance: Sequence[Provenance], new: bool) -> None:
    db.write_many(_ADD_PROVENANCE, ((seq, *map(_clean, _provenance_row(p))) for p in provenance))
    every: Iterable[tuple[str, Basis]] = ((p.licence, p.basis) for p in provenance)
    if not new:
        found = db.rows("SELECT licence, basis FROM provenance WHERE program = ?", (seq,))
        every = ((licence, Basis(basis)) for licence, basis in found)
    licence, basis = governing(every)
    db.write(
        "UPDATE programs SET licence = ?, basis = ? WHERE seq = ?", (licence, basis.value, seq)
    )


def _provenance_row(p: Provenance) -> Row:
    return (
        p.origin,
        p.location,
        p.author,
        p.title,
        p.year,
        p.licence,
        p.basis.value,
        p.statement[:200],
    )


def _clean(value: object) -> object:
    """Authors' names may hold what is no text in UTF-8 (lone surrogates), which SQLite refuses."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def programs(db: Database, ids: Iterable[str]) -> Iterator[Program]:
    """The programs of the ids, in their order.

    Raises:
        BankError: for an id that is not in the bank, or a damaged content.
    """
    sql = """SELECT id, json_zlib FROM programs JOIN contents ON program = seq
        WHERE id IN ({ids})"""
    for chunk in chunks(ids, 200):
        found: dict[str, bytes] = dict(db.rows_of(sql, chunk))
        for program_id in chunk:
            if program_id not in found:
                raise _unknown(db, program_id)
            yield _unpack(db, program_id, found[program_id])


def _unpack(db: Database, program_id: str, content: bytes) -> Program:
    try:
        return Program.from_json(zlib.decompress(content).decode("ascii"))
    except (zlib.error, ValueError, KeyError) as error:
        raise BankError(
            f"{db.path}: program {program_id} is damaged ({error}); restore a copy of the bank, or "
            "collect again into a new one"
        ) from error


def _unknown(db: Database, program_id: str) -> BankError:
    return BankError(
        f"{db.path} holds no program {program_id!r}; list them with: phosphene bank list --bank "
        f"{db.path}"
    )


def all_ids(db: Database) -> Iterator[str]:
    """Every id in sorted order, a chunk at a time, so that writers may work in between."""
    last = ""
    while True:
        rows = db.rows("SELECT id FROM programs WHERE id > ? ORDER BY id LIMIT 5000", (last,))
        if not rows:
            return
        yield from (program_id for (program_id,) in rows)
        last = rows[-1][0]


def find(db: Database, prefix: str) -> str:
    """The one id that begins with `prefix`. Raises BankError where there is none or several."""
    rows = db.rows(
        "SELECT id FROM programs WHERE id >= ? AND id < ? ORDER BY id LIMIT 2",
        (prefix.lower(), prefix.lower() + "g"),
    )
    if not rows:
        raise _unknown(db, prefix)
    if len(rows) > 1:
        raise BankError(f"several programs begin with {prefix!r}; give more digits of the id")
    return str(rows[0][0])


def provenances(db: Database, ids: Iterable[str]) -> Iterator[tuple[str, Provenance]]:
    """Every provenance of the ids with the id, sorted within each chunk by id, origin, location."""
    sql = f"""SELECT id, {_PROVENANCE} FROM programs JOIN provenance m ON program = seq
        WHERE id IN ({{ids}}) ORDER BY id, m.origin, m.location"""
    for row in db.rows_of(sql, ids):
        program_id, origin, location, author, title, year, licence, basis, statement = row
        yield (
            program_id,
            Provenance(origin, location, author, title, year, licence, Basis(basis), statement),
        )


def near_duplicates(db: Database, program_id: str) -> tuple[str, ...]:
    """The other programs with the same token structure, sorted."""
    rows = db.rows(
        """SELECT other.id FROM programs this JOIN programs other USING (structure)
        WHERE this.id = ? AND other.id <> this.id AND structure <> '' ORDER BY other.id""",
        (program_id,),
    )
    return tuple(other for (other,) in rows)


def structures(db: Database, ids: Iterable[str]) -> dict[str, str]:
    """Program id → hash of its token structure; empty where it was not computed."""
    return dict(db.rows_of("SELECT id, structure FROM programs WHERE id IN ({ids})", ids))


def listings(db: Database, ids: Iterable[str]) -> Iterator[Listing]:
    """A line about each program, sorted by id within each chunk."""
    sql = """SELECT p.id, p.dialect, p.unserved, p.licence, p.basis,
            (SELECT json_array(author, title, origin) FROM provenance
                WHERE program = seq ORDER BY origin, location LIMIT 1),
            (SELECT count(*) FROM provenance WHERE program = seq), v.status, v.reason
        FROM programs p LEFT JOIN verdicts v ON v.program = seq
        WHERE p.id IN ({ids}) ORDER BY p.id"""
    for pid, dialect, unserved, licence, basis, first, count, status, reason in db.rows_of(
        sql, ids
    ):
        author, title, origin = json.loads(first or '["", "", ""]')
        yield Listing(
            pid,
            Dialect(dialect),
            unserved,
            licence,
            Basis(basis),
            author,
            title,
            origin,
            count,
            Status(status) if status else None,
            reason or "",
        )
