"""What every engine promises: views in, pixels out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from phosphene.spirv.module import Module
from phosphene.views import RenderedBatch, RenderRequest

ModuleSource = Callable[[Sequence[str]], Mapping[str, Module]]
"""Program ids → their modules, e.g. `Bank.modules`. Ids without a module are left out.

An engine is asked for, and asks for, a program's lifted module under the name that
`phosphene.spirv.module.lifted_name` makes of its id; for an engine that is a program like any other.
"""


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Which engine this is and what it runs on.

    Attributes:
        name: "opengl", "cuda", "fake".
        renderer: the device as its driver names it.
        version: of the driver.
        software: whether pixels are computed by the CPU.
    """

    name: str
    renderer: str
    version: str
    software: bool


class Engine(Protocol):
    """Turns views into pixels.

    The same request gives the same bytes on the same engine and hardware, whatever else is asked
    for before, beside or in the same batch.
    """

    @property
    def info(self) -> EngineInfo:
        """What the engine runs on."""
        ...

    def submit(self, request: RenderRequest) -> Future[RenderedBatch]:
        """Begins a request; several may be under way. Programs that cannot be rendered are named in
        the batch's `refused`; only a failure of the engine itself is raised, as EngineError."""
        ...

    def render(self, request: RenderRequest) -> RenderedBatch:
        """`submit` and wait."""
        ...

    def prepare(
        self,
        programs: Sequence[str],
        progress: Callable[[int, int], None] | None = None,
        supersample: int = 1,
    ) -> Mapping[str, str]:
        """Makes programs ready ahead of need, where that takes long.

        Args:
            programs: ids.
            progress: called with the number of programs that are ready, and of all.
            supersample: samples a pixel and axis of the requests to come.

        Returns:
            Program id → why it is refused, for those that are known to be.
        """
        ...

    def close(self) -> None:
        """Ends workers and frees the device."""
        ...
