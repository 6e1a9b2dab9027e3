"""How far the literals of programs may vary, in and out of the bank, and the modules that let them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from phosphene.bank.database import Database
from phosphene.bank.records import Family
from phosphene.errors import BankError
from phosphene.spirv.module import Module, lifted_name
from phosphene.spirv.passes.lift import LIFT_VERSION, lift

_STORE = """INSERT OR REPLACE INTO families (program, version, strength, literals, optimised_zlib)
    SELECT seq, ?, ?, ?, ? FROM programs WHERE id = ? RETURNING program"""
_COLUMNS = "f.strength, f.literals, f.version, m.version, f.optimised_zlib"


def family_version(module_version: str) -> str:
    """Names what a family was made with; one of another module or pass counts as none."""
    return f"{LIFT_VERSION}/{module_version}"


def store(db: Database, family: Family) -> None:
    """Stores a family in place of the program's earlier one."""
    optimised = zlib.compress(family.optimised, 1) if family.optimised else None
    values = (family.version, family.strength, family.literals, optimised, family.program)
    if db.write(_STORE, values).fetchone() is None:
        raise BankError(f"{db.path} holds no program {family.program!r}; add it first")


def families(db: Database, ids: Iterable[str], optimised: bool = False) -> Iterator[Family]:
    """The families of the ids that fit their modules, in no order.

    Args:
        db: the bank.
        ids: programs.
        optimised: read the optimised modules, too.
    """
    sql = f"""SELECT id, {_COLUMNS} FROM programs p JOIN families f ON f.program = p.seq
        JOIN modules m ON m.program = p.seq WHERE id IN ({{ids}})"""
    for program, strength, literals, version, module_version, code in db.rows_of(sql, ids):
        if version != family_version(module_version):
            continue
        try:
            spirv = zlib.decompress(code) if code and optimised else b""
        except zlib.error as error:
            raise BankError(
                f"{db.path}: the family of {program} is damaged ({error}); make it anew with: "
                f"phosphene vet --families --bank {db.path}"
            ) from error
        yield Family(program, strength, literals, version, spirv)


def lifted_modules(db: Database, modules: Sequence[Module]) -> Iterator[Module]:
    """The lifted modules, under their own names, of authors' modules; made on demand.

    Where vetting stored no optimised copy, there is none.
    """
    ids = [module.program for module in modules]
    known = {family.program: family.optimised for family in families(db, ids, optimised=True)}
    for module in modules:
        optimised = known.get(module.program, b"")
        lifted = lift(module.spirv).spirv
        name = lifted_name(module.program)
        yield replace(module, program=name, spirv=lifted, optimised=optimised)
