"""`phosphene compare`: several sources of training images, one budget, one table."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phosphene.cli.texts import json_text
from phosphene.errors import UsageError

if TYPE_CHECKING:
    from phosphene.comparing import Comparison, Judging, Table

_PATHS = {
    "recipe": "recipe",
    "bank": "data.bank",
    "engine": "data.engine",
    "method": "training.method.name",
    "backbone": "training.backbone.name",
    "size": "training.backbone.size",
    "steps": "training.steps",
    "batch_size": "training.batch_size",
}

_SEPARATOR = re.compile(r",(?![^\[]*\])")
"""A comma that is not inside of a list."""

_EPILOG = """\
SPEC is a YAML file, or arms in the form [NAME=]ROLE[:SOURCE][,ENTRY=VALUE]..., for example

  phosphene compare nothing classic:dead-leaves classic:noise real:parquet:photos.parquet \\
    ours:bank:bank.db mixed=ours:bank:bank.db,mix=6 --steps 2000 --data parquet:mnist.parquet

ROLE is nothing (random weights), classic, ours or real. SOURCE is bank:FILE or what phosphene pretrain
--source takes. ENTRY is one of `data` in a run's config.yaml, training.… with its whole path, or recipe. A
file holds the same under arms, recipe, data, training, seeds, judging and free. Entries and options override
the recipe, an arm's own or that of --recipe. A recipe's mix, reuse, frame and positives are for arms with a
bank.

Every arm is trained once with each seed, in DIR/runs. What is done is not done again: the same command
goes on after a kill, and arms and seeds can be added. Runs must have equal budgets: everything of
`training` but the seed, and the augmentation. --free names an entry that may differ; the table says so.

The share of the gap is (ours - best classic) / (best real - best classic), for each probe and group, with
Fieller's interval of 95% over the seeds that all three have. In a file an arm may say seeds: [0], to be
trained with fewer of them than the others."""


def add_parser(subparsers: Any) -> None:
    """Describes the command."""
    parser = subparsers.add_parser(
        "compare",
        help="several sources of images, one budget, one table",
        description="Trains the same backbone on several sources under one budget and several seeds, judges "
        "all alike, and says how much of the gap to real images is closed.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("spec", nargs="*", metavar="SPEC", help="a YAML file, or arms")
    add("--dir", type=Path, default=Path("comparison"), metavar="DIR", help="default: comparison")
    add("--from-runs", nargs="+", metavar="[ROLE:][ARM=]DIR", help="tabulate runs that exist")
    add("--parallel", type=int, default=1, metavar="N", help="runs at a time (default: 1)")
    add("--gpus", metavar="I,J…", help="which GPUs the runs are spread over (default: all)")
    add("--device", default="auto", help="auto, cpu, cuda (default: auto)")
    _add_budget(parser.add_argument_group("the budget").add_argument)
    _add_judging(parser.add_argument_group("judging").add_argument)
    add("--json", action="store_true", help="print JSON in place of the table")
    add("-o", "--output", type=Path, metavar="FILE", help="write the JSON to FILE")


def _add_budget(add: Callable[..., Any]) -> None:
    add("--recipe", metavar="NAME", help="what all else overrides, see phosphene pretrain")
    add("--bank", metavar="FILE", help="the bank of arms that name none")
    add("--engine", help="auto, opengl, cuda")
    add("--method", help="as for phosphene pretrain")
    add("--backbone", metavar="NAME", help="a timm model")
    add("--size", type=int, metavar="PX", help="side of the views")
    add("--steps", type=int, metavar="N", help="optimiser steps")
    add("--batch-size", type=int, metavar="N", help="samples a step")
    add("--seeds", type=int, metavar="N", help="runs of each arm (default: 3)")
    add("--seed", type=int, metavar="S", help="the first of them (default: 0)")
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="any entry of config.yaml")
    add("--free", action="append", default=[], metavar="PATH", help="an entry that may differ")


def _add_judging(add: Callable[..., Any]) -> None:
    add("--data", action="append", default=[], metavar="DATA", help="as for phosphene evaluate")
    add("--probe", action="append", metavar="NAME", help="default: knn and linear")
    add("--limit", type=int, metavar="N", help="most images a split (default: 1000; 0: all)")
    add("--labelled", type=int, metavar="N", help="few-shot, fine-tuning: labelled images")
    add("--group", action="append", default=[], metavar="DATASET=GROUP", help="see evaluate")


def run(args: argparse.Namespace) -> int:
    """Compares, prints the table."""
    from phosphene.cli.choosing import check_output, output

    check_output(args.output)
    table = _existing(args) if args.from_runs else _compared(args)
    text = json_text(table.plain())
    print(text if args.json else table.text())
    if args.output:
        with output(args.output) as out:
            print(text, file=out)
    return 0


def _compared(args: argparse.Namespace) -> Table:
    from phosphene.comparing import compare
    from phosphene.training import find_device

    comparison = specified(args)
    _check_kept(args)
    device = find_device(args.device)
    if device.type != "cuda":
        return compare(comparison, args.dir, args.parallel, str(device), _listed(args.gpus))
    if args.gpus and device.index is not None:
        raise UsageError(f"give either --gpus or --device cuda, got {args.gpus} and {args.device}")
    gpus = _listed(args.gpus) or _visible()
    # A job sees one of them, and calls it cuda.
    named = gpus if device.index is None else [gpus[device.index]]
    return compare(comparison, args.dir, args.parallel, "cuda", named)


def _listed(gpus: str | None) -> list[str]:
    return gpus.split(",") if gpus else []


def _check_kept(args: argparse.Namespace) -> None:
    """Raises UsageError where the user's own file would be replaced by what the comparison keeps in its place."""
    from phosphene.comparing import load_comparison
    from phosphene.comparing.layout import SPECIFICATION, specification_text

    first, own = Path(args.spec[0]), args.dir / SPECIFICATION
    if not (first.is_file() and own.is_file() and first.samefile(own)):
        return
    if first.read_text("utf-8") != specification_text(load_comparison(first)):
        raise UsageError(f"{first} would be written over; call it otherwise, or give another --dir")


