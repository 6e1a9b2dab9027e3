"""Whether the picture is right: the engine against the driver drawing the author's text itself.

Identity camera, one time. Two kinds of programs are counted apart, as nobody can say what is right:
chaotic ones, on which the driver's own pictures of the unoptimised and of the optimised (`spirv-opt -O`)
module differ by more than the bar, and those that read unset variables, on which the driver's pictures
of the author's text and of glslang's plain translation of it differ.

    python benchmarks/fidelity.py --bank bank.db
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from collections.abc import Sequence

import machine
import moderngl
import numpy as np
import numpy.typing as npt
from direct import Direct, author_text

from phosphene.engines.opengl import OpenGLEngine
from phosphene.engines.opengl.engine import EXACT_SAMPLING
from phosphene.engines.opengl.fragment import fragment_text
from phosphene.program import Program
from phosphene.spirv import Module, compile_text, optimise, to_glsl
from phosphene.views import Latent, RenderRequest, View

# As the engine: without optimisation pictures are the same, and compilation is bounded.
os.environ["GALLIVM_PERF"] = f"{EXACT_SAMPLING},nopt"

BAR = 2.0
"""Mean absolute difference, 0 … 255, above which pictures are not the same."""

Picture = npt.NDArray[np.float64]


class Judge:
    """Compares the engine's picture of a program with the driver's."""

    def __init__(self, size: int, time: float) -> None:
        self.size, self.time = size, time
        self.direct = Direct(size, size)

    def view(self, program: Program) -> RenderRequest:
        """The one view that is compared."""
        return RenderRequest.of([View(program.id, Latent(self.time), (self.size,) * 2)], self.size)

    def picture(self, program: Program, text: str) -> Picture | None:
        """The driver's picture of a fragment shader, [3, H, W]; None where it refuses it."""
        try:
            array = self.direct.compile(text)
        except moderngl.Error:
            return None
        image = self.direct.draw(array, program, self.view(program))
        array.program.release()
        array.release()
        return np.asarray(image, np.float64).transpose(2, 0, 1)

    def verdict(self, program: Program, module: Module, ours: Picture) -> tuple[str, float]:
        """What kind of case the program is, and by how much the pictures differ."""
        text = author_text(program)
        truth = self.picture(program, text)
        if truth is None:
            return "the driver refuses the text", 0.0
        difference = float(np.abs(ours - truth).mean())
        if difference <= BAR:
            return "same", difference
        plain = self.picture(program, fragment_text(module.spirv))
        better = self.picture(program, fragment_text(optimise(module.spirv)))
        if _differ(plain, better):
            return "chaotic", difference
        translated = self.picture(program, _translated(text))
        if _differ(translated, truth):
            return "reads unset variables", difference
        return "different", difference


def _translated(text: str) -> str:
    """The text by glslang and SPIRV-Cross, without any pass of ours."""
    return to_glsl(compile_text(text)).replace("#version 330", "#version 450", 1)


def _differ(one: Picture | None, other: Picture | None) -> bool:
    return one is not None and other is not None and float(np.abs(one - other).mean()) > BAR


def main() -> None:
    """Compares and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    machine.add_programs(parser, 200)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--time", type=float, default=3.0)
    args = parser.parse_args()
    print(machine.hardware())
    chosen = machine.programs(args)
    modules, refused = machine.modules(chosen)

    def source(ids: Sequence[str]) -> dict[str, Module]:
        return {i: modules[i] for i in ids if i in modules}

    judge = Judge(args.size, args.time)
    kinds: Counter[str] = Counter({"does not compile": len(refused)})
    with OpenGLEngine(source, timeout=60.0) as engine:
        print(machine.versions(engine.info.renderer))
        for program in chosen:
            if program.id not in modules:
                continue
            batch = engine.render(judge.view(program))
            if batch.refused:
                kinds["refused by the engine"] += 1
                print(f"  {program.id}: {batch.refused[program.id]}")
                continue
            ours = batch.pixels[0].astype(np.float64)
            kind, difference = judge.verdict(program, modules[program.id], ours)
            kinds[kind] += 1
            if kind != "same":
                print(f"  {program.id}: {kind}, mean difference {difference:.2f} / 255", flush=True)
    report(kinds, args)


def report(kinds: Counter[str], args: argparse.Namespace) -> None:
    """Prints the counts and the share of the bar."""
    judged = kinds["same"] + kinds["different"] + kinds["refused by the engine"]
    print(f"{args.size} x {args.size}, time {args.time:g} s, bar: mean of {BAR:g}/255")
    for kind, count in kinds.most_common():
        print(f"  {count:5}  {kind}")
    print(
        f"{kinds['same'] / max(1, judged):.1%} of {judged} programs are drawn as the driver draws them"
    )


if __name__ == "__main__":
    main()
