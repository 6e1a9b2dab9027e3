"""Which stand-in a channel gets, and the pictures behind their names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from phosphene.channels import noise, pictures
from phosphene.channels.mipmaps import mip_chain
from phosphene.channels.noise import Pixels
from phosphene.channels.programs import program_picture
from phosphene.errors import UsageError
from phosphene.program import Channel, ChannelKind, Filter, Wrap

Shape = Literal["2d", "cube", "volume"]


@dataclass(frozen=True, slots=True)
class Standin:
    """A texture for an engine to upload.

    Attributes:
        kind: what sampler reads it.
        pixels: uint8, read-only; "2d": [H, W, 4], "cube": [6, N, N, 4] (+x -x +y -y +z -z),
            "volume": [D, H, W, 4]. Row 0 is texture coordinate 0, as OpenGL uploads it.
        wrap, filter: of the sampler.
    """

    kind: Shape
    pixels: Pixels
    wrap: Wrap
    filter: Filter

    @property
    def size(self) -> tuple[int, int, int]:
        """Width, height, depth in texels: what `iChannelResolution` says."""
        rows, columns = self.pixels.shape[-3:-1]
        return columns, rows, len(self.pixels) if self.kind == "volume" else 1

    def levels(self) -> list[Pixels]:
        """The pixels, and where the sampler of a flat picture reads mip levels, those after them."""
        pixels = np.ascontiguousarray(self.pixels)
        if self.kind == "2d" and self.filter is Filter.MIPMAP:
            return mip_chain(pixels)
        return [pixels]


_Maker = Callable[[np.random.Generator], Pixels]


def _black(_: np.random.Generator) -> Pixels:
    pixels = np.zeros((3, 256, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


CONTENTS: Mapping[str, tuple[Shape, _Maker]] = {
    "noise-gray-64": ("2d", lambda rng: noise.gray(rng, 64, 64)),
    "noise-gray-256": ("2d", lambda rng: noise.gray(rng, 256, 256)),
    "noise-rgba-64": ("2d", lambda rng: noise.rgba(rng, 64)),
    "noise-rgba-256": ("2d", lambda rng: noise.rgba(rng, 256)),
    "noise-blue": ("2d", lambda rng: noise.blue(rng, 256)),
    "bayer": ("2d", lambda _: noise.bayer()),
    **{f"photo-{i}": ("2d", pictures.photo) for i in range(16)},
    "text": ("2d", pictures.glyphs),
    "keyboard": ("2d", _black),
    "music": ("2d", pictures.sound),
    **{f"sky-{i}": ("cube", pictures.sky) for i in range(6)},
    "volume-gray": ("volume", lambda rng: noise.gray(rng, 32, 32, 32)),
    "volume-rgba": ("volume", lambda rng: noise.white(rng, 32, 32, 32)),
}
"""Name of a content → the sampler that reads it, and its maker."""

_DEFAULTS = {
    ChannelKind.TEXTURE: "photo-0",
    ChannelKind.CUBEMAP: "sky-0",
    ChannelKind.VOLUME: "volume-gray",
    ChannelKind.KEYBOARD: "keyboard",
    ChannelKind.MUSIC: "music",
    ChannelKind.VIDEO: "photo-1",
}


def standin(channel: Channel, variant: int = 0) -> Standin:
    """The stand-in for what an author bound.

    Args:
        channel: its content, or the usual one of its kind where that is empty.
        variant: another picture of the same sort; 0 is the usual one.

    Raises:
        UsageError: an unknown content, one that does not suit the sampler, a buffer, or a program of
            which there is no picture yet.
    """
    if channel.kind not in _DEFAULTS:
        raise UsageError(f"a channel of kind {channel.kind.value!r} has no stand-in")
    if channel.pictured is not None:
        return Standin(
            "2d", program_picture(channel.picture, variant), channel.wrap, channel.filter
        )
    default = _DEFAULTS[channel.kind]
    content = channel.content or default
    if content not in CONTENTS:
        raise UsageError(f"`content` must be one of {', '.join(CONTENTS)}; got {content!r}")
    shape = CONTENTS[content][0]
    if shape != CONTENTS[default][0]:
        raise UsageError(f"{content!r} is no content for a channel of kind {channel.kind.value!r}")
    pixels = _pixels(content, variant)
    if shape == "2d" and not channel.vflip and content.startswith(("photo", "text")):
        pixels = pixels[::-1]  # pictures are stored upright; noise has no up
    return Standin(shape, pixels, channel.wrap, channel.filter)


@lru_cache(maxsize=64)
def _pixels(content: str, variant: int) -> Pixels:
    name = hashlib.blake2b(f"{content}/{variant}".encode(), digest_size=8).digest()
    rng = np.random.Generator(np.random.Philox(key=int.from_bytes(name, "little")))
    pixels = CONTENTS[content][1](rng)
    pixels.setflags(write=False)
    return pixels
