"""Stand-ins for the pictures that authors bind: noise, photos, text, cube maps … made by us, from numbers.

`standin(channel, variant)` gives the pixels for an engine; `channel_of` reads what a Shadertoy JSON file
says about an input. Everything is deterministic: a stand-in depends on its content's name and variant.
"""

from phosphene.channels.programs import PICTURE_SIZE, PICTURE_TIMES, pack_pictures
from phosphene.channels.shadertoy_inputs import channel_of
from phosphene.channels.standins import CONTENTS, Standin, standin

__all__ = [
    "CONTENTS",
    "PICTURE_SIZE",
    "PICTURE_TIMES",
    "Standin",
    "channel_of",
    "pack_pictures",
    "standin",
]
