"""`phosphene evaluate`: probes on real images."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phosphene.cli.texts import json_text
from phosphene.errors import PhospheneError, UsageError

if TYPE_CHECKING:
    from phosphene.evaluation import Judged, Report

_EPILOG = """\
MODEL is the directory of a run (its last checkpoint), a checkpoint's directory, a .safetensors file that
phosphene wrote, or random:NAME for a timm backbone with random weights.

DATA is one of
  digits             scikit-learn's handwritten digits
  folder:DIR         a folder a class; or train/ and test/ (and val/) with a folder a class in each
  parquet:FILE       columns image (bytes), label and split
  torchvision:NAME   a class of torchvision.datasets; NAME@DIR where its files are in DIR
with another name in front where its own does not do: left=folder:one/images

knn: cosine similarity, weighted by exp(similarity / 0.07), k = 20, as in DINO. linear: logistic
regression on standardised features, L2 penalty chosen on validation images. few-shot: the same on few
labelled images, drawn several times. fine-tuning: the whole network; see phosphene finetune. Intervals:
95%, bootstrap over test images; Student's over the draws where there are several.

Where a dataset has fewer labelled images than --labelled or --shots asks for, all that it has are taken; a
line says so, and JSON tells how many."""

DEFAULT_PROBES = ("knn", "linear")


def add_parser(subparsers: Any) -> None:
    """Describes the command."""
    parser = subparsers.add_parser(
        "evaluate",
        help="judge a backbone on real images",
        description="Judges backbones on real images: k-NN, linear and few-shot probes, fine-tuning; means "
        "over datasets and over their groups.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("model", nargs="+", metavar="MODEL", help="what is judged")
    add("--data", action="append", required=True, metavar="DATA", help="on what; repeatable")
    add("--random", action="store_true", help="compare with the first model at random weights")
    add(
        "--probe",
        action="append",
        metavar="NAME",
        help="knn, linear, few-shot or fine-tuning; repeatable (default: knn and linear)",
    )
    add(
        "--group",
        action="append",
        default=[],
        metavar="DATASET=GROUP",
        help="natural, specialised, structured …; where the dataset does not say; repeatable",
    )
    add("--neighbours", type=int, default=20, metavar="K", help="of k-NN (default: 20)")
    add("--temperature", type=float, default=0.07, help="of k-NN (default: 0.07)")
    add("--shots", type=int, default=5, metavar="K", help="few-shot: images a class (default: 5)")
    add("--labelled", type=int, default=0, metavar="N", help="few-shot, fine-tuning: images in all")
    add("--draws", type=int, default=5, metavar="N", help="draws of labelled images (default: 5)")
    add("--limit", type=int, default=0, metavar="N", help="at most N images a split")
    add("--size", type=int, default=64, metavar="PX", help="input of random:NAME (default: 64)")
    add("--batch-size", type=int, default=256, metavar="N", help="images at once (default: 256)")
    add("--device", default="auto", help="auto, cpu, cuda … (default: auto)")
    add("--cache", type=Path, metavar="DIR", help="where features are kept (default: user's cache)")
    add("--no-cache", action="store_true", help="keep no features")
    add(
        "--seed",
        type=int,
        default=0,
        help="of random weights, draws and held-out images (default: 0)",
    )
    add("--json", action="store_true", help="print JSON in place of the table")
    add("-o", "--output", type=Path, metavar="FILE", help="write the JSON to FILE")


def run(args: argparse.Namespace) -> int:
    """Judges, prints, and notes the result in the record of a run that was judged."""
    from phosphene import evaluation
    from phosphene.cli.choosing import check_output, output, pairs
    from phosphene.training import find_device

    check_output(args.output)
    if args.limit < 0 or args.batch_size < 1:
        raise UsageError("`--limit` must be 0 or more and `--batch-size` at least 1")
    if args.seed < 0 or args.size < 1:
        raise UsageError("`--seed` must be 0 or more and `--size` at least 1")
    config = evaluation.EvaluationConfig(
        probes=tuple(dict.fromkeys(args.probe or DEFAULT_PROBES)),
        settings=evaluation.ProbeConfig(
            args.neighbours,
            args.temperature,
            shots=args.shots,
            labelled=args.labelled,
            draws=args.draws,
            seed=args.seed,
        ),
        limit=args.limit,
        device=str(find_device(args.device)),
        batch_size=args.batch_size,
    )
    for name in config.probes:
        if name != evaluation.FINE_TUNING:
            evaluation.find_probe(name)
    groups = pairs("--group", args.group)
    models = _models(args)
    datasets = evaluation.grouped([evaluation.load(spec) for spec in args.data], groups)
    directory = args.cache or evaluation.cache_root() / "features"
    cache = evaluation.FeatureCache(None if args.no_cache else directory)
    baseline = models[0].name if args.random else ""
    report = evaluation.evaluate(models, datasets, config, cache, baseline, progress=not args.json)
    _record(args, report)
    text = json_text(report.plain())
    print(text if args.json else report.table())
    if args.output:
        with output(args.output) as out:
            print(text, file=out)
    return 0


def _models(args: argparse.Namespace) -> list[Judged]:
    """What is judged, under different names; the random baseline first."""
    from phosphene.evaluation import from_checkpoint, randomly_initialised
    from phosphene.models import BackboneConfig

    models: list[Judged] = []
    for spec in args.model:
        kind, _, name = spec.partition(":")
        if kind == "random" and name:
            models.append(randomly_initialised(BackboneConfig(name, args.size), seed=args.seed))
        else:
            models.append(from_checkpoint(Path(spec)))
    if args.random:
        first = models[0]
        models.insert(0, randomly_initialised(first.config, first.normalisation, args.seed))
    names = [judged.name for judged in models]
    if len(set(names)) < len(names):
        raise UsageError(f"models must have different names, got {', '.join(names)}")
    return models


def _record(args: argparse.Namespace, report: Report) -> None:
    from phosphene.runs import CONFIG, Run

    for spec in args.model:
        if (Path(spec) / CONFIG).is_file():
            try:
                Run.open(Path(spec)).append("evaluation", data=args.data, **report.plain())
            except PhospheneError as error:
                print(f"phosphene evaluate: not noted in the run: {error}", file=sys.stderr)
