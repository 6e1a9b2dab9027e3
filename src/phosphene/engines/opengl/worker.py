"""The worker's side of the engine: `phosphene.workers` calls `serve` in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from phosphene.engines.engine import EngineInfo
from phosphene.engines.opengl.arena import Arena
from phosphene.engines.opengl.context import describe, open_context
from phosphene.engines.opengl.renderer import Drawn, Renderer
from phosphene.spirv.module import Module
from phosphene.views import RenderRequest


@dataclass(frozen=True, slots=True)
class Setup:
    """How a worker is set up: the shared memory and the bounds; see `OpenGLEngine`."""

    arena: int
    gpu: bool | None
    programs: int
    memory: int
    textures: int


@dataclass(frozen=True, slots=True)
class Task:
    """Views to draw.

    Attributes:
        request: the views.
        modules: of the programs that the worker has not compiled, as far as the engine knows.
        offset: where in the shared memory their pixels go, bytes.
    """

    request: RenderRequest
    modules: Mapping[str, Module]
    offset: int


def serve(setup: Setup) -> Callable[[Task | None], Drawn | EngineInfo]:
    """Opens a context. The handler draws a task, or says what the worker runs on (for None)."""
    arena = Arena(setup.arena)
    context = open_context(setup.gpu)
    renderer = Renderer(context, arena.announce, setup.programs, setup.memory, setup.textures)

    def handle(task: Task | None) -> Drawn | EngineInfo:
        if task is None:
            return describe(context)
        request = task.request
        pixels = arena.pixels(task.offset, (len(request), 3, request.height, request.width))
        return renderer.draw(request, task.modules, pixels)

    return handle
