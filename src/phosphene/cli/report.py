"""`phosphene report`: the page of a run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Describes the command."""
    parser = subparsers.add_parser(
        "report",
        help="write the page of a run",
        description="Writes one HTML file about a run: scores, pictures, loss, filters, configuration. "
        "Reads the run's own files only.",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="the run's directory")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="the page (default: RUN/report.html)"
    )


def run(args: argparse.Namespace) -> int:
    """Writes the page."""
    from phosphene.report import write_report

    print(write_report(args.run, args.output or args.run / "report.html"))
    return 0
