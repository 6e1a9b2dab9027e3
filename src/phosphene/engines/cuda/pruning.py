"""Leaves out the device functions that a program does not call: half of NVRTC's time is reading them.

Works on the layout of device/*.cuh: a definition is a run of lines in which brackets balance, a use
of a macro is a definition, too, and what stands between `#if…` and `#endif` is one piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[A-Za-z_]\w*")
_FUNCTION = re.compile(r"PH_(?:FN|CALL|EXACT) [\w<>,: ]+?[&*]? ?\b(\w+)\(")
_MACRO = re.compile(r"\bPH_(?:MAP[123]|FLOAT[123]|WHOLE2|COMPARE|DERIVATIVE)\((\w+)")
_USE = re.compile(r"PH_(?:MAP|FLOAT|WHOLE|COMPARE|DERIVATIVE|ORDER)\d?\(")
_BETWEEN_USES = re.compile(rf"(?<=\)) (?={_USE.pattern})")
_ORDER = frozenset({"min", "max", "clamp"})  # what PH_ORDER defines


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the device text: the functions it defines (none: always kept) and the words it uses."""

    text: str
    defines: frozenset[str]
    uses: frozenset[str]


def pieces(text: str) -> list[Piece]:
    """Takes device text apart."""
    return [_piece(part) for part in _parts(text)]


def _parts(text: str) -> Iterator[str]:
    lines: list[str] = []
    depth = conditional = 0
    for line in text.splitlines(keepends=True):
        lines.append(line)
        code = line.split("//")[0]
        conditional += code.startswith("#if") - code.startswith("#endif")
        if not line.startswith(("namespace", "}  // namespace")):
            depth += sum(code.count(c) for c in "({") - sum(code.count(c) for c in ")}")
        if depth <= 0 and conditional == 0 and not code.rstrip().endswith("\\"):
            yield from _uses_apart("".join(lines))
            lines, depth = [], 0
    if lines:
        yield "".join(lines)


def _uses_apart(part: str) -> list[str]:
    """The uses of macros that share a line, each by itself."""
    if not _USE.match(part):
        return [part]
    return _BETWEEN_USES.sub("\n", part).splitlines(keepends=True)


def _piece(text: str) -> Piece:
    code = re.sub(r"//.*", "", text)
    defines = set(_FUNCTION.findall(code)) | set(_MACRO.findall(code))
    if "PH_ORDER(" in code:
        defines |= _ORDER
    if "#define" in code or "struct " in code or "typedef" in code or "operator" in code:
        defines = set()
    return Piece(text, frozenset(defines), frozenset(_WORD.findall(code)))


def prune(device: Sequence[Piece], callers: str) -> str:
    """The pieces that text which calls them needs, in their order.

    Args:
        device: all pieces.
        callers: the program and its kernel.
    """
    wanted = set(_WORD.findall(callers))
    kept = {i for i, piece in enumerate(device) if not piece.defines}
    for i in kept:
        wanted |= device[i].uses
    waiting = [i for i in range(len(device)) if i not in kept]
    while found := [i for i in waiting if device[i].defines & wanted]:
        for i in found:
            wanted |= device[i].uses
        kept.update(found)
        waiting = [i for i in waiting if i not in kept]
    return "".join(device[i].text for i in sorted(kept))
