"""Texture objects: stand-ins as the GPU's texture units sample them (CUDA driver API, "Texture Object
Management")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from phosphene.channels import Standin
from phosphene.engines.cuda import driver
from phosphene.program import Filter, Wrap

Pixels = npt.NDArray[np.uint8]

_NORMALISED, _CUBEMAP = 0x02, 0x04
"""CU_TRSF_NORMALIZED_COORDINATES, CUDA_ARRAY3D_CUBEMAP."""

_MODES = {Wrap.CLAMP: "CLAMP", Wrap.REPEAT: "WRAP", Wrap.MIRROR: "MIRROR"}


@dataclass(frozen=True)
class Sampler:
    """A texture object and the array that it reads.

    Attributes:
        handle: the CUtexObject, as kernels take it.
        array: the driver's mipmapped array.
    """

    handle: int
    array: Any

    def destroy(self) -> None:
        """Frees both; no kernel may be reading them. Needs the context they were made in."""
        driver.call("cuTexObjectDestroy", self.handle)
        driver.call("cuMipmappedArrayDestroy", self.array)


def make(picture: Standin, levels: Sequence[Pixels], stream: int) -> Sampler:
    """Uploads a stand-in and opens it for sampling.

    Args:
        picture: the stand-in; its kind, wrap and filter.
        levels: its pixels and their halvings, uint8 of the shape of `picture.pixels`.
        stream: the copies are queued there; kernels must wait for it. The pages may be used again at once.

    Raises:
        CudaError: the driver refused, for want of memory for instance.
    """
    array = _array(picture, len(levels))
    try:
        for number, pixels in enumerate(levels):
            _upload(driver.call("cuMipmappedArrayGetLevel", array, number), pixels, stream)
        handle = driver.call(
            "cuTexObjectCreate", _resource(array), _description(picture, len(levels)), None
        )
    except driver.CudaError:
        driver.call("cuMipmappedArrayDestroy", array)
        raise
    return Sampler(int(handle), array)


def _array(picture: Standin, levels: int) -> Any:
    rows, columns = picture.pixels.shape[-3:-1]
    shape = driver.structure("CUDA_ARRAY3D_DESCRIPTOR")
    shape.Width, shape.Height = columns, rows
    shape.Depth = 0 if picture.kind == "2d" else len(picture.pixels)
    shape.Format = driver.constant("CUarray_format", "CU_AD_FORMAT_UNSIGNED_INT8")
    shape.NumChannels = 4
    shape.Flags = _CUBEMAP if picture.kind == "cube" else 0
    return driver.call("cuMipmappedArrayCreate", shape, levels)


def _upload(array: Any, pixels: Pixels, stream: int) -> None:
    """Copies a level. From pageable memory the driver copies into its own before it returns."""
    pixels = np.ascontiguousarray(pixels)
    rows, columns = pixels.shape[-3:-1]
    copy = driver.structure("CUDA_MEMCPY3D")
    copy.srcMemoryType = driver.constant("CUmemorytype", "CU_MEMORYTYPE_HOST")
    copy.srcHost, copy.srcPitch, copy.srcHeight = pixels.ctypes.data, 4 * columns, rows
    copy.dstMemoryType = driver.constant("CUmemorytype", "CU_MEMORYTYPE_ARRAY")
    copy.dstArray = array
    copy.WidthInBytes, copy.Height = 4 * columns, rows
    copy.Depth = pixels.size // (4 * columns * rows)
    driver.call("cuMemcpy3DAsync", copy, stream)


def _resource(array: Any) -> Any:
    resource = driver.structure("CUDA_RESOURCE_DESC")
    resource.resType = driver.constant("CUresourcetype", "CU_RESOURCE_TYPE_MIPMAPPED_ARRAY")
    resource.res.mipmap.hMipmappedArray = array
    return resource


def _description(picture: Standin, levels: int) -> Any:
    """Wrap and filter; a texel's bytes are read as 0 … 1. Cube maps are filtered within a face, as by default in OpenGL."""
    nearest, linear = (
        driver.constant("CUfilter_mode", f"CU_TR_FILTER_MODE_{name}")
        for name in ("POINT", "LINEAR")
    )
    wrap = driver.constant("CUaddress_mode", f"CU_TR_ADDRESS_MODE_{_MODES[picture.wrap]}")
    texture = driver.structure("CUDA_TEXTURE_DESC")
    texture.addressMode = [wrap] * 3
    texture.filterMode = nearest if picture.filter is Filter.NEAREST else linear
    texture.mipmapFilterMode = linear if levels > 1 else nearest
    texture.maxMipmapLevelClamp = float(levels - 1)
    texture.flags = _NORMALISED
    return texture
