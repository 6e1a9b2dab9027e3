"""The bars, tables and ablations of RESULTS.md that want a GPU, measured again: a log each, and how it ended.

    python benchmarks/pack_modules.py --bank real.db --count 4330 --pictures 64 --pictured 700 -o modules.pack
    python benchmarks/bars.py --pack modules.pack --bank real.db --dir bars
    python benchmarks/bars.py --pack modules.pack --bank real.db --dir bars --only throughput scaling
    python benchmarks/bars.py --pack modules.pack --bank real.db --dir bars --list

What ended well before is not measured again: after a kill the same command goes on. Comparisons want in the working
directory what benchmarks/comparisons/sources.yaml says. All of it takes some hours on two GPUs.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
TABLES = HERE / "comparisons"


@dataclass(frozen=True)
class Bar:
    """A measurement.

    Attributes:
        command: with {pack}, {bank}, {dir} and {cubins}, the folder of compiled kernels.
        cores: it may use so many; None: all.
        cold: begins without compiled kernels.
        environment: what is added to it.
    """

    command: str
    cores: int | None = None
    cold: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def line(self, places: Mapping[str, str]) -> list[str]:
        """The command's words."""
        return [word.format(**places) for word in shlex.split(self.command)]


def _engine(measurement: str, options: str = "") -> str:
    return (
        f"python {HERE / 'cuda_engine.py'} {measurement} --pack {{pack}} --cache {{cubins}} {options} "
        "-o {dir}/engine.json"
    )


def _compared(table: str, directory: str, options: str = "") -> str:
    return f"phosphene compare {TABLES / table} --dir {{dir}}/{directory} {options}"


BARS: dict[str, Bar] = {
    "cold": Bar(_engine("prepare"), cores=16, cold=True),
    "tests": Bar(
        f"python -m pytest -m gpu --rootdir {HERE.parent} {HERE.parent / 'tests'}",
        environment={"PHOSPHENE_GPU": "1"},
    ),
    "pictures": Bar(_engine("pictures")),
    "kernels": Bar(_engine("kernels")),
    "throughput": Bar(_engine("throughput", "--try-streams 16 --try-batches 2048"), cores=16),
    "training": Bar(_engine("training"), cores=16),
    "soak": Bar(_engine("soak")),
    "scaling": Bar(
        f"python {HERE / 'scaling.py'} --bank {{bank}} --gpus 1 2 --repeats 2 -o {{dir}}/scaling.json",
    ),
    "scaling-without-rendering": Bar(
        f"python {HERE / 'scaling.py'} --bank {{bank}} --gpus 1 2 -o {{dir}}/scaling-leaves.json --set "
        "'data.bank=\"\"' --set data.source=dead-leaves --set data.images=4000 --set data.canvas=224",
    ),
    "sources": Bar(_compared("sources.yaml", "sources", "--parallel 4")),
    "long": Bar(_compared("sources.yaml", "long", "--parallel 2 --steps 5000 --seeds 1")),
    "dino": Bar(
        _compared("sources.yaml", "dino", "--parallel 2 --recipe vit-tiny-dino")
        + " --steps 5000 --seeds 1 --set 'data.crop=[0.25,1.0]' --probe knn"
    ),
    "factors": Bar(_compared("factors.yaml", "factors", "--parallel 4")),
}
"""Name → measurement, in the order in which they are made."""


def measure(name: str, bar: Bar, places: Mapping[str, str], log: Path) -> dict[str, float | int]:
    """Runs a measurement into a log; its exit code and seconds."""
    words = bar.line(places)
    if bar.cold:
        shutil.rmtree(places["cubins"], ignore_errors=True)
    if words[0] == "python":
        words[0] = sys.executable
    elif words[0] == "phosphene":
        words[:1] = [sys.executable, "-m", "phosphene"]
    cores = sorted(os.sched_getaffinity(0))[: bar.cores]
    began = time.monotonic()
    with log.open("w") as out:
        print(f"{name}: {shlex.join(words)}", flush=True)
        ended = subprocess.run(
            ["taskset", "--cpu-list", ",".join(map(str, cores)), *words],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **bar.environment},
            check=False,
        )
    return {"code": ended.returncode, "seconds": round(time.monotonic() - began, 1)}


def main() -> None:
    """Measures what is not measured yet."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pack", type=Path, required=True, help="made by pack_modules.py")
    parser.add_argument("--bank", type=Path, required=True, help="a vetted bank")
    parser.add_argument("--dir", type=Path, default=Path("bars"), help="of logs (default: bars)")
    parser.add_argument("--only", nargs="+", choices=BARS, metavar="NAME", help=", ".join(BARS))
    parser.add_argument("--list", action="store_true", help="show the commands, run nothing")
    args = parser.parse_args()
    places = {
        "pack": str(args.pack),
        "bank": str(args.bank),
        "dir": str(args.dir),
        "cubins": str(args.dir / "cubins"),
    }
    wanted = {name: BARS[name] for name in args.only or BARS}
    if args.list:
        for name, bar in wanted.items():
            print(f"{name}: {shlex.join(bar.line(places))}")
        return
    for path in (args.pack, args.bank):
        if not path.is_file():
            parser.error(f"{path} is not a file")
    args.dir.mkdir(parents=True, exist_ok=True)
    record = args.dir / "bars.json"
    ended = json.loads(record.read_text()) if record.exists() else {}
    for name, bar in wanted.items():
        if ended.get(name, {}).get("code") == 0:
            print(f"{name}: measured before, see {args.dir / name}.log")
            continue
        ended[name] = measure(name, bar, places, args.dir / f"{name}.log")
        record.write_text(json.dumps(ended, indent=1) + "\n")
        print(f"  exit code {ended[name]['code']} after {ended[name]['seconds']:.0f} s", flush=True)
    if any(ended[name]["code"] for name in wanted):
        sys.exit("not all ended well")


if __name__ == "__main__":
    main()
