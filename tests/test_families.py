"""Families from vetting to the stream: how far literals may vary, and what each sample draws."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import opengl_programs as small
from phosphene.bank import Bank, Family, Status, Verdict
from phosphene.bank.families import family_version
from phosphene.cli.main import main
from phosphene.engines.fake import FakeEngine
from phosphene.engines.opengl import OpenGLEngine
from phosphene.errors import BankError, UsageError
from phosphene.program import Dialect, Program
from phosphene.sampling import Families, Positives, Sampler, UniformPrograms, ViewGroup
from phosphene.spirv import compile_program
from phosphene.spirv.module import is_lifted, lifted_name
from phosphene.stream import Stream
from phosphene.vetting import Policy, vet, vet_families
from phosphene.views import MAX_LITERALS, RenderedBatch, RenderRequest, deviations

POLICY = Policy(size=32, times=(0.5, 2.0))
FRAGILE = """void mainImage(out vec4 o, in vec2 p) {
    vec2 u = p / iResolution.xy;
    o = vec4(vec3(u, 0.5) * step(abs(fract(u.x * 3.0) * 7.0 / 7.0 - 0.4) * 0.0 + 9.9, 9.95), 1.0);
}"""
"""Black as soon as 9.9 is the larger of its two numbers."""
RIGID = small.CORNERS.replace("0.25", "0.5")
TEXTS = (small.RINGS, RIGID, FRAGILE, small.BLACK)


def program_of(text: str) -> Program:
    return Program.of(Dialect.SHADERTOY, text)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank of vetted families."""
    path = tmp_path_factory.mktemp("families") / "bank.db"
    with Bank.open(path, create=True) as bank:
        for text in TEXTS:
            bank.add(program_of(text))
        with OpenGLEngine(bank.modules, workers=1, gpu=False) as engine:
            vet(bank, engine, POLICY, workers=1)
            summary = vet_families(bank, engine, POLICY, workers=1, optimise=True)
            again = vet_families(bank, engine, POLICY, workers=1, optimise=True)
    assert (summary.total, summary.done, summary.known, summary.rigid) == (3, 3, 0, 1)
    assert (again.total, again.known, again.optimised) == (0, 3, 0)
    assert summary.strengths == {0.5: 1, 0.0: 2}
    assert (summary.varied, summary.optimised) == (1, 1)
    return path


RINGS, STILL, WRECK, BLACK = (program_of(text).id for text in TEXTS)


def test_vetting_tells_sound_families_from_those_that_go_blank(path: Path) -> None:
    with Bank.open(path, read_only=True) as bank:
        found = bank.families([RINGS, STILL, WRECK, BLACK])
        assert {p: f.strength for p, f in found.items()} == {RINGS: 0.5, STILL: 0.0, WRECK: 0.0}
        assert found[STILL].literals == 0
        assert found[RINGS].literals > 2
        names = [RINGS, lifted_name(RINGS), lifted_name(WRECK), lifted_name("f" * 32)]
        modules = bank.modules(names)
    assert list(modules) == names[:3]
    assert modules[lifted_name(RINGS)].program == lifted_name(RINGS)
    assert b"ph_Family" in modules[lifted_name(RINGS)].spirv
    assert b"ph_Family" not in modules[RINGS].spirv
    assert modules[lifted_name(RINGS)].optimised != modules[RINGS].optimised
    assert modules[lifted_name(WRECK)].optimised == b"", "nobody draws it"


def test_a_family_of_another_module_counts_as_none(tmp_path: Path) -> None:
    program = program_of(small.RINGS)
    module = compile_program(program)
    with Bank.open(tmp_path / "b.db", create=True) as bank:
        bank.add(program)
        bank.store_module(module)
        family = Family(program.id, 0.3, 4, family_version(module.version), b"1234")
        bank.store_families([family])
        assert bank.families([program.id], optimised=True) == {program.id: family}
        bank.store_module(replace(module, version="another"))
        assert bank.families([program.id]) == {}
        assert bank.modules([lifted_name(program.id)])[lifted_name(program.id)].optimised == b""
        with pytest.raises(BankError, match="holds no program 'nobody'"):
            bank.store_families([replace(family, program="nobody")])


