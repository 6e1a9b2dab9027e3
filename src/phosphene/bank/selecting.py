"""Choosing programs from a bank, and the digest that names a choice."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest

from phosphene.bank.database import Database
from phosphene.bank.records import Selection
from phosphene.errors import UsageError
from phosphene.licences import matching
from phosphene.program import Dialect

Range = tuple[float | None, float | None]
"""Lowest and highest value, both included; None: no bound."""


_LISTED = 20
"""Choices that a message names at most."""

_CONDITION = re.compile(r"\s*(\w+)\s*(<=|>=)\s*(\S+)\s*")


def ranges(conditions: Iterable[str]) -> dict[str, Range]:
    """Measurement → range, of conditions such as "milliseconds <= 40"; several of one name must all hold.

    Raises:
        UsageError: for a text that is no condition.
    """
    found: dict[str, Range] = {}
    for text in conditions:
        match = _CONDITION.fullmatch(text)
        try:
            name, sign, bound = match[1], match[2], float(match[3])  # type: ignore[index]
        except (TypeError, ValueError):
            bound = math.nan
        if math.isnan(bound):
            raise UsageError(
                f"a condition must be MEASUREMENT<=NUMBER or MEASUREMENT>=NUMBER, got {text!r}"
            )
        low, high = found.get(name, (None, None))
        if sign == "<=":
            high = bound if high is None else min(high, bound)
        else:
            low = bound if low is None else max(low, bound)
        found[name] = low, high
    return found


@dataclass(frozen=True, slots=True)
class Filters:
    """Which programs to choose; every filter must let a program through.

    Attributes:
        licences: SPDX identifiers or groups (`phosphene.licences.GROUPS`); empty: any.
        accepted: True: only those that vetting accepted; False: only those that it rejected or that
            failed; None: any, vetted or not.
        servable: True: only those that this version can serve; False: only the others; None: any.
        vetted: True: only those with a verdict; False: only those without; None: any.
        distinct: of programs with the same token structure keep the one with the smallest id, among
            those that the other filters let through.
        dialects: empty: any.
        origins: empty: any.
        measured: measurement → range; a program without the measurement is left out.
        limit: at most so many, drawn at random.
        seed: of that draw. The draw of 100 is part of the draw of 1,000 with the same seed.
    """

    licences: Sequence[str] = ()
    accepted: bool | None = True
    servable: bool | None = None
    vetted: bool | None = None
    distinct: bool = False
    dialects: Sequence[Dialect | str] = ()
    origins: Sequence[str] = ()
    measured: Mapping[str, Range] = field(default_factory=dict)
    limit: int | None = None
    seed: int = 0

    def describe(self) -> str:
        """The filters that are not at rest, in one line."""
        words = [f"license {'|'.join(self.licences)}"] if self.licences else []
        for name in ("accepted", "servable", "vetted"):
            value = getattr(self, name)
            words += [] if value is None else [name if value else f"not {name}"]
        words += ["distinct"] if self.distinct else []
        words += [f"dialect {'|'.join(self.dialects)}"] if self.dialects else []
        words += [f"origin {'|'.join(self.origins)}"] if self.origins else []
        for name, (low, high) in sorted(self.measured.items()):
            words.append(
                f"{'' if low is None else f'{low:g} <= '}{name}{'' if high is None else f' <= {high:g}'}"
            )
        words += [] if self.limit is None else [f"{self.limit} drawn with seed {self.seed}"]
        return ", ".join(words)


def digest(ids: Iterable[str]) -> str:
    """The name of a set of programs: 32 hexadecimal digits, BLAKE2b over its sorted ids."""
    state = hashlib.blake2b(digest_size=16)
    for program_id in sorted(set(ids)):
        state.update(program_id.encode() + b"\n")
    return state.hexdigest()


def select(db: Database, filters: Filters) -> Selection:
    """The programs that all filters let through; see `Filters`."""
    if filters.limit is not None and filters.limit < 0:
        raise UsageError(f"`limit` must be 0 or more, got {filters.limit}")
    where, values = _conditions(db, filters)
    condition = f"WHERE {' AND '.join(where)}" if where else ""
    column = "p.id"
    if filters.distinct:
        column = "min(p.id)"
        condition += " GROUP BY iif(p.structure = '', p.id, p.structure)"
    joined = "LEFT JOIN verdicts v ON v.program = p.seq"
    rows = db.rows(f"SELECT {column} FROM programs p {joined} {condition}", values)
    ids = [program_id for (program_id,) in rows]
    if filters.limit is not None and filters.limit < len(ids):
        ids = nsmallest(filters.limit, ids, key=lambda i: _lot(filters.seed, i))
    return Selection(tuple(sorted(ids)), digest(ids), filters.describe())


def _lot(seed: int, program_id: str) -> bytes:
    """A program's place in the draw; it does not depend on what else is in the bank."""
    return hashlib.blake2b(f"{seed}/{program_id}".encode(), digest_size=8).digest()


