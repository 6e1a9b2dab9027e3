"""What must be equal for a comparison to be fair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from phosphene.errors import UsageError
from phosphene.runs import first_difference
from phosphene.training import PretrainConfig, plain

NO_BUDGET = ("seed", "keeping")
"""Entries of `training` that may differ: they name the repetition, or what is kept of it."""

AUGMENTATION = ("crop", "levels", "colour", "local_crop", "local_size")
"""Entries of `data` that belong to the budget. The others are the source: what is shown, not how long
or how it is augmented."""


def budget(config: PretrainConfig) -> dict[str, Any]:
    """A run's budget: optimiser steps, batch, images seen, backbone, method, optimiser, augmentation."""
    tree = plain(config)
    training = {k: v for k, v in tree["training"].items() if k not in NO_BUDGET}
    data = {k: tree["data"][k] for k in AUGMENTATION if k in tree["data"]}
    views = {"views": config.views, "local_views": config.local_views}
    images = config.training.steps * config.training.batch_size * sum(views.values())
    return {"training": training, "data": data | views, "images": images}


def check_equal(budgets: Mapping[str, Mapping[str, Any]], free: Sequence[str] = ()) -> None:
    """Refuses budgets that differ.

    Args:
        budgets: by the name of the run or arm.
        free: dotted entries that may differ, with all below them.

    Raises:
        UsageError: names the first entry that differs, and both runs.
    """
    names = list(budgets)
    for name in names[1:]:
        difference = first_difference(_held(budgets[names[0]], free), _held(budgets[name], free))
        if difference:
            path, first, other = difference
            raise UsageError(
                f"unequal budgets: {path} is {first!r} for {names[0]} and {other!r} for {name}; train them "
                "alike, or declare the difference with --free " + path
            )


def _held(tree: Mapping[str, Any], free: Sequence[str], path: str = "") -> dict[str, Any]:
    """The tree without the free entries."""
    kept = {}
    for name, value in tree.items():
        own = f"{path}.{name}".lstrip(".")
        if own in free:
            continue
        kept[name] = _held(value, free, own) if isinstance(value, Mapping) else value
    return kept
