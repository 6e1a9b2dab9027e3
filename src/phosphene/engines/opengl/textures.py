"""Stand-in textures on the device, a bounded number of them."""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import moderngl
import numpy as np

from phosphene.channels import Standin, standin
from phosphene.program import Channel, Filter, Wrap

Key = tuple[Channel, int]

_FILTERS = {
    Filter.NEAREST: (moderngl.NEAREST, moderngl.NEAREST),
    Filter.LINEAR: (moderngl.LINEAR, moderngl.LINEAR),
    Filter.MIPMAP: (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR),
}


_TEXTURE_2D, _TEXTURE_3D = 0x0DE1, 0x806F
_TEXTURE_WRAP = {"x": 0x2802, "y": 0x2803, "z": 0x8072}
_MIRRORED_REPEAT = 0x8370


@dataclass(frozen=True, slots=True)
class Bound:
    """A texture on the device and its size: width, height, depth."""

    texture: Any
    size: tuple[float, float, float]


class Textures:
    """The stand-ins in use, the least recently used dropped first."""

    def __init__(self, context: Any, limit: int) -> None:
        """Args: the moderngl context; how many textures to keep."""
        self._context = context
        self._limit = limit
        self._black = context.texture((1, 1), 4, bytes((0, 0, 0, 255)))
        self._kept: OrderedDict[Key, Bound] = OrderedDict()
        self._makers: dict[str, Callable[[Standin], Any]] = {
            "2d": self._plane,
            "cube": self._cube,
            "volume": self._volume,
        }

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, channel: Channel, variant: int) -> Bound:
        """The stand-in's texture, made where it is not there yet."""
        key = (channel, variant)
        bound = self._kept.get(key)
        if bound is None:
            bound = self._make(standin(channel, variant))
            self._kept[key] = bound
        self._kept.move_to_end(key)
        while len(self._kept) > self._limit:
            _, old = self._kept.popitem(last=False)
            old.texture.release()
        return bound

    def bind(self, channel: Channel | None, variant: int, unit: int) -> None:
        """Binds a channel's stand-in to a texture unit; black where nothing is bound to the channel, so
        that what another program left there is not seen."""
        texture = self._black if channel is None else self.get(channel, variant).texture
        texture.use(unit)

    def _make(self, picture: Standin) -> Bound:
        texture = self._makers[picture.kind](picture)
        levels = picture.levels()
        bare = picture.filter is Filter.MIPMAP and len(levels) == 1
        filter_ = Filter.LINEAR if bare else picture.filter
        texture.filter = _FILTERS[filter_]
        if filter_ is Filter.MIPMAP:
            texture.build_mipmaps()  # room for the levels; what drivers write there differs
            for level, pixels in enumerate(levels[1:], 1):
                texture.write(pixels.tobytes(), level=level)
            texture.filter = _FILTERS[filter_]
        width, height, depth = picture.size
        return Bound(texture, (float(width), float(height), float(depth)))

    def _plane(self, picture: Standin) -> Any:
        height, width, components = picture.pixels.shape
        texture = self._context.texture((width, height), components, _bytes(picture), alignment=1)
        return _wrapped(texture, picture, "xy", _TEXTURE_2D)

    def _cube(self, picture: Standin) -> Any:
        _, height, width, components = picture.pixels.shape
        return self._context.texture_cube((width, height), components, _bytes(picture), alignment=1)

    def _volume(self, picture: Standin) -> Any:
        depth, height, width, components = picture.pixels.shape
        texture = self._context.texture3d(
            (width, height, depth), components, _bytes(picture), alignment=1
        )
        return _wrapped(texture, picture, "xyz", _TEXTURE_3D)


def _wrapped(texture: Any, picture: Standin, axes: str, target: int) -> Any:
    for axis in axes:
        setattr(texture, f"repeat_{axis}", picture.wrap is not Wrap.CLAMP)
    if picture.wrap is Wrap.MIRROR:
        texture.use(0)
        for axis in axes:
            _parameter_setter()(target, _TEXTURE_WRAP[axis], _MIRRORED_REPEAT)
    return texture


@cache
def _parameter_setter() -> Callable[[int, int, int], None]:
    """glTexParameteri: moderngl knows no mirrored wrap."""
    library = ctypes.CDLL("libEGL.so.1")
    library.eglGetProcAddress.restype = ctypes.c_void_p
    address = library.eglGetProcAddress(b"glTexParameteri")
    prototype = ctypes.CFUNCTYPE(None, ctypes.c_uint, ctypes.c_uint, ctypes.c_int)
    return prototype(address)


def _bytes(picture: Standin) -> bytes:
    return np.ascontiguousarray(picture.pixels).tobytes()
