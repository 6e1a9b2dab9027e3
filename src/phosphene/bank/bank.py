"""The bank: one SQLite file with programs, their provenance, modules, verdicts and measurements."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from phosphene.bank import (
    compiled,
    contents,
    counting,
    families,
    imported,
    judged,
    lineage,
    selecting,
)
from phosphene.bank import pictures as pictured
from phosphene.bank.database import Database
from phosphene.bank.records import (
    BankInfo,
    Entry,
    Failure,
    Family,
    ImportRow,
    Listing,
    Selection,
    Verdict,
)
from phosphene.bank.selecting import Filters, Range
from phosphene.closing import Closing
from phosphene.errors import BankError
from phosphene.program import Dialect, Program
from phosphene.provenance import Lineage, Provenance
from phosphene.spirv.module import Module, is_lifted, program_of


class Bank(Closing):
    """A bank of programs. Open one with `Bank.open`.

    It may be used from several threads, which take turns, and by several processes: any number read
    while one writes. Every method raises BankError, in one line that says what to do, where the file
    cannot be read or written.
    """

    def __init__(self, db: Database) -> None:
        """Use `Bank.open`."""
        self._db = db

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        create: bool = False,
        read_only: bool = False,
        patience: float = 30.0,
    ) -> Bank:
        """Opens a bank.

        Args:
            path: the file.
            create: make it where there is none.
            read_only: never write; so is every bank whose file or folder is not writable.
            patience: seconds to wait for another process that is writing.

        Raises:
            BankError: where there is none, it is damaged, no bank, or from a newer version.
        """
        return cls(Database(Path(path), create, read_only, patience))

    @property
    def path(self) -> Path:
        """The file."""
        return self._db.path

    @property
    def read_only(self) -> bool:
        """Whether writing raises BankError."""
        return self._db.read_only

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def writing(self) -> AbstractContextManager[None]:
        """Makes all writes inside one transaction: stored together or not at all, and much faster."""
        return self._db.transaction()

    # --- programs ---

    def __len__(self) -> int:
        row = self._db.row("SELECT count(*) FROM programs")
        return int(row[0]) if row else 0

    def __contains__(self, program_id: object) -> bool:
        return self._db.row("SELECT 1 FROM programs WHERE id = ?", (program_id,)) is not None

    def add(self, program: Program, provenance: Provenance | Sequence[Provenance] = ()) -> bool:
        """Stores a program, or the new provenance of one that is there; see `add_entries`.

        Returns:
            True where the program is new.
        """
        met = (provenance,) if isinstance(provenance, Provenance) else provenance
        return self.add_entries([Entry.of(program, met)]) == 1

    def add_entries(self, entries: Iterable[Entry]) -> int:
        """Stores packed programs in one transaction.

        A program that is there keeps its id, gains the provenance, and takes over `unserved` and a
        `structure` that is not empty. A provenance of the same origin and location is replaced.
        A child's parents must be there before it; it is a BankError where they are not, or where a
        composition stands on more than `phosphene.bank.lineage.MAX_TEXTS` texts.

        Returns:
            How many are new.
        """
        with self._db.transaction():
            return sum(contents.add(self._db, entry) for entry in entries)

    def program(self, program_id: str) -> Program:
        """The program of that id. Raises BankError where there is none."""
        return next(contents.programs(self._db, [program_id]))

    def programs(self, ids: Iterable[str] | None = None) -> Iterator[Program]:
        """The programs of the ids, in their order, read a few hundred at a time.

        Args:
            ids: None: every program, sorted by id.
        """
        return contents.programs(self._db, self.ids() if ids is None else ids)

    def ids(self) -> Iterator[str]:
        """Every id, sorted, read a few thousand at a time."""
        return contents.all_ids(self._db)

    def find(self, prefix: str) -> str:
        """The one id that begins with `prefix`. Raises BankError where there is none or several."""
        return contents.find(self._db, prefix)

    def provenance(self, program_id: str) -> tuple[Provenance, ...]:
        """Where the program was met, sorted by origin and location."""
        return tuple(p for _, p in contents.provenances(self._db, [program_id]))

    def provenances(self, ids: Iterable[str]) -> Iterator[tuple[str, Provenance]]:
        """(id, provenance) for every provenance of the ids, read a few hundred ids at a time."""
        return contents.provenances(self._db, ids)

    def lineage(self, program_id: str) -> Lineage | None:
        """What the program was made from; None where it was made from nothing."""
        return self.lineages([program_id]).get(program_id)

    def lineages(self, ids: Iterable[str]) -> dict[str, Lineage]:
        """Program id → what it was made from; the others are left out."""
        return dict(lineage.lineages(self._db, ids))

    def ancestors(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Everything that the programs were made from, over all generations, sorted."""
        return tuple(sorted(lineage.ancestors(self._db, ids)))

    def texts(self, program_id: str) -> int:
        """How many texts a program draws on: 1, or those of a composition's parents."""
        return lineage.texts(self._db, program_id)

    def near_duplicates(self, program_id: str) -> tuple[str, ...]:
        """The other programs of the same structure under other names and numbers, sorted."""
        return contents.near_duplicates(self._db, program_id)

    def structures(self, ids: Iterable[str]) -> dict[str, str]:
        """Program id → what near-duplicates have in common; empty where it was not computed."""
        return contents.structures(self._db, ids)

    def listings(self, ids: Iterable[str]) -> Iterator[Listing]:
        """A line about each program, read a few hundred at a time; sorted if the ids are."""
        return contents.listings(self._db, ids)

    def mark_unserved(self, reasons: Mapping[str, str | None]) -> None:
        """Notes why programs cannot be served; None: they can. Program id → reason."""
        rows = [(reason, program_id) for program_id, reason in reasons.items()]
        with self._db.transaction():
            self._db.write_many("UPDATE programs SET unserved = ? WHERE id = ?", rows)

    # --- modules ---

    def modules(self, ids: Sequence[str]) -> dict[str, Module]:
        """Program id → module; ids without one are left out. A `ModuleSource` for engines.

        The names of lifted modules (`phosphene.spirv.module.lifted_name`) are answered, too.
        """
        wanted = dict.fromkeys(program_of(name) for name in ids)
        found = list(pictured.filled_in(self._db, compiled.modules(self._db, wanted)))
        made = {module.program: module for module in found}
        varied = {program_of(name) for name in ids if is_lifted(name)}
        if varied:
            authors = [module for module in found if module.program in varied]
            lifted = families.lifted_modules(self._db, authors)
            made |= {module.program: module for module in lifted}
        return {name: made[name] for name in ids if name in made}

    def store_module(self, module: Module) -> None:
        """Stores a module in place of the program's earlier module or failure."""
        self.store_modules([module])

    def store_modules(self, results: Iterable[Module | Failure]) -> None:
        """Stores what the front end made of programs, in one transaction."""
        with self._db.transaction():
            for result in results:
                if isinstance(result, Failure):
                    compiled.store_failure(self._db, result)
                else:
                    compiled.store_module(self._db, result)

    def failures(self, ids: Iterable[str]) -> dict[str, Failure]:
        """Program id → why the front end refused it; ids without a failure are left out."""
        return {failure.program: failure for failure in compiled.failures(self._db, ids)}

    def uncompiled(self, version: str) -> tuple[str, ...]:
        """Servable programs of which `version` of the front end has made nothing yet, sorted."""
        rows = self._db.rows(
            """SELECT id FROM programs LEFT JOIN modules ON program = seq
            WHERE unserved IS NULL AND version IS NOT ? ORDER BY id""",
            (version,),
        )
        return tuple(program_id for (program_id,) in rows)

    def unoptimised(self) -> tuple[str, ...]:
        """Programs whose modules lack what the CUDA engine compiles from, sorted."""
        rows = self._db.rows(
            """SELECT id FROM programs JOIN modules ON program = seq
            WHERE spirv_zlib IS NOT NULL AND optimised_zlib IS NULL ORDER BY id"""
        )
        return tuple(program_id for (program_id,) in rows)

    def store_pictures(self, pictures: Mapping[str, bytes]) -> None:
        """Stores what programs look like that others read as a texture (`Channel.picture`)."""
        with self._db.transaction():
            pictured.store(self._db, pictures)

    def store_families(self, made: Iterable[Family]) -> None:
        """Stores how far literals may vary, each in place of the program's earlier family."""
        with self._db.transaction():
            for family in made:
                families.store(self._db, family)

    def families(self, ids: Iterable[str], optimised: bool = False) -> dict[str, Family]:
        """Program id → how far its literals may vary; ids for which that is not known are left out.

        Args:
            ids: programs.
            optimised: read what is for the CUDA compiler, too; `modules` does so by itself.
        """
        found = families.families(self._db, ids, optimised)
        return {family.program: family for family in found}

    # --- verdicts ---

    def record_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Stores verdicts with their measurements, each in place of the program's earlier one."""
        with self._db.transaction():
            for verdict in verdicts:
                judged.record(self._db, verdict)

    def verdict(self, program_id: str) -> Verdict | None:
        """The verdict on a program; None before vetting."""
        return next(judged.verdicts(self._db, [program_id]), None)

    def verdicts(self, ids: Iterable[str]) -> dict[str, Verdict]:
        """Program id → verdict; ids without one are left out."""
        return {verdict.program: verdict for verdict in judged.verdicts(self._db, ids)}

    def measurements(self, ids: Iterable[str]) -> dict[str, dict[str, float]]:
        """Program id → measurement → value; NaN where it was not finite."""
        return judged.measurements(self._db, ids)

    def features(self, ids: Iterable[str]) -> dict[str, bytes]:
        """Program id → what it looks like, packed (`phosphene.vetting.unpacked`); others left out."""
        return judged.features(self._db, ids)

    # --- choosing ---

    def select(
        self,
        licences: Sequence[str] = (),
        accepted: bool | None = True,
        limit: int | None = None,
        *,
        seed: int = 0,
        servable: bool | None = None,
        vetted: bool | None = None,
        distinct: bool = False,
        dialects: Sequence[Dialect | str] = (),
        origins: Sequence[str] = (),
        measured: Mapping[str, Range] | None = None,
    ) -> Selection:
        """The programs that all filters let through, as `phosphene.bank.Filters` explains them.

        Raises:
            UsageError: for a licence, group or dialect that does not exist, an origin or measurement that
                none of the bank's programs has.
        """
        return self.select_by(
            Filters(
                licences,
                accepted,
                servable,
                vetted,
                distinct,
                dialects,
                origins,
                measured or {},
                limit,
                seed,
            )
        )

    def select_by(self, filters: Filters) -> Selection:
        """The same, with the filters as one value."""
        return selecting.select(self._db, filters)

    def selection(self, ids: Iterable[str]) -> Selection:
        """A selection of exactly these programs. Raises BankError for an id that is not there."""
        chosen = tuple(sorted(set(ids)))
        rows = self._db.rows_of("SELECT id FROM programs WHERE id IN ({ids})", chosen)
        missing = set(chosen) - {row[0] for row in rows}
        if missing:
            raise BankError(
                f"{self.path} lacks {len(missing)} of the programs, e.g. {min(missing)}"
            )
        return Selection(chosen, selecting.digest(chosen), "given ids")

    def digest(self) -> str:
        """The name of the set of all programs in the bank; a selection has its own."""
        return selecting.digest(self.ids())

    # --- imports ---

    def imported(self, source: str) -> dict[str, str]:
        """Item → fingerprint of what was read from a source."""
        return imported.imported(self._db, source)

    def record_imports(self, source: str, rows: Iterable[ImportRow]) -> None:
        """Notes what became of items of a source, in one transaction."""
        with self._db.transaction():
            imported.record(self._db, source, rows)

    def outcomes(self, source: str) -> dict[tuple[str, str], int]:
        """(outcome, reason) → number of items, over all that was read from a source."""
        return imported.outcomes(self._db, source)

    def sources(self) -> tuple[str, ...]:
        """The keys of the sources that were read."""
        return imported.sources(self._db)

    # --- looking ---

    def info(self) -> BankInfo:
        """Counts over the bank."""
        return counting.info(self._db)
