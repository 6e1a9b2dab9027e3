"""How far the literals of programs deviate: each sample meets another member of a program's family."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from phosphene import seeds
from phosphene.bank.bank import Bank
from phosphene.errors import UsageError
from phosphene.spirv.module import lifted_name
from phosphene.views import MAX_LITERALS, MAX_STRENGTH, Floats, Ints, deviations

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Families:
    """Which programs of a selection are families, and how far they vary.

    Attributes:
        strength: how far literals deviate, see `phosphene.views.deviations`; 0: not at all, no lifted module is loaded.
        safe: float64 [programs], the greatest strength at which vetting found each program sound
            (`phosphene.bank.Family`); what is asked beyond is cut down to it.
    """

    strength: float
    safe: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        check_strength(self.strength)
        if self.safe.ndim != 1 or not np.isfinite(self.safe).all() or (self.safe < 0).any():
            raise UsageError("`safe` must hold one strength of 0 or more for each program")

    @classmethod
    def of(cls, bank: Bank, ids: Sequence[str], strength: float) -> Families:
        """The families of programs of a bank.

        Raises:
            UsageError: the strength is out of its range, or no program of `ids` was vetted for it.
        """
        check_strength(strength)
        known = bank.families(ids) if strength else {}
        if strength and ids and not known:
            raise UsageError(
                f"none of the {len(ids)} programs was vetted as a family; type: "
                f"phosphene vet --families --bank {bank.path}"
            )
        if strength and (rest := len(ids) - len(known)):
            log.warning(
                "%d of %d programs were not vetted as families: their literals stay", rest, len(ids)
            )
        safe = [known[id_].strength if id_ in known else 0.0 for id_ in ids]
        return cls(strength, np.array(safe, np.float64))

    @property
    def strengths(self) -> npt.NDArray[np.float64]:
        """float64 [programs], what each program gets."""
        return np.minimum(self.safe, self.strength)

    @property
    def count(self) -> int:
        """Programs whose literals deviate."""
        return int((self.strengths > 0).sum())

    def names(self, ids: Sequence[str]) -> tuple[str, ...]:
        """What the engine is asked for: the lifted module of every program that varies, else its own."""
        varying = self.strengths > 0
        return tuple(
            lifted_name(id_) if varies else id_ for id_, varies in zip(ids, varying, strict=True)
        )

    def draw(self, seed: int, index: Ints, part: Ints, program: Ints, view: int) -> Floats:
        """The deviations of one view of B samples.

        Args:
            seed: the run's seed.
            index, part: int64 [B, P], for which sample, and as which part of it, each slot is drawn.
            program: int64 [B, P], index into the selection.
            view: which view; the same number for views that share a latent.

        Returns:
            float32 [B, P, MAX_LITERALS].
        """
        uniforms = seeds.uniforms(seed, "literals", index, part, view, n=MAX_LITERALS)
        return deviations(uniforms, self.strengths[program])

    def describe(self) -> str:
        """One line that is equal for equal families: it goes into the state of a stream."""
        safe = np.ascontiguousarray(self.strengths, "<f8").tobytes()
        digest = hashlib.blake2b(safe, digest_size=8).hexdigest()
        return (
            f"{self.count} of {len(self.safe)} vary by up to {self.strength:g}, strengths {digest}"
        )


def check_strength(strength: float) -> None:
    """Raises UsageError where a strength is out of its range."""
    if not 0.0 <= strength <= MAX_STRENGTH:
        raise UsageError(
            f"the strength of families must be in 0 … {MAX_STRENGTH:g}, got {strength}"
        )
