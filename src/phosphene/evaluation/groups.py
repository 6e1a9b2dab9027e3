"""To which group of VTAB a dataset belongs: natural, specialised or structured.

A parquet file says it in its metadata; for torchvision's datasets and the embedded digits the table
below does; `--group NAME=GROUP` overrides both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from phosphene.errors import UsageError
from phosphene.evaluation.datasets import LabelledImages

GROUPS = ("natural", "specialised", "structured")
"""Of Zhai et al., *A Large-scale Study of Representation Learning with the Visual Task Adaptation
Benchmark* (2019)."""

_KNOWN = {
    "natural": "caltech101 caltech256 cifar10 cifar100 dtd emnist fashionmnist fgvcaircraft flowers102 "
    "food101 gtsrb kmnist mnist oxfordiiitpet places365 qmnist stanfordcars stl10 sun397 svhn usps "
    "imagenet country211 renderedsst2",
    "specialised": "eurosat pcam",
    "structured": "clevrclassification",
}
KNOWN = {name: group for group, names in _KNOWN.items() for name in names.split()}
"""Datasets by the lower case of their name."""


def grouped(
    datasets: Sequence[LabelledImages], overrides: Mapping[str, str] | None = None
) -> list[LabelledImages]:
    """Datasets with their groups: from `overrides`, else their own, else the table's, else none.

    Raises:
        UsageError: for an override of a dataset that is not there, or two datasets of one name.
    """
    overrides = overrides or {}
    names = [data.name for data in datasets]
    if unknown := [name for name in overrides if name not in names]:
        raise UsageError(f"`group` must name a dataset of {', '.join(names)}; got {unknown[0]!r}")
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError(
            f"datasets must have different names, {twice[0]} is given twice: name them, NAME=DATA"
        )
    return [
        replace(d, group=overrides.get(d.name) or d.group or KNOWN.get(d.name.lower(), ""))
        for d in datasets
    ]
