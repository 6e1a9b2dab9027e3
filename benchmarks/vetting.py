"""How many programs a second are compiled, and vetted.

Works on a copy of the bank's programs, so that nothing is known of them.

    python benchmarks/vetting.py --bank bank.db
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import machine

from phosphene.bank import Bank
from phosphene.engines import open_engine
from phosphene.vetting import Policy, Summary, vet

os.environ["MESA_SHADER_CACHE_DISABLE"] = os.environ["MESA_GLSL_CACHE_DISABLE"] = "true"


def show(title: str, summary: Summary) -> None:
    """Prints a run."""
    rate = summary.done / summary.seconds
    print(f"{title}: {summary.done} programs in {summary.seconds:.1f} s, {rate:.1f} a second")
    counts = {**summary.statuses, **dict(summary.reasons.most_common(8))} if summary.drawing else {}
    for name, count in counts.items():
        print(f"  {count:6}  {name}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    machine.add_programs(parser, 400)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--engine", default="opengl")
    parser.add_argument("--timeout", type=float, default=30.0)
    args = parser.parse_args()
    print(machine.hardware())
    chosen = machine.programs(args)
    with (
        tempfile.TemporaryDirectory() as folder,
        Bank.open(Path(folder) / "b", create=True) as bank,
    ):
        with bank.writing():
            for program in chosen:
                bank.add(program)
        show("compiling only", vet(bank, None, workers=args.workers))
    with (
        tempfile.TemporaryDirectory() as folder,
        Bank.open(Path(folder) / "b", create=True) as bank,
    ):
        with bank.writing():
            for program in chosen:
                bank.add(program)
        engine = open_engine(args.engine, bank.modules, workers=args.workers, timeout=args.timeout)
        print(machine.versions(engine.info.renderer))
        show("vetting", vet(bank, engine, Policy(), workers=args.workers))
        engine.close()


if __name__ == "__main__":
    main()
