"""Children in the bank: lineage, licences, vetting in the right order, killed and resumed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opengl_programs import BLACK, CORNERS, RINGS, TEXTURED, variant
from phosphene import breeding
from phosphene.bank import Bank, Entry, Filters, Status, Verdict, attribution
from phosphene.breeding import Breed, Breeder, Setup, breed, parents_in
from phosphene.cli.main import main
from phosphene.engines import open_engine
from phosphene.errors import BankError, UsageError, WorkerError
from phosphene.program import Channel, ChannelKind, Dialect, Program
from phosphene.provenance import Basis, Lineage, Provenance
from phosphene.spirv import compile_program
from phosphene.vetting import Policy, Summary, vet
from phosphene.vetting.pictures import on_host
from phosphene.views import RenderRequest, View

QUICK = Policy(times=(1.0, 3.0), size=32)
HALF = {"amount": 0.5}


def text(code: str, *channels: Channel | None) -> Program:
    return Program.of(Dialect.SHADERTOY, code, channels)


def met(number: int, licence: str = "MIT") -> Provenance:
    stated = Basis.STATED, f"// {licence}"
    return Provenance(
        "made", str(number), f"author {number}", f"title {number}", 2024, licence, *stated
    )


def filled(path: Path, *licences: str) -> list[str]:
    """A bank of small programs, accepted as if they were vetted; their ids."""
    programs = [text(variant(number)) for number in range(len(licences))]
    with Bank.open(path, create=True) as bank:
        for number, (program, licence) in enumerate(zip(programs, licences, strict=True)):
            bank.add(program, met(number, licence))
            bank.store_module(compile_program(program))
        accept(bank)
    return [program.id for program in programs]


def accept(bank: Bank) -> None:
    """As if vetting had accepted everything."""
    bank.record_verdicts(Verdict(program, Status.ACCEPTED) for program in bank.ids())


def judged(bank: Bank) -> Summary:
    engine = open_engine("opengl", bank.modules, gpu=False, workers=1)
    try:
        return vet(bank, engine, QUICK, workers=1)
    finally:
        engine.close()


def made(path: Path, kind: Breed, count: int, seed: int = 0) -> dict[str, Lineage]:
    with Bank.open(path) as bank:
        breed(bank, kind, parents_in(bank, Filters()), seed, count, workers=1)
        return bank.lineages(bank.ids())


@pytest.mark.parametrize("kind", list(Breed))
def test_children_are_the_same_on_every_machine_and_accepted(tmp_path: Path, kind: Breed) -> None:
    banks = [tmp_path / "a.db", tmp_path / "b.db"]
    ids = filled(banks[0], "MIT", "CC0-1.0", "MIT", "CC-BY-4.0")
    filled(banks[1], "MIT", "CC0-1.0", "MIT", "CC-BY-4.0")
    first = made(banks[0], kind, 6)
    assert len(first) >= 5  # two numbers may give one child
    with Bank.open(banks[1]) as bank:  # another bank, another process, another order
        parents = parents_in(bank, Filters())
        setup = Setup(bank.path, kind, parents.program_ids, parents.digest, 0)
        again = [Breeder(bank, setup).child(number) for number in reversed(range(6))]
        other = Breeder(bank, Setup(bank.path, kind, setup.ids, setup.digest, 1)).child(0)
    assert {e.id: e.lineage for e in again if isinstance(e, Entry)} == first
    assert isinstance(other, Entry)
    assert other.id not in first
    for lineage in first.values():
        assert set(lineage.parents) <= set(ids)
        assert len(set(lineage.parents)) == len(lineage.parents)
    with Bank.open(banks[0]) as bank:
        judged(bank)
        verdicts = bank.verdicts(list(first))
        assert sum(v.status is Status.ACCEPTED for v in verdicts.values()) >= len(first) - 1


def test_a_child_is_credited_and_under_the_strictest_licence(tmp_path: Path) -> None:
    path = tmp_path / "bank.db"
    ids = filled(path, "CC-BY-NC-SA-3.0", "MIT")
    children = made(path, Breed.COMPOSITION, 4)
    with Bank.open(path) as bank:
        for child in bank.listings(children):
            assert child.licence == "CC-BY-NC-SA-3.0"
            assert child.origin == "composition"
            assert {*child.author.split(", ")} == {"author 0", "author 1"}
            assert "title 0" in child.title
            assert "title 1" in child.title
        assert bank.select(licences=["permissive"], accepted=None).program_ids == (ids[1],)
        assert bank.ancestors(children) == tuple(sorted(ids))
        credited = "\n".join(attribution(bank, bank.selection(children)))
    assert "What some of them were made from" in credited
    assert all(program in credited for program in ids)


def test_parents_that_forbid_it_have_no_children(tmp_path: Path) -> None:
    path = tmp_path / "bank.db"
    ids = filled(path, "CC-BY-ND-4.0", "LicenseRef-all-rights-reserved", "MIT")
    assert {c.parents for c in made(path, Breed.MUTATION, 4).values()} == {(ids[2],)}
    with Bank.open(path) as bank:
        summary = breed(bank, Breed.CROSSOVER, parents_in(bank, Filters()), 0, 1, workers=1)
        assert summary.made == 0
        ((reason, count),) = summary.refused.items()
        assert count == 1
        assert "allows no works made from one under it" in reason
        again = breed(bank, Breed.CROSSOVER, parents_in(bank, Filters()), 0, 1, workers=1)
        assert again.known == 1  # it is known to have no child


def test_vetting_compiles_parents_before_children_and_draws_textures_first(tmp_path: Path) -> None:
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        reader = text(TEXTURED, Channel(ChannelKind.TEXTURE, "photo-1"))
        bank.add_entries([Entry.of(p) for p in (text(CORNERS), text(RINGS), reader)])
        child = Program.composed("texture", [reader.id, text(CORNERS).id], {"channel": 0.0})
        grandchild = Program.composed("screen", [child.id, text(RINGS).id], HALF)
        bank.add(child)
        bank.add(grandchild)
        engine = open_engine("opengl", bank.modules, gpu=False, workers=1)
        try:
            only = Filters(accepted=None, dialects=(Dialect.COMPOSITION,))
            summary = vet(bank, engine, QUICK, filters=only, workers=1)
            assert summary.statuses == {Status.ACCEPTED: 2}
            assert summary.compiled == 5
            assert set(bank.verdicts(bank.ids())) == {child.id, grandchild.id}
            views = [View(text(CORNERS).id), View(child.id)]
            corners, pictured = engine.render(RenderRequest.of(views, 64)).pixels.astype(int)
        finally:
            engine.close()
        # Half a texel and a smaller mip level apart.
        assert np.abs(corners - pictured)[:, 4:-4, 4:-4].max() <= 4
        (bound,) = (c for c in bank.modules([child.id])[child.id].channels if c)
        first = bound.picture
        assert first
        judged(bank)
        (bound,) = (c for c in bank.modules([child.id])[child.id].channels if c)
        assert bound.picture == first  # made once


def test_a_child_whose_texture_cannot_be_drawn_fails_with_the_reason(tmp_path: Path) -> None:
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        reader, shown = text(TEXTURED, Channel(ChannelKind.TEXTURE, "photo-1")), text(CORNERS)
        bank.add_entries([Entry.of(reader), Entry.of(shown)])
        child = Program.composed("texture", [reader.id, shown.id], {"channel": 0.0})
        bank.add(child)
        engine = open_engine("fake", bank.modules, refuse=(shown.id,))
        vet(bank, engine, QUICK, workers=1)
        verdict = bank.verdict(child.id)
        assert verdict is not None
        assert (verdict.status, verdict.reason) == (
            Status.FAILED,
            "its texture cannot be drawn: asked for",
        )
        kept = bank.verdict(reader.id)
        assert kept is not None
        assert kept.status is Status.ACCEPTED


def test_pictures_on_a_device_are_fetched() -> None:
    class OnDevice:
        def __array__(self) -> None:
            raise TypeError("can't convert a device's tensor")

        def cpu(self) -> np.ndarray:
            return np.ones((2, 2), np.uint8)

    assert on_host(OnDevice()).sum() == 4
    assert on_host(np.ones((3, 1), np.uint8)).sum() == 3


def test_a_child_of_what_does_not_compile_fails_with_the_reason(tmp_path: Path) -> None:
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        broken, fine = text("void mainImage(out vec4 o, in vec2 p) { o = q; }"), text(BLACK)
        bank.add_entries([Entry.of(broken), Entry.of(fine)])
        child = Program.composed("screen", [broken.id, fine.id], HALF)
        bank.add(child)
        summary = judged(bank)
        assert summary.statuses[Status.FAILED] == 2
        verdict = bank.verdict(child.id)
        assert verdict is not None
        assert verdict.reason == "does not compile"
        assert (
            f"its parent {broken.id} is not compiled" in bank.failures([child.id])[child.id].message
        )


def test_a_bank_takes_no_child_without_its_parents_and_none_that_stands_on_too_many(
    tmp_path: Path,
) -> None:
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        one, two = text(CORNERS), text(RINGS)
        bank.add(one)
        child = Program.composed("screen", [one.id, two.id], HALF)
        with pytest.raises(BankError, match=f"lacks the program {two.id}, a parent of {child.id}"):
            bank.add(child)
        with pytest.raises(BankError, match="add the parents first"):
            bank.add_entries([Entry.of(text(BLACK), (), Lineage("mutation", (two.id,)))])
        assert len(bank) == 1  # nothing of what was refused
        bank.add(two)
        deep = two
        for _ in range(7):
            deep = Program.composed("screen", [deep.id, one.id], HALF)
            assert bank.add(deep)
        assert bank.texts(deep.id) == 8
        too_deep = Program.composed("screen", [deep.id, one.id], HALF)
        with pytest.raises(BankError, match="stands on 9 programs; at most 8"):
            bank.add(too_deep)
        assert too_deep.id not in bank


def test_there_must_be_parents(tmp_path: Path) -> None:
    path = tmp_path / "bank.db"
    with Bank.open(path, create=True) as bank:
        bank.add_entries([Entry.of(text(CORNERS)), Entry.of(text(RINGS))])
        with pytest.raises(
            UsageError, match=r"holds 0 programs that can be parents.*phosphene vet"
        ):
            parents_in(bank, Filters())
        assert len(parents_in(bank, Filters(accepted=None))) == 2
    with pytest.raises(BankError, match="nowhere"):
        Bank.open(tmp_path / "nowhere.db")


def test_the_command_makes_children_and_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bank.db"
    filled(path, "MIT", "MIT", "GPL-3.0-only")
    arguments = ["synth", "--bank", str(path), "--seed", "4", "--workers", "1"]
    assert main([*arguments, "--from", "mutation", "-n", "3", "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert (first["kind"], first["made"], first["known"]) == ("mutation", 3, 0)
    with Bank.open(path) as bank:
        accept(bank)  # vetted children do not become parents by themselves
    assert main([*arguments, "--from", "mutation", "-n", "5"]) == 0
    assert "2 children of 3 programs" in (told := capsys.readouterr().out)
    assert "3 made before" in told
    assert main([*arguments, "--from", "crossover", "-n", "2", "--license", "MIT"]) == 0
    assert "2 children of 2 programs" in capsys.readouterr().out
    more = [*arguments, "--from", "composition", "-n", "1", "--descendants", "--json"]
    assert main(more) == 0
    assert json.loads(capsys.readouterr().out)["parents"] != first["parents"]
    assert main([*arguments, "--from", "mutation", "--workers", "0"]) == 2
    assert "`--workers` must be 1 or more" in capsys.readouterr().err


def test_a_child_whose_worker_died_is_made_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, whole = tmp_path / "died.db", tmp_path / "whole.db"
    filled(path, "MIT", "MIT", "MIT")
    filled(whole, "MIT", "MIT", "MIT")
    wanted = made(whole, Breed.MUTATION, 6)

    def dying(*arguments: Any) -> Iterator[tuple[int, Any]]:
        for number, child in really(*arguments):
            yield number, WorkerError("the worker died") if number == 2 else child

    really = breeding._made
    with monkeypatch.context() as patch:
        patch.setattr(breeding, "_made", dying)
        assert len(made(path, Breed.MUTATION, 6)) == 5
    assert made(path, Breed.MUTATION, 6) == wanted


def test_killed_and_run_again_nothing_is_made_twice_or_lost(tmp_path: Path) -> None:
    path, whole = tmp_path / "killed.db", tmp_path / "whole.db"
    filled(path, "MIT", "MIT", "MIT")
    filled(whole, "MIT", "MIT", "MIT")
    wanted = made(whole, Breed.MUTATION, 60)
    command = [sys.executable, "-m", "phosphene", "synth", "--bank", str(path), "-n", "60"]
    command += ["--from", "mutation", "--workers", "1"]
    with subprocess.Popen(command, start_new_session=True) as process:
        with Bank.open(path, read_only=True) as bank:
            deadline = time.monotonic() + 60
            while len(bank) < 10 and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
    with Bank.open(path) as bank:
        assert len(bank) >= 10
        (source,) = bank.sources()
        before = bank.imported(source)
    assert made(path, Breed.MUTATION, 60) == wanted
    with Bank.open(path) as bank:
        assert len(bank.imported(source)) == 60
        assert before.items() <= bank.imported(source).items()
        rows = [p.location for _, p in bank.provenances(wanted)]
        assert len(rows) == len(set(rows)) == 60
