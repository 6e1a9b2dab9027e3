"""What a Shadertoy file says about a pass's inputs, as our channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from phosphene.program import Channel, ChannelKind, Filter, Wrap

_Setting = TypeVar("_Setting", Wrap, Filter)

_KINDS = {
    "texture": ChannelKind.TEXTURE,
    "cubemap": ChannelKind.CUBEMAP,
    "volume": ChannelKind.VOLUME,
    "buffer": ChannelKind.BUFFER,
    "keyboard": ChannelKind.KEYBOARD,
    "music": ChannelKind.MUSIC,
    "musicstream": ChannelKind.MUSIC,
    "mic": ChannelKind.MUSIC,
    "video": ChannelKind.VIDEO,
    "webcam": ChannelKind.VIDEO,
}

# The site's media by the first digits of their public file names, and by the names of its first years.
_CONTENTS = {
    "0c7bf5fe": "noise-gray-64",
    "0a405623": "noise-gray-256",
    "3083c722": "noise-rgba-64",
    "f735bee5": "noise-rgba-256",
    "cb49c003": "noise-blue",
    "85a6d686": "bayer",
    "08b42b43": "text",
    "27012b4e": "volume-gray",
    "aea6b99d": "volume-rgba",
    "tex10": "noise-gray-256",
    "tex11": "noise-rgba-64",
    "tex12": "noise-gray-64",
    "tex15": "bayer",
    "tex16": "noise-rgba-256",
    "tex21": "text",
}
_NUMBERED = {
    "texture": ("photo", 16),
    "cubemap": ("sky", 6),
    "video": ("photo", 16),
    "webcam": ("photo", 16),
}
_VOLUMES = ("volume-gray", "volume-rgba")


def channel_of(
    ctype: str, src: str = "", sampler: Mapping[str, Any] | None = None
) -> Channel | None:
    """The channel for one entry of `inputs`.

    Args:
        ctype: "texture", "cubemap", "buffer" … (key `ctype` in the API's files, `type` in the site's).
        src: path of the bound file (`src` or `filepath`); the site's noise textures, font and dither
            matrix get their own kind of stand-in, every other file one of several photos.
        sampler: `filter`, `wrap`, `vflip` as strings.

    Returns:
        None for a type that does not exist.
    """
    kind = _KINDS.get(ctype)
    if kind is None:
        return None
    settings = sampler or {}
    return Channel(
        kind,
        _content(ctype, src.rsplit("/", 1)[-1]),
        _choice(Wrap, settings.get("wrap"), Wrap.REPEAT),
        _choice(Filter, settings.get("filter"), Filter.MIPMAP),
        str(settings.get("vflip", "true")).lower() != "false",
    )


def _content(ctype: str, name: str) -> str:
    """The stand-in's name; empty for the usual one of the kind."""
    known = _CONTENTS.get(name.split(".")[0]) or _CONTENTS.get(name[:8])
    if known and (ctype == "volume") == (known in _VOLUMES) and ctype in ("texture", "volume"):
        return known
    if ctype not in _NUMBERED or not name:
        return ""
    stem, count = _NUMBERED[ctype]
    # Different files get different pictures, the same file always the same.
    return f"{stem}-{sum(name.encode('utf-8', 'replace')) % count}"


def _choice(choices: type[_Setting], value: Any, default: _Setting) -> _Setting:
    return choices(value) if value in list(choices) else default