def _conditions(db: Database, filters: Filters) -> tuple[list[str], list[object]]:
    where: list[str] = []
    values: list[object] = []
    if filters.accepted is not None:
        where.append("v.status = 'accepted'" if filters.accepted else "v.status <> 'accepted'")
    if filters.accepted:  # by this version or an earlier one, which served it
        where.append("p.unserved IS NULL")
    if filters.vetted is not None:
        where.append(f"v.status IS {'NOT ' if filters.vetted else ''}NULL")
    if filters.servable is not None:
        where.append(f"p.unserved IS {'' if filters.servable else 'NOT '}NULL")
    if filters.licences:
        present = [name for (name,) in db.rows("SELECT DISTINCT licence FROM programs")]
        _one_of(where, values, "p.licence", matching(present, filters.licences))
    if filters.dialects:
        _one_of(where, values, "p.dialect", [Dialect.of(d).value for d in filters.dialects])
    if filters.origins:
        _check_origins(db, filters.origins)
        origins: list[str] = []
        _one_of(origins, values, "origin", filters.origins)
        where.append(f"p.seq IN (SELECT program FROM provenance WHERE {origins[0]})")
    for name, (low, high) in filters.measured.items():
        _check_measured(db, name)
        if any(bound is not None and math.isnan(bound) for bound in (low, high)):
            raise UsageError(f"the bounds of {name!r} must be numbers, got {low} and {high}")
        where.append(
            "EXISTS (SELECT 1 FROM measurements m WHERE m.program = p.seq AND m.name = ? "
            "AND m.value IS NOT NULL AND m.value >= ifnull(?, m.value) "
            "AND m.value <= ifnull(?, m.value))"
        )
        values += [name, low, high]
    return where, values


def _check_origins(db: Database, wanted: Sequence[str]) -> None:
    """Raises UsageError where programs come from somewhere, but none of them from there."""
    known = [name for (name,) in db.rows("SELECT DISTINCT origin FROM provenance ORDER BY 1")]
    unknown = [name for name in wanted if name not in known]
    if known and unknown:
        some = ", ".join(known[:_LISTED]) + (" …" if len(known) > _LISTED else "")
        raise UsageError(f"origins of {db.path} are {some}; got {unknown[0]!r}")


def _check_measured(db: Database, name: str) -> None:
    """Raises UsageError where programs were measured, but none of them so."""
    if not db.row("SELECT 1 FROM measurements WHERE name = ? LIMIT 1", (name,)):
        names = [known for (known,) in db.rows("SELECT DISTINCT name FROM measurements ORDER BY 1")]
        if names:
            raise UsageError(f"measurements of {db.path} are {', '.join(names)}; got {name!r}")


def _one_of(where: list[str], values: list[object], column: str, choices: Sequence[str]) -> None:
    where.append(f"{column} IN ({','.join('?' * len(choices))})")
    values += choices
