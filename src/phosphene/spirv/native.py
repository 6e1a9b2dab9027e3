"""Khronos' compilers in this process: glslang, SPIRV-Tools and SPIRV-Cross through one C shim.

A crash here is a crash of the process: for programs of unknown origin use
`phosphene.spirv.compiler.ModuleCompiler`, whose workers may die.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

from phosphene.errors import MissingPieceError, PhospheneError
from phosphene.spirv.build import REMEDY, library_path

_OK, _OUT_OF_MEMORY = 0, 2


class KhronosError(PhospheneError):
    """One of Khronos' compilers refused its input; the message is its log."""


@cache
def _library() -> ctypes.CDLL:
    path = library_path()
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise MissingPieceError(f"a library that {path.name} needs ({error})", REMEDY) from error
    for name in ("compile", "optimise", "validate", "disassemble", "to_glsl"):
        call = getattr(library, f"ph_{name}")
        call.argtypes, call.restype = [ctypes.c_char_p, ctypes.c_size_t], ctypes.c_void_p
    for name, kind in (
        ("status", ctypes.c_int),
        ("data", ctypes.c_void_p),
        ("data_size", ctypes.c_size_t),
        ("log", ctypes.c_void_p),
        ("log_size", ctypes.c_size_t),
        ("free", None),
    ):
        call = getattr(library, f"ph_{name}")
        call.argtypes, call.restype = [ctypes.c_void_p], kind
    library.ph_versions.restype = ctypes.c_char_p
    if library.ph_start() != 0:
        raise MissingPieceError("a working glslang", REMEDY)
    return library


def _take(result: Any) -> bytes:
    """The result's data, or its failure. Frees it."""
    library = _library()
    status = library.ph_status(result)
    if result is None or status == _OUT_OF_MEMORY:
        library.ph_free(result)
        raise MemoryError("Khronos' compilers ran out of memory")
    try:
        if status != _OK:
            log = ctypes.string_at(library.ph_log(result), library.ph_log_size(result))
            raise KhronosError(log.decode("utf-8", "replace").strip() or "refused without a reason")
        return ctypes.string_at(library.ph_data(result), library.ph_data_size(result))
    finally:
        library.ph_free(result)


def compile_glsl(text: str) -> bytes:
    """A GLSL 450 fragment shader to unoptimised SPIR-V 1.0, under OpenGL's rules.

    Raises:
        KhronosError: its message is glslang's log, one complaint a line.
    """
    data = text.encode("utf-8", "replace")
    return _take(_library().ph_compile(data, len(data)))


def optimise(spirv: bytes) -> bytes:
    """One flat function, optimised: `-O --merge-return --inline-entry-points-exhaustive -O`.

    Raises:
        KhronosError: not valid SPIR-V.
    """
    return _take(_library().ph_optimise(spirv, len(spirv) // 4))


def validate(spirv: bytes) -> None:
    """Raises KhronosError with the validator's complaint where the module breaks a rule."""
    _take(_library().ph_validate(spirv, len(spirv) // 4))


def disassemble(spirv: bytes) -> str:
    """The module as assembly text. Raises KhronosError where it cannot be read."""
    return _take(_library().ph_disassemble(spirv, len(spirv) // 4)).decode("utf-8", "replace")


def to_glsl(spirv: bytes) -> str:
    """GLSL 330 for an OpenGL driver, by SPIRV-Cross.

    The uniform block comes out as one std140 block under its own name and members, samplers as plain
    uniforms under theirs; no binding is written, so the caller binds both by name.

    Raises:
        KhronosError: the module uses what GLSL 330 lacks.
    """
    return _take(_library().ph_to_glsl(spirv, len(spirv) // 4)).decode("utf-8", "replace")


def versions() -> dict[str, str]:
    """Name → version of glslang, spirv-tools and spirv-cross; raises MissingPieceError without them."""
    lines = _library().ph_versions().decode("utf-8", "replace").splitlines()
    return dict(line.split(" ", 1) for line in lines)
