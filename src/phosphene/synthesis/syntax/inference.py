"""The types of expressions, where they are plain.

GLSL 4.50, chapters 5 and 8. None is always a right answer: what has it is not touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tree_sitter import Node

from phosphene.glsl.words import VALUE_TYPES, words
from phosphene.synthesis.syntax.parsing import Source, walk

TYPES = frozenset(VALUE_TYPES)

GIVEN = {
    **dict.fromkeys(("iTime", "iGlobalTime", "iTimeDelta", "iFrameRate", "time", "TIME"), "float"),
    **dict.fromkeys(("resolution", "mouse", "RENDERSIZE", "isf_FragNormCoord"), "vec2"),
    **dict.fromkeys(("iMouse", "iDate", "gl_FragCoord", "FC"), "vec4"),
    "iResolution": "vec3",
}
"""What hosts hand to programs, under all dialects' names that mean one type."""

LIKE_FIRST = frozenset(
    words(
        "radians degrees sin cos tan asin acos atan sinh cosh tanh pow exp log exp2 log2 sqrt inversesqrt ",
        "abs sign floor trunc round roundEven ceil fract mod min max clamp mix normalize reflect refract ",
        "faceforward dFdx dFdy fwidth",
    )
)
_LIKE_LAST = frozenset(("step", "smoothstep"))
_FLOATS = frozenset(("length", "distance", "dot", "determinant"))
_COMPARISONS = frozenset(words("< > <= >= == != && || ^^"))
_SWIZZLE = re.compile(r"[xyzw]{1,4}|[rgba]{1,4}|[stpq]{1,4}")
_FLOAT = re.compile(r"(?i)(?!0x)(\d+\.\d*|\.\d+|\d+(?=e|f))(e[-+]?\d+)?f?\Z")


@dataclass(frozen=True, slots=True)
class Signature:
    """A function's type: what it returns, and the types of its parameters with their qualifiers."""

    returns: str
    parameters: tuple[str, ...]


@dataclass
class Names:
    """What the names of a text mean.

    Attributes:
        functions: name → node of the definition and signature; None where there are several.
        globals: name → type; None where there are several.
        locals: id of a function's node → name → type, its parameters and all its variables.
    """

    functions: dict[str, tuple[Node, Signature] | None] = field(default_factory=dict)
    globals: dict[str, str | None] = field(default_factory=dict)
    locals: dict[int, dict[str, str | None]] = field(default_factory=dict)


def names_of(source: Source) -> Names:
    """Looks through all declarations of a text."""
    names = Names()
    for node in walk(source.root):
        if node.type == "function_definition":
            _add_function(names, source, node)
        elif node.type in ("declaration", "parameter_declaration"):
            around = source.function_around(node)
            scope = names.globals if around is None else names.locals.setdefault(around.id, {})
            type_ = node.child_by_field_name("type")
            for declared in node.children_by_field_name("declarator"):
                name, plain = _declared(source, declared)
                kind = source.text(type_) if type_ is not None and plain else None
                known = kind if kind in TYPES else None
                scope[name] = known if scope.get(name, known) == known else None
    return names


def _declared(source: Source, node: Node) -> tuple[str, bool]:
    """The name that a declarator declares, and whether it is no array."""
    plain = True
    while node.type != "identifier":
        plain = plain and node.type == "init_declarator"
        inner = node.child_by_field_name("declarator")
        if inner is None:
            break
        node = inner
    return source.text(node), plain


def _add_function(names: Names, source: Source, node: Node) -> None:
    declarator, type_ = node.child_by_field_name("declarator"), node.child_by_field_name("type")
    if declarator is None or type_ is None or declarator.type != "function_declarator":
        return
    name, parameters = (declarator.child_by_field_name(f) for f in ("declarator", "parameters"))
    if name is None or parameters is None:
        return
    described = []
    for parameter in parameters.named_children:
        own = parameter.child_by_field_name("declarator")
        end = own.start_byte if own is not None else parameter.end_byte
        words = source.data[parameter.start_byte : end].decode("utf-8", "replace").split()
        array = "[" if own is not None and own.type != "identifier" else ""
        described.append(" ".join(w for w in words if w not in ("in", "const")) + array)
    title = source.text(name)
    found = (node, Signature(source.text(type_), tuple(described)))
    names.functions[title] = None if title in names.functions else found


