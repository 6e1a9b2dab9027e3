"""The bytes of a view as the kernels read them: `struct View` of device/kernel.cuh."""

from __future__ import annotations

import numpy as np

from phosphene.program import Filter, Wrap
from phosphene.uniforms import BLOCK_DTYPE, CHANNEL_COUNT

TEXTURE_DTYPE = np.dtype(
    [
        ("pixels", "<u8"),
        ("width", "<i4"),
        ("height", "<i4"),
        ("levels", "<i4"),
        ("mode", "<i4"),
        ("object", "<u8"),
    ]
)
"""`struct Texture` of device/texture.cuh."""

VIEW_DTYPE = np.dtype(
    [("frame", BLOCK_DTYPE), ("channel", TEXTURE_DTYPE, (CHANNEL_COUNT,)), ("slot", "<i8")]
)

_WRAPS = {Wrap.CLAMP: 0, Wrap.REPEAT: 1, Wrap.MIRROR: 2}
_FILTERS = {Filter.NEAREST: 0, Filter.LINEAR: 1, Filter.MIPMAP: 2}


def texture_mode(wrap: Wrap, filter_: Filter) -> int:
    """`Texture.mode` of device/texture.cuh."""
    return _WRAPS[wrap] + 4 * _FILTERS[filter_]
