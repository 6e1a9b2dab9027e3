"""A headless OpenGL context through EGL, and a plain word on what it runs on."""

from __future__ import annotations

from typing import Any

import moderngl

from phosphene.engines.engine import EngineInfo
from phosphene.errors import EngineError, MissingPieceError

LEAST_VERSION = 330
"""OpenGL 3.3, as moderngl writes it."""

REMEDY = "type: sudo apt install libegl1 libgl1-mesa-dri (or install the GPU's OpenGL driver)"

_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "software rasterizer", "swiftshader")
_MOST_DEVICES = 16


def describe(context: Any) -> EngineInfo:
    """What a context runs on."""
    renderer = str(context.info["GL_RENDERER"])
    software = any(name in renderer.lower() for name in _SOFTWARE)
    return EngineInfo("opengl", renderer, str(context.info["GL_VERSION"]), software)


def open_context(gpu: bool | None = None) -> Any:
    """A context on the first GPU that EGL offers, else on the CPU.

    Args:
        gpu: True: only a GPU will do; False: only the software renderer; None: whatever there is.

    Raises:
        MissingPieceError: without EGL, or without any driver for OpenGL 3.3.
        EngineError: where what there is, is not what was asked for.
    """
    other, why = None, ""
    for device in range(_MOST_DEVICES):
        try:
            options: dict[str, Any] = {"backend": "egl", "device_index": device}
            context = moderngl.create_context(LEAST_VERSION, standalone=True, **options)
        except Exception as error:  # moderngl raises plain Exception and ValueError
            why = why or str(error)
            break
        if describe(context).software is (gpu is False):
            if other is not None:
                other.release()
            return context
        if other is None:
            other = context
        else:
            context.release()
    if other is None:
        raise MissingPieceError(f"OpenGL 3.3 through EGL ({why})", REMEDY)
    if gpu is None:
        return other
    name = describe(other).renderer
    other.release()
    wanted, there = ("a GPU", "only") if gpu else ("the software renderer", "only the GPU")
    raise EngineError(
        f"the opengl engine was asked for {wanted}, but EGL offers {there} {name}; "
        + ("install the GPU's OpenGL driver or leave out gpu=True" if gpu else REMEDY)
    )
