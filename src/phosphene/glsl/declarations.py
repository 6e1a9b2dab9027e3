"""What an author declares outside functions: uniforms, varyings, outputs, constants.

WebGL hands these over from the page; here each becomes a global with a value, on its own line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from phosphene.glsl.lexer import DIRECTIVE, blank
from phosphene.glsl.rewrite import OWN
from phosphene.glsl.words import FOLDED_FUNCTIONS, SAMPLER_TYPES, VALUE_TYPES

# Repetitions are bounded, so that hostile texts take no quadratic time.
_INTERFACE = re.compile(
    r"(?:\blayout\s*\([^)]{0,200}\)\s*)?\b(?:(?:flat|smooth|centroid|invariant|const)\s+){0,3}"
    r"(?:(uniform|varying|attribute)\s+(\w+)\s+([^;{}]{1,1000});"
    r"|\b(in|out)\s+(\w+)\s+([^;{}()=]{1,1000});)"
)
_MARKS = re.compile(r"\b(?:uniform|varying|attribute|in|out)\b")
_CONSTANT = re.compile(
    r"\bconst(\s+(\w+)(?:\s*\[[^\]]{0,200}\])?\s+(\w+)[^=;(){}]{0,200}=([^;{}=]{0,4000});)"
)
_CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
_STRUCT = re.compile(r"\bstruct\s+(\w+)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_DECLARATOR = re.compile(r"\s*([A-Za-z_]\w*)\s*((?:\[[^\]]*\]\s*)*)(?:=\s*(.*))?\Z", re.DOTALL)
_ALIAS = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+([A-Za-z_]\w*)[ \t]*$", re.MULTILINE)
_BRACES = re.compile(r"\{[^{}]*\}")
_ROUND = re.compile(r"\([^()]*\)")
_SQUARE = re.compile(r"\[[^][]*\]")
_DEEPEST = 40
_BRACE = re.compile(r"[{}]")
_STRAY = re.compile(r"\}\s*;")
_HEAD_END = re.compile(r"\)\s*\Z")
_SIZES = {"float": 1, "vec2": 2, "vec3": 3, "vec4": 4}
_PADDING = (0.0, 0.0, 0.0, 1.0)

ALIASES = {
    "time": "time",
    "globaltime": "time",
    "resolution": "resolution",
    "res": "resolution",
    "mouse": "mouse",
    "rendersize": "resolution",
    "screensize": "resolution",
}
"""Names that pages of many kinds give to the same three uniforms, without `u_`, `i` and case."""

CANVAS_UV = "(ph_FragCoord.xy / iResolution.xy)"


@dataclass(frozen=True, slots=True)
class Value:
    """A GLSL type and an expression of that type."""

    type: str
    expression: str

    def converted(self, type_: str) -> str:
        """The expression as another type; a wider vector is filled with zeros, its w with 1."""
        have, want = _SIZES.get(self.type, 0), _SIZES.get(type_, 0)
        if self.type == type_:
            return self.expression
        if not have or want <= have or have == 1:
            return f"{type_}({self.expression})"
        filling = ", ".join(str(value) for value in _PADDING[have:want])
        return f"{type_}({self.expression}, {filling})"


@dataclass
class Interface:
    """What was found while `take_interface` went through a text.

    Attributes:
        names: author's names that a value of the dialect stands for → its declaration.
        samplers: author's sampler names → sampler type, in order.
        outputs: names of the author's `out` globals, in order.
        clashes: names of the shader's own that the author declares as something else.
    """

    names: dict[str, str] = field(default_factory=dict)
    samplers: dict[str, str] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)


def take_interface(
    text: str, values: Mapping[str, Value], given: Mapping[str, Value]
) -> tuple[str, Interface]:
    """Replaces uniform, varying, in and out declarations outside functions.

    Args:
        text: clean, modernised.
        values: what the dialect offers, by name.
        given: what the shader declares anyway (iTime …): those declarations vanish, unless
            the author gives it another type.

    Returns:
        The text, on the same lines, and what was found. Unknown uniforms become zeros, unknown
        varyings the position on the canvas in 0..1.
    """
    found = Interface()
    if not _MARKS.search(text):
        return text, found
    macros = {  # `#define res resolution`, then `uniform vec2 res;`
        name: value
        for name, value in _ALIAS.findall(text)
        if name not in values and value in values
    }

    def replace(match: re.Match[str]) -> str:
        kind, type_, rest = match.group(1, 2, 3) if match.group(1) else match.group(4, 5, 6)
        kept = [
            declaration
            for name, array, initial in declarators(rest)
            if (
                declaration := _declare(
                    found, values, given, kind, type_, macros.get(name, name), array, initial
                )
            )
        ]
        return " ".join(kept) + blank(match.group())

    return _INTERFACE.sub(replace, text), found


def _declare(
    found: Interface,
    values: Mapping[str, Value],
    given: Mapping[str, Value],
    kind: str,
    type_: str,
    name: str,
    array: str,
    initial: str,
) -> str:
    """The global that stands in the declaration's place; empty where the prelude declares it."""
    if type_ in SAMPLER_TYPES:
        found.samplers.setdefault(name, type_)
        return ""
    if name in given:
        if type_ != given[name].type and not array:
            found.clashes.append(name)
            found.names[name] = f"{type_} {OWN}{name} = {given[name].converted(type_)};"
        return ""
    if kind == "out":
        found.outputs.append(name)
    elif name in values and not array:
        found.names[name] = f"{type_} {name} = {values[name].converted(type_)};"
        return ""
    if array or type_ not in VALUE_TYPES:
        return f"{type_} {name}{array};"
    alias = values.get(
        ALIASES.get(re.sub(r"^(u_|u(?=[A-Z])|i(?=[A-Z])|_)|_", "", name).lower(), "")
    )
    if initial:
        value = initial
    elif kind in ("varying", "in") and type_ in _SIZES:
        value = Value("vec2", CANVAS_UV).converted(type_) if type_ != "float" else "0.0"
    elif kind == "uniform" and alias:
        value = alias.converted(type_)
    else:
        value = f"{type_}(0)"
    return f"{type_} {name} = {value};"


