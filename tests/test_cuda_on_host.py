"""The CUDA engine's whole way from request to tensor, on a driver that runs kernels on the host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import cuda_fakes
from cuda_programs import GLOW, Modules
from opengl_programs import CORNERS, RINGS, SLOPES, TEXTURED, module
from phosphene.engines.cuda import CudaEngine, driver, preparation
from phosphene.engines.cuda import engine as cuda_engine
from phosphene.engines.cuda.compiler import Target
from phosphene.engines.cuda.probe import Suspect
from phosphene.engines.cuda.trial import Trial
from phosphene.engines.opengl import OpenGLEngine
from phosphene.errors import EngineError
from phosphene.program import Channel, ChannelKind, Filter, Wrap
from phosphene.spirv import Module
from phosphene.views import Camera, Latent, RenderRequest, View

TEXTS = {"corners": CORNERS, "rings": RINGS, "slopes": SLOPES}


def request(names: list[str], size: int = 16, supersample: int = 1) -> RenderRequest:
    turned = Camera.crop((0.4, 0.6), 0.7, 0.5, 0.3, flip=True)
    views = [
        View(name, Latent(time=0.3 * i), (size, size), turned if i % 2 else Camera())
        for i, name in enumerate(names)
    ]
    return RenderRequest.of(views, size, supersample=supersample)


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> cuda_fakes.HostDriver:
    return cuda_fakes.install(monkeypatch)


def opened(folder: Path, **options: object) -> CudaEngine:
    return CudaEngine(Modules(TEXTS), cache=folder, **options)  # type: ignore[arg-type]


def test_batches_show_what_the_opengl_engine_shows(
    host: cuda_fakes.HostDriver, tmp_path: Path
) -> None:
    asked = request(["corners", "rings", "slopes", "rings", "rings", "corners"])
    with OpenGLEngine(Modules(TEXTS), gpu=False, workers=1) as reference:
        expected = reference.render(asked).pixels.astype(int)
    with opened(tmp_path) as engine:
        host.launched.clear()
        batch = engine.submit(asked).result()
        assert not batch.refused
        assert batch.pixels.dtype == torch.uint8
        assert set(batch.seconds) == set(TEXTS)
        assert sorted(host.launched[-3:]) == [1, 2, 3], "a launch holds up to four views"
        drawn = batch.pixels.numpy().astype(int)
    for row in range(6):
        assert np.abs(drawn[row] - expected[row]).mean() < 1.5


@pytest.mark.parametrize("options", [{}, {"channels_last": True}, {"streams": 1}])
def test_the_bytes_do_not_depend_on_how_they_are_launched(
    host: cuda_fakes.HostDriver, tmp_path: Path, options: dict[str, object]
) -> None:
    asked = request(["rings", "corners"] * 3, supersample=2)
    with opened(tmp_path / "a") as plain, opened(tmp_path / "b", **options) as other:
        ours, theirs = plain.render(asked).pixels, other.render(asked).pixels
        assert ours.shape == theirs.shape == (6, 3, 16, 16)
        assert cuda_fakes.digest(ours) == cuda_fakes.digest(theirs)
        alone = plain.render(asked.take(np.array([3]))).pixels
        assert torch.equal(alone[0], ours[3])


def test_pixels_of_one_sample_have_kernels_of_their_own(
    host: cuda_fakes.HostDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampled: list[bool] = []

    def compile_all(tasks: Iterable[Any], target: Target, *rest: Any) -> Iterator[Any]:
        sampled.append(target.sampled)
        return cuda_fakes.compile_all(tasks, target, *rest)

    monkeypatch.setattr(preparation, "compile_all", compile_all)
    with opened(tmp_path) as engine:
        once = engine.render(request(["rings", "corners"])).pixels
        assert sampled == [False]
        assert engine.trial("rings") is not None
        assert engine.trial("rings", supersample=2) is None
        assert not engine.prepare(["rings", "corners"], supersample=3)
        assert sampled == [False, True]
        assert engine.trial("rings", supersample=2) is not None
        often = engine.render(request(["rings", "corners"], supersample=2)).pixels
        assert sampled == [False, True], "prepared for three samples, so for two"
        assert 0 < (once.float() - often.float()).abs().mean() < 16
    with opened(tmp_path) as later:
        again = later.render(request(["rings", "corners"], supersample=2)).pixels
        assert torch.equal(again, often)
        assert sampled == [False, True], "both are in the cache"


def test_programs_that_nobody_optimised_are_counted_once(
    host: cuda_fakes.HostDriver, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    modules = Modules({**TEXTS, "glow": GLOW})
    with CudaEngine(modules, cache=tmp_path) as engine:
        engine.prepare(["glow"])
        assert "--optimise" not in caplog.text
        engine.prepare(["rings", "glow", "corners"])
        assert "2 programs were vetted without --optimise" in caplog.text
        assert "phosphene vet --optimise" in caplog.text
        caplog.clear()
        engine.prepare(["rings", "corners"])
        assert "--optimise" not in caplog.text


@pytest.mark.parametrize("carried", [0, 1])
def test_nor_on_where_the_views_travel(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, carried: int
) -> None:
    asked = request(["rings", "corners", "rings"])
    drawn = []
    for number, views in enumerate((4, carried)):
        cuda_fakes.install(monkeypatch, views)
        with opened(tmp_path / str(number), carried=views) as engine:
            drawn.append(cuda_fakes.digest(engine.render(asked).pixels))
    assert drawn[0] == drawn[1]


def test_programs_are_tried_first_and_refused_with_reasons(
    host: cuda_fakes.HostDriver, tmp_path: Path
) -> None:
    host.local[module(SLOPES).spirv] = 20_000
    host.faulty.add(module(RINGS).spirv)
    with opened(tmp_path) as engine:
        seen: list[tuple[int, int]] = []
        refused = engine.prepare(["slopes", "rings", "corners"], lambda *n: seen.append(n))
        assert seen[-1] == (3, 3)
        assert "20000 bytes of local memory" in refused["slopes"]
        assert "it fails on the GPU: error 700" in refused["rings"]
        trial = engine.trial("corners")
        assert trial is not None
        assert trial.latency == pytest.approx(0.25e-3)
        batch = engine.render(request(["corners", "rings", "absent"]))
        assert set(batch.refused) == {"rings", "absent"}
        assert batch.pixels[0].any()
        assert not batch.pixels[1:].any()
        none = engine.render(request(["rings", "absent"]))
        assert not none.pixels.any()


def test_a_program_that_holds_up_every_batch_is_refused(
    host: cuda_fakes.HostDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "event_elapsed_time", lambda *_: 189.0)  # milliseconds
    with opened(tmp_path) as engine:
        reason = engine.prepare(["rings"])["rings"]
    assert "takes 189.0 ms, more than 10" in reason
    monkeypatch.setattr(host, "event_elapsed_time", lambda *_: 9.0)
    with opened(tmp_path) as engine:
        assert set(engine.prepare(["rings", "corners"])) == {"rings"}, "it is remembered"


def test_a_fault_in_training_names_its_program_and_the_next_run_leaves_it_out(
    host: cuda_fakes.HostDriver, tmp_path: Path
) -> None:
    with opened(tmp_path) as engine:
        engine.render(request(["corners", "rings"]))
        engine._flights.all()[-1].end.recorded = False
        host.faulty.add(module(RINGS).spirv)
        with pytest.raises(EngineError) as caught:
            engine.render(request(["corners", "rings"]))
        assert "corners" not in str(caught.value)
        assert "caused by rings, which is quarantined now" in str(caught.value)
        assert "--resume" in str(caught.value)
    host.faulty.clear()
    with opened(tmp_path) as later:
        assert set(later.prepare(["corners", "rings"])) == {"rings"}


@pytest.mark.parametrize("supersample", [1, 2])
def test_a_late_batch_is_looked_into_and_its_program_quarantined(
    host: cuda_fakes.HostDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, supersample: int
) -> None:
    with opened(tmp_path, slow=-1e9) as engine:
        engine.render(request(["corners", "rings", "rings"], supersample=supersample))
        slow = lambda *_: 5000.0 if host.launched[-1] == 2 else 1.0  # noqa: E731
        monkeypatch.setattr(host, "event_elapsed_time", slow)
        batch = engine.render(request(["corners", "rings"], supersample=supersample))
        assert batch.refused == {"rings": "its views of one batch took 5.0 s"}
        assert engine.refused == batch.refused
    with opened(tmp_path) as later:
        assert set(later.prepare(["corners", "rings"], None, supersample)) == {"rings"}
        assert not later.prepare(["corners", "rings"], None, 3 - supersample), "other kernels"


def test_a_gpu_without_room_for_a_trial_is_said_and_nothing_is_remembered(
    host: cuda_fakes.HostDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(size: int) -> int:
        raise driver.CudaError("cuMemAlloc", driver.OUT_OF_MEMORY)

    with monkeypatch.context() as patch:
        patch.setattr(host, "mem_alloc", full)
        with opened(tmp_path) as engine:
            refused = engine.prepare(["rings", "corners"])
    assert set(refused) == {"rings", "corners"}
    assert "no memory left to try it" in refused["rings"]
    with opened(tmp_path) as later:
        assert not later.prepare(["rings", "corners"])


def test_training_goes_on_where_a_late_batch_cannot_be_looked_into(
    host: cuda_fakes.HostDriver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The training fills the GPU: no second process has room on it, or its kernels have none."""

    def nowhere(*_: object) -> Iterator[tuple[Suspect, Trial]]:
        raise EngineError("kernels cannot be tried on the GPU: CUDA_ERROR_OUT_OF_MEMORY")

    def full(known: Iterable[Suspect], *_: object) -> Iterator[tuple[Suspect, Trial]]:
        yield from ((suspect, Trial("no memory left", passing=True)) for suspect in known)

    asked = request(["corners", "rings"])
    with opened(tmp_path, slow=-1e9) as engine:
        first = cuda_fakes.digest(engine.render(asked).pixels)
        for trials in (nowhere, full):
            monkeypatch.setattr(cuda_engine, "try_all", trials)
            again = engine.render(asked)
            assert not again.refused
            assert cuda_fakes.digest(again.pixels) == first
    assert "could not be tried: kernels cannot be tried on the GPU" in caplog.text
    assert caplog.text.count("nothing is quarantined") == 2


