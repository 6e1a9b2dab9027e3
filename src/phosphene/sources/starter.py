"""The programs that come with the package."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

from phosphene.program import Dialect
from phosphene.sources.source import Context, Item, Known, Site


class StarterSource:
    """`starter/FAMILY/NAME.glsl` of the package, with author and licence stated in each."""

    key = "starter"
    context = Context("starter", dialect=Dialect.SHADERTOY, site=Site.STARTER)

    def __init__(self) -> None:
        """Lists the programs."""
        root = resources.files("phosphene") / "starter"
        self._files = dict(sorted(_texts(root, ""))) if root.is_dir() else {}

    def size(self) -> int:
        """How many there are."""
        return len(self._files)

    def items(self, known: Known) -> Iterator[Item]:
        """The programs that are not known, sorted by family and name."""
        for key, file in self._files.items():
            data = file.read_bytes()
            mark = hashlib.blake2b(data, digest_size=8).hexdigest()
            if not known(key, mark):
                yield Item(key, data, mark)


def _texts(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        inside = f"{path}{entry.name}"
        if entry.is_dir():
            yield from _texts(entry, f"{inside}/")
        elif entry.name.endswith(".glsl"):
            yield inside, entry
