"""Under what licence children may stand."""

from __future__ import annotations

import pytest

from phosphene.inheritance import IncompatibleError, inherited
from phosphene.licences import LICENCES, OTHER, UNKNOWN, Terms, licence
from phosphene.provenance import Basis

STATED = Basis.STATED


def child_of(*names: str) -> str:
    return inherited([(name, STATED) for name in names])[0]


@pytest.mark.parametrize(
    ("parents", "wanted"),
    [
        (("CC0-1.0", "MIT"), "MIT"),
        (("MIT", "CC-BY-NC-SA-3.0", "CC0-1.0"), "CC-BY-NC-SA-3.0"),
        (("CC-BY-NC-SA-3.0", "CC-BY-NC-SA-4.0"), "CC-BY-NC-SA-4.0"),
        (("CC-BY-NC-4.0", "CC-BY-NC-SA-4.0"), "CC-BY-NC-SA-4.0"),
        (("GPL-3.0-or-later", "GPL-3.0-only"), "GPL-3.0-only"),
        (("GPL-2.0-or-later", "GPL-3.0-only"), "GPL-3.0-only"),
        (("CC-BY-SA-4.0", "GPL-3.0-only"), "GPL-3.0-only"),
        (("MPL-2.0", "AGPL-3.0-only"), "AGPL-3.0-only"),
        ((UNKNOWN, "MIT"), UNKNOWN),
        ((UNKNOWN, OTHER), UNKNOWN),
    ],
)
def test_the_strictest_counts(parents: tuple[str, ...], wanted: str) -> None:
    assert child_of(*parents) == wanted
    assert child_of(*reversed(parents)) == wanted


@pytest.mark.parametrize(
    ("parents", "named"),
    [
        (("CC-BY-SA-4.0", "CC-BY-NC-SA-3.0"), "CC-BY-SA-4.0"),
        (("CC-BY-NC-4.0", "GPL-3.0-only"), "GPL-3.0-only"),
        (("GPL-2.0-only", "GPL-3.0-only"), "GPL-2.0-only"),
        (("GPL-2.0-only", "GPL-3.0-or-later"), "GPL-3.0-or-later"),
        (("CC-BY-NC-SA-3.0", UNKNOWN), "CC-BY-NC-SA-3.0"),
        (("CC-BY-ND-4.0", "MIT"), "CC-BY-ND-4.0"),
        (("LicenseRef-all-rights-reserved",), "LicenseRef-all-rights-reserved"),
    ],
)
def test_what_does_not_go_together_is_refused_by_name(parents: tuple[str, ...], named: str) -> None:
    for order in (parents, tuple(reversed(parents))):
        with pytest.raises(IncompatibleError, match=f"^{named} "):
            child_of(*order)


def test_a_child_is_never_freer_than_a_parent_and_rests_on_the_weakest_basis() -> None:
    for one in LICENCES:
        for other in LICENCES:
            try:
                child = licence(child_of(one, other))
            except IncompatibleError:
                continue
            assert child.strictness == max(licence(one).strictness, licence(other).strictness)
            assert Terms.NO_DERIVATIVES not in licence(one).terms | licence(other).terms
    assert inherited([("MIT", STATED), ("MIT", Basis.SITE_DEFAULT)])[1] is Basis.SITE_DEFAULT
    assert inherited([("MIT", Basis.UNKNOWN), ("MIT", STATED)])[1] is Basis.UNKNOWN
