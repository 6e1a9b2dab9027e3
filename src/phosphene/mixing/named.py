"""Mixers by the names that the command line and configurations use."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from phosphene.errors import UsageError
from phosphene.mixing.cutmix import CutMix
from phosphene.mixing.kml import KML
from phosphene.mixing.mixer import Mixer
from phosphene.mixing.mixup import MixUp

MIXERS: Mapping[str, Callable[[], Mixer]] = {
    "cutmix": CutMix,
    "kml": KML,
    "kml-mixup": lambda: KML(average=True),
}
"""Name → mixer, beside "mixup:N", N alone, and either with "+contrast". A new one is added here, and nowhere else."""


def mixer(mix: int | str | Mixer) -> Mixer:
    """The mixer that is meant.

    Args:
        mix: a mixer; a number of programs, for MixUp; "6", "mixup:6", "6+contrast" or a name in `MIXERS`.

    Raises:
        UsageError: for another text, or a number out of range.
    """
    if isinstance(mix, int):
        return MixUp(mix)
    if not isinstance(mix, str):
        return mix
    if mix in MIXERS:
        return MIXERS[mix]()
    number, _, rest = mix.removeprefix("mixup:").partition("+")
    if (
        number.isascii()
        and number.isdigit()
        and mix.count("+") == bool(rest)
        and rest in ("", "contrast")
    ):
        return MixUp(int(number), bool(rest))
    known = ", ".join(["N", "mixup:N", "N+contrast", *MIXERS])
    raise UsageError(f"`mix` must be one of {known}; got {mix!r}")
