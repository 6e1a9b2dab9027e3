"""Programs compiled by the driver, kept between batches within a bound."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import moderngl

from phosphene.engines.opengl.context import LEAST_VERSION
from phosphene.engines.opengl.fragment import VERTEX, fragment_text
from phosphene.errors import EngineError, PhospheneError
from phosphene.program import Channel
from phosphene.spirv.module import Module
from phosphene.uniforms import (
    BLOCK_BINDING,
    BLOCK_NAME,
    CHANNEL_BINDING,
    CHANNEL_COUNT,
    LITERAL_BLOCK_BINDING,
    LITERAL_BLOCK_NAME,
)

BYTES_BESIDE_CODE = 400_000
BYTES_OF_CODE = 60
"""A compiled program is taken to hold 400 kB and 60 bytes for every byte of its SPIR-V: measured with
llvmpipe (Mesa 22.3) as growth of the process over real programs."""


_NEWEST_VERSION = 450


@dataclass(slots=True)
class Compiled:
    """A program that the driver linked.

    Attributes:
        vertex_array: moderngl's; its `render` draws.
        channels: what is bound to iChannel0 …
        sampled: the channels that the program really reads.
        size: estimate of the memory it holds, bytes.
        seconds: that linking took.
        lifted: whether its literals are parameters.
        drawn: whether it was drawn before; llvmpipe generates code in the first draw.
    """

    program: Any
    vertex_array: Any
    channels: tuple[Channel | None, ...]
    sampled: tuple[int, ...]
    size: int
    seconds: float
    lifted: bool
    drawn: bool = False

    def release(self) -> None:
        """Frees what the driver holds."""
        self.vertex_array.release()
        self.program.release()


class Programs:
    """The compiled programs, the least recently used dropped first."""

    def __init__(
        self,
        context: Any,
        count: int,
        memory: int,
        dropped: Callable[[str], None],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """
        Args:
            context: moderngl's.
            count: how many programs to keep at most.
            memory: how many bytes they may hold by estimate.
            dropped: called with the id of a program that is given up.
            clock: what compilation is timed with.
        """
        self._context = context
        self._version = max(LEAST_VERSION, min(context.version_code, _NEWEST_VERSION))
        self._count = count
        self._memory = memory
        self._dropped = dropped
        self._clock = clock
        self._kept: OrderedDict[str, Compiled] = OrderedDict()
        self._held = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, program: str, module: Module | None) -> Compiled | None:
        """The compiled program; None where it is not kept and no module is given to make it from.

        Raises:
            EngineError: with the driver's message, where it does not compile.
        """
        compiled = self._kept.get(program)
        if compiled is None:
            if module is None:
                return None
            compiled = self._compile(module)
            self._kept[program] = compiled
            self._held += compiled.size
        self._kept.move_to_end(program)
        while len(self._kept) > 1 and (len(self._kept) > self._count or self._held > self._memory):
            name, old = self._kept.popitem(last=False)
            self._held -= old.size
            old.release()
            self._dropped(name)
        return compiled

    def _compile(self, module: Module) -> Compiled:
        began = self._clock()
        try:
            text = fragment_text(module.spirv, self._version)
        except (PhospheneError, ValueError) as error:
            raise EngineError(f"no GLSL could be made of its module: {error}") from error
        try:
            program = self._context.program(vertex_shader=VERTEX, fragment_shader=text)
        except moderngl.Error as error:
            raise EngineError(f"the driver refused it: {_first_complaint(str(error))}") from error
        if BLOCK_NAME in program:
            program[BLOCK_NAME].binding = BLOCK_BINDING
        lifted = LITERAL_BLOCK_NAME in program
        if lifted:
            program[LITERAL_BLOCK_NAME].binding = LITERAL_BLOCK_BINDING
        names = [f"iChannel{i}" for i in range(CHANNEL_COUNT)]
        sampled = tuple(i for i, name in enumerate(names) if name in program)
        for i in sampled:
            program[names[i]].value = CHANNEL_BINDING + i
        size = BYTES_BESIDE_CODE + BYTES_OF_CODE * len(module.spirv)
        vertex_array = self._context.vertex_array(program, [])
        seconds = self._clock() - began
        return Compiled(program, vertex_array, module.channels, sampled, size, seconds, lifted)


def _first_complaint(message: str) -> str:
    """The driver's own words, out of moderngl's report (a title, the stage, a ruler, the log)."""
    lines = [line.strip() for line in message.splitlines()]
    said = [line for line in lines if line and not line.startswith("===")]
    told = [line for line in said if "error" in line.lower()][1:] or said[-1:]
    return (told or ["no message"])[0][:300]
