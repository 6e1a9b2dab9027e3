"""How many images a second several GPUs train against one, on live programs.

    python benchmarks/scaling.py --bank bank.db --gpus 1 2 -o scaling.json
    python benchmarks/scaling.py --bank bank.db --gpus 1 2 --device cpu --backbone test_resnet --size 32 \\
        --batch 16 --steps 12 --warm-up 4 --log-steps 2 --set training.method.options.queue=256

Every count is one run of `torchrun … -m phosphene pretrain`, or `--repeats` of them in turn with those of the other
counts (steps differ by a fifth from run to run on some machines), with the same batch a GPU.
What a GPU does is the same in all of them: MoCo's groups are counted a GPU too, one each as where MoCo was
published; more want more launches a step. Rates are read from the run's record behind the warm-up; an
image is one view that went through the network.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from phosphene.evaluation import aligned

BARS = {2: 1.85, 4: 3.6}
"""How many times the images a second of one GPU so many must train."""

FIRST_REPORTS = 2
"""The first report pays for what is compiled and chosen at first use, the second for loading TensorBoard."""


def options() -> argparse.ArgumentParser:
    """What can be chosen."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--bank", type=Path, required=True, help="a vetted bank")
    add("--gpus", type=int, nargs="+", default=[1, 2], metavar="N", help="counts (default: 1 2)")
    add("--backbone", default="resnet50", help="a timm model (default: resnet50)")
    add("--size", type=int, default=224, metavar="PX", help="side of the views (default: 224)")
    add("--method", default="moco", help="as for phosphene pretrain (default: moco)")
    add("--groups", type=int, default=1, help="of MoCo's BatchNorm, a GPU (default: 1)")
    add("--mix", default="1", help="as for phosphene pretrain (default: 1)")
    add("--batch", type=int, default=256, metavar="N", help="samples a GPU and step (default: 256)")
    add("--steps", type=int, default=60, help="of each run (default: 60)")
    add("--warm-up", type=int, default=20, help="of them, left out (default: 20)")
    add(
        "--repeats",
        type=int,
        default=1,
        metavar="N",
        help="runs of each count, in turn (default: 1)",
    )
    add("--log-steps", type=int, default=10, help="steps a report (default: 10)")
    add("--programs", type=int, default=0, metavar="N", help="at most so many; 0: all")
    add("--engine", default="auto", help="auto, opengl, cuda")
    add("--device", default="cuda", help="cuda, or cpu for a try-out: ranks then use Gloo")
    add("--threads", type=int, default=1, help="of a rank (default: 1, as torchrun sets it)")
    add("--seed", type=int, default=0)
    add("--set", action="append", default=[], metavar="PATH=VALUE", help="any entry of config.yaml")
    add("--runs", type=Path, metavar="DIR", help="keep the runs there")
    add("-o", "--output", type=Path, help="JSON; counts that it has of before stay")
    return parser


def check(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """Ends the program where the options do not fit each other or the machine."""
    if min(args.gpus) < 1 or len(set(args.gpus)) < len(args.gpus):
        parser.error(f"--gpus must be different counts of at least 1, got {args.gpus}")
    if args.warm_up < FIRST_REPORTS * args.log_steps:
        parser.error(
            f"--warm-up must be at least {FIRST_REPORTS} reports of --log-steps {args.log_steps}, "
            f"got {args.warm_up}"
        )
    if args.steps < args.warm_up + args.log_steps:
        parser.error(f"--steps must leave a report behind the warm-up, got {args.steps}")
    if args.repeats < 1:
        parser.error(f"--repeats must be at least 1, got {args.repeats}")
    if not args.bank.is_file():
        parser.error(f"--bank must be a file, got {args.bank}")
    if args.device != "cpu":
        import torch

        if torch.cuda.device_count() < max(args.gpus):
            parser.error(
                f"--gpus {max(args.gpus)} needs as many GPUs, there are {torch.cuda.device_count()}"
            )


def command(args: argparse.Namespace, count: int, directory: Path) -> list[str]:
    """The command of one run."""
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count)]
    settings = {
        "--name": directory.resolve(),
        "--bank": args.bank.resolve(),
        "--device": args.device,
        "--engine": args.engine,
        "--backbone": args.backbone,
        "--size": args.size,
        "--method": args.method,
        "--mix": args.mix,
        "--batch-size": args.batch * count,
        "--steps": args.steps,
        "--log-steps": args.log_steps,
        "--seed": args.seed,
        # No checkpoint falls into the steps that are timed.
        "--checkpoint-steps": 0,
        "--checkpoint-minutes": 0,
    }
    if args.programs:
        settings["--programs"] = args.programs
    entries = list(args.set)
    if args.method == "moco":
        entries.insert(0, f"training.method.options.groups={args.groups * count}")
    words = [str(word) for pair in settings.items() for word in pair]
    words += [word for entry in entries for word in ("--set", entry)]
    return [sys.executable, *launch, "-m", "phosphene", "pretrain", *words]


