"""`phosphene collect`: import programs into a bank."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phosphene.cli.texts import json_text, visible
from phosphene.errors import UsageError
from phosphene.program import TEXT_DIALECTS, Dialect
from phosphene.progress import ProgressBar

if TYPE_CHECKING:
    from phosphene.collecting import Summary

_EPILOG = """\
SOURCE is one of
  starter              the programs that come with Phosphene
  FOLDER, FILE         every file below the folder; kinds are found by content, not by name
  REPOSITORY[@REV]     a git checkout (without @REV: its files as they are) or a bare repository
  ARCHIVE              .zip, .tar, .tar.gz, .tar.bz2, .tar.xz
  shadertoy:           every program its author opened to Shadertoy's API; the key is read from the
                       variable SHADERTOY_KEY. shadertoy:WORDS searches, shadertoy:id=A,B names them

Run it again after an interruption: it goes on where it stopped."""


def add_parser(subparsers: Any) -> None:
    """Describes the command."""
    parser = subparsers.add_parser(
        "collect",
        help="import programs into a bank",
        description="Imports programs with their provenance into a bank, which is made where there is "
        "none. Nothing is rejected for being ugly; what cannot be served yet is kept and marked.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", nargs="+", metavar="SOURCE", help="where programs come from")
    parser.add_argument("--bank", required=True, type=Path, metavar="FILE", help="the bank")
    parser.add_argument("--revision", metavar="REV", help="the commit, branch or tag to read")
    parser.add_argument(
        "--dialect",
        metavar="NAME",
        help=f"take every text as {', '.join(TEXT_DIALECTS)} (default: found by content)",
    )
    parser.add_argument("--origin", default="", help="the collection's name in the bank")
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one a core)")
    parser.add_argument("--limit", type=int, metavar="N", help="read at most N items a source")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Collects every source in turn."""
    from phosphene.bank import Bank
    from phosphene.collecting import collect
    from phosphene.sources import open_source

    for name in ("workers", "limit"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise UsageError(f"`--{name}` must be 1 or more, got {value}")
    dialect = Dialect.of_text(args.dialect) if args.dialect else None
    sources = [open_source(name, args.revision, dialect, args.origin) for name in args.source]
    summaries = []
    with Bank.open(args.bank, create=True) as bank:
        for name, source in zip(args.source, sources, strict=True):
            with ProgressBar(name, shown=not args.json) as bar:
                show = _collected(bar)
                summaries.append(collect(source, bank, args.workers, args.limit, show))
        held = len(bank)
    if args.json:
        print(json_text([_as_json(summary) for summary in summaries]))
    else:
        _print(summaries, args.bank, held)
    return 0


def _collected(bar: ProgressBar) -> Callable[[Any], None]:
    """The callback for `collect`."""

    def show(progress: Any) -> None:
        bar.show(progress.done, progress.total, f"{progress.programs:,} new programs")

    return show


def _as_json(summary: Summary) -> dict[str, Any]:
    content = dataclasses.asdict(summary)
    content["outcomes"] = [
        {"outcome": outcome, "reason": reason, "items": count}
        for (outcome, reason), count in summary.outcomes.items()
    ]
    return content


def _print(summaries: Sequence[Summary], bank: Path, held: int) -> None:
    for summary in summaries:
        before = f", {summary.known:,} read before" if summary.known else ""
        print(f"{summary.source}: {summary.read:,} items in {summary.seconds:.1f} s{before}")
        print(f"  {summary.new:,} new programs, {summary.met_again:,} met again")
        for (outcome, reason), count in summary.outcomes.items():
            print(visible(f"  {count:>9,}  {outcome}{f': {reason}' if reason else ''}"))
    print(f"{bank} holds {held:,} programs; judge them with: phosphene vet --bank {bank}")
