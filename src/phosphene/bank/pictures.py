"""Pictures of programs that are textures of others, and the modules that they are filled into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from phosphene.bank.database import Database
from phosphene.errors import BankError
from phosphene.program import Channel
from phosphene.spirv.module import Module

_STORE = "INSERT OR REPLACE INTO pictures (program, png) SELECT seq, ? FROM programs WHERE id = ?"


def store(db: Database, pictures: Mapping[str, bytes]) -> None:
    """Stores pictures, program id → PNG, each in place of an earlier one."""
    for program_id, png in pictures.items():
        if db.write(_STORE, (png, program_id)).rowcount != 1:
            raise BankError(f"{db.path} holds no program {program_id!r} to store a picture for")


def pictures(db: Database, ids: Iterable[str]) -> dict[str, bytes]:
    """Program id → PNG, of those of the ids that were pictured."""
    sql = "SELECT id, png FROM programs JOIN pictures ON program = seq WHERE id IN ({ids})"
    return dict(db.rows_of(sql, ids))


def filled_in(db: Database, modules: Iterable[Module]) -> list[Module]:
    """The modules with the pictures behind their channels, as far as there are any."""
    every = list(modules)
    wanted = {c.pictured for module in every for c in module.channels if c and c.pictured}
    if not wanted:
        return every
    found = pictures(db, sorted(name for name in wanted if name))

    def fill(channel: Channel | None) -> Channel | None:
        if channel is None or not channel.pictured:
            return channel
        return replace(channel, picture=found.get(channel.pictured, b""))

    return [replace(m, channels=tuple(map(fill, m.channels))) for m in every]
