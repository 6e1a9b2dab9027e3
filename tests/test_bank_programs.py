"""What goes into a bank comes out of it, and is chosen by what is known of it."""

import math
from pathlib import Path

import pytest

from phosphene.bank import (
    Bank,
    Entry,
    Failure,
    Filters,
    Status,
    Verdict,
    attribution,
    digest,
    ranges,
)
from phosphene.errors import BankError, CompileError, UsageError
from phosphene.program import Channel, ChannelKind, Dialect, Filter, Program, Wrap
from phosphene.provenance import Basis, Provenance
from phosphene.spirv.module import Module


def program(body: str, dialect: Dialect = Dialect.SHADERTOY) -> Program:
    return Program.of(dialect, f"void mainImage(out vec4 o, in vec2 p) {{ {body} }}")


def met(
    licence: str = "MIT", basis: Basis = Basis.STATED, origin: str = "a", at: str = "x"
) -> Provenance:
    return Provenance(origin, at, "Ada", "Dawn", 2020, licence, basis, "words")


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank.open(tmp_path / "bank.db", create=True)


def test_a_program_comes_back_equal(bank: Bank) -> None:
    channel = Channel(ChannelKind.TEXTURE, "photo", Wrap.CLAMP, Filter.NEAREST, vflip=False)
    first = Program.of(
        Dialect.SHADERTOY, "// ünïcödé \ud800\nvoid mainImage(){}", (None, channel), "int a;"
    )
    assert bank.add(first, met())
    assert bank.program(first.id) == first
    assert bank.program(first.id).id == first.id
    assert first.id in bank
    assert "0" * 32 not in bank


def test_an_exact_duplicate_is_stored_once_with_every_provenance(bank: Bank) -> None:
    same = program("o = vec4(1.);")
    assert bank.add(same, met(at="x"))
    assert not bank.add(same, met(at="y"))
    assert not bank.add(same, [met(at="y"), met(origin="b")])
    assert len(bank) == 1
    assert [(p.origin, p.location) for p in bank.provenance(same.id)] == [
        ("a", "x"),
        ("a", "y"),
        ("b", "x"),
    ]


def test_programs_come_in_the_order_asked_for_and_an_unknown_id_is_an_error(bank: Bank) -> None:
    many = [program(f"o = vec4({i}.);") for i in range(700)]
    bank.add_entries(Entry.of(p) for p in many)
    ids = [p.id for p in many]
    assert [p.id for p in bank.programs(reversed(ids))] == ids[::-1]
    assert [p.id for p in bank.programs()] == sorted(ids)
    with pytest.raises(BankError, match="holds no program 'feed'"):
        bank.program("feed")


def test_an_id_is_found_by_how_it_begins(bank: Bank) -> None:
    ids = [program(f"o = vec4({i}.);").id for i in range(30)]
    bank.add_entries(Entry.of(program(f"o = vec4({i}.);")) for i in range(30))
    assert bank.find(ids[0][:10]) == ids[0]
    assert bank.find(ids[0].upper()) == ids[0]
    with pytest.raises(BankError, match="several programs begin with ''"):
        bank.find("")
    with pytest.raises(BankError, match="phosphene bank list"):
        bank.find("zz")


def test_a_module_comes_back_and_replaces_a_failure(bank: Bank) -> None:
    first, second, third = (program(f"o = vec4({i}.);") for i in range(3))
    bank.add_entries(Entry.of(p) for p in (first, second, third))
    refusal = Failure.of(first.id, CompileError("no such name", "common", 7), "1")
    module = Module(
        second.id, b"\x03\x02#\x07" * 50, (Channel(ChannelKind.VOLUME), None), b"opt", "1"
    )
    bank.store_modules([refusal, module])
    assert bank.failures([first.id, second.id, third.id]) == {first.id: refusal}
    assert (refusal.message, refusal.tab, refusal.line) == ("no such name", "common", 7)
    assert bank.modules([first.id, second.id, third.id]) == {second.id: module}
    assert bank.uncompiled("1") == (third.id,)
    assert set(bank.uncompiled("2")) == {first.id, second.id, third.id}
    healed = Module(first.id, b"spirv", version="2")
    bank.store_module(healed)
    assert bank.modules([first.id]) == {first.id: healed}
    assert not bank.failures([first.id])
    with pytest.raises(BankError, match="add it first"):
        bank.store_module(Module("f" * 32, b"spirv"))


def test_a_program_that_cannot_be_served_is_kept_and_not_compiled(bank: Bank) -> None:
    served, other = program("o = vec4(1.);"), program("o = vec4(2.);")
    bank.add_entries(Entry.of(p) for p in (served, other))
    bank.mark_unserved({other.id: "sound only"})
    assert bank.uncompiled("1") == (served.id,)
    assert bank.select(accepted=None, servable=False).program_ids == (other.id,)
    assert bank.info().unserved == {"sound only": 1}
    bank.mark_unserved({other.id: None})
    assert set(bank.uncompiled("1")) == {served.id, other.id}


