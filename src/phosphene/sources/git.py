"""Git repositories as sources: bare ones, or checkouts at a revision, without touching a work tree."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

from phosphene.errors import MissingPieceError, SourceError
from phosphene.program import Dialect
from phosphene.sources.collections import context_of, name_of, name_of_address
from phosphene.sources.source import Item, Known, too_large

_SAFELY = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
"""A foreign repository's settings may name a remote for objects it lacks, and a command that reaches it."""

_ELSEWHERE = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_REPLACE_REF_BASE",
)
"""They name another repository, inside a hook for example, and count for more than the folder that git is given."""

_AHEAD = 200  # objects asked for at once; their names fit into the pipe, so nobody waits for us


@dataclass(frozen=True, slots=True)
class _Blob:
    path: str
    object: str
    size: int


class GitSource:
    """The files of one revision of a repository, read through `git cat-file --batch`.

    An item's fingerprint is its object's name, so that collecting a newer revision reads only the
    files that changed.
    """

    def __init__(
        self,
        path: Path,
        revision: str = "HEAD",
        dialect: Dialect | None = None,
        origin: str = "",
    ) -> None:
        """Opens the repository.

        Args:
            path: a checkout or a bare repository.
            revision: a commit, branch or tag.
            dialect: what every text is; None: found by content.
            origin: the collection's name; empty: its address, or the folder's name.

        Raises:
            SourceError: where there is no such repository or revision.
            MissingPieceError: where git is missing.
        """
        self.path = path.resolve()
        self.key = f"git:{self.path}"
        self.commit = _commit(self.path, revision)
        top = [blob for blob in self._blobs if "/" not in blob.path]
        objects = {blob.path: blob for blob in top}
        self.context = context_of(
            origin or origin_of(self.path),
            objects,
            lambda name: next(self._read([objects[name]])).data.decode("utf-8", "replace"),
            dialect,
        )

    @cached_property
    def _blobs(self) -> list[_Blob]:
        listing = _git(self.path, "ls-tree", "-r", "-z", "--long", self.commit)
        blobs = []
        for line in listing.split(b"\0"):
            mode, _, rest = line.partition(b" ")
            if mode in (b"100644", b"100755"):  # files; neither links nor submodules
                described, _, path = rest.partition(b"\t")
                _, name, size = described.split()
                blobs.append(
                    _Blob(
                        path.decode("utf-8", "backslashreplace"),
                        name.decode(),
                        int(size) if size.isdigit() else 0,  # git says BAD where it is missing
                    )
                )
        return blobs

    def size(self) -> int:
        """How many files the revision has."""
        return len(self._blobs)

    def items(self, known: Known) -> Iterator[Item]:
        """The files that are not known, in git's order (sorted by path)."""
        wanted = (blob for blob in self._blobs if not known(blob.path, blob.object))
        return self._read(wanted)

    def _read(self, blobs: Iterator[_Blob] | list[_Blob]) -> Iterator[Item]:
        with subprocess.Popen(
            _command(self.path, "cat-file", "--batch"),
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as git:
            assert git.stdin is not None
            assert git.stdout is not None
            try:
                for some in _groups(iter(blobs)):
                    yield from self._read_group(some, git.stdin, git.stdout)
            finally:
                git.kill()
                with contextlib.suppress(OSError):  # what it did not take
                    git.stdin.close()

    def _read_group(
        self, blobs: list[_Blob], stdin: IO[bytes], stdout: IO[bytes]
    ) -> Iterator[Item]:
        small = [blob for blob in blobs if not too_large(blob.size)]
        try:
            stdin.write("".join(f"{blob.object}\n" for blob in small).encode())
            stdin.flush()
        except OSError as error:
            raise self._stopped(blobs[0]) from error
        for blob in blobs:
            problem = too_large(blob.size)
            data = b"" if problem else self._answer(blob, stdout)
            if data is None:
                problem = "its object is missing from the repository"
            yield Item(blob.path, data or b"", blob.object, problem)

    def _answer(self, blob: _Blob, stdout: IO[bytes]) -> bytes | None:
        answer = stdout.readline().split()
        if len(answer) == 2 and answer[1] == b"missing":
            return None
        data = stdout.read(int(answer[2]) + 1)[:-1] if len(answer) == 3 else b""
        if len(answer) != 3 or len(data) != int(answer[2]):
            raise self._stopped(blob)
        return data

    def _stopped(self, blob: _Blob) -> SourceError:
        return SourceError(
            f"{self.path}: git stopped at {blob.path}; check it with: git -C {self.path} fsck"
        )


def is_bare(path: Path) -> bool:
    """Whether the folder is a repository without a work tree."""
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()


def origin_of(path: Path) -> str:
    """A repository's name: the address it was cloned from, or else its folder's name."""
    try:
        address = _git(path, "config", "--get", "remote.origin.url").decode()
    except (SourceError, MissingPieceError):
        address = ""
    return name_of_address(address) if address.strip() else name_of(path)


def _commit(path: Path, revision: str) -> str:
    """The commit's name in full."""
    try:
        found = _git(path, "rev-parse", "--verify", "--end-of-options", revision + "^{commit}")
    except SourceError as error:
        if "single revision" not in str(error):
            raise
        raise SourceError(
            f"{path} has no revision {revision!r}; list them with: git -C {path} log --oneline --all"
        ) from error
    return found.decode().strip()


def _groups(blobs: Iterator[_Blob]) -> Iterator[list[_Blob]]:
    group: list[_Blob] = []
    for blob in blobs:
        group.append(blob)
        if len(group) == _AHEAD:
            yield group
            group = []
    if group:
        yield group


def _command(path: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(path), *arguments]


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    return {**inherited, **_SAFELY}


def _git(path: Path, *arguments: str) -> bytes:
    command = _command(path, *arguments)
    try:
        done = subprocess.run(command, env=_environment(), capture_output=True, check=False)
    except FileNotFoundError as error:
        raise MissingPieceError("git", "install it with: sudo apt install git") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        why = said[0] if said else f"exit code {done.returncode}"
        raise SourceError(f"{path}: git {arguments[0]} failed: {why}")
    return done.stdout
