"""A program's canonical SPIR-V, as it is stored in the bank and given to the engines."""

from __future__ import annotations

from dataclasses import dataclass

from phosphene.program import Channel


@dataclass(frozen=True, slots=True)
class Module:
    """What an engine needs of a program.

    Attributes:
        program: the id of the program it was made from.
        spirv: SPIR-V 1.x binary, little endian: glslang's unoptimised output after our passes. Entry
            point `main`, fragment stage. Reads gl_FragCoord, the uniform block of
            `phosphene.uniforms` (set 0, binding 0) and samplers at bindings 1 to 4; writes one
            vec4 at location 0. Samplers that are never read may be absent.
        optimised: the same after spirv-opt, one function, for the CUDA compiler; empty until made.
        channels: what the author bound to iChannel0 …3; None: nothing.
        version: of the front end and passes that made it; a module of another version is made anew.
    """

    program: str
    spirv: bytes
    channels: tuple[Channel | None, ...] = ()
    optimised: bytes = b""
    version: str = ""


_LIFTED = "~"


def lifted_name(program: str) -> str:
    """The name under which an engine is asked for a program's lifted module, and answers for it.

    A lifted module (`phosphene.spirv.passes.lift`) draws another picture at another cost than the
    author's, so that engines compile, measure and refuse the two as two programs.
    """
    return program + _LIFTED


def is_lifted(name: str) -> bool:
    """Whether a name is that of a lifted module."""
    return name.endswith(_LIFTED)


def program_of(name: str) -> str:
    """The id of the program that a name stands for, lifted or not."""
    return name.removesuffix(_LIFTED)
