"""A kernel's first run, in a process of its own: a fault sticks to its process, and nothing but the end
of the process stops a kernel that does not end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from phosphene.engines.cuda import driver
from phosphene.engines.cuda.compiler import local_refusal
from phosphene.engines.cuda.plan import Packed, pack, plan, sizes_of, view_records
from phosphene.engines.cuda.records import TEXTURE_DTYPE, VIEW_DTYPE
from phosphene.engines.cuda.trial import Trial
from phosphene.errors import EngineError, PhospheneError, WorkerError
from phosphene.uniforms import CHANNEL_COUNT
from phosphene.uniforms import pack as pack_blocks
from phosphene.views import MAX_LITERALS, Floats, Latent, RenderRequest, View
from phosphene.workers import WorkerPool, WorkerSpec

SECONDS = 10.0
"""A kernel's whole trial may take so long before its process is ended."""

SMALL, LARGE = 64, 512
_TIMES = (1.5, 12.25)
SLOWEST = 0.01
"""Seconds that a small picture may take alone. It is few threads, so this is about how long its slowest pixel computes,
on whatever GPU: in some programs a few pixels run until their loops' fuel is spent (of 6,352 real programs one took
0.19 s). A larger picture of such a program holds every multiprocessor, and a training beside it stands still."""

ENTRY = "phosphene.engines.cuda.probe:serve"


@dataclass(frozen=True, slots=True)
class Setup:
    """Attributes: device, the CUDA ordinal; carried, the views of a launch (`Target.views`)."""

    device: int
    carried: int


@dataclass(frozen=True, slots=True)
class Suspect:
    """A kernel to try.

    Attributes:
        key: its name in the cache.
        code: its cubin.
        views: bytes of VIEW_DTYPE records to draw; empty: a look at two moments of its own.
        size: width and height of these views, and samples a pixel and axis.
        literals: bytes of float32 [V, MAX_LITERALS], for these views; empty: zeros.
    """

    key: str
    code: bytes
    views: bytes = b""
    size: tuple[int, int, int] = (SMALL, SMALL, 1)
    literals: bytes = b""


def serve(setup: Setup) -> Callable[[Suspect], Trial]:
    """The handler for `phosphene.workers`. Uses the driver alone, no torch.

    Only a kernel's own failure is a WorkerError; anything else must not be held against the kernel.
    """

    def judge(suspect: Suspect) -> Trial:
        with _explained():
            return bench.judge(suspect)

    with _explained():
        driver.call("cuInit", 0)
        device = driver.call("cuDeviceGet", setup.device)
        context = driver.call("cuDevicePrimaryCtxRetain", device)
        driver.call("cuCtxSetCurrent", context)
        bench = _Bench(setup.carried)
    return judge


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except PhospheneError:
        raise
    except Exception as error:
        raise EngineError(f"{type(error).__name__}: {error}") from error


