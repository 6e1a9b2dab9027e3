"""`phosphene finetune`: a pretrained network on a small labelled set, against one from scratch."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phosphene.cli.texts import json_text
from phosphene.errors import UsageError

if TYPE_CHECKING:
    from phosphene.evaluation import FineTuningConfig

_EPILOG = """\
Each draw takes other labelled images (--labelled) and trains the whole network: AdamW, cosine, random
crops, the learning rate chosen on a fifth of the labelled images, then trained again on all of them. Test
images are looked at once. The same is done from random weights. Intervals: 95%, Student's over the draws.
Where there are fewer labelled images than --labelled asks for, all are taken, and a line says so.

-o DIR keeps every draw as it is done (the same command goes on after a kill), results.json, and the
network of the first draw as model.safetensors, which timm loads with the line that is printed."""


def add_parser(subparsers: Any) -> None:
    """Describes the command."""
    parser = subparsers.add_parser(
        "finetune",
        help="fine-tune a backbone on a small labelled set",
        description="Fine-tunes a pretrained backbone on few labelled images, and the same backbone from "
        "scratch, and says how much pretraining gave.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("model", type=Path, metavar="CHECKPOINT", help="a run, a checkpoint or a .safetensors file")
    add("--data", action="append", required=True, metavar="DATA", help="as for evaluate, but one")
    add("--labelled", type=int, default=100, metavar="N", help="labelled images; 0: all (100)")
    add("--seeds", type=int, default=5, metavar="N", help="draws of labelled images (default: 5)")
    add("--seed", type=int, default=0, help="names the draws (default: 0)")
    add("--steps", type=int, metavar="N", help="optimiser steps of a training (default: 400)")
    add("--batch-size", type=int, metavar="N", help="images a step (default: 64)")
    add("--rate", type=float, action="append", metavar="RATE", help="to choose from; repeatable")
    add("--crop", type=float, metavar="SHARE", help="least share of an image shown (default: 0.4)")
    add("--flip", action="store_true", help="mirror images at random")
    add("--no-scratch", action="store_true", help="leave out the network from random weights")
    add("--limit", type=int, default=0, metavar="N", help="at most N images a split")
    add("--device", default="auto", help="auto, cpu, cuda … (default: auto)")
    add("--json", action="store_true", help="print JSON in place of the table")
    add("-o", "--output", type=Path, metavar="DIR", help="keep draws, results and the network")


def run(args: argparse.Namespace) -> int:
    """Fine-tunes, prints the table."""
    from phosphene import evaluation
    from phosphene.evaluation.tuning_runs import compare_with_scratch
    from phosphene.models import BackboneConfig
    from phosphene.training import find_device
    from phosphene.training.checkpoints import timm_line

    if len(args.data) > 1:
        raise UsageError(f"give one --data, got {', '.join(args.data)}")
    if args.limit < 0:
        raise UsageError(f"`limit` must be 0 or more, got {args.limit}")
    settings = evaluation.ProbeConfig(labelled=args.labelled, draws=args.seeds, seed=args.seed)
    config, device = _recipe(args), find_device(args.device)
    judged = evaluation.from_checkpoint(args.model)
    (data,) = evaluation.grouped([evaluation.load(args.data[0])])
    data = data.limited(args.limit, args.seed) if args.limit else data
    report, saved = compare_with_scratch(
        judged, data, config, settings, device, args.output, scratch=not args.no_scratch
    )
    print(json_text(report.plain()) if args.json else report.table())
    if saved and not args.json:
        options = {**judged.config.options, "num_classes": len(data.classes)}
        network = BackboneConfig(judged.config.name, judged.config.size, options)
        print(timm_line(network, str(saved)))
    return 0


def _recipe(args: argparse.Namespace) -> FineTuningConfig:
    from phosphene.evaluation import FineTuningConfig

    given: dict[str, Any] = {
        "steps": args.steps,
        "batch_size": args.batch_size,
        "rates": tuple(args.rate) if args.rate else None,
        "crop": args.crop,
    }
    chosen = {name: value for name, value in given.items() if value is not None}
    return FineTuningConfig(**chosen, flip=args.flip)