def sampler(strength: float, safe: Sequence[float], **settings: object) -> Sampler:
    families = Families(strength, np.array(safe))
    defaults = {"seed": 3, "parts": 2, "families": families} | settings
    return Sampler(UniformPrograms(len(safe)), (ViewGroup(2, 16),), **defaults)  # type: ignore[arg-type]


def test_literals_are_the_same_in_every_batch_and_bounded() -> None:
    made = sampler(0.3, [0.5, 0.1, 0.0])
    whole = made.draw(np.arange(500, 564))
    assert whole.literals is not None
    assert whole.literals.shape == (2, 64, 2, MAX_LITERALS)
    for start in range(0, 64, 7):
        part = made.draw(np.arange(500, 564)[start : start + 7])
        assert np.array_equal(part.literals, whole.literals[:, start : start + 7])
    assert np.array_equal(whole.literals[0], whole.literals[1]), "two cameras on one frame"
    for program, strength in enumerate((0.3, 0.1, 0.0)):
        factors = np.log1p(whole.literals[:, whole.program == program].astype(float))
        assert np.abs(factors).max() <= strength + 1e-6
        assert np.abs(factors).max() >= 0.99 * strength
        assert factors.mean() == pytest.approx(0.0, abs=0.01)


def test_views_differ_in_literals_where_they_differ_in_latents() -> None:
    one = sampler(0.3, [0.5] * 4, positives=Positives.LATENTS).draw(np.arange(9))
    other = sampler(0.3, [0.5] * 4, seed=4).draw(np.arange(9))
    assert one.literals is not None
    assert other.literals is not None
    assert (one.literals[0] == one.literals[1]).mean() < 0.01
    assert (one.literals[0] == other.literals[0]).mean() < 0.01
    assert (one.literals[0, :, 0] == one.literals[0, :, 1]).mean() < 0.01, "parts of a mix"


def test_deviations_are_exact_at_nothing_and_symmetric_in_the_logarithm() -> None:
    uniforms = np.array([0.0, 0.25, 0.5, 0.75])
    drawn = deviations(uniforms, np.array(0.4)).astype(float)
    assert np.log1p(drawn) == pytest.approx([-0.4, -0.2, 0.0, 0.2], abs=1e-6)
    assert (deviations(uniforms, np.array(0.0)) == 0).all()


class Listening(FakeEngine):
    """The fake engine, which notes what it is asked for."""

    def __init__(self, *options: object, **more: object) -> None:
        super().__init__(*options, **more)  # type: ignore[arg-type]
        self.names: set[str] = set()
        self.literals: list[object] = []

    def render(self, request: RenderRequest) -> RenderedBatch:
        self.names |= set(request.programs)
        self.literals.append(request.literals)
        return super().render(request)


def views_of(bank: Bank, engine: FakeEngine, **settings: object) -> np.ndarray:
    given = {"batch_size": 8, "size": 16, "limit": 24, "seed": 2, "engine": engine} | settings
    with Stream(bank, **given) as stream:  # type: ignore[arg-type]
        return np.concatenate([batch.views.numpy() for batch in stream], axis=1)


def test_a_stream_of_families_does_not_depend_on_the_batch_size(path: Path) -> None:
    with Bank.open(path, read_only=True) as bank:
        engine = Listening(bank.modules)
        whole = views_of(bank, engine, families=0.3)
        assert engine.names == {lifted_name(RINGS), STILL, WRECK}
        assert np.array_equal(whole, views_of(bank, engine, families=0.3, batch_size=5))
        assert not np.array_equal(whole, views_of(bank, engine, families=0.2))


def test_at_strength_0_the_stream_is_what_it_was(path: Path) -> None:
    with Bank.open(path, read_only=True) as bank:
        engine = Listening(bank.modules)
        plain = views_of(bank, engine)
        none = views_of(bank, engine, families=Families(0.3, np.zeros(3)))
        assert np.array_equal(plain, views_of(bank, engine, families=0.0))
        assert np.array_equal(plain, none)
        assert not any(map(is_lifted, engine.names))
        assert all(literals is None for literals in engine.literals)
        with (
            Stream(bank, batch_size=2, engine=engine) as old,
            Stream(bank, batch_size=2, engine=engine, families=0.3) as new,
        ):
            assert "families" not in old.state_dict()["settings"]
            with pytest.raises(UsageError, match="`families`"):
                new.load_state_dict(old.state_dict())


