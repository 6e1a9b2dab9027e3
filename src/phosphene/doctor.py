"""What this machine can do for Phosphene, what is missing, and what to type to get it."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from phosphene.errors import PhospheneError


class Status(StrEnum):
    """How a check came out."""

    OK = "ok"
    NOTE = "note"
    """Works, with a limit worth knowing."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was looked at, how it came out, the detail or the remedy."""

    name: str
    status: Status
    detail: str


def examine() -> list[Check]:
    """Runs every check; none of them raises for what it finds."""
    return [_guarded(name, check) for name, check in CHECKS.items()]


def _guarded(name: str, check: Callable[[], tuple[Status, str]]) -> Check:
    try:
        status, detail = check()
    except PhospheneError as error:
        status, detail = Status.MISSING, str(error)
    except (ImportError, OSError) as error:
        status, detail = Status.MISSING, f"{error}; run `make demo` in the checkout to install it"
    return Check(name, status, detail)


def _python() -> tuple[Status, str]:
    return Status.OK, ".".join(map(str, sys.version_info[:3]))


def _packages() -> tuple[Status, str]:
    try:
        needed = importlib.metadata.requires("phosphene") or []
    except importlib.metadata.PackageNotFoundError:
        return Status.NOTE, "not checked: phosphene runs here without being installed"
    versions, missing = [], []
    for requirement in needed:
        if ";" in requirement:  # of an extra
            continue
        package, _, least = requirement.partition(">=")
        try:
            found = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found = ""
        if found and _numbers(found) >= _numbers(least):
            versions.append(f"{package} {found}")
        else:
            missing.append(requirement)
    if missing:
        return Status.MISSING, f"{', '.join(missing)}; type: pip install {shlex.join(missing)}"
    return Status.OK, ", ".join(versions)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version.partition("+")[0])]


def _git() -> tuple[Status, str]:
    try:
        told = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return Status.NOTE, "no git: repositories cannot be collected; type: apt-get install git"
    return Status.OK, told.stdout.strip()


def _front_end() -> tuple[Status, str]:
    from phosphene.spirv import native

    return Status.OK, ", ".join(f"{k} {v}" for k, v in native.versions().items())


def _opengl() -> tuple[Status, str]:
    from phosphene.engines import open_engine

    engine = open_engine("opengl", modules=lambda ids: {}, workers=1)
    try:
        info = engine.info
    finally:
        engine.close()
    if info.software:
        return Status.NOTE, f"{info.renderer}, {info.version}: rendering on the CPU"
    return Status.OK, f"{info.renderer}, {info.version}"


def _cuda() -> tuple[Status, str]:
    import torch

    if not torch.cuda.is_available():
        return Status.NOTE, "no NVIDIA GPU that torch can use: training runs on the CPU"
    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    found = f"{', '.join(names)}, CUDA {torch.version.cuda}"
    try:
        from phosphene.engines.cuda import nvrtc

        compiler = ".".join(map(str, nvrtc.version()))
    except PhospheneError as error:
        return Status.NOTE, f"{found}; the engine cuda cannot be used: {error}"
    return Status.OK, f"{found}, NVRTC {compiler}"


def _room() -> tuple[Status, str]:
    cores = len(os.sched_getaffinity(0))
    disk = shutil.disk_usage(os.getcwd()).free / 2**30
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    detail = f"{cores} cores, {memory:.0f} GiB of memory, {disk:.0f} GiB free here"
    return (Status.NOTE if disk < 2 or memory < 4 else Status.OK), detail


CHECKS: dict[str, Callable[[], tuple[Status, str]]] = {
    "python": _python,
    "packages": _packages,
    "git": _git,
    "shader compiler": _front_end,
    "opengl engine": _opengl,
    "gpu": _cuda,
    "room": _room,
}
