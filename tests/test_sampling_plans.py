"""Sampling plans: from a text to a policy over a bank's programs."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from phosphene.bank import Bank, Entry, Status, Verdict
from phosphene.cli import pretrain
from phosphene.engines.fake import FakeEngine
from phosphene.errors import UsageError
from phosphene.program import Dialect, Program
from phosphene.provenance import Basis, Provenance
from phosphene.sampling import Draw, Sampler, SamplingPlan, ViewGroup
from phosphene.stream import Stream

_TEXT = "void mainImage(out vec4 o, in vec2 p) {{ o = vec4({}); }}"
_BODIES = ("1.0", "2.0", "3.0", "p.x", "p.x + p.y", "sin(p.x)")
"""The first three are near-duplicates of each other."""


def _met(origin: str, number: int) -> Provenance:
    return Provenance(origin, f"{number}.glsl", "me", "t", None, "CC0-1.0", Basis.STATED, "mine")


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    """Six programs of diversity 1 to 6; the last was never measured; the first four are of one origin."""
    bank = Bank.open(tmp_path / "bank.db", create=True)
    for number, body in enumerate(_BODIES):
        program = Program.of(Dialect.SHADERTOY, _TEXT.format(body))
        bank.add_entries([Entry.of(program, (_met("a" if number < 4 else "b", number),))])
        measured = {"slope": -2.0, **({"diversity": number + 1.0} if number < 5 else {})}
        bank.record_verdicts([Verdict(program.id, Status.ACCEPTED, measurements=measured)])
    return bank


def _shares(bank: Bank, text: str, samples: int = 20_000) -> dict[str, float]:
    """Body → share of the samples."""
    ids = bank.select().program_ids
    sampler = Sampler(SamplingPlan.of(text).policy(bank, ids), (ViewGroup(1, 8),), seed=1)
    drawn: Draw = sampler.draw(np.arange(samples))
    counts = Counter(drawn.program[:, 0].tolist())
    codes = [program.image.code for program in bank.programs(ids)]
    body = [next(b for b in _BODIES if _TEXT.format(b) == code) for code in codes]
    return {body[i]: count / samples for i, count in counts.items()}


def test_uniform_is_every_program_alike(bank: Bank) -> None:
    assert _shares(bank, "uniform") == pytest.approx(dict.fromkeys(_BODIES, 1 / 6), abs=0.01)


def test_a_family_counts_once_however_many_it_has(bank: Bank) -> None:
    shares = _shares(bank, "family")
    assert shares["p.x"] == pytest.approx(1 / 4, abs=0.01)
    assert sum(shares[b] for b in ("1.0", "2.0", "3.0")) == pytest.approx(1 / 4, abs=0.01)


def test_an_origin_counts_once_however_many_it_has(bank: Bank) -> None:
    shares = _shares(bank, "origin")
    assert shares["1.0"] == pytest.approx(1 / 8, abs=0.01)
    assert shares["sin(p.x)"] == pytest.approx(1 / 4, abs=0.01)


@pytest.mark.parametrize("text", ["diversity", "column:diversity"])
def test_a_measurement_weighs_and_its_median_stands_in(bank: Bank, text: str) -> None:
    shares = _shares(bank, text)
    total = 1 + 2 + 3 + 4 + 5 + 3
    assert shares["p.x + p.y"] == pytest.approx(5 / total, abs=0.01)
    assert shares["1.0"] == pytest.approx(1 / total, abs=0.01)
    assert shares["sin(p.x)"] == pytest.approx(3 / total, abs=0.01)


def test_growing_opens_programs_one_after_the_other(bank: Bank) -> None:
    ids = bank.select().program_ids
    for text, samples in (("growing:2:1000", None), ("growing:2", 2000)):
        sampler = Sampler(
            SamplingPlan.of(text).policy(bank, ids, samples), (ViewGroup(1, 8),), seed=1
        )
        drawn = sampler.draw(np.arange(1200)).program[:, 0]
        assert set(drawn[:200]) == {0, 1}
        assert set(drawn[1000:]) == set(range(6))
    assert SamplingPlan.of("growing:99:10").policy(bank, ids).count == 6


@pytest.mark.parametrize(
    "text",
    [
        "",
        "weighted",
        "column",
        "column:",
        "growing",
        "growing:0",
        "growing:4:0",
        "growing:1:2:3",
        "uniform:3",
        "growing:x",
        "growing:-1",
        "diversity:2",
    ],
)
def test_another_text_is_refused_with_the_choices(text: str) -> None:
    with pytest.raises(UsageError, match="`sampling` must be one of uniform, family, origin"):
        SamplingPlan.of(text)


def test_what_the_bank_lacks_is_named(bank: Bank) -> None:
    ids = bank.select().program_ids
    with pytest.raises(UsageError, match=r"no program of .* 'beauty'; there are diversity, slope"):
        SamplingPlan.of("column:beauty").policy(bank, ids)
    with pytest.raises(UsageError, match=r"must not be negative: slope of .* is -2"):
        SamplingPlan.of("column:slope").policy(bank, ids)
    with pytest.raises(UsageError, match="must say until when it grows: growing:3:SAMPLES"):
        SamplingPlan.of("growing:3").policy(bank, ids)


def test_a_stream_draws_by_plan_and_goes_on_only_by_the_same(bank: Bank) -> None:
    def stream(plan: str, **given: object) -> Stream:
        selection = bank.select()
        return Stream(
            bank,
            batch_size=8,
            size=8,
            engine=FakeEngine(selection.program_ids),
            programs=plan,
            **given,  # type: ignore[arg-type]
        )

    with stream("family", start=0) as first:
        batches = [next(first) for _ in range(4)]
        state = first.state_dict()
        after = next(first)
    with stream("family", start=8) as same:
        assert next(same).programs.tolist() == batches[1].programs.tolist()
        same.load_state_dict(state)
        assert next(same).programs.tolist() == after.programs.tolist()
    with (
        stream("uniform") as other,
        pytest.raises(UsageError, match="made with `programs` weighted"),
    ):
        other.load_state_dict(state)
    with pytest.raises(UsageError, match="pass the bank, or a policy"):
        Stream(bank.select(), batch_size=8, programs="family", engine=FakeEngine(()))


def test_the_command_line_takes_plans_and_mixers() -> None:
    def read(*options: str) -> tuple[int | str, str]:
        parser = argparse.ArgumentParser()
        pretrain.add_parser(parser.add_subparsers(dest="command"))
        config, _ = pretrain.configuration(
            parser.parse_args(["pretrain", "--bank", "b.db", *options])
        )
        return config.data.mix, config.data.sampling

    assert read() == (1, "uniform")
    assert read("--mix", "6", "--sampling", "growing:32") == (6, "growing:32")
    assert read("--mix", "kml", "--sampling", "column:filled") == ("kml", "column:filled")
    assert read("--set", "data.mix=3") == (3, "uniform")
    with pytest.raises(UsageError, match="`mix` must be one of N"):
        read("--mix", "blend")
    with pytest.raises(UsageError, match="`sampling` must be one of"):
        read("--sampling", "best")