@dataclass(frozen=True)
class Inference:
    """Types of a text's expressions.

    Attributes:
        source: the text.
        names: what its names mean.
        beside: function → return type, of the other tabs.
        kept: what was found out about the text, by question.
    """

    source: Source
    names: Names
    beside: Mapping[str, str] = field(default_factory=dict)
    kept: dict[str, list[Node]] = field(default_factory=dict)
    _types: dict[int, str | None] = field(default_factory=dict)

    def type_of(self, node: Node | None) -> str | None:
        """The type of an expression; None where it is not plain."""
        if node is None:
            return None
        # Parts before the whole, so that sums of a thousand terms need no recursion.
        waiting = [(node, False)]
        while waiting:
            here, known_parts = waiting.pop()
            if here.id in self._types:
                continue
            if known_parts:
                rule = _RULES.get(here.type)
                self._types[here.id] = rule(self, here) if rule else None
            else:
                waiting.append((here, True))
                waiting.extend((part, False) for part in here.named_children)
        return self._types[node.id]

    def scope(self, node: Node) -> dict[str, str | None]:
        """Name → type, of the variables of the function around a node."""
        around = self.source.function_around(node)
        return self.names.locals.get(around.id, {}) if around is not None else {}

    def _number(self, node: Node) -> str | None:
        text = self.source.text(node)
        if _FLOAT.match(text):
            return "float"
        return "int" if text.isdigit() else None

    def _identifier(self, node: Node) -> str | None:
        name = self.source.text(node)
        for scope in (self.scope(node), self.names.globals, GIVEN):
            if name in scope:
                return scope[name]
        return None

    def _inner(self, node: Node) -> str | None:
        return self.type_of(node.named_children[0]) if node.named_child_count == 1 else None

    def _unary(self, node: Node) -> str | None:
        operator, argument = (
            node.child_by_field_name("operator"),
            node.child_by_field_name("argument"),
        )
        if operator is None or operator.type not in "+-":
            return "bool" if operator is not None and operator.type == "!" else None
        return self.type_of(argument)

    def _binary(self, node: Node) -> str | None:
        operator = node.child_by_field_name("operator")
        if operator is not None and operator.type in _COMPARISONS:
            return "bool"
        left = self.type_of(node.child_by_field_name("left"))
        right = self.type_of(node.child_by_field_name("right"))
        if left is None or right is None:
            return None
        if left == right:
            return left
        if "float" in (left, right):
            other = right if left == "float" else left
            return other if other.startswith(("vec", "mat")) else None
        sides = {left, right}
        for n in "234":
            if sides == {f"mat{n}", f"vec{n}"}:
                return f"vec{n}"
        return None

    def _call(self, node: Node) -> str | None:
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        if function is None or arguments is None or not arguments.named_children:
            return None
        name = self.source.text(function)
        if name in self.names.functions:
            known = self.names.functions[name]
            return known[1].returns if known and known[1].returns in TYPES else None
        if name in TYPES or name in self.beside:
            return name if name in TYPES else self.beside[name]
        if name in _FLOATS or name == "cross":
            return "vec3" if name == "cross" else "float"
        if name in LIKE_FIRST:
            kinds = [self.type_of(argument) for argument in arguments.named_children]
            return kinds[0] if kinds[0] != "int" else None
        return self.type_of(arguments.named_children[-1]) if name in _LIKE_LAST else None

    def _field(self, node: Node) -> str | None:
        part = node.child_by_field_name("field")
        inner = self.type_of(node.child_by_field_name("argument"))
        if part is None or inner is None or not inner.startswith("vec"):
            return None
        components = self.source.text(part)
        if not _SWIZZLE.fullmatch(components):
            return None
        return "float" if len(components) == 1 else f"vec{len(components)}"

    def _subscript(self, node: Node) -> str | None:
        inner = self.type_of(node.child_by_field_name("argument"))
        if inner is None or inner[:3] not in ("vec", "mat"):
            return None
        return "float" if inner.startswith("vec") else f"vec{inner[3]}" if len(inner) == 4 else None

    def _conditional(self, node: Node) -> str | None:
        return self.type_of(node.child_by_field_name("consequence"))


_RULES = {
    "number_literal": Inference._number,
    "identifier": Inference._identifier,
    "parenthesized_expression": Inference._inner,
    "unary_expression": Inference._unary,
    "binary_expression": Inference._binary,
    "call_expression": Inference._call,
    "field_expression": Inference._field,
    "subscript_expression": Inference._subscript,
    "conditional_expression": Inference._conditional,
}
