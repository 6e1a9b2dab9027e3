"""Vetting a bank with the real compiler and the real engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import opengl_programs as small
from phosphene.bank import Bank, Filters, Status
from phosphene.engines.fake import FakeEngine
from phosphene.engines.opengl import OpenGLEngine
from phosphene.errors import WorkerError
from phosphene.program import Dialect, Program
from phosphene.spirv import FRONT_END_VERSION
from phosphene.spirv.compiler import Compiled, ModuleCompiler
from phosphene.vetting import Policy, Summary, vet

POLICY = Policy(size=32, times=(0.5, 2.0))

TEXTS = {
    "rings": small.RINGS,
    "still": small.CORNERS,
    "blank": small.BLACK,
    "grey": small.GREY,
    "nan": small.NOT_A_NUMBER.replace("p.x < 0.5 * iResolution.x", "p.x < 0.9 * iResolution.x"),
    "broken": "void mainImage(out vec4 o, in vec2 p) {\n  o = vec4(nothing);\n}",
}


def _program(text: str) -> Program:
    return Program.of(Dialect.SHADERTOY, text)


def _bank(path: Path, texts: Sequence[str]) -> Bank:
    bank = Bank.open(path, create=True)
    for text in texts:
        bank.add(_program(text))
    return bank


def test_every_kind_of_program_gets_its_verdict(tmp_path: Path) -> None:
    ids = {name: _program(text).id for name, text in TEXTS.items()}
    with (
        _bank(tmp_path / "bank.db", list(TEXTS.values())) as bank,
        OpenGLEngine(bank.modules, workers=1, gpu=False) as engine,
    ):
        summary = vet(bank, engine, POLICY, workers=1)
        verdicts = bank.verdicts(ids.values())
        found = {name: (verdicts[i].status, verdicts[i].reason) for name, i in ids.items()}
        assert found == {
            "rings": (Status.ACCEPTED, ""),
            "still": (Status.ACCEPTED, ""),
            "blank": (Status.REJECTED, "blank"),
            "grey": (Status.REJECTED, "constant"),
            "nan": (Status.REJECTED, "not a number"),
            "broken": (Status.FAILED, "does not compile"),
        }
        assert summary.statuses == {Status.ACCEPTED: 2, Status.REJECTED: 3, Status.FAILED: 1}
        failure = bank.failures([ids["broken"]])[ids["broken"]]
        assert (failure.line, failure.tab) == (2, "image")
        rings, still = verdicts[ids["rings"]].measurements, verdicts[ids["still"]].measurements
        assert rings["motion"] > 0.05
        assert still["motion"] == 0.0
        assert still["milliseconds"] > 0
        assert verdicts[ids["nan"]].measurements["undefined"] == pytest.approx(0.9, abs=0.05)
        again = vet(bank, engine, POLICY, workers=1)
        assert (again.total, again.known, again.compiled) == (0, 6, 0)
        stricter = vet(bank, engine, Policy.of(["size=32", "times=0.5,2", "least_motion=0.01"]))
        assert (stricter.total, stricter.compiled) == (6, 0)
        assert bank.verdicts([ids["still"]])[ids["still"]].reason == "does not move"


def test_a_quarantined_program_is_recorded_as_failed(tmp_path: Path) -> None:
    with (
        _bank(tmp_path / "bank.db", [small.RINGS, small.ENDLESS]) as bank,
        OpenGLEngine(bank.modules, workers=1, gpu=False, timeout=2.0) as engine,
    ):
        vet(bank, engine, Policy(size=160, times=(0.5,)), workers=1)
        slow = bank.verdict(_program(small.ENDLESS).id)
        fine = bank.verdict(_program(small.RINGS).id)
    assert slow is not None
    assert (slow.status, slow.reason) == (Status.FAILED, "it ran for more than 2 s")
    assert fine is not None
    assert fine.status is Status.ACCEPTED


def test_only_compiling_stores_modules_and_no_verdicts_but_failures(tmp_path: Path) -> None:
    with _bank(tmp_path / "bank.db", list(TEXTS.values())) as bank:
        seen: list[int] = []
        summary = vet(bank, None, workers=1, optimise=True, progress=lambda s: seen.append(s.done))
        assert (summary.compiled, summary.done, seen[-1]) == (5, 6, 6)
        modules = bank.modules(list(bank.ids()))
        assert len(modules) == 5
        assert all(m.optimised and m.version == FRONT_END_VERSION for m in modules.values())
        assert vet(bank, None, workers=1).total == 0


def test_what_the_cuda_engine_compiles_from_is_added_to_programs_judged_before(
    tmp_path: Path,
) -> None:
    with _bank(tmp_path / "bank.db", [small.variant(i) for i in range(4)]) as bank:
        engine = FakeEngine(bank.modules)
        vet(bank, engine, POLICY, workers=1)
        ids = list(bank.ids())
        before, plain = bank.verdicts(ids), bank.modules(ids)
        assert not any(module.optimised for module in plain.values())
        seen: list[int] = []
        summary = vet(
            bank, engine, POLICY, workers=1, optimise=True, progress=lambda s: seen.append(s.done)
        )
        assert (summary.known, summary.total, summary.optimised, seen[-1]) == (4, 4, 4, 4)
        assert not summary.statuses, "they are not judged again"
        assert bank.verdicts(ids) == before
        for program, module in bank.modules(ids).items():
            assert module.optimised
            assert module.spirv == plain[program].spirv
        again = vet(bank, engine, POLICY, workers=1, optimise=True)
        assert (again.total, again.compiled) == (0, 0)


def test_a_program_whose_compiler_was_killed_is_compiled_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[str] = []

    def dying(self: ModuleCompiler, programs: Iterable[Program]) -> Iterator[Compiled]:
        for result in really(self, programs):
            first = not killed
            killed.append(result.program)
            yield replace(result, module=None, error=WorkerError("it died")) if first else result

    really = ModuleCompiler.map
    monkeypatch.setattr(ModuleCompiler, "map", dying)
    with _bank(tmp_path / "bank.db", [small.variant(i) for i in range(3)]) as bank:
        summary = vet(bank, None, workers=1)
        assert (summary.compiled, summary.statuses.total()) == (3, 0)
        assert len(killed) == 4
        assert len(bank.modules(list(bank.ids()))) == 3


def test_filters_and_refusals_of_any_engine(tmp_path: Path) -> None:
    texts = [small.variant(i) for i in range(6)]
    with _bank(tmp_path / "bank.db", texts) as bank:
        first = min(bank.ids())
        engine = FakeEngine(bank.modules, refuse=(first,))
        summary = vet(bank, engine, POLICY, filters=Filters(accepted=None, limit=2), workers=1)
        assert summary.done == 2
        rest: Summary = vet(bank, engine, POLICY, workers=1)
        assert (rest.known, rest.done) == (2, 4)
        refused = bank.verdict(first)
    assert refused is not None
    assert (refused.status, refused.reason) == (Status.FAILED, "asked for")


_SCRIPT = """
import sys
from phosphene.bank import Bank
from phosphene.engines.fake import FakeEngine
from phosphene.vetting import Policy, vet
with Bank.open(sys.argv[1]) as bank:
    vet(bank, FakeEngine(bank.modules), Policy(size=64), workers=1,
        progress=lambda s: print(s.statuses.total(), flush=True))
"""


def test_killed_in_the_middle_it_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "bank.db"
    texts = [small.variant(i) for i in range(200)]
    _bank(path, texts).close()
    with subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, str(path)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        while int(child.stdout.readline()) == 0:
            time.sleep(0)
        os.kill(child.pid, signal.SIGKILL)
    with Bank.open(path) as bank:
        kept = len(bank.verdicts(bank.ids()))
        assert 0 < kept < 200
        summary = vet(bank, FakeEngine(bank.modules), Policy(size=64), workers=1)
        assert (summary.known, summary.done) == (kept, 200 - kept)
        assert len(bank.verdicts(bank.ids())) == 200
