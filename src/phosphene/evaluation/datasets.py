"""Labelled real images, split into training, validation and test."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from phosphene import seeds
from phosphene.decoding import Picture
from phosphene.errors import UsageError

TRAIN, VALIDATION, TEST = "train", "val", "test"
SPLITS = (TRAIN, VALIDATION, TEST)
SPLIT_NAMES = {"train": TRAIN, "training": TRAIN, "test": TEST, "testing": TEST} | dict.fromkeys(
    ("val", "valid", "validation", "dev"), VALIDATION
)
"""What splits are called in the wild."""

Labels = npt.NDArray[np.int64]
Splits = npt.NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """One dataset.

    Attributes:
        name: shown in tables.
        images: N pictures, decoded when needed; see `decode`.
        labels: int64 [N], index into `classes`.
        splits: [N], each "train", "val" or "test"; "val" may be absent.
        classes: their names.
        group: "natural", "specialised", "structured" …; empty where nobody said.
        fingerprint: names the images in their order (not labels and splits); features are cached by it.
    """

    name: str
    images: Sequence[Picture]
    labels: Labels
    splits: Splits
    classes: tuple[str, ...]
    group: str
    fingerprint: str

    def __post_init__(self) -> None:
        if not len(self.images):
            raise UsageError(f"the dataset {self.name} has no images")
        if len(self.classes) < 2:
            raise UsageError(
                f"the dataset {self.name} needs at least two classes, got {list(self.classes)}"
            )
        for split in (TRAIN, TEST):
            if not (self.splits == split).any():
                raise UsageError(f"the dataset {self.name} has no {split} images")
        if len(set(self.labels[self.splits == TRAIN].tolist())) < 2:
            raise UsageError(f"the dataset {self.name} has training images of one class only")

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def mark(self) -> str:
        """Names the images, labels and splits."""
        return fingerprint([self.fingerprint, self.labels.tobytes(), "".join(self.splits)])

    def rows(self, split: str) -> npt.NDArray[np.intp]:
        """The indices of a split's images."""
        return np.flatnonzero(self.splits == split)

    def limited(self, limit: int, seed: int = 0) -> LabelledImages:
        """At most `limit` images a split, every class in its proportion."""
        kept = np.concatenate(
            [rows[stratified(self.labels[rows], limit, seed)] for rows in map(self.rows, SPLITS)]
        )
        kept.sort()
        return replace(
            self,
            images=[self.images[i] for i in kept],
            labels=self.labels[kept],
            splits=self.splits[kept],
            fingerprint=fingerprint([self.fingerprint, kept.tobytes()]),
        )


def stratified(labels: Labels, count: int, seed: int) -> npt.NDArray[np.intp]:
    """Which of the images to take so that `count` are taken, evenly from every class' share.

    Args:
        labels: int64 [N].
        count: how many; all where N is smaller.
        seed: names the choice.

    Returns:
        sorted indices. Classes are visited in proportion to their size, so the largest remainder decides
        ties, then the label.
    """
    if count >= len(labels):
        return np.arange(len(labels))
    draws = seeds.uniforms(seed, "split", np.arange(len(labels)), n=1)[:, 0]
    order = np.lexsort((draws, labels))
    sizes = np.unique(labels, return_counts=True)[1]
    within = np.concatenate([(np.arange(size) + 0.5) / size for size in sizes.tolist()])
    return np.sort(order[np.lexsort((labels[order], within))[:count]])


def split_off(labels: Labels, share: float, seed: int) -> npt.NDArray[np.bool_]:
    """Marks about `share` of the images of every class, but never a class' only image. bool [N]."""
    marked = np.zeros(len(labels), bool)
    if not len(labels):
        return marked
    draws = seeds.uniforms(seed, "split", np.arange(len(labels)), n=1)[:, 0]
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        count = min(len(rows) - 1, max(1, round(share * len(rows))))
        marked[rows[np.argsort(draws[rows])[:count]]] = True
    return marked


def split_fresh(labels: Labels, seed: int = 0) -> Splits:
    """A fixed split of images that come without one: 60% training, 20% validation, 20% test."""
    splits = np.full(len(labels), TRAIN)
    splits = splits.astype("<U5")
    test = split_off(labels, 0.2, seed)
    splits[test] = TEST
    rest = np.flatnonzero(~test)
    splits[rest[split_off(labels[rest], 0.25, seed + 1)]] = VALIDATION
    return splits


def fingerprint(parts: Sequence[Any]) -> str:
    """A hash of texts and bytes in their order, 32 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        content = part if isinstance(part, bytes) else str(part).encode("utf-8", "replace")
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)
    return digest.hexdigest()
