"""Banks of accepted programs that show one colour each: for tests that never look at the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from phosphene.bank import Bank, Status, Verdict
from phosphene.program import Dialect, Program
from phosphene.provenance import Basis, Provenance


def plain_bank(path: Path, licences: Sequence[str]) -> Path:
    """A new bank with an accepted program under each of the licences; by "author 0", "author 1" …"""
    with Bank.open(path, create=True) as bank:
        for i, licence in enumerate(licences):
            text = f"void mainImage(out vec4 o, in vec2 p) {{ o = vec4({i}.); }}"
            program = Program.of(Dialect.SHADERTOY, text)
            met = Provenance(
                "tests", str(i), author=f"author {i}", licence=licence, basis=Basis.STATED
            )
            bank.add(program, met)
            bank.record_verdicts([Verdict(program.id, Status.ACCEPTED)])
    return path
