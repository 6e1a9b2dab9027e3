"""Bars 1, 2, 3 of the CUDA engine: preparation, pictures, heterogeneous batches."""

from __future__ import annotations

import argparse
import collections
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cuda_machine as machine
import numpy as np
import torch
from module_pack import Pack

from phosphene.engines.cuda import CudaEngine
from phosphene.views import RenderRequest

SIZE = 256
LEAST = 2000.0
"""img/s that a program must reach alone to be drawn."""

DEAR = 20e-6
"""Seconds a picture from which on launching it costs next to nothing."""


def _kind(reason: str) -> str:
    return re.sub(r"\d+", "#", reason)[:90]


def prepare(args: argparse.Namespace, pack: Pack) -> dict[str, Any]:
    """From cold (an empty cache) and from warm (another engine over the same cache).

    Raises:
        SystemExit: the cache that was named is not empty.
    """
    if args.cache and args.cache.exists() and any(args.cache.iterdir()):
        raise SystemExit(f"{args.cache} is not empty: cold preparation begins with an empty cache")
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.cache or temporary
        began = time.perf_counter()
        with machine.opened(args, pack, cache=folder) as engine:
            started = time.perf_counter() - began
            refused = machine.prepared(engine, pack)
            cold = time.perf_counter() - began
        began = time.perf_counter()
        with machine.opened(args, pack, cache=folder) as engine:
            machine.prepared(engine, pack)
            warm = time.perf_counter() - began
        size = sum(f.stat().st_size for f in Path(folder).iterdir())
    n = len(pack.ids)
    reasons = collections.Counter(_kind(r) for r in refused.values())
    scale = 21_000 / n
    machine.table(
        f"Preparation of {n} programs on {torch.cuda.get_device_name(0)}",
        [
            ("engine starts in", f"{started:.1f} s"),
            (
                "from cold",
                f"{cold:.1f} s: 21,000 in about {started + (cold - started) * scale:.0f} s",
            ),
            ("from a warm cache", f"{warm:.1f} s: 21,000 in about {warm * scale:.0f} s at most"),
            ("cache", f"{size / 1e6:.0f} MB"),
            ("run", f"{n - len(refused)} = {100 * (1 - len(refused) / n):.2f} %"),
            *((f"refused {count}", reason) for reason, count in reasons.most_common(8)),
        ],
    )
    examples = dict(list(refused.items())[:100])
    return {"prepare": {"programs": n, "cold": cold, "warm": warm, "refused": examples}}


def kernels(args: argparse.Namespace, pack: Pack) -> dict[str, Any]:
    """What each program takes alone, and against what it took in another run: for a change to the emitter.

    Raises:
        SystemExit: the other run has no such measurement.
    """
    before = json.loads(args.against.read_text()).get("kernels") if args.against else {}
    if before is None:
        raise SystemExit(f"{args.against} was not made by `cuda_engine.py kernels -o`")
    rng = np.random.default_rng(args.seed)
    with machine.opened(args, pack) as engine:
        refused = machine.prepared(engine, pack)
        ids = [i for i in pack.ids if i not in refused]
        found = dict(zip(ids, alone(engine, ids, rng).tolist(), strict=True))
    fast = [s for s in found.values() if s <= 1.0 / LEAST]
    rate = len(fast) / max(sum(fast), 1e-9)
    rows = [("at least 2,000 img/s", f"{len(fast)} of {len(found)}: {rate:,.0f} img/s")]
    both = [i for i in found if before.get(i, 1.0) <= 1.0 / LEAST]
    if both:
        old, new = (np.array([times[i] for i in both]) for times in (before, found))
        least, median, most = np.quantile(new / old, [0.1, 0.5, 0.9])
        rows += [
            ("in both", f"{len(both)}: {1 / old.mean():,.0f} -> {1 / new.mean():,.0f} img/s"),
            ("refused now", f"{sum(i in refused for i in before)}"),
            ("sum of times", f"{100 * (new.sum() / old.sum() - 1):+.1f} %"),
            (
                "a program's time",
                f"times {median:.3f} (median), {least:.3f} to {most:.3f} (first to ninth decile)",
            ),
        ]
    machine.table(f"{SIZE} x {SIZE}, alone", rows)
    return {"kernels": found}


