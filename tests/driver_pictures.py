"""Pictures straight from the OpenGL driver, to hold what Phosphene renders against."""

from __future__ import annotations

from functools import cache
from typing import Any

import moderngl
import numpy as np

from phosphene.spirv import to_glsl
from phosphene.uniforms import pack
from phosphene.views import RenderRequest

_CORNERS = """#version 330
void main() { gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0, 0.0, 1.0); }
"""


@cache
def context() -> Any:
    """One OpenGL context for the whole test session."""
    return moderngl.create_standalone_context(backend="egl")


def _newest(text: str) -> str:
    """The tests draw what only later versions than the stored 330 know, such as bitCount."""
    return text.replace("#version 330", "#version 450", 1)


def blocks(request: RenderRequest) -> np.ndarray:
    """The uniform blocks of views without textures."""
    return pack(request, np.zeros((len(request), 4, 3), np.float32))


def driver_picture(spirv: bytes, request: RenderRequest) -> np.ndarray:
    """The first view of the request, drawn by the driver. uint8 [3, H, W], row 0 is the top."""
    gl = context()
    program = gl.program(vertex_shader=_CORNERS, fragment_shader=_newest(to_glsl(spirv)))
    size = (request.width, request.height)
    target = gl.framebuffer([gl.texture(size, 4, dtype="f1")])
    target.use()
    uniforms = gl.buffer(blocks(request)[:1].tobytes())
    uniforms.bind_to_uniform_block(0)
    gl.vertex_array(program, []).render(moderngl.TRIANGLES, vertices=3)
    pixels = np.frombuffer(target.read(components=3), np.uint8)
    return pixels.reshape(request.height, request.width, 3)[::-1].transpose(2, 0, 1)
