"""A bank's SQLite file: opening it safely, transactions, and errors in words a user can act on."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from phosphene.bank.migrations import APPLICATION_ID, MIGRATIONS, migrate
from phosphene.errors import BankError

Row = tuple[Any, ...]

_CHUNK = 500  # ids a statement; SQLite takes 999 or more variables


class Database:
    """One connection, usable from several threads of a process (they take turns)."""

    def __init__(self, path: Path, create: bool, read_only: bool, patience: float) -> None:
        """Opens the file; see `Bank.open`."""
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        _check_file(path, create and not read_only)
        self.read_only = read_only or not _writable(path)
        with self._explained():
            self._db = _connect(path, self.read_only, patience)
        try:
            self._check_version()
            if not self.read_only:
                self._set_up_writing(patience)
        except BaseException:
            self._db.close()
            raise

    def _set_up_writing(self, patience: float) -> None:
        """Readers and a writer at once; safe against kill -9 with NORMAL in WAL mode."""
        deadline = time.monotonic() + patience
        with self._explained():
            while True:
                try:
                    self._db.execute("PRAGMA journal_mode = WAL")
                    break
                except sqlite3.OperationalError as error:  # SQLite does not wait here by itself
                    if "locked" not in str(error) or time.monotonic() > deadline:
                        raise
                    time.sleep(0.01)
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA journal_size_limit = 67108864")

    def _check_version(self) -> None:
        with self._explained():
            self._db.execute("BEGIN")  # all of one moment: another process may be making the bank
            try:
                (tables,) = self._db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
                (application,) = self._db.execute("PRAGMA application_id").fetchone()
                (version,) = self._db.execute("PRAGMA user_version").fetchone()
            finally:
                self._db.execute("COMMIT")
        if application != APPLICATION_ID and (tables or self.read_only):
            raise _not_a_bank(self.path)
        if version > len(MIGRATIONS):
            raise BankError(
                f"{self.path} was made by a newer Phosphene (bank version {version}, this one reads "
                f"up to {len(MIGRATIONS)}); update with: pip install --upgrade phosphene"
            )
        if version < len(MIGRATIONS):
            if self.read_only:
                raise BankError(
                    f"{self.path} is from an older Phosphene (bank version {version}) and read-only; "
                    "make it writable and open it once, then it is brought up to date"
                )
            with self._explained():
                migrate(self._db)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query; only for answers that are known to be small or wanted whole."""
        with self._lock, self._explained():
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of a query."""
        with self._lock, self._explained():
            found: Row | None = self._db.execute(sql, values).fetchone()
            return found

    def rows_of(self, sql: str, ids: Iterable[Any]) -> Iterator[Row]:
        """Rows of a query over many ids, a chunk at a time.

        Args:
            sql: has `{ids}` where the list of placeholders belongs.
            ids: bound in chunks.
        """
        for chunk in chunks(ids, _CHUNK):
            yield from self.rows(sql.format(ids=",".join("?" * len(chunk))), chunk)

    def write(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Runs one statement; inside `transaction`."""
        with self._explained():
            return self._db.execute(sql, values)

    def write_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Runs a statement for every row; inside `transaction`."""
        with self._explained():
            self._db.executemany(sql, rows)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are stored together or not at all. May be nested: the outermost counts."""
        with self._lock:
            if self._depth:
                yield
                return
            if self.read_only:
                raise BankError(
                    f"{self.path} is read-only; make the file and its folder writable, or copy it"
                )
            with self._explained():
                self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                with self._explained():
                    self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def close(self) -> None:
        """Closes the file; harmless when it is closed."""
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explain(self.path, error) from error


def explain(path: Path, error: sqlite3.Error) -> BankError:
    """A SQLite error as one line that says what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    match code:
        case sqlite3.SQLITE_FULL:
            text = "the disk is full; free some space and run the command again, nothing stored is lost"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            text = (
                "another process is writing to it; wait until it is done and run the command again"
            )
        case sqlite3.SQLITE_READONLY:
            text = "it is read-only; make the file and its folder writable, or copy it"
        case sqlite3.SQLITE_NOTADB:
            return _not_a_bank(path)
        case sqlite3.SQLITE_CORRUPT:
            text = "the file is damaged; restore a copy, or collect again into a new bank"
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN:
            text = (
                f"the file cannot be read or written ({error}); check the disk and the permissions"
            )
        case _:
            text = f"{error}; if this persists, collect again into a new bank"
    return BankError(f"{path}: {text}")


def chunks(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """The values in lists of at most `size`."""
    chunk: list[Any] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _check_file(path: Path, create: bool) -> None:
    if path.is_dir():
        raise BankError(f"{path} is a folder; a bank is a file, e.g. {path / 'bank.db'}")
    if path.exists():
        if path.stat().st_size == 0 and not create:
            raise _not_a_bank(path)
        return
    if not create:
        raise BankError(
            f"there is no bank at {path}; make one with: phosphene collect starter --bank {path}"
        )
    if not path.parent.is_dir():
        raise BankError(
            f"the folder {path.parent} does not exist; make it with: mkdir -p {path.parent}"
        )
    if not os.access(path.parent, os.W_OK):
        raise BankError(
            f"the folder {path.parent} is not writable; choose another place for the bank"
        )


def _writable(path: Path) -> bool:
    """SQLite's log stands beside the file, so both must be writable."""
    return os.access(path.parent, os.W_OK) and (not path.exists() or os.access(path, os.W_OK))


def _connect(path: Path, read_only: bool, patience: float) -> sqlite3.Connection:
    if not read_only:
        return _open(path, "mode=rwc", patience)
    db = _open(path, "mode=ro", patience)
    try:
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        # A log needs its index beside it. Where that cannot be made, nobody writes either, and the
        # file alone is the whole bank, unless a log was left behind.
        db.close()
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size:
            raise BankError(
                f"{path} was not closed cleanly and cannot be repaired in a read-only folder; copy it "
                f"and {log.name} to a writable one and open the copy"
            ) from None
        db = _open(path, "mode=ro&immutable=1", patience)
    return db


def _open(path: Path, mode: str, patience: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?{mode}",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )


def _not_a_bank(path: Path) -> BankError:
    return BankError(
        f"{path} is not a bank of Phosphene; make one with: phosphene collect starter --bank NEW.db"
    )
