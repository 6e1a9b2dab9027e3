"""Options shared by the commands that choose programs from a bank, and where their output goes."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from phosphene.bank.selecting import Filters, ranges
from phosphene.errors import PhospheneError, UsageError
from phosphene.licences import GROUPS
from phosphene.program import Dialect
from phosphene.views import DEFAULT_STRENGTH


def add_filters(parser: argparse.ArgumentParser) -> None:
    """The options that choose programs."""
    group = parser.add_argument_group("which programs")
    group.add_argument(
        "--license",
        action="append",
        default=[],
        metavar="NAME",
        help=f"only under this licence: an SPDX identifier, or one of {', '.join(GROUPS)}; may be "
        "given several times",
    )
    group.add_argument(
        "--dialect",
        action="append",
        default=[],
        metavar="NAME",
        help=f"only of this dialect ({', '.join(Dialect)}); may be given several times",
    )
    group.add_argument(
        "--origin", action="append", default=[], help="only from this collection; repeatable"
    )
    group.add_argument(
        "--status",
        choices=("accepted", "refused", "any"),
        default="any",
        help="what vetting decided (default: any, vetted or not)",
    )
    group.add_argument(
        "--distinct", action="store_true", help="one of each group of near-duplicates"
    )
    add_where(group.add_argument)
    group.add_argument("--limit", type=int, metavar="N", help="at most N, drawn at random")
    group.add_argument("--seed", type=int, default=0, help="of that draw (default: 0)")


def add_where(add: Callable[..., Any]) -> None:
    """`--where CONDITION`."""
    add(
        "--where",
        action="append",
        metavar="CONDITION",
        help="only programs measured so, for example 'milliseconds<=40' or 'colourfulness>=20' (phosphene "
        "bank show lists the measurements); may be given several times",
    )


def filters_of(args: argparse.Namespace) -> Filters:
    """The options of `add_filters` as a value."""
    return Filters(
        licences=tuple(args.license),
        accepted={"accepted": True, "refused": False, "any": None}[args.status],
        distinct=args.distinct,
        dialects=tuple(map(Dialect.of, args.dialect)),
        origins=tuple(args.origin),
        measured=ranges(args.where or ()),
        limit=args.limit,
        seed=args.seed,
    )


def pairs(option: str, texts: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` given several times. Raises UsageError for a text that is none."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise UsageError(f"{option} must be NAME=VALUE, got {text!r}")
        found[name] = value
    return found


def add_families(add: Callable[..., Any], help_: str) -> None:
    """`--families [STRENGTH]`."""
    add(
        "--families",
        type=float,
        nargs="?",
        const=DEFAULT_STRENGTH,
        metavar="STRENGTH",
        help=f"{help_}, up to exp(STRENGTH) times as large or as small (STRENGTH: {DEFAULT_STRENGTH:g})",
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """`-o FILE`."""
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write to FILE")


def check_output(path: Path | None) -> None:
    """Raises UsageError where a file could not be written, before the work that it is for."""
    if path is not None and (path.is_dir() or not path.parent.is_dir()):
        what = (
            "is a folder" if path.is_dir() else f"cannot be made: there is no folder {path.parent}"
        )
        raise UsageError(f"`-o` {path} {what}")


@contextlib.contextmanager
def output(path: Path | None) -> Iterator[TextIO]:
    """The file, or standard output where there is none. What it held before stays until all is written."""
    if path is None:
        yield sys.stdout
        return
    special = path.exists() and not path.is_file()  # a pipe, a device
    target = path if special else path.resolve()
    whole = path if special else target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with whole.open("w", encoding="utf-8", errors="replace") as file:
            yield file
        if not special:
            whole.replace(target)
    except OSError as error:
        raise PhospheneError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        if not special:
            with contextlib.suppress(OSError):
                whole.unlink()
