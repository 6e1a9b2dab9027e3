"""Compiled kernels on disk: one SQLite file, shared by every run of a user on a machine.

SQLite, not a file a cubin: 21,000 small files take minutes to read from a cold or networked disk, and
transactions make the cache safe beside other processes and kill -9 without a protocol of our own.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from phosphene.engines.cuda.compiler import Compiled
from phosphene.engines.cuda.trial import Trial

log = logging.getLogger(__name__)

DEFAULT_LIMIT = 8 << 30
"""Bytes of cubins that are kept."""

VARIABLE = "PHOSPHENE_CUBIN_CACHE"
"""The environment variable that moves the cache; a folder."""

_DAY = 86_400
_REFUSED = 7 * _DAY
"""Seconds for which a compilation that failed is kept: the machine may have been overloaded, or out of memory."""
_BUSY_SECONDS = 60.0
_CHUNK = 500

_VERSION = 2
"""`PRAGMA user_version`: counted up with the tables' columns; what an older file holds is made anew."""

_TABLES = """
CREATE TABLE IF NOT EXISTS cubins (
    key TEXT PRIMARY KEY, used INTEGER NOT NULL, size INTEGER NOT NULL, reason TEXT NOT NULL,
    registers INTEGER NOT NULL, local INTEGER NOT NULL, code BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS cubins_by_use ON cubins (used, size);
CREATE TABLE IF NOT EXISTS trials (
    key TEXT NOT NULL, device TEXT NOT NULL, reason TEXT NOT NULL, cost REAL NOT NULL,
    latency REAL NOT NULL, registers INTEGER NOT NULL, local INTEGER NOT NULL,
    PRIMARY KEY (key, device)
) WITHOUT ROWID;
"""


def default_folder() -> Path:
    """Where the cache lies: $PHOSPHENE_CUBIN_CACHE, else phosphene/cubins in the user's cache folder."""
    moved = os.environ.get(VARIABLE)
    if moved:
        return Path(moved)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "phosphene" / "cubins"


@dataclass(frozen=True, slots=True)
class Room:
    """What the cache holds: entries, and bytes of code."""

    entries: int
    size: int


