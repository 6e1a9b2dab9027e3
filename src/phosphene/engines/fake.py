"""Engine `fake`: colour gradients without any device, for tests of what uses engines."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future

import numpy as np

from phosphene.engines.engine import EngineInfo, ModuleSource
from phosphene.spirv.module import is_lifted, program_of
from phosphene.views import Floats, RenderedBatch, RenderRequest


class FakeEngine:
    """Draws a wave of a program's own colour, direction and pitch over the canvas.

    Pixels depend on the program's id, time, mouse, channel variants and camera, of a lifted program on its
    literals too, and on nothing else.
    """

    def __init__(self, modules: ModuleSource, *, refuse: tuple[str, ...] = ()) -> None:
        """
        Args:
            modules: not asked: every id can be drawn.
            refuse: ids of programs that cannot be.
        """
        del modules
        self._refuse = frozenset(refuse)

    @property
    def info(self) -> EngineInfo:
        """What the engine runs on: nothing."""
        return EngineInfo("fake", "NumPy", np.__version__, software=True)

    def submit(self, request: RenderRequest) -> Future[RenderedBatch]:
        """Draws at once; see `Engine.submit`."""
        future: Future[RenderedBatch] = Future()
        future.set_result(self.render(request))
        return future

    def render(self, request: RenderRequest) -> RenderedBatch:
        """The waves. uint8 [V, 3, H, W]."""
        pixels = np.zeros((len(request), 3, request.height, request.width), np.uint8)
        refused = {p: "asked for" for p in request.programs if p in self._refuse}
        for view in range(len(request)):
            program = request.programs[request.program[view]]
            if program not in refused:
                pixels[view] = _wave(program, request, view)
        undefined = np.zeros(len(request), np.float32)
        return RenderedBatch(pixels, refused, dict.fromkeys(request.programs, 0.001), undefined)

    def prepare(
        self,
        programs: Sequence[str],
        progress: Callable[[int, int], None] | None = None,
        supersample: int = 1,
    ) -> Mapping[str, str]:
        """Nothing to do: programs are made ready when they are first drawn."""
        return {}

    def close(self) -> None:
        """Nothing to free."""


def _wave(program: str, request: RenderRequest, view: int) -> Floats:
    """One view, 0 … 255. [3, H, W]."""
    name = program_of(program).encode()
    seed = np.frombuffer(hashlib.blake2b(name, digest_size=8).digest(), np.uint8) / 255.0
    xu, xv, x0, yu, yv, y0 = request.camera[view]
    u = (np.arange(request.width) + 0.5) / request.width
    v = 1.0 - (np.arange(request.height)[:, None] + 0.5) / request.height
    x, y = xu * u + xv * v + x0, yu * u + yv * v + y0
    latent = request.time[view] + request.mouse[view].sum() + request.channels[view].sum()
    if request.literals is not None and is_lifted(program):
        latent += request.literals[view].sum()
    phase = (1 + 7 * seed[0]) * x + (1 + 7 * seed[1]) * y + 0.1 * latent
    colour = seed[2:5, None, None] + 0.5 * np.arange(3)[:, None, None] / 3
    wave = 0.5 + 0.5 * np.sin(2 * np.pi * (phase[None] + colour))
    return np.asarray(wave * 255.0 + 0.5, np.float32)
