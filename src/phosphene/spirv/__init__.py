"""One form for every program: GLSL through glslang to SPIR-V, and passes that make it safe."""

from phosphene.spirv.composition import readable
from phosphene.spirv.frontend import FRONT_END_VERSION, compile_program, compile_text
from phosphene.spirv.module import Module
from phosphene.spirv.native import KhronosError, to_glsl, validate
from phosphene.spirv.optimising import optimise

__all__ = [
    "FRONT_END_VERSION",
    "KhronosError",
    "Module",
    "compile_program",
    "compile_text",
    "optimise",
    "readable",
    "to_glsl",
    "validate",
]
