"""Pictures of the emitter's C++, compiled for the host."""

from __future__ import annotations

import numpy as np

from driver_pictures import blocks
from phosphene.engines.cuda.host import HostProgram
from phosphene.engines.cuda.records import VIEW_DTYPE
from phosphene.program import Dialect, Program
from phosphene.spirv import compile_program
from phosphene.views import Camera, Latent, RenderRequest, View

SIZE = 32


def request_for(camera: Camera | None = None) -> RenderRequest:
    latent = Latent(time=3.0, mouse=(0.3, 0.6, 1.0, 0.0))
    view = View("p", latent, (SIZE, SIZE), camera or Camera())
    return RenderRequest.of([view], SIZE)


def host_picture(
    spirv: bytes, request: RenderRequest, samples: int = 1, fused: bool = False
) -> np.ndarray:
    views = np.zeros(len(request), VIEW_DTYPE)
    views["frame"] = blocks(request)
    views["slot"] = np.arange(len(request))
    program = HostProgram(spirv, fused, samples > 1)
    return program.draw(views, request.width, request.height, samples)[0]


def spirv_of(code: str) -> bytes:
    return compile_program(Program.of(Dialect.SHADERTOY, code)).spirv
