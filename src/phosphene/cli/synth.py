"""`phosphene synth`: make new programs."""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phosphene.cli.texts import json_text, visible
from phosphene.errors import UsageError
from phosphene.program import Dialect
from phosphene.progress import ProgressBar
from phosphene.workers import WorkerPool, WorkerSpec, cpu_count

if TYPE_CHECKING:
    from phosphene.bank import Bank, Entry

_Task = tuple[int, tuple[int, ...]]
"""A seed and the numbers to make."""

_BATCH = 50
"""Programs a task of a worker, and a transaction: about a second's work."""

_WORTH_WORKERS = 300
"""Fewer programs are made here, before workers would have started."""

_SECONDS_A_TASK = 120.0

_EPILOG = """\
Program K of seed S is always the same one, so -n 2000 after -n 1000 adds the second thousand, and a run
that was interrupted goes on where it stopped. What the grammar makes is CC0-1.0.

--from mutation, crossover and composition make children of the accepted programs in the bank: number K of
seed S over the same parents is always the same child. A child is under its strictest parent's licence."""


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Attributes:
        seed: the seed.
        grammar: the digest of the grammar; another grammar makes other programs.
        made: programs that this run made.
        known: programs that an earlier run had made.
        new: those of `made` that the bank did not hold before.
        seconds: how long it took.
    """

    seed: int
    grammar: str
    made: int
    known: int
    new: int
    seconds: float


def add_parser(subparsers: Any) -> None:
    """Describes the command."""
    parser = subparsers.add_parser(
        "synth",
        help="make new programs",
        description="Makes programs from a grammar, or from those in a bank, and stores them in the bank, "
        "which is made where there is none.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--bank", required=True, type=Path, metavar="FILE", help="the bank")
    parser.add_argument(
        "-n", dest="count", type=int, default=1000, metavar="N", help="how many (default: 1000)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="which ones (default: 0)")
    parser.add_argument(
        "--from",
        dest="kind",
        choices=("grammar", "mutation", "crossover", "composition"),
        default="grammar",
        help="how they are made (default: grammar)",
    )
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: one a core)")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    group = parser.add_argument_group("which parents (not for the grammar)")
    group.add_argument(
        "--license", action="append", default=[], metavar="NAME", help="only under this; repeatable"
    )
    group.add_argument(
        "--origin", action="append", default=[], help="only from this collection; repeatable"
    )
    group.add_argument(
        "--dialect", action="append", default=[], metavar="NAME", help="only of this; repeatable"
    )
    group.add_argument(
        "--descendants", action="store_true", help="children may be parents in their turn"
    )


def run(args: argparse.Namespace) -> int:
    """Makes what is missing of the N programs."""
    from phosphene.bank import Bank

    if args.count < 1:
        raise UsageError(f"`-n` must be 1 or more, got {args.count}")
    if args.workers is not None and args.workers < 1:
        raise UsageError(f"`--workers` must be 1 or more, got {args.workers}")
    if args.kind != "grammar":
        return _breed(args)
    with Bank.open(args.bank, create=True) as bank:
        summary = synthesise_into(bank, args.seed, args.count, args.json, args.workers)
        held = len(bank)
    if args.json:
        print(json_text(dataclasses.asdict(summary)))
        return 0
    before = f", {summary.known:,} made before" if summary.known else ""
    print(f"seed {args.seed}: {summary.made:,} programs in {summary.seconds:.1f} s{before}")
    print(f"{args.bank} holds {held:,} programs; judge them with: phosphene vet --bank {args.bank}")
    return 0


def _breed(args: argparse.Namespace) -> int:
    """Makes what is missing of the N children."""
    from phosphene.bank import Bank, Filters
    from phosphene.breeding import Breed, breed, parents_in

    filters = Filters(
        licences=tuple(args.license),
        dialects=tuple(map(Dialect.of, args.dialect)),
        origins=tuple(args.origin),
    )
    with Bank.open(args.bank) as bank, ProgressBar(args.kind, not args.json) as bar:
        parents = parents_in(bank, filters, args.descendants)
        kind = Breed(args.kind)
        made = breed(
            bank, kind, parents, args.seed, args.count, workers=args.workers, progress=bar.show
        )
    if args.json:
        print(json_text(dataclasses.asdict(made)))
        return 0
    before = f", {made.known:,} made before" if made.known else ""
    print(f"{made.made:,} children of {len(parents):,} programs in {made.seconds:.1f} s{before}")
    for reason, count in made.refused.most_common(20):
        print(visible(f"  {count:>9,}  not made: {reason}"))
    print(f"judge them with: phosphene vet --bank {args.bank}")
    return 0


def synthesise_into(
    bank: Bank, seed: int, count: int, quiet: bool = True, workers: int | None = None
) -> Summary:
    """Makes programs 0 to `count` - 1 of a seed, except those that the bank knows to be made; None: a worker a core.

    Whatever is made is stored with the note that it was, so that a run can be killed at any moment.

    Raises:
        BankError: where the bank cannot be written.
    """
    from phosphene.bank import ImportRow
    from phosphene.synthesis import ORIGIN, standard

    began = time.monotonic()
    source, mark = f"{ORIGIN}:seed {seed}", standard().digest
    wanted = list(_missing(bank.imported(source), mark, count))
    tasks = [(seed, tuple(wanted[i : i + _BATCH])) for i in range(0, len(wanted), _BATCH)]
    new = 0
    with ProgressBar("synthesis", not quiet) as bar:
        done = 0
        for numbers, entries in _made(tasks, workers):
            rows = [ImportRow(str(number), mark, "imported", "", 1) for number in numbers]
            with bank.writing():
                new += bank.add_entries(entries)
                bank.record_imports(source, rows)
            done += len(numbers)
            bar.show(done, len(wanted))
    seconds = time.monotonic() - began
    return Summary(seed, mark, len(wanted), count - len(wanted), new, seconds)


def serve(_: None) -> Callable[[_Task], list[Entry]]:
    """Set-up of a worker; see `phosphene.workers`."""
    return _entries


def _entries(task: _Task) -> list[Entry]:
    """Programs, packed for the bank."""
    from phosphene.bank import Entry
    from phosphene.synthesis import synthesise

    seed, numbers = task
    made = [synthesise(seed, number) for number in numbers]
    return [Entry.of(one.program, (one.provenance,)) for one in made]


def _made(
    tasks: Sequence[_Task], workers: int | None
) -> Iterator[tuple[tuple[int, ...], list[Entry]]]:
    """The numbers and the programs of every task, as they become ready."""
    if len(tasks) * _BATCH <= _WORTH_WORKERS:
        yield from ((task[1], _entries(task)) for task in tasks)
        return
    spec = WorkerSpec("phosphene.cli.synth:serve")
    with WorkerPool(spec, min(workers or cpu_count(), len(tasks)), _SECONDS_A_TASK) as pool:
        for outcome in pool.map(tasks):
            if outcome.error is not None:
                raise outcome.error
            yield outcome.task[1], outcome.result


def _missing(done: Mapping[str, str], mark: str, count: int) -> Iterator[int]:
    """The numbers that this grammar has not been asked for yet."""
    return (number for number in range(count) if done.get(str(number)) != mark)
