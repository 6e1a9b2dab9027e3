"""The uniform block that every program reads: its GLSL, its std140 layout, its bytes; and the second
block, of the deviations of literals.

GLSL's `std140` rules: OpenGL 4.6 specification, section 7.6.2.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from phosphene.errors import UsageError
from phosphene.views import MAX_LITERALS, Floats, RenderRequest


@dataclass(frozen=True, slots=True)
class Uniform:
    """A member of the block: GLSL type and name, byte offset, array length (0: no array)."""

    glsl: str
    name: str
    offset: int
    length: int = 0


UNIFORMS = (
    Uniform("vec2", "ph_Tile", 0),  # window position of the view's lower left corner, pixels
    Uniform("vec2", "ph_PixelX", 8),  # step on the canvas for one output pixel to the right
    Uniform("vec2", "ph_PixelY", 16),  # … for one output pixel up
    Uniform("vec2", "ph_Origin", 24),  # canvas position of the view's lower left corner
    Uniform("vec3", "iResolution", 32),
    Uniform("float", "iTime", 44),
    Uniform("vec4", "iMouse", 48),
    Uniform("vec4", "iDate", 64),
    Uniform("float", "iTimeDelta", 80),
    Uniform("float", "iFrameRate", 84),
    Uniform("int", "iFrame", 88),
    Uniform("float", "iSampleRate", 92),
    Uniform("vec3", "iChannelResolution", 96, 4),
    Uniform("float", "iChannelTime", 160, 4),
)

BLOCK_NAME = "ph_Frame"
BLOCK_BINDING = 0
BLOCK_SIZE = 224
"""Bytes of one view's block."""

CHANNEL_COUNT = 4
CHANNEL_BINDING = 1
"""iChannel0 is at this binding, iChannel1 at the next …"""

LITERAL_BLOCK_NAME = "ph_Family"
LITERAL_MEMBER = "ph_Deviation"
LITERAL_BLOCK_BINDING = CHANNEL_BINDING + CHANNEL_COUNT
LITERAL_BLOCK_SIZE = 4 * MAX_LITERALS
"""Bytes of the second block, `vec4 ph_Deviation[MAX_LITERALS / 4]`, which only lifted modules read
(`phosphene.spirv.passes.lift`): by how much of itself each literal deviates; 0: not at all."""

FRAME_RATE = 60.0

MAX_TIME = 3.5e7
"""Seconds, more than a year: the number of a frame must fit into an `int`."""


def _numpy_format(uniform: Uniform) -> tuple[str, tuple[int, ...]]:
    scalar = "<i4" if uniform.glsl == "int" else "<f4"
    if uniform.length:
        return scalar, (uniform.length, 4)  # every element of an array takes 16 bytes
    width = int(uniform.glsl[3]) if uniform.glsl.startswith("vec") else 0
    return scalar, (width,) if width else ()


BLOCK_DTYPE = np.dtype(
    {
        "names": [u.name for u in UNIFORMS],
        "formats": [_numpy_format(u) for u in UNIFORMS],
        "offsets": [u.offset for u in UNIFORMS],
        "itemsize": BLOCK_SIZE,
    }
)


def glsl_block() -> str:
    """The block's declaration, on one line so that it shifts no line number twice."""
    members = " ".join(f"{u.glsl} {u.name}{f'[{u.length}]' if u.length else ''};" for u in UNIFORMS)
    return f"layout(std140, binding = {BLOCK_BINDING}) uniform {BLOCK_NAME} {{ {members} }};"


def pack(request: RenderRequest, channel_sizes: Floats) -> npt.NDArray[np.void]:
    """The block of every view; engines fill in `ph_Tile` where they draw into an atlas.

    Args:
        request: V views.
        channel_sizes: float32 [V, 4, 3], size of what is bound to each channel; zeros: nothing.

    Returns:
        BLOCK_DTYPE [V]. `ph_PixelX`, `ph_PixelY`, `ph_Origin` take gl_FragCoord.xy - ph_Tile to the
        canvas, in canvas pixels.
    """
    blocks = np.zeros(len(request), BLOCK_DTYPE)
    canvas = request.canvas
    camera = request.camera.reshape(-1, 2, 3) * canvas[:, :, None]
    blocks["ph_PixelX"] = camera[:, :, 0] / np.float32(request.width)
    blocks["ph_PixelY"] = camera[:, :, 1] / np.float32(request.height)
    blocks["ph_Origin"] = camera[:, :, 2]
    blocks["iResolution"][:, :2] = canvas
    blocks["iResolution"][:, 2] = 1.0
    blocks["iTime"] = request.time
    blocks["iMouse"][:, :2] = request.mouse[:, :2] * canvas
    blocks["iMouse"][:, 2:] = request.mouse[:, :2] * canvas * request.mouse[:, 2:]
    blocks["iDate"] = request.date
    blocks["iTimeDelta"] = 1.0 / FRAME_RATE
    blocks["iFrameRate"] = FRAME_RATE
    blocks["iFrame"] = np.floor(request.time * FRAME_RATE).astype(np.int32)
    blocks["iSampleRate"] = 44100.0
    blocks["iChannelResolution"][:, :, :3] = channel_sizes
    blocks["iChannelTime"][:, :, 0] = request.time[:, None]
    return blocks


def check_time(name: str, seconds: float) -> None:
    """Raises UsageError for a time that a program cannot be drawn at; `name` is the setting's."""
    if not abs(seconds) <= MAX_TIME:
        raise UsageError(f"`{name}` must be within {MAX_TIME:g} s of 0, got {seconds:g}")


def pack_literals(request: RenderRequest) -> Floats:
    """The second block of every view; zeros where a view's literals are the author's. float32 [V, 64]."""
    if request.literals is None:
        return np.zeros((len(request), MAX_LITERALS), np.float32)
    return request.literals
