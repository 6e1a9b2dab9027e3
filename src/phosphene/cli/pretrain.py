"""`phosphene pretrain`: live pretraining."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phosphene.cli.choosing import add_families, add_where
from phosphene.cli.entries import assign, set_entry
from phosphene.errors import UsageError

if TYPE_CHECKING:
    from phosphene.training import PretrainConfig

_PATHS = {
    "bank": "data.bank",
    "source": "data.source",
    "pool": "data.images",
    "engine": "data.engine",
    "license": "data.licences",
    "where": "data.where",
    "programs": "data.programs",
    "views": "data.views",
    "mix": "data.mix",
    "reuse": "data.reuse",
    "frame": "data.frame",
    "sampling": "data.sampling",
    "supersample": "data.supersample",
    "positives": "data.positives",
    "families": "data.families",
    "colour": "data.colour",
    "local_views": "data.local_views",
    "local_size": "data.local_size",
    "method": "training.method.name",
    "backbone": "training.backbone.name",
    "size": "training.backbone.size",
    "optimiser": "training.optimiser.name",
    "learning_rate": "training.optimiser.learning_rate",
    "warmup": "training.optimiser.warmup",
    "weight_decay": "training.optimiser.weight_decay",
    "clip": "training.optimiser.clip",
    "steps": "training.steps",
    "batch_size": "training.batch_size",
    "accumulate": "training.accumulate",
    "precision": "training.precision",
    "seed": "training.seed",
    "checkpoint_steps": "training.keeping.steps",
    "checkpoint_minutes": "training.keeping.minutes",
    "keep": "training.keeping.keep",
    "log_steps": "training.keeping.log_steps",
}
"""Option → the entry of the configuration that it sets."""

_EPILOG = """\
A run lies in runs/NAME: config.yaml, record.jsonl, checkpoints/ and TensorBoard events. Ctrl-C saves;
the same command with --resume goes on exactly where it stopped, options that were given before may be
left out. Any entry of config.yaml can be set: --set training.method.options.temperature=0.2

