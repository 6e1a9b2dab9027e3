"""What was read from which source: what lets a collection go on where it was killed."""

from __future__ import annotations

from collections.abc import Iterable

from phosphene.bank.database import Database
from phosphene.bank.records import ImportRow


def imported(db: Database, source: str) -> dict[str, str]:
    """Item → fingerprint of everything that was read from the source, about 200 bytes an item."""
    rows = db.rows(
        "SELECT item, fingerprint FROM imports JOIN sources ON seq = source WHERE key = ?",
        (source,),
    )
    return dict(rows)


def record(db: Database, source: str, rows: Iterable[ImportRow]) -> None:
    """Notes what became of items; a later note on the same item replaces the earlier one."""
    db.write("INSERT OR IGNORE INTO sources (key) VALUES (?)", (source,))
    found = db.row("SELECT seq FROM sources WHERE key = ?", (source,))
    assert found is not None
    db.write_many(
        "INSERT OR REPLACE INTO imports VALUES (?, ?, ?, ?, ?, ?)",
        ((found[0], r.item, r.fingerprint, r.outcome, r.reason, r.programs) for r in rows),
    )


def outcomes(db: Database, source: str) -> dict[tuple[str, str], int]:
    """(outcome, reason) → number of items, over all that was ever read from the source."""
    rows = db.rows(
        """SELECT outcome, reason, count(*) FROM imports JOIN sources ON seq = source
        WHERE key = ? GROUP BY outcome, reason""",
        (source,),
    )
    return {(outcome, reason): count for outcome, reason, count in rows}


def sources(db: Database) -> tuple[str, ...]:
    """The keys of every source that was read, in order."""
    return tuple(key for (key,) in db.rows("SELECT key FROM sources ORDER BY key"))
