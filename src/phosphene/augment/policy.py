"""Which colour operations a picture meets, drawn by counters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from phosphene import seeds
from phosphene.errors import UsageError
from phosphene.views import Ints

BRIGHTNESS, CONTRAST, SATURATION, HUE = range(4)
NO_CHANGE = (1.0, 1.0, 1.0, 0.0)

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ColourPolicy:
    """The distribution of colour operations; they come in the order of the attributes.

    Attributes:
        jitter: probability of the four below, which then come in random order.
        brightness, contrast, saturation: a factor uniform in [max(0, 1 - x), 1 + x].
        hue: a turn uniform in [-x, x], in circles; at most 0.5.
        grey: probability of greyscale.
        blur: probability of Gaussian blur.
        sigma: least and greatest standard deviation of the blur, pixels.
        solarise: probability that values of at least 0.5 are inverted.
    """

    jitter: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    hue: float = 0.0
    grey: float = 0.0
    blur: float = 0.0
    sigma: tuple[float, float] = (0.1, 2.0)
    solarise: float = 0.0

    def __post_init__(self) -> None:
        for name in ("jitter", "grey", "blur", "solarise"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"`{name}` must be in 0 … 1, got {getattr(self, name)}")
        for name in ("brightness", "contrast", "saturation"):
            if getattr(self, name) < 0:
                raise UsageError(f"`{name}` must be 0 or more, got {getattr(self, name)}")
        if not 0 <= self.hue <= 0.5:
            raise UsageError(f"`hue` must be in 0 … 0.5, got {self.hue}")
        if not 0 < self.sigma[0] <= self.sigma[1]:
            raise UsageError(f"`sigma` must be 0 < least <= greatest, got {self.sigma}")

    @classmethod
    def none(cls) -> ColourPolicy:
        """Leaves colours alone."""
        return cls()

    @classmethod
    def simclr(cls, strength: float = 1.0) -> ColourPolicy:
        """Chen et al. 2020, appendix A: jitter of a strength, greyscale, blur."""
        s = 0.8 * strength
        return cls(0.8, s, s, s, min(0.5, 0.2 * strength), grey=0.2, blur=0.5)

    @classmethod
    def dino(cls, strength: float = 0.5) -> tuple[ColourPolicy, ColourPolicy, ColourPolicy]:
        """Caron et al. 2021, `DataAugmentationDINO`, at strength 0.5: the first global view, the second,
        local ones."""
        s = 0.8 * strength
        jitter = cls(0.8, s, s, s / 2, min(0.5, 0.2 * strength), grey=0.2)
        return (
            replace(jitter, blur=1.0),
            replace(jitter, blur=0.1, solarise=0.2),
            replace(jitter, blur=0.5),
        )

    @classmethod
    def moco(cls) -> ColourPolicy:
        """MoCo v2 (Chen, Fan, Girshick, He 2020), `moco.loader` and `main_moco --aug-plus`."""
        return cls(0.8, 0.4, 0.4, 0.4, 0.1, grey=0.2, blur=0.5)


@dataclass(frozen=True, eq=False)
class ColourSettings:
    """What was drawn for N pictures.

    Attributes:
        order: int64 [N, 4], the jitter's operations in their order: `BRIGHTNESS`, `CONTRAST`,
            `SATURATION`, `HUE`.
        factors: float64 [N, 4], of those operations by their number; `NO_CHANGE` where there is none.
        grey, blur, solarise: bool [N].
        sigma: float64 [N], of the blur, pixels.
    """

    order: Ints
    factors: Doubles
    grey: Flags
    blur: Flags
    sigma: Doubles
    solarise: Flags

    @classmethod
    def draw(
        cls, policies: Sequence[ColourPolicy], seed: int, index: Ints, first: int = 0
    ) -> ColourSettings:
        """The settings of V views of B samples, as V * B pictures.

        Args:
            policies: of each view.
            seed: the run's seed.
            index: int64 [B], sample numbers.
            first: number of the first view.
        """
        drawn = [
            cls._draw(policy, seeds.uniforms(seed, "colour", index, first + view, n=13))
            for view, policy in enumerate(policies)
        ]
        return cls(*(np.concatenate([getattr(d, f.name) for d in drawn]) for f in fields(cls)))

    @classmethod
    def _draw(cls, policy: ColourPolicy, u: Doubles) -> ColourSettings:
        """From uniforms [B, 13]."""
        spread = np.array([policy.brightness, policy.contrast, policy.saturation])
        low = np.maximum(0, 1 - spread)
        factors = np.empty((len(u), 4))
        factors[:, :3] = low + u[:, :3] * (1 + spread - low)
        factors[:, 3] = (2 * u[:, 3] - 1) * policy.hue
        factors[u[:, 4] >= policy.jitter] = NO_CHANGE
        least, greatest = policy.sigma
        return cls(
            np.argsort(u[:, 5:9], axis=1, kind="stable"),
            factors,
            u[:, 9] < policy.grey,
            u[:, 10] < policy.blur,
            least + u[:, 11] * (greatest - least),
            u[:, 12] < policy.solarise,
        )
