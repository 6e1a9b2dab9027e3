"""Image folders and parquet files: real pictures, decoded once and kept as bytes."""

from __future__ import annotations

import hashlib
import io
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image, ImageOps, UnidentifiedImageError

from phosphene import seeds
from phosphene.baselines.images import Pool, Report, room
from phosphene.decoding import SUFFIXES, UNKNOWN, decode, picture_files
from phosphene.errors import PhospheneError, UsageError
from phosphene.views import Ints

_TRAINING = ("train", "training")
_LISTED = 5
_VERSION = "photos 2"

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Photos:
    """Encoded pictures with labels.

    Attributes:
        pictures: files, or encoded bytes.
        names: of each, for errors.
        labels: int64 [N], index into `classes`.
        classes: their names; one where nothing is labelled.
    """

    pictures: Sequence[Path | bytes]
    names: Sequence[str]
    labels: Ints
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pictures)

    def some(self, count: int) -> Photos:
        """`count` of them, chosen at random, but always the same ones."""
        if not 1 <= count <= len(self):
            raise UsageError(f"`images` must be 1 to {len(self)}, got {count}")
        draws = seeds.uniforms(0, "photos", np.arange(len(self)), n=1)[:, 0]
        kept = np.sort(np.argsort(draws, kind="stable")[:count])
        return Photos(
            [self.pictures[i] for i in kept],
            [self.names[i] for i in kept],
            self.labels[kept],
            self.classes,
        )

    def side(self) -> int:
        """The greatest of the pictures' shorter sides: to enlarge them beyond it would add nothing."""
        return max(_in_order(lambda i: _shorter(self._open(i)), len(self)))

    def pool(
        self, side: int, seed: int, device: torch.device, report: Report | None = None
    ) -> tuple[Pool, str]:
        """Decodes all, shorter side to `side`, the middle square cut out.

        Returns:
            The pictures, and a digest of files, labels and size.

        Raises:
            PhospheneError: one cannot be decoded.
            UsageError: there is no room for them.
        """
        pictures = room(len(self), side, device)
        digest = hashlib.blake2b(f"{_VERSION}, {side} px".encode(), digest_size=16)
        digest.update(repr(self.classes).encode() + self.labels.tobytes())
        found = _in_order(lambda i: self._decode(i, side), len(self))
        for number, (pixels, mark) in enumerate(found):
            pictures[number] = torch.from_numpy(pixels.transpose(2, 0, 1))
            digest.update(mark)
            if report:
                report(number + 1, len(self))
        return Pool(pictures, self.labels, self.classes, seed, device), digest.hexdigest()

    def _open(self, number: int) -> Image.Image:
        content, _ = self._read(number)
        try:
            return Image.open(io.BytesIO(content))
        except UnidentifiedImageError:
            raise PhospheneError(f"cannot read {self.names[number]}: {UNKNOWN}") from None
        except (OSError, ValueError, Image.DecompressionBombError) as error:
            raise PhospheneError(f"cannot read {self.names[number]}: {error}") from error

    def _read(self, number: int) -> tuple[bytes, bytes]:
        """A picture's encoded bytes and their digest."""
        picture = self.pictures[number]
        try:
            content = picture if isinstance(picture, bytes) else picture.read_bytes()
        except OSError as error:
            raise PhospheneError(f"cannot read {self.names[number]}: {error}") from error
        return content, hashlib.blake2b(content, digest_size=16).digest()

    def _decode(self, number: int, side: int) -> tuple[npt.NDArray[np.uint8], bytes]:
        content, mark = self._read(number)
        image = decode(content, self.names[number])
        return np.array(ImageOps.fit(image, (side, side), Image.Resampling.BICUBIC)), mark


def folder(path: str) -> Photos:
    """The images below a directory; the folders directly in it are the classes.

    Where it has a folder `train` or `training`, in whatever case, only what lies in that is taken: nothing is
    learned from test images.

    Raises:
        UsageError: it is no directory or holds no images.
    """
    root = Path(path)
    if not root.is_dir():
        raise UsageError(f"folder:{path} is not a directory")
    inside = (d for d in sorted(root.iterdir()) if d.name.lower() in _TRAINING and d.is_dir())
    root = next(inside, root)
    files = picture_files(root)
    if not files:
        raise UsageError(f"folder:{path} holds no images ({', '.join(sorted(SUFFIXES))})")
    kinds = [f.relative_to(root).parts[0] if f.parent != root else "" for f in files]
    return Photos(files, [str(f) for f in files], *_numbered(kinds))


def parquet(path: str) -> Photos:
    """The images of a parquet file: a column `image` (bytes), perhaps `label`, perhaps `split`.

    Where there is a split, only its training images are taken.

    Raises:
        UsageError: it is no file or lacks a column.
        PhospheneError: it cannot be read.
    """
    with parquet_file(path) as file:
        table = file.read()
    rows = np.arange(len(table))
    if "split" in table.column_names:
        kept = training_rows(table["split"].to_pylist(), path)
        table, rows = table.filter(pa.array(kept)), rows[kept]
    names = [f"row {row} of {path}" for row in rows]
    images = [encoded(v, name) for v, name in zip(table["image"].to_pylist(), names, strict=True)]
    labelled = "label" in table.column_names
    kinds = [str(v) for v in table["label"].to_pylist()] if labelled else [""] * len(images)
    return Photos(images, names, *_numbered(kinds))


@contextmanager
def parquet_file(path: str) -> Iterator[pq.ParquetFile]:
    """A parquet file that is there and holds images, to read. What cannot be read of it is a PhospheneError."""
    if not Path(path).is_file():
        raise UsageError(f"parquet:{path} is not a file")
    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            if "image" not in names:
                raise UsageError(f"{path} must have a column image, it has {', '.join(names)}")
            if not file.metadata.num_rows:
                raise UsageError(f"{path} holds no images")
            yield file
    except (OSError, pa.ArrowException) as error:
        raise PhospheneError(f"cannot read {path}: {error}") from error


def training_rows(splits: Sequence[object], path: str) -> list[bool]:
    """Which rows of a parquet file are training images. Raises UsageError where none is."""
    kept = [str(split).lower() in _TRAINING for split in splits]
    if not any(kept):
        names = sorted({repr(split) for split in splits})
        found = ", ".join(names[:_LISTED]) + (" …" if len(names) > _LISTED else "")
        raise UsageError(
            f"{path} holds no training images: its column split must say {' or '.join(_TRAINING)} of them, it says "
            f"{found}"
        )
    return kept


def encoded(value: object, name: str) -> bytes:
    """A picture's bytes: plain, or of a mapping with `bytes` as in Hugging Face's files. Raises UsageError."""
    content = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(content, bytes):
        raise UsageError(f"{name}: the column image must hold bytes, got {type(value).__name__}")
    return content


def _numbered(kinds: Sequence[str]) -> tuple[Ints, tuple[str, ...]]:
    classes = tuple(sorted(set(kinds)))
    index = {kind: number for number, kind in enumerate(classes)}
    return np.array([index[kind] for kind in kinds], np.int64), classes


def _shorter(image: Image.Image) -> int:
    return min(image.size)


def _in_order(work: Callable[[int], _T], count: int) -> Iterator[_T]:
    """`work` of 0 … count - 1 in threads, a few ahead of the consumer."""
    threads = os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[_T]] = deque()
        try:
            for number in range(count):
                waiting.append(pool.submit(work, number))
                if len(waiting) > 16 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
