"""`phosphene export`: what was learned or rendered, for other tools."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from phosphene.errors import PhospheneError


def add_parser(subparsers: Any) -> None:
    """Describes the command and its kinds of export."""
    parser = subparsers.add_parser(
        "export", help="hand weights to other tools", description="Hands results to other tools."
    )
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    _add_weights(kinds)


def _add_weights(kinds: Any) -> None:
    parser = kinds.add_parser(
        "weights",
        help="a backbone's weights, for timm",
        description="Writes the backbone of a run or checkpoint as safetensors under timm's names, and "
        "prints the line of Python that loads it.",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="a run's or a checkpoint's directory")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="FILE.safetensors"
    )
    parser.set_defaults(export=weights)


def run(args: argparse.Namespace) -> int:
    """Exports."""
    return int(args.export(args))


def weights(args: argparse.Namespace) -> int:
    """Copies the weights, and prints how to load them."""
    from phosphene.models import BackboneConfig
    from phosphene.runs import write_atomically
    from phosphene.training.checkpoints import describe, locate, timm_line

    source = locate(args.run)
    about = describe(source)
    if args.output.suffix != ".safetensors":
        raise PhospheneError(
            f"{args.output} must end in .safetensors, by which timm knows the format"
        )
    try:
        write_atomically(args.output, source.read_bytes())
    except OSError as error:
        raise PhospheneError(f"cannot write {args.output}: {error.strerror}") from error
    print(timm_line(BackboneConfig(**about["backbone"]), str(args.output)))
    print(f"# normalise images with mean={tuple(about['mean'])}, std={tuple(about['std'])}")
    return 0
