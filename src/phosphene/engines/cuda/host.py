"""The CUDA engine's C++ on the host: what the emitter wrote, proven without a GPU."""

from __future__ import annotations

import ctypes
import platform
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from phosphene.engines.cuda.records import VIEW_DTYPE
from phosphene.engines.cuda.source import host_source
from phosphene.errors import EngineError, MissingPieceError
from phosphene.views import MAX_LITERALS, Floats

FLAGS = ("-std=c++17", "-O1", "-fPIC", "-shared", "-fno-strict-aliasing", "-ffp-contract=off", "-w")
_FMA = ("-mfma",) if platform.machine() in ("x86_64", "AMD64") else ()
FUSED = ("-ffp-contract=fast", "-fexpensive-optimizations", *_FMA)
"""What makes g++ fuse sums with the products in them, as NVRTC does, where the processor can."""


class HostProgram:
    """A program compiled for the host; draws the same views as a kernel would.

    Args:
        spirv: the module.
        fused: whether sums are fused with the products in them, as on a GPU: a processor that can is needed.
        sampled: whether a pixel may have several samples, see `Target`.

    Attributes:
        lifted: whether its literals are parameters.

    Raises:
        UnservedError: the emitter does not serve the module.
        MissingPieceError: there is no C++ compiler.
        EngineError: the compiler refused the emitted text, which is a fault of the emitter.
    """

    def __init__(self, spirv: bytes, fused: bool = False, sampled: bool = False) -> None:
        compiler = shutil.which("g++") or shutil.which("c++")
        if compiler is None:
            raise MissingPieceError("a C++ compiler (g++)", "type: apt-get install g++")
        with tempfile.TemporaryDirectory() as folder:
            text, library = Path(folder, "program.cpp"), Path(folder, "program.so")
            source = host_source(spirv, sampled)
            text.write_text(source)
            done = subprocess.run(
                [compiler, *FLAGS, *(FUSED if fused else ()), str(text), "-o", str(library)],
                capture_output=True,
                text=True,
            )
            if done.returncode:
                first = next((x for x in done.stderr.splitlines() if "error" in x), done.stderr)
                raise EngineError(f"the emitted C++ does not compile: {first.strip()}")
            self.lifted, self._sampled = "#define PH_FAMILY" in source, sampled
            self._draw = ctypes.CDLL(str(library)).ph_render_host
            self._draw.restype = ctypes.c_long

    def draw(
        self,
        views: npt.NDArray[np.void],
        width: int,
        height: int,
        samples: int = 1,
        literals: Floats | None = None,
    ) -> npt.NDArray[np.uint8]:
        """Draws views.

        Args:
            views: VIEW_DTYPE [V], each with its `slot`.
            samples: a pixel and axis; more than one of a `sampled` program only.
            literals: float32 [V, MAX_LITERALS], for lifted programs; None: zeros.

        Returns:
            uint8 [V, 3, height, width], row 0 is the top.
        """
        if views.dtype != VIEW_DTYPE:
            raise EngineError(f"`views` must be records of VIEW_DTYPE, got {views.dtype}")
        if samples > 1 and not self._sampled:
            raise EngineError(
                f"`samples` must be 1 of a program that is not sampled, got {samples}"
            )
        out = np.zeros((len(views), 3, height, width), np.uint8)
        views = np.ascontiguousarray(views)
        if literals is None:
            literals = np.zeros((len(views), MAX_LITERALS), np.float32)
        literals = np.ascontiguousarray(literals, np.float32)
        apart = self._draw(
            views.ctypes.data_as(ctypes.c_void_p),
            out.ctypes.data_as(ctypes.c_void_p),
            len(views),
            width,
            height,
            samples,
            literals.ctypes.data_as(ctypes.c_void_p),
        )
        if apart:
            raise EngineError(
                f"{apart} pixels do not run the loops that they share as often as the others: a fault of the emitter"
            )
        return out
