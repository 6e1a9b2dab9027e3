"""Programs that are loaded on a device, ready to be launched."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from phosphene.engines.cuda import driver
from phosphene.engines.cuda.trial import Trial
from phosphene.program import Channel


@dataclass(frozen=True, eq=False)
class Kernel:
    """A program on the device.

    Attributes:
        key: of its compilation.
        module: the driver's.
        function: address of the driver's handle for the kernel.
        channels: what the author bound to iChannel0 …3.
        trial: how it fared in its first run.
    """

    key: str
    module: Any
    function: int
    channels: tuple[Channel | None, ...]
    trial: Trial


class Kernels:
    """The loaded programs of one context, the least recently used unloaded first."""

    def __init__(self, limit: int) -> None:
        """Args: how many to keep loaded."""
        self._limit = limit
        self._loaded: OrderedDict[str, Kernel] = OrderedDict()

    def __len__(self) -> int:
        return len(self._loaded)

    def __contains__(self, program: str) -> bool:
        return program in self._loaded

    def use(self, programs: Iterable[str]) -> list[Kernel | None]:
        """The kernels of programs; None for those that are not loaded."""
        found: list[Kernel | None] = []
        for program in programs:
            kernel = self._loaded.get(program)
            if kernel is not None:
                self._loaded.move_to_end(program)
            found.append(kernel)
        return found

    def load(
        self,
        program: str,
        key: str,
        code: bytes,
        channels: tuple[Channel | None, ...],
        trial: Trial,
    ) -> None:
        """Loads a cubin into the current context.

        Raises:
            CudaError: the driver refuses it.
        """
        module, function = driver.function_of(code)
        self._loaded[program] = Kernel(key, module, int(function), channels, trial)

    def drop(self, program: str) -> None:
        """Forgets a program; its code stays on the device, since a launch may still run it."""
        self._loaded.pop(program, None)

    def trim(self) -> None:
        """Unloads what exceeds the limit, an eighth more than that, so that it is rare: the host waits
        for the device, because a launch may still run the code."""
        if len(self._loaded) <= self._limit:
            return
        driver.call("cuCtxSynchronize")
        while len(self._loaded) > self._limit - self._limit // 8:
            _, kernel = self._loaded.popitem(last=False)
            driver.call("cuModuleUnload", kernel.module)

    def close(self) -> None:
        """Unloads everything."""
        while self._loaded:
            _, kernel = self._loaded.popitem()
            driver.call("cuModuleUnload", kernel.module)
