"""Under what licence a child of several programs may stand.

The strictest parent's, in the order of `phosphene.licences`, if every other parent allows that:

- a parent that asks for nothing, or to be named, allows every licence that is at least as strict;
- a parent that asks for the same licence (share-alike) allows itself, a later version of itself, and
  what `_ONE_WAY` lists;
- a parent that forbids commercial use and nothing more allows what forbids it, too;
- a parent that forbids derived works, or reserves all rights, allows nothing;
- a parent whose licence is unknown, or was not understood, makes a child as unknown as itself: it is
  for the one who uses such parents to know what they may.

This is how the licences are read here, for collections that are used and not a lawyer's opinion.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatch

from phosphene.errors import PhospheneError
from phosphene.licences import OTHER, RESERVED, UNKNOWN, Terms, licence
from phosphene.provenance import Basis


class IncompatibleError(PhospheneError):
    """Licences of parents that no licence of a child can satisfy."""


_ONE_WAY = (
    ("MPL-2.0", "LGPL-*"),
    ("MPL-2.0", "GPL-*"),
    ("MPL-2.0", "AGPL-*"),
    ("LGPL-2.1-only", "GPL-2.0-*"),
    ("LGPL-2.1-only", "GPL-3.0-*"),
    ("LGPL-3.0-only", "GPL-3.0-*"),
    ("LGPL-3.0-only", "AGPL-3.0-*"),
    ("GPL-2.0-or-later", "GPL-*"),
    ("GPL-2.0-or-later", "AGPL-3.0-*"),
    ("GPL-3.0-*", "GPL-3.0-*"),
    ("GPL-3.0-*", "AGPL-3.0-*"),
    ("AGPL-3.0-*", "AGPL-3.0-*"),
    ("CC-BY-SA-4.0", "GPL-3.0-*"),
)
"""Share-alike licences whose works may be taken up under the other: their own texts, and the FSF's and
Creative Commons' lists of compatible licences."""

_CLOSED = {UNKNOWN, OTHER}


def inherited(parents: Sequence[tuple[str, Basis]]) -> tuple[str, Basis]:
    """The licence of a child, and on what it rests: the weakest basis of its parents'.

    Args:
        parents: licence and basis of each.

    Raises:
        IncompatibleError: a parent allows no child, or not under the strictest licence; says which.
    """
    strictest = max((name for name, _ in parents), key=_rank)
    for name, _ in parents:
        if _forbids_children(name):
            raise IncompatibleError(f"{name} allows no works made from one under it")
    for name, _ in parents:
        if not _allows(name, strictest):
            raise IncompatibleError(f"{name} does not allow a work made from it under {strictest}")
    order = list(Basis)
    return strictest, max((basis for _, basis in parents), key=order.index)


def _forbids_children(name: str) -> bool:
    return name == RESERVED or Terms.NO_DERIVATIVES in licence(name).terms


def _allows(name: str, child: str) -> bool:
    """Whether a work under one licence may be part of a work under the other, at least as strict."""
    terms = licence(name).terms
    if name == child or not terms or (name in _CLOSED and child in _CLOSED):
        return True
    if terms == Terms.NON_COMMERCIAL:
        return bool(licence(child).terms & (Terms.NON_COMMERCIAL | Terms.CLOSED))
    if Terms.SHARE_ALIKE not in terms:
        return Terms.CLOSED in licence(child).terms
    return _later_version(name, child) or any(
        fnmatch(name, old) and fnmatch(child, new) for old, new in _ONE_WAY
    )


def _later_version(name: str, child: str) -> bool:
    """Creative Commons' share-alike licences allow their later versions."""
    family, _, version = name.rpartition("-")
    child_family, _, child_version = child.rpartition("-")
    return family.startswith("CC-") and family == child_family and version <= child_version


def _rank(name: str) -> tuple[int, bool, str]:
    """Strictness; "only" is stricter than "or later", and a later version may take up an earlier one."""
    return licence(name).strictness, not name.endswith("-or-later"), name