def measure(args: argparse.Namespace, count: int, directory: Path) -> dict[str, Any]:
    """Trains on `count` GPUs; the reports behind the warm-up, and what the record says of the run."""
    load, began = os.getloadavg()[0], time.perf_counter()
    line = command(args, count, directory)
    done = subprocess.run(
        line,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env={**os.environ, "OMP_NUM_THREADS": str(args.threads)},
    )
    if done.returncode:
        sys.exit(f"{done.stderr}\n{count} ranks failed: {' '.join(line)}")
    lines = (directory / "record.jsonl").read_text("utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    first = {event["event"]: event for event in reversed(events)}
    if first["started"]["world"] != count:
        sys.exit(f"the run in {directory} had {first['started']['world']} ranks, not {count}")
    metrics = [e for e in events if e["event"] == "metrics"]
    timed = [e for e in metrics if e["step"] - e["steps"] >= args.warm_up]
    return {
        "reports": timed,
        "loss": metrics[-1]["loss"],
        "whole_seconds": time.perf_counter() - began,
        "load_before": load,
        "hardware": first["started"]["hardware"],
        "versions": first["started"]["versions"],
        "precision": first["started"]["precision"],
        "programs": first["started"]["programs"],
        "digest": first["started"]["digest"],
        "engine": {k: v for k, v in first["engine"].items() if k not in ("event", "time")},
    }


def summary(count: int, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """All runs of one count as one: means over all of their time; about the machine what the first says."""
    reports = [report for run in runs for report in run["reports"]]
    seconds = sum(e["seconds"] for e in reports)
    rates = [e["images_per_second"] for e in reports]
    ahead = [e["ahead"] for e in reports if "ahead" in e]
    return {
        **runs[0],
        "gpus": count,
        "images_per_second": sum(e["images_per_second"] * e["seconds"] for e in reports) / seconds,
        "slowest": min(rates),
        "fastest": max(rates),
        "waiting": sum(e["waiting"] * e["seconds"] for e in reports) / seconds,
        "ahead": sum(ahead) / len(ahead) if ahead else None,
        "milliseconds_a_step": 1000 * seconds / sum(e["steps"] for e in reports),
        "steps": sum(e["steps"] for e in reports),
        "reports": reports,
    }


def settings_of(args: argparse.Namespace) -> dict[str, Any]:
    """What must be equal for two counts to be compared."""
    apart = ("gpus", "output", "runs", "bank", "repeats")
    return {name: value for name, value in vars(args).items() if name not in apart}


def table(found: list[dict[str, Any]]) -> str:
    """Rates and ratios to the smallest count, then the machine."""
    base = found[0]
    head = (
        "GPUs",
        "images/s",
        "slowest-fastest report",
        "ms a step",
        "waiting",
        "ahead",
        "ratio",
        "bar",
    )
    rows = [head]
    for one in found:
        ratio = one["images_per_second"] / base["images_per_second"]
        bar = BARS.get(one["gpus"]) if base["gpus"] == 1 else None
        rows.append(
            (
                str(one["gpus"]),
                f"{one['images_per_second']:,.1f}",
                f"{one['slowest']:,.1f}-{one['fastest']:,.1f}",
                f"{one['milliseconds_a_step']:.1f}",
                f"{one['waiting']:.1%}",
                "" if one.get("ahead") is None else f"{1000 * one['ahead']:.0f} ms",
                f"{ratio:.3f}",
                f"{bar}" if bar else "",
            )
        )
    lines = aligned(rows)
    for one in found:
        about, versions = one["hardware"], one["versions"]
        lines.append(
            f"{one['gpus']}: {about.get('gpu', 'no GPU')}; {about['processor']}, {about['cores']} cores, "
            f"{about['threads']} threads a rank, load {one['load_before']:.1f} before; "
            f"{one['engine']['name']} engine, {one['programs']} programs, {one['precision']}; "
            + ", ".join(f"{name} {version}" for name, version in versions.items())
        )
    lines.append(
        "images: views of all ranks; waiting: share of the time that ranks wait for their batches, "
        "mean over ranks; ahead: how long the first GPU still worked when a report's steps were queued"
    )
    return "\n".join(lines)


def known(parser: argparse.ArgumentParser, args: argparse.Namespace) -> dict[int, dict[str, Any]]:
    """What the output has of before, by count."""
    if args.output is None or not args.output.exists():
        return {}
    content = json.loads(args.output.read_text("utf-8"))
    if content["settings"] != settings_of(args):
        parser.error(f"{args.output} was measured with other settings; give another -o")
    return {one["gpus"]: one for one in content["counts"]}


def write(args: argparse.Namespace, found: list[dict[str, Any]]) -> None:
    """The JSON, after every count, so that a kill costs one."""
    if args.output is None:
        return
    nccl = {name: value for name, value in os.environ.items() if name.startswith("NCCL_")}
    content = {"settings": settings_of(args), "environment": nccl, "counts": found}
    args.output.write_text(json.dumps(content, indent=1) + "\n", "utf-8")


def main() -> None:
    """Measures, prints, writes."""
    parser = options()
    args = parser.parse_args()
    check(parser, args)
    found = known(parser, args)
    with tempfile.TemporaryDirectory() as temporary:
        runs: dict[int, list[dict[str, Any]]] = {count: [] for count in args.gpus}
        for number in range(args.repeats):
            for count in args.gpus:
                directory = (args.runs or Path(temporary)) / f"gpus-{count}-{number}"
                print(
                    f"{count}: {args.backbone}, {args.batch * count} samples a step …", flush=True
                )
                runs[count].append(measure(args, count, directory))
                found[count] = summary(count, runs[count])
                write(args, [found[n] for n in sorted(found)])
    print(table([found[n] for n in sorted(found)]))


if __name__ == "__main__":
    main()
