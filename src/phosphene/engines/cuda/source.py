"""The whole C++ text of a program: the device functions, the uniform block, the program, the kernel."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib import resources

from phosphene.engines.cuda.emitter import EMITTER_VERSION, emit
from phosphene.engines.cuda.pruning import Piece, pieces, prune
from phosphene.uniforms import UNIFORMS
from phosphene.views import MAX_LITERALS

_INCLUDE = re.compile(r'^#(include ".*"|pragma once)\n', re.MULTILINE)

_EXACT = re.compile(r"\b(?:exact_sin|exact_cos|tan)\(")

_FEW = 64

_LARGE = 100_000
"""Characters of a program's C++ from which on its machine code exceeds the instruction cache (128 kB), more or less."""

_VECTORS = {"PH_WHOLE_VECTORS": ("ivec", "uvec"), "PH_BOOL_VECTORS": ("bvec",)}
"""What tells the device text that a program has other vectors than of floats, and their names."""

# Elements of an array in a std140 block stand 16 bytes apart, whatever their size.
_STRIDED = """\
template <class T, int N> struct Strided {
  struct { struct { T value; char rest[16 - sizeof(T)]; } raw[N];
           PH_FN const T& operator[](int i) const { return raw[i].value; } } element;
  PH_FN operator Array<T, N>() const { Array<T, N> a; for (int i = 0; i < N; i++) a.element[i] = element[i]; return a; }
};
"""

# What lifted programs read their literals' deviations from.
_FAMILY = f"""\
#define PH_FAMILY
struct Family {{ Array<vec4, {MAX_LITERALS // 4}> m0; }};
"""


@cache
def _device(name: str) -> str:
    text = resources.files("phosphene.engines.cuda").joinpath("device", name).read_text()
    return _INCLUDE.sub("", text)


@cache
def _frame() -> str:
    """The uniform block as a C++ struct with the same layout."""
    members = "".join(
        f"  Strided<{u.glsl}, {u.length}> {u.name};\n" if u.length else f"  {u.glsl} {u.name};\n"
        for u in UNIFORMS
    )
    return f"{_STRIDED}struct Frame {{\n{members}}};\n"


# What a program may call; on the host software stands in for the GPU's units.
_GPU = (
    "vectors.cuh",
    "quad.cuh",
    "functions.cuh",
    "texture.cuh",
    "sampling.cuh",
    "derivatives.cuh",
)
_HOST = (
    "vectors.cuh",
    "host.hpp",
    "functions.cuh",
    "texture.cuh",
    "sampling.hpp",
    "derivatives.cuh",
)


@cache
def _library(names: tuple[str, ...]) -> list[Piece]:
    return pieces("\n".join(_device(name) for name in names))


def _assemble(spirv: bytes, library: tuple[str, ...], kernel: tuple[str, ...]) -> str:
    emitted = emit(spirv)
    block = _frame() + (_FAMILY if emitted.lifted else "struct Family;\n")
    program = f"namespace glsl {{\n{emitted.text}}}\n"
    callers = "\n".join((block, program, *(_device(name) for name in kernel)))
    return _choices(program) + prune(_library(library), callers) + callers


def _choices(program: str) -> str:
    """Whether exact sines are written out where they are used, or called: where there are 17 to 64 of them,
    a kernel with copies takes 0.7 to 1 times as long, but more copies take the compiler three times as long. Whether the
    program is large. And which vectors there are: reading functions of vectors that a program has not takes a twentieth
    of a small program's time."""
    few = len(_EXACT.findall(program)) <= _FEW
    choices = {
        "PH_EXACT": "PH_FN" if few else "PH_CALL",
        "PH_LARGE": str(int(len(program) > _LARGE)),
    }
    for mark, names in _VECTORS.items():
        choices[mark] = str(int(any(name in program for name in names)))
    return "".join(f"#define {mark} {choice}\n" for mark, choice in choices.items())


def cuda_source(spirv: bytes) -> str:
    """The text for NVRTC; its kernel is `ph_render`. Raises UnservedError as `emit` does."""
    return _assemble(spirv, _GPU, ("kernel.cuh",))


def host_source(spirv: bytes, sampled: bool = False) -> str:
    """The text for the host's C++17 compiler; it exports `ph_render_host`. For `sampled` see `Target`."""
    return ("#define PH_SAMPLED\n" if sampled else "") + _assemble(
        spirv, _HOST, ("kernel.cuh", "host_kernel.hpp")
    )


@cache
def source_version() -> str:
    """Names everything but the module that decides the text: part of the compile cache's key."""
    digest = hashlib.blake2b(EMITTER_VERSION.encode(), digest_size=8)
    for name in (*_GPU, "kernel.cuh"):
        digest.update(_device(name).encode())
    digest.update((_frame() + _FAMILY).encode())
    return digest.hexdigest()
