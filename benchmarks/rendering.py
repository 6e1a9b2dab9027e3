"""How fast the OpenGL engine renders programs drawn at random, against the paper's way.

One image a program, 256 x 256, time for the whole set: from cold (context, workers, compilation) and
warm. Mesa's shader cache is off for both. Modules stand ready in both senses: the engine gets SPIR-V,
the paper's way gets the wrapped text.

    python benchmarks/rendering.py --bank bank.db
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import machine
import moderngl
import numpy as np
from direct import Direct, author_text

from phosphene.engines.opengl import OpenGLEngine
from phosphene.program import Program
from phosphene.views import Latent, RenderRequest, View

os.environ["MESA_SHADER_CACHE_DISABLE"] = os.environ["MESA_GLSL_CACHE_DISABLE"] = "true"


@dataclass
class Timed:
    """Seconds on the clock and of processor time."""

    wall: float
    processor: float

    def show(self, name: str, images: int) -> str:
        """A line of the table."""
        rate = images / self.wall
        return f"{name:24} {self.wall:8.2f} s {self.processor:8.2f} s {rate:9.1f} img/s"


def timed(action: Callable[[], object], processes: Callable[[], Sequence[int]]) -> Timed:
    """Runs the action and measures it."""
    wall, processor = time.perf_counter(), machine.processor_seconds(processes())
    action()
    return Timed(time.perf_counter() - wall, machine.processor_seconds(processes()) - processor)


class Paper:
    """The paper's way on a list of programs."""

    def __init__(self, programs: Sequence[Program], request: RenderRequest) -> None:
        self.texts = [(program, author_text(program)) for program in programs]
        self.views = [request.take(np.array([i])) for i in range(len(request))]
        self.arrays: list[moderngl.VertexArray] = []

    def cold(self) -> None:
        """Opens a context, then compiles, draws and reads back one program after the other."""
        self.direct = Direct(self.views[0].width, self.views[0].height)
        for (program, text), view in zip(self.texts, self.views, strict=True):
            self.arrays.append(self.direct.compile(text))
            self.direct.draw(self.arrays[-1], program, view)

    def warm(self) -> None:
        """Draws and reads back."""
        for (program, _), array, view in zip(self.texts, self.arrays, self.views, strict=True):
            self.direct.draw(array, program, view)


def usable(programs: Sequence[Program], request: RenderRequest) -> set[str]:
    """Those whose text the driver links as it is."""
    direct, good = Direct(16, 16), set()
    for program in programs:
        try:
            direct.compile(author_text(program)).program.release()
            good.add(program.id)
        except (moderngl.Error, ValueError):
            continue
    return good


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    machine.add_programs(parser, 200)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--trials", type=int, default=3, help="of the warm runs")
    parser.add_argument(
        "--warm-up",
        type=int,
        default=5,
        help="runs before those: the engine optimises programs as they are drawn (default: 5)",
    )
    parser.add_argument("--workers", type=int)
    parser.add_argument(
        "--optimised", action="store_true", help="the engine without its draft mode"
    )
    args = parser.parse_args()
    print(machine.hardware())
    chosen = machine.programs(args)
    began = time.perf_counter()
    modules, refused = machine.modules(chosen)
    print(
        f"{len(modules)} modules made in {time.perf_counter() - began:.1f} s, {len(refused)} refused"
    )
    chosen = [program for program in chosen if program.id in modules]
    request = RenderRequest.of([View(p.id, Latent(3.0)) for p in chosen], args.size)
    linked = usable(chosen, request)
    print(f"{len(chosen) - len(linked)} more left out: the driver does not link their text")
    chosen = [program for program in chosen if program.id in linked]
    request = RenderRequest.of([View(p.id, Latent(3.0)) for p in chosen], args.size)

    def source(ids: Sequence[str]) -> dict[str, object]:
        return {i: modules[i] for i in ids}

    paper = Paper(chosen, request)
    own = [os.getpid()]
    paper_cold = timed(paper.cold, lambda: own)
    for _ in range(min(1, args.warm_up)):
        paper.warm()
    paper_warm = [timed(paper.warm, lambda: own) for _ in range(args.trials)]
    engines: list[OpenGLEngine] = []

    def ours() -> list[int]:
        return own + [pid for engine in engines for pid in engine.workers]

    def cold() -> None:
        engine = OpenGLEngine(source, workers=args.workers, timeout=60.0)
        engines.append(engine)
        batch = engines[0].render(request)
        print(f"engine: {len(engines[0].workers)} workers, {len(batch.refused)} refused")

    engine_cold = timed(cold, ours)
    for _ in range(args.warm_up):
        engines[0].render(request)
    engine_warm = [timed(lambda: engines[0].render(request), ours) for _ in range(args.trials)]
    print(machine.versions(engines[0].info.renderer))
    engines[0].close()
    report(len(chosen), args.size, paper_cold, paper_warm, engine_cold, engine_warm)


def report(
    images: int,
    size: int,
    paper_cold: Timed,
    paper_warm: Sequence[Timed],
    engine_cold: Timed,
    engine_warm: Sequence[Timed],
) -> None:
    """Prints the table."""

    def middle(times: Sequence[Timed]) -> Timed:
        return Timed(
            statistics.median(t.wall for t in times), statistics.median(t.processor for t in times)
        )

    paper, engine = middle(paper_warm), middle(engine_warm)
    print(
        f"{images} programs, one image of {size} x {size} each; warm: median of {len(paper_warm)}"
    )
    print(f"{'':24} {'clock':>10} {'processor':>10}")
    for name, measured in (
        ("paper's way, cold", paper_cold),
        ("engine, cold", engine_cold),
        ("paper's way, warm", paper),
        ("engine, warm", engine),
    ):
        print(measured.show(name, images))
    print(
        f"the engine is {paper_cold.wall / engine_cold.wall:.2f} x as fast from cold, "
        f"{paper.wall / engine.wall:.2f} x warm"
    )


if __name__ == "__main__":
    main()
