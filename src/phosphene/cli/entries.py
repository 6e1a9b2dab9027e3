"""Entries of a configuration, set by their dotted paths."""

from __future__ import annotations

import contextlib
from typing import Any

from phosphene.errors import UsageError


def assign(tree: dict[str, Any], assignment: str) -> None:
    """Carries out `--set PATH=VALUE`; the value is YAML."""
    path, equals, text = assignment.partition("=")
    if not equals:
        raise UsageError(f"--set must be PATH=VALUE, got {assignment!r}")
    set_entry(tree, path.strip(), value_of(text, f"--set {path}"))


def value_of(text: str, where: str) -> Any:
    """A value written in YAML. Raises UsageError that says where a text is none."""
    import yaml

    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or error
        raise UsageError(f"{where}: {text!r} is no value: {problem}") from error
    if isinstance(value, str):  # YAML 1.1 takes 1e-4 for a text
        with contextlib.suppress(ValueError):
            return float(value)
    return value


def set_entry(tree: dict[str, Any], path: str, value: Any) -> None:
    """Sets an entry by its dotted path; unknown names are found when the configuration is read."""
    *parents, last = path.split(".")
    inner: Any = tree
    for name in parents:
        inner = inner.setdefault(name, {})
        if not isinstance(inner, dict):
            raise UsageError(f"--set {path}: `{name}` has no entries of its own")
    inner[last] = value
