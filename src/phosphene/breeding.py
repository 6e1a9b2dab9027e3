"""Children of a bank's programs, into the bank: mutation, crossover, composition.

Child n of a seed over a frozen selection is the same one on every machine: parents and changes are drawn
from counters, and a draw that gives nothing (it does not compile, the licences do not go together) is
followed by the next draw of the same child.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from phosphene.bank import Bank, Entry, Filters, ImportRow, Listing, Selection
from phosphene.bank.lineage import MAX_TEXTS
from phosphene.errors import CompileError, UnservedError, UsageError, WorkerError
from phosphene.glsl.operators import OPERATORS
from phosphene.inheritance import IncompatibleError, inherited
from phosphene.program import Program
from phosphene.provenance import Lineage, Provenance
from phosphene.spirv import compile_program, readable
from phosphene.synthesis.composing import draw_composition, draw_parents
from phosphene.synthesis.draws import Draws
from phosphene.synthesis.syntax import cross, mutate
from phosphene.workers import WorkerPool, WorkerSpec, cpu_count

VERSION = "1"
"""Raised when the same numbers give other children: they are made again, beside the old ones."""

ATTEMPTS = 24
"""Draws for one child."""

_SECONDS = 120.0
_MEMORY = 4 << 30
_BATCH = 20


class Breed(StrEnum):
    """How children are made."""

    MUTATION = "mutation"
    CROSSOVER = "crossover"
    COMPOSITION = "composition"


@dataclass
class Summary:
    """What a run did.

    Attributes:
        kind, seed: what was asked for.
        parents: digest of the selection that parents were drawn from.
        made: children that this run made.
        known: those that an earlier run had made, or given up.
        new: those of `made` that the bank did not hold before.
        refused: reason → children that no draw gave.
        seconds: how long it took.
    """

    kind: str
    seed: int
    parents: str
    made: int = 0
    known: int = 0
    new: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


def parents_in(bank: Bank, filters: Filters, descendants: bool = False) -> Selection:
    """The programs that can have children: accepted ones, unless the filters say otherwise.

    Args:
        bank: with the programs.
        filters: which of them.
        descendants: also those that are children themselves. Without them the selection, and so the
            children, stay the same when children are vetted.

    Raises:
        UsageError: there are fewer than two.
    """
    selection = bank.select_by(filters)
    if not descendants:
        children = bank.lineages(selection.program_ids)
        selection = bank.selection(i for i in selection.program_ids if i not in children)
    if len(selection) < 2:
        raise UsageError(
            f"{bank.path} holds {len(selection)} programs that can be parents; at least 2 are needed: "
            f"judge programs first with: phosphene vet --bank {bank.path}"
        )
    return selection


def breed(
    bank: Bank,
    kind: Breed,
    selection: Selection,
    seed: int,
    count: int,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Summary:
    """Makes children 0 to `count` - 1 of a seed, except those that the bank knows to be made.

    May be killed at any moment and called again: nothing is made twice.

    Args:
        bank: writable; children are stored with lineage, title and licence.
        kind: how they are made.
        selection: the parents, see `parents_in`.
        seed: which children.
        count: how many.
        workers: processes; None: one a core.
        progress: called with the number of children dealt with, and of all.

    Raises:
        BankError: the bank cannot be written.
    """
    began = time.monotonic()
    source = f"{kind}:seed {seed} over {selection.digest}"
    done = bank.imported(source)
    wanted = [n for n in range(count) if done.get(str(n)) != VERSION]
    summary = Summary(kind, seed, selection.digest, known=count - len(wanted))
    children = _made(bank.path, kind, selection, seed, wanted, workers)
    for part in _batches(children):
        with bank.writing():
            for number, child in part:
                if isinstance(child, WorkerError):  # no note: the next run tries it again
                    summary.refused[str(child)] += 1
                    continue
                failed = child if isinstance(child, str) else ""
                if isinstance(child, Entry):
                    summary.new += bank.add_entries([child])
                    summary.made += 1
                else:
                    summary.refused[failed] += 1
                outcome = "failed" if failed else "imported"
                row = ImportRow(str(number), VERSION, outcome, failed, int(not failed))
                bank.record_imports(source, [row])
        if progress is not None:
            progress(summary.made + summary.refused.total(), len(wanted))
    summary.seconds = time.monotonic() - began
    return summary


@dataclass(frozen=True, slots=True)
class Setup:
    """Of a worker.

    Attributes:
        bank: its file.
        kind, seed: of the children.
        ids, digest: of the selection that parents are drawn from.
    """

    bank: Path
    kind: Breed
    ids: tuple[str, ...]
    digest: str
    seed: int


_Numbered = tuple[int, Entry | str | WorkerError]
"""A child's number, and the child, or why there is none: of its own, or because its worker failed."""


