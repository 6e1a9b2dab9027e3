"""Lifted programs on both engines: the same pictures, wherever their literals travel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import cuda_fakes
import opengl_programs as small
from cuda_programs import target
from phosphene import seeds
from phosphene.engines.cuda import CudaEngine, nvrtc
from phosphene.engines.cuda.plan import launch_dtype
from phosphene.engines.cuda.source import cuda_source
from phosphene.engines.opengl import OpenGLEngine
from phosphene.errors import UsageError
from phosphene.spirv import Module, native
from phosphene.spirv.module import is_lifted, lifted_name, program_of
from phosphene.spirv.passes.lift import lift
from phosphene.uniforms import LITERAL_BLOCK_SIZE
from phosphene.views import MAX_LITERALS, Latent, RenderRequest, View, deviations

WAVES = """float wave(vec2 u, float k) {
    float s = 0.0;
    for (float i = 1.0; i < 4.0; i++) s += sin(u.x * k * i + 0.7 * u.y + iTime) * 0.3;
    return s;
}
void mainImage(out vec4 o, in vec2 p) {
    vec2 u = p / iResolution.xy;
    vec3 tint = vec3(0.9, 0.35, 0.6);
    mat2 turn = mat2(0.8, -0.6, 0.6, 0.8);
    o = vec4(tint * (0.4 + wave(turn * u, 6.3)), 1.0);
}"""
TEXTS = {"corners": small.CORNERS, "waves": WAVES}


class Lifting:
    """A module source; Attributes: asked, every name that was asked for; optimise, as vetting does."""

    def __init__(self, optimise: bool = True) -> None:
        self.asked: list[str] = []
        self._optimise = optimise

    def __call__(self, names: Sequence[str]) -> Mapping[str, Module]:
        self.asked += names
        return {name: self._module(name) for name in names}

    def _module(self, name: str) -> Module:
        module = small.module(TEXTS[program_of(name)])
        spirv = lift(module.spirv).spirv if is_lifted(name) else module.spirv
        optimised = native.optimise(spirv) if self._optimise else b""
        return replace(module, program=name, spirv=spirv, optimised=optimised)


def request(names: Sequence[str], strength: float = 0.3, supersample: int = 1) -> RenderRequest:
    uniforms = seeds.uniforms(1, "test", np.arange(len(names)), n=MAX_LITERALS)
    views = [View(name, Latent(0.4 * i), (16.0, 16.0)) for i, name in enumerate(names)]
    made = RenderRequest.of(views, 16, supersample=supersample)
    return replace(made, literals=deviations(uniforms, np.array(strength)))


NAMES = ("waves", lifted_name("waves"), "waves", lifted_name("waves"))


@pytest.fixture(scope="module")
def expected() -> np.ndarray:
    with OpenGLEngine(Lifting(), gpu=False, workers=1) as engine:
        batch = engine.render(request(NAMES * 2))
    assert not batch.refused
    return batch.pixels.astype(int)


@pytest.mark.parametrize(("carried", "optimise"), [(0, True), (1, True), (2, True), (2, False)])
def test_the_cuda_engine_draws_the_families_of_the_opengl_engine(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    expected: np.ndarray,
    carried: int,
    optimise: bool,
) -> None:
    cuda_fakes.install(monkeypatch, carried)
    with CudaEngine(Lifting(optimise), cache=tmp_path, carried=carried) as engine:
        batch = engine.render(request(NAMES * 2))
        assert not batch.refused
        drawn = batch.pixels.numpy().astype(int)
        alone = engine.render(request(NAMES * 2).take(np.array([3]))).pixels.numpy()
        neutral = replace(request(NAMES), literals=None)
        author = engine.render(neutral).pixels.numpy().astype(int)
    apart = np.abs(drawn - expected).mean(axis=(1, 2, 3))
    assert apart.max() < 1.5
    assert np.array_equal(alone[0], drawn[3])
    assert np.abs(author[0] - author[1]).max() > 0, "waves at another time"
    assert np.abs(drawn[1] - author[1]).mean() > 3, "the literals reach the picture"


def test_members_of_one_launch_have_literals_of_their_own(expected: np.ndarray) -> None:
    same_moment = replace(request((lifted_name("waves"),) * 3), time=np.zeros(3, np.float32))
    with OpenGLEngine(Lifting(), gpu=False, workers=1) as engine:
        first, second, third = engine.render(same_moment).pixels.astype(int)
        fine = engine.render(replace(same_moment, supersample=2)).pixels.astype(int)
    assert np.abs(first - second).mean() > 3
    assert np.abs(second - third).mean() > 3
    assert np.abs(fine[1] - second).mean() < 3, "all samples of a pixel see the same literals"


def test_nobody_is_asked_for_a_lifted_module_that_does_not_vary() -> None:
    source = Lifting()
    asked = request(("waves", "corners"))
    with OpenGLEngine(source, gpu=False, workers=1) as engine:
        varied = engine.render(asked).pixels
        plain = engine.render(replace(asked, literals=None)).pixels
    assert np.array_equal(varied, plain), "the author's module ignores literals"
    assert not any(map(is_lifted, source.asked))


def test_only_lifted_kernels_carry_literals() -> None:
    author, lifted = (Lifting()._module(n).optimised for n in ("waves", lifted_name("waves")))
    assert "#define PH_FAMILY" in cuda_source(lifted)
    assert "#define PH_FAMILY" not in cuda_source(author)
    for carried in (0, 1, 2):
        plain, wide = launch_dtype(carried), launch_dtype(carried, lifted=True)
        assert wide.itemsize == plain.itemsize + (carried * 4 * MAX_LITERALS or 8)
        assert all(wide.fields[n] == plain.fields[n] for n in plain.names), "a prefix"
        assert wide.itemsize < 4096, "a launch's parameters"


def test_a_late_member_is_looked_for_with_its_own_literals(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cuda_fakes.install(monkeypatch)
    asked = request(NAMES)
    with CudaEngine(Lifting(), cache=tmp_path) as engine:
        engine.render(asked)
        (flight,) = engine._flights.all()
        found = {name: literals for name, _, _, literals in flight.launched()}
    assert np.array_equal(found["waves"], asked.literals[[0, 2]])
    assert np.array_equal(found[lifted_name("waves")], asked.literals[[1, 3]])


def test_requests_check_their_literals() -> None:
    with pytest.raises(UsageError, match="`literals` must have the shape"):
        replace(request(NAMES), literals=np.zeros((4, 3), np.float32))
    with pytest.raises(UsageError, match="at most 64 numbers, got 65"):
        RenderRequest.of([View("a", Latent(literals=(0.1,) * 65))], 8)
    made = RenderRequest.of([View("a"), View("a", Latent(literals=(0.1, 0.2)))], 8)
    assert made.literals is not None
    assert made.literals[:, :3] == pytest.approx(np.array([[0, 0, 0], [0.1, 0.2, 0]]))
    assert RenderRequest.of([View("a")], 8).literals is None
    assert torch.tensor(made.take(np.array([1])).literals)[0, 1] == pytest.approx(0.2)


@pytest.mark.parametrize("views", [0, 2])
def test_a_lifted_kernel_reads_the_launch_that_is_written(views: int) -> None:
    spirv = Lifting()._module(lifted_name("waves")).optimised
    layout = launch_dtype(views, lifted=True)
    checks = [f"static_assert(sizeof(Launch) == {layout.itemsize});"]
    checks += [f"static_assert(sizeof(Family) == {LITERAL_BLOCK_SIZE});"]
    cubin = nvrtc.assemble(cuda_source(spirv) + "\n".join(checks), target(views).options())
    assert cubin.code.startswith(b"\x7fELF")
