"""What programs are measured against: earlier synthetic pictures, and real ones, as sources of batches."""

from phosphene.baselines.dead_leaves import DeadLeaves
from phosphene.baselines.fractals import Fractals
from phosphene.baselines.looking import look
from phosphene.baselines.noise import Noise
from phosphene.baselines.opening import FILES, PAINTERS, check_name, open_source
from phosphene.baselines.painter import Painter
from phosphene.baselines.source import PictureSource
from phosphene.baselines.stylegan import StyleGAN

__all__ = [
    "FILES",
    "PAINTERS",
    "DeadLeaves",
    "Fractals",
    "Noise",
    "Painter",
    "PictureSource",
    "StyleGAN",
    "check_name",
    "look",
    "open_source",
]
