"""`phosphene`: parses the command line and delegates."""

from __future__ import annotations

import argparse
import importlib
import io
import logging
import os
import select
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from phosphene.cli.parsing import Parser
from phosphene.cli.texts import visible
from phosphene.errors import PhospheneError
from phosphene.version import __version__

COMMANDS = (
    "doctor",
    "collect",
    "synth",
    "vet",
    "bank",
    "render",
    "pretrain",
    "evaluate",
    "compare",
    "finetune",
    "report",
    "export",
    "demo",
)
"""In the order of a user's way; each is a module of `phosphene.cli` with `add_parser` and `run`."""

DESCRIPTION = """\
Vision models that learn to see without real images: a bank of small image programs,
rendered live into training, judged on real images."""


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line. Cheap: no command imports torch to describe itself."""
    parser = Parser(
        prog="phosphene",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"phosphene {__version__}")
    parser.add_argument("-v", "--verbose", action="store_true", help="say more about what happens")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        importlib.import_module(f"phosphene.cli.{name}").add_parser(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
        The exit code: 0 done, 1 failed with one clear line, 2 wrong usage.
    """
    # Before torch is loaded: its idle threads must not spin on the cores that render.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # foreign texts hold what no terminal can show
            stream.reconfigure(errors="replace")
    args = build_parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO if args.verbose else logging.WARNING, format="phosphene: %(message)s"
    )
    logging.getLogger("phosphene.choices").setLevel(logging.INFO)
    command = importlib.import_module(f"phosphene.cli.{args.command}")
    try:
        with _terminable():
            code = int(command.run(args))
        sys.stdout.flush()
        return code
    except PhospheneError as error:
        print(visible(f"phosphene {args.command}: {error}"), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print(f"phosphene {args.command}: interrupted", file=sys.stderr)
        return 1
    except OSError as error:  # a full disk, a folder that may not be written
        piped = isinstance(error, BrokenPipeError)
        if piped and _nobody_reads():  # `phosphene bank list | head`
            _forget_output()
            return 0
        where = error.filename or ("another process" if piped else "the output")
        said = f"phosphene {args.command}: {where}: {error.strerror or error}"
        print(visible(said), file=sys.stderr)
        if not error.filename:
            _forget_output()
        return 1


def _nobody_reads() -> bool:
    """Whether standard output is a pipe that nobody reads any more."""
    poll = select.poll()
    with suppress(io.UnsupportedOperation):  # it is no file
        poll.register(sys.stdout.fileno(), 0)
    return bool(poll.poll(0))


def _forget_output() -> None:
    """What could not be printed is not tried again at the end."""
    with suppress(io.UnsupportedOperation):  # it is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM ends a command as Ctrl-C does: it saves, and its processes end before it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


if __name__ == "__main__":
    sys.exit(main())
