"""What the grammar makes, through the real compiler, engine and vetting."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from phosphene.bank import Bank, Status
from phosphene.engines.opengl import OpenGLEngine
from phosphene.errors import CompileError
from phosphene.spirv import compile_program
from phosphene.synthesis import Production, force, standard, synthesised
from phosphene.synthesis.kinds import COLOURS, KINDS
from phosphene.vetting import Policy, vet


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in COLOURS], ids=lambda kind: kind.name)
def test_every_production_is_reached_and_compiles(kind: object) -> None:
    productions = [p for p in standard().productions if p.kind == kind]
    assert len(productions) >= 3
    refused = [failure for p in productions if (failure := _failure(p))]
    assert refused == []


def _failure(production: Production) -> str:
    made = force(production)
    assert any(node.production is production for node in made.tree.walk())
    try:
        module = compile_program(made.program)
    except CompileError as error:
        return f"{production.name}: {error}"
    return "" if module.spirv else f"{production.name}: empty"


def test_a_sample_passes_vetting_and_changes_with_time(tmp_path: Path) -> None:
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        for made in synthesised(21, 0, 16):
            bank.add(made.program, made.provenance)
        with OpenGLEngine(bank.modules, workers=2, gpu=False) as engine:
            vet(bank, engine, Policy(size=32), workers=1)
        verdicts = bank.verdicts(bank.ids())
        reasons = [v.reason for v in verdicts.values() if v.status != Status.ACCEPTED]
        assert len(verdicts) == 16
        assert len(reasons) <= 1, reasons
        measured = bank.measurements(list(bank.ids())).values()
    assert _median([m["spread"] for m in measured]) > 0.2
    assert _median([m["colourfulness"] for m in measured]) > 35.0
    filled = sorted(m["filled"] for m in measured)
    assert filled[2] < 0.5  # some stand on plain ground
    assert filled[-3] > 0.6  # and some leave none


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]
