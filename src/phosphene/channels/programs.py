"""Pictures of programs as textures of others: a few moments of one, packed into a PNG."""

from __future__ import annotations

import io
from functools import lru_cache

import numpy as np
from PIL import Image

from phosphene.channels.noise import Pixels
from phosphene.errors import UsageError

PICTURE_SIZE = 256
"""Pixels a side of a program's picture."""

PICTURE_TIMES = (5.0, 23.0)
"""The moments that are pictured, seconds: one a variant of the channel."""


def pack_pictures(frames: Pixels) -> bytes:
    """A program's pictures as they are stored.

    Args:
        frames: uint8 [V, 3, N, N], row 0 the top, as engines give them.

    Returns:
        A PNG, the variants below each other.
    """
    strip = np.concatenate(list(frames.transpose(0, 2, 3, 1)))
    file = io.BytesIO()
    Image.fromarray(strip).save(file, "PNG", compress_level=6)
    return file.getvalue()


@lru_cache(maxsize=32)
def program_picture(packed: bytes, variant: int) -> Pixels:
    """One variant of what `pack_pictures` made, to upload: uint8 [N, N, 4], row 0 the bottom.

    Args:
        packed: the PNG.
        variant: any number; there are as many as the picture holds, then the first comes again.

    Raises:
        UsageError: there is no picture.
    """
    if not packed:
        raise UsageError(
            "the picture of the program that is its texture is not made yet; vet the bank"
        )
    with Image.open(io.BytesIO(packed)) as image:
        strip = np.asarray(image.convert("RGBA"))
    size = strip.shape[1]
    first = variant % (len(strip) // size) * size
    picture: Pixels = strip[first : first + size][::-1].copy()
    picture.setflags(write=False)
    return picture