def test_a_refused_member_quarantines_its_program(path: Path) -> None:
    with Bank.open(path, read_only=True) as bank:
        engine = FakeEngine(bank.modules, refuse=(lifted_name(RINGS),))
        given = {"batch_size": 8, "size": 8, "limit": 24, "engine": engine}
        with Stream(bank, families=0.3, **given) as stream:  # type: ignore[arg-type]
            drawn = {int(p) for batch in stream for p in batch.programs}
            assert [record.program for record in stream.quarantine] == [RINGS]
            assert stream.program_ids.index(RINGS) not in drawn


def test_what_does_not_fit_is_refused_in_one_line(path: Path, tmp_path: Path) -> None:
    with Bank.open(path, read_only=True) as bank:
        with pytest.raises(UsageError, match="must be in 0 … 1, got 3"):
            Stream(bank, batch_size=2, families=3.0, engine=FakeEngine(bank.modules))
        with pytest.raises(UsageError, match="pass its bank"):
            Stream(bank.select(), batch_size=2, families=0.3, engine=FakeEngine(bank.modules))
        families = Families(0.3, np.ones(2))
        with pytest.raises(UsageError, match="of 2 programs, the selection has 3"):
            Stream(bank, batch_size=2, families=families, engine=FakeEngine(bank.modules))
    with Bank.open(tmp_path / "b.db", create=True) as bank:
        bank.add(program_of(small.RINGS))
        bank.record_verdicts([Verdict(RINGS, Status.ACCEPTED)])
        with pytest.raises(UsageError, match="phosphene vet --families --bank"):
            Stream(bank, batch_size=2, families=0.3, engine=FakeEngine(bank.modules))


def test_from_the_command_line(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bank, sheet = tmp_path / "bank.db", tmp_path / "sheet.png"
    bank.write_bytes(path.read_bytes())
    policy = ("--policy", "size=32", "--policy", "times=0.5,2", "--engine", "opengl")
    assert main(["vet", "--bank", str(bank), "--families", "--json", *policy]) == 0
    assert json.loads(capsys.readouterr().out)["families"]["known"] == 3
    drawn = ("--families", "--size", "16", "--count", "6", "--columns", "3", "-o", str(sheet))
    assert main(["render", RINGS, "--bank", str(bank), "--engine", "opengl", *drawn]) == 0
    from PIL import Image

    with Image.open(sheet) as picture:
        assert picture.size == (3 * 16 + 2 * 4, 2 * 16 + 4)
        pictures = np.asarray(picture.convert("RGB")).astype(int)
    assert np.abs(pictures[:16, :16] - pictures[:16, 20:36]).mean() > 3
    assert main(["vet", "--bank", str(bank), "--families", "--compile-only"]) == 2
    assert main(["pretrain", "--bank", str(bank), "--families", "7"]) == 2


def test_pretraining_draws_families(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[tuple[str, int]] = []

    def prepare(_: FakeEngine, names: Sequence[str], __: object, supersample: int) -> None:
        prepared.extend((name, supersample) for name in names)

    monkeypatch.setattr(FakeEngine, "prepare", prepare)
    run = ["--run", str(tmp_path / "run"), "--engine", "fake", "--device", "cpu", "--steps", "1"]
    tiny = ["--backbone", "test_resnet", "--size", "16", "--batch-size", "4", "--colour", "0"]
    tiny += ["--supersample", "2"]
    assert main(["pretrain", "--bank", str(path), "--families", *run, *tiny]) == 0
    assert "families: 0.3" in (tmp_path / "run" / "config.yaml").read_text()
    names = [lifted_name(RINGS), STILL, WRECK]
    assert sorted(prepared) == sorted((name, 2) for name in names)
