"""Trees to GLSL: named functions in the order in which they need each other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from phosphene.synthesis.kinds import PROGRAM
from phosphene.synthesis.tree import Node

_COMMENT = re.compile(r"//[^\n]*")
_NAME = re.compile(r"\b[A-Za-z_]\w*\b")
_WIDTH = 96


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    """The names in a text, each once, in their order."""
    return tuple(dict.fromkeys(_NAME.findall(_COMMENT.sub("", text))))


class Writer:
    """Writes one program."""

    def __init__(self, library: Mapping[str, str]) -> None:
        """Takes the functions and globals that texts may use: name → text."""
        self._library = library
        self._functions: dict[str, str] = {}
        self._names: dict[int, str] = {}

    def write(self, root: Node, header: str = "") -> str:
        """The whole text of a program.

        Args:
            root: a tree of kind PROGRAM.
            header: comment lines for the top.
        """
        self._function(root, "mainImage")
        ordered: dict[str, str] = {}
        self._order("mainImage", ordered, [])
        texts = list(ordered.values())
        parts = [header.rstrip()] if header else []
        for before, text in zip(["", *texts], texts, strict=False):
            short = before and "\n" not in before and "\n" not in text
            parts.append(("" if short or not parts else "\n") + text)
        return "\n".join(parts) + "\n"

    def _function(self, node: Node, wanted: str) -> str:
        """Writes a node as a function; returns the function's name."""
        if id(node) in self._names:
            return self._names[id(node)]
        name = wanted if node.kind == PROGRAM else self._unused(wanted)
        self._names[id(node)] = name
        self._functions[name] = ""  # holds the name while the children take theirs
        kind, body = node.kind, self._text(node)
        head = f"{kind.returns} {name}({kind.parameters})"
        if ";" not in body:
            body = f"return {body};"
        line = f"{head} {{ {body} }}"
        if "\n" in body or len(line) > _WIDTH:
            line = f"{head} {{\n{_indented(body)}\n}}"
        note = f"// {node.production.note}\n" if node.production.note else ""
        self._functions[name] = note + line
        return name

    def _unused(self, wanted: str) -> str:
        number, name = 1, wanted
        while name in self._functions or name in self._library:
            number += 1
            name = f"{wanted}{number}"
        return name

    def _text(self, node: Node) -> str:
        text = ""
        for piece in node.pieces:
            if isinstance(piece, str):
                text += piece
            elif piece.node.kind.returns:
                text += self._function(piece.node, piece.label or piece.node.production.name)
            else:
                indent = text[text.rfind("\n") + 1 :]
                inner = self._text(piece.node)
                text += inner.replace("\n", "\n" + indent) if not indent.strip() else inner
        return text

    def _order(self, name: str, ordered: dict[str, str], path: list[str]) -> None:
        """Puts what a text needs in front of it."""
        if name in ordered or name in path:
            return
        text = self._functions[name] if name in self._functions else self._library[name]
        for word in _words(text):
            if word in self._functions or word in self._library:
                self._order(word, ordered, [*path, name])
        ordered[name] = text


def _indented(body: str) -> str:
    return "\n".join("    " + line if line else line for line in body.split("\n"))