def serve(setup: Setup) -> Callable[[int], Entry | str]:
    """Set-up of a worker; see `phosphene.workers`. Number of a child → the child, or why there is none."""
    return Breeder(Bank.open(setup.bank, read_only=True), setup).child


def _made(
    path: Path,
    kind: Breed,
    selection: Selection,
    seed: int,
    numbers: Sequence[int],
    workers: int | None,
) -> Iterator[_Numbered]:
    """Every number with its child, as they become ready."""
    if not numbers:
        return
    setup = Setup(path, kind, selection.program_ids, selection.digest, seed)
    spec = WorkerSpec("phosphene.breeding:serve", setup, memory=_MEMORY)
    with WorkerPool(spec, min(workers or cpu_count(), len(numbers)), _SECONDS) as pool:
        for outcome in pool.map(numbers):
            if outcome.error is None:
                yield outcome.task, outcome.result
            elif isinstance(outcome.error, WorkerError):
                yield outcome.task, outcome.error
            else:
                raise outcome.error


def _batches(
    children: Iterator[_Numbered],
) -> Iterator[list[_Numbered]]:
    part: list[_Numbered] = []
    for child in children:
        part.append(child)
        if len(part) == _BATCH:
            yield part
            part = []
    if part:
        yield part


class Breeder:
    """Makes children, one at a time, in this process: what hangs or crashes a compiler does so here."""

    def __init__(self, bank: Bank, setup: Setup) -> None:
        self._bank, self._setup = bank, setup

    def child(self, number: int) -> Entry | str:
        """A child, packed for the bank, or why the last of its draws gave none."""
        reason = ""
        for attempt in range(ATTEMPTS):
            purpose = f"synthesis-{self._setup.kind}"
            draws = Draws(self._setup.seed, number, attempt, purpose)
            try:
                return self._entry(number, *self._drawn(draws))
            except (UnservedError, CompileError, IncompatibleError) as error:
                reason = str(error)
        return reason

    def _drawn(self, draws: Draws) -> tuple[Program, Lineage]:
        """A child that compiles, of parents whose licences allow it."""
        ids, kind = self._setup.ids, self._setup.kind
        if kind is Breed.COMPOSITION:
            child = draw_composition(draws, ids, self._readable)
            assert child.composition is not None
            lineage = Lineage(child.composition.operator, child.composition.parents)
        else:
            lineage = Lineage(kind, draw_parents(draws, ids, 1 if kind is Breed.MUTATION else 2))
            first, *second = (self._bank.program(parent) for parent in lineage.parents)
            child = cross(first, second[0], draws) if second else mutate(first, draws)
        if child.id in lineage.parents:
            raise UnservedError("the child is its parent")
        self._check(child, lineage)
        return child, lineage

    def _check(self, child: Program, lineage: Lineage) -> None:
        """Raises where the licences do not go together, the child is too large or does not compile."""
        listings = self._listings(lineage)
        inherited([(listing.licence, listing.basis) for listing in listings])
        if child.composition is None:
            compile_program(child)
            return
        texts = sum(self._bank.texts(parent) for parent in lineage.parents)
        if texts > MAX_TEXTS:
            raise UnservedError(f"it stands on {texts} programs; at most {MAX_TEXTS} are served")
        compile_program(child, parents=self._bank.modules(lineage.parents))

    def _readable(self, program: str) -> Sequence[int]:
        modules = self._bank.modules([program])
        return readable(modules[program]) if modules else ()

    def _listings(self, lineage: Lineage) -> list[Listing]:
        """A line about each parent, in their order."""
        found = {listing.id: listing for listing in self._bank.listings(lineage.parents)}
        return [found[parent] for parent in lineage.parents]

    def _entry(self, number: int, child: Program, lineage: Lineage) -> Entry:
        listings = self._listings(lineage)
        licence, basis = inherited([(listing.licence, listing.basis) for listing in listings])
        authors = dict.fromkeys(listing.author for listing in listings if listing.author)
        met = Provenance(
            self._setup.kind,
            f"seed {self._setup.seed}, number {number} over {self._setup.digest}",
            ", ".join(authors),
            _title(lineage, [listing.title or listing.id[:8] for listing in listings]),
            None,
            licence,
            basis,
            "Inherited from its parents: " + ", ".join(listing.licence for listing in listings),
        )
        return Entry.of(child, (met,), lineage)


def _title(lineage: Lineage, titles: Sequence[str]) -> str:
    short = [title if len(title) <= 40 else f"{title[:39]}…" for title in titles]
    if lineage.operation in OPERATORS:
        return OPERATORS[lineage.operation].title.format(*short)
    return f"{short[0]}, mutated" if len(short) == 1 else f"{short[0]} with parts of {short[1]}"
