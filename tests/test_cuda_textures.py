"""Stand-ins as the kernels read them: the same texels and levels as the OpenGL driver's."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from phosphene.channels import standin
from phosphene.channels.mipmaps import mip_chain
from phosphene.engines.cuda.textures import Textures
from phosphene.engines.opengl.context import open_context
from phosphene.engines.opengl.textures import Textures as OpenGLTextures
from phosphene.program import Channel, ChannelKind, Filter, Wrap

PHOTO = Channel(ChannelKind.TEXTURE, "photo-0", Wrap.MIRROR, Filter.MIPMAP, vflip=False)
NOISE = Channel(ChannelKind.TEXTURE, "noise-rgba-64", Wrap.CLAMP, Filter.NEAREST)


@pytest.fixture
def textures() -> Textures:
    return Textures(torch.device("cpu"), limit=2)


def texels(record: np.void) -> np.ndarray:
    """What lies at a record's address, uint8 [H, W, 4]."""
    size = 4 * int(record["width"]) * int(record["height"])
    flat = np.frombuffer(ctypes.string_at(int(record["pixels"]), size), np.uint8)
    return flat.reshape(record["height"], record["width"], 4)


def test_records_say_what_is_bound_where(textures: Textures) -> None:
    channels = [(), (None, PHOTO), (NOISE, None, None, PHOTO)]
    records = textures.records(channels, np.array([2, 0, 1]), np.zeros((3, 4), np.int64))
    bound = records["pixels"] != 0
    assert bound.tolist() == [
        [True, False, False, True],
        [False] * 4,
        [False, True, False, False],
    ]
    assert records[0, 3] == records[2, 1]
    assert records[0, 0]["mode"] == 0 + 4 * 0
    assert records[0, 3]["mode"] == 2 + 4 * 2
    assert (records[0, 0]["levels"], records[0, 3]["levels"]) == (1, 10)
    assert (texels(records[0, 0]) == standin(NOISE, 0).pixels).all()
    assert (texels(records[0, 3]) == standin(PHOTO, 0).pixels).all()


def test_variants_are_other_pictures_and_only_so_many_are_kept(textures: Textures) -> None:
    variants = np.array([[0, 0, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0]])
    records = textures.records([(NOISE,)], np.zeros(3, np.int64), variants)
    assert len(set(records[:, 0]["pixels"].tolist())) == 3
    assert (texels(records[1, 0]) == standin(NOISE, 1).pixels).all()
    assert len(textures) == 3, "what a batch reads stays until it is launched"
    textures.trim()
    assert len(textures) == 2


@pytest.fixture
def context() -> Iterator[object]:
    opened = open_context()
    yield opened
    opened.release()


@pytest.mark.parametrize("shape", [(64, 64), (8, 32), (512, 512)])
def test_levels_are_the_drivers(context: object, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(5)
    smooth = np.cumsum(rng.integers(-3, 4, (*shape, 4)), 1) % 200
    pixels = smooth.astype(np.uint8)
    chain = mip_chain(pixels)
    driver = context.texture(shape[::-1], 4, pixels.tobytes(), alignment=1)  # type: ignore[attr-defined]
    driver.build_mipmaps()
    assert len(chain) == 1 + max(shape).bit_length() - 1
    for level, ours in enumerate(chain):
        theirs = np.frombuffer(driver.read(level=level, alignment=1), np.uint8)
        difference = ours.astype(int) - theirs.reshape(ours.shape).astype(int)
        assert np.abs(difference).max() <= 1 + level // 2


@pytest.mark.parametrize("content", ["photo-3", "noise-gray-64", "music", "keyboard"])
def test_opengl_reads_our_levels(context: object, content: str) -> None:
    channel = Channel(ChannelKind.TEXTURE, content, Wrap.REPEAT, Filter.MIPMAP)
    texture = OpenGLTextures(context, 4).get(channel, 0).texture
    levels = standin(channel, 0).levels()
    assert len(levels) > 6
    for level, ours in enumerate(levels):
        theirs = np.frombuffer(texture.read(level=level, alignment=1), np.uint8)
        np.testing.assert_array_equal(theirs.reshape(ours.shape), ours)


def test_odd_sides_end_at_one_texel() -> None:
    chain = mip_chain(np.full((3, 256, 4), 77, np.uint8))
    assert len(chain) == 9
    assert all((level == 77).all() for level in chain)
    assert [level.shape[:2] for level in chain] == [(3, 256)] + [(1, 256 >> i) for i in range(1, 9)]
