"""Measures the CUDA engine against its bars, on a machine with an NVIDIA GPU.

python benchmarks/pack_modules.py --bank bank.db --count 2200 --pictures 64 -o modules.pack
python benchmarks/cuda_engine.py prepare --pack modules.pack
python benchmarks/cuda_engine.py kernels --pack modules.pack -o after.json --against before.json
python benchmarks/cuda_engine.py throughput --pack modules.pack --cache cubins
python benchmarks/cuda_engine.py pictures --pack modules.pack --cache cubins
python benchmarks/cuda_engine.py training --pack modules.pack --cache cubins
python benchmarks/cuda_engine.py soak --pack modules.pack --cache cubins
"""

from __future__ import annotations

import argparse
import logging
import os
from pathlib import Path

os.environ.setdefault("CUDA_DEVICE_MAX_CONNECTIONS", "32")  # read when CUDA starts

import cuda_machine as machine
import cuda_throughput
import cuda_training
from module_pack import Pack

MEASUREMENTS = {
    "prepare": cuda_throughput.prepare,
    "kernels": cuda_throughput.kernels,
    "throughput": cuda_throughput.throughput,
    "pictures": cuda_throughput.pictures,
    "training": cuda_training.training,
    "soak": cuda_training.soak,
}


def main() -> None:
    """Runs one measurement."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="measurement", required=True)
    options = {name: commands.add_parser(name) for name in MEASUREMENTS}
    for command in options.values():
        machine.add_options(command)
    options["kernels"].add_argument("--against", type=Path, help="what -o wrote before a change")
    one = options["throughput"]
    one.add_argument("--seconds", type=float, default=6.0, help="of each run")
    one.add_argument("--paper-seconds", type=float, default=15.0, help="0: leave it out")
    one.add_argument("--try-streams", type=int, nargs="+", default=[8, 16, 32])
    one.add_argument("--try-batches", type=int, nargs="+", default=[256, 1024])
    one = options["training"]
    one.add_argument("--seconds", type=float, default=8.0, help="of each kind of step")
    one.add_argument(
        "--recipes", nargs="+", choices=cuda_training.RECIPES, default=list(cuda_training.RECIPES)
    )
    one = options["soak"]
    one.add_argument("--millions", type=float, default=10.0)
    one.add_argument("--seconds", type=float, default=110.0, help="at most")
    one.add_argument("--size", type=int, default=64)
    one.add_argument("--batch", type=int, default=4096)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    for name, value in machine.describe().items():
        print(f"{name}: {value}")
    pack = Pack.read(args.pack, args.limit)
    machine.save(args, MEASUREMENTS[args.measurement](args, pack))


if __name__ == "__main__":
    main()
