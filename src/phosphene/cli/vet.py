"""`phosphene vet`: compile, render, judge."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phosphene.cli.choosing import add_filters, filters_of
from phosphene.cli.texts import json_text, visible
from phosphene.errors import UsageError
from phosphene.progress import ProgressBar

if TYPE_CHECKING:
    from phosphene.vetting import FamilySummary, Summary

_EPILOG = """\
The rule is a policy; --policy changes one of its thresholds and may be repeated:
  --policy size=128 --policy times=1,10,100 --policy least_motion=0.01
Run it again after an interruption, or after collecting more: what is judged by the same policy and
front end is not judged again."""


def add_parser(subparsers: Any) -> None:
    """Describes the command."""
    parser = subparsers.add_parser(
        "vet",
        help="compile, render, judge",
        description="Compiles the programs of a bank, renders each a few times, and stores a verdict with "
        "its reason and measurements.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--bank", required=True, type=Path, metavar="FILE", help="the bank")
    parser.add_argument(
        "--policy", action="append", default=[], metavar="NAME=VALUE", help="change a threshold"
    )
    parser.add_argument("--engine", default="auto", help="auto, opengl or cuda (default: auto)")
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one a core)")
    parser.add_argument(
        "--timeout", type=float, default=30.0, metavar="S", help="seconds a program may take (30)"
    )
    parser.add_argument("--compile-only", action="store_true", help="make modules, render nothing")
    parser.add_argument(
        "--optimise",
        action="store_true",
        help="also store what the CUDA engine compiles from, of programs judged before, too",
    )
    parser.add_argument(
        "--families",
        action="store_true",
        help="also find how far the literals of the accepted programs may vary, for pretrain --families",
    )
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    add_filters(parser)


def run(args: argparse.Namespace) -> int:
    """Vets what has not been vetted."""
    from phosphene.bank import Bank
    from phosphene.engines import open_engine, resolve
    from phosphene.vetting import Policy, vet, vet_families

    if args.workers is not None and args.workers < 1:
        raise UsageError(f"`--workers` must be 1 or more, got {args.workers}")
    if args.timeout <= 0:
        raise UsageError(f"`--timeout` must be more than 0 s, got {args.timeout:g}")
    if args.families and args.compile_only:
        raise UsageError("`--families` draws programs: leave out `--compile-only`")
    policy = Policy.of(args.policy)
    filters = filters_of(args)
    name = resolve(args.engine)
    options: dict[str, Any] = {}
    if name == "opengl":
        options = {"workers": args.workers, "timeout": args.timeout}
    optimise = args.optimise or (name == "cuda" and not args.compile_only)
    with Bank.open(args.bank) as bank:
        engine = None if args.compile_only else open_engine(name, bank.modules, **options)
        try:
            with ProgressBar("vetting", shown=not args.json) as bar:
                summary = vet(
                    bank,
                    engine,
                    policy,
                    filters=filters,
                    workers=args.workers,
                    optimise=optimise,
                    progress=_judged(bar),
                )
            families: FamilySummary | None = None
            if args.families and engine is not None:
                with ProgressBar("families", shown=not args.json) as bar:
                    families = vet_families(
                        bank,
                        engine,
                        policy,
                        filters=filters,
                        workers=args.workers,
                        optimise=optimise,
                        progress=_varied(bar),
                    )
        finally:
            if engine is not None:
                engine.close()
    if args.json:
        varied = {"families": dataclasses.asdict(families)} if families else {}
        print(json_text({**_as_json(summary), **varied}))
    else:
        _print(summary)
        if families:
            _print_families(families)
    return 0


def _judged(bar: ProgressBar) -> Callable[[Summary], None]:
    """The callback for `vet`."""

    def show(summary: Summary) -> None:
        accepted = summary.statuses["accepted"]  # type: ignore[index]
        bar.show(summary.done, summary.total, f"{accepted:,} accepted")

    return show


def _varied(bar: ProgressBar) -> Callable[[FamilySummary], None]:
    """The callback for `vet_families`."""

    def show(summary: FamilySummary) -> None:
        bar.show(summary.done, summary.total, f"{summary.varied:,} vary")

    return show


def _as_json(summary: Summary) -> dict[str, Any]:
    content = {field.name: getattr(summary, field.name) for field in dataclasses.fields(summary)}
    return {**content, "done": summary.done}


def _print(summary: Summary) -> None:
    before = f", {summary.known:,} judged before" if summary.known else ""
    print(f"{summary.done:,} programs in {summary.seconds:.1f} s{before}")
    if summary.compiled:
        print(f"  {summary.compiled:>9,}  compiled")
    if summary.optimised:
        print(f"  {summary.optimised:>9,}    for the CUDA engine, judged before")
    for status, count in sorted(summary.statuses.items()):
        print(f"  {count:>9,}  {status}")
    for title, reasons in (("", summary.reasons), ("not served yet: ", summary.unserved)):
        for reason, count in reasons.most_common(20):
            print(visible(f"  {count:>9,}    {title}{reason}"))


def _print_families(summary: FamilySummary) -> None:
    before = f", {summary.known:,} known before" if summary.known else ""
    print(f"{summary.done:,} programs looked at as families in {summary.seconds:.1f} s{before}")
    for strength, count in sorted(summary.strengths.items(), reverse=True):
        title = f"literals may vary up to {strength:g}" if strength else "literals must stay"
        print(f"  {count:>9,}  {title}")
    if summary.optimised:
        print(f"  {summary.optimised:>9,}  made ready for the CUDA engine")
