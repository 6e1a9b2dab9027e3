"""The GPU's texture units against OpenGL's rules in software, for every kind of texture."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from opengl_programs import module
from phosphene.engines.cuda import CudaEngine
from phosphene.engines.cuda.host import HostProgram
from phosphene.engines.cuda.plan import sizes_of
from phosphene.engines.cuda.records import VIEW_DTYPE
from phosphene.engines.cuda.textures import Textures, volumes
from phosphene.program import Channel, ChannelKind, Filter, Wrap
from phosphene.spirv import Module
from phosphene.uniforms import pack
from phosphene.views import RenderRequest, View

PROMISED = os.environ.get("PHOSPHENE_GPU") == "1"
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        not torch.cuda.is_available() and not PROMISED,
        reason="no NVIDIA GPU here, and PHOSPHENE_GPU=1 does not promise one",
    ),
]

FLAT = {
    "plain": "texture(iChannel0, u)",
    "beyond": "texture(iChannel0, 5.0 * u - 2.0)",
    "far": "texture(iChannel0, 900.0 * u)",
    "level": "textureLod(iChannel0, 3.0 * u, 6.0 * u.x)",
    "slope": "textureGrad(iChannel0, u, vec2(0.02, 0.0), vec2(0.0, 0.01))",
    "bias": "texture(iChannel0, 2.0 * u, 1.5)",
    "offset": "textureLodOffset(iChannel0, u, 1.0, ivec2(3, -2))",
    "texel": "texelFetch(iChannel0, ivec2(p), 0)",
}
"""How a flat texture may be asked: name → expression."""

SOLID = {
    ChannelKind.CUBEMAP: "texture(iChannel0, vec3(2.0 * u - 1.0, 0.7) * vec3(1.0, 1.5, 1.0))",
    ChannelKind.VOLUME: "texture(iChannel0, vec3(3.0 * u, u.x + 0.3))",
}


def code(expression: str) -> str:
    return (
        "void mainImage(out vec4 o, in vec2 p) { vec2 u = p / iResolution.xy; "
        f"o = {expression}; o.a = 1.0; }}"
    )


def cases() -> Iterator[tuple[str, str, Channel]]:
    for wrap in Wrap:
        for filter_ in Filter:
            channel = Channel(ChannelKind.TEXTURE, "photo-0", wrap, filter_)
            for name, expression in FLAT.items():
                yield f"{name}, {wrap.value}, {filter_.value}", code(expression), channel
    for kind, expression in SOLID.items():
        for filter_ in (Filter.NEAREST, Filter.LINEAR):
            name = f"{kind.value}, {filter_.value}"
            yield name, code(expression), Channel(kind, "", Wrap.REPEAT, filter_)


CASES = {name: (text, channel) for name, text, channel in cases()}


def source(names: Sequence[str]) -> Mapping[str, Module]:
    return {name: module(CASES[name][0], (CASES[name][1],)) for name in names}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CudaEngine]:
    with CudaEngine(source, cache=tmp_path_factory.mktemp("cubins")) as opened:
        opened.prepare(list(CASES))
        yield opened


def asked(name: str) -> RenderRequest:
    return RenderRequest.of([View(name, canvas=(64, 64))], 64)


def in_software(name: str) -> np.ndarray:
    textures = Textures(torch.device("cpu"))
    channels = textures.records([(CASES[name][1],)], np.zeros(1, np.int64), np.zeros((1, 4), int))
    record = np.zeros(1, VIEW_DTYPE)
    sizes = sizes_of(channels, volumes([(CASES[name][1],)], np.zeros(1, np.int64)))
    record["frame"], record["channel"] = pack(asked(name), sizes), channels
    return HostProgram(source([name])[name].spirv).draw(record, 64, 64, 1)[0]


@pytest.mark.parametrize("name", CASES)
def test_the_units_sample_as_opengl_says(engine: CudaEngine, name: str) -> None:
    batch = engine.render(asked(name))
    assert not batch.refused
    drawn = batch.pixels[0].cpu().numpy().astype(int)
    expected = in_software(name).astype(int)
    assert expected.std() > 5
    assert np.abs(drawn - expected).mean() < 2.0, "a unit's weights have eight bits"


def test_textures_are_dropped_and_made_again(tmp_path: Path) -> None:
    names = [name for name in CASES if name.startswith("plain")]
    request = RenderRequest.of([View(name, canvas=(64, 64)) for name in names], 64)
    with CudaEngine(source, cache=tmp_path, textures=2) as small:
        first = small.render(request).pixels.clone()
        for _ in range(5):
            assert torch.equal(small.render(request).pixels, first)


def test_nothing_bound_is_black(tmp_path: Path) -> None:
    empty = {"empty": module(code("texture(iChannel0, u)"), ())}
    with CudaEngine(lambda names: empty, cache=tmp_path) as opened:
        pixels = opened.render(RenderRequest.of([View("empty", canvas=(8, 8))], 8)).pixels
        assert pixels.sum().item() == 0
