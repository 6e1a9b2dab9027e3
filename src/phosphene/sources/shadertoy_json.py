"""Shadertoy's JSON: the site's own form of a program with its passes and inputs.

Met with and without a {"Shader": …} wrapper, singly and in lists, as the API gives it, as the site's
pages load it, and as several downloaders store it. Documented at shadertoy.com/howto ("API").
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from phosphene.channels import channel_of
from phosphene.program import Channel, ChannelKind, Dialect, Program, Tab

PUBLIC_AND_API = 3
"""`info.published` of programs that their author opened to the API."""

_BUFFERS = {"4dXGR8": "buffer a", "XsXGR8": "buffer b", "4sXGR8": "buffer c", "XdfGR8": "buffer d"}
"""A buffer's output id → its tab, for files whose passes have no usable name."""
_BUFFER_FILE = re.compile(r"buffer0([0-3])\.png")
_ORDER = ("common", "buffer a", "buffer b", "buffer c", "buffer d", "cube a", "image", "sound")


@dataclass(frozen=True, slots=True)
class Shadertoy:
    """One program of the site, and what the site says of it."""

    id: str
    program: Program
    author: str = ""
    title: str = ""
    year: int | None = None
    description: str = ""
    published: int | None = None


def shaders(content: Any) -> Iterator[Mapping[str, Any]]:
    """The shader objects in parsed JSON, however they are wrapped."""
    if isinstance(content, list):
        for part in content:
            yield from shaders(part)
    elif isinstance(content, dict):
        if isinstance(content.get("renderpass"), list):
            yield content
        elif "Shader" in content:
            yield from shaders(content["Shader"])
        elif isinstance(content.get("shaders"), list):
            yield from shaders(content["shaders"])


def parse(shader: Mapping[str, Any]) -> Shadertoy | None:
    """One shader object; None where it has no code.

    All passes are kept, so that a program that cannot be served yet is whole once it can.
    """
    tabs: dict[str, Tab] = {}
    for number, renderpass in enumerate(shader["renderpass"]):
        if isinstance(renderpass, dict) and isinstance(renderpass.get("code"), str):
            name = _tab_name(renderpass, number)
            while name in tabs:
                name += "'"
            tabs[name] = Tab(name, _plain_lines(renderpass["code"]), _channels(renderpass))
    kept = [tab for tab in tabs.values() if tab.name == "image" or tab.code.strip()]
    if not any(tab.code.strip() for tab in kept):
        return None
    kept.sort(key=lambda tab: (_place(tab.name), tab.name))
    info = shader.get("info")
    return _described(info if isinstance(info, dict) else {}, kept)


def _described(info: Mapping[str, Any], tabs: list[Tab]) -> Shadertoy:
    published = info.get("published")
    return Shadertoy(
        str(info.get("id") or ""),
        Program(Dialect.SHADERTOY, tuple(tabs)),
        str(info.get("username") or "")[:100],
        " ".join(str(info.get("name") or "").split())[:200],
        _year(info.get("date")),
        str(info.get("description") or ""),
        published if isinstance(published, int) else None,
    )


def _tab_name(renderpass: Mapping[str, Any], number: int) -> str:
    kind = str(renderpass.get("type") or "").lower()
    name = str(renderpass.get("name") or "").lower()
    if kind == "buffer" or (not kind and name.startswith("buf")):
        if name[-2:-1] == " " and name[-1:] in "abcd":
            return f"buffer {name[-1]}"
        outputs = renderpass.get("outputs") or [{}]
        first = outputs[0] if isinstance(outputs, list) and isinstance(outputs[0], dict) else {}
        return _BUFFERS.get(str(first.get("id")), f"buffer {number}")
    if kind == "cubemap":
        return "cube a"
    if kind in ("common", "sound", "image"):
        return kind
    return name if name in _ORDER else "image"


def _place(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _channels(renderpass: Mapping[str, Any]) -> tuple[Channel | None, ...]:
    """What is bound to iChannel0 … 3, without the empty ones at the end."""
    bound: list[Channel | None] = [None] * 4
    inputs = renderpass.get("inputs")
    for entry in inputs if isinstance(inputs, list) else ():
        if not isinstance(entry, dict):
            continue
        number = entry.get("channel")
        if isinstance(number, int) and 0 <= number < 4:
            bound[number] = _channel(entry)
    while bound and bound[-1] is None:
        bound.pop()
    return tuple(bound)


def _channel(entry: Mapping[str, Any]) -> Channel | None:
    """One input. Of a buffer the content is the tab that fills it."""
    kind = str(entry.get("type") or entry.get("ctype") or "").lower()
    file = str(entry.get("filepath") or entry.get("src") or "")
    sampler = entry.get("sampler")
    channel = channel_of(kind, file, sampler if isinstance(sampler, dict) else None)
    if channel is None or channel.kind is not ChannelKind.BUFFER:
        return channel
    numbered = _BUFFER_FILE.search(file)
    tab = f"buffer {'abcd'[int(numbered[1])]}" if numbered else ""
    return replace(channel, content=_BUFFERS.get(str(entry.get("id")), tab))


def _plain_lines(code: str) -> str:
    return code.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _year(date: object) -> int | None:
    """The site gives seconds since 1970, as text."""
    try:
        moment = datetime.datetime.fromtimestamp(float(str(date)), tz=datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.year if moment.year > 2000 else None
