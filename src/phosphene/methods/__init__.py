"""Methods of learning from rendered views, one a file, behind one protocol."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from torch import nn

from phosphene.errors import UsageError
from phosphene.methods.dino import DINO, DINOConfig
from phosphene.methods.method import Labels, Method, Outcome, Progress, Wants
from phosphene.methods.moco import MoCo, MoCoConfig
from phosphene.methods.simclr import SimCLR, SimCLRConfig
from phosphene.methods.supcon import SupCon, SupConConfig
from phosphene.methods.supervised import Supervised, SupervisedConfig

__all__ = [
    "DINO",
    "METHODS",
    "DINOConfig",
    "Labels",
    "Method",
    "MoCo",
    "MoCoConfig",
    "Outcome",
    "Progress",
    "SimCLR",
    "SimCLRConfig",
    "SupCon",
    "SupConConfig",
    "Supervised",
    "SupervisedConfig",
    "Wants",
    "build_method",
    "check_views",
    "method_class",
]

METHODS: dict[str, type[Method]] = {
    "supervised": Supervised,
    "supcon": SupCon,
    "simclr": SimCLR,
    "moco": MoCo,
    "dino": DINO,
}
"""The table of methods. A new one is added here, and nowhere else."""


def method_class(name: str) -> type[Method]:
    """The method called `name`. Raises UsageError that lists the choices."""
    if name not in METHODS:
        raise UsageError(f"`method` must be one of {', '.join(sorted(METHODS))}; got {name!r}")
    return METHODS[name]


def build_method(
    name: str, backbone: nn.Module, programs: int, options: Mapping[str, Any] | None = None
) -> Method:
    """A method around a backbone.

    Args:
        name: of the table `METHODS`.
        backbone: from `phosphene.models.backbone`.
        programs: how many programs the data has.
        options: settings that differ from the defaults of the method's `Config`.

    Raises:
        UsageError: for an unknown method, an unknown setting or a value out of bounds.
    """
    method = method_class(name)
    known = {field.name for field in dataclasses.fields(method.Config)}
    options = dict(options or {})
    if unknown := sorted(options.keys() - known):
        raise UsageError(
            f"the method {name} has the settings {', '.join(sorted(known))}; got {unknown[0]!r}"
        )
    build: Any = method
    built: Method = build(backbone, method.Config(**options), programs)
    return built


def check_views(name: str, views: int, mixing: int, local_views: int = 0) -> None:
    """Raises UsageError where a method cannot work with this data.

    Args:
        name: of the method.
        views: of each sample.
        mixing: programs mixed into a sample; 1: none.
        local_views: further, smaller views of each sample.
    """
    wants = method_class(name).wants
    if not wants.least <= views <= wants.most:
        bounds = f"{wants.least}" if wants.least == wants.most else f"{wants.least} to {wants.most}"
        raise UsageError(f"the method {name} needs {bounds} views a sample, got {views}")
    if local_views and not wants.local_views:
        raise UsageError(f"the method {name} has no use for local views, got {local_views}")
    if mixing > 1 and not wants.mixing:
        raise UsageError(
            f"the method {name} needs one program a sample, got a mix of {mixing}; use --mix 1"
        )
