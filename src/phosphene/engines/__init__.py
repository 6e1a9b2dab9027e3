"""Engines: views in, pixels out. `open_engine` opens one by name."""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import Callable
from typing import Any, cast

from phosphene.engines.engine import Engine, EngineInfo, ModuleSource
from phosphene.errors import UsageError

__all__ = ["ENGINES", "OFFERED", "Engine", "EngineInfo", "ModuleSource", "open_engine", "resolve"]

log = logging.getLogger(__name__)

_CLASSES = {
    "opengl": ("phosphene.engines.opengl", "OpenGLEngine"),
    "cuda": ("phosphene.engines.cuda", "CudaEngine"),
    "fake": ("phosphene.engines.fake", "FakeEngine"),
}

ENGINES = ("auto", *_CLASSES)
"""The names that `open_engine` knows."""

OFFERED = tuple(name for name in ENGINES if name != "fake")  # which is for tests


def open_engine(name: str, modules: ModuleSource, **options: Any) -> Engine:
    """Opens an engine.

    Args:
        name: "opengl", "cuda", "fake"; "auto": `cuda` where torch sees an NVIDIA GPU, else `opengl`. What
            was taken is logged.
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
    kind = "software renderer" if info.software else "GPU"
    log.info("engine %s on %s (%s, %s)", info.name, info.renderer, kind, info.version)
    if name == "auto" and info.software:
        log.warning("no GPU can be used: %s draws on the CPU, far slower", info.renderer)
    return engine


def resolve(name: str) -> str:
    """The engine that a name stands for on this machine: "auto" is `cuda` where that is installed and
    torch sees an NVIDIA GPU, else `opengl`.

    Raises:
        UsageError: there is no such engine.
    """
    if name not in ENGINES:
        raise UsageError(f"`engine` must be one of {', '.join(OFFERED)}; got {name!r}")
    if name != "auto":
        return name
    if not _installed("phosphene.engines.cuda", "CudaEngine") or not _found("cuda.bindings"):
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
