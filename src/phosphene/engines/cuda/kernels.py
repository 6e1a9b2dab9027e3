"""Programs that are loaded on a device, ready to be launched."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from phosphene.engines.cuda import driver
from phosphene.engines.cuda.preparation import Preparation, Progress, Ready
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
    """The programs of one target in one context: made ready, then loaded; the least recently used go first.

    Attributes:
        refused: program → why it does not run here.
    """

    def __init__(self, preparation: Preparation, limit: int) -> None:
        """Args: what makes programs ready; how many to keep loaded."""
        self._preparation, self._limit = preparation, limit
        self._loaded: OrderedDict[str, Kernel] = OrderedDict()
        self.refused: dict[str, str] = {}

    def prepare(self, programs: Iterable[str], progress: Progress | None = None) -> None:
        """Loads programs into the current context, or finds why they are refused."""
        asked = dict.fromkeys(programs)
        absent = [p for p in asked if p not in self._loaded and p not in self.refused]
        for ready in self._preparation.ready(absent, progress):
            reason = ready.reason or self._load(ready)
            if reason:
                self.refused[ready.program] = reason

    def _load(self, ready: Ready) -> str:
        """Why the driver does not load it; empty where it does."""
        try:
            module, function = driver.function_of(ready.code)
        except driver.CudaError as error:
            return f"the driver does not load it: {error}"
        self._loaded[ready.program] = Kernel(
            ready.key, module, int(function), ready.channels, ready.trial
        )
        return ""

    def use(self, programs: Iterable[str]) -> list[Kernel | None]:
        """The kernels of programs; None for those that are not loaded."""
        found: list[Kernel | None] = []
        for program in programs:
            kernel = self._loaded.get(program)
            if kernel is not None:
                self._loaded.move_to_end(program)
            found.append(kernel)
        return found

    def refuse(self, program: str, reason: str) -> None:
        """From now on; its code stays on the device, since a launch may still run it."""
        self.refused[program] = reason
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
