"""`--data` → datasets: digits, folders, parquet files, torchvision."""

from __future__ import annotations

import inspect
import json
import math
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from phosphene.decoding import Picture, decode, picture_files
from phosphene.errors import PhospheneError, UsageError
from phosphene.evaluation.datasets import (
    SPLIT_NAMES,
    TEST,
    TRAIN,
    VALIDATION,
    LabelledImages,
    Labels,
    Splits,
    fingerprint,
    split_fresh,
)

_NAME = re.compile(r"[\w.-]+")
FORMS = "digits, folder:DIR, parquet:FILE, torchvision:NAME or torchvision:NAME@DIR"


def load(spec: str) -> LabelledImages:
    """The dataset that `--data` names.

    Args:
        spec: "digits"; "folder:DIR" with a folder a class, below train/ and test/ (and val/) where the
            images are split already (of train/ and val/ alone, val/ is the test split); "parquet:FILE" with
            the columns image (bytes), label and split; "torchvision:NAME", a class of
            `torchvision.datasets`, under DIR after an @. With NAME= in front it is called so.

    Raises:
        UsageError: no such dataset, or it lacks images, classes, columns or a split.
        PhospheneError: it cannot be read.
    """
    name, equals, named = spec.partition("=")
    if equals and _NAME.fullmatch(name):
        return replace(load(named), name=name)
    kind, _, rest = spec.partition(":")
    if kind not in LOADERS or (kind == "digits") != (not rest):
        raise UsageError(f"`data` must be {FORMS}; got {spec!r}")
    return LOADERS[kind](rest)


def _digits(_: str) -> LabelledImages:
    """The 1,797 handwritten digits of 8 x 8 px that scikit-learn carries (UCI optdigits, test part)."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = np.rint(bunch.images * (255 / 16)).astype(np.uint8)
    labels = bunch.target.astype(np.int64)
    names = tuple(str(name) for name in bunch.target_names)
    marks = fingerprint(["digits", images.tobytes()])
    return LabelledImages("digits", list(images), labels, split_fresh(labels), names, "", marks)


def _folder(path: str) -> LabelledImages:
    root = Path(path)
    if not root.is_dir():
        raise UsageError(f"`data` folder:{path} is not a directory")
    parts = {
        SPLIT_NAMES[d.name.lower()]: d for d in _folders(root) if d.name.lower() in SPLIT_NAMES
    }
    if TRAIN in parts and TEST not in parts and VALIDATION in parts:
        parts[TEST] = parts.pop(VALIDATION)
    presplit = TRAIN in parts and TEST in parts
    if parts and not presplit and len(parts) == len(_folders(root)):
        raise UsageError(
            f"`data` folder:{path} has {', '.join(f'{d.name}/' for d in parts.values())} alone: expected a folder a "
            "class, or train/ and test/ (or val/) with a folder a class in each"
        )
    files, names, splits = [], [], []
    for split, directory in sorted(parts.items()) if presplit else [("", root)]:
        for folder in _folders(directory):
            found = picture_files(folder)
            files += found
            names += [folder.name] * len(found)
            splits += [split] * len(found)
    if not files:
        raise UsageError(
            f"`data` folder:{path} holds no images in class folders (CLASS/*.png, or "
            "train/CLASS/*.png and test/CLASS/*.png)"
        )
    labels, classes = _numbered(names)
    stats = ((file, file.stat()) for file in files)
    marks = fingerprint([f"{f.resolve()} {s.st_size} {s.st_mtime_ns}" for f, s in stats])
    chosen = np.array(splits, "<U5") if presplit else split_fresh(labels)
    return LabelledImages(root.resolve().name, files, labels, chosen, classes, "", marks)


def _folders(directory: Path) -> list[Path]:
    return sorted(p for p in directory.iterdir() if p.is_dir() and not p.name.startswith("."))


def _parquet(path: str) -> LabelledImages:
    if not Path(path).is_file():
        raise UsageError(f"`data` parquet:{path} is not a file")
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise PhospheneError(f"cannot read {path}: {error}") from error
    columns = table.column_names
    if missing := [name for name in ("image", "label") if name not in columns]:
        raise UsageError(
            f"{path} must have the columns image, label and split, it lacks {missing[0]} "
            f"(it has {', '.join(columns)})"
        )
    about = _metadata(table.schema.metadata or {})
    images = [_encoded(value, row, path) for row, value in enumerate(table["image"].to_pylist())]
    labels, classes = _labels(table["label"].to_pylist(), about.get("classes"), path)
    splits = (
        _splits(table["split"].to_pylist(), path) if "split" in columns else split_fresh(labels)
    )
    name, group = str(about.get("name", Path(path).stem)), str(about.get("group", ""))
    return LabelledImages(name, images, labels, splits, classes, group, fingerprint(images))


def _metadata(raw: dict[bytes, bytes]) -> dict[str, Any]:
    """The first JSON mapping of a file's metadata that tells a group or classes."""
    for value in raw.values():
        try:
            about = json.loads(value)
        except ValueError:
            continue
        if isinstance(about, dict) and about.keys() & {"group", "classes"}:
            return about
    return {}


