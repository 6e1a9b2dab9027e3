"""Entries of a configuration, set by their dotted paths."""

from __future__ import annotations

from typing import Any

from phosphene.errors import UsageError


def assign(tree: dict[str, Any], assignment: str) -> None:
    """Carries out `--set PATH=VALUE`; the value is YAML."""
    import yaml

    path, equals, text = assignment.partition("=")
    if not equals:
        raise UsageError(f"--set must be PATH=VALUE, got {assignment!r}")
    try:
        set_entry(tree, path.strip(), yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise UsageError(f"--set {path}: {text!r} is no value: {error}") from error


def set_entry(tree: dict[str, Any], path: str, value: Any) -> None:
    """Sets an entry by its dotted path; unknown names are found when the configuration is read."""
    *parents, last = path.split(".")
    inner: Any = tree
    for name in parents:
        inner = inner.setdefault(name, {})
        if not isinstance(inner, dict):
            raise UsageError(f"--set {path}: `{name}` has no entries of its own")
    inner[last] = value
