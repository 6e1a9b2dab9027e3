"""The colour half of data augmentation, in batches on the device."""

from phosphene.augment.colour import MEAN, STD, ColourAugment, recolour
from phosphene.augment.levels import Levels, level
from phosphene.augment.policy import ColourPolicy, ColourSettings

__all__ = [
    "MEAN",
    "STD",
    "ColourAugment",
    "ColourPolicy",
    "ColourSettings",
    "Levels",
    "level",
    "recolour",
]
