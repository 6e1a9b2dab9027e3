"""A file of modules that travels: what a machine with a GPU needs to measure the CUDA engine.

No bank, no glslang, no spirv-tools are needed where it is read. For what trains from a bank, a bank of the
same programs is made of it:

    python benchmarks/module_pack.py modules.pack bank.db
"""

from __future__ import annotations

import argparse
import lzma
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from phosphene.bank import Bank, Status, Verdict
from phosphene.program import Channel, Program
from phosphene.spirv import FRONT_END_VERSION
from phosphene.spirv.module import Module
from phosphene.vetting import Policy

Picture = npt.NDArray[np.uint8]


@dataclass
class Packed:
    """One program.

    Attributes:
        id: the program's.
        json: the program, for the paper's way.
        optimised: SPIR-V after spirv-opt.
        channels: what the author bound.
        picture: the OpenGL engine's, uint8 [3, S, S]; None: not drawn.
        shift: mean difference, of 255, between the OpenGL engine's pictures of the unoptimised and the
            optimised module; above 2 the program is chaotic.
        measured: what vetting measured.
    """

    id: str
    json: str
    optimised: bytes
    channels: tuple[Channel | None, ...]
    picture: Picture | None = None
    shift: float = 0.0
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Pack:
    """All of them, and how the pictures were drawn.

    Attributes:
        programs: in no order.
        renderer: of the pictures.
        time: seconds, of the pictures' latent.
    """

    programs: list[Packed]
    renderer: str = ""
    time: float = 0.0
    _by_id: dict[str, Packed] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, path: Path, limit: int | None = None) -> Pack:
        """Reads a file that `write` made here: it is unpickled, so read no stranger's."""
        rows, renderer, time = pickle.loads(lzma.decompress(path.read_bytes()))
        programs = [
            Packed(i, json, optimised, tuple(c and Channel(*c) for c in channels), *rest)
            for i, json, optimised, channels, *rest in rows[:limit]
        ]
        pack = cls(programs, renderer, time)
        pack._by_id = {p.id: p for p in pack.programs}
        return pack

    def write(self, path: Path) -> None:
        """Compressed; pictures hardly are."""
        rows = [
            (
                p.id,
                p.json,
                p.optimised,
                tuple(map(_plain, p.channels)),
                p.picture,
                p.shift,
                dict(p.measured),
            )
            for p in self.programs
        ]
        packed = pickle.dumps((rows, self.renderer, self.time))
        path.write_bytes(lzma.compress(packed, preset=6))

    @property
    def ids(self) -> list[str]:
        """The programs' ids."""
        return [p.id for p in self.programs]

    def modules(self, ids: Sequence[str]) -> Mapping[str, Module]:
        """A ModuleSource."""
        found = (self._by_id.get(i) for i in ids)
        return {p.id: Module(p.id, b"", p.channels, p.optimised) for p in found if p is not None}

    def program(self, program: str) -> Program:
        """With its text."""
        return Program.from_json(self._by_id[program].json)

    def __getitem__(self, program: str) -> Packed:
        return self._by_id[program]

    def to_bank(self, path: Path) -> int:
        """Makes a bank in which all of them are accepted, as measured; returns how many there are."""
        policy = Policy().name
        with Bank.open(path, create=True) as bank, bank.writing():
            for row in self.programs:
                bank.add(Program.from_json(row.json))
                bank.store_module(
                    Module(row.id, b"", row.channels, row.optimised, FRONT_END_VERSION)
                )
            accepted = (
                Verdict(row.id, Status.ACCEPTED, "", policy, FRONT_END_VERSION, row.measured)
                for row in self.programs
            )
            bank.record_verdicts(accepted)
        return len(self.programs)


def _plain(channel: Channel | None) -> tuple[object, ...] | None:
    """Values only: a file outlives the classes it was made with."""
    if channel is None:
        return None
    return (
        channel.kind,
        channel.content,
        channel.wrap,
        channel.filter,
        channel.vflip,
    )


def main() -> None:
    """Makes a bank."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("bank", type=Path)
    parser.add_argument("--limit", type=int, help="take only so many programs")
    args = parser.parse_args()
    print(f"{args.bank}: {Pack.read(args.pack, args.limit).to_bank(args.bank)} programs")


if __name__ == "__main__":
    main()
