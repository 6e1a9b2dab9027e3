"""Turns an item into programs with their provenance. A pure function, run in workers."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

from phosphene.glsl import detect
from phosphene.licences import UNKNOWN
from phosphene.program import Dialect, Program
from phosphene.provenance import Basis, Provenance
from phosphene.sources import shadertoy_json
from phosphene.sources.captions import caption
from phosphene.sources.shadertoy_json import PUBLIC_AND_API, Shadertoy
from phosphene.sources.source import Context, Found, Item, Reading, Site, too_large
from phosphene.sources.statements import Statement, stated, strictest

NO_PROGRAM = "no program in it"
SHADERTOY_LICENCE = "CC-BY-NC-SA-3.0"
"""What the site's terms say of programs whose authors state nothing (shadertoy.com/terms)."""


def read(item: Item, context: Context) -> Reading:
    """The programs in an item.

    Never raises for bad content: the reason is in the reading.
    """
    problem = item.problem or too_large(len(item.data))
    if problem:
        return Reading(reason=problem)
    if not item.data.strip():
        return Reading(reason="empty")
    text = _decode(item.data)
    if text is None:
        return Reading(reason="binary")
    if context.dialect in (None, Dialect.SHADERTOY) and text.lstrip()[:1] in ("{", "["):
        reading = _from_json(text, item.key, context)
        if reading is not None:
            return reading
    return _from_text(text, item.key, context)


def _decode(data: bytes) -> str | None:
    """Text with plain line ends; None for what is not text. Bytes that are no UTF-8 become U+FFFD."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    elif b"\0" in data:
        return None
    else:
        text = data.decode("utf-8-sig", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _from_json(text: str, key: str, context: Context) -> Reading | None:
    """Reads Shadertoy's JSON. None for other text that begins like JSON, which may be GLSL."""
    try:
        content = json.loads(text, strict=False)
    except ValueError as error:
        return Reading(reason=f"invalid JSON: {error}") if '"renderpass"' in text else None
    except RecursionError:
        return Reading(reason="invalid JSON: nested too deeply")
    if isinstance(content, dict) and isinstance(content.get("Error"), str):
        return Reading(reason=f"the site answered: {content['Error']}")
    found, missing = [], ""
    for shader in shadertoy_json.shaders(content):
        parsed = shadertoy_json.parse(shader)
        if parsed is None:
            missing = "no code in its passes"
        elif context.site is Site.SHADERTOY_API and parsed.published not in (None, PUBLIC_AND_API):
            missing = "its author did not open it to the API"
        else:
            found.append(Found(parsed.program, _shadertoy_provenance(parsed, key, context)))
    return Reading(tuple(found), missing if found or missing else NO_PROGRAM)


def _shadertoy_provenance(shader: Shadertoy, key: str, context: Context) -> Provenance:
    texts = [("", shader.description), *((tab.code, "") for tab in shader.program.tabs)]
    found = [said for text in texts if (said := stated(*text))]
    said = strictest(found) if found else None
    site = (SHADERTOY_LICENCE, Basis.SITE_DEFAULT, "the site's terms")
    name, basis, words = (said.licence, Basis.STATED, said.words) if said else site
    location = key if shader.id in key else f"{key}#{shader.id}"
    return Provenance(
        context.origin, location, shader.author, shader.title, shader.year, name, basis, words
    )


def _from_text(text: str, key: str, context: Context) -> Reading:
    dialect = context.dialect or detect(text)
    if dialect is None:
        return Reading(reason=NO_PROGRAM)
    said = caption(text)
    name, basis, words = _licence(stated(text), context)
    title = said.title or PurePosixPath(key).stem
    provenance = Provenance(context.origin, key, said.author, title, said.year, name, basis, words)
    return Reading((Found(Program.of(dialect, text), provenance),))


def _licence(said: Statement | None, context: Context) -> tuple[str, Basis, str]:
    if said:
        return said.licence, Basis.STATED, said.words
    if context.licence:
        return context.licence, Basis.COLLECTION, context.statement
    return UNKNOWN, Basis.UNKNOWN, ""
