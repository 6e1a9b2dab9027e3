"""`phosphene export`: what was learned or rendered, for other tools."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from phosphene.errors import PhospheneError, UsageError


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
        description="Writes the backbone of a run or checkpoint under timm's names, and prints the line of "
        "Python that loads it. A folder gets model.safetensors, timm's config.json, a model card with "
        "programs, licences, recipe and results, and ATTRIBUTION.md with the programs' authors.",
    )
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="a run's or a checkpoint's directory, or its file")
    add(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="DIR",
        help="a folder; or FILE.safetensors, for the weights alone",
    )
    add("--bank", type=Path, metavar="FILE", help="where the run's bank lies, if it was moved")
    add(
        "--results",
        type=Path,
        metavar="FILE",
        help="what phosphene evaluate -o wrote, for the card",
    )
    parser.set_defaults(export=weights)


def run(args: argparse.Namespace) -> int:
    """Exports."""
    return int(args.export(args))


def weights(args: argparse.Namespace) -> int:
    """Writes the weights, and prints how to load them."""
    if args.output.suffix == ".safetensors":
        return _file(args)
    from phosphene.publishing import publish

    print(publish(args.run, args.output, args.bank, _results(args.results)))
    return 0


def _results(path: Path | None) -> dict[str, Any] | None:
    """The JSON of an evaluation."""
    if path is None:
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise PhospheneError(f"cannot read {path}: {error}") from error
    if not isinstance(found, dict) or "scores" not in found:
        raise UsageError(f"{path} is not what phosphene evaluate -o writes: it has no `scores`")
    return found


def _file(args: argparse.Namespace) -> int:
    """Copies the weights alone."""
    from phosphene.models import BackboneConfig
    from phosphene.runs import write_atomically
    from phosphene.training.checkpoints import describe, locate, timm_line

    source = locate(args.run)
    about = describe(source)
    try:
        write_atomically(args.output, source.read_bytes())
    except OSError as error:
        raise PhospheneError(f"cannot write {args.output}: {error.strerror}") from error
    print(timm_line(BackboneConfig(**about["backbone"]), str(args.output)))
    print(f"# normalise images with mean={tuple(about['mean'])}, std={tuple(about['std'])}")
    return 0
