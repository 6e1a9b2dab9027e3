"""Pictures of SPIR-V modules by the driver that is there: SPIRV-Cross' GLSL on an EGL context."""

from __future__ import annotations

from functools import cache

import moderngl
import numpy as np
import numpy.typing as npt

from phosphene.spirv import native
from phosphene.uniforms import BLOCK_BINDING, BLOCK_DTYPE, BLOCK_NAME, glsl_block

VERTEX = "#version 330\nin vec2 p; void main() { gl_Position = vec4(p, 0.0, 1.0); }"

HEADER = f"#version 450\n{glsl_block()}\nlayout(location = 0) out vec4 colour;\n"


@cache
def context() -> moderngl.Context:
    """One headless context a process."""
    return moderngl.create_standalone_context(backend="egl", require=330)


def picture(spirv: bytes, size: int = 8, time: float = 1.0) -> npt.NDArray[np.float32]:
    """What the module draws, float32 [size, size, 4], row 0 at the bottom."""
    gl = context()
    program = gl.program(vertex_shader=VERTEX, fragment_shader=native.to_glsl(spirv))
    block = np.zeros(1, BLOCK_DTYPE)
    block["ph_PixelX"], block["ph_PixelY"] = (1, 0), (0, 1)
    block["iResolution"], block["iTime"] = (size, size, 1), time
    uniforms = gl.buffer(block.tobytes())
    if BLOCK_NAME in program:
        program[BLOCK_NAME].binding = BLOCK_BINDING
        uniforms.bind_to_uniform_block(BLOCK_BINDING)
    corners = gl.buffer(np.array([-1, -1, 3, -1, -1, 3], "f4"))
    target = gl.texture((size, size), 4, dtype="f4")
    frame = gl.framebuffer([target])
    frame.use()
    gl.clear()
    vertices = gl.vertex_array(program, [(corners, "2f", "p")])
    vertices.render(moderngl.TRIANGLES)
    pixels = np.frombuffer(target.read(), "f4").reshape(size, size, 4).copy()
    for made in (vertices, frame, target, corners, uniforms, program):
        made.release()
    return pixels


def main(body: str, before: str = "") -> str:
    """A complete shader around statements that set `colour`; author lines begin at 5."""
    return f"{HEADER}{before}\nvoid main() {{\n{body}\n}}\n"
