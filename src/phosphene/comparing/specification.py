"""What is compared: arms, one budget, seeds, and how they are judged; readable from YAML.

    recipe: resnet18-simclr
    training: {steps: 2000, batch_size: 1024}
    data: {crop: [0.08, 1.0]}
    seeds: [0, 1, 2]
    judging: {data: ["parquet:mnist.parquet"], limit: 1000}
    arms:
      nothing: {role: nothing}
      leaves: {role: classic, data: {source: dead-leaves}}
      photos: {role: real, data: {source: "parquet:photos.parquet"}}
      mixed: {role: ours, data: {bank: bank.db, mix: 6}}
      best: {role: ours, recipe: default, data: {bank: bank.db}, seeds: [0]}

`training` and `data` are entries of a run's config.yaml, shared by all arms; what an arm says under the
same names is its own, and counts more. All of them override the recipe, the arm's own or the shared one;
without one they override the defaults. What they say of programs is not said to an arm with a `source`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from phosphene.errors import PhospheneError, UsageError
from phosphene.evaluation import (
    FINE_TUNING,
    EvaluationConfig,
    LabelledImages,
    ProbeConfig,
    find_probe,
    grouped,
    load,
)
from phosphene.recipes import recipe
from phosphene.training import PretrainConfig, plain, read_config

NOTHING, CLASSIC, OURS, REAL = ROLES = ("nothing", "classic", "ours", "real")
"""What an arm stands for: random weights, an earlier synthetic source, ours, real images."""

_OF_PROGRAMS = ("bank", "reuse", "frame", "positives")
"""Entries of `data` that go with no `source`; see `DataConfig`."""

_NAME = re.compile(r"[^/\x00]{1,80}")


@dataclass(frozen=True)
class Arm:
    """One source of training images.

    Attributes:
        role: one of `ROLES`; empty: shown in the table only.
        recipe: what its entries override, in place of the comparison's; empty: that one.
        data, training: entries of the run's configuration that are this arm's own.
        seeds: those of the comparison's that this arm is trained with; empty: all.
    """

    role: str = ""
    recipe: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.role and self.role not in ROLES:
            raise UsageError(f"`role` must be one of {', '.join(ROLES)}; got {self.role!r}")
        _base(self.recipe)


@dataclass(frozen=True)
class Judging:
    """How every run is judged; see `phosphene.evaluation`.

    Attributes:
        data: what `phosphene evaluate --data` takes.
        probes: names of probes.
        limit: most images a split.
        neighbours, shots, labelled, draws: of the probes.
        groups: dataset → group, where a dataset does not say.
    """

    data: tuple[str, ...] = ()
    probes: tuple[str, ...] = ("knn", "linear")
    limit: int = 1000
    neighbours: int = 20
    shots: int = 5
    labelled: int = 0
    draws: int = 5
    groups: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.probes:
            if name != FINE_TUNING:
                find_probe(name)
        self.evaluation()

    def datasets(self) -> list[LabelledImages]:
        """What is judged on, with its groups. Raises UsageError where something of it is missing or there twice."""
        return grouped([load(spec) for spec in self.data], self.groups)

    def evaluation(self, device: str = "cpu") -> EvaluationConfig:
        """The same for `evaluate`. The splits' draws do not depend on a run's seed."""
        settings = ProbeConfig(
            self.neighbours, shots=self.shots, labelled=self.labelled, draws=self.draws
        )
        return EvaluationConfig(self.probes, settings, limit=self.limit, device=device)


@dataclass(frozen=True)
class Comparison:
    """Several arms under one budget.

    Attributes:
        arms: by name.
        judging: of every run.
        recipe: of `phosphene.recipes`, what all entries override; empty: the defaults.
        data, training: entries of the configuration that all runs share.
        seeds: each arm is trained once with each, unless it says with which of them.
        free: dotted entries of the budget that may differ between arms; the table says so.
    """

    arms: Mapping[str, Arm]
    judging: Judging = field(default_factory=Judging)
    recipe: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    seeds: tuple[int, ...] = (0, 1, 2)
    free: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.arms:
            raise UsageError("a comparison needs at least one arm")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise UsageError(f"`seeds` must be different numbers, got {list(self.seeds)}")
        for name, arm in self.arms.items():
            if not _NAME.fullmatch(name) or name.startswith("."):
                raise UsageError(f"an arm's name must do as a file name, got {name!r}")
            if not set(arm.seeds) <= set(self.seeds):
                raise UsageError(
                    f"the arm {name}: `seeds` must be among the comparison's {list(self.seeds)}, "
                    f"got {list(arm.seeds)}"
                )
        _base(self.recipe)

    def seeds_of(self, arm: str) -> tuple[int, ...]:
        """The seeds that an arm is trained with, in the comparison's order."""
        own = self.arms[arm].seeds
        return tuple(seed for seed in self.seeds if seed in own) if own else self.seeds

    def config(self, arm: str, seed: int) -> PretrainConfig:
        """The configuration of a run. Raises UsageError that names a misfitting entry and the arm.

        An arm with a `source` has, of what a recipe or the comparison says of programs, only what it says itself;
        a recipe's `mix`, too, is of programs: its pictures are mixed where the comparison or the arm says so.
        """
        own = self.arms[arm]
        base = _base(own.recipe or self.recipe)
        training = _merged(_merged(base["training"], self.training), own.training)
        shown, shared = base["data"], self.data
        if own.data.get("source"):  # in place of a bank
            shown = _without(shown, "mix", *_OF_PROGRAMS)
            shared = _without(shared, *_OF_PROGRAMS)
        data = _merged(_merged(shown, shared), own.data)
        tree = {"data": data, "training": _merged(training, {"seed": seed})}
        try:
            return read_config(PretrainConfig, tree)
        except UsageError as error:
            raise UsageError(f"the arm {arm}: {error}") from error

    def plain(self) -> dict[str, Any]:
        """As the YAML file holds it."""
        tree: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return tree