def _encoded(value: Any, row: int, path: str) -> bytes:
    """Bytes of an image column's cell: plain, or a mapping with `bytes` as in Hugging Face's files."""
    if isinstance(value, dict):
        value = value.get("bytes")
    if not isinstance(value, bytes):
        raise UsageError(f"the column image of {path} must hold bytes, row {row} holds {value!r}")
    return value


def _labels(values: list[Any], classes: Any, path: str) -> tuple[Labels, tuple[str, ...]]:
    for row, value in enumerate(values):
        if value is None:
            raise UsageError(f"the column label of {path} has no value in row {row}")
        if not _names_a_class(value) or type(value) is not type(values[0]):
            raise UsageError(
                f"the column label of {path} must hold numbers, texts or truth values, all of one kind; "
                f"row {row} holds {value!r}"
            )
    if isinstance(classes, list) and all(
        isinstance(value, int) and 0 <= value < len(classes) for value in values
    ):
        return np.array(values, np.int64), tuple(str(name) for name in classes)
    return _numbered(values)


def _names_a_class(value: object) -> bool:
    return isinstance(value, int | str) or (isinstance(value, float) and math.isfinite(value))


def _numbered(values: Sequence[Any]) -> tuple[Labels, tuple[str, ...]]:
    """Labels of any kind as numbers, in the order of their values."""
    names = sorted(set(values))
    index = {name: i for i, name in enumerate(names)}
    return np.array([index[v] for v in values], np.int64), tuple(str(name) for name in names)


def _splits(values: list[Any], path: str) -> Splits:
    names = [str(value).lower() for value in values]
    if unknown := set(names) - SPLIT_NAMES.keys():
        raise UsageError(
            f"the column split of {path} must hold train, val or test, got {sorted(unknown)[0]!r}"
        )
    return np.array([SPLIT_NAMES[name] for name in names], "<U5")


def _torchvision(rest: str) -> LabelledImages:
    from torchvision import datasets

    name, _, directory = rest.partition("@")
    kind = getattr(datasets, name, None)
    if name not in datasets.__all__ or not inspect.isclass(kind):
        raise UsageError(
            f"torchvision has no dataset {name!r}; try e.g. CIFAR10, MNIST, Flowers102"
        )
    root = Path(directory) if directory else cache_root() / "torchvision"
    images: list[Picture] = []
    values: list[Any] = []
    splits: list[str] = []
    for split, arguments in _variants(kind):
        for image, label in _torchvision_part(kind, root, arguments):
            images.append(decode(image))
            values.append(label)
            splits.append(split)
    if not all(isinstance(value, int | str | np.integer) for value in values):
        raise UsageError(f"torchvision's {name} has no class labels")
    labels, classes = _numbered(values)
    marks = fingerprint([name, *(np.asarray(image).tobytes() for image in images)])
    chosen = np.array(splits, "<U5") if splits[0] else split_fresh(labels)
    return LabelledImages(name, images, labels, chosen, classes, "", marks)


def _variants(kind: Any) -> list[tuple[str, dict[str, Any]]]:
    """How a torchvision dataset names its parts: by `train`, by `split`, or not at all."""
    parameters = inspect.signature(kind.__init__).parameters
    if "train" in parameters:
        return [(TRAIN, {"train": True}), (TEST, {"train": False})]
    if "split" not in parameters:
        return [("", {})]
    text = str(parameters["split"].annotation) + (kind.__doc__ or "")
    has_validation = '"val"' in text or "``val``" in text
    middle = [(VALIDATION, {"split": "val"})] if has_validation else []
    return [(TRAIN, {"split": "train"}), *middle, (TEST, {"split": "test"})]


def _torchvision_part(kind: Any, root: Path, arguments: dict[str, Any]) -> Any:
    accepted = inspect.signature(kind.__init__).parameters
    arguments = {"root": str(root), "download": True, **arguments}
    try:
        root.mkdir(parents=True, exist_ok=True)
        return kind(**{k: v for k, v in arguments.items() if k in accepted})
    except (OSError, RuntimeError, ValueError, TypeError) as error:
        raise PhospheneError(
            f"torchvision's {kind.__name__} cannot be loaded from {root}: {error}; "
            f"give the directory that holds it as torchvision:{kind.__name__}@DIR"
        ) from error


def cache_root() -> Path:
    """Where phosphene keeps what can be made again: $XDG_CACHE_HOME/phosphene."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "phosphene"


LOADERS: dict[str, Callable[[str], LabelledImages]] = {
    "digits": _digits,
    "folder": _folder,
    "parquet": _parquet,
    "torchvision": _torchvision,
}
"""The kinds of `--data`. A new one is added here."""
