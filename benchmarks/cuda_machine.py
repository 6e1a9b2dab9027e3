"""What the CUDA benchmarks share: the engine over a pack, hardware, versions, tables, JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from module_pack import Pack

from phosphene.engines.cuda import CudaEngine
from phosphene.version import __version__
from phosphene.views import RenderRequest
from phosphene.workers import cpu_count


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of every measurement."""
    parser.add_argument("--pack", type=Path, required=True, help="made by pack_modules.py")
    parser.add_argument("--cache", type=Path, help="folder of compiled kernels, kept between calls")
    parser.add_argument("--limit", type=int, help="take only so many programs")
    parser.add_argument("--streams", type=int, default=16)
    parser.add_argument("--carried", type=int, default=4, help="views in a launch's parameters")
    parser.add_argument("--hold-gil", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, help="JSON")


def opened(args: argparse.Namespace, pack: Pack, **options: Any) -> CudaEngine:
    """The engine as the options say, every program prepared, with a line every few seconds."""
    settings = {
        "streams": args.streams,
        "carried": args.carried,
        "hold_gil": args.hold_gil,
        "cache": args.cache,
        **options,
    }
    return CudaEngine(pack.modules, **settings)


def prepared(engine: CudaEngine, pack: Pack) -> dict[str, str]:
    """Makes all programs ready; the refused ones with reasons."""
    said = time.monotonic()

    def progress(done: int, of: int) -> None:
        nonlocal said
        if time.monotonic() - said > 5 or done == of:
            said = time.monotonic()
            print(f"  {done} of {of} ready", flush=True)

    return engine.prepare(pack.ids, progress)


def describe() -> dict[str, str]:
    """Hardware and versions."""
    properties = torch.cuda.get_device_properties(0)
    return {
        "gpu": f"{properties.name}, {properties.multi_processor_count} multiprocessors",
        "cpu": f"{cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Linux {platform.release()}",
        "versions": f"phosphene {__version__}, torch {torch.__version__}, CUDA {torch.version.cuda}, "
        f"numpy {np.__version__}, Python {platform.python_version()}",
    }


def requests(
    ids: list[str], program: np.ndarray, size: int, rng: np.random.Generator, supersample: int = 1
) -> RenderRequest:
    """One view a row: random moments, the whole canvas of the output's size."""
    n = len(program)
    used, index = np.unique(program, return_inverse=True)
    camera = np.tile(np.array([1, 0, 0, 0, 1, 0], np.float32), (n, 1))
    return RenderRequest(
        tuple(ids[i] for i in used),
        index.astype(np.int64),
        rng.uniform(0.5, 30.0, n).astype(np.float32),
        np.zeros((n, 4), np.float32),
        np.zeros((n, 4), np.int64),
        np.tile(np.array([2024, 5, 15, 43200], np.float32), (n, 1)),
        np.full((n, 2), size, np.float32),
        camera,
        size,
        size,
        supersample,
    )


def seconds(action: Any, repeats: int = 1) -> float:
    """Seconds on the GPU's clock that one call takes, the best of some."""
    best = float("inf")
    for _ in range(repeats):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        action()
        end.record()
        end.synchronize()
        best = min(best, begin.elapsed_time(end) / 1e3)
    return best


def table(title: str, rows: list[tuple[str, str]]) -> None:
    """Prints names and values."""
    print(f"\n{title}")
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        print(f"  {name:{width}}  {value}")


def save(args: argparse.Namespace, results: dict[str, Any]) -> None:
    """Adds a measurement to the JSON file."""
    if args.output is None:
        return
    known = json.loads(args.output.read_text()) if args.output.exists() else {}
    args.output.write_text(json.dumps({**known, "machine": describe(), **results}, indent=1))
