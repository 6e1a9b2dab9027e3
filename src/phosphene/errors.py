"""Errors that a user can act on: one line that names the thing, what was expected and what to do."""

from __future__ import annotations


class PhospheneError(Exception):
    """A failure that is explained in one line. The command line prints it and exits with 1."""

    exit_code = 1


class UsageError(PhospheneError):
    """The caller asked for something that does not exist or does not fit. Exit code 2."""

    exit_code = 2


class MissingPieceError(PhospheneError):
    """Something this machine lacks: a library, a driver, a package.

    Args:
        piece: what is missing, as a user would name it.
        remedy: what to type to get it.
    """

    def __init__(self, piece: str, remedy: str) -> None:
        super().__init__(f"{piece} is missing or too old; {remedy}")
        self.piece = piece
        self.remedy = remedy

    def __reduce__(self) -> tuple[type[MissingPieceError], tuple[str, str]]:
        return type(self), (self.piece, self.remedy)


class CompileError(PhospheneError):
    """A program that does not compile.

    Args:
        message: the compiler's complaint, without file names.
        tab: the tab of the program that the line belongs to ("image", "common" …).
        line: the line in the author's own text, from 1; None where the fault has no line.
    """

    def __init__(self, message: str, tab: str = "image", line: int | None = None) -> None:
        where = tab if line is None else f"{tab}, line {line}"
        super().__init__(f"{where}: {message}")
        self.message = message
        self.tab = tab
        self.line = line

    def __reduce__(self) -> tuple[type[CompileError], tuple[str, str, int | None]]:
        return type(self), (self.message, self.tab, self.line)


class UnservedError(PhospheneError):
    """A well-formed program that needs what this version cannot give (several passes, sound …)."""


class WorkerError(PhospheneError):
    """A worker process failed at a task: it raised, ran out of time or memory, or died."""


class BankError(PhospheneError):
    """A bank that cannot be opened, read or written."""


class EngineError(PhospheneError):
    """An engine that cannot start or that was asked for what it cannot do."""


class SourceError(PhospheneError):
    """A source of programs that cannot be read: a repository, an archive, a site."""
