"""From sample indices to rendered parts: asks the engine, and redraws what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from phosphene.engines.engine import Engine
from phosphene.sampling import Draw, Mixture, Sampler, Sources
from phosphene.spirv.module import program_of
from phosphene.stream.quarantine import InForce, Quarantine, Quarantined
from phosphene.views import Ints, RenderedBatch, RenderRequest

Waiting = Callable[[Future[RenderedBatch]], RenderedBatch]
"""Waits for a future's result; may raise to give up."""


M = TypeVar("M", bound=Mixture)


@dataclass(frozen=True, eq=False)
class Order(Generic[M]):
    """A batch that the engine is working on.

    Attributes:
        draw: what it shows; a mixture alone where its pictures are those of `sources`.
        futures: one a group of views.
        sources: an order that must be finished before this one can be mixed; None: there is none.
        quarantined: what was quarantined when it was drawn: while no more is, the draw stands.
    """

    draw: M
    futures: tuple[Future[RenderedBatch], ...]
    sources: Order[Draw] | None = None
    quarantined: tuple[Quarantined, ...] = ()

    @property
    def pending(self) -> tuple[Future[RenderedBatch], ...]:
        """All futures to wait for."""
        return (*self.futures, *(self.sources.pending if self.sources else ()))

    def done(self) -> bool:
        """Whether everything is rendered."""
        return all(future.done() for future in self.pending)


class Rendering(Protocol):
    """Makes the parts of samples; `Renderer` does it with an engine. Orders are finished in order."""

    def begin(self, index: Ints) -> Order[Any]:
        """Begins the samples `index`, int64 [B]."""
        ...

    def finish(self, order: Order[Any], wait: Waiting) -> tuple[Mixture, list[Tensor]]:
        """What was drawn, and each group's pixels, uint8 [V, B, P, 3, H, W]."""
        ...


@dataclass(frozen=True, eq=False)
class Renderer:
    """Renders samples; batches must be finished in the order of their samples.

    Attributes:
        engine: what renders.
        sampler: what is drawn.
        ids: what the engine knows the selection's programs by: their ids, or their lifted modules' names.
        quarantine: what the engine refused; grows.
    """

    engine: Engine
    sampler: Sampler | Sources
    ids: Sequence[str]
    quarantine: Quarantine | InForce

    def begin(self, index: Ints) -> Order[Draw]:
        """Submits the samples `index`, int64 [B]."""
        quarantined = self.quarantine.records
        draw = self.sampler.draw(index, self.quarantine.since)
        return Order(draw, self._submit(self._requests(draw)), quarantined=quarantined)

    def finish(
        self, order: Order[Draw], wait: Waiting, since: int | None = None
    ) -> tuple[Draw, list[Tensor]]:
        """Waits for a batch; slots of refused programs are redrawn until all are rendered.

        Args:
            order: what `begin` gave.
            wait: for a future's result.
            since: see `Quarantine.refuse`.

        Returns:
            What was drawn in the end, and for each group of views its pixels, uint8
            [V, B, P, 3, H, W], where the engine put them.

        Raises:
            EngineError: the engine failed, or refused every program.
        """
        draw, known = order.draw, order.quarantined
        pixels = self._collect(draw, order.futures, wait, since)
        # Also finds slots of programs that an earlier batch quarantined meanwhile.
        while self.quarantine.records != known:
            known = self.quarantine.records
            latest = self.sampler.draw(draw.index, self.quarantine.since)
            changed = latest.program != draw.program
            if not changed.any():
                break
            draw = latest
            requests = self._requests(draw)
            rows = [_rows(changed, group.count) for group in self.sampler.rendered]
            parts = [request.take(r) for request, r in zip(requests, rows, strict=True)]
            redone = self._collect(draw, self._submit(parts), wait, since)
            for whole, row, part in zip(pixels, rows, redone, strict=True):
                whole[torch.from_numpy(row).to(whole.device)] = part
        batch, parts_count = draw.program.shape
        return draw, [p.reshape(-1, batch, parts_count, *p.shape[1:]) for p in pixels]

    def _requests(self, draw: Draw) -> list[RenderRequest]:
        requests, first = [], 0
        for group in self.sampler.rendered:
            requests.append(draw.request(self.ids, group, first))
            first += group.count
        return requests

    def _submit(self, requests: Sequence[RenderRequest]) -> tuple[Future[RenderedBatch], ...]:
        return tuple(self.engine.submit(request) for request in requests)

    def _collect(
        self,
        draw: Draw,
        futures: Sequence[Future[RenderedBatch]],
        wait: Waiting,
        since: int | None,
    ) -> list[Tensor]:
        """The pixels of each request, uint8 [views, 3, H, W]; quarantines what was refused."""
        rendered = [wait(future) for future in futures]
        for batch in rendered:
            refused = {program_of(name): reason for name, reason in batch.refused.items()}
            self.quarantine.refuse(draw, refused, since)
        return [_tensor(batch.pixels) for batch in rendered]


def _rows(changed: npt.NDArray[np.bool_], views: int) -> Ints:
    """Rows of a request (axes V, B, P) whose slots [B, P] changed."""
    return np.flatnonzero(np.broadcast_to(changed, (views, *changed.shape)))


def _tensor(pixels: Any) -> Tensor:
    if isinstance(pixels, Tensor):
        return pixels
    return torch.from_numpy(np.require(pixels, np.uint8, ["C_CONTIGUOUS", "WRITEABLE"]))
