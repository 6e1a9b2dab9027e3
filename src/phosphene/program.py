"""What a program is: frozen content under an id, apart from where it was met and what it renders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from phosphene.errors import UsageError


class Dialect(StrEnum):
    """The kinds of GLSL text that the front end understands."""

    SHADERTOY = "shadertoy"
    """`void mainImage(out vec4, in vec2)` with iTime, iResolution, iMouse, iChannel0-3."""
    GLSLSANDBOX = "glslsandbox"
    """`void main()` with `time`, `mouse`, `resolution` (glslsandbox.com, glsl.heroku.com)."""
    ISF = "isf"
    """Interactive Shader Format 2: a JSON header in a comment, `INPUTS`, `TIME`, `RENDERSIZE`."""
    TWIGL_CLASSIC = "twigl-classic"
    """twigl.app: `void main()` with `time`, `mouse`, `resolution`; GLSL ES 1.00."""
    TWIGL_GEEK = "twigl-geek"
    """twigl.app: as classic under the names `t`, `m`, `r`, `f`, `s`, `b`."""
    TWIGL_GEEKER = "twigl-geeker"
    """twigl.app: as geek, uniforms declared, `FC`, `o`, noise and colour helpers."""
    TWIGL_GEEKEST = "twigl-geekest"
    """twigl.app: as geeker, and `main` may be absent."""
    TWIGL_CLASSIC_300ES = "twigl-classic-300es"
    TWIGL_GEEK_300ES = "twigl-geek-300es"
    TWIGL_GEEKER_300ES = "twigl-geeker-300es"
    TWIGL_GEEKEST_300ES = "twigl-geekest-300es"
    COMPOSITION = "composition"
    """No text at all: other programs under an operator, see `Composition`."""

    @classmethod
    def of(cls, name: str) -> Dialect:
        """The dialect called `name`. Raises UsageError that lists the choices."""
        try:
            return cls(name)
        except ValueError:
            choices = ", ".join(cls)
            raise UsageError(f"`dialect` must be one of {choices}; got {name!r}") from None

    @classmethod
    def of_text(cls, name: str) -> Dialect:
        """The dialect of texts called `name`. Raises UsageError that lists the choices."""
        if name not in TEXT_DIALECTS:
            choices = ", ".join(TEXT_DIALECTS)
            raise UsageError(f"`dialect` must be one of {choices}; got {name!r}")
        return cls(name)


TEXT_DIALECTS = tuple(dialect for dialect in Dialect if dialect is not Dialect.COMPOSITION)
"""Those in which authors write."""


class ChannelKind(StrEnum):
    """What a program expects behind a sampler."""

    TEXTURE = "texture"
    CUBEMAP = "cubemap"
    VOLUME = "volume"
    BUFFER = "buffer"
    """Another pass, or this pass' previous frame: not served yet."""
    KEYBOARD = "keyboard"
    MUSIC = "music"
    """Music, a music stream or a microphone: a 512 x 2 texture of spectrum and waveform."""
    VIDEO = "video"
    """A film or a camera."""


class Wrap(StrEnum):
    """How a sampler continues beyond its edge."""

    CLAMP = "clamp"
    REPEAT = "repeat"
    MIRROR = "mirror"


class Filter(StrEnum):
    """How a sampler interpolates."""

    NEAREST = "nearest"
    LINEAR = "linear"
    MIPMAP = "mipmap"


PICTURED = "program:"
"""A channel's content that begins so is the picture of another program; its id follows."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One bound input (iChannel0 …): its kind, sampler settings and, where known, its content.

    `content` names the stand-in that suits what the author bound ("noise-rgba-256", "photo" …);
    empty: the default of the kind. `phosphene.channels` makes the pictures. "program:ID" is the picture
    of another program.
    """

    kind: ChannelKind
    content: str = ""
    wrap: Wrap = Wrap.REPEAT
    filter: Filter = Filter.MIPMAP
    vflip: bool = True
    picture: bytes = b""
    """What `content` = "program:ID" looks like: a PNG, its variants below each other. The bank fills it
    into the channels of modules; it is no part of a program."""

    @property
    def pictured(self) -> str | None:
        """Id of the program whose picture is bound; None: a stand-in is."""
        return self.content.removeprefix(PICTURED) if self.content.startswith(PICTURED) else None