def _visible() -> list[str]:
    """The GPUs that this process sees, by the names that CUDA_VISIBLE_DEVICES gave them."""
    import os

    import torch

    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    return named.split(",") if named else [str(i) for i in range(torch.cuda.device_count())]


def specified(args: argparse.Namespace) -> Comparison:
    """The comparison that the file and the options describe; options count more."""
    from phosphene.cli.entries import assign, set_entry
    from phosphene.comparing import Comparison, load_comparison, read_comparison

    if not args.spec:
        raise UsageError("give a YAML file, arms, or --from-runs; see phosphene compare --help")
    tree: dict[str, Any] = {}
    first = Path(args.spec[0])
    if first.suffix in (".yaml", ".yml"):
        if len(args.spec) > 1:
            raise UsageError(f"give either one YAML file or arms, got {first} and {args.spec[1]}")
        tree = load_comparison(first).plain()
    else:
        arms = [_arm(text) for text in args.spec]
        names = [name for name, _ in arms]
        if twice := [name for name in names if names.count(name) > 1]:
            raise UsageError(f"two arms are called {twice[0]}; name them: NAME=ROLE:SOURCE")
        tree = {"arms": dict(arms)}
    for option, path in _PATHS.items():
        if (value := getattr(args, option)) is not None:
            set_entry(tree, path, value)
    for assignment in args.set:
        assign(tree, assignment)
    if args.seeds is not None or args.seed is not None:
        begin, usual = args.seed or 0, len(tree.get("seeds", Comparison.seeds))
        count = usual if args.seeds is None else args.seeds
        tree["seeds"] = list(range(begin, begin + count))
    tree["free"] = [*tree.get("free", []), *args.free]
    tree["judging"] = {**tree.get("judging", {}), **_judging_entries(args)}
    return read_comparison(tree)


def _arm(text: str) -> tuple[str, dict[str, Any]]:
    """An arm from the command line: its name and its entries."""
    from phosphene.cli.entries import set_entry, value_of

    what, *settings = _SEPARATOR.split(text)
    head, equals, rest = what.partition("=")
    name, what = (head, rest) if equals and ":" not in head else ("", what)
    role, _, source = what.partition(":")
    tree: dict[str, Any] = {"role": role, "data": {}, "training": {}}
    if source.startswith("bank:"):
        tree["data"]["bank"] = source.removeprefix("bank:")
    elif source and source != "bank":
        tree["data"]["source"] = source
    for setting in settings:
        entry, equals, value = setting.partition("=")
        if not equals:
            raise UsageError(f"an arm's settings must be ENTRY=VALUE, got {setting!r} in {text!r}")
        whole = "." in entry or entry == "recipe"
        path = entry if whole else f"data.{entry}"
        set_entry(tree, path, value_of(value, f"{entry} in {text!r}"))
    kind, colon, path = source.partition(":")
    plain = Path(path).stem if colon else kind or role
    return name or ",".join([plain, *settings]).replace("/", "_"), tree


def _judging_entries(args: argparse.Namespace) -> dict[str, Any]:
    from phosphene.cli.choosing import pairs

    given = {
        "data": args.data or None,
        "probes": args.probe,
        "limit": args.limit,
        "labelled": args.labelled,
        "groups": pairs("--group", args.group) or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _existing(args: argparse.Namespace) -> Table:
    from phosphene.comparing import Existing, Judging, tabulate_runs
    from phosphene.evaluation import FeatureCache, cache_root
    from phosphene.training import find_device, read_config

    if args.spec:
        raise UsageError("give either --from-runs or a SPEC")
    judging: Judging = read_config(Judging, _judging_entries(args))
    if not judging.data:
        raise UsageError("--data is needed, as for phosphene evaluate")
    runs = [Existing.parse(text) for text in args.from_runs]
    cache = FeatureCache(cache_root() / "features")
    return tabulate_runs(runs, judging, cache, str(find_device(args.device)), args.free)