def test_verdicts_replace_each_other_and_keep_measurements(bank: Bank) -> None:
    one = program("o = vec4(1.);")
    bank.add(one)
    bank.record_verdicts([Verdict(one.id, Status.REJECTED, "blank", "default", "1", {"fill": 0.5})])
    assert bank.verdict(one.id) == Verdict(
        one.id, Status.REJECTED, "blank", "default", "1", {"fill": 0.5}
    )
    bank.record_verdicts([Verdict(one.id, Status.ACCEPTED, measurements={"nan": math.nan})])
    verdict = bank.verdict(one.id)
    assert verdict is not None
    assert verdict.status is Status.ACCEPTED
    assert verdict.measurements["fill"] == 0.5
    assert math.isnan(verdict.measurements["nan"])
    assert bank.verdict("0" * 32) is None


def test_a_wrong_verdict_takes_nothing_of_its_batch_in(bank: Bank) -> None:
    one = program("o = vec4(1.);")
    bank.add(one)
    with pytest.raises(BankError, match="to judge; add it first"):
        bank.record_verdicts([Verdict(one.id, Status.ACCEPTED), Verdict("f" * 32, Status.ACCEPTED)])
    assert bank.verdict(one.id) is None


@pytest.fixture
def varied(bank: Bank) -> dict[str, str]:
    """Name → id of six programs that differ in all that can be filtered."""
    named = {
        "mit": (program("o = vec4(1.);"), met("MIT")),
        "cc0": (program("o = vec4(2.).bgra;"), met("CC0-1.0", origin="b")),
        "site": (program("o = p.xyxy;"), met("CC-BY-NC-SA-3.0", Basis.SITE_DEFAULT)),
        "gpl": (program("o += o;"), met("GPL-3.0-only")),
        "none": (program("o -= o;"), met("unknown", Basis.UNKNOWN)),
        "sand": (Program.of(Dialect.GLSLSANDBOX, "void main() {}"), met("MIT", origin="c")),
    }
    bank.add_entries(Entry.of(p, [m]) for p, m in named.values())
    ids = {name: p.id for name, (p, _) in named.items()}
    accepted = [
        Verdict(ids[n], Status.ACCEPTED, measurements={"ms": ms})
        for n, ms in (("mit", 1.0), ("cc0", 2.0), ("site", 3.0))
    ]
    bank.record_verdicts([*accepted, Verdict(ids["gpl"], Status.FAILED, "hangs")])
    return ids


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (Filters(accepted=None), "mit cc0 site gpl none sand"),
        (Filters(), "mit cc0 site"),
        (Filters(accepted=False), "gpl"),
        (Filters(accepted=None, vetted=False), "none sand"),
        (Filters(["MIT"], accepted=None), "mit sand"),
        (Filters(["mit", "CC0-1.0"]), "mit cc0"),
        (Filters(["permissive"], accepted=None), "mit cc0 sand"),
        (Filters(["commercial"], accepted=None), "mit cc0 sand gpl"),
        (Filters(["non-commercial"], accepted=None), "site"),
        (Filters(["share-alike"], accepted=None), "site gpl"),
        (Filters(["known"], accepted=None), "mit cc0 site gpl sand"),
        (Filters(["Zlib"], accepted=None), ""),
        (Filters(dialects=["glslsandbox"], accepted=None), "sand"),
        (Filters(origins=["b", "c"], accepted=None), "cc0 sand"),
        (Filters(measured={"ms": (2.0, None)}), "cc0 site"),
        (Filters(measured={"ms": (None, 2.0)}, accepted=None), "mit cc0"),
    ],
)
def test_filters(bank: Bank, varied: dict[str, str], filters: Filters, names: str) -> None:
    selection = bank.select_by(filters)
    assert set(selection.program_ids) == {varied[name] for name in names.split()}
    assert selection.program_ids == tuple(sorted(selection.program_ids))
    assert selection.digest == digest(selection.program_ids)


def test_conditions_become_ranges() -> None:
    assert ranges([]) == {}
    assert ranges(["ms<=40", " slope >= -2.5 "]) == {"ms": (None, 40.0), "slope": (-2.5, None)}
    assert ranges(["ms<=40", "ms>=1", "ms<=9"]) == {"ms": (1.0, 9.0)}


@pytest.mark.parametrize(
    "text", ["", "ms", "ms<40", "ms<=", "ms<=fast", "<=4", "a b<=4", "ms<=nan"]
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="a condition must be MEASUREMENT<=NUMBER"):
        ranges([text])


@pytest.mark.parametrize("bounds", [(math.nan, None), (None, math.nan)])
def test_a_bound_that_is_no_number_is_refused(
    bank: Bank, varied: dict[str, str], bounds: tuple[float | None, float | None]
) -> None:
    with pytest.raises(UsageError, match=r"the bounds of 'ms' must be numbers, got .*nan"):
        bank.select(measured={"ms": bounds})


