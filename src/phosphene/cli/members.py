"""What `phosphene render` draws of programs: each as its author wrote it, or members of its family."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from phosphene import seeds
from phosphene.sampling.families import check_strength
from phosphene.spirv.module import is_lifted, lifted_name, program_of
from phosphene.spirv.passes.lift import lift
from phosphene.views import MAX_LITERALS, Latent, View, deviations

if TYPE_CHECKING:
    from phosphene.bank import Bank
    from phosphene.spirv import Module


def members(
    program: str,
    strength: float,
    count: int,
    seed: int,
    latent: Latent,
    canvas: tuple[float, float],
) -> list[View]:
    """A program's own picture and, behind it, members of its family; `count` in all."""
    if count == 1:
        return [View(program, latent, canvas)]
    counters = np.arange(1, count), int(program[:8], 16)
    uniforms = seeds.uniforms(seed, "members", *counters, n=MAX_LITERALS)
    drawn = deviations(uniforms, np.array(strength))
    varied = [replace(latent, literals=tuple(map(float, row))) for row in drawn]
    author = View(program, latent, canvas)
    return [author, *(View(lifted_name(program), one, canvas) for one in varied)]


def one_member(
    program: str, strength: float, seed: int, latent: Latent, canvas: tuple[float, float]
) -> View:
    """One member of a program's family."""
    return members(program, strength, 2, seed, latent, canvas)[1]


def safe_strengths(programs: Sequence[str], strength: float, bank: Bank | None) -> dict[str, float]:
    """Program id → the strength asked for, cut to what vetting found safe where it has looked.

    Raises:
        UsageError: the strength is out of its range.
    """
    check_strength(strength)
    known = bank.families(programs) if bank is not None else {}
    return {p: min(strength, known[p].strength) if p in known else strength for p in programs}


def lifting(modules: Mapping[str, Module]) -> Callable[[Sequence[str]], Mapping[str, Module]]:
    """A module source over authors' modules, which lifts those that are asked for under a lifted name."""

    def source(names: Sequence[str]) -> Mapping[str, Module]:
        found = {}
        for name in names:
            module = modules.get(program_of(name))
            if module is not None and is_lifted(name):
                spirv = lift(module.spirv).spirv
                module = replace(module, program=name, spirv=spirv, optimised=b"")
            if module is not None:
                found[name] = module
        return found

    return source
