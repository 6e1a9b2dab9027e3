"""Packs modules of vetted programs into one file, for `cuda_engine.py` on a machine with a GPU.

With `--pictures 64` the OpenGL engine draws the first programs here, unoptimised and optimised, so that
the CUDA engine's pictures can be held against them.

    phosphene vet --bank bank.db --optimise
    python benchmarks/pack_modules.py --bank bank.db --count 2200 --pictures 64 -o modules.pack
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import machine
import numpy as np
from module_pack import Pack, Packed

from phosphene.bank import Bank
from phosphene.engines.opengl import OpenGLEngine
from phosphene.program import Program
from phosphene.spirv import Module
from phosphene.spirv.compiler import ModuleCompiler
from phosphene.views import Latent, RenderRequest, View

TIME = 7.0


def pictures(
    modules: Mapping[str, Module], size: int, software: bool, workers: int | None
) -> tuple[dict[str, np.ndarray], str]:
    """uint8 [3, size, size] of every program that the OpenGL engine draws, and its renderer."""

    def source(ids: Sequence[str]) -> Mapping[str, Module]:
        return {i: modules[i] for i in ids}

    drawn: dict[str, np.ndarray] = {}
    ids = list(modules)
    with OpenGLEngine(source, gpu=False if software else None, workers=workers) as engine:
        for begin in range(0, len(ids), 64):
            part = ids[begin : begin + 64]
            views = [View(i, Latent(time=TIME), (float(size), float(size))) for i in part]
            batch = engine.render(RenderRequest.of(views, size))
            for i, picture in zip(part, batch.pixels, strict=True):
                if i not in batch.refused:
                    drawn[i] = picture.copy()
            print(f"\r{begin + len(part)} of {len(ids)} drawn", end="", flush=True)
        print()
        return drawn, engine.info.renderer


def optimised_modules(args: argparse.Namespace, chosen: Mapping[str, Program]) -> dict[str, Module]:
    """The bank's modules; those that it holds unoptimised are made here."""
    with Bank.open(args.bank, read_only=True) as bank:
        found = {i: m for i, m in bank.modules(list(chosen)).items() if m.optimised}
    absent = [program for i, program in chosen.items() if i not in found]
    began = time.perf_counter()
    with ModuleCompiler(args.workers, optimise=True) as compiler:
        found |= {c.program: c.module for c in compiler.map(absent) if c.module}
    print(f"{len(absent)} of {len(chosen)} modules made in {time.perf_counter() - began:.0f} s")
    return found


def main() -> None:
    """Makes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    machine.add_programs(parser, 2200)
    parser.add_argument("--pictures", type=int, default=0, help="pixels a side; 0: none")
    parser.add_argument("--pictured", type=int, help="programs that are drawn (all)")
    parser.add_argument("--workers", type=int)
    parser.add_argument(
        "--gpu", action="store_true", help="draw the pictures on a GPU if there is one"
    )
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    chosen = {p.id: p for p in machine.programs(args, accepted=True)}
    modules = optimised_modules(args, chosen)
    pictured = dict(list(modules.items())[: args.pictured])
    plain: dict[str, np.ndarray] = {}
    optimised: dict[str, np.ndarray] = {}
    renderer = ""
    if args.pictures:
        plain, renderer = pictures(pictured, args.pictures, not args.gpu, args.workers)
        swapped = {
            i: Module(i, m.optimised, m.channels, b"", m.version) for i, m in pictured.items()
        }
        optimised, _ = pictures(swapped, args.pictures, not args.gpu, args.workers)
    with Bank.open(args.bank, read_only=True) as bank:
        measured = bank.measurements(list(modules))
    packed = []
    for i, module in modules.items():
        shift = 0.0
        if i in plain and i in optimised:
            shift = float(np.abs(plain[i].astype(int) - optimised[i].astype(int)).mean())
        text, picture = chosen[i].to_json(), plain.get(i)
        packed.append(
            Packed(i, text, module.optimised, module.channels, picture, shift, measured.get(i, {}))
        )
    Pack(packed, renderer, TIME).write(args.output)
    chaotic = sum(p.shift > 2.0 for p in packed)
    size = args.output.stat().st_size / 1e6
    print(f"{args.output}: {len(packed)} programs, {chaotic} chaotic, {size:.1f} MB")


if __name__ == "__main__":
    main()
