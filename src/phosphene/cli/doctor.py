"""`phosphene doctor`: what this machine can do, and what is missing."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from phosphene.cli.texts import json_text


def add_parser(subparsers: Any) -> None:
    """Describes the command."""
    parser = subparsers.add_parser(
        "doctor",
        help="what this machine can do, and what is missing",
        description="Checks every piece that Phosphene needs and says what to type for those missing. "
        "Exit code 1 where something is missing.",
    )
    parser.add_argument("--json", action="store_true", help="print the checks as JSON")


def run(args: argparse.Namespace) -> int:
    """Prints the checks."""
    from phosphene.doctor import Status, examine

    checks = examine()
    if args.json:
        print(json_text([dataclasses.asdict(check) for check in checks]))
    else:
        width = max(len(check.name) for check in checks)
        for check in checks:
            print(f"{check.status:7}  {check.name:{width}}  {check.detail}")
    return int(any(check.status is Status.MISSING for check in checks))
