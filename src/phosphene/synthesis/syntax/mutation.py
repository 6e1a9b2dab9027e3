"""Mutation: a few small changes to a program's text, each of which keeps its types.

A kind of change is a function that finds one place for it and gives back an edit, listed in CHANGES with
how often it is drawn. To add one: write it, list it, prove it in `tests/test_synthesis_mutation.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from tree_sitter import Node

from phosphene.errors import UnservedError
from phosphene.program import Program
from phosphene.synthesis.draws import Draws
from phosphene.synthesis.syntax.inference import TYPES, Inference, Names, names_of
from phosphene.synthesis.syntax.parsing import Edit, Source
from phosphene.synthesis.syntax.sites import expressions, statements, steering

MOST_CHANGES = 4
"""Of one child; at least two are tried."""

_SPREAD = 0.45
"""Standard deviation of the logarithm of the factor by which a constant is changed."""

_LONGEST_COPY = 160
"""Bytes of an expression that takes another's place."""

_GROUPS = (
    ("sin", "cos"),
    ("abs", "sin", "cos", "fract", "floor"),
    ("floor", "ceil", "round", "fract"),
    ("sqrt", "abs", "exp2", "sin"),
    ("min", "max"),
    ("mod", "min", "max"),
    ("atan", "sin", "tanh"),
)
"""Built-in functions of one type: arguments and result stay what they were."""

_OPERATORS = {"+": ("-", "*"), "-": ("+", "*"), "*": ("+", "-"), "/": ("*", "+")}
_ASSIGNMENTS = {"+=": ("-=",), "-=": ("+=",), "*=": ("+=",), "/=": ("*=",)}

Change = Callable[[Inference, Draws], list[Edit]]


def mutate(program: Program, draws: Draws) -> Program:
    """A child of one program. Whether it compiles is for the caller to find out.

    Args:
        program: a text of any dialect.
        draws: what decides.

    Raises:
        UnservedError: the program is no text, or nothing in it can be changed.
    """
    sources = [Source(tab.code) for tab in program.tabs]
    if not sources:
        raise UnservedError("a composition has no text to change")
    names = [names_of(source) for source in sources]
    beside = _beside(names)
    types = [Inference(s, n, beside) for s, n in zip(sources, names, strict=True)]
    edits: dict[int, list[Edit]] = {}
    for _ in range(2 + draws.below(MOST_CHANGES - 1)):
        tab = draws.weighted(range(len(sources)), [1 + len(source.data) for source in sources])
        change = draws.weighted(
            [change for change, _ in CHANGES], [weight for _, weight in CHANGES]
        )
        edits.setdefault(tab, []).extend(change(types[tab], draws))
    tabs = tuple(
        replace(tab, code=sources[n].edited(edits.get(n, ()))) for n, tab in enumerate(program.tabs)
    )
    if tabs == program.tabs:
        raise UnservedError("nothing in the program can be changed")
    return replace(program, tabs=tabs)


def _beside(tabs: list[Names]) -> dict[str, str]:
    """Function → return type, over all tabs."""
    found = {}
    for names in tabs:
        for name, known in names.functions.items():
            if known is not None and known[1].returns in TYPES:
                found[name] = known[1].returns
    return found


def _pick(draws: Draws, nodes: list[Node]) -> Node | None:
    return draws.pick(nodes) if nodes else None


def _constants(types: Inference, draws: Draws) -> list[Edit]:
    """One number in five is changed by a factor, one at least."""
    places = [
        node
        for node in expressions(types)
        if node.type == "number_literal" and types.type_of(node) == "float"
    ]
    first = _pick(draws, places)
    chosen = [node for node in places if node is first or draws.chance(0.2)]
    return [_replaced(node, _perturbed(types.source.text(node), draws)) for node in chosen]


def _perturbed(text: str, draws: Draws) -> str:
    value = float(text.rstrip("fF"))
    normal = math.sqrt(-2 * math.log(1 - draws.unit())) * math.cos(2 * math.pi * draws.unit())
    if value == 0.0:
        value = 0.2 * normal
    value *= math.exp(_SPREAD * normal)
    written = f"{value:.4g}"
    number = written if any(c in written for c in ".e") else f"{written}."
    return f"({number})" if number.startswith("-") else number


def _operator(types: Inference, draws: Draws) -> list[Edit]:
    """+, -, * and / for each other, between numbers and vectors: matrices multiply otherwise."""
    places = []
    for node in expressions(types):
        operator = (
            node.child_by_field_name("operator") if node.type == "binary_expression" else None
        )
        if operator is None or operator.type not in _OPERATORS:
            continue
        sides = [types.type_of(node.child_by_field_name(side)) for side in ("left", "right")]
        if all(side == "float" or (side or "").startswith("vec") for side in sides):
            places.append(operator)
    return _swapped(draws, places, _OPERATORS)


