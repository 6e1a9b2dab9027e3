"""Draws the views of a task: programs compiled once, views into an atlas, one readback."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import moderngl
import numpy as np
import numpy.typing as npt

from phosphene.engines.opengl.atlas import Atlas
from phosphene.engines.opengl.context import describe
from phosphene.engines.opengl.programs import Compiled, Programs
from phosphene.engines.opengl.textures import Textures
from phosphene.errors import PhospheneError
from phosphene.spirv.module import Module
from phosphene.uniforms import (
    BLOCK_BINDING,
    BLOCK_DTYPE,
    BLOCK_SIZE,
    CHANNEL_BINDING,
    LITERAL_BLOCK_BINDING,
    LITERAL_BLOCK_SIZE,
    pack,
    pack_literals,
)
from phosphene.views import Floats, Ints, RenderRequest

Blocks = npt.NDArray[np.void]


@dataclass
class Drawn:
    """What became of a task.

    Attributes:
        undefined: float32 [V], share of pixels whose colour is not a number.
        refused: program → the driver's complaint.
        missing: programs that are not compiled and came without a module.
        dropped: programs that are compiled no more.
        compile: program → seconds that its compilation took, where it was compiled.
        draw: program → seconds a view.
    """

    undefined: Floats
    refused: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    compile: dict[str, float] = field(default_factory=dict)
    draw: dict[str, float] = field(default_factory=dict)


class Renderer:
    """One OpenGL context with its programs, textures and atlas."""

    def __init__(
        self,
        context: Any,
        announce: Callable[[int | None], None],
        programs: int,
        memory: int,
        textures: int,
    ) -> None:
        """
        Args:
            context: moderngl's.
            announce: told which program of the task (by its index) is being worked on.
            programs: how many compiled programs to keep.
            memory: how many bytes they may hold.
            textures: how many stand-ins to keep.
        """
        self._context = context
        self._announce = announce
        self._software = describe(context).software
        # On the CPU what counts is processor time: it does not grow when the machine is busy.
        self._clock = time.process_time if self._software else time.perf_counter
        self._dropped: list[str] = []
        self._programs = Programs(context, programs, memory, self._dropped.append, self._clock)
        self._textures = Textures(context, textures)
        self._atlas = Atlas(context)
        alignment = int(context.info["GL_UNIFORM_BUFFER_OFFSET_ALIGNMENT"])
        self._stride = -(-BLOCK_SIZE // alignment) * alignment
        self._uniforms = context.buffer(reserve=self._stride)
        self._literal_stride = -(-LITERAL_BLOCK_SIZE // alignment) * alignment
        self._literals = context.buffer(reserve=self._literal_stride)

    def draw(
        self,
        request: RenderRequest,
        modules: Mapping[str, Module],
        pixels: npt.NDArray[np.uint8],
    ) -> Drawn:
        """Renders a request.

        Args:
            request: V views.
            modules: the modules of programs that may not be compiled yet.
            pixels: uint8 [V, 3, H, W]; written, row 0 the top. Views that are not drawn are black.
        """
        drawn = Drawn(np.zeros(len(request), np.float32))
        self._dropped.clear()
        self._announce(0)
        self._atlas.begin(len(request), request.width, request.height, request.supersample)
        self._blend(request.supersample)
        blocks = pack(request, np.zeros((len(request), 4, 3), np.float32))
        blocks["ph_Tile"] = [self._atlas.corner(view) for view in range(len(request))]
        for index, name in enumerate(request.programs):
            self._announce(index)
            try:
                compiled = self._programs.get(name, modules.get(name))
                if compiled is None:
                    drawn.missing.append(name)
                    continue
                rows = np.flatnonzero(request.program == index)
                self._draw_program(name, index, compiled, request, rows, blocks[rows], drawn)
            except PhospheneError as error:
                drawn.refused[name] = str(error)
        self._announce(None)
        self._atlas.read(pixels, drawn.undefined)
        drawn.dropped.extend(self._dropped)
        return drawn

    def _blend(self, supersample: int) -> None:
        """Samples are added up. A single one is written through a blend that changes nothing, because
        llvmpipe generates code twice for a program without blending (for tiles that a triangle covers
        wholly and for the others) and once with it: half the time of a cold start."""
        self._context.blend_equation = moderngl.FUNC_ADD
        self._context.enable_only(
            moderngl.BLEND if self._software or supersample > 1 else moderngl.NOTHING
        )
        self._context.blend_func = (
            moderngl.ONE,
            (moderngl.ONE if supersample > 1 else moderngl.ZERO),
        )

    def _draw_program(
        self,
        name: str,
        index: int,
        compiled: Compiled,
        request: RenderRequest,
        rows: Ints,
        blocks: Blocks,
        drawn: Drawn,
    ) -> None:
        """Draws the views of one program. The device is waited for after each on the CPU and after each
        program on a GPU, so that a hang has a name."""
        for k, row in enumerate(rows):
            blocks["iChannelResolution"][k, :, :3] = self._sizes(compiled, request.channels[row])
        samples = request.supersample**2
        self._upload(blocks, request.supersample)
        if compiled.lifted:
            self._upload_literals(pack_literals(request)[rows])
        began = self._clock()
        for k, row in enumerate(rows):
            self._bind(compiled, request.channels[row])
            if compiled.lifted:
                self._literals.bind_to_uniform_block(
                    LITERAL_BLOCK_BINDING, offset=k * self._literal_stride, size=LITERAL_BLOCK_SIZE
                )
            self._atlas.aim(int(row))
            for sample in range(samples):
                offset = (k * samples + sample) * self._stride
                self._uniforms.bind_to_uniform_block(BLOCK_BINDING, offset=offset, size=BLOCK_SIZE)
                compiled.vertex_array.render(vertices=3)
                if (
                    not compiled.drawn
                ):  # llvmpipe generates code in the first draw, before any pixel
                    compiled.drawn = True
                    drawn.compile[name] = compiled.seconds + self._clock() - began
                    began = self._clock()
            if self._software:
                self._context.finish()
            self._announce(index)
        self._context.finish()
        drawn.draw[name] = (self._clock() - began) / len(rows)

    def _sizes(self, compiled: Compiled, variants: Ints) -> Floats:
        """Size of what is bound to each channel. float32 [4, 3]."""
        sizes = np.zeros((4, 3), np.float32)
        for i, channel in enumerate(compiled.channels):
            if channel is not None:
                sizes[i] = self._textures.get(channel, int(variants[i])).size
        return sizes

    def _bind(self, compiled: Compiled, variants: Ints) -> None:
        for i in compiled.sampled:
            channel = compiled.channels[i] if i < len(compiled.channels) else None
            self._textures.bind(channel, int(variants[i]), CHANNEL_BINDING + i)

    def _upload(self, blocks: Blocks, n: int) -> None:
        """Puts the blocks on the device, one for every sample of every view. Samples lie on an n x n grid
        inside the pixel; each is a whole picture, so that derivatives stay those of a pixel."""
        offsets = (np.arange(n, dtype=np.float32) + np.float32(0.5)) / np.float32(n)
        dy, dx = np.meshgrid(offsets - np.float32(0.5), offsets - np.float32(0.5), indexing="ij")
        spread = np.repeat(blocks, n * n).reshape(len(blocks), n * n)
        spread["ph_Origin"] += spread["ph_PixelX"] * dx.reshape(-1, 1) + spread[
            "ph_PixelY"
        ] * dy.reshape(-1, 1)
        raw = np.frombuffer(np.ascontiguousarray(spread, BLOCK_DTYPE).tobytes(), np.uint8)
        _write(self._uniforms, raw.reshape(-1, BLOCK_SIZE), self._stride)

    def _upload_literals(self, literals: Floats) -> None:
        """Puts the deviations of views' literals on the device. float32 [V, 64]."""
        raw = np.ascontiguousarray(literals, "<f4").view(np.uint8)
        _write(self._literals, raw, self._literal_stride)


def _write(buffer: Any, rows: npt.NDArray[np.uint8], stride: int) -> None:
    """Rows of bytes into a buffer, `stride` apart; the buffer grows where it is too small."""
    data = np.zeros((len(rows), stride), np.uint8)
    data[:, : rows.shape[1]] = rows
    if buffer.size < data.size:
        buffer.orphan(data.size)
    buffer.write(data)
