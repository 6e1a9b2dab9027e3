"""The thread that renders ahead of the consumer."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from phosphene.errors import EngineError, UsageError
from phosphene.mixing import Mixer
from phosphene.stream.batch import Batch
from phosphene.stream.rendering import Order, Rendering
from phosphene.stream.transfer import Lane
from phosphene.stream.windows import cropped
from phosphene.views import Ints, RenderedBatch

_JOIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Share:
    """Which samples of the endless sequence this process makes.

    Step k of `world` processes takes the samples k * batch * world … (k + 1) * batch * world - 1; process
    `rank` makes the rank-th `batch` of them. So the samples of a step depend on batch * world alone.

    Attributes:
        batch: samples a batch in this process.
        rank, world: this process among how many.
        limit: samples with this number and above are left out; None: no end.
    """

    batch: int
    rank: int = 0
    world: int = 1
    limit: int | None = None

    def __post_init__(self) -> None:
        if self.batch < 1:
            raise UsageError(f"`batch_size` must be at least 1, got {self.batch}")
        if not 0 <= self.rank < self.world:
            raise UsageError(f"`rank` must be in 0 … world - 1 = {self.world - 1}, got {self.rank}")

    def after(self, position: int) -> int:
        """Where the step after the one at `position` begins."""
        end = position + self.batch * self.world
        return end if self.limit is None else min(end, self.limit)

    def index(self, position: int) -> Ints:
        """This process' samples of the step that begins at `position`; int64 [B], B may be 0."""
        first = position + self.rank * self.batch
        end = first + self.batch if self.limit is None else min(first + self.batch, self.limit)
        return np.arange(first, max(first, end), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Ready:
    """A batch that waits for the consumer; the step it belongs to begins at `position`."""

    batch: Batch
    mark: torch.cuda.Event | None
    position: int


class StopRequestedError(Exception):
    """The consumer wants no more."""


class Producer:
    """Keeps `prefetch` batches rendered or under way; `take` hands them out in order."""

    def __init__(
        self,
        renderer: Rendering,
        mixer: Mixer,
        lane: Lane,
        share: Share,
        position: int,
        prefetch: int,
    ) -> None:
        self._renderer, self._mixer, self._lane = renderer, mixer, lane
        self._share, self._position, self._prefetch = share, position, prefetch
        self._orders: deque[tuple[Order[Any], int]] = deque()
        self._ready: deque[Ready] = deque()
        self._changed = threading.Condition()
        self._stop = self._ended = False
        self._error: BaseException | None = None
        self._started = time.monotonic()
        self.rendered = 0
        self.seconds = 0.0
        self._thread = threading.Thread(target=self._run, name="phosphene-stream", daemon=True)
        self._thread.start()

    def take(self) -> Ready | None:
        """The next batch, once there is one; None at the end. Raises what went wrong in the thread."""
        with self._changed:
            self._changed.wait_for(lambda: self._ready or self._ended)
            if self._ready:
                ready = self._ready.popleft()
                self._changed.notify_all()
                return ready
            if self._error:
                raise self._error
            return None

    def stop(self) -> None:
        """Ends the thread; what was rendered ahead is lost."""
        with self._changed:
            self._stop = True
            self._changed.notify_all()
        if self._thread is not threading.current_thread():
            self._thread.join(_JOIN_SECONDS)

    def _run(self) -> None:
        try:
            with (
                self._lane.work()
            ):  # an engine on the device queues its kernels behind the lane's work
                while self._step():
                    pass
        except StopRequestedError:
            pass
        except BaseException as error:  # surfaces at the consumer
            self._error = error
        finally:
            # What is under way is left to the engine: not every engine lets go of a request.
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _step(self) -> bool:
        """Submits a batch or finishes one, whichever is possible first; False at the end."""
        with self._changed:
            index = self._share.index(self._position)
            if len(index) == 0 and not self._orders:
                return False
            self._changed.wait_for(lambda: self._stop or self._room(index) or self._head_done())
            if self._stop:
                raise StopRequestedError
            submit = self._room(index)
        if submit:
            order = self._renderer.begin(index)
            for future in order.pending:
                future.add_done_callback(self._wake)
            self._orders.append((order, self._position))
            self._position = self._share.after(self._position)
        else:
            ready = self._finish(*self._orders.popleft())
            with self._changed:
                self._ready.append(ready)
                self._changed.notify_all()
        return True

    def _room(self, index: Ints) -> bool:
        return len(index) > 0 and len(self._orders) + len(self._ready) < self._prefetch

    def _head_done(self) -> bool:
        return bool(self._orders) and self._orders[0][0].done()

    def _wake(self, _: Future[RenderedBatch]) -> None:
        with self._changed:
            self._changed.notify_all()

    def _wait(self, future: Future[RenderedBatch]) -> RenderedBatch:
        """A future's result; given up when the stream is closed."""
        future.add_done_callback(self._wake)
        with self._changed:
            self._changed.wait_for(lambda: self._stop or future.done())
            if self._stop:
                raise StopRequestedError
        try:
            batch = future.result()
        except CancelledError:
            raise EngineError("the engine was closed while the stream needed it") from None
        self.rendered += len(batch.pixels)
        self.seconds = time.monotonic() - self._started
        return batch

    def _finish(self, order: Order[Any], position: int) -> Ready:
        draw, groups = self._renderer.finish(order, self._wait)
        lane = self._lane
        with lane.work():
            mixed = [self._mixer(lane.bring(pixels), draw) for pixels in groups]
            parts = lane.bring(torch.from_numpy(draw.program))
            weights = mixed[0].weights
            main = parts.gather(1, weights.argmax(dim=1, keepdim=True)).squeeze(1)
            views, *more = (m.pixels for m in mixed)
            if draw.windows:
                views, *more = (cropped(views, window, lane) for window in draw.windows)
            index = torch.from_numpy(draw.index)
            batch = Batch(views, main, parts, weights, index, tuple(more))
            return Ready(batch, lane.mark(), position)
