"""Engine `cuda` on a GPU; and what it says where there is none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from cuda_programs import GLOW, HUNGRY, Modules
from opengl_programs import CORNERS, NOT_A_NUMBER, RINGS, SLOPES, module
from phosphene.engines import open_engine
from phosphene.engines.cuda import CudaEngine
from phosphene.engines.cuda.host import HostProgram
from phosphene.engines.cuda.records import VIEW_DTYPE
from phosphene.errors import MissingPieceError, UsageError
from phosphene.uniforms import pack
from phosphene.views import Camera, Latent, RenderRequest, View

PROMISED = os.environ.get("PHOSPHENE_GPU") == "1"
gpu = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        not torch.cuda.is_available() and not PROMISED,
        reason="no NVIDIA GPU here, and PHOSPHENE_GPU=1 does not promise one",
    ),
]

TEXTS = {
    "corners": CORNERS,
    "rings": RINGS,
    "slopes": SLOPES,
    "nan": NOT_A_NUMBER,
    "hungry": HUNGRY,
    "glow": GLOW,
    "far": "void mainImage(out vec4 o, in vec2 p) { o = vec4(fract(sin(floor(p.x) * 7351.0) * 40.0)); }",
}


@pytest.mark.skipif(torch.cuda.is_available() or PROMISED, reason="there is a GPU here")
def test_without_a_gpu_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        MissingPieceError, match=r"NVIDIA GPU that torch can use is missing.*opengl"
    ):
        open_engine("cuda", Modules(TEXTS), cache=tmp_path)


@pytest.mark.parametrize(("option", "value"), [("streams", 0), ("streams", 33), ("carried", 9)])
def test_options_out_of_range_are_refused(option: str, value: int) -> None:
    with pytest.raises(UsageError, match=f"`{option}` must be"):
        open_engine("cuda", Modules(TEXTS), **{option: value})


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CudaEngine]:
    with CudaEngine(Modules(TEXTS), cache=tmp_path_factory.mktemp("cubins")) as opened:
        yield opened


def views(names: list[str], size: int = 48) -> RenderRequest:
    turned = Camera.crop((0.4, 0.6), 0.7, 0.5, 0.3, flip=True)
    made = [
        View(name, Latent(time=0.7 * i), (size, size), turned if i % 2 else Camera())
        for i, name in enumerate(names)
    ]
    return RenderRequest.of(made, size)


def expected(request: RenderRequest, row: int) -> np.ndarray:
    part = request.take(np.array([row]))
    record = np.zeros(1, VIEW_DTYPE)
    record["frame"] = pack(part, np.zeros((1, 4, 3), np.float32))
    program = HostProgram(module(TEXTS[part.programs[0]]).spirv, sampled=part.supersample > 1)
    return program.draw(record, part.width, part.height, part.supersample)[0]


class TestOnGpu:
    """Everything that needs the device."""

    pytestmark = gpu

    def test_pictures_are_those_of_the_host(self, engine: CudaEngine) -> None:
        request = views(["corners", "rings", "slopes", "nan", "glow"] * 3, 50)
        batch = engine.submit(request).result()
        assert batch.pixels.is_cuda
        assert batch.pixels.shape == (15, 3, 50, 50)
        drawn = batch.pixels.cpu().numpy().astype(int)
        for row in range(15):
            assert np.abs(drawn[row] - expected(request, row)).mean() < 1.0

    def test_sines_of_large_angles_are_those_of_the_host(self, engine: CudaEngine) -> None:
        request = views(["far"], 50)
        drawn = engine.render(request).pixels.cpu().numpy().astype(int)[0]
        assert np.abs(drawn - expected(request, 0)).mean() < 1.0
        assert drawn.std() > 3

    def test_the_same_request_gives_the_same_bytes_alone_and_among_others(
        self, engine: CudaEngine
    ) -> None:
        request = views(["corners", "rings", "slopes"] * 20)
        whole = engine.render(request).pixels.cpu()
        for row in (0, 1, 2, 31, 59):
            alone = engine.render(request.take(np.array([row]))).pixels.cpu()
            assert torch.equal(alone[0], whole[row])

    def test_refused_programs_are_named_and_black(self, engine: CudaEngine) -> None:
        batch = engine.render(views(["corners", "hungry", "unknown"]))
        assert set(batch.refused) == {"hungry", "unknown"}
        assert "local memory" in batch.refused["hungry"]
        assert batch.pixels[1:].sum().item() == 0
        assert batch.pixels[0].sum().item() > 0

    def test_pixels_are_ordered_with_torchs_streams(self, engine: CudaEngine) -> None:
        request = views(["rings"] * 64, 256)
        reference = engine.render(request).pixels.clone()
        stream = torch.cuda.Stream()
        for _ in range(20):
            with torch.cuda.stream(stream):
                pixels = engine.render(request).pixels
                same = (pixels == reference).all()
                del pixels
                torch.empty_like(reference).fill_(7)
            stream.synchronize()
            assert bool(same)

    def test_supersampling_is_the_hosts(self, engine: CudaEngine) -> None:
        made = RenderRequest.of([View("rings", canvas=(32, 32))], 32, supersample=3)
        drawn = engine.render(made).pixels[0].cpu().numpy().astype(int)
        assert np.abs(drawn - expected(made, 0)).mean() < 1.0
        assert not engine.prepare(["rings"])
        often, once = engine.trial("rings", supersample=3), engine.trial("rings")
        assert often is not None
        assert once is not None
        assert once.registers < often.registers

    @pytest.mark.parametrize("options", [{"carried": 0}, {"carried": 1}, {"channels_last": True}])
    def test_other_ways_to_launch_give_the_same_bytes(
        self, engine: CudaEngine, tmp_path: Path, options: dict[str, int]
    ) -> None:
        request = views(["corners", "rings", "slopes"] * 5)
        reference = engine.render(request).pixels
        with CudaEngine(Modules(TEXTS), cache=tmp_path, **options) as other:  # type: ignore[arg-type]
            assert torch.equal(other.render(request).pixels, reference)

    def test_programs_that_are_unloaded_come_back(self, engine: CudaEngine, tmp_path: Path) -> None:
        request = views(["corners", "rings", "slopes"])
        with CudaEngine(Modules(TEXTS), cache=tmp_path, programs=1) as small:
            first = small.render(request).pixels.cpu()
            assert torch.equal(small.render(request).pixels.cpu(), first)
            assert torch.equal(engine.render(request).pixels.cpu(), first)

    def test_a_late_batch_is_looked_into(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("phosphene.engines.cuda.engine._LATE", 0.0)
        with CudaEngine(Modules(TEXTS), cache=tmp_path, slow=-1e9) as hasty:
            hasty.render(views(["rings"]))
            torch.cuda.synchronize()
            batch = hasty.render(views(["corners", "rings"]))
            assert "took" in batch.refused["rings"]
            assert "corners" not in batch.refused
        with CudaEngine(Modules(TEXTS), cache=tmp_path) as later:
            assert "rings" in later.prepare(["rings"])

    def test_memory_does_not_grow(self, engine: CudaEngine) -> None:
        request = views(["corners", "rings"] * 50)
        engine.render(request)
        before = torch.cuda.memory_allocated()
        for _ in range(200):
            engine.render(request)
        assert torch.cuda.memory_allocated() <= before
