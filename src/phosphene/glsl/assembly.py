"""One fragment shader out of the parts of a program, and the way back from its lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from phosphene.glsl.lexer import defined_macros
from phosphene.program import Channel, ChannelKind
from phosphene.uniforms import CHANNEL_BINDING, CHANNEL_COUNT, glsl_block

_SAMPLERS = {ChannelKind.CUBEMAP: "samplerCube", ChannelKind.VOLUME: "sampler3D"}
_STAGE_GLOBALS = {
    "ph_FragColor": "vec4 ph_FragColor = vec4(0.0);",
    "ph_FragData": "vec4 ph_FragData[8] = vec4[8](vec4(0.0), vec4(0.0), vec4(0.0), vec4(0.0), "
    "vec4(0.0), vec4(0.0), vec4(0.0), vec4(0.0));",
    "ph_FragDepth": "float ph_FragDepth = 0.0;",
    "ph_Nothing": "#define ph_Nothing",
    "ph_FrontFacing": "const bool ph_FrontFacing = true;",
    "ph_PointCoord": "const vec2 ph_PointCoord = vec2(0.0);",
}
_CANVAS = (
    "vec4 ph_FragCoord = vec4(ph_PixelX * (gl_FragCoord.x - ph_Tile.x) "
    "+ ph_PixelY * (gl_FragCoord.y - ph_Tile.y) + ph_Origin, gl_FragCoord.zw);"
)


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one tab: where they begin in the shader (from 1) and in the author's text (from 1)."""

    start: int
    count: int
    tab: str
    line: int = 1


@dataclass(frozen=True, slots=True)
class Shader:
    """A complete GLSL 4.50 fragment shader, and where its lines come from.

    Attributes:
        text: the shader: uniform block, samplers at bindings 1 to 4, output at location 0.
        sections: the author's parts of it, in order.
        channels: what belongs to iChannel0 … 3: as the author bound it, and for dialects without
            such a list what the text itself declares.
    """

    text: str
    sections: tuple[Section, ...]
    channels: tuple[Channel | None, ...] = ()

    def locate(self, line: int) -> tuple[str, int]:
        """The tab and the author's line behind a line of `text` (both from 1).

        A line of the wrapper gives the nearest line of the author.
        """
        index = bisect_right([section.start for section in self.sections], line) - 1
        section = self.sections[max(index, 0)]
        offset = min(max(line - section.start, 0), section.count - 1)
        return section.tab, section.line + offset


@dataclass(frozen=True)
class Parts:
    """What a dialect makes of a program; `assemble` turns it into a shader.

    Attributes:
        texts: tab name and text, in order; the text cleaned, modernised, as many lines as its author's.
        entry: the text of `void main() { … }`; it writes `ph_Color`.
        channels: what is bound, for the samplers' types.
        macros: name (with parameters) → value, defined before the author's text unless the author defines the name.
        prelude: declarations between the uniforms and the author's text.
    """

    texts: Sequence[tuple[str, str]]
    entry: str
    channels: Sequence[Channel | None] = ()
    macros: Mapping[str, str] = field(default_factory=dict)
    prelude: Sequence[str] = ()


def sampler_type(channel: Channel | None) -> str:
    """The GLSL type of the sampler for a channel."""
    return _SAMPLERS.get(channel.kind, "sampler2D") if channel else "sampler2D"


def assemble(parts: Parts) -> Shader:
    """The shader: version, uniforms, prelude, the author's tabs, entry."""
    author = "\n".join(text for _, text in parts.texts)
    defined = defined_macros(author)
    channels = [*parts.channels, *[None] * CHANNEL_COUNT][:CHANNEL_COUNT]
    head = ["#version 450", glsl_block()]
    head += [
        f"layout(binding = {CHANNEL_BINDING + i}) uniform {sampler_type(channel)} iChannel{i};"
        for i, channel in enumerate(channels)
    ]
    head += ["layout(location = 0) out vec4 ph_Color;", _CANVAS]
    used = author + parts.entry
    head += [text for name, text in _STAGE_GLOBALS.items() if name in used]
    head += [
        f"#define {macro} {value}"
        for macro, value in parts.macros.items()
        if (name := macro.split("(")[0]) not in defined and name in author
    ]
    head += parts.prelude
    lines = "\n".join(head).split("\n")
    sections = []
    for tab, text in parts.texts:
        added = text.split("\n")
        sections.append(Section(len(lines) + 1, len(added), tab))
        lines += added
    lines += [f"#undef {name}" for name in sorted(defined & set(_WORD.findall(parts.entry)))]
    lines += parts.entry.split("\n")
    return Shader("\n".join(lines) + "\n", tuple(sections), tuple(channels))


_WORD = re.compile(r"\b(?!mainImage\b)[A-Za-z_]\w*")