@dataclass(frozen=True, slots=True)
class Composition:
    """Programs as arguments of a program.

    Attributes:
        operator: what is done with the parents (`phosphene.glsl.operators`). Its meaning never
            changes: another meaning gets another name.
        parents: ids of programs, in the order in which the operator takes them.
        parameters: name and value, sorted by name.
    """

    operator: str
    parents: tuple[str, ...]
    parameters: tuple[tuple[str, float], ...] = ()

    @property
    def values(self) -> dict[str, float]:
        """The parameters by name."""
        return dict(self.parameters)


@dataclass(frozen=True, slots=True)
class Tab:
    """One text of a program.

    `name` is "image", "common", "buffer a" … "buffer d", "cube a", "sound"; for dialects with several
    passes in one text, the only tab is "image".
    """

    name: str
    code: str
    channels: tuple[Channel | None, ...] = ()


@dataclass(frozen=True)
class Program:
    """Frozen content: a dialect and its tabs, or a composition. Its id is the hash of that alone."""

    dialect: Dialect
    tabs: tuple[Tab, ...]
    composition: Composition | None = None

    @classmethod
    def of(
        cls,
        dialect: Dialect,
        code: str,
        channels: tuple[Channel | None, ...] = (),
        common: str = "",
    ) -> Program:
        """A program of one pass."""
        tabs = (Tab("common", common),) if common else ()
        return cls(dialect, (*tabs, Tab("image", code, channels)))

    @classmethod
    def composed(
        cls, operator: str, parents: Sequence[str], parameters: Mapping[str, float] | None = None
    ) -> Program:
        """Other programs under an operator; see `Composition`."""
        values = tuple(sorted((parameters or {}).items()))
        return cls(Dialect.COMPOSITION, (), Composition(operator, tuple(parents), values))

    @property
    def image(self) -> Tab:
        """The tab that draws the picture. Raises UsageError where there is none."""
        for tab in self.tabs:
            if tab.name == "image":
                return tab
        raise UsageError("the program has no image tab")

    @property
    def common(self) -> str:
        """The text shared by all passes, prepended to each; may be empty."""
        return "\n".join(tab.code for tab in self.tabs if tab.name == "common")

    @cached_property
    def id(self) -> str:
        """32 hexadecimal digits: BLAKE2b of the content's canonical JSON."""
        return hashlib.blake2b(
            self.to_json().encode("utf-8", "replace"), digest_size=16
        ).hexdigest()

    def to_json(self) -> str:
        """The canonical text of the content, from which `from_json` makes an equal program."""
        content: dict[str, Any] = {"dialect": self.dialect.value}
        if self.composition is None:
            content["tabs"] = [
                [t.name, t.code, [_channel_row(c) for c in t.channels]] for t in self.tabs
            ]
        else:
            made = self.composition
            content |= {"operator": made.operator, "parents": made.parents}
            content["parameters"] = made.values
        return json.dumps(content, ensure_ascii=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Program:
        """The program whose `to_json` gave the text."""
        content = json.loads(text)
        if content["dialect"] == Dialect.COMPOSITION:
            return cls.composed(content["operator"], content["parents"], content["parameters"])
        tabs = tuple(
            Tab(name, code, tuple(_channel(row) for row in channels))
            for name, code, channels in content["tabs"]
        )
        return cls(Dialect(content["dialect"]), tabs)


def _channel_row(channel: Channel | None) -> list[Any] | None:
    if channel is None:
        return None
    return [
        channel.kind.value,
        channel.content,
        channel.wrap.value,
        channel.filter.value,
        int(channel.vflip),
    ]


def _channel(row: list[Any] | None) -> Channel | None:
    if row is None:
        return None
    kind, content, wrap, filter_, vflip = row
    return Channel(ChannelKind(kind), content, Wrap(wrap), Filter(filter_), bool(vflip))
