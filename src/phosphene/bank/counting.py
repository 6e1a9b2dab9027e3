"""Counts over a bank."""

from __future__ import annotations

from phosphene.bank.contents import all_ids
from phosphene.bank.database import Database
from phosphene.bank.records import BankInfo
from phosphene.bank.selecting import digest


def info(db: Database) -> BankInfo:
    """Counts over the bank; see `BankInfo`."""
    return BankInfo(
        path=str(db.path),
        digest=digest(all_ids(db)),
        programs=_count(db, "SELECT count(*) FROM programs"),
        servable=_count(db, "SELECT count(*) FROM programs WHERE unserved IS NULL"),
        near_duplicates=_count(
            db,
            """SELECT count(*) - count(DISTINCT structure) FROM programs WHERE structure <> ''""",
        ),
        provenances=_count(db, "SELECT count(*) FROM provenance"),
        modules=_count(db, "SELECT count(*) FROM modules WHERE message IS NULL"),
        failures=_count(db, "SELECT count(*) FROM modules WHERE message IS NOT NULL"),
        dialects=_tally(db, "dialect", "programs"),
        unserved=_tally(db, "unserved", "programs WHERE unserved IS NOT NULL"),
        statuses=_tally(db, "status", "verdicts"),
        reasons=_tally(db, "reason", "verdicts WHERE status <> 'accepted'"),
        origins=_tally(db, "origin", "(SELECT DISTINCT program, origin FROM provenance)"),
        licences=_tally(db, "licence", "programs"),
    )


def _count(db: Database, sql: str) -> int:
    row = db.row(sql)
    return int(row[0]) if row else 0


def _tally(db: Database, column: str, table: str) -> dict[str, int]:
    """Value → rows, the most frequent first."""
    return dict(
        db.rows(f"SELECT {column}, count(*) n FROM {table} GROUP BY 1 ORDER BY n DESC, {column}")
    )
