"""The rule by which programs are accepted or rejected: every threshold visible, named and changeable."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from phosphene.bank import Status
from phosphene.errors import UsageError
from phosphene.uniforms import check_time
from phosphene.views import Latent

MEASURES = 2
"""Counted up with what is measured: verdicts with older measurements are made anew."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is rendered of a program, and what is asked of the pictures.

    Uncurated is the point: the rule keeps out what teaches nothing (no picture) or stops a run (too
    slow), not what is ugly.

    Attributes:
        times: seconds at which a program is drawn, late ones too: many programs decay.
        mouse: a pointer position, pressed, at which it is drawn once more, at the second of the times.
        size: of the pictures, pixels on a side.
        canvas: the program's iResolution, pixels on a side.
        blank: a frame whose brightest channel anywhere is below this is blank, 0 … 255.
        constant: a frame whose channels all deviate (standard deviation) by less than this is of one
            colour, 0 … 255.
        most_blank: rejected where more than this share of the frames is blank or of one colour.
        most_undefined: rejected where more than this share of the pixels is NaN.
        slowest: rejected where a frame takes longer, milliseconds. Depends on the machine; generous.
        least_motion: rejected where frames differ by less over time, 0 … 1. 0: stills are welcome.
        least_colourfulness: rejected below this (`measures.colourfulness`). 0: grey is welcome.
        least_filled: rejected where less of the canvas is filled, 0 … 1. 0: any.
    """

    times: tuple[float, ...] = (0.5, 2.0, 7.0, 30.0, 400.0)
    mouse: tuple[float, float] = (0.7, 0.35)
    size: int = 96
    canvas: float = 256.0
    blank: float = 8.0
    constant: float = 1.5
    most_blank: float = 0.5
    most_undefined: float = 0.5
    slowest: float = 2000.0
    least_motion: float = 0.0
    least_colourfulness: float = 0.0
    least_filled: float = 0.0

    @property
    def name(self) -> str:
        """Names this exact policy in the bank: verdicts of another one are made anew."""
        return f"{'default' if self == Policy() else 'custom'}-{_digest(self)}"

    @property
    def latents(self) -> tuple[Latent, ...]:
        """What is drawn: every time, then the pointer variant."""
        plain = tuple(Latent(time) for time in self.times)
        pressed = (*self.mouse, 1.0, 0.0)
        return (*plain, Latent(self.times[min(1, len(self.times) - 1)], pressed))

    def judge(self, measured: Mapping[str, float]) -> tuple[Status, str]:
        """The verdict on a program's measurements, with the first reason that speaks against it."""
        rules = (
            ("not a number", measured["undefined"] > self.most_undefined),
            ("blank", measured["blank"] > self.most_blank),
            ("constant", measured["constant"] > self.most_blank),
            ("too slow", measured["milliseconds"] > self.slowest),
            ("does not move", measured["motion"] < self.least_motion),
            ("not colourful", measured["colourfulness"] < self.least_colourfulness),
            ("does not fill the canvas", measured["filled"] < self.least_filled),
        )
        for reason, broken in rules:
            if broken:
                return Status.REJECTED, reason
        return Status.ACCEPTED, ""

    @classmethod
    def of(cls, settings: Sequence[str]) -> Policy:
        """The default policy with settings of the form "name=value"; times as "0.5,2,7".

        Raises:
            UsageError: for a name or value that does not fit.
        """
        changed: dict[str, Any] = {}
        policy = cls()
        names = {f.name for f in fields(cls)}
        for setting in settings:
            name, equals, text = setting.partition("=")
            if name not in names or not equals:
                choices = ", ".join(sorted(names))
                raise UsageError(f"`--policy` takes NAME=VALUE with {choices}; got {setting!r}")
            try:
                changed[name] = _value(getattr(policy, name), text)
            except ValueError:
                raise UsageError(f"`--policy {name}` must be a number, got {text!r}") from None
        policy = replace(policy, **changed)
        if len(policy.mouse) != 2 or not 1 <= policy.size <= 1024:
            raise UsageError("`--policy` needs mouse=X,Y and a size of 1 to 1024")
        if policy.canvas < 1:
            raise UsageError(f"`--policy canvas` must be at least 1, got {policy.canvas:g}")
        for time in policy.times:
            check_time("--policy times", time)
        return policy


def _value(default: object, text: str) -> Any:
    """Raises ValueError where it is no number, or none that a program can be held against."""
    if isinstance(default, tuple):
        return tuple(_finite(part) for part in text.split(","))
    return int(text) if isinstance(default, int) else _finite(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _digest(policy: Policy) -> str:
    settings = sorted({**asdict(policy), "measures": MEASURES}.items())
    return hashlib.blake2b(repr(settings).encode(), digest_size=4).hexdigest()
