"""Zero for variables declared without a value, as WebGL gives it.

Browsers translate WebGL shaders with every unset local set to zero where it is declared (WebGL 1.0,
section 4.1 asks for no undefined data; ANGLE does it), so in a loop it is zero again in each turn. Many
programs lean on it (`for (float i; i++ < 9.;)`). In SPIR-V the place of the declaration is lost; this
has to happen on the text.
"""

from __future__ import annotations

import re

from phosphene.glsl.declarations import split
from phosphene.glsl.words import VALUE_TYPES

_TYPES = "|".join(sorted(VALUE_TYPES, key=len, reverse=True))
_DECLARATION = re.compile(
    # behind a statement, a brace, a line's beginning (maybe a macro's body) or `for (`
    rf"((?:(?<=[;{{}}])|^)[ \t]*|\bfor\s*\(\s*)\b({_TYPES})(\s+)([A-Za-z_][^;{{}}#]{{0,2000}};)",
    re.MULTILINE,
)
_BARE = re.compile(r"(\s*[A-Za-z_]\w*)(\s*(?:\\\n\s*)?)\Z")
_STRUCT = re.compile(r"\bstruct\b[^{;()]{0,200}\{[^}]*\}")


def zero_unset(text: str) -> str:
    """The (clean) text with `= T(0)` behind every scalar, vector or matrix declared without a value.

    Members of structs, arrays and parameters stay as they are; so do the lines.
    """
    parts, end = [], 0
    if "struct" in text:
        for match in _STRUCT.finditer(text):
            parts += [_zero(text[end : match.start()]), match.group()]
            end = match.end()
    return "".join([*parts, _zero(text[end:])])


def _zero(text: str) -> str:
    return _DECLARATION.sub(_declaration, text)


def _declaration(match: re.Match[str]) -> str:
    before, type_, space, rest = match.group(1, 2, 3, 4)
    body = rest[:-1]
    if "(" in body or ")" in body:
        depth = 0
        for char in body:
            depth += (char == "(") - (char == ")")
            if depth < 0:  # a parameter list, cut at the end of a later statement
                return match.group()
    out = []
    for part in split(body):
        bare = _BARE.match(part)
        out.append(f"{bare.group(1)} = {type_}(0){bare.group(2)}" if bare else part)
    return f"{before}{type_}{space}{','.join(out)};"
