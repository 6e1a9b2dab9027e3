"""Word by word changes that make WebGL's GLSL acceptable as GLSL 4.50; lines stay where they are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from phosphene.glsl.lexer import DIRECTIVE, blank
from phosphene.glsl.words import OLD_FUNCTIONS, RESERVED, STAGE_NAMES, VALUE_TYPES

OWN = "my_"
"""Prefix of an author's name that had to step aside."""

_DROPPED_DIRECTIVES = frozenset({"version", "extension", "pragma", "line"})
_QUALIFIERS = frozenset({"smooth", "flat", "centroid", "invariant", "attribute", "varying"})

_WORD = re.compile(r"[A-Za-z_]\w*")
_PRECISIONS = frozenset({"lowp", "mediump", "highp"})
_SPECIAL = RESERVED | OLD_FUNCTIONS.keys() | _PRECISIONS | {"__VERSION__"}
_ONE_PARAMETER = re.compile(r"#[ \t]*define[ \t]+(\w+)\([ \t]*\w+[ \t]*\)")
_PRECISION = re.compile(
    r"\bprecision\s+(?:lowp|mediump|highp)\b(?:\s*(?:float|int|[iu]?sampler\w+))?[ \t]*;?"
    r"|\bprecision\s+(?:float|int)\s*;"
)
_QUALIFIED = re.compile(
    r"\s+(?:in|out|uniform|const|lowp|mediump|highp|" + "|".join(VALUE_TYPES) + r")\b"
)
_DEFINES_FUNCTION = (
    r"(?:#[ \t]*define[ \t]+{0}\b|\b(?:float|int|u?int|[iub]?vec[234]|mat\d)\s+{0}\s*\()"
)
_TEXTURE_VARIABLE = re.compile(r"\b(?:\w*sampler\w+|float|int|vec[234])\s+texture\s*[^\s(\w]")
_TEXTURE_NAME = re.compile(r"\btexture\b(?!\s*\()")


def modernise(text: str) -> str:
    """Clean text without version, extension and precision lines, its words made GLSL 4.50's.

    Reserved words that the author uses as names get a prefix, old texture functions their new
    names, `gl_FragCoord` and its like the globals of the assembled shader.
    """
    if "#" in text:
        text = _fill_empty_arguments(DIRECTIVE.sub(_directive, text))
    if "precision" in text:
        text = _PRECISION.sub(lambda m: " " + blank(m.group()), text)
    if "texture" in text and _TEXTURE_VARIABLE.search(text):
        text = _TEXTURE_NAME.sub(OWN + "texture", text)
    special = {
        word
        for word in set(_WORD.findall(text))
        if word in _SPECIAL or word.startswith(("gl_", "GL_"))
    }
    return re.sub(rf"\b(?:{'|'.join(sorted(special))})\b", _word, text) if special else text


def _fill_empty_arguments(text: str) -> str:
    """`S()` of a macro with one parameter as `S(ph_Nothing)`: glslang refuses an empty argument."""
    names = [name for name in set(_ONE_PARAMETER.findall(text)) if f"{name}(" in text]
    if not names:
        return text
    return re.sub(rf"\b({'|'.join(names)})\([ \t]*\)", r"\1(ph_Nothing)", text)


def _directive(match: re.Match[str]) -> str:
    return blank(match.group()) if match.group(1) in _DROPPED_DIRECTIVES else match.group()


def _word(match: re.Match[str]) -> str:
    word = match.group()
    if word in _PRECISIONS:
        return " "
    if word.startswith("gl_"):
        return STAGE_NAMES.get(word, word)
    if word.startswith("GL_") or word == "__VERSION__":
        return "PH_" + word.strip("_")  # glslang lets nobody define names that begin with GL_
    if word in OLD_FUNCTIONS:
        defined = re.search(_DEFINES_FUNCTION.format(word), match.string)
        return OWN + word if defined else OLD_FUNCTIONS[word]
    if word in _QUALIFIERS and _QUALIFIED.match(match.string, match.end()):
        return word
    return OWN + word


def rename(text: str, names: Iterable[str], prefix: str = OWN) -> str:
    """The text with a prefix before every word among `names`."""
    pattern = "|".join(map(re.escape, names))
    return re.sub(rf"\b(?:{pattern})\b", lambda m: prefix + m.group(), text) if pattern else text
