"""ISF generators: Interactive Shader Format 2, https://docs.isf.video, with inputs at their defaults."""

from __future__ import annotations

import re
from typing import Any

from phosphene.errors import CompileError
from phosphene.glsl.assembly import Parts
from phosphene.glsl.declarations import CANVAS_UV, Value
from phosphene.glsl.front import Offer, author_texts, main_entry, prepare, with_author_main
from phosphene.glsl.isf_header import default, entries, header
from phosphene.glsl.rewrite import modernise
from phosphene.program import Channel, ChannelKind, Dialect, Program
from phosphene.uniforms import CHANNEL_COUNT

_CHANNEL = re.compile(r"iChannel([0-3])\Z")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*\Z")
_NORMALISED = Value("vec2", CANVAS_UV)

VALUES = {
    "TIME": Value("float", "iTime"),
    "TIMEDELTA": Value("float", "iTimeDelta"),
    "FRAMEINDEX": Value("int", "iFrame"),
    "RENDERSIZE": Value("vec2", "iResolution.xy"),
    "DATE": Value("vec4", "iDate"),
    "PASSINDEX": Value("int", "0"),
    "isf_FragNormCoord": _NORMALISED,
    "vv_FragNormCoord": _NORMALISED,
    "isf_FragCoord": Value("vec2", "ph_FragCoord.xy"),
    "vv_FragCoord": Value("vec2", "ph_FragCoord.xy"),
}
"""What a host declares."""

MACROS = {
    "PH_GL_ES": "1",
    "PH_VERSION": "150",
    "iGlobalTime": "iTime",
}

_HERE = "IMG_THIS_PIXEL IMG_THIS_NORM_PIXEL IMG_NORM_THIS_PIXEL"

FUNCTIONS = {
    "IMG_PIXEL": "vec4 IMG_PIXEL(sampler2D image, vec2 at) "
    "{ return texture(image, at / vec2(textureSize(image, 0))); } "
    "vec4 IMG_PIXEL(sampler2D image, vec2 at, float bias) { return IMG_PIXEL(image, at); }",
    "IMG_NORM_PIXEL": "vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at) { return texture(image, at); } "
    "vec4 IMG_NORM_PIXEL(sampler2D image, vec2 at, float bias) { return texture(image, at, bias); } "
    "vec4 IMG_NORM_PIXEL(samplerCube image, vec3 at) { return texture(image, at); } "
    "vec4 IMG_NORM_PIXEL(sampler3D image, vec3 at) { return texture(image, at); }",
    "IMG_SIZE": "vec2 IMG_SIZE(sampler2D image) { return vec2(textureSize(image, 0)); }",
    **{
        name: f"vec4 {name}(sampler2D image) {{ return texture(image, {CANVAS_UV}); }}"
        for name in _HERE.split()
    },
}
"""Reading a picture; hosts take a bias, too, as converted Shadertoy programs have one."""

_REASONS = {
    "image": "needs a picture",
    "cube": "needs a picture",
    "audio": "needs sound",
    "audiofft": "needs sound",
}
_PERSISTENT = ("PERSISTENT", "persistent")


class Isf:
    """Programs that begin with a JSON header in a comment."""

    dialects = (Dialect.ISF,)

    def recognise(self, text: str) -> Dialect | None:
        """The header tells."""
        return Dialect.ISF if header(text) is not None else None

    def unserved(self, program: Program) -> str | None:
        """Filters (an image input), sound, several passes, persistent buffers."""
        content = header(program.image.code) or {}
        passes = entries(content, "PASSES")
        if content.get("PERSISTENT_BUFFERS") or any(p.get(k) for p in passes for k in _PERSISTENT):
            return "feedback"
        for entry in entries(content, "INPUTS"):
            if reason := _REASONS.get(str(entry.get("TYPE")).lower()):
                return reason
        if len(passes) > 1 or any(p.get("TARGET") for p in passes):
            return "several passes"
        return None

    def parts(self, program: Program) -> Parts:
        """The text behind the header, its inputs as globals with their defaults."""
        content = header(program.image.code)
        if content is None:
            raise CompileError("an ISF program must begin with its JSON header, /*{ … }*/", line=1)
        values = {**VALUES, **dict(_inputs(content))}
        channels, names = _pictures(content)
        offer = Offer(values, FUNCTIONS, {**MACROS, **names})
        texts = with_author_main(author_texts(program))
        return prepare(texts, offer, main_entry, channels)


def _name(entry: dict[str, Any]) -> str:
    """The entry's name as it reads in the modernised text; empty where it is no GLSL name."""
    name = str(entry.get("NAME", ""))
    return modernise(name) if _IDENTIFIER.match(name) else ""


def _inputs(content: dict[str, Any]) -> list[tuple[str, Value]]:
    return [(name, _input(e)) for e in entries(content, "INPUTS") if (name := _name(e))]


def _input(entry: dict[str, Any]) -> Value:
    """An input's GLSL type and default, as text."""
    match str(entry.get("TYPE")).lower():
        case "bool" | "event":
            return Value("bool", "true" if default(entry, 1)[0] else "false")
        case "long":
            return Value("int", str(_choice(entry)))
        case "color":
            return Value("vec4", _vector(default(entry, 4)))
        case "point2d":
            return Value("vec2", _vector(default(entry, 2)))
        case _:
            return Value("float", repr(default(entry, 1)[0]))


def _choice(entry: dict[str, Any]) -> int:
    if entry.get("DEFAULT") is None and isinstance(values := entry.get("VALUES"), list) and values:
        entry = {"DEFAULT": values[0]}
    return int(max(-2e9, min(2e9, default(entry, 1)[0])))


def _vector(numbers: list[float]) -> str:
    return f"vec{len(numbers)}({', '.join(map(repr, numbers))})"


def _pictures(content: dict[str, Any]) -> tuple[list[Channel | None], dict[str, str]]:
    """Stand-ins for imported pictures, and the macros that lead from their names to the samplers."""
    channels: list[Channel | None] = [None] * CHANNEL_COUNT
    macros: dict[str, str] = {}
    # Those converted from Shadertoy are called iChannel0 … already and keep their place.
    for entry in sorted(entries(content, "IMPORTED"), key=lambda e: not _CHANNEL.match(_name(e))):
        name = _name(entry)
        if match := _CHANNEL.match(name):
            index = int(match.group(1))
        elif name:
            index = channels.index(None) if None in channels else CHANNEL_COUNT - 1
            macros[name] = f"iChannel{index}"
        else:
            continue
        channels[index] = channels[index] or _picture(entry)
    return channels, macros


def _picture(entry: dict[str, Any]) -> Channel:
    path = entry.get("PATH")
    if isinstance(path, list) or str(entry.get("TYPE")).lower() == "cube":
        return Channel(ChannelKind.CUBEMAP)
    noisy = "noise" in str(path).lower()
    return Channel(ChannelKind.TEXTURE, "noise-rgba-256" if noisy else "")
