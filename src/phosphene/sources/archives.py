"""Zip and tar archives as sources. Nothing is unpacked to disk, so a member's path can do no harm."""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from phosphene.errors import SourceError
from phosphene.program import Dialect
from phosphene.sources.collections import context_of, name_of
from phosphene.sources.source import ITEM_LIMIT, Context, Item, Known, too_large

_BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError),
    *(ValueError, OverflowError, NotImplementedError),  # of names, of numbers, of compressions
)
_ENDINGS = (".zip", ".tar", ".tgz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")


class ZipSource:
    """The files in a zip archive."""

    def __init__(self, path: Path, dialect: Dialect | None = None, origin: str = "") -> None:
        """Opens the archive.

        Args:
            path: the file.
            dialect: what every text is; None: found by content.
            origin: the collection's name; empty: the archive's.

        Raises:
            SourceError: where it is damaged.
        """
        self.path = path.resolve()
        self.key = f"zip:{self.path}"
        try:
            self._zip = zipfile.ZipFile(self.path)
        except _BROKEN as error:
            raise _damaged(self.path, error) from error
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        self._members = dict(zip(_keys(i.filename for i in infos), infos, strict=True))
        about = {key: self._read(key).data for key in _about(self._members)}
        self.context = _context(self.path, origin, dialect, self._members, about)

    def size(self) -> int:
        """How many files there are."""
        return len(self._members)

    def items(self, known: Known) -> Iterator[Item]:
        """The files that are not known, in the archive's order."""
        for key, info in self._members.items():
            if not known(key, _zip_mark(info)):
                yield self._read(key)

    def _read(self, key: str) -> Item:
        info = self._members[key]
        mark = _zip_mark(info)
        problem = too_large(info.file_size)
        if problem:
            return Item(key, b"", mark, problem)
        if info.flag_bits & 1:
            return Item(key, b"", mark, "encrypted")
        try:
            with self._zip.open(info) as member:
                data = member.read(ITEM_LIMIT + 1)  # the size that is stated need not be true
        except (*_BROKEN, RuntimeError) as error:
            return Item(key, b"", mark, f"damaged in the archive: {error}")
        return Item(key, data, mark)


class TarSource:
    """The files in a tar archive, plain or compressed with gzip, bzip2 or xz."""

    def __init__(self, path: Path, dialect: Dialect | None = None, origin: str = "") -> None:
        """Opens the archive; the arguments are those of `ZipSource`."""
        self.path = path.resolve()
        self.key = f"tar:{self.path}"
        about: dict[str, bytes] = {}
        keys = []
        for key, member, tar in self._members():
            keys.append(key)
            if list(_about([key])):
                about[key] = self._read(tar, member, key).data
        self._size = len(keys)
        self.context = _context(self.path, origin, dialect, keys, about)

    def size(self) -> int:
        """How many files there are."""
        return self._size

    def items(self, known: Known) -> Iterator[Item]:
        """The files that are not known, in the archive's order."""
        for key, member, tar in self._members():
            if not known(key, _tar_mark(member)):
                yield self._read(tar, member, key)

    def _read(self, tar: tarfile.TarFile, member: tarfile.TarInfo, key: str) -> Item:
        problem = too_large(member.size)
        if problem:
            return Item(key, b"", _tar_mark(member), problem)
        try:
            content = tar.extractfile(member)
            return Item(key, content.read() if content else b"", _tar_mark(member))
        except _BROKEN as error:
            raise _damaged(self.path, error) from error

    def _members(self) -> Iterator[tuple[str, tarfile.TarInfo, tarfile.TarFile]]:
        taken: dict[str, int] = {}
        try:
            with tarfile.open(self.path, "r:*") as tar:
                for member in tar:
                    if member.isfile():  # neither links, nor devices, nor folders
                        yield _key(member.name, taken), member, tar
        except _BROKEN as error:
            raise _damaged(self.path, error) from error


def is_archive(path: Path) -> bool:
    """Whether the file's content is a zip or tar archive."""
    try:
        return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)
    except EOFError:  # tarfile's, of a compressed file that is cut off
        return True


def open_archive(
    path: Path, dialect: Dialect | None = None, origin: str = ""
) -> ZipSource | TarSource:
    """The archive as a source."""
    if zipfile.is_zipfile(path) or path.name.lower().endswith(".zip"):
        return ZipSource(path, dialect, origin)
    return TarSource(path, dialect, origin)


def looks_like_archive(path: Path) -> bool:
    """Whether the file is called as archives are, so that damage can be told from other content."""
    return path.name.lower().endswith(_ENDINGS)


def _zip_mark(info: zipfile.ZipInfo) -> str:
    return f"{info.file_size}-{info.CRC:08x}"


def _tar_mark(member: tarfile.TarInfo) -> str:
    return f"{member.size}-{member.mtime}"


def _keys(names: Iterator[str]) -> Iterator[str]:
    taken: dict[str, int] = {}
    for name in names:
        yield _key(name, taken)


def _key(name: str, taken: dict[str, int]) -> str:
    """A member's path below the archive, whatever it says; members of one name are numbered."""
    parts = [p for p in PurePosixPath(name.replace("\\", "/")).parts if p not in ("..", "/", ".")]
    key = "/".join(parts).encode("utf-8", "backslashreplace").decode() or "unnamed"
    taken[key] = taken.get(key, 0) + 1
    return key if taken[key] == 1 else f"{key} ({taken[key]})"


def _about(keys: Iterable[str]) -> Iterator[str]:
    """Files that may tell of the collection: at the top, or in a topmost folder; `_context` chooses."""
    for key in keys:
        name = key.rpartition("/")[2].lower()
        if key.count("/") <= 1 and name.startswith(("licen", "unlicen", "copying", "readme")):
            yield key


def _context(
    path: Path,
    origin: str,
    dialect: Dialect | None,
    keys: Iterable[str],
    about: dict[str, bytes],
) -> Context:
    """What the archive says at its top, or in the one folder that holds everything."""
    tops = {top if inside else "" for key in keys for top, inside, _ in [key.partition("/")]}
    folder = tops.pop() if len(tops) == 1 else ""
    texts = {
        key.rpartition("/")[2]: data.decode("utf-8", "replace")
        for key, data in about.items()
        if key.rpartition("/")[0] == folder
    }
    return context_of(origin or name_of(path), texts, texts.__getitem__, dialect)


def _damaged(path: Path, error: BaseException) -> SourceError:
    why = (str(error).splitlines() or [type(error).__name__])[0].rstrip(":")
    return SourceError(f"the archive {path} is damaged: {why}; download or pack it again")