def _assignment(types: Inference, draws: Draws) -> list[Edit]:
    places = []
    for node in statements(types):
        operator = node.named_children[0].child_by_field_name("operator")
        kind = types.type_of(node.named_children[0].child_by_field_name("left"))
        if (
            operator is not None
            and operator.type in _ASSIGNMENTS
            and kind in ("float", "vec2", "vec3")
        ):
            places.append(operator)
    return _swapped(draws, places, _ASSIGNMENTS)


def _swapped(draws: Draws, places: list[Node], table: Mapping[str, tuple[str, ...]]) -> list[Edit]:
    node = _pick(draws, places)
    return [] if node is None else [_replaced(node, f" {draws.pick(table[node.type])} ")]


def _function(types: Inference, draws: Draws) -> list[Edit]:
    """A function for one of the same type: a built-in one, or the author's."""
    places: list[tuple[Node, str]] = []
    for node in expressions(types):
        function = node.child_by_field_name("function") if node.type == "call_expression" else None
        if function is None:
            continue
        name = types.source.text(function)
        others = {other for group in _GROUPS if name in group for other in group}
        known = types.names.functions.get(name)
        if known is not None:
            same = types.names.functions.items()
            others = {
                n for n, f in same if f and f[1] == known[1] and f[0].end_byte < node.start_byte
            }
        places += [(function, other) for other in sorted(others - {name})]
    if not places:
        return []
    function, other = draws.pick(places)
    return [_replaced(function, other)]


def _components(types: Inference, draws: Draws) -> list[Edit]:
    """The components of a vector in another order."""
    places = [n for n in expressions(types) if types.type_of(n) in ("vec2", "vec3")]
    node = _pick(draws, [n for n in places if n.type != "binary_expression"])
    if node is None:
        return []
    order = draws.pick(("yx",) if types.type_of(node) == "vec2" else ("yzx", "zxy", "zyx", "yxz"))
    return [_replaced(node, f"({types.source.text(node)}).{order}")]


def _subtree(types: Inference, draws: Draws) -> list[Edit]:
    """An expression for another one of the same type that stands before it in the same function."""
    target = _pick(draws, [n for n in expressions(types) if types.type_of(n) in TYPES])
    if target is None:
        return []
    kind, around = types.type_of(target), types.source.function_around(target)
    before = [
        node
        for node in expressions(types)
        if node.end_byte <= target.start_byte
        and node.end_byte - node.start_byte <= _LONGEST_COPY
        and types.type_of(node) == kind
        and types.source.function_around(node) == around
    ]
    source = _pick(draws, before)
    return [] if source is None else [_replaced(target, f"({types.source.text(source)})")]


def _dropped(types: Inference, draws: Draws) -> list[Edit]:
    """A statement that changes a variable, left out."""
    steers = steering(types.source.root)
    places = [n for n in statements(types) if not _sets(types, n) and n.id not in steers]
    node = _pick(draws, places)
    return [] if node is None else [_replaced(node, ";")]


def _doubled(types: Inference, draws: Draws) -> list[Edit]:
    """A statement that changes a variable, said twice."""
    node = _pick(draws, [n for n in statements(types) if not _sets(types, n)])
    return (
        [] if node is None else [Edit(node.end_byte, node.end_byte, f" {types.source.text(node)}")]
    )


def _sets(types: Inference, statement: Node) -> bool:
    """Whether a statement gives a variable its value instead of changing the one it has."""
    assignment = statement.named_children[0]
    operator, left, right = (
        assignment.child_by_field_name(f) for f in ("operator", "left", "right")
    )
    if operator is None or left is None or right is None or operator.type != "=":
        return False
    return types.source.text(left) not in types.source.text(right)


def _replaced(node: Node, text: str) -> Edit:
    return Edit(node.start_byte, node.end_byte, text)


CHANGES: tuple[tuple[Change, float], ...] = (
    (_constants, 5.0),
    (_operator, 1.0),
    (_assignment, 0.2),
    (_function, 3.0),
    (_components, 2.5),
    (_subtree, 1.5),
    (_dropped, 0.5),
    (_doubled, 0.7),
)
"""Kinds of changes and how often each is drawn.

Of 45 real programs each left so many blank or of one colour when drawn alone: constants 2%, operators 13%,
assignments 21%, functions 2%, components 0%, subtrees 10%, dropped 6%, doubled 3%. What changes the picture
most, operators and constants, moves it by an eighth of its range; components by a seventeenth.
"""