def test_programs_of_one_kernel_are_quarantined_together(
    host: cuda_fakes.HostDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    twins = Modules({"corners": CORNERS, "rings": RINGS, "twin": RINGS + "\n// the same\n"})
    with CudaEngine(twins, cache=tmp_path, textures=0, slow=-1e9) as engine:
        engine.render(request(["corners", "rings", "rings", "twin"]))
        slow = lambda *_: 5000.0 if host.launched[-1] == 2 else 1.0  # noqa: E731
        monkeypatch.setattr(host, "event_elapsed_time", slow)
        assert set(engine.render(request(["corners", "rings", "twin"])).refused) == {
            "rings",
            "twin",
        }


def test_a_closed_engine_says_so(host: cuda_fakes.HostDriver, tmp_path: Path) -> None:
    engine = opened(tmp_path)
    engine.close()
    engine.close()
    for attempt in (lambda: engine.render(request(["corners"])), lambda: engine.prepare(["rings"])):
        with pytest.raises(EngineError, match="the cuda engine is closed"):
            attempt()


def by_both_engines(text: str, channel: Channel, cache: Path) -> tuple[np.ndarray, np.ndarray]:
    """A program's picture by OpenGL and by CUDA."""
    made = module(text, (channel,))

    def source(ids: object) -> dict[str, Module]:
        return {"textured": made}

    with OpenGLEngine(source, gpu=False, workers=1) as reference:
        expected = reference.render(request(["textured"], 32)).pixels.astype(int)
    with CudaEngine(source, cache=cache, textures=0) as engine:
        return expected, engine.render(request(["textured"], 32)).pixels.numpy().astype(int)


TOLD = """void mainImage(out vec4 o, in vec2 p) {
    o = vec4(iChannelResolution[0] / 64.0, 1.0) + texture(iChannel0, vec3(p / 8.0, 0.3)) * 0.3;
}"""
SHIFTED = "void mainImage(out vec4 o, in vec2 p) { o = textureGatherOffset(iChannel0, p / 300.0, ivec2(5, -7)); }"


@pytest.mark.parametrize(
    ("text", "channel"),
    [
        (TOLD, Channel(ChannelKind.VOLUME, "volume-gray", Wrap.REPEAT, Filter.MIPMAP)),
        (TOLD, Channel(ChannelKind.CUBEMAP, "sky-0", Wrap.CLAMP, Filter.MIPMAP)),
        (SHIFTED, Channel(ChannelKind.TEXTURE, "photo-1", Wrap.REPEAT, Filter.LINEAR)),
    ],
    ids=["volume", "cube", "gather"],
)
def test_both_engines_read_textures_of_every_kind_alike(
    host: cuda_fakes.HostDriver, tmp_path: Path, text: str, channel: Channel
) -> None:
    expected, drawn = by_both_engines(text, channel, tmp_path)
    assert expected.std() > 5
    assert np.abs(drawn - expected).mean() < 1.0


HANDED_ON = """vec3 at(sampler2D s, vec2 p) { return texture(s, p).rgb; }
vec3 twice(sampler2D s, vec2 p) { return (at(s, p) + at(s, p.yx)) / 2.0; }
void mainImage(out vec4 o, in vec2 p) { o = vec4(twice(iChannel0, p / iResolution.xy), 1.0); }"""


MAGNIFIED = """void mainImage(out vec4 o, in vec2 p) {
    o = vec4(fract(texture(iChannel0, p / iResolution.xy * 0.2).rgb * 40.0), 1.0);
}"""
"""Of what a texture answers, places behind the eighth bit."""

FAR = """void mainImage(out vec4 o, in vec2 p) {
    o = vec4(texture(iChannel0, p / iResolution.xy * vec2(90.0, 20.0)).rgb, 1.0);
}"""
"""Reads the last mip levels."""


@pytest.mark.parametrize(
    ("text", "most"), [(TEXTURED, 1.0), (HANDED_ON, 1.0), (MAGNIFIED, 6.0), (FAR, 0.1)]
)
def test_textures_reach_the_kernels(
    host: cuda_fakes.HostDriver, tmp_path: Path, text: str, most: float
) -> None:
    photo = Channel(ChannelKind.TEXTURE, "photo-1", Wrap.REPEAT, Filter.MIPMAP)
    expected, drawn = by_both_engines(text, photo, tmp_path)
    assert expected.std() > 10
    assert np.abs(drawn - expected).mean() < most
