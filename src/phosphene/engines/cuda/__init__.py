"""The engine `cuda`: programs as kernels, frames as tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phosphene.engines.cuda.engine import CudaEngine

__all__ = ["CudaEngine"]


def __getattr__(name: str) -> object:
    """Loads the engine when it is asked for: its workers import this package and must not load torch."""
    if name == "CudaEngine":
        from phosphene.engines.cuda.engine import CudaEngine

        return CudaEngine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
