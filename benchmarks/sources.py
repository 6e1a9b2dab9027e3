"""What share of real collections compiles and renders: bar 1 of the main job.

Collects each source into a bank of its own, draws programs at random (single-pass ones: what this version
can serve, and for ISF the generators), compiles them, and draws each once.

    python benchmarks/sources.py --count 1000 shadertoygraph.git shader-gallery.git ISF-Files.git
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from pathlib import Path

import machine

from phosphene.bank import Bank, Filters
from phosphene.collecting import collect
from phosphene.engines import open_engine
from phosphene.program import Program
from phosphene.sources import open_source
from phosphene.spirv import Module
from phosphene.views import Latent, RenderRequest, View

os.environ["MESA_SHADER_CACHE_DISABLE"] = os.environ["MESA_GLSL_CACHE_DISABLE"] = "true"

SIZE = 64
GROUP = 32


def compiled(chosen: list[Program]) -> tuple[dict[str, Module], Counter[str]]:
    """The modules, and the reasons of those that were refused."""
    modules, refused = machine.modules(chosen)
    return modules, Counter(reason.split(": ", 1)[-1][:60] for reason in refused.values())


def rendered(modules: dict[str, Module]) -> tuple[int, Counter[str], str]:
    """How many render, the reasons of those that do not, and the renderer."""
    reasons: Counter[str] = Counter()
    engine = open_engine("opengl", lambda ids: {i: modules[i] for i in ids if i in modules})
    count, ids = 0, list(modules)
    try:
        for begin in range(0, len(ids), GROUP):
            views = [View(i, Latent(3.0)) for i in ids[begin : begin + GROUP]]
            batch = engine.render(RenderRequest.of(views, SIZE))
            count += len(views) - len(batch.refused)
            reasons.update(f"not rendered: {r[:60]}" for r in batch.refused.values())
        return count, reasons, engine.info.renderer
    finally:
        engine.close()


def measure(bank: Bank, name: str, args: argparse.Namespace) -> None:
    """Prints the figures of one collection."""
    began = time.perf_counter()
    summary = collect(open_source(name), bank)
    print(f"\n{name}: {summary.new} programs of {summary.read} items in {summary.seconds:.0f} s")
    filters = Filters(accepted=None, servable=True, limit=args.count, seed=args.seed)
    chosen = list(bank.programs(bank.select_by(filters).program_ids))
    modules, reasons = compiled(chosen)
    total = max(1, len(chosen))
    print(f"  of {len(chosen)} drawn at random")
    print(f"  compile {len(modules):5} = {len(modules) / total:.1%}", flush=True)
    if not args.compile_only:
        count, failures, renderer = rendered(modules)
        reasons.update(failures)
        print(f"  render  {count:5} = {count / total:.1%} ({machine.versions(renderer)})")
    for reason, count in reasons.most_common(6):
        print(f"    {count:4}  {reason}")
    print(f"  {time.perf_counter() - began:.0f} s")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="+", help="as `phosphene collect` takes them")
    parser.add_argument("--count", type=int, default=1000, help="programs of each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compile-only", action="store_true")
    args = parser.parse_args()
    print(machine.hardware())
    for name in args.sources:
        with (
            tempfile.TemporaryDirectory() as folder,
            Bank.open(Path(folder, "bank.db"), create=True) as bank,
        ):
            measure(bank, name, args)


if __name__ == "__main__":
    main()
