"""Licences: what each allows, which of several counts, and how they are filtered.

Names are SPDX identifiers (https://spdx.org/licenses/). Statements that have none get a
`LicenseRef-` name, as SPDX provides for; "other" is a statement that was not understood, "unknown"
is none at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Flag, auto

from phosphene.errors import UsageError
from phosphene.provenance import Basis

PUBLIC_DOMAIN = "LicenseRef-public-domain"
"""The author says "public domain" and nothing more exact."""
FREE_USE = "LicenseRef-free-use"
"""The author says "do what you want", "free to use" or the like."""
RESERVED = "LicenseRef-all-rights-reserved"
"""The author reserves all rights, or forbids copying."""
OTHER = "other"
UNKNOWN = "unknown"


class Terms(Flag):
    """What a licence asks of its user."""

    FREE = 0
    """Nothing, or to be named."""
    SHARE_ALIKE = auto()
    """Derived works carry the same licence."""
    NON_COMMERCIAL = auto()
    NO_DERIVATIVES = auto()
    CLOSED = auto()
    """No licence is given, or none is known."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence as the bank knows it.

    Attributes:
        name: its SPDX identifier.
        strictness: higher asks for more; of several licences on one program the strictest counts.
        terms: what it asks.
    """

    name: str
    strictness: int
    terms: Terms


def _known() -> dict[str, Licence]:
    sa, nc, nd = Terms.SHARE_ALIKE, Terms.NON_COMMERCIAL, Terms.NO_DERIVATIVES
    steps: Sequence[tuple[Terms, str]] = (
        (Terms.FREE, f"CC0-1.0 Unlicense {PUBLIC_DOMAIN} 0BSD"),
        (Terms.FREE, f"WTFPL Beerware {FREE_USE}"),
        (Terms.FREE, "MIT ISC BSL-1.0 Zlib BSD-2-Clause BSD-3-Clause"),
        (Terms.FREE, "Apache-2.0"),
        (Terms.FREE, "CC-BY-4.0 CC-BY-3.0 CC-BY-2.5 CC-BY-2.0 CC-BY-1.0"),
        (sa, "MPL-2.0 LGPL-2.1-only LGPL-3.0-only"),
        (sa, "CC-BY-SA-4.0 CC-BY-SA-3.0 CC-BY-SA-2.5 CC-BY-SA-2.0 CC-BY-SA-1.0"),
        (sa, "GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later"),
        (sa, "AGPL-3.0-only AGPL-3.0-or-later"),
        (nc, "CC-BY-NC-4.0 CC-BY-NC-3.0 CC-BY-NC-2.5 CC-BY-NC-2.0 CC-BY-NC-1.0"),
        (
            nc | sa,
            "CC-BY-NC-SA-4.0 CC-BY-NC-SA-3.0 CC-BY-NC-SA-2.5 CC-BY-NC-SA-2.0 CC-BY-NC-SA-1.0",
        ),
        (nd, "CC-BY-ND-4.0 CC-BY-ND-3.0 CC-BY-ND-2.5 CC-BY-ND-2.0 CC-BY-ND-1.0"),
        (
            nc | nd,
            "CC-BY-NC-ND-4.0 CC-BY-NC-ND-3.0 CC-BY-NC-ND-2.5 CC-BY-NC-ND-2.0 CC-BY-NC-ND-1.0",
        ),
        (Terms.CLOSED, OTHER),
        (Terms.CLOSED, UNKNOWN),
        (Terms.CLOSED, RESERVED),
    )
    return {
        name: Licence(name, strictness, terms)
        for strictness, (terms, names) in enumerate(steps)
        for name in names.split()
    }


LICENCES = _known()
"""SPDX identifier → licence."""

GROUPS = ("permissive", "share-alike", "non-commercial", "commercial", "known")
"""What `--license` takes besides identifiers; see `in_group`."""


def licence(name: str) -> Licence:
    """The licence of that name; one that is not in `LICENCES` counts as "other"."""
    return LICENCES.get(name) or Licence(name, LICENCES[OTHER].strictness, Terms.CLOSED)


def in_group(name: str, group: str) -> bool:
    """Whether a licence belongs to a group.

    permissive: at most asks to be named. share-alike: asks for the same licence. non-commercial:
    forbids commercial use. commercial: allows it, and derived works. known: is stated and understood.
    """
    terms = licence(name).terms
    match group:
        case "permissive":
            return not terms
        case "share-alike":
            return Terms.SHARE_ALIKE in terms
        case "non-commercial":
            return Terms.NON_COMMERCIAL in terms
        case "commercial":
            return not terms & (Terms.NON_COMMERCIAL | Terms.NO_DERIVATIVES | Terms.CLOSED)
        case "known":
            return Terms.CLOSED not in terms
    raise UsageError(f"a licence group must be one of {', '.join(GROUPS)}; got {group!r}")


def matching(names: Iterable[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Those of `names` that any of `wanted` names or groups.

    Raises:
        UsageError: where a wanted name is neither a known licence, nor a group, nor among `names`.
    """
    names = sorted(set(names))
    lower = {name.lower(): name for name in (*LICENCES, *names)}
    chosen: set[str] = set()
    for want in wanted:
        if want.lower() in GROUPS:
            chosen.update(name for name in names if in_group(name, want.lower()))
        elif want.lower() in lower:
            chosen.add(lower[want.lower()])
        else:
            raise UsageError(
                f"`license` must be an SPDX identifier such as CC0-1.0 or MIT, or one of "
                f"{', '.join(GROUPS)}; got {want!r}"
            )
    return tuple(name for name in names if name in chosen)


def governing(found: Iterable[tuple[str, Basis]]) -> tuple[str, Basis]:
    """The licence that counts for a program that was met several times.

    What the author states goes before what a collection or site says; among equals the strictest
    counts. That no licence was found in one place does not weaken what another place says.
    """
    candidates = [(name, basis) for name, basis in found if basis is not Basis.UNKNOWN]
    stated = [pair for pair in candidates if pair[1] is Basis.STATED]
    order = list(Basis)
    return max(
        stated or candidates,
        key=lambda pair: (licence(pair[0]).strictness, -order.index(pair[1]), pair[0]),
        default=(UNKNOWN, Basis.UNKNOWN),
    )
