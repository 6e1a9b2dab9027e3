"""SPIR-V to C++ that is CUDA's and the host's: `emit`."""

from phosphene.engines.cuda.emitter.program import EMITTER_VERSION, Emitted, emit

__all__ = ["EMITTER_VERSION", "Emitted", "emit"]
