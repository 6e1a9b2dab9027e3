"""Features and pixels on the disk, up to a number of bytes."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

log = logging.getLogger(__name__)

DEFAULT_LIMIT = 8 << 30
"""Bytes of features and pixels that are kept."""

VARIABLE = "PHOSPHENE_FEATURE_CACHE_GIB"
"""The environment variable that gives another limit, in GiB."""

_ENTRY = re.compile(r"[0-9a-f]{32}\.safetensors")
_PARTIAL = re.compile(r"\.[0-9a-f]{32}\.safetensors\.\d+")
_DAY = 86_400


def default_limit() -> int:
    """Bytes to keep: $PHOSPHENE_FEATURE_CACHE_GIB, else 8 GiB. What is no size is said, and does not count."""
    given = os.environ.get(VARIABLE)
    if not given:
        return DEFAULT_LIMIT
    with contextlib.suppress(ValueError):
        size = float(given) * 2**30
        if 1 <= size < math.inf:
            return int(size)
    log.warning("%s must be a number of GiB above 0, got %r: the limit is 8 GiB", VARIABLE, given)
    return DEFAULT_LIMIT


@dataclass(frozen=True)
class FeatureCache:
    """A directory of features, and of the pixels that they come from. Safe to share between processes.

    Entries that cannot be read are made again.

    Attributes:
        directory: where they lie; None: no cache. Files of other names are left alone.
        limit: bytes to keep; the longest unused goes first, and never what was put last.
    """

    directory: Path | None
    limit: int = field(default_factory=default_limit)

    def get(self, key: str) -> Tensor | None:
        """What was put under the key, 32 hexadecimal digits, or None."""
        path = self._path(key)
        if path is None or not path.is_file():
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # its age is that of its last use
        try:
            return load_file(path).get("values")
        except (OSError, SafetensorError):
            return None

    def put(self, key: str, values: Tensor) -> None:
        """Stores a tensor; a reader meets all of it or nothing. Where that fails, it is said, and no more."""
        path = self._path(key)
        if path is None:
            return
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            save_file({"values": values.contiguous()}, partial)
            os.replace(partial, path)
        except (OSError, SafetensorError) as error:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            log.warning(
                "features are not kept: cannot write the cache %s (%s); give another --cache, or --no-cache",
                path.parent,
                error,
            )
            return
        with contextlib.suppress(OSError):  # of a folder that cannot be listed
            _trim(path, self.limit)

    def _path(self, key: str) -> Path | None:
        return self.directory / f"{key}.safetensors" if self.directory else None


def _trim(newest: Path, limit: int) -> None:
    """Removes the longest unused beside `newest` until all fit into the limit, and what killed processes left
    half written a day ago. Other processes may do so at the same time; what they have opened, they can read."""
    entries = sorted(_files(newest.parent, _ENTRY))
    over = sum(size for _, size, _ in entries) - limit
    for _, size, path in entries:
        if over > 0 and path != newest and _removed(path):
            over -= size
    for used, _, path in _files(newest.parent, _PARTIAL):
        if time.time() - used > _DAY:
            _removed(path)


def _files(directory: Path, name: re.Pattern[str]) -> Iterator[tuple[float, int, Path]]:
    """The time of last use, the bytes and the path of every file of such a name."""
    for path in directory.iterdir():
        with contextlib.suppress(OSError):  # another process has removed it
            if name.fullmatch(path.name):
                about = path.stat()
                yield about.st_mtime, about.st_size, path


def _removed(path: Path) -> bool:
    """Removes a file. False: that is not allowed."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True
