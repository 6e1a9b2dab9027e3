"""What a benchmark ran on, and which programs it takes."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path

import moderngl
import numpy as np

from phosphene.bank import Bank, Filters
from phosphene.program import Program
from phosphene.spirv import FRONT_END_VERSION, Module
from phosphene.spirv.compiler import ModuleCompiler
from phosphene.version import __version__
from phosphene.workers import cpu_count


def hardware() -> str:
    """Processor, cores that may be used, load, memory, kernel."""
    info = Path("/proc/cpuinfo").read_text()
    names = [line.split(":")[1].strip() for line in info.splitlines() if "model name" in line]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{names[0] if names else platform.machine()}, {cpu_count()} cores, {memory:.0f} GiB, "
        f"Linux {platform.release()}, load {os.getloadavg()[0]:.1f} at the start"
    )


def versions(renderer: str) -> str:
    """Renderer and library versions."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return (
        f"{renderer}; phosphene {__version__} ({commit or 'no checkout'}, front end "
        f"{FRONT_END_VERSION}), moderngl {moderngl.__version__}, numpy {np.__version__}, "
        f"Python {platform.python_version()}"
    )


def add_programs(parser: argparse.ArgumentParser, count: int) -> None:
    """The options that say which programs are measured."""
    parser.add_argument("--bank", type=Path, required=True, help="a bank of real programs")
    parser.add_argument("--count", type=int, default=count, help="programs drawn at random")
    parser.add_argument("--seed", type=int, default=0)


def programs(args: argparse.Namespace, accepted: bool | None = None) -> list[Program]:
    """The programs that the options choose; only servable ones."""
    filters = Filters(accepted=accepted, servable=True, limit=args.count, seed=args.seed)
    with Bank.open(args.bank, read_only=True) as bank:
        return list(bank.programs(bank.select_by(filters).program_ids))


def modules(chosen: Iterable[Program]) -> tuple[dict[str, Module], dict[str, str]]:
    """Program id → module, made here; program id → why there is none."""
    made, refused = {}, {}
    with ModuleCompiler() as compiler:
        for result in compiler.map(chosen):
            if result.module is not None:
                made[result.program] = result.module
            else:
                refused[result.program] = str(result.error)
    return made, refused


def processor_seconds(processes: Iterable[int]) -> float:
    """Processor time that processes have used so far, all threads, seconds (proc(5))."""
    ticks = 0
    for pid in processes:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
