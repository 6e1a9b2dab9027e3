"""A text and its syntax tree, and edits by position.

Parser: tree-sitter with the GLSL grammar of https://github.com/tree-sitter-grammars/tree-sitter-glsl.
"""

from __future__ import annotations

import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import tree_sitter
import tree_sitter_glsl
from tree_sitter import Node

from phosphene.glsl.words import words

_OPAQUE = frozenset(
    words("preproc_def preproc_function_def preproc_call preproc_directive preproc_arg ERROR")
)
"""Subtrees that are no code of the program itself, or that the parser did not understand."""


@cache
def _parser() -> tree_sitter.Parser:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the grammar's wheel hands over an int
        language = tree_sitter.Language(tree_sitter_glsl.language())
    return tree_sitter.Parser(language)


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes from `start` to `end` of a text become `text`."""

    start: int
    end: int
    text: str


class Source:
    """A parsed text. Positions are bytes of its UTF-8."""

    def __init__(self, text: str) -> None:
        """Args: the text, whatever it holds."""
        self.data = text.encode("utf-8", "surrogatepass")
        self.root: Node = _parser().parse(self.data).root_node

    def text(self, node: Node) -> str:
        """What stands at a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")

    @cached_property
    def _functions(self) -> list[Node]:
        return [node for node in walk(self.root) if node.type == "function_definition"]

    def function_around(self, node: Node) -> Node | None:
        """The definition of the function that a node stands in; None: it stands outside.

        By position: a node finds its parent by going down from the root, which takes as long as the tree is deep.
        """
        last = bisect_right(self._functions, node.start_byte, key=lambda f: f.start_byte)
        for function in reversed(self._functions[:last]):
            if function.end_byte >= node.end_byte and function != node:
                return function
        return None

    def edited(self, edits: Iterable[Edit]) -> str:
        """The text after some edits; of edits that overlap the first counts."""
        parts, end = [], 0
        kept: list[Edit] = []
        for edit in edits:
            if all(edit.end <= k.start or edit.start >= k.end for k in kept):
                kept.append(edit)
        for edit in sorted(kept, key=lambda e: (e.start, e.end)):
            parts += [self.data[end : edit.start], edit.text.encode("utf-8", "surrogatepass")]
            end = edit.end
        return b"".join([*parts, self.data[end:]]).decode("utf-8", "surrogatepass")


def walk(node: Node) -> Iterator[Node]:
    """The named nodes below and at a node in the order of the text, without opaque subtrees."""
    stack = [node]
    while stack:
        here = stack.pop()
        if here.type in _OPAQUE or here.is_missing:
            continue
        yield here
        stack.extend(reversed(here.named_children))
