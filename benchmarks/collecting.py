"""How long a large collection takes to collect, how much memory, and how soon its bank opens: bar 2.

python benchmarks/collecting.py shadertoygraph.git
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import machine

from phosphene.bank import Bank


def resident(pid: int) -> float:
    """Memory of a process and its children now, MiB (proc(5))."""
    found = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(
                line.split(":", 1) for line in status.read_text().splitlines() if ":" in line
            )
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(pid) in (fields["Pid"].strip(), fields["PPid"].strip()) and "VmRSS" in fields:
            found += int(fields["VmRSS"].split()[0])
    return found / 1024


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="as `phosphene collect` takes it")
    args = parser.parse_args()
    print(machine.hardware())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "bank.db")
        began = time.perf_counter()
        command = [sys.executable, "-m", "phosphene", "collect", args.source, "--bank", str(path)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        peak, done = 0.0, threading.Event()
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            done.wait(0.5)
        seconds = time.perf_counter() - began
        began = time.perf_counter()
        with Bank.open(path, read_only=True) as bank:
            count = len(bank)
            opened = time.perf_counter() - began
        size = path.stat().st_size / 1e6
        print(f"{count} programs in {seconds:.0f} s, {peak:.0f} MiB at most, bank {size:.0f} MB")
        print(f"opened and counted in {opened:.3f} s")


if __name__ == "__main__":
    main()