class _NoneTwice(yaml.SafeLoader):
    """YAML whose mappings have each key once; YAML itself lets the last one win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """As the base class'. Raises UsageError for a key that is there twice."""
        keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        if twice := [key for key in keys if keys.count(key) > 1]:
            raise UsageError(f"{twice[0]} is there twice, below line {node.start_mark.line + 1}")
        return super().construct_mapping(node, deep)


def read_comparison(tree: Mapping[str, Any]) -> Comparison:
    """A comparison from plain values. Raises UsageError that names an unknown or misfitting entry."""
    arms = tree.get("arms")
    if not isinstance(arms, Mapping):
        raise UsageError("a comparison needs `arms`, a mapping from names to arms")
    read: dict[str, Arm] = {}
    for name, arm in arms.items():
        if str(name) in read:
            raise UsageError(f"two arms are called {name}")
        try:
            read[str(name)] = read_config(Arm, arm or {})
        except UsageError as error:
            raise UsageError(f"the arm {name}: {error}") from error
    return read_config(Comparison, {**tree, "arms": read})


def load_comparison(path: Path) -> Comparison:
    """A comparison from a YAML file."""
    try:
        tree = yaml.load(path.read_text("utf-8"), _NoneTwice)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise PhospheneError(f"{path} is not YAML: {_fault(error)}") from error
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error
    try:
        json.dumps(tree)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} must hold texts, numbers, lists and mappings alone (a date wants quotes): {error}"
        ) from error
    if not isinstance(tree, Mapping):
        raise UsageError(f"{path} must hold a mapping with `arms`, `training`, `judging` …")
    return read_comparison(tree)


def _fault(error: Exception) -> str:
    """Where a text is no YAML, and what was found there; in one line."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return " ".join(str(error).split())
    place = f"line {mark.line + 1}, column {mark.column + 1}"
    parts = (getattr(error, "context", None), getattr(error, "problem", None))
    return f"{place}: {', '.join(part for part in parts if part)}"


def _base(name: str) -> dict[str, Any]:
    """The entries of a recipe, or none. Raises UsageError that lists the recipes."""
    return plain(recipe(name)) if name else {"data": {}, "training": {}}


def _without(tree: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The tree less some of its entries."""
    return {name: value for name, value in tree.items() if name not in names}


def _merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Two trees as one; where both have an entry, `own` counts."""
    tree = dict(base)
    for name, value in own.items():
        before = tree.get(name)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        tree[name] = _merged(before, value) if both else value  # type: ignore[arg-type]
    return tree