def alone(engine: CudaEngine, ids: list[str], rng: np.random.Generator) -> np.ndarray:
    """Seconds a picture of each program when it has the GPU for itself, float [P].

    Up to 64 pictures at a time, so that the GPU is full; programs of less than DEAR at twice the size in each
    direction, so that launching costs little (of the others a pixel would be cheaper there than it is at SIZE, because
    neighbours have more in common).
    """
    found = np.zeros(len(ids))
    for i, program in enumerate(ids):
        trial = engine.trial(program)
        guess = trial.seconds(SIZE * SIZE) if trial else 0.0
        twice = 1 if guess > DEAR else 2
        views = int(np.clip(0.03 / max(guess * twice**2, 1e-9), 2, 64 // twice**2))
        request = machine.requests(ids, np.full(views, i), twice * SIZE, rng)
        torch.cuda.synchronize()
        found[i] = min(drawn(engine, request) for _ in range(2)) / (twice**2 * views)
    return found


def drawn(engine: CudaEngine, request: RenderRequest) -> float:
    """Seconds on the GPU's clock that a request takes."""
    engine.render(request)
    return engine.elapsed()


def stream_of_batches(
    engine: CudaEngine,
    ids: list[str],
    solo: np.ndarray,
    batch: int,
    rng: np.random.Generator,
    budget: float,
) -> dict[str, float]:
    """Uniform draws, one image a program visit, for about so many seconds."""
    draws = [rng.integers(0, len(ids), batch) for _ in range(max(2, int(budget * 40_000 / batch)))]
    made = [machine.requests(ids, draw, SIZE, rng) for draw in draws]
    engine.render(made[0])
    torch.cuda.synchronize()
    began, host, images, work = time.perf_counter(), 0.0, 0, 0.0
    for request, draw in zip(made, draws, strict=True):
        before = time.perf_counter()
        pixels = engine.render(request).pixels
        host += time.perf_counter() - before
        images += len(pixels)
        work += float(solo[draw].sum())
        if time.perf_counter() - began > budget:
            break
    torch.cuda.synchronize()
    wall = time.perf_counter() - began
    return {
        "rate": images / wall,
        "limit": images / work,
        "ratio": work / wall,
        "host": host / wall,
        "batch": batch,
        "images": images,
    }


def throughput(args: argparse.Namespace, pack: Pack) -> dict[str, Any]:
    """Heterogeneous batches against each program alone, and against the paper's way."""
    rng = np.random.default_rng(args.seed)
    with machine.opened(args, pack) as engine:
        refused = machine.prepared(engine, pack)
        ids = [i for i in pack.ids if i not in refused]
        solo = alone(engine, ids, rng)
    fast = [i for i, s in zip(ids, solo, strict=True) if s <= 1.0 / LEAST]
    times = solo[solo <= 1.0 / LEAST]
    runs = {}
    for streams in args.try_streams:
        for batch in args.try_batches:
            with machine.opened(args, pack, streams=streams) as engine:
                engine.prepare(fast)
                runs[f"{streams} streams, batch {batch}"] = stream_of_batches(
                    engine, fast, times, batch, rng, args.seconds
                )
    best = max(runs.values(), key=lambda r: r["rate"])
    paper = paper_rate(args, fast, rng) if args.paper_seconds > 0 else {}
    slow = np.sort(solo[solo > 1.0 / LEAST])[::-1]
    rows = [
        (
            name,
            f"{r['rate']:9,.0f} img/s, {100 * r['ratio']:.0f} % of {r['limit']:,.0f} (sum of times "
            f"alone), host busy {100 * r['host']:.0f} %",
        )
        for name, r in runs.items()
    ]
    if "rate" in paper:
        rows.append(
            (
                "the paper's way",
                f"{paper['rate']:,.0f} img/s on {paper['renderer']}: "
                f"{best['rate'] / paper['rate']:.1f} times",
            )
        )
    else:
        rows.append(("the paper's way", paper.get("error", "not measured")))
    rows += [
        ("alone", f"median {1 / np.median(solo):,.0f}, harmonic mean {1 / solo.mean():,.0f} img/s"),
        (
            "slower than 2,000 img/s",
            f"{len(slow)} of {len(ids)}: "
            + ", ".join(f"{1 / s:.0f}" for s in slow[-12:])
            + " img/s …",
        ),
    ]
    machine.table(f"{SIZE} x {SIZE}, {len(fast)} programs, carried {args.carried}", rows)
    return {
        f"throughput, carried {args.carried}": {
            "runs": runs,
            "paper": paper,
            "fast": len(fast),
            "all": len(ids),
            "slow": [float(1 / s) for s in slow],
        }
    }


def paper_rate(
    args: argparse.Namespace, fast: list[str], rng: np.random.Generator
) -> dict[str, Any]:
    """The paper's way in a process of its own: EGL beside CUDA hangs on some machines."""
    chosen = [fast[i] for i in rng.permutation(len(fast))[:200]]
    with tempfile.TemporaryDirectory() as folder:
        wanted, answer = Path(folder, "ids.json"), Path(folder, "rate.json")
        wanted.write_text(json.dumps(chosen))
        command = [sys.executable, str(Path(__file__).with_name("cuda_paper.py")), str(args.pack)]
        command += [str(wanted), str(answer), str(args.paper_seconds)]
        try:
            done = subprocess.run(command, timeout=3 * args.paper_seconds + 60, check=False)
        except subprocess.TimeoutExpired:
            return {"error": "it hung"}
        if not answer.exists():
            return {"error": f"OpenGL does not work here (exit code {done.returncode})"}
        found: dict[str, Any] = json.loads(answer.read_text())
        return found


def pictures(args: argparse.Namespace, pack: Pack) -> dict[str, Any]:
    """Against the OpenGL engine's pictures in the pack."""
    drawn = [p for p in pack.programs if p.picture is not None]
    if not drawn:
        print("the pack has no pictures: make it with --pictures 64")
        return {}
    size = drawn[0].picture.shape[-1]  # type: ignore[union-attr]
    ids = [p.id for p in drawn]
    rows: dict[str, tuple[float, float, float, float]] = {}
    with machine.opened(args, pack) as engine:
        refused = engine.prepare(ids)
        for begin in range(0, len(ids), 512):
            part = np.arange(begin, min(begin + 512, len(ids)))
            request = machine.requests(ids, part, size, np.random.default_rng(0))
            request.time[:] = pack.time
            pixels = engine.render(request).pixels.cpu().numpy().astype(np.float64)
            for i, ours in zip(part, pixels, strict=True):
                theirs = np.asarray(drawn[i].picture, np.float64)
                rows[ids[i]] = (
                    np.abs(ours - theirs).mean(),
                    np.abs(ours.mean((1, 2)) - theirs.mean((1, 2))).max(),
                    abs(ours.std() - theirs.std()),
                    drawn[i].shift,
                )
    rows = {i: r for i, r in rows.items() if i not in refused}
    calm = {i: r for i, r in rows.items() if r[3] <= 2.0}
    off = {i: r for i, r in calm.items() if r[0] > 2.0}
    like = sum(r[1] <= 0.05 * 255 and r[2] <= 0.05 * 255 for r in off.values())
    worst = sorted(off.items(), key=lambda item: -item[1][0])
    machine.table(
        f"{len(rows)} pictures of {size} x {size} px against {pack.renderer}",
        [
            ("chaotic", f"{len(rows) - len(calm)}"),
            (
                "within a mean of 2/255",
                f"{len(calm) - len(off)} of {len(calm)} = "
                f"{100 * (1 - len(off) / max(1, len(calm))):.1f} %",
            ),
            ("of the rest, alike in colour and contrast (5 %)", f"{like} of {len(off)}"),
            *(
                (i, f"differs by {r[0]:.1f}, colour {r[1]:.1f}, contrast {r[2]:.1f}")
                for i, r in worst[:10]
            ),
        ],
    )
    return {
        "pictures": {
            "calm": len(calm),
            "off": {i: list(map(float, r)) for i, r in worst},
            "chaotic": len(rows) - len(calm),
            "refused": len(refused),
        }
    }
