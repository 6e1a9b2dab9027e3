"""Verdicts and measurements in and out of the bank."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from phosphene.bank.database import Database
from phosphene.bank.records import Status, Verdict
from phosphene.errors import BankError

_STORE = """INSERT OR REPLACE INTO verdicts (program, status, reason, policy, version)
    SELECT seq, ?, ?, ?, ? FROM programs WHERE id = ? RETURNING program"""
_MEASURE = "INSERT OR REPLACE INTO measurements VALUES (?, ?, ?)"


def record(db: Database, verdict: Verdict) -> None:
    """Stores a verdict and its measurements. A value that is not a number is stored as none."""
    values = (
        verdict.status.value,
        verdict.reason,
        verdict.policy,
        verdict.version,
        verdict.program,
    )
    row = db.write(_STORE, values).fetchone()
    if row is None:
        raise BankError(f"{db.path} holds no program {verdict.program!r} to judge; add it first")
    measured = verdict.measurements.items()
    db.write_many(
        _MEASURE, ((row[0], name, float(v) if math.isfinite(v) else None) for name, v in measured)
    )
    if verdict.features:
        db.write("INSERT OR REPLACE INTO features VALUES (?, ?)", (row[0], verdict.features))


def verdicts(db: Database, ids: Iterable[str]) -> Iterator[Verdict]:
    """The verdicts on the ids with their measurements; those without one left out; in no order."""
    sql = """SELECT id, status, reason, policy, version FROM programs
        JOIN verdicts ON program = seq WHERE id IN ({ids})"""
    every = list(ids)
    measured = measurements(db, every)
    for program_id, status, reason, policy, version in db.rows_of(sql, every):
        verdict = Verdict(program_id, Status(status), reason, policy, version)
        yield replace(verdict, measurements=measured.get(program_id, {}))


def measurements(db: Database, ids: Iterable[str]) -> dict[str, dict[str, float]]:
    """Program id → measurement → value; NaN where it was not finite."""
    sql = """SELECT id, name, value FROM programs JOIN measurements ON program = seq
        WHERE id IN ({ids})"""
    found: dict[str, dict[str, float]] = {}
    for program_id, name, value in db.rows_of(sql, ids):
        found.setdefault(program_id, {})[name] = math.nan if value is None else value
    return found


def features(db: Database, ids: Iterable[str]) -> dict[str, bytes]:
    """Program id → its packed features; ids without are left out."""
    sql = "SELECT id, vector FROM programs JOIN features ON program = seq WHERE id IN ({ids})"
    return dict(db.rows_of(sql, ids))