def test_measurements_that_nobody_made_are_refused_where_others_are_there(
    bank: Bank, varied: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"measurements of .* are ms; got 'watts'"):
        bank.select(measured={"watts": (None, 3.0)})
    with Bank.open(tmp_path / "new.db", create=True) as new:
        assert not new.select(measured={"watts": (None, 3.0)}).program_ids, "nothing is vetted"


def test_an_origin_that_no_program_has_is_refused_where_others_are_there(
    bank: Bank, varied: dict[str, str], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"origins of .* are a, b, c; got 'typo'"):
        bank.select(origins=["b", "typo"])
    bank.add(program("o.x = 2.;"), [met(origin=f"m{number:02}") for number in range(30)])
    with pytest.raises(UsageError, match=r"m15, m16 …; got 'typo'"):
        bank.select(origins=["typo"])
    with Bank.open(tmp_path / "new.db", create=True) as new:
        assert not new.select(origins=["typo"]).program_ids, "nothing is collected"


def test_wrong_filters_list_the_choices(bank: Bank) -> None:
    with pytest.raises(UsageError, match=r"SPDX identifier such as CC0-1\.0.*permissive"):
        bank.select(licences=["free"])
    with pytest.raises(UsageError, match="`dialect` must be one of shadertoy"):
        bank.select(dialects=["hlsl"])
    with pytest.raises(UsageError, match="`limit` must be 0 or more, got -1"):
        bank.select(limit=-1)


def test_a_limit_draws_the_same_programs_from_any_bank(bank: Bank, tmp_path: Path) -> None:
    programs = [program(f"o = vec4({i}.);") for i in range(60)]
    bank.add_entries(Entry.of(p) for p in programs)
    backwards = Bank.open(tmp_path / "other.db", create=True)
    backwards.add_entries(Entry.of(p) for p in reversed(programs))
    few, more = (bank.select(accepted=None, limit=n, seed=3) for n in (10, 30))
    assert len(few) == 10
    assert set(few.program_ids) < set(more.program_ids)
    assert backwards.select(accepted=None, limit=10, seed=3) == few
    assert bank.select(accepted=None, limit=10, seed=4).digest != few.digest
    assert bank.digest() == backwards.digest() == bank.select(accepted=None).digest
    assert bank.selection(reversed(few.program_ids)).digest == few.digest
    with pytest.raises(BankError, match=r"lacks 1 of the programs, e\.g\. 00"):
        bank.selection(["00", *few.program_ids])


def test_near_duplicates_are_marked_and_one_of_them_can_be_kept(bank: Bank) -> None:
    one = program("float a = 1.0; o = vec4(sin(a * p.x));")
    other = program("float angle = 2.75; o = vec4(sin(angle * p.x)); /* renamed */")
    third = program("float a = 1.0; o = vec4(cos(a * p.x));")
    bank.add_entries(Entry.of(p) for p in (one, other, third))
    assert bank.near_duplicates(one.id) == (other.id,)
    assert bank.near_duplicates(third.id) == ()
    kept = bank.select(accepted=None, distinct=True).program_ids
    assert set(kept) == {min(one.id, other.id), third.id}
    assert bank.info().near_duplicates == 1


def test_what_an_author_states_goes_before_what_a_site_says(bank: Bank) -> None:
    one = program("o = vec4(1.);")
    bank.add(one, met("MIT", Basis.COLLECTION, at="1"))
    bank.add(one, met("unknown", Basis.UNKNOWN, at="2"))
    assert next(bank.listings([one.id])).licence == "MIT"
    bank.add(one, met("CC-BY-NC-SA-3.0", Basis.SITE_DEFAULT, at="3"))
    assert next(bank.listings([one.id])).licence == "CC-BY-NC-SA-3.0"
    bank.add(one, met("CC0-1.0", Basis.STATED, at="4"))
    (line,) = bank.listings([one.id])
    assert (line.licence, line.basis, line.provenances) == ("CC0-1.0", Basis.STATED, 4)


def test_the_attribution_names_every_provenance(bank: Bank, varied: dict[str, str]) -> None:
    bank.add(bank.program(varied["mit"]), met(origin="elsewhere", at="a*b"))
    text = "\n".join(attribution(bank, bank.select(licences=["MIT"])))
    assert f"- `{varied['mit']}` Dawn by Ada (2020), MIT (stated), from a: x" in text
    assert r"from elsewhere: a\*b" in text
    assert varied["cc0"] not in text
    assert bank.select(licences=["MIT"]).digest in text
    assert "- MIT: 1" in text


def test_info_counts(bank: Bank, varied: dict[str, str]) -> None:
    info = bank.info()
    assert info.programs == len(varied) == info.servable
    assert info.statuses == {"accepted": 3, "failed": 1}
    assert info.reasons == {"hangs": 1}
    assert info.origins == {"a": 4, "b": 1, "c": 1}
    assert info.licences["MIT"] == 2
    assert info.digest == bank.digest()
