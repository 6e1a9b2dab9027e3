"""Where a run runs, for its record: versions and hardware."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from phosphene.engines.cuda import connections
from phosphene.errors import MissingPieceError, UsageError
from phosphene.version import __version__

_PACKAGES = ("torch", "torchvision", "timm", "lightly", "numpy")


def versions() -> dict[str, str]:
    """Version of phosphene, Python and the packages that decide numbers."""
    found = {"phosphene": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found


def hardware(device: torch.device) -> dict[str, str | int]:
    """Processor, cores in use, and the GPU where the device is one."""
    about: dict[str, str | int] = {
        "device": str(device),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "threads": torch.get_num_threads(),
    }
    if device.type == "cuda":
        about["gpu"] = torch.cuda.get_device_name(device)
    return about


def find_device(name: str = "auto") -> torch.device:
    """The device called `name`; "auto": a GPU where there is one, else the CPU.

    Of several processes that `torchrun` started on this machine each has the GPU of its number.

    Raises:
        UsageError: torch knows no such device.
        MissingPieceError: a GPU was asked for and there is none.
    """
    connections.widen()  # what looks for a GPU may start CUDA
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise MissingPieceError(f"a GPU for --device {name}", "use --device cpu or --device auto")
    if name == "cuda" and "LOCAL_RANK" in os.environ:
        name = f"cuda:{os.environ['LOCAL_RANK']}"
    try:
        device = torch.device(name)
    except RuntimeError:
        raise UsageError(f"`device` must be auto, cpu, cuda or cuda:N, got {name!r}") from None
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        count = torch.cuda.device_count()
        raise MissingPieceError(
            f"the GPU {name}", f"there are {count}: start at most so many ranks"
        )
    return device


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())
