"""The plain values that go into a bank and come out of it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from phosphene import glsl
from phosphene.errors import CompileError
from phosphene.program import Dialect, Program
from phosphene.provenance import Basis, Lineage, Provenance


@dataclass(frozen=True, slots=True)
class Entry:
    """A program packed for the bank. Made where the program was parsed, so that packing is parallel.

    Attributes:
        id: the program's id.
        dialect: its dialect.
        content: its canonical JSON, compressed (zlib level 1).
        unserved: why this version cannot serve it; None: it can.
        structure: hash of its token structure; empty where it was not computed.
        provenance: where it was met.
        lineage: what it was made from; the parents must be in the bank before it.
    """

    id: str
    dialect: Dialect
    content: bytes
    unserved: str | None = None
    structure: str = ""
    provenance: tuple[Provenance, ...] = ()
    lineage: Lineage | None = None

    @classmethod
    def of(
        cls,
        program: Program,
        provenance: Sequence[Provenance] = (),
        lineage: Lineage | None = None,
    ) -> Entry:
        """Packs a program and looks at what it needs and how it is built; a composition names its
        parents itself."""
        if program.composition is not None:
            lineage = Lineage(program.composition.operator, program.composition.parents)
        content = zlib.compress(program.to_json().encode("ascii"), 1)
        unserved, structure = glsl.unserved(program), glsl.structure(program)
        met = tuple(provenance)
        return cls(program.id, program.dialect, content, unserved, structure, met, lineage)


class Status(StrEnum):
    """What vetting decided."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    """It works, but the policy does not want it: blank, constant, too slow …"""
    FAILED = "failed"
    """It does not work: it does not compile, hangs, crashes its engine."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What vetting decided about a program, and what it measured.

    Attributes:
        program: the program's id.
        status: the decision.
        reason: why, in words; empty where accepted.
        policy: the name of the policy that decided.
        version: of the front end whose module was judged.
        measurements: name → value ("colourfulness", "milliseconds" …). They replace those of the
            same names from an earlier verdict; others stay.
        features: what the program looks like, as `phosphene.vetting.packed` makes it; empty: not known.
    """

    program: str
    status: Status
    reason: str = ""
    policy: str = ""
    version: str = ""
    measurements: Mapping[str, float] = field(default_factory=dict)
    features: bytes = b""


@dataclass(frozen=True, slots=True)
class Failure:
    """A program that the front end refused.

    Attributes:
        program: the program's id.
        message: the complaint.
        tab, line: where in the author's own text; an empty tab and None where there is no place.
        version: of the front end that refused it.
    """

    program: str
    message: str
    tab: str = ""
    line: int | None = None
    version: str = ""

    @classmethod
    def of(cls, program: str, error: Exception, version: str) -> Failure:
        """The record of an error that compiling a program raised."""
        if isinstance(error, CompileError):
            return cls(program, error.message, error.tab, error.line, version)
        return cls(program, str(error), version=version)


@dataclass(frozen=True, slots=True)
class Family:
    """How far the literals of a program may vary.

    Attributes:
        program: the program's id.
        strength: the greatest at which vetting found its pictures sound; 0: none, or nothing can vary.
        literals: how many of its numbers are parameters.
        version: of the module and of the pass that lifts it.
        optimised: its lifted module after spirv-opt, for the CUDA compiler; empty until made.
    """

    program: str
    strength: float
    literals: int = 0
    version: str = ""
    optimised: bytes = b""


@dataclass(frozen=True, slots=True)
class Selection:
    """A frozen choice of programs.

    Attributes:
        program_ids: sorted, so that an index into them means the same for everyone.
        digest: 32 hexadecimal digits that name this exact set of programs, whatever bank, front
            end or verdict it came from.
        filters: how it was chosen, in words; empty: everything.
    """

    program_ids: tuple[str, ...]
    digest: str
    filters: str = ""

    def __len__(self) -> int:
        return len(self.program_ids)


@dataclass(frozen=True, slots=True)
class Listing:
    """A line about a program, as `phosphene bank list` prints it.

    Attributes:
        id, dialect, unserved: as in `Entry`.
        licence, basis: the ones that count, over all its provenances (`phosphene.licences`).
        author, title, origin: of its first provenance; empty where it has none.
        provenances: how many it has.
        status, reason: its verdict; None and empty before vetting.
    """

    id: str
    dialect: Dialect
    unserved: str | None
    licence: str
    basis: Basis
    author: str
    title: str
    origin: str
    provenances: int
    status: Status | None
    reason: str


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What became of one item of a source.

    Attributes:
        item: its key within the source, e.g. a path.
        fingerprint: of its content and of the reader's version; an item is read again when it
            changes.
        outcome: "imported", "no program" or "failed".
        reason: why, where it was not imported.
        programs: how many programs it holds.
    """

    item: str
    fingerprint: str
    outcome: str
    reason: str = ""
    programs: int = 0


@dataclass(frozen=True, slots=True)
class BankInfo:
    """Counts over a bank.

    Attributes:
        path, digest: of the file, and over every program in it.
        programs: how many; `servable`: those without an unserved reason.
        near_duplicates: programs beyond the first of each structure.
        provenances, modules, failures: rows of each kind.
        dialects, unserved, statuses, reasons, origins, licences: name → number of programs
            (`reasons`: of rejected and failed programs; `origins` counts a program in each of its
            origins).
    """

    path: str
    digest: str
    programs: int
    servable: int
    near_duplicates: int
    provenances: int
    modules: int
    failures: int
    dialects: Mapping[str, int]
    unserved: Mapping[str, int]
    statuses: Mapping[str, int]
    reasons: Mapping[str, int]
    origins: Mapping[str, int]
    licences: Mapping[str, int]
