"""What a program can give to another: its functions and expressions, with all that they stand on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from phosphene.program import Program
from phosphene.synthesis.syntax.inference import Inference, names_of
from phosphene.synthesis.syntax.parsing import Source
from phosphene.synthesis.syntax.sites import is_entry

_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_DEFINE = re.compile(r"#[ \t]*define[ \t]+(\w+)")
_HOSTS = re.compile(r"\biChannel|\btexture|\bsampler|\bback[bB]uffer")
"""What reads a texture: the child has the other parent's textures."""


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of a text's top level: a function, globals, a macro, a conditional with what is in it.

    Attributes:
        names: what it defines.
        text: itself.
        words: the names in it.
    """

    names: frozenset[str]
    text: str
    words: frozenset[str]


@dataclass
class Donor:
    """A program's tabs as one text, in items."""

    types: Inference
    items: list[Item] = field(default_factory=list)

    @classmethod
    def of(cls, program: Program) -> Donor:
        """Takes a program apart."""
        source = Source("\n".join(tab.code for tab in program.tabs))
        donor = cls(Inference(source, names_of(source)))
        for node in source.root.named_children:
            if node.type != "comment":
                donor.items.append(donor._item(node))
        return donor

    def _item(self, node: Node) -> Item:
        source, known = self.types.source, self.types.names
        text = source.text(node)
        names = set(_DEFINE.findall(text))
        inside = range(node.start_byte, node.end_byte)
        names |= {n for n, f in known.functions.items() if f and f[0].start_byte in inside}
        if node.type == "declaration":
            names |= known.globals.keys() & set(_WORD.findall(text))
        return Item(frozenset(names), text, frozenset(_WORD.findall(text)))

    def needed(self, text: str, without: Collection[str] = ()) -> list[Item] | None:
        """The items that a piece of the text stands on, in their order; None where it cannot be taken
        out, because it stands on the entry or reads a texture.

        Args:
            text: the piece.
            without: names in it that are its own.
        """
        wanted = set(_WORD.findall(text)) - set(without)
        chosen: set[int] = set()
        grows = True
        while grows:
            grows = False
            for n, item in enumerate(self.items):
                if n not in chosen and item.names & wanted - set(without):
                    chosen.add(n)
                    wanted |= item.words
                    grows = True
        items = [self.items[n] for n in sorted(chosen)]
        pieces = [text, *(item.text for item in items)]
        if any(is_entry(name) for item in items for name in item.names):
            return None
        return None if any(_HOSTS.search(piece) for piece in pieces) else items

    def functions(self) -> Iterator[tuple[str, Node, tuple[str, ...]]]:
        """Name, node and type (result first) of the functions that can be given."""
        for name, known in self.types.names.functions.items():
            if known is not None and not is_entry(name):
                yield name, known[0], (known[1].returns, *known[1].parameters)


def rewritten(text: str, names: dict[str, str]) -> str:
    """The text under other names; what stands behind a dot is no name."""
    return _WORD.sub(lambda match: names.get(match.group(), match.group()), text)


def names_in(text: str) -> list[str]:
    """The names in a text, in order, each once."""
    return list(dict.fromkeys(_WORD.findall(text)))
