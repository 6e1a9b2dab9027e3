"""Everything that decides a training run, as one typed tree; recipes are functions that return it."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from phosphene.errors import UsageError
from phosphene.methods import method_class
from phosphene.models import BackboneConfig

OPTIMISERS = {"sgd": 0.125, "adamw": 2.5e-4, "lars": 0.3}
"""Names, and the usual learning rate a 256 samples (SimCLR's for LARS; measured here for SGD)."""

PRECISIONS = ("auto", "float32", "bf16")


@dataclass(frozen=True)
class MethodConfig:
    """Which method, and its settings that differ from the defaults of its `Config`."""

    name: str = "simclr"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        method_class(self.name)


@dataclass(frozen=True)
class OptimiserConfig:
    """How weights are moved.

    Attributes:
        name: one of `OPTIMISERS`.
        learning_rate: at the peak of the schedule, a 256 samples of the batch: the rate in use is this
            times batch_size / 256 (Goyal et al. 2017). None: the optimiser's usual one.
        weight_decay: of matrices and kernels; biases and normalisation have none.
        final_weight_decay: what it changes to on a cosine; None: it stays.
        momentum: of SGD and LARS.
        warmup: share of the steps in which the rate rises linearly from 0.
        final: share of the peak rate that the cosine ends at.
        clip: largest norm of the gradient; 0: no bound.
    """

    name: str = "sgd"
    learning_rate: float | None = None
    weight_decay: float = 1e-4
    final_weight_decay: float | None = None
    momentum: float = 0.9
    warmup: float = 0.05
    final: float = 0.0
    clip: float = 0.0

    def __post_init__(self) -> None:
        _one_of("optimiser", self.name, tuple(OPTIMISERS))
        _within("learning_rate", self.learning_rate, 0.0, 1e4)
        _within("weight_decay", self.weight_decay, 0.0, 10.0)
        _within("final_weight_decay", self.final_weight_decay, 0.0, 10.0)
        _within("momentum", self.momentum, 0.0, 1.0)
        _within("warmup", self.warmup, 0.0, 1.0)
        _within("final", self.final, 0.0, 1.0)
        _within("clip", self.clip, 0.0, 1e9)


@dataclass(frozen=True)
class KeepingConfig:
    """What is kept, and how often. May differ when a run is resumed.

    Attributes:
        steps: a checkpoint every so many steps; 0: by time alone.
        minutes: a checkpoint every so many minutes; 0: by steps alone.
        keep: how many checkpoints stay; older ones are removed after a newer one is on the disk.
        log_steps: metrics are recorded every so many steps.
    """

    steps: int = 1000
    minutes: float = 10.0
    keep: int = 2
    log_steps: int = 10

    def __post_init__(self) -> None:
        _within("steps between checkpoints", self.steps, 0, 1 << 40)
        _within("minutes between checkpoints", self.minutes, 0.0, 1e6)
        _within("keep", self.keep, 1, 1 << 20)
        _within("log_steps", self.log_steps, 1, 1 << 40)


@dataclass(frozen=True)
class TrainingConfig:
    """One training run.

    Attributes:
        backbone, method, optimiser, keeping: see their classes.
        steps: optimiser steps.
        batch_size: samples an optimiser step.
        accumulate: micro-batches a step is made of. The gradient is the same for losses that are means
            over samples (CE), but BatchNorm sees micro-batches, and contrastive losses (SimCLR) compare
            within a micro-batch.
        precision: "float32", "bf16", or "auto": bf16 on a GPU that has it, else float32.
        seed: of the initial weights and of everything that is drawn.
    """

    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    method: MethodConfig = field(default_factory=MethodConfig)
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    keeping: KeepingConfig = field(default_factory=KeepingConfig)
    steps: int = 2000
    batch_size: int = 256
    accumulate: int = 1
    precision: str = "auto"
    seed: int = 0

    def __post_init__(self) -> None:
        _within("steps", self.steps, 1, 1 << 40)
        _within("batch_size", self.batch_size, 1, 1 << 24)
        _within("accumulate", self.accumulate, 1, self.batch_size)
        _one_of("precision", self.precision, PRECISIONS)
        if self.batch_size % self.accumulate:
            raise UsageError(
                f"`batch_size` must be a multiple of `accumulate`, got {self.batch_size} "
                f"and {self.accumulate}"
            )

    @property
    def micro_batch(self) -> int:
        """Samples a batch of the source must have, of all ranks together."""
        return self.batch_size // self.accumulate

    @property
    def peak_rate(self) -> float:
        """The highest learning rate of the schedule."""
        usual = OPTIMISERS[self.optimiser.name]
        rate = self.optimiser.learning_rate
        return (usual if rate is None else rate) * self.batch_size / 256


def plain(config: Any) -> dict[str, Any]:
    """A tree of dataclasses as mappings, lists, numbers and strings, as `config.yaml` holds it."""
    tree: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(config)))
    return tree


ConfigT = TypeVar("ConfigT")


def read_config(kind: type[ConfigT], tree: Mapping[str, Any], path: str = "") -> ConfigT:
    """The dataclass from what `plain` made of it, or from a part: what is absent has its default.

    Args:
        kind: the dataclass.
        tree: its entries.
        path: where the tree stands in a larger one, for messages.

    Raises:
        UsageError: that names an unknown or misfitting entry.
    """
    return cast(ConfigT, _read(kind, tree, path))


def _read(kind: Any, value: Any, path: str) -> Any:
    """A value of a tree of dataclasses from plain values, checked against the annotations."""
    if dataclasses.is_dataclass(kind):
        if not isinstance(value, Mapping):
            where = f"`{path}`" if path else "it"
            raise UsageError(f"{where} must be a mapping, got {value!r}")
        hints = typing.get_type_hints(kind)
        if unknown := [key for key in value if key not in hints]:
            inside = f" of `{path}`" if path else ""
            raise UsageError(f"the entries{inside} are {', '.join(hints)}; got {unknown[0]!r}")
        read = {k: _read(hints[k], v, f"{path}.{k}".lstrip(".")) for k, v in value.items()}
        return cast(Any, kind)(**read)
    return _plain_value(kind, value, path)


_CALLED = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    tuple: "a list",
    dict: "a mapping",
}
"""What types are called in YAML."""


def _plain_value(kind: Any, value: Any, path: str) -> Any:
    if typing.get_origin(kind) is types.UnionType:
        choices = typing.get_args(kind)
        if value is None and type(None) in choices:
            return None
        others = [c for c in choices if c is not type(None)]
        fitting = [c for c in others if isinstance(c, type) and isinstance(value, c)]
        return _plain_value((fitting or others)[0], value, path)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if typing.get_origin(kind) is tuple and isinstance(value, list | tuple):
        return _tuple(typing.get_args(kind), value, path)
    expected = typing.get_origin(kind) or kind
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        raise UsageError(f"`{path}` must be {_CALLED.get(expected, expected)}, got {value!r}")
    return value


def _tuple(kinds: tuple[Any, ...], value: Sequence[Any], path: str) -> tuple[Any, ...]:
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise UsageError(f"`{path}` must hold {len(kinds)} values, got {list(value)}")
    return tuple(_plain_value(k, v, path) for k, v in zip(kinds, value, strict=True))


def _within(name: str, value: float | None, low: float, high: float) -> None:
    if value is not None and not low <= value <= high:
        bounds = f"at least {low:g}" if high >= 1e4 else f"in {low:g} … {high:g}"
        raise UsageError(f"`{name}` must be {bounds}, got {value}")


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UsageError(f"`{name}` must be one of {', '.join(choices)}; got {value!r}")
