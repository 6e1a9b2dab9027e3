"""Batches as a method sees them, prepared ahead of the step that uses them."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from phosphene.closing import Closing
from phosphene.training.source import Prepare, Source

_JOIN_SECONDS = 30.0
_LOOK_SECONDS = 0.1


@dataclass(frozen=True, eq=False)
class Fed:
    """A prepared batch.

    Attributes:
        views: normalised, float [B, 3, H, W] each.
        batch: of the source, for its labels.
        state: the source's position behind it.
    """

    views: Sequence[Tensor]
    batch: Any
    state: Mapping[str, Any]


class Feed(Closing):
    """Iterates over prepared batches.

    On a GPU they are prepared in a thread and a CUDA stream beside the training, one batch ahead; the
    source may be further than training is, so `state` is taken with each batch. On a CPU nothing runs
    beside anything.

    Attributes:
        state: the source's position behind the last batch handed out.
    """

    def __init__(self, source: Source[Any], prepare: Prepare, device: torch.device) -> None:
        self._source, self._prepare, self._device = source, prepare, device
        self._waited = 0.0
        self.state: Mapping[str, Any] = source.state_dict()
        ahead = device.type == "cuda"
        self._items: Iterator[Fed] = _Ahead(self._fed(), device) if ahead else self._fed()

    @property
    def seconds(self) -> float:
        """That the consumer waited for batches.

        On a GPU it is the consumer's stream whose standstill counts, as far as the GPU has come: a process
        that queues steps far ahead waits without harm, and one that does not wait may have queued a
        step behind a batch that is still being rendered.
        """
        return self._items.stalls.seconds if isinstance(self._items, _Ahead) else self._waited

    def __iter__(self) -> Feed:
        return self

    def __next__(self) -> Fed:
        began = time.perf_counter()
        try:
            fed = next(self._items)
        finally:
            self._waited += time.perf_counter() - began
        self.state = fed.state
        return fed

    def _fed(self) -> Iterator[Fed]:
        for batch in self._source:
            state = self._source.state_dict()
            views = self._prepare(batch)
            if self._device.type == "cuda":
                views = [view.contiguous(memory_format=torch.channels_last) for view in views]
            yield Fed(views, batch, state)

    def close(self) -> None:
        """Ends the thread, where there is one."""
        if isinstance(self._items, _Ahead):
            self._items.close()


class Stalls:
    """How long a CUDA stream stood still, from marks on both sides of what it waited for."""

    def __init__(self) -> None:
        self._open: deque[tuple[Any, Any]] = deque()
        self._seconds = 0.0

    @staticmethod
    def mark(stream: Any) -> Any:
        """A moment of the stream, on the GPU's clock."""
        return stream.record_event(torch.cuda.Event(enable_timing=True))  # type: ignore[no-untyped-call]

    def add(self, before: Any, after: Any) -> None:
        """Notes a wait; neither of its marks needs to have been passed."""
        self._open.append((before, after))

    @property
    def seconds(self) -> float:
        """Of all waits that are over; asks nobody to wait."""
        while self._open and self._open[0][1].query():
            before, after = self._open.popleft()
            self._seconds += before.elapsed_time(after) / 1000
        return self._seconds


class _Ahead:
    """One item of an iterator ahead, made in a thread and a CUDA stream of its own."""

    def __init__(self, items: Iterator[Fed], device: torch.device) -> None:
        self._items, self._device = items, device
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._ready: queue.Queue[tuple[Fed, Any] | BaseException] = queue.Queue(maxsize=1)
        self._closed = threading.Event()
        self.stalls = Stalls()
        self._thread = threading.Thread(target=self._run, name="phosphene-feed", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            with torch.cuda.device(self._device), torch.cuda.stream(self._stream):
                for fed in self._items:
                    if not self._put((fed, self._stream.record_event())):
                        return
            self._put(StopIteration())
        except BaseException as error:  # surfaces at the consumer
            self._put(error)

    def _put(self, item: tuple[Fed, Any] | BaseException) -> bool:
        while not self._closed.is_set():
            try:
                self._ready.put(item, timeout=_LOOK_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def __iter__(self) -> _Ahead:
        return self

    def __next__(self) -> Fed:
        consumer = torch.cuda.current_stream(self._device)
        before = Stalls.mark(consumer)
        item = self._ready.get()
        if isinstance(item, BaseException):
            raise item
        fed, mark = item
        consumer.wait_event(mark)
        self.stalls.add(before, Stalls.mark(consumer))
        labels = (fed.batch.programs, fed.batch.parts, fed.batch.weights)
        for tensor in (*fed.views, *labels):
            if tensor.is_cuda:  # the memory must not be used again before the consumer is done
                tensor.record_stream(consumer)
        return fed

    def close(self) -> None:
        self._closed.set()
        self._thread.join(_JOIN_SECONDS)
