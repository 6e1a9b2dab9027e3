"""One job of a comparison, in a process of its own: `python -m phosphene.comparing.job ROOT ARM SEED`.

It trains, or goes on training, then judges. Where the process that started it is gone, it stops as on
SIGTERM: training saves a checkpoint first.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from phosphene.comparing.layout import (
    SPECIFICATION,
    Job,
    marks_of,
    outdated,
    trained,
    write_scores,
)
from phosphene.comparing.specification import NOTHING, Comparison, load_comparison
from phosphene.errors import PhospheneError
from phosphene.evaluation import (
    FeatureCache,
    Judged,
    cache_root,
    evaluate,
    from_checkpoint,
    randomly_initialised,
)
from phosphene.training import find_device, pretrain

PATIENCE = 60.0
"""Seconds that a job waits for a run that its predecessor, left alone, is still saving."""


def perform(comparison: Comparison, job: Job, device: str) -> None:
    """Does what is left of a job.

    Raises:
        PhospheneError: training or judging failed.
    """
    judged = replace(_judged(comparison, job, device), name=job.arm)
    judging = comparison.judging
    datasets = judging.datasets()
    cache = FeatureCache(cache_root() / "features")
    report = evaluate([judged], datasets, judging.evaluation(device), cache)
    write_scores(job, comparison, judged.digest, marks_of(datasets), report.plain())


def _judged(comparison: Comparison, job: Job, device: str) -> Judged:
    config = comparison.config(job.arm, job.seed)
    if comparison.arms[job.arm].role == NOTHING:
        return randomly_initialised(config.training.backbone, seed=job.seed)
    old = bool(outdated([job], comparison))
    if old or not trained(job, comparison):
        _wait_for(job.run / ".lock")
        if not old:  # which is refused
            job.scores.unlink(missing_ok=True)  # of other weights
        pretrain(config, job.run, resume=True, device=device)
    return from_checkpoint(job.run)


def _wait_for(lock: Path) -> None:
    """Waits while another process holds a run, at most `PATIENCE` seconds."""
    import fcntl

    deadline = time.monotonic() + PATIENCE
    while lock.exists() and time.monotonic() < deadline:
        with open(lock, "rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                time.sleep(0.5)
            else:
                return


def stop_with(parent: int) -> None:
    """Ends this process as SIGTERM does once its parent is another than `parent`."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def main() -> int:
    """The entry of the process; the exit code is that of a command."""
    parser = argparse.ArgumentParser(prog="phosphene.comparing.job")
    parser.add_argument("root", type=Path)
    parser.add_argument("arm")
    parser.add_argument("seed", type=int)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--parent", type=int, required=True)
    args = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="phosphene: %(message)s")
    stop_with(args.parent)
    try:
        comparison = load_comparison(args.root / SPECIFICATION)
        device = str(find_device(args.device))
        perform(comparison, Job(args.root, args.arm, args.seed), device)
    except PhospheneError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
