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
from phosphene.views import Latent, RenderRequest, View

os.environ["MESA_SHADER_CACHE_DISABLE"] = os.environ["MESA_GLSL_CACHE_DISABLE"] = "true"

SIZE = 64
GROUP = 32


def drawn(chosen: list[Program]) -> tuple[int, Counter[str], int, str]:
    """Programs that compile, reasons of all refusals, programs that render, the renderer."""
    modules, refused = machine.modules(chosen)
    reasons = Counter(reason.split(": ", 1)[-1][:60] for reason in refused.values())
    engine = open_engine("opengl", lambda ids: {i: modules[i] for i in ids if i in modules})
    rendered, ids = 0, list(modules)
    try:
        for begin in range(0, len(ids), GROUP):
            views = [View(i, Latent(3.0)) for i in ids[begin : begin + GROUP]]
            batch = engine.render(RenderRequest.of(views, SIZE))
            rendered += len(views) - len(batch.refused)
            reasons.update(f"not rendered: {r[:60]}" for r in batch.refused.values())
        return len(modules), reasons, rendered, engine.info.renderer
    finally:
        engine.close()


def measure(bank: Bank, name: str, args: argparse.Namespace) -> None:
    """Prints the figures of one collection."""
    began = time.perf_counter()
    summary = collect(open_source(name), bank)
    print(f"\n{name}: {summary.new} programs of {summary.read} items in {summary.seconds:.0f} s")
    filters = Filters(accepted=None, servable=True, limit=args.count, seed=args.seed)
    chosen = list(bank.programs(bank.select_by(filters).program_ids))
    compiled, reasons, rendered, renderer = drawn(chosen)
    total = max(1, len(chosen))
    print(f"  {len(chosen)} drawn at random; {machine.versions(renderer)}")
    print(f"  compile {compiled:5} = {compiled / total:.1%}")
    print(f"  render  {rendered:5} = {rendered / total:.1%}")
    for reason, count in reasons.most_common(6):
        print(f"    {count:4}  {reason}")
    print(f"  {time.perf_counter() - began:.0f} s")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="+", help="as `phosphene collect` takes them")
    parser.add_argument("--count", type=int, default=1000, help="programs of each")
    parser.add_argument("--seed", type=int, default=0)
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
