"""`phosphene demo`: the way from programs to a judged backbone, small, as commands to copy."""

from __future__ import annotations

import argparse
import shlex
import time
from pathlib import Path
from typing import Any

PRETRAINING = {
    "--method": "simclr",
    "--backbone": "phosphene_resnet18_slim",
    "--size": "32",
    "--batch-size": "128",
    "--steps": "300",
    "--learning-rate": "0.5",
    "--set": "training.method.options.temperature=0.2",
}
"""What two cores learn from in about three minutes; RESULTS.md has the seeds."""


def add_parser(subparsers: Any) -> None:
    """Describes the command."""
    parser = subparsers.add_parser(
        "demo",
        help="all of it, small",
        description="Collects the starter programs, vets them, pretrains on live renderings, judges the "
        "backbone on real digits against a random one, and writes a page. What is done is not done again.",
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("demo"), metavar="DIR", help="default: demo"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the run (default: 0)")
    parser.add_argument("--engine", default="auto", help="auto, opengl or cuda (default: auto)")


def commands(output: Path, seed: int, engine: str) -> list[list[str]]:
    """The demo's commands, in order, as a user would type them."""
    bank, run = str(output / "bank.db"), output / "runs" / f"seed-{seed}"
    sheet = run / "pictures" / "programs.png"
    return [
        ["collect", "starter", "--bank", bank],
        ["vet", "--bank", bank, "--engine", engine],
        [
            "pretrain",
            "--bank",
            bank,
            "--run",
            str(run),
            "--resume",
            "--engine",
            engine,
            "--seed",
            str(seed),
            *(word for pair in PRETRAINING.items() for word in pair),
        ],
        ["evaluate", str(run), "--random", "--data", "digits", "--seed", str(seed)],
        ["render", "--bank", bank, "--sheet", "--count", "48", "--size", "96", "-o", str(sheet)],
        ["report", str(run), "-o", str(output / "report.html")],
    ]


def run(args: argparse.Namespace) -> int:
    """Runs the commands, each as if typed."""
    from phosphene.cli.main import main

    started = time.monotonic()
    args.output.mkdir(parents=True, exist_ok=True)
    (args.output / "runs" / f"seed-{args.seed}" / "pictures").mkdir(parents=True, exist_ok=True)
    for command in commands(args.output, args.seed, args.engine):
        print(f"\n$ phosphene {shlex.join(command)}", flush=True)
        code = main(command)
        if code:
            return code
    print(f"\nDone in {time.monotonic() - started:.0f} s. Open {args.output / 'report.html'}")
    return 0
