"""Engines: views in, pixels out. `open_engine` opens one by name."""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from phosphene.engines.engine import Engine, EngineInfo, ModuleSource
from phosphene.errors import UsageError

__all__ = [
    "ENGINES",
    "Engine",
    "EngineInfo",
    "ModuleSource",
    "check_name",
    "open_engine",
    "resolve",
]

log = logging.getLogger(__name__)
choices = logging.getLogger("phosphene.choices")
"""What users want to know that was chosen for them; the command line shows it without being asked for more."""

NVIDIA = Path("/dev/nvidiactl")
"""What the driver for NVIDIA GPUs makes."""

_CLASSES = {
    "opengl": ("phosphene.engines.opengl", "OpenGLEngine"),
    "cuda": ("phosphene.engines.cuda", "CudaEngine"),
    "fake": ("phosphene.engines.fake", "FakeEngine"),
}

ENGINES = ("auto", *_CLASSES)
"""The names that `open_engine` knows."""


def open_engine(name: str, modules: ModuleSource, **options: Any) -> Engine:
    """Opens an engine.

    Args:
        name: "opengl", "cuda", "fake"; "auto": `cuda` where torch sees an NVIDIA GPU, else `opengl`. What
            was taken is said.
        modules: where the programs' modules come from, e.g. `Bank.modules`.
        options: the engine's own; see its class.

    Raises:
        UsageError: there is no such engine, or it does not know an option.
        MissingPieceError: this machine lacks what the engine needs.
        EngineError: the engine cannot start.
    """
    chosen = resolve(name)
    path, title = _CLASSES[chosen]
    try:
        opened = cast("Callable[..., Engine]", getattr(importlib.import_module(path), title))
    except (ModuleNotFoundError, AttributeError) as error:
        raise UsageError(f"engine {chosen!r} is not part of this installation ({error})") from error
    try:
        engine = opened(modules, **options)
    except TypeError as error:
        if "unexpected keyword" not in str(error):
            raise
        raise UsageError(f"engine {chosen!r} does not know an option: {error}") from error
    info = engine.info
    slow = "; a software renderer, far slower than a GPU" if info.software else ""
    choices.info("engine %s: %s, %s%s", info.name, info.renderer, info.version, slow)
    return engine


def check_name(name: str) -> None:
    """Raises UsageError where there is no such engine. `fake` is for tests, and not offered."""
    if name not in ENGINES:
        offered = ", ".join(known for known in ENGINES if known != "fake")
        raise UsageError(f"`engine` must be one of {offered}; got {name!r}")


def resolve(name: str) -> str:
    """The engine that a name stands for on this machine: "auto" is `cuda` where that is installed and
    torch sees an NVIDIA GPU, else `opengl`.

    Raises:
        UsageError: there is no such engine.
    """
    check_name(name)
    if name != "auto":
        return name
    if not _installed("phosphene.engines.cuda", "CudaEngine"):
        return "opengl"
    if not _found("cuda.bindings"):
        if NVIDIA.exists():
            log.warning(
                "an NVIDIA GPU is here, but the engine cuda lacks cuda-python: type pip install 'phosphene[cuda]'"
            )
        return "opengl"
    torch = importlib.import_module("torch")  # takes a second: only where it may matter
    importlib.import_module("phosphene.engines.cuda.connections").widen()  # to look may start CUDA
    return "cuda" if torch.cuda.is_available() else "opengl"


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _installed(module: str, name: str) -> bool:
    return _found(module) and hasattr(importlib.import_module(module), name)
