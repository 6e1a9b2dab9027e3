"""Builds the shim over Khronos' compilers, once, into the user's cache.

The distributions ship glslang and SPIRV-Tools as static libraries without a stable C++ interface, so
the shim is compiled on the machine it runs on. The cached file is named by the hash of the shim's
source and of the libraries it was linked with: an upgrade of a package makes a new one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sysconfig
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from phosphene.errors import MissingPieceError

PACKAGES = "g++ glslang-dev spirv-tools libspirv-cross-c-shared-dev"
"""Debian and Ubuntu packages with the compiler, headers and libraries that the shim needs."""

REMEDY = f"type: sudo apt-get install {PACKAGES}"

COMPILE_SECONDS = 300.0
"""After this long the C++ compiler is given up; it takes about 3 s."""

_OPTIONS = ("-std=c++17", "-O1", "-fPIC", "-shared", "-Wl,--exclude-libs,ALL", "-Wl,--no-undefined")


@dataclass(frozen=True, slots=True)
class _Library:
    """A library to link with: `name`, as in lib{name}.a; which package brings it."""

    name: str
    package: str
    optional: bool = False
    """Newer glslang has merged this one into another."""


_LIBRARIES = (
    _Library("glslang", "glslang-dev"),
    _Library("SPIRV", "glslang-dev", optional=True),
    _Library("MachineIndependent", "glslang-dev", optional=True),
    _Library("GenericCodeGen", "glslang-dev", optional=True),
    _Library("OSDependent", "glslang-dev", optional=True),
    _Library("OGLCompiler", "glslang-dev", optional=True),
    _Library("SPIRV-Tools-opt", "spirv-tools"),
    _Library("SPIRV-Tools", "spirv-tools"),
    _Library("spirv-cross-c-shared", "libspirv-cross-c-shared-dev"),
)


def library_path() -> Path:
    """The shim's shared library, built if it is not in the cache.

    Safe when several processes build at once: each writes a file of its own and renames it.

    Raises:
        MissingPieceError: no C++ compiler, header or library; says what to install.
    """
    source = resources.files("phosphene.spirv").joinpath("native", "khronos.cpp").read_bytes()
    libraries = _find_libraries()
    path = cache_folder() / f"khronos-{_digest(source, libraries)}.so"
    if not path.exists():
        _build(source, libraries, path)
    return path


def cache_folder() -> Path:
    """Phosphene's folder in the user's cache (XDG Base Directory Specification)."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "phosphene"


def _search_folders() -> list[Path]:
    """Where libraries lie, in the order of preference."""
    multiarch = sysconfig.get_config_var("MULTIARCH")
    names = [n for n in os.environ.get("LIBRARY_PATH", "").split(os.pathsep) if n]
    for prefix in ("/usr/local", "/usr"):
        names += [f"{prefix}/lib/{multiarch}"] if multiarch else []
        names += [f"{prefix}/lib64", f"{prefix}/lib"]
    return [Path(n) for n in names]


def _find_libraries() -> list[Path]:
    folders = _search_folders()
    found = []
    for library in _LIBRARIES:
        candidates = (
            folder / f"lib{library.name}.{ending}" for folder in folders for ending in ("a", "so")
        )
        path = next((c for c in candidates if c.exists()), None)
        if path is not None:
            found.append(path)
        elif not library.optional:
            raise MissingPieceError(f"lib{library.name} (of {library.package})", REMEDY)
    return found


def _digest(source: bytes, libraries: list[Path]) -> str:
    """Names the shim by its source and the libraries' paths, sizes and dates."""
    name = hashlib.blake2b(source, digest_size=8)
    name.update(" ".join(_OPTIONS).encode())
    for library in libraries:
        state = library.stat()
        name.update(f"{library} {state.st_size} {state.st_mtime_ns}".encode())
    return name.hexdigest()


def _build(source: bytes, libraries: list[Path], path: Path) -> None:
    compiler = shutil.which("g++") or shutil.which("c++") or shutil.which("clang++")
    if compiler is None:
        raise MissingPieceError("a C++ compiler (g++)", REMEDY)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix="khronos-") as folder:
            text, made = Path(folder) / "khronos.cpp", Path(folder) / path.name
            text.write_bytes(source)
            group = ["-Wl,--start-group", *map(str, libraries), "-Wl,--end-group", "-lpthread"]
            command = [compiler, *_OPTIONS, str(text), "-o", str(made), *group]
            _run(command)
            os.replace(made, path)
    except OSError as error:
        raise MissingPieceError(
            f"a writable cache folder ({path.parent}: {error.strerror})",
            "free some space there or set XDG_CACHE_HOME to a folder you can write to",
        ) from error


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=COMPILE_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise MissingPieceError(
            f"a C++ compiler that ends (g++ took over {COMPILE_SECONDS:g} s)",
            "type the command again",
        ) from None
    if done.returncode == 0:
        return
    complaints = [
        line for line in done.stderr.splitlines() if "error" in line or "undefined" in line
    ]
    first = (complaints or done.stderr.splitlines() or ["no message"])[0].strip()
    raise MissingPieceError(f"a header or library of Khronos' compilers ({first})", REMEDY)
