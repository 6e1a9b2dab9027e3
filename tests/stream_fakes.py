"""A fake engine for the tests of the stream: pictures are hashes of what was asked for."""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from phosphene.bank.records import Selection
from phosphene.engines.engine import EngineInfo
from phosphene.errors import EngineError
from phosphene.stream import Batch, Stream
from phosphene.views import RenderedBatch, RenderRequest

Refusals = Callable[[RenderRequest], Mapping[str, str]]


def selection(count: int, digest: str = "") -> Selection:
    """A selection of programs that exist by name only."""
    ids = tuple(f"{i:032x}" for i in range(count))
    return Selection(ids, digest or hashlib.md5("".join(ids).encode()).hexdigest(), "")


def batches(opened: Stream, count: int) -> list[Batch]:
    """The next so many."""
    return list(itertools.islice(opened, count))


class HashEngine:
    """Draws every view as one flat colour a channel: the hash of the program, latent and camera.

    Args:
        workers: requests rendered at once; they end in any order.
        refuse: what it cannot render of a request.
        delay: seconds a request takes.
        fails_after: requests until the engine itself breaks.
    """

    def __init__(
        self,
        workers: int = 2,
        refuse: Refusals | None = None,
        delay: float = 0.0,
        fails_after: int | None = None,
    ) -> None:
        self.info = EngineInfo("fake", "hashes", "1", True)
        self.refuse = refuse or (lambda request: {})
        self.delay, self.fails_after = delay, fails_after
        self.requests = self.views = 0
        self.closed = False
        self.threads: set[str] = set()
        self._pool = ThreadPoolExecutor(workers)
        self._lock = threading.Lock()

    def submit(self, request: RenderRequest) -> Future[RenderedBatch]:
        try:
            return self._pool.submit(self.render, request)
        except RuntimeError as error:
            raise EngineError("the fake engine is closed") from error

    def render(self, request: RenderRequest) -> RenderedBatch:
        with self._lock:
            self.requests += 1
            self.views += len(request)
            if self.fails_after is not None and self.requests > self.fails_after:
                raise EngineError("the fake engine broke")
        time.sleep(self.delay)
        refused = dict(self.refuse(request))
        pixels = np.zeros((len(request), 3, request.height, request.width), np.uint8)
        for row in range(len(request)):
            program = request.programs[request.program[row]]
            if program not in refused:
                pixels[row] = np.frombuffer(_colour(request, row), np.uint8)[:, None, None]
        return RenderedBatch(pixels, refused)

    def close(self) -> None:
        self.closed = True
        self._pool.shutdown()


def _colour(request: RenderRequest, row: int) -> bytes:
    program = request.programs[request.program[row]].encode()
    asked = (request.time, request.mouse, request.channels, request.camera, request.canvas)
    parts = [np.ascontiguousarray(values[row]).tobytes() for values in asked]
    return hashlib.blake2b(b"/".join([program, *parts]), digest_size=3).digest()


def refusing(*programs: str) -> Refusals:
    """Refuses these programs whenever it meets them."""
    return lambda request: {p: "it does not compile" for p in request.programs if p in programs}