class _Bench:
    """Room on the device, and a clock."""

    def __init__(self, carried: int) -> None:
        self._carried = carried
        self._out = _Buffer()
        self._table, self._literal_table = _Buffer(), _Buffer()
        self._stream = driver.call("cuStreamCreate", 0)
        self._events = [driver.call("cuEventCreate", 0) for _ in range(2)]

    def judge(self, suspect: Suspect) -> Trial:
        """Tries a kernel. A fault ends this process: WorkerError has it replaced."""
        try:
            module, function = driver.function_of(suspect.code)
        except driver.CudaError as error:
            return _no_room(error) or Trial(f"the driver does not load it: {error}")
        try:
            try:
                return self._try(function, suspect)
            finally:
                driver.call("cuModuleUnload", module)
        except driver.CudaError as error:
            no_room = _no_room(error)
            if no_room:
                return no_room
            raise WorkerError(f"it fails on the GPU: {error.name}") from error

    def _try(self, function: Any, suspect: Suspect) -> Trial:
        registers = driver.attribute(function, "NUM_REGS")
        local = driver.attribute(function, "LOCAL_SIZE_BYTES")
        reason = local_refusal(local)
        if reason:
            return Trial(reason, registers=registers, local=local)
        if suspect.views:
            views = np.frombuffer(suspect.views, VIEW_DTYPE).copy()
            views["channel"] = np.zeros((), TEXTURE_DTYPE)  # they lie in another process
            literals = np.frombuffer(suspect.literals, np.float32).reshape(-1, MAX_LITERALS)
            latency = self._seconds(function, views, suspect.size, literals)
            return Trial("", 0.0, latency, registers, local)
        latency, cost = self._measure(function)
        return Trial(_slowness(latency), cost, latency, registers, local)

    def _measure(self, function: Any) -> tuple[float, float]:
        """Seconds of a small picture, and nanoseconds a pixel of large ones."""
        small, size = look(SMALL, _TIMES[:1]), (SMALL, SMALL, 1)
        self._seconds(function, small, size)  # the first launch moves the code there
        latency = self._seconds(function, small, size)
        if SLOWEST < latency < 10 * SLOWEST:  # not refused for the time of others on the GPU
            latency = min(latency, *(self._seconds(function, small, size) for _ in range(2)))
        if _slowness(latency):
            return latency, latency / SMALL**2 * 1e9
        large = look(LARGE, _TIMES)
        seconds = self._seconds(function, large, (LARGE, LARGE, 1))
        return latency, seconds / (len(large) * LARGE**2) * 1e9

    def _seconds(
        self,
        function: Any,
        views: npt.NDArray[np.void],
        size: tuple[int, int, int],
        literals: Floats | None = None,
    ) -> float:
        """Draws views, waits for them: seconds on the device."""
        packed = self._pack(views, size, literals)
        begin, end = self._events
        launch = driver.launcher()
        driver.call("cuEventRecord", begin, self._stream)
        for config, parameters in zip(*packed.arguments(), strict=True):
            status = launch(config, int(function), parameters, None)
            if status:
                raise driver.CudaError("cuLaunchKernelEx", driver.error_name(status))
        driver.call("cuEventRecord", end, self._stream)
        driver.call("cuStreamSynchronize", self._stream)
        return float(driver.call("cuEventElapsedTime", begin, end)) / 1e3

    def _pack(
        self,
        views: npt.NDArray[np.void],
        size: tuple[int, int, int],
        literals: Floats | None = None,
    ) -> Packed:
        width, height, samples = size
        if literals is None or not len(literals):  # it may be lifted, and then reads zeros
            literals = np.zeros((len(views), MAX_LITERALS), np.float32)
        views["slot"] = np.arange(len(views))
        out = self._out.at_least(len(views) * 3 * width * height)
        table = deviations = 0
        if self._carried == 0:
            table = self._table.at_least(views.nbytes)
            driver.call("cuMemcpyHtoD", table, views.ctypes.data, views.nbytes)
            deviations = self._literal_table.at_least(literals.nbytes)
            driver.call("cuMemcpyHtoD", deviations, literals.ctypes.data, literals.nbytes)
        zero, alone = np.zeros(1), np.zeros(len(views), np.int64)
        made = plan(alone, np.array([True]), zero, zero, self._carried, 1)
        stream = np.array([int(self._stream)], np.uint64)
        return pack(
            made,
            views,
            stream,
            out,
            (width, height),
            samples,
            self._carried,
            table=table,
            literals=literals,
            literal_table=deviations,
        )


def _no_room(error: driver.CudaError) -> Trial | None:
    """Where others leave no memory on the GPU, a kernel is not tried; that is not held against it."""
    if error.name != driver.OUT_OF_MEMORY:
        return None
    return Trial("the GPU had no memory left to try it; it is tried in the next run", passing=True)


def _slowness(latency: float) -> str:
    """Why a kernel whose small picture takes so many seconds is refused; empty where it is not."""
    if latency <= SLOWEST:
        return ""
    return (
        f"a picture of {SMALL} x {SMALL} takes {latency * 1e3:.1f} ms, more than {SLOWEST * 1e3:g}: "
        "it would hold up every batch"
    )


class _Buffer:
    """Memory on the device that grows as needed."""

    def __init__(self) -> None:
        self._address: Any = None
        self._size = 0

    def at_least(self, size: int) -> int:
        """The address of so many bytes."""
        if size > self._size:
            if self._address is not None:
                driver.call("cuMemFree", self._address)
            self._address, self._size = None, 0  # there may be no room
            self._address, self._size = driver.call("cuMemAlloc", size), size
        return int(self._address)


def look(size: int, times: tuple[float, ...]) -> npt.NDArray[np.void]:
    """VIEW_DTYPE records of one program at some moments, nothing bound to its channels."""
    request = RenderRequest.of(
        [View("", Latent(time=time), canvas=(size, size)) for time in times], size
    )
    channels = np.zeros((len(times), CHANNEL_COUNT), TEXTURE_DTYPE)
    frames = pack_blocks(request, sizes_of(channels, np.zeros(channels.shape, bool)))
    return view_records(frames, channels, np.arange(len(times)))


def try_all(
    suspects: Iterable[Suspect], setup: Setup, seconds: float = SECONDS
) -> Iterator[tuple[Suspect, Trial]]:
    """Tries kernels one after the other in a process beside this one.

    One process, so that its timings are not disturbed; it is replaced after a fault or a hang.

    Args:
        suspects: drawn as needed.
        setup: the device.
        seconds: what one may take.

    Raises:
        EngineError: the process cannot use the device at all.
    """
    with WorkerPool(WorkerSpec(ENTRY, setup), 1, seconds) as pool:
        for outcome in pool.map(suspects):
            if isinstance(outcome.error, WorkerError):
                yield outcome.task, Trial(f"its first run failed: {outcome.error}")
            elif outcome.error is not None:
                raise EngineError(f"kernels cannot be tried on the GPU: {outcome.error}")
            else:
                yield outcome.task, outcome.result
