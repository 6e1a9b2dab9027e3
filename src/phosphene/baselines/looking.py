"""A look at a baseline before it is opened, perhaps hours before: is it there, can it be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow.parquet as pq

from phosphene.baselines import photos
from phosphene.baselines.opening import PAINTERS, check_name
from phosphene.decoding import decode
from phosphene.errors import UsageError


def look(spec: str, images: int = 0) -> int:
    """Finds what `open_source` would fail on, as far as that costs next to nothing.

    Of files and parquet files that is whether they are there, have the columns and the training images, and
    whether the first of these is a picture; the others are not read.

    Args:
        spec: as for `open_source`.
        images: taken of them; 0: all.

    Returns:
        kinds of pictures, which are what labels index.

    Raises:
        UsageError: an unknown name, an empty folder, a missing file or column, more `images` than there are.
        PhospheneError: a file, or the first picture, cannot be read.
    """
    check_name(spec)
    kind, _, rest = spec.partition(":")
    if kind in PAINTERS:
        return len(PAINTERS[kind]().classes)
    count, kinds = _LOOKS[kind](rest)
    if images > count:
        raise UsageError(f"`images` must be 1 to {count}, got {images}")
    return kinds


def _folder(path: str) -> tuple[int, int]:
    """How many pictures of how many kinds."""
    found = photos.folder(path)
    decode(found.pictures[0], found.names[0])
    return len(found), len(found.classes)


def _parquet(path: str) -> tuple[int, int]:
    """As `_folder`; of the column `image` its first row alone is read."""
    with photos.parquet_file(path) as file:
        splits, labels = (_column(file, name) for name in ("split", "label"))
        first = next(file.iter_batches(1, columns=["image"]))[0][0].as_py()
        rows = file.metadata.num_rows
    kept = [True] * rows if splits is None else photos.training_rows(splits, path)
    if kept[0]:
        name = f"row 0 of {path}"
        decode(photos.encoded(first, name), name)
    kinds = {str(label) for label, own in zip(labels, kept, strict=True) if own} if labels else {""}
    return sum(kept), len(kinds)


_LOOKS: dict[str, Callable[[str], tuple[int, int]]] = {"folder": _folder, "parquet": _parquet}


def _column(file: pq.ParquetFile, name: str) -> Sequence[Any] | None:
    """A column's values; None where there is none."""
    if name not in file.schema_arrow.names:
        return None
    values: list[Any] = file.read([name])[name].to_pylist()
    return values