def declarators(text: str) -> Iterator[tuple[str, str, str]]:
    """Name, array suffix and initialiser of each of `a, b[2], c = f(1, 2)`."""
    for part in split(text):
        if match := _DECLARATOR.match(part):
            yield match.group(1), match.group(2).strip(), (match.group(3) or "").strip()


def split(text: str) -> list[str]:
    """The text cut at commas outside of brackets."""
    if "(" not in text and "[" not in text and "{" not in text:
        return text.split(",")
    parts, depth, start = [], 0, 0
    for i, char in enumerate(text):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]


def relax_constants(text: str, variable: frozenset[str]) -> str:
    """Takes `const` from constants that glslang cannot fold: function calls, `variable` names."""
    if "const" not in text:
        return text
    structs = set(_STRUCT.findall(text))
    loose = set(variable)

    def replace(match: re.Match[str]) -> str:
        value = match.group(4)
        calls = set(_CALL.findall(value)) - FOLDED_FUNCTIONS - structs
        if not calls and loose.isdisjoint(_NAME.findall(value)):
            return match.group()
        loose.add(match.group(3))
        return match.group(1)

    return _CONSTANT.sub(replace, text)


def drop_stray_semicolons(text: str) -> str:
    """Blanks the `;` behind a function's body, which GLSL 4.50 refuses outside of functions."""
    if not _STRAY.search(text):
        return text
    strays, depth, function = [], 0, False
    for match in _BRACE.finditer(text):
        if match.group() == "{":
            if depth == 0:
                function = (
                    _HEAD_END.search(text, max(0, match.start() - 100), match.start()) is not None
                )
            depth += 1
        else:
            depth = max(depth - 1, 0)
            stray = _STRAY.match(text, match.start())
            if depth == 0 and function and stray:
                strays.append(stray.end() - 1)
    characters = list(text)
    for at in strays:
        characters[at] = " "
    return "".join(characters)


def global_names(text: str) -> set[str]:
    """Names of variables and functions that the text declares outside of braces and parentheses."""
    text = DIRECTIVE.sub("", text)
    for pattern, empty in ((_BRACES, ";"), (_ROUND, "<>"), (_SQUARE, "")):
        for _ in range(_DEEPEST):
            text, count = pattern.subn(empty, text)
            if not count:
                break
    names: set[str] = set()
    for statement in re.split("[;{}]", text):
        first, *others = statement.split(",")
        head = _NAME.findall(re.split("[=<]", first, maxsplit=1)[0])
        if len(head) > 1:
            names.add(head[-1])
            names.update(name for part in others for name in _NAME.findall(part)[:1])
    return names
