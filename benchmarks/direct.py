"""The paper's way of rendering: one fragment draw of the author's text, read back, a frame at a time.

What `mbaradad/shaders21k` does, written plainly: one OpenGL context, the author's GLSL given to the
driver, one draw, one readback, one PIL image. Used here to be measured and compared against.
"""

from __future__ import annotations

import moderngl
import numpy as np
from PIL import Image

from phosphene import glsl
from phosphene.engines.opengl.context import open_context
from phosphene.engines.opengl.fragment import VERTEX
from phosphene.engines.opengl.textures import Textures
from phosphene.program import Program
from phosphene.uniforms import BLOCK_BINDING, BLOCK_NAME, CHANNEL_BINDING, pack
from phosphene.views import RenderRequest


class Direct:
    """Draws GLSL texts with the driver and nothing in between."""

    def __init__(self, width: int, height: int) -> None:
        self.context = open_context()
        self.target = self.context.framebuffer([self.context.texture((width, height), 4)])
        self.textures = Textures(self.context, 64)
        self.uniforms = self.context.buffer(reserve=256)
        self.target.use()

    def compile(self, text: str) -> moderngl.VertexArray:
        """A fragment shader text, linked. Raises moderngl.Error with the driver's message."""
        vertex = VERTEX.replace("#version 330", text.split("\n", 1)[0])
        program = self.context.program(vertex_shader=vertex, fragment_shader=text)
        if BLOCK_NAME in program:
            program[BLOCK_NAME].binding = BLOCK_BINDING
        for i in range(4):
            if f"iChannel{i}" in program:
                program[f"iChannel{i}"].value = CHANNEL_BINDING + i
        return self.context.vertex_array(program, [])

    def draw(
        self, array: moderngl.VertexArray, program: Program, request: RenderRequest
    ) -> Image.Image:
        """The request's only view."""
        sizes = np.zeros((1, 4, 3), np.float32)
        for i, channel in enumerate(program.image.channels[:4]):
            if channel is not None:
                variant = int(request.channels[0, i])
                sizes[0, i] = self.textures.get(channel, variant).size
            self.textures.bind(channel, int(request.channels[0, i]), CHANNEL_BINDING + i)
        self.uniforms.write(pack(request, sizes).tobytes())
        self.uniforms.bind_to_uniform_block(BLOCK_BINDING)
        self.target.clear()
        array.render(vertices=3)
        data = self.target.read(components=3, alignment=1)
        size = self.target.size
        return Image.frombytes("RGB", size, data).transpose(Image.Transpose.FLIP_TOP_BOTTOM)


def author_text(program: Program) -> str:
    """The author's text, wrapped but not translated, as the driver takes it."""
    return glsl.shader(program).text
