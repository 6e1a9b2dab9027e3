"""Takes a source into a bank: parsed in parallel, written by one, continued where it was killed."""

from __future__ import annotations

import hashlib
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from phosphene.bank import Bank, Entry, ImportRow
from phosphene.errors import PhospheneError
from phosphene.sources import READER_VERSION, Context, Item, Source, read
from phosphene.workers import Outcome, WorkerPool, WorkerSpec, cpu_count

IMPORTED, NO_PROGRAM, FAILED = "imported", "no program", "failed"
"""What can become of an item. Failed: it hung, or broke the worker that read it."""

_BATCH_ITEMS = 64
_BATCH_BYTES = 512_000
_MEMORY = 2 << 30  # bytes of address space a worker; Python and its modules take a tenth
_SECONDS_A_TASK = 60.0
_COMMIT_SECONDS = 1.0
_COMMIT_ENTRIES = 4000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a collection is.

    Attributes:
        source: the source's key.
        done: items that were read, in this run or an earlier one.
        total: all items; None where that is not known.
        programs: new programs that this run stored.
        failed: items of this run that broke something.
    """

    source: str
    done: int
    total: int | None
    programs: int
    failed: int


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a collection did.

    Attributes:
        source: the source's key.
        read: items that this run read.
        known: items that an earlier run had read.
        new: programs that were not in the bank before.
        met_again: programs that were; their provenance was added.
        outcomes: (outcome, reason) → items of this run; details behind a colon are left out.
        seconds: how long it took.
    """

    source: str
    read: int
    known: int
    new: int
    met_again: int
    outcomes: Mapping[tuple[str, str], int]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Task:
    context: Context
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    """What a worker made of an item."""

    row: ImportRow
    entries: tuple[Entry, ...] = ()


def serve(_: None) -> Callable[[_Task], list[_Read]]:
    """Set-up of a worker; see `phosphene.workers`."""
    return lambda task: [read_item(item, task.context) for item in task.items]


def read_item(item: Item, context: Context) -> _Read:
    """Reads an item and packs its programs for the bank."""
    reading = read(item, context)
    entries = tuple(Entry.of(found.program, (found.provenance,)) for found in reading.found)
    outcome = IMPORTED if entries else NO_PROGRAM
    mark = "" if item.problem else _mark(item.fingerprint, context)  # the next run tries it again
    row = ImportRow(item.key, mark, outcome, reading.reason, len(entries))
    return _Read(row, entries)


def collect(
    source: Source,
    bank: Bank,
    workers: int | None = None,
    limit: int | None = None,
    progress: ProgressCallback | None = None,
) -> Summary:
    """Takes a source into a bank.

    Whatever is read is stored within about a second, together with the note that it was read. So a run
    can be killed at any moment; the next one goes on, and ends in the same bank.

    Args:
        source: where programs come from.
        bank: where they go.
        workers: processes that parse; None: one a core.
        limit: items to read at most.
        progress: called after every transaction.

    Raises:
        BankError: where the bank cannot be written.
        SourceError: where the source cannot be read (further); what was read is stored.
    """
    return _Collection(source, bank, progress).run(workers or cpu_count(), limit)


