"""What a dialect is to the front end, and the way from an author's text that all dialects share.

To add a dialect: name it in `phosphene.program.Dialect`, write a `Front` for it in a file of its own,
and put it into the table in `phosphene.glsl.table`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from phosphene.errors import CompileError
from phosphene.glsl.assembly import Parts
from phosphene.glsl.declarations import (
    Interface,
    Value,
    drop_stray_semicolons,
    global_names,
    relax_constants,
    take_interface,
)
from phosphene.glsl.lexer import LONGEST, clean
from phosphene.glsl.rewrite import OWN, modernise, rename
from phosphene.glsl.zeroing import zero_unset
from phosphene.program import Channel, ChannelKind, Dialect, Program
from phosphene.uniforms import CHANNEL_COUNT, UNIFORMS

Texts = Sequence[tuple[str, str]]
"""Tab name and text of each tab that goes into the shader, in order."""

GIVEN = {u.name: Value(f"{u.glsl}[{u.length}]" if u.length else u.glsl, u.name) for u in UNIFORMS}
"""The uniform block's members, by name."""

_NAME = re.compile(r"[A-Za-z_]\w*")
_MAIN = re.compile(r"\bmain(?=\s*\()")
_CHANNEL = re.compile(r"iChannel([0-3])\Z")
_KINDS = {"samplerCube": ChannelKind.CUBEMAP, "sampler3D": ChannelKind.VOLUME}

AUTHOR_MAIN = "ph_AuthorMain"


class Front(Protocol):
    """A dialect, or a family of dialects that share one file."""

    @property
    def dialects(self) -> tuple[Dialect, ...]:
        """The dialects that this front understands."""

    def recognise(self, text: str) -> Dialect | None:
        """The dialect of a text, or None where it is none of this front's.

        Args:
            text: the text as found; `phosphene.glsl.lexer.clean` takes comments away.
        """

    def unserved(self, program: Program) -> str | None:
        """Why this version cannot render the program, in two or three words; None: it can."""

    def parts(self, program: Program) -> Parts:
        """What goes into the shader. Raises CompileError where the text lacks its entry."""


@dataclass(frozen=True)
class Offer:
    """What a dialect's host hands to its programs.

    Attributes:
        values: uniforms and varyings by name; a global where the author uses or declares them.
        functions: name → definition; added where the author calls them without defining them.
        macros: name → value.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)
    macros: Mapping[str, str] = field(default_factory=dict)


def author_texts(program: Program) -> Texts:
    """The program's common tab and image tab, cleaned; raises CompileError where one is too long."""
    tabs = [tab for tab in program.tabs if tab.name == "common"] + [program.image]
    for tab in tabs:
        if len(tab.code) > LONGEST:
            message = f"{len(tab.code):,} characters; a program may have {LONGEST:,}"
            raise CompileError(message, tab.name)
    return [(tab.name, clean(tab.code)) for tab in tabs]


def prepare(
    texts: Texts,
    offer: Offer,
    entry: Callable[[Interface], str],
    channels: Sequence[Channel | None] = (),
    keeps_names: bool = False,
    body_only: bool = False,
) -> Parts:
    """The parts of a shader: words modernised, declarations replaced, the host's offer added.

    Args:
        texts: cleaned.
        offer: of the dialect.
        entry: makes `void main() { … }` of what the author declares.
        channels: what the author bound.
        keeps_names: the dialect has the names of the uniform block for itself (Shadertoy); otherwise
            an author's global of such a name steps aside.
        body_only: the text is the body of `main`: what it declares is local.
    """
    prepared, found = [], Interface()
    for tab, text in texts:
        text = drop_stray_semicolons(zero_unset(modernise(text)))
        text = relax_constants(text, frozenset(GIVEN))
        text, more = take_interface(text, offer.values, GIVEN)
        _merge(found, more)
        prepared.append((tab, text))
    whole = "\n".join(text for _, text in prepared)
    words = set(_NAME.findall(whole))
    declared = set() if body_only else global_names(whole)
    clashes = set(found.clashes) | {name for name in offer.values if name in GIVEN}
    if not keeps_names:
        clashes |= {name for name in GIVEN if name in words and name in declared}
    prelude = list(found.names.values())
    # An author's macro of the same name may still mean ours: `#define TIME (TIME * 2.0)`.
    for name, value in offer.values.items():
        if name in words and name not in found.names and name not in declared:
            own = OWN + name if name in GIVEN else name
            prelude.append(f"{value.type} {own} = {value.expression};")
    for name, definition in offer.functions.items():
        if name in words and name not in declared:
            prelude.append(definition)
    if body_only:
        prelude.append(f"void {AUTHOR_MAIN}() {{")
    offered = {k: v for k, v in offer.macros.items() if k not in words or k not in declared}
    bound, aliases = _bind(found.samplers, channels)
    return Parts(
        [(tab, rename(text, clashes)) for tab, text in prepared],
        "}\n" * body_only + entry(found),
        bound,
        {**offered, **aliases},
        prelude,
    )


def _merge(found: Interface, more: Interface) -> None:
    found.names.update(more.names)
    found.samplers.update(more.samplers)
    found.outputs += more.outputs
    found.clashes += more.clashes


def _bind(
    samplers: Mapping[str, str], channels: Sequence[Channel | None]
) -> tuple[list[Channel | None], dict[str, str]]:
    """Channels with the author's own samplers added where one is free, and their names' macros."""
    bound = [*channels, *[None] * CHANNEL_COUNT][:CHANNEL_COUNT]
    aliases: dict[str, str] = {}
    for name, type_ in samplers.items():
        if match := _CHANNEL.match(name):
            index = int(match.group(1))
        else:
            index = bound.index(None) if None in bound else CHANNEL_COUNT - 1
            aliases[name] = f"iChannel{index}"
        bound[index] = bound[index] or Channel(_KINDS.get(type_, ChannelKind.TEXTURE))
    return bound, aliases


def with_author_main(texts: Texts) -> Texts:
    """The texts with the author's `main` under another name; raises CompileError without one."""
    renamed = [(tab, _MAIN.sub(AUTHOR_MAIN, text)) for tab, text in texts]
    if not any(AUTHOR_MAIN in text for _, text in renamed):
        raise CompileError("the program must define `void main()`")
    return renamed


def main_entry(found: Interface) -> str:
    """The entry that calls the author's `main` and takes the colour from wherever it went."""
    result = found.outputs[0] if found.outputs else "ph_FragColor"
    return f"void main() {{\n    {AUTHOR_MAIN}();\n    ph_Color = {result};\n}}"
