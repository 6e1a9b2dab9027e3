"""Memory that the engine and one of its workers share: a word on what is being done, and pixels.

An anonymous file (memfd_create(2)) that the worker inherits; nothing is left behind by kill -9, and no
resource tracker is needed.
"""

from __future__ import annotations

import mmap
import os
import time

import numpy as np
import numpy.typing as npt

_HEADER = mmap.PAGESIZE
_IDLE = -1


class Arena:
    """One end of the shared memory.

    Attributes:
        descriptor: of the anonymous file; the worker inherits it under the same number.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        """Makes a new arena, or takes the end of one whose descriptor was inherited."""
        self.descriptor = (
            os.memfd_create("phosphene-pixels", 0) if descriptor is None else descriptor
        )
        if descriptor is None:
            os.ftruncate(self.descriptor, _HEADER)
        self._header = mmap.mmap(self.descriptor, _HEADER)
        self._words = np.frombuffer(self._header, np.int64, 2)
        self._pixels: mmap.mmap | None = None
        self._size = 0
        if descriptor is None:
            self.announce(None)

    def announce(self, unit: int | None) -> None:
        """Says which unit of the task is being worked on; None: none. The worker's side."""
        self._words[0] = _IDLE if unit is None else unit
        self._words[1] = time.monotonic_ns()

    @property
    def announced(self) -> tuple[int | None, float]:
        """The unit last announced and for how many seconds it has been worked on."""
        unit, since = int(self._words[0]), int(self._words[1])
        return (None if unit == _IDLE else unit), (time.monotonic_ns() - since) * 1e-9

    def reserve(self, size: int) -> None:
        """Makes room for `size` bytes of pixels. The engine's side, before a task names them."""
        if os.fstat(self.descriptor).st_size < _HEADER + size:
            os.ftruncate(self.descriptor, _HEADER + size)

    def pixels(self, offset: int, shape: tuple[int, ...]) -> npt.NDArray[np.uint8]:
        """The pixels at an offset, uint8 of the shape given. A view: copy what must last."""
        size = int(np.prod(shape))
        if offset + size > self._size or self._pixels is None:
            # An older mapping lives on for as long as arrays refer to it.
            self._size = os.fstat(self.descriptor).st_size - _HEADER
            self._pixels = mmap.mmap(self.descriptor, self._size, offset=_HEADER)
        return np.frombuffer(self._pixels, np.uint8, size, offset).reshape(shape)

    def close(self) -> None:
        """Gives up this end; the memory is freed when both ends are closed."""
        os.close(self.descriptor)