@dataclass
class _Collection:
    """One run over one source."""

    source: Source
    bank: Bank
    progress: ProgressCallback | None
    known: int = 0
    new: int = 0
    met: int = 0
    failed: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: deque[_Task] = field(default_factory=deque)
    pending: list[_Read] = field(default_factory=list)

    def run(self, workers: int, limit: int | None) -> Summary:
        began = last = time.monotonic()
        marks = self.bank.imported(self.source.key)
        total = self.source.size()
        self._report(total)
        trouble: PhospheneError | None = None
        spec = WorkerSpec("phosphene.collecting:serve", memory=_MEMORY)
        with WorkerPool(spec, workers, _SECONDS_A_TASK) as pool:
            items = self._unknown(marks)
            guarded = _Guarded(items if limit is None else islice(items, limit))
            for outcome in pool.map(self._tasks(guarded)):
                self._take(outcome)
                now = time.monotonic()
                if now - last > _COMMIT_SECONDS or len(self.pending) > _COMMIT_ENTRIES:
                    self._commit(total)
                    last = now
            for outcome in pool.map(self._singles()):
                self._take(outcome)
            trouble = guarded.trouble
        self._commit(total)
        if trouble is not None:
            raise trouble
        return self._summary(time.monotonic() - began)

    def _unknown(self, marks: Mapping[str, str]) -> Iterator[Item]:
        def known(key: str, fingerprint: str) -> bool:
            found = marks.get(key) == _mark(fingerprint, self.source.context)
            self.known += found
            return found

        return self.source.items(known)

    def _tasks(self, items: Iterable[Item]) -> Iterator[_Task]:
        """Items in batches that are worth a message."""
        batch: list[Item] = []
        size = 0
        for item in items:
            batch.append(item)
            size += len(item.data)
            if len(batch) >= _BATCH_ITEMS or size >= _BATCH_BYTES:
                yield _Task(self.source.context, tuple(batch))
                batch, size = [], 0
        if batch:
            yield _Task(self.source.context, tuple(batch))

    def _singles(self) -> Iterator[_Task]:
        """The items of batches that failed, one by one, to find the guilty one."""
        for task in self.broken:
            for item in task.items:
                yield _Task(task.context, (item,))

    def _take(self, outcome: Outcome) -> None:
        task: _Task = outcome.task
        if outcome.error is None:
            self.pending += outcome.result
        elif len(task.items) > 1:
            self.broken.append(task)
        else:
            (item,) = task.items
            self.failed += 1
            reason = f"broke its reader: {outcome.error}"
            self.pending.append(
                _Read(ImportRow(item.key, _mark(item.fingerprint, task.context), FAILED, reason))
            )

    def _commit(self, total: int | None) -> None:
        entries = [entry for found in self.pending for entry in found.entries]
        rows = [found.row for found in self.pending]
        if rows:
            with self.bank.writing():
                new = self.bank.add_entries(entries)
                self.bank.record_imports(self.source.key, rows)
            self.new += new
            self.met += len(entries) - new
            self.outcomes.update((row.outcome, brief(row.reason)) for row in rows)
            self.pending = []
        self._report(total)

    def _report(self, total: int | None) -> None:
        if self.progress:
            done = self.known + self.outcomes.total()
            self.progress(Progress(self.source.key, done, total, self.new, self.failed))

    def _summary(self, seconds: float) -> Summary:
        read_now = self.outcomes.total()
        return Summary(
            self.source.key,
            read_now,
            self.known,
            self.new,
            self.met,
            dict(self.outcomes.most_common()),
            seconds,
        )


class _Guarded:
    """The items up to the point where the source fails; the failure is kept for later.

    So everything that was read before it is parsed and stored.
    """

    def __init__(self, items: Iterator[Item]) -> None:
        self._items = items
        self.trouble: PhospheneError | None = None

    def __iter__(self) -> Iterator[Item]:
        try:
            yield from self._items
        except PhospheneError as error:
            self.trouble = error


def brief(reason: str) -> str:
    """A reason without its details, for counting."""
    return reason.partition(": ")[0]


def add_up(summaries: Sequence[Summary]) -> Counter[tuple[str, str]]:
    """(outcome, reason) → items, over several collections."""
    counts: Counter[tuple[str, str]] = Counter()
    for summary in summaries:
        counts.update(summary.outcomes)
    return counts


def _mark(fingerprint: str, context: Context) -> str:
    """Of what was read, by which reader, as what, and under which licence of the collection."""
    said = f"{context.licence}\n{context.statement}".encode()
    licence = hashlib.blake2b(said, digest_size=4).hexdigest()
    return f"{READER_VERSION}:{context.origin}:{context.dialect or ''}:{licence}:{fingerprint}"
