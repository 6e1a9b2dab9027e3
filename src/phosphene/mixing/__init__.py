"""Mixing several programs into one picture, in batches, on the device.

Pixels are mixed as 8-bit values before any colour augmentation, as the paper does. All arithmetic is in
whole numbers, so a sample has the same bytes in every batch and on every device.
"""

from phosphene.mixing.cutmix import CutMix
from phosphene.mixing.kml import KML
from phosphene.mixing.mixer import Mixed, Mixer
from phosphene.mixing.mixup import MixUp, blend
from phosphene.mixing.named import MIXERS, mixer

__all__ = ["KML", "MIXERS", "CutMix", "MixUp", "Mixed", "Mixer", "blend", "mixer"]