class CubinCache:
    """Compilations by key, and how they fared on each device. Safe to share between processes.

    Where the file cannot be used, the cache lives in memory and says so, and a damaged one is put aside: a run
    never fails for it.
    """

    def __init__(self, folder: Path | None = None, limit: int = DEFAULT_LIMIT) -> None:
        """
        Args:
            folder: where the file is kept; None: `default_folder()`.
            limit: bytes of code to keep; the longest unused goes first.
        """
        self._limit = limit
        self._lock = threading.Lock()
        self._folder = folder or default_folder()
        self._db = self._open(self._folder / "cubins.db")

    def _open(self, path: Path) -> sqlite3.Connection:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return _connected(str(path))
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                _put_aside(path, error)
                return _connected(str(path))
        except (sqlite3.Error, OSError) as error:
            log.warning("no cache of kernels in %s (%s): they are compiled anew", path, error)
            return _connected(":memory:")

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Holds other processes that want to fill the cache, such as the other ranks of a machine, until
        this one has; who has to wait says so. The kernel ends the hold with the process."""
        try:
            file = (self._folder / "turn").open("ab")
        except OSError:  # no folder: the cache lives in memory, and is nobody else's
            yield
            return
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                log.warning(
                    "waiting for another process, which is filling the cache of kernels in %s",
                    self._folder,
                )
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def get(self, keys: Iterable[str]) -> Iterator[Compiled]:
        """The compilations that are there, in no order; refusals for a week."""
        sql = """SELECT key, code, reason, registers, local FROM cubins
            WHERE key IN ({}) AND (reason = '' OR used > ?)"""
        for rows in self._rows(sql, keys, (int(time.time()) - _REFUSED,)):
            for row in rows:
                yield Compiled(*row)

    def trials(self, keys: Iterable[str], device: str) -> dict[str, Trial]:
        """How kernels fared on a device, as far as they were tried there."""
        sql = """SELECT key, reason, cost, latency, registers, local FROM trials
            WHERE key IN ({}) AND device = ?"""
        return {
            row[0]: Trial(*row[1:]) for rows in self._rows(sql, keys, (device,)) for row in rows
        }

    def _rows(
        self, sql: str, keys: Iterable[str], more: Sequence[object] = ()
    ) -> Iterator[list[tuple[Any, ...]]]:
        source = iter(keys)
        while part := list(islice(source, _CHUNK)):
            marks = ", ".join("?" * len(part))
            yield self._read(sql.format(marks), [*part, *more])

    def _read(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """A query's rows; none where the file turns out to be damaged."""
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.DatabaseError as error:
                self._survive(error, "read")
                return []

    def _survive(self, error: sqlite3.DatabaseError, done: str) -> None:
        """Says that the file could not be read or written; puts a damaged one aside. With the lock held."""
        if type(error) is not sqlite3.DatabaseError:  # it is busy, full or away
            log.warning("the cache of kernels could not be %s: %s", done, error)
            return
        self._db.close()
        path = self._folder / "cubins.db"
        with contextlib.suppress(OSError):
            _put_aside(path, error)
        self._db = self._open(path)

    def put(self, compiled: Iterable[Compiled]) -> None:
        """Stores compilations in one transaction."""
        now = int(time.time())
        rows = [(c.key, now, len(c.code), c.reason, c.registers, c.local, c.code) for c in compiled]
        self._write("INSERT OR REPLACE INTO cubins VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def put_trials(self, trials: Mapping[str, Trial], device: str) -> None:
        """Stores how kernels fared, in one transaction."""
        rows = [
            (key, device, t.reason, t.cost, t.latency, t.registers, t.local)
            for key, t in trials.items()
        ]
        self._write("INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def touch(self, keys: Iterable[str]) -> None:
        """Notes that compilations are in use, not refusals; to the day, so that a warm start writes little."""
        now = int(time.time())
        rows = [(now, key, now - _DAY) for key in keys]
        self._write("UPDATE cubins SET used = ? WHERE key = ? AND used < ? AND reason = ''", rows)

    def trim(self) -> None:
        """Drops what was unused for longest until the code fits into the limit."""
        over = self.room().size - self._limit
        if over <= 0:
            return
        doomed, freed = [], 0
        for key, size in self._read("SELECT key, size FROM cubins ORDER BY used, key"):
            if freed >= over:
                break
            doomed.append((key,))
            freed += size
        self._write("DELETE FROM cubins WHERE key = ?", doomed)
        self._write("DELETE FROM trials WHERE key = ?", doomed)
        self._read("PRAGMA incremental_vacuum")

    def room(self) -> Room:
        """How much is there."""
        rows = self._read("SELECT count(*), coalesce(sum(size), 0) FROM cubins")
        return Room(*rows[0]) if rows else Room(0, 0)

    def _write(self, sql: str, rows: Sequence[tuple[object, ...]]) -> None:
        """One transaction. A full or read-only disk costs the entry, not the run."""
        if not rows:
            return
        with self._lock:
            try:
                with self._db:
                    self._db.executemany(sql, rows)
            except sqlite3.DatabaseError as error:
                self._survive(error, "written")

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()


def _put_aside(path: Path, error: sqlite3.Error) -> None:
    aside = path.with_suffix(".damaged")
    log.warning("%s is damaged (%s): moved to %s", path, error, aside.name)
    path.replace(aside)
    for rest in ("-wal", "-shm"):
        path.with_name(path.name + rest).unlink(missing_ok=True)


def _connected(path: str) -> sqlite3.Connection:
    """The connection, its tables made; what is not a sound SQLite file raises DatabaseError."""
    db = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        _forget_older(db)
        db.executescript(_TABLES)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _forget_older(db: sqlite3.Connection) -> None:
    """Empties a file whose tables are of another version. Only one process does."""
    db.execute("BEGIN IMMEDIATE")
    if db.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
        for table in ("cubins", "trials"):
            db.execute(f"DROP TABLE IF EXISTS {table}")
        db.execute(f"PRAGMA user_version = {_VERSION}")
    db.execute("COMMIT")
