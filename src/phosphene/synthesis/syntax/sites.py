"""Where a text may be edited."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from phosphene.glsl.words import words
from phosphene.synthesis.syntax.inference import Inference
from phosphene.synthesis.syntax.parsing import walk

EXPRESSIONS = frozenset(
    words(
        "number_literal identifier parenthesized_expression unary_expression binary_expression ",
        "call_expression field_expression subscript_expression conditional_expression",
    )
)
_STATEMENT = ("expression_statement", "declaration", "return_statement", "if_statement")
_ENTRY = ("mainImage", "main")


def expressions(types: Inference) -> list[Node]:
    """Expressions that are only read: not assigned to, no names of functions, fields or declarations."""
    if "expressions" not in types.kept:
        steers = steering(types.source.root)
        types.kept["expressions"] = [
            node
            for node in walk(types.source.root)
            if node.type in EXPRESSIONS and _is_read(node) and node.id not in steers
        ]
    return types.kept["expressions"]


def steering(root: Node) -> set[int]:
    """The nodes on which a loop's bounds, an array's size, an index or a case hang: those stay.

    From the root down, each node from what is known of its parent.
    """
    found: set[int] = set()
    waiting: list[tuple[Node, Node | None]] = [(root, None)]
    while waiting:
        here, parent = waiting.pop()
        if _steers(here, parent, found):
            found.add(here.id)
        waiting.extend((child, here) for child in here.named_children)
    return found


def _steers(node: Node, parent: Node | None, found: set[int]) -> bool:
    if parent is None or parent.type in _STATEMENT[:1]:
        return _in_loop_head(node)
    if parent.type in ("array_declarator", "case_statement", "subscript_expression"):
        field = parent.child_by_field_name("argument")
        if field is None or field.id != node.id:
            return parent.type != "case_statement" or _is_first(parent, node)
    if parent.type in ("for_statement", "while_statement", "do_statement"):
        body = parent.child_by_field_name("body")
        return body is None or body.id != node.id
    return parent.id in found


def _in_loop_head(node: Node) -> bool:
    loop = node.parent
    return (
        loop is not None
        and loop.parent is not None
        and loop.parent.type == "for_statement"
        and (body := loop.parent.child_by_field_name("body")) is not None
        and not body.start_byte <= node.start_byte < body.end_byte
    )


def _is_first(parent: Node, node: Node) -> bool:
    return bool(parent.named_children) and parent.named_children[0].id == node.id


def _is_read(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    kind = parent.type
    if kind in ("assignment_expression", "init_declarator"):
        target = parent.child_by_field_name("left") or parent.child_by_field_name("declarator")
        return target is None or target.id != node.id
    if kind in ("field_expression", "subscript_expression", "parenthesized_expression"):
        whole = parent if kind != "parenthesized_expression" else None
        return whole is None or _is_read(parent)
    if kind == "call_expression":
        return False  # the function's name; arguments hang on the list
    return kind in EXPRESSIONS or kind in (
        "argument_list",
        "return_statement",
        "comma_expression",
        "expression_statement",
    )


def statements(types: Inference) -> Iterator[Node]:
    """Assignments that stand in a block of their own: those that can be left out or said twice."""
    for node in walk(types.source.root):
        if (
            node.type == "expression_statement"
            and node.parent is not None
            and node.parent.type == "compound_statement"
            and node.named_child_count == 1
            and node.named_children[0].type == "assignment_expression"
        ):
            yield node


def function_name(types: Inference, node: Node) -> str | None:
    """The function around a node; None: it stands outside."""
    around = types.source.function_around(node)
    if around is None:
        return None
    found = (name for name, known in types.names.functions.items() if known and known[0] == around)
    return next(found, None)


def is_entry(name: str) -> bool:
    """Whether the host calls a function of that name."""
    return name in _ENTRY
