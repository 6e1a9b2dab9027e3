"""Folders and single files as sources."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from phosphene.errors import SourceError
from phosphene.program import Dialect
from phosphene.sources.collections import context_of, name_of
from phosphene.sources.source import Context, Item, Known, too_large

_SKIPPED_FOLDERS = (".git", ".hg", ".svn", "node_modules", "__pycache__")


class FolderSource:
    """Every file below a folder, by its path inside it. Links are not followed."""

    def __init__(self, path: Path, dialect: Dialect | None = None, origin: str = "") -> None:
        """Opens the folder.

        Args:
            path: the folder.
            dialect: what every text is; None: found by content.
            origin: the collection's name; empty: the folder's.
        """
        self.path = path.resolve()
        self.key = f"folder:{self.path}"
        top = [p.name for p in self._listed(self.path) if p.is_file() and not p.is_symlink()]
        self.context = context_of(origin or name_of(self.path), top, self._text, dialect)

    @staticmethod
    def _listed(path: Path) -> list[Path]:
        try:
            return sorted(path.iterdir())
        except OSError as error:
            raise SourceError(f"the folder {path} cannot be read: {error.strerror}") from error

    def _text(self, name: str) -> str:
        item = read_file(self.path / name, name)
        return item.data.decode("utf-8", "replace")

    @cached_property
    def _found(self) -> dict[str, str]:
        """Path inside the folder → empty for a file; for a folder that cannot be listed, the reason."""
        found = {}

        def unlisted(error: OSError) -> None:
            inside = os.path.relpath(error.filename or self.path, self.path)
            found[os.path.join(inside, "")] = f"cannot be read: {error.strerror}"

        for folder, folders, files in os.walk(self.path, onerror=unlisted):
            folders[:] = sorted(f for f in folders if f not in _SKIPPED_FOLDERS)
            inside = os.path.relpath(folder, self.path)
            found.update((os.path.normpath(os.path.join(inside, name)), "") for name in files)
        return dict(sorted(found.items()))

    def size(self) -> int:
        """How many files there are, and folders that cannot be listed."""
        return len(self._found)

    def items(self, known: Known) -> Iterator[Item]:
        """The files that are not known, sorted by path."""
        for name, problem in self._found.items():
            if problem:
                yield Item(printable(name), b"", problem=problem)
                continue
            path = self.path / name
            if not known(printable(name), fingerprint(path)):
                yield read_file(path, printable(name))


class FileSource:
    """A single file."""

    def __init__(self, path: Path, dialect: Dialect | None = None, origin: str = "") -> None:
        """Opens the file; the arguments are those of `FolderSource`."""
        self.path = path.resolve()
        self.key = f"file:{self.path}"
        self.context = Context(origin or name_of(self.path.parent), dialect=dialect)

    def size(self) -> int:
        """One."""
        return 1

    def items(self, known: Known) -> Iterator[Item]:
        """The file, unless it is known."""
        name = printable(self.path.name)
        if not known(name, fingerprint(self.path)):
            yield read_file(self.path, name)


def read_file(path: Path, key: str) -> Item:
    """The file as an item; what keeps it from being read is the item's problem."""
    mark = fingerprint(path)
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            return Item(key, b"", mark, "not a regular file")
        problem = too_large(status.st_size)
        return Item(key, b"" if problem else path.read_bytes(), mark, problem)
    except OSError as error:
        return Item(key, b"", mark, f"cannot be read: {error.strerror}")


def fingerprint(path: Path) -> str:
    """Size and time of the last change; empty where the file cannot be looked at."""
    try:
        status = path.lstat()
    except OSError:
        return ""
    return f"{status.st_size}-{status.st_mtime_ns}"


def printable(name: str) -> str:
    """A file's name as text that can be stored, whatever bytes it is made of."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
