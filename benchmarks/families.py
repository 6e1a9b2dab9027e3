"""How much more diverse programs become as families, and how many of their frames go blank.

Each program is drawn at the moments that training would draw, once as its author wrote it and once for each
strength with literals that deviate. Programs that were not vetted as families are so first, and it is
stored in the bank: give a copy.

    python benchmarks/families.py --bank copy.db --count 1000
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace

import machine
import numpy as np
import numpy.typing as npt

from phosphene.bank import Bank, Filters
from phosphene.engines import Engine, open_engine
from phosphene.sampling import DEFAULT_STRENGTH, Families, LatentPolicy
from phosphene.vetting import Policy, features, spread
from phosphene.vetting.families import empty, vet_families
from phosphene.vetting.measures import diversity
from phosphene.views import Latent, RenderRequest, View

GROUP = 32


@dataclass(frozen=True)
class Drawn:
    """Figures of all programs at one strength, float64 [P] each but the last two.

    Attributes:
        spread, diversity: within a program, in pixels and in the feature space.
        empty: share of frames that are blank or of one colour.
        cost: seconds a view.
        seconds: it took; drawing, without the figures.
    """

    spread: npt.NDArray[np.float64]
    diversity: npt.NDArray[np.float64]
    empty: npt.NDArray[np.float64]
    cost: npt.NDArray[np.float64]
    seconds: float


def requested(
    ids: tuple[str, ...], rows: range, families: Families, frames: int, size: int
) -> RenderRequest:
    """The views of some of the programs, as training would draw them."""
    index = np.array(rows)[:, None] * frames + np.arange(frames)
    program = np.repeat(np.array(rows), frames)[:, None]
    times, _, _ = LatentPolicy().draw(0, index.ravel(), 1, 0)
    names = families.names(ids)
    canvas = (256.0, 256.0)
    views = [
        View(names[p], Latent(float(t)), canvas)
        for p, t in zip(program[:, 0], times[:, 0], strict=True)
    ]
    literals = families.draw(0, index.ravel(), program, 0)[:, 0] if families.count else None
    return replace(RenderRequest.of(views, size), literals=literals)


def draw(engine: Engine, ids: tuple[str, ...], families: Families, frames: int, size: int) -> Drawn:
    """Draws and measures all programs."""
    figures: list[tuple[float, float, float, float]] = []
    names, drawing = families.names(ids), 0.0
    for first in range(0, len(ids), GROUP):
        rows = range(first, min(first + GROUP, len(ids)))
        began = time.monotonic()
        batch = engine.render(requested(ids, rows, families, frames, size))
        pixels = batch.pixels.cpu().numpy() if hasattr(batch.pixels, "cpu") else batch.pixels
        drawing += time.monotonic() - began
        for i, row in enumerate(rows):
            pictures = np.asarray(pixels[i * frames : (i + 1) * frames])
            values = spread(pictures.astype(np.float32)), diversity(features(pictures))
            cost = batch.seconds.get(names[row], float("nan"))
            figures.append((*values, empty(pictures, Policy()), cost))
    return Drawn(*np.array(figures).T, drawing)


def show(title: str, drawn: Drawn, author: Drawn) -> None:
    """Prints one strength as a line."""
    print(
        f"{title:>8}  {np.median(drawn.spread):.4f} {grown(drawn.spread, author.spread):>6}"
        f"  {np.median(drawn.diversity):.4f} {grown(drawn.diversity, author.diversity):>6}"
        f"  {100 * drawn.empty.mean():5.2f}  {np.nanmedian(drawn.cost / author.cost):5.2f}"
        f"  {np.nansum(drawn.cost) / np.nansum(author.cost):5.2f}  {drawn.seconds:7.1f}"
    )


def grown(values: npt.NDArray[np.float64], before: npt.NDArray[np.float64]) -> str:
    """By how much the median grew."""
    return f"{100 * (np.median(values) / np.median(before) - 1):+.0f}%"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    machine.add_programs(parser, 1000)
    parser.add_argument("--engine", default="opengl")
    parser.add_argument("--frames", type=int, default=8, help="of each program")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--strength", type=float, action="append", help="repeatable")
    args = parser.parse_args()
    print(machine.hardware())
    filters = Filters(limit=args.count, seed=args.seed)
    with Bank.open(args.bank) as bank:
        engine = open_engine(args.engine, bank.modules)
        print(machine.versions(engine.info.renderer))
        before = args.bank.stat().st_size
        done = vet_families(bank, engine, filters=filters, optimise=args.engine == "cuda")
        ids = bank.select_by(filters).program_ids
        known = bank.families(ids)
        print(
            f"{done.done} programs vetted as families in {done.seconds:.0f} s; the bank grew by "
            f"{args.bank.stat().st_size - before:,} bytes"
        )
        found = [known[i].strength for i in ids if i in known]
        for strength, count in zip(*np.unique(found, return_counts=True), strict=True):
            print(f"  {count:6}  sound up to {strength:g}")
        numbers = [known[i].literals for i in ids if i in known]
        print(f"literals that vary: median {np.median(numbers):g}, most {max(numbers)}")
        print(
            f"{len(ids)} programs, {args.frames} frames each, {args.size} px; medians of programs"
        )
        print("strength  spread   grew  features  grew  empty%  cost: median, sum   drawn in s")
        author = draw(engine, ids, Families.of(bank, ids, 0.0), args.frames, args.size)
        show("author", author, author)
        for strength in args.strength or [DEFAULT_STRENGTH]:
            families = Families.of(bank, ids, strength)
            show(f"{strength:g}", draw(engine, ids, families, args.frames, args.size), author)
        engine.close()


if __name__ == "__main__":
    main()
