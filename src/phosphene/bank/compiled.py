"""Modules in and out of the bank, and the front end's complaints."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from phosphene.bank.database import Database
from phosphene.bank.records import Failure
from phosphene.errors import BankError
from phosphene.program import Channel, ChannelKind, Filter, Wrap
from phosphene.spirv.module import Module

_STORE = """INSERT OR REPLACE INTO modules
    (program, version, channels, spirv_zlib, optimised_zlib, message, tab, line)
    SELECT seq, ?, ?, ?, ?, ?, ?, ? FROM programs WHERE id = ?"""
_COLUMNS = "id, version, channels, spirv_zlib, optimised_zlib"


def store_module(db: Database, module: Module) -> None:
    """Stores a module in place of what the front end made of the program before."""
    optimised = zlib.compress(module.optimised, 1) if module.optimised else None
    channels = json.dumps([_channel_row(c) for c in module.channels], separators=(",", ":"))
    spirv = zlib.compress(module.spirv, 1)
    values = (module.version, channels, spirv, optimised, None, "", None, module.program)
    _store(db, values, module.program)


def store_failure(db: Database, failure: Failure) -> None:
    """Stores a complaint in place of what the front end made of the program before."""
    values = (
        failure.version,
        "[]",
        None,
        None,
        failure.message,
        failure.tab,
        failure.line,
        failure.program,
    )
    _store(db, values, failure.program)


def _store(db: Database, values: tuple[object, ...], program_id: str) -> None:
    if db.write(_STORE, values).rowcount != 1:
        raise BankError(
            f"{db.path} holds no program {program_id!r} to store a module for; add it first"
        )


def modules(db: Database, ids: Iterable[str]) -> Iterator[Module]:
    """The modules of the ids, those without one left out, in no order.

    Raises:
        BankError: for a damaged module.
    """
    sql = f"""SELECT {_COLUMNS} FROM programs JOIN modules ON program = seq
        WHERE id IN ({{ids}}) AND spirv_zlib IS NOT NULL"""
    for program_id, version, channels, spirv, optimised in db.rows_of(sql, ids):
        try:
            yield Module(
                program_id,
                zlib.decompress(spirv),
                tuple(_channel(row) for row in json.loads(channels)),
                zlib.decompress(optimised) if optimised else b"",
                version,
            )
        except (zlib.error, ValueError) as error:
            raise BankError(
                f"{db.path}: the module of {program_id} is damaged ({error}); make it anew with: "
                f"phosphene vet --bank {db.path}"
            ) from error


def failures(db: Database, ids: Iterable[str]) -> Iterator[Failure]:
    """The complaints about the ids, those without one left out, in no order."""
    sql = """SELECT id, message, tab, line, version FROM programs JOIN modules ON program = seq
        WHERE id IN ({ids}) AND message IS NOT NULL"""
    for row in db.rows_of(sql, ids):
        yield Failure(*row)


def _channel_row(channel: Channel | None) -> list[object] | None:
    if channel is None:
        return None
    return [channel.kind, channel.content, channel.wrap, channel.filter, int(channel.vflip)]


def _channel(row: list[Any] | None) -> Channel | None:
    if row is None:
        return None
    kind, content, wrap, filter_, vflip = row
    return Channel(ChannelKind(kind), content, Wrap(wrap), Filter(filter_), bool(vflip))
