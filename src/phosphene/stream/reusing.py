"""Mixes of pictures that are rendered once and take part in several samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from phosphene.engines.engine import Engine
from phosphene.sampling import Draw, Mixture, Sampler, Sources
from phosphene.stream.quarantine import InForce, Quarantine, Quarantined
from phosphene.stream.rendering import Order, Renderer, Rendering, Waiting
from phosphene.views import Ints


@dataclass(eq=False)
class _Run:
    """Pictures of consecutive sources.

    Attributes:
        first, end: the first source's number, and one behind the last's.
        program: int64 [S], what they show, index into the selection.
        pixels: of each group of views or frames, uint8 [V, S, 3, H, W].
    """

    first: int
    end: int
    program: Ints
    pixels: list[Tensor]


def rendering(
    engine: Engine, sampler: Sampler, ids: Sequence[str], quarantine: Quarantine
) -> Rendering:
    """What makes the parts of a sampler's samples, with or without reuse; for the rest see `Renderer`."""
    if not sampler.reusing:
        return Renderer(engine, sampler, ids, quarantine)
    return ReusingRenderer(engine, sampler, ids, quarantine)


class ReusingRenderer:
    """Renders the sources of mixes (`Sampler.reuse`), each once, and keeps them while samples need them.

    Source s takes part in the samples s, s - N, s - 2 N … of which the last to be made is s itself: where
    batches of all ranks together divide N, it is rendered by the rank that needs it again, and what is kept
    is (P - 1) N sources of all ranks together. Other batch sizes give the same samples, for more rendering.

    A program that is refused is quarantined from the first sample of the batch that is being made, also
    in sources that were rendered before: what a resumed stream renders anew has the same programs.
    """

    def __init__(
        self, engine: Engine, sampler: Sampler, ids: Sequence[str], quarantine: Quarantine
    ) -> None:
        """See `Renderer`."""
        self._sampler, self._quarantine = sampler, quarantine
        self._in_force = InForce(quarantine)
        self._sources = Renderer(engine, Sources(sampler), ids, self._in_force)
        self._runs: list[_Run] = []
        self._asked: set[int] = set()
        self._checked: tuple[Quarantined, ...] = ()

    def begin(self, index: Ints) -> Order[Mixture]:
        """Submits what the samples `index`, consecutive numbers [B], need and nobody asked for."""
        spans = self._spans(index)
        needed = {source for first, end in spans for source in range(first, end)}
        absent = np.array(sorted(needed - self._asked), np.int64)
        self._asked |= needed
        self._in_force.sample = int(index[0])
        quarantined = self._quarantine.records
        mixed = self._sampler.mixture(index, self._quarantine.since)
        return Order(mixed, (), self._sources.begin(absent), quarantined)

    def finish(self, order: Order[Mixture], wait: Waiting) -> tuple[Mixture, list[Tensor]]:
        """See `Rendering.finish`; pixels are new tensors, beside those that were rendered."""
        index, groups = order.draw.index, range(len(self._sampler.rendered))
        self._in_force.sample = int(index[0])
        if order.sources is not None:
            draw, pixels = self._sources.finish(order.sources, wait, int(index[0]))
            self._keep(draw, [part[:, :, 0] for part in pixels])
        gathered: list[list[Tensor]] = [[] for _ in groups]
        for spell in self._spells(index):
            self._in_force.sample = int(spell[0])
            self._redraw(int(spell[0]), wait)
            for group in groups:
                gathered[group].append(self._gathered(spell, group))
        mixed = order.draw
        if self._quarantine.records != order.quarantined:
            mixed = self._sampler.mixture(index, self._quarantine.since)
        self._forget(int(index[-1]))
        return mixed, [parts[0] if len(parts) == 1 else torch.cat(parts, 1) for parts in gathered]

    def _spells(self, index: Ints) -> list[Ints]:
        """The samples in parts that do without the same programs."""
        begins = [record.since for record in self._quarantine.records]
        cuts = np.unique(np.searchsorted(index, begins))
        return [spell for spell in np.split(index, cuts) if len(spell)]

    def _spans(self, index: Ints) -> list[tuple[int, int]]:
        """First and one behind the last source, for each part."""
        starts = index[0] + self._sampler.reuse * np.arange(self._sampler.parts)
        return [(int(start), int(start) + len(index)) for start in starts]

    def _keep(self, draw: Draw, pixels: list[Tensor]) -> None:
        """Notes what was rendered, in runs of consecutive sources."""
        breaks = np.flatnonzero(np.diff(draw.index) != 1) + 1
        for rows in np.split(np.arange(len(draw.index)), breaks):
            if len(rows):
                part = slice(int(rows[0]), int(rows[-1]) + 1)
                views = [group[:, part] for group in pixels]
                first, count = int(draw.index[part][0]), len(rows)
                self._runs.append(_Run(first, first + count, draw.program[part, 0], views))

    def _redraw(self, since: int, wait: Waiting) -> None:
        """Renders kept sources anew whose programs were quarantined meanwhile."""
        while self._in_force.records != self._checked:
            self._checked = self._in_force.records
            for run in self._runs:
                index = np.arange(run.first, run.end)
                latest = self._sources.sampler.draw(index, self._in_force.since)
                rows = np.flatnonzero(latest.program[:, 0] != run.program)
                if len(rows):
                    order = self._sources.begin(index[rows])
                    draw, pixels = self._sources.finish(order, wait, since)
                    run.program = run.program.copy()
                    run.program[rows] = draw.program[:, 0]
                    for whole, part in zip(run.pixels, pixels, strict=True):
                        whole[:, torch.from_numpy(rows).to(whole.device)] = part[:, :, 0]

    def _gathered(self, index: Ints, group: int) -> Tensor:
        """The parts of a batch, uint8 [V, B, P, 3, H, W]."""
        views, _, *picture = self._runs[0].pixels[group].shape
        parts = self._sampler.parts
        whole = self._runs[0].pixels[group].new_empty((views, len(index), parts, *picture))
        for part, span in enumerate(self._spans(index)):
            for run, first, end in self._overlaps(*span):
                rows = slice(first - run.first, end - run.first)
                whole[:, first - span[0] : end - span[0], part] = run.pixels[group][:, rows]
        return whole

    def _overlaps(self, first: int, end: int) -> Iterator[tuple[_Run, int, int]]:
        """Runs that hold some of the sources, with the first and one behind the last of these."""
        for run in self._runs:
            low, high = max(first, run.first), min(end, run.end)
            if low < high:
                yield run, low, high

    def _forget(self, last: int) -> None:
        """Drops runs that no sample behind `last` needs."""
        for run in self._runs:
            if run.end <= last + 1:
                self._asked.difference_update(range(run.first, run.end))
        self._runs = [run for run in self._runs if run.end > last + 1]
