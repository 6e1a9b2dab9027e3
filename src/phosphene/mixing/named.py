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
"""Name → mixer, beside "mixup:N", N alone, and either with `CONTRAST`. A new one is added here, and nowhere
else."""

CONTRAST = "+contrast"
"""Behind a number of programs: see `MixUp.contrast`."""


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
    number = mix.removeprefix("mixup:").removesuffix(CONTRAST)
    if number.isascii() and number.isdigit():
        return MixUp(int(number), contrast=mix.endswith(CONTRAST))
    known = ", ".join(["N", "mixup:N", f"N{CONTRAST}", *MIXERS])
    raise UsageError(f"`mix` must be one of {known}; got {mix!r}")
