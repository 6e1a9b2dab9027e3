"""NVIDIA's run-time compiler: C++ text in, machine code for one GPU architecture out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from phosphene.errors import EngineError, MissingPieceError

REMEDY = "type: pip install 'cuda-python>=12.8' nvidia-cuda-nvrtc"

_BASE = ("--use_fast_math", "-default-device", "--std=c++17", "--ptxas-options=-v", "-w")
_OPTIONAL = ("--minimal",)  # leaves out what the compiler declares by itself: a fifth of the time

_EMPTY = 'extern "C" __global__ void empty() {}'
_STACK = re.compile(r"(\d+) bytes stack frame")
_REGISTERS = re.compile(r"Used (\d+) registers")


@dataclass(frozen=True, slots=True)
class Cubin:
    """Machine code and what the assembler says of its kernel.

    Attributes:
        code: an ELF file for the driver.
        registers: a thread.
        local: bytes of local memory a thread: arrays that are indexed at run time, and spills.
    """

    code: bytes
    registers: int
    local: int


def _library() -> Any:
    try:
        from cuda.bindings import nvrtc
    except ImportError as error:
        raise MissingPieceError("the package cuda-python", REMEDY) from error
    return nvrtc


@cache
def version() -> tuple[int, int]:
    """Major and minor version of the compiler. Raises MissingPieceError where there is none."""
    library = _library()
    try:
        status, major, minor = library.nvrtcVersion()
    except Exception as error:  # the bindings' own classes differ between their versions
        raise MissingPieceError(f"NVIDIA's run-time compiler ({error})", REMEDY) from error
    _check(library, status, "nvrtcVersion")
    return int(major), int(minor)


@cache
def flags(arch: str) -> tuple[str, ...]:
    """The options for an architecture ("sm_90"), as far as the installed compiler knows them."""
    version()
    known: tuple[str, ...] = (f"-arch={arch}", *_BASE)
    for flag in _OPTIONAL:
        if _accepts((*known, flag)):
            known = (*known, flag)
    return known


def _accepts(options: tuple[str, ...]) -> bool:
    try:
        assemble(_EMPTY, options)
    except EngineError:
        return False
    return True


def assemble(text: str, options: tuple[str, ...]) -> Cubin:
    """Compiles a text.

    Raises:
        EngineError: with the compiler's first complaint.
    """
    library = _library()
    status, program = library.nvrtcCreateProgram(text.encode(), b"program.cu", 0, None, None)
    _check(library, status, "nvrtcCreateProgram")
    try:
        (status,) = library.nvrtcCompileProgram(
            program, len(options), [o.encode() for o in options]
        )
        log = _bytes(library, program, "ProgramLog").rstrip(b"\0").decode("utf-8", "replace")
        if int(status):
            raise EngineError(f"NVRTC refused the emitted C++: {_complaint(log)}")
        code = _bytes(library, program, "CUBIN")
    finally:
        library.nvrtcDestroyProgram(program)
    registers = [int(n) for n in _REGISTERS.findall(log)]
    stacks = [int(n) for n in _STACK.findall(log)]
    return Cubin(code, max(registers, default=0), max(stacks, default=0))


def _bytes(library: Any, program: Any, what: str) -> bytes:
    status, size = getattr(library, f"nvrtcGet{what}Size")(program)
    _check(library, status, f"nvrtcGet{what}Size")
    buffer: bytes = b"\0" * size
    (status,) = getattr(library, f"nvrtcGet{what}")(program, buffer)  # writes into it
    _check(library, status, f"nvrtcGet{what}")
    return buffer


def _check(library: Any, status: Any, call: str) -> None:
    if int(status):
        raise EngineError(f"{call} failed: {library.nvrtcGetErrorString(status)[1].decode()}")


def _complaint(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line), (lines or ["no message"])[0])[:300]