Several GPUs: torchrun --nproc-per-node N -m phosphene pretrain … Each rank renders and trains its share
of every batch on its own GPU; the samples are those of a run on one, and it may be resumed with another N.
There the run is named by --name, because torchrun takes --run for an option of its own."""


def add_parser(subparsers: Any) -> None:
    """Describes the command."""
    parser = subparsers.add_parser(
        "pretrain",
        help="pretrain a backbone on programs, rendered live",
        description="Pretrains a backbone on the accepted programs of a bank, rendered while training.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--bank", metavar="FILE", help="the bank")
    add(
        "--source",
        metavar="NAME",
        help="in place of a bank a baseline: dead-leaves, fractals, noise, stylegan, folder:DIR or "
        "parquet:FILE",
    )
    where = "runs/NAME, or a directory (default: METHOD-BACKBONE-SEED)"
    add(
        "--run", "--name", metavar="NAME", help=where
    )  # torchrun takes --run for an option of its own
    add("--resume", action="store_true", help="continue the run")
    add(
        "--recipe",
        metavar="NAME",
        help="a whole configuration, options override it; list: shows all",
    )
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1 … (default: auto)")
    _add_learning(parser.add_argument_group("what is learned, and how").add_argument)
    _add_data(parser.add_argument_group("what is shown").add_argument)
    _add_keeping(parser.add_argument_group("what is kept").add_argument)
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="any entry of config.yaml")


def _add_learning(add: Callable[..., Any]) -> None:
    add("--method", help="supervised, supcon, simclr, moco or dino (default: simclr)")
    add("--backbone", metavar="NAME", help="a timm model (default: resnet18)")
    add("--size", type=int, metavar="PX", help="side of the views (default: 64)")
    add("--steps", type=int, metavar="N", help="optimiser steps (default: 2000)")
    add("--images", type=int, metavar="N", help="in place of --steps: samples in all")
    add("--batch-size", type=int, metavar="N", help="samples a step (default: 256)")
    add("--accumulate", type=int, metavar="N", help="micro-batches a step (default: 1)")
    add("--optimiser", help="sgd, adamw or lars (default: sgd)")
    add(
        "--learning-rate",
        type=float,
        metavar="RATE",
        help="peak rate for 256 samples, scaled with the batch (default: the optimiser's usual one)",
    )
    add("--warmup", type=float, metavar="SHARE", help="share of the steps with a rising rate")
    add("--weight-decay", type=float, metavar="X", help="default: 0.0001")
    add("--clip", type=float, metavar="NORM", help="largest norm of the gradient (default: none)")
    add("--precision", help="auto, float32 or bf16 (default: auto, bf16 on a GPU that has it)")
    add("--seed", type=int, help="of weights and samples (default: 0)")


def _add_data(add: Callable[..., Any]) -> None:
    add(
        "--mix",
        type=_number_or_name,
        metavar="HOW",
        help="programs mixed into a sample: N or mixup:N (N+contrast: as contrasty as "
        "they were), cutmix, kml, kml-mixup (default: 1, none)",
    )
    add(
        "--reuse",
        type=int,
        metavar="N",
        help="a rendered picture takes part in several mixes, N samples apart; a multiple of the batch, "
        "0: every part is rendered for its mix alone (default: 0)",
    )
    add(
        "--frame",
        type=_number_or_name,
        metavar="PX",
        help="render every sample once, whole, at PX pixels a side (views: as many as a view has), and crop its "
        "views from it; 0: render every view (default: 0)",
    )
    add(
        "--sampling",
        metavar="HOW",
        help="uniform, family, origin, diversity, column:NAME or growing:FIRST[:SAMPLES] (uniform)",
    )
    add("--views", type=int, metavar="N", help="views of a sample (default: what the method wants)")
    add(
        "--local-views",
        type=int,
        metavar="N",
        help="smaller views beside them, for dino (default: 8)",
    )
    add("--local-size", type=int, metavar="PX", help="their side (default: 3/7 of --size)")
    add("--positives", help="views differ in cameras, latents or both (default: cameras)")
    add_families(add, "literals of vetted programs deviate (default: they do not)")
    add("--colour", type=float, metavar="S", help="strength of colour augmentation (default: 0.5)")
    add("--supersample", type=int, metavar="N", help="n² samples a pixel (default: 1)")
    add("--engine", help="auto, opengl, cuda (default: auto)")
    add("--license", action="append", metavar="NAME", help="only programs under it; repeatable")
    add_where(add)
    add("--programs", type=int, metavar="N", help="only N programs, drawn at random")
    add("--pool", type=int, metavar="N", help="of a --source, N pictures in all (default: endless)")


def _number_or_name(text: str) -> int | str:
    """A number as such, so that runs of versions that knew only numbers can be resumed."""
    return int(text) if text.isascii() and text.isdigit() else text


def _add_keeping(add: Callable[..., Any]) -> None:
    add("--checkpoint-steps", type=int, metavar="N", help="a checkpoint every N steps (1000)")
    add("--checkpoint-minutes", type=float, metavar="M", help="and every M minutes (10)")
    add("--keep", type=int, metavar="N", help="checkpoints that stay (2)")
    add("--log-steps", type=int, metavar="N", help="metrics every N steps (10)")


def run(args: argparse.Namespace) -> int:
    """Trains, or goes on training."""
    from phosphene.training import EchoError, Ranks, find_device, pretrain

    if args.recipe == "list":
        from phosphene import recipes

        print(recipes.describe())
        return 0
    first = Ranks.of_environment().first
    try:
        device = find_device(args.device)
        config, directory = configuration(args)
        result = pretrain(config, directory, args.resume, device)
    except (EchoError, UsageError) as error:
        if first:
            raise
        return error.exit_code  # the first rank found the same, and says so
    if not first:
        return 0
    loss = "" if result.loss != result.loss else f", loss {result.loss:.4f}"
    print(f"{result.steps} steps{loss}; {directory}")
    print(f"judge it on real images: phosphene evaluate {directory} --random --data digits")
    return 0


def configuration(args: argparse.Namespace) -> tuple[PretrainConfig, Path]:
    """The configuration that the options describe, and the run's directory.

    Options override the configuration of the run that is resumed, or the recipe, or the defaults.
    """
    from phosphene.runs import CONFIG, Run
    from phosphene.training import PretrainConfig, plain, read_config

    directory = _directory(args.run) if args.run else None
    stored: dict[str, Any] = {}
    if args.resume and directory and (directory / CONFIG).is_file():
        stored = Run.open(directory).config
    tree = plain(read_config(PretrainConfig, stored))
    if args.recipe and not stored:
        from phosphene.recipes import recipe

        tree = plain(recipe(args.recipe))
    for option, path in _PATHS.items():
        value = getattr(args, option)
        if value is not None:
            set_entry(tree, path, value)
    for assignment in args.set:
        assign(tree, assignment)
    if args.images is not None:
        if args.steps is not None:
            raise UsageError("give either --steps or --images")
        set_entry(tree, "training.steps", -(-args.images // max(1, tree["training"]["batch_size"])))
    config = read_config(PretrainConfig, tree)
    if not (config.data.bank or config.data.source):
        if args.resume and directory and not stored:
            raise UsageError(
                f"there is no run {directory} to go on with, and no --bank to begin one"
            )
        raise UsageError(
            "--bank (or --source) is needed; make one with: phosphene collect starter --bank bank.db"
        )
    _check_asked(args, config, stored)
    training = config.training
    name = f"{training.method.name}-{training.backbone.name}-{training.seed}"
    return config, directory or _directory(name)


_OF_BANKS = ("license", "where", "programs", "sampling", "families", "supersample", "engine")


def _check_asked(
    args: argparse.Namespace, config: PretrainConfig, stored: Mapping[str, Any]
) -> None:
    """Raises UsageError for options that would be without effect."""
    if config.data.source:
        for option in _OF_BANKS:
            if getattr(args, option) and getattr(args, option) != "auto":
                raise UsageError(
                    f"--{option} is about a bank's programs; --source {config.data.source} has none"
                )
    elif args.pool:
        raise UsageError("--pool is about the pictures of a --source; of a bank, give --programs")
    _check_views_asked(args, config)
    if args.recipe and stored:
        from phosphene.recipes import recipe

        theirs, its = recipe(args.recipe).training.method.name, config.training.method.name
        if theirs != its and args.method is None:
            raise UsageError(
                f"the run was started with the method {its}, the recipe {args.recipe} has {theirs}; leave "
                "--recipe out to go on"
            )


def _check_views_asked(args: argparse.Namespace, config: PretrainConfig) -> None:
    """As `_check_asked`, of how views come about."""
    from phosphene.mixing import mixer
    from phosphene.sampling import Positives

    if args.reuse and mixer(config.data.mix).parts < 2:
        raise UsageError("--reuse is about mixes of programs; give --mix too, or leave it out")
    if args.local_size and not config.local_views:
        raise UsageError(
            "--local-size is about local views, and the run has none: give --method dino and --local-views, or "
            "leave it out"
        )
    varied = args.positives not in (None, Positives.CAMERAS.value)
    if varied and config.views + config.local_views < 2:
        raise UsageError(
            "--positives is in what the views of a sample differ, and the method "
            f"{config.training.method.name} shows one; give --views 2 too"
        )


def _directory(name: str) -> Path:
    """`runs/NAME`, or the directory that a path names."""
    return Path(name) if "/" in name or name in (".", "..") else Path("runs") / name
