"""From a program to its module: wrapped text → glslang → passes → stored form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from phosphene.errors import CompileError
from phosphene.glsl import Shader, shader
from phosphene.program import Program
from phosphene.spirv import limits, native, optimising
from phosphene.spirv.composition import Channels, compose
from phosphene.spirv.module import Module
from phosphene.spirv.passes import PIPELINE_VERSION, run_passes

FRONT_END_VERSION = f"1/{PIPELINE_VERSION}"
"""Names what makes modules: raised when the wrapper, glslang's settings or a pass changes."""

Locate = Callable[[int], tuple[str, int]]

_RECURSION = re.compile(r"Recursion detected:\s*(\w+)\(\S* calling (\w+)\(")
_COMPLAINT = re.compile(r"^ERROR: (?:\d+:(\d+): )?(?:'(.*?)' : )?(.*)$", re.MULTILINE)


def compile_program(
    program: Program,
    optimise: bool = False,
    program_id: str | None = None,
    parents: Mapping[str, Module] | None = None,
) -> Module:
    """Makes the module of a program, in this process.

    Args:
        program: of any dialect that `phosphene.glsl` knows.
        optimise: also fill in `Module.optimised`, for the CUDA compiler.
        program_id: the program's id where the caller knows it, to save hashing.
        parents: of a composition: program id → module.

    Raises:
        CompileError: glslang's first complaint, at the author's tab and line.
        UnservedError: it needs what this version lacks, or goes beyond `phosphene.spirv.limits`.
        MissingPieceError: no glslang on this machine; says what to install.
    """
    if program.composition is not None:
        spirv, channels = compose(program.composition, parents or {})
        return _stored(program_id or program.id, spirv, channels, optimise)
    limits.check_text(sum(len(tab.code) for tab in program.tabs))
    wrapped: Shader = shader(program)
    spirv = compile_text(wrapped.text, wrapped.locate)
    return _stored(program_id or program.id, spirv, wrapped.channels, optimise)


def _stored(program_id: str, spirv: bytes, channels: Channels, optimise: bool) -> Module:
    optimised = optimising.optimise(spirv) if optimise else b""
    return Module(program_id, spirv, channels, optimised, FRONT_END_VERSION)


def compile_text(text: str, locate: Locate = lambda line: ("image", line)) -> bytes:
    """A complete GLSL 450 fragment shader to SPIR-V that has been through the passes.

    Args:
        text: as `phosphene.glsl.shader` makes it.
        locate: line of `text` → author's tab and line, for complaints.

    Raises:
        CompileError, UnservedError, MissingPieceError: see `compile_program`.
    """
    limits.check_nesting(text)
    try:
        spirv = native.compile_glsl(text)
    except native.KhronosError as error:
        raise explain(str(error), locate) from None
    return run_passes(spirv)


def explain(log: str, locate: Locate) -> CompileError:
    """The first complaint of glslang's log as an error at the author's line."""
    recursion = _RECURSION.search(log)
    if recursion is not None:
        caller, callee = recursion.groups()
        return CompileError(
            f"`{caller}` calls `{callee}`, which leads back to it: GLSL has no recursion"
        )
    for found in _COMPLAINT.finditer(log):
        line, token, message = found.groups()
        message = " ".join(message.split())
        if token:
            message = f"'{token}': {message}"
        if line is None:
            return CompileError(message)
        tab, own_line = locate(int(line))
        return CompileError(message, tab, own_line)
    return CompileError(" ".join(log.split()) or "glslang gave no reason")
