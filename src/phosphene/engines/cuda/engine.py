"""Engine `cuda`: programs as kernels in the process that trains, frames born as torch tensors."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from phosphene.closing import Closing
from phosphene.engines.cuda import connections, driver, nvrtc
from phosphene.engines.cuda.cache import DEFAULT_LIMIT, CubinCache
from phosphene.engines.cuda.compiler import SECONDS, Target
from phosphene.engines.cuda.flights import Flight, Flights
from phosphene.engines.cuda.kernels import Kernel, Kernels
from phosphene.engines.cuda.launcher import STREAMS, Launcher
from phosphene.engines.cuda.plan import Plan, plan, sizes_of, view_records
from phosphene.engines.cuda.preparation import Preparation, Progress
from phosphene.engines.cuda.probe import Setup, Suspect, try_all
from phosphene.engines.cuda.textures import Textures, volumes
from phosphene.engines.cuda.trial import Trial
from phosphene.engines.engine import EngineInfo, ModuleSource
from phosphene.errors import EngineError, MissingPieceError, UsageError
from phosphene.spirv.module import is_lifted
from phosphene.uniforms import pack as pack_blocks
from phosphene.uniforms import pack_literals
from phosphene.views import RenderedBatch, RenderRequest

log = logging.getLogger(__name__)

_LATE = 1.0
"""Seconds of GPU time: a program whose views of one batch took longer is quarantined."""


class CudaEngine(Closing):
    """Renders on the current CUDA device.

    `submit` queues kernels and returns: the tensor may be used at once by work that is queued on torch's
    current stream, without waiting. The kernels themselves do not wait for what was queued there before,
    so a batch that is asked for early is drawn beside the training. Call `submit` under the stream on
    which the pictures are needed, and not on the training's own: that would wait for them at once.
    """

    def __init__(
        self,
        modules: ModuleSource,
        *,
        device: int | str | torch.device | None = None,
        streams: int = STREAMS,
        workers: int | None = None,
        cache: str | Path | None = None,
        cache_bytes: int = DEFAULT_LIMIT,
        compile_seconds: float = SECONDS,
        programs: int = 65_536,
        textures: int = 1024,
        slow: float = 2.0,
        carried: int = 4,
        channels_last: bool = False,
        hold_gil: bool = False,
        probe: bool = True,
    ) -> None:
        """
        Args:
            modules: where the programs' SPIR-V comes from; asked in the thread that submits.
            device: None: torch's current device.
            streams: launches that may run side by side, at most 32.
            workers: processes that compile; None: one a core.
            cache: folder for compiled kernels; None: see `cache.default_folder`.
            cache_bytes: what it may hold.
            compile_seconds: what a program's compilation may take; beyond, it is refused.
            programs: kernels of one sample a pixel that stay loaded, and of several; 20 kB each.
            textures: stand-ins that stay on the device; 2.8 MB each at most.
            slow: seconds that a batch may take beyond ten times what was measured, before the program
                that caused it is looked for and quarantined.
            carried: views of one program that a launch holds in its parameters; 0: views are read from
                global memory.
            channels_last: pictures are stored with colours beside each other; the shape stays.
            hold_gil: keep Python's lock while a batch is launched.
            probe: a program's first run happens in another process. Without it, a program that faults
                takes this process with it.

        Raises:
            MissingPieceError: no NVIDIA GPU, driver, compiler or cuda-python.
            UsageError: an option is out of its range.
        """
        if not 1 <= streams <= 32:
            raise UsageError(f"`streams` must be 1 to 32, got {streams}")
        if not 0 <= carried <= 8:
            raise UsageError(f"`carried` must be 0 to 8, got {carried}")
        if not connections.widen():
            log.warning(
                "CUDA started before the engine: its streams share 8 queues with other work, which may wait for "
                f"renderings; set {connections.NAME}={connections.MOST} before the first use of CUDA"
            )
        self._device = _device(device)
        self._carried, self._channels_last = carried, channels_last
        with torch.cuda.device(self._device):
            torch.cuda.current_stream().synchronize()  # makes the context
            self._context = driver.call("cuCtxGetCurrent")
            self._launcher = Launcher(self._device, streams, carried, hold_gil)
        self._info = _info(self._device)
        self._identity = f"{self._info.renderer}, {self._info.version}"
        self._cache = CubinCache(Path(cache) if cache else None, cache_bytes)
        self._setup = Setup(self._device.index, carried)
        tried, arch = self._setup if probe else None, _architecture(self._device)
        self._plain, self._sampled = (
            Kernels(
                Preparation(
                    modules, self._cache, target, self._identity, tried, workers, compile_seconds
                ),
                programs,
            )
            for target in (Target(arch, carried), Target(arch, carried, sampled=True))
        )
        self._textures = Textures(self._device, textures)
        self._flights = Flights(slow)
        self._lock = threading.RLock()
        self._closed = False

    @property
    def info(self) -> EngineInfo:
        """What the engine runs on."""
        return self._info

    @property
    def refused(self) -> dict[str, str]:
        """Programs that were found not to run here, with one sample a pixel or with several, and why."""
        return {**self._sampled.refused, **self._plain.refused}

    def _kernels(self, supersample: int) -> Kernels:
        """Those that draw so many samples a pixel and axis."""
        return self._sampled if supersample > 1 else self._plain

    def trial(self, program: str, supersample: int = 1) -> Trial | None:
        """How a prepared program fared in its first run; None where it is refused or unknown."""
        with self._lock:
            kernel = self._kernels(supersample).use([program])[0]
        return kernel.trial if kernel else None

    def elapsed(self) -> float:
        """Seconds on the device from the last batch's first launch to its end; waits for it."""
        with self._lock:
            flights = self._flights.all()
        if not flights:
            return 0.0
        flights[-1].end.synchronize()
        return float(flights[-1].begin.elapsed_time(flights[-1].end)) / 1e3

    def prepare(
        self, programs: Sequence[str], progress: Progress | None = None, supersample: int = 1
    ) -> dict[str, str]:
        """Compiles, tries and loads programs ahead of need.

        Args:
            programs: ids.
            progress: called with the number of programs that are ready, and of all.
            supersample: of the requests to come: pixels of one sample have kernels of their own.

        Returns:
            Program id → why it is refused, for those that are.
        """
        kernels = self._kernels(supersample)
        with self._lock, torch.cuda.device(self._device):
            self._check_open()
            driver.call("cuCtxSetCurrent", self._context)
            kernels.prepare(programs, progress)
            return {p: kernels.refused[p] for p in programs if p in kernels.refused}

    def submit(self, request: RenderRequest) -> Future[RenderedBatch]:
        """Queues a request's kernels; see `Engine.submit`. The future is already done.

        `pixels` is a uint8 tensor on the device, [V, 3, H, W], complete for whatever is queued after
        it on torch's current stream.
        """
        future: Future[RenderedBatch] = Future()
        future.set_result(self.render(request))
        return future

    def render(self, request: RenderRequest) -> RenderedBatch:
        """As `submit`, without the future."""
        with self._lock, torch.cuda.device(self._device):
            self._check_open()
            driver.call("cuCtxSetCurrent", self._context)
            try:
                self._watch()
                self.prepare(request.programs, supersample=request.supersample)
                return self._queue(request)
            except torch.OutOfMemoryError as error:
                raise EngineError(
                    f"the GPU has no room for {len(request)} views: {error}"
                ) from error
            except (driver.CudaError, RuntimeError) as error:
                raise self._failure(error) from error

    def _queue(self, request: RenderRequest) -> RenderedBatch:
        ready = self._kernels(request.supersample)
        kernels = ready.use(request.programs)
        trials = [k.trial if k else Trial() for k in kernels]
        points = request.width * request.height * request.supersample**2
        per_view = np.array([t.cost for t in trials]) * points * 1e-9
        served = np.array([k is not None for k in kernels], bool)
        fixed = np.array([t.latency for t in trials])
        made = plan(request.program, served, per_view, fixed, self._carried, self._launcher.streams)
        current = torch.cuda.current_stream()
        with torch.cuda.stream(self._launcher.lane):
            out = self._output(request, complete=len(made.order) == len(request))
            done = self._launch(request, kernels, made, out)
        current.wait_event(done)
        out.record_stream(current)
        refused = {p: ready.refused[p] for p in request.programs if p in ready.refused}
        pixels = out.permute(0, 3, 1, 2) if self._channels_last else out
        timed = zip(request.programs, per_view.tolist(), strict=True)
        return RenderedBatch(pixels, refused, {p: s for p, s in timed if s > 0.0})

    def _output(self, request: RenderRequest, complete: bool) -> torch.Tensor:
        """Room for the pictures; black where some will not be drawn."""
        make = torch.empty if complete else torch.zeros
        shape = [len(request), 3, request.height, request.width]
        if self._channels_last:
            shape = [len(request), request.height, request.width, 3]
        return make(shape, dtype=torch.uint8, device=self._device)

    def _launch(
        self,
        request: RenderRequest,
        kernels: Sequence[Kernel | None],
        made: Plan,
        out: torch.Tensor,
    ) -> torch.cuda.Event:
        """Queues the launches; the event is behind them."""
        if not len(made):
            event: torch.cuda.Event = self._launcher.lane.record_event()
            return event
        bound = [k.channels if k else () for k in kernels]
        channels = self._textures.records(bound, request.program, request.channels)
        frames = pack_blocks(request, sizes_of(channels, volumes(bound, request.program)))
        views = view_records(frames, channels, np.arange(len(request)))[made.order]
        functions = np.array([k.function if k else 0 for k in kernels], np.uint64)
        size, samples = (request.width, request.height), request.supersample
        lifted = any(map(is_lifted, request.programs))
        literals = pack_literals(request)[made.order] if lifted else None
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call]
        self._launcher.run(
            made, views, functions, out, size, samples, self._channels_last, begin, end, literals
        )
        keys = [k.key if k else "" for k in kernels]
        flight = Flight(request.programs, keys, made, views, (*size, samples), begin, end, literals)
        self._flights.add(flight)
        if self._textures.full:  # rare: none may be dropped while it is read
            end.synchronize()
            self._textures.trim()
        self._kernels(samples).trim()
        return end

    def _watch(self) -> None:
        """Looks at the batches under way; quarantines a program that held one up."""
        flight = self._flights.late()
        if flight is None:
            return
        log.warning("a batch took longer than %.1f s: looking for the cause", flight.limit(0.0))
        found = self._investigate([flight])
        if not found:
            log.warning("no program of the late batch is found slow alone: nothing is quarantined")

    def _investigate(self, flights: Sequence[Flight]) -> dict[str, str]:
        """Draws the views of batches again, program by program, in another process.

        Returns:
            Program id → reason, for those that failed or took too long; they are refused from now on,
            in this run and in later ones.
        """
        sharing: dict[str, set[str]] = {}  # programs of one text, but for comments, are one kernel
        newest: dict[tuple[str, str], Suspect] = {}  # the views of a program's last batch
        for flight in flights:
            for program, key, records, literals in flight.launched():
                sharing.setdefault(key, set()).add(program)
                views = records.tobytes()
                suspect = Suspect(key, b"", views, flight.size, literals.tobytes())
                newest[key, program] = suspect
        codes = {c.key: c.code for c in self._cache.get(sharing) if c.code}
        known = [replace(s, code=codes[s.key]) for s in newest.values() if s.key in codes]
        found: dict[str, str] = {}
        try:
            for suspect, trial in try_all(known, self._setup):
                reason = "" if trial.passing else trial.reason
                if not reason and trial.latency > _LATE:
                    reason = f"its views of one batch took {trial.latency:.1f} s"
                if reason:
                    self._cache.put_trials({suspect.key: Trial(reason)}, self._identity)
                for program in sharing[suspect.key] if reason else ():
                    found[program] = reason
                    self._kernels(suspect.size[2]).refuse(program, reason)
                    log.warning("program %s is quarantined: %s", program, reason)
        except EngineError as error:  # a training may leave no room on the GPU for another process
            log.warning("the programs of a batch could not be tried: %s", error)
        return found

    def _failure(self, error: Exception) -> EngineError:
        """What is said when the device is lost to this process: a CUDA error sticks to it."""
        if not _lost():
            return EngineError(f"the batch could not be queued: {error}")
        flights = self._flights.all()
        found = self._investigate(flights) if flights else {}
        who = "; ".join(
            f"{program}, which is quarantined now: {why}" for program, why in found.items()
        )
        cause = f"caused by {who}" if found else "though no program that was under way fails alone"
        return EngineError(
            f"the GPU failed ({error}), {cause}. This process can use it no more: "
            "start again from the last checkpoint (--resume)"
        )

    def _check_open(self) -> None:
        if self._closed:
            raise EngineError("the cuda engine is closed")

    def close(self) -> None:
        """Waits for the device and unloads the kernels. A second time it does nothing."""
        with self._lock, torch.cuda.device(self._device):
            if self._closed:
                return
            self._closed = True
            try:
                torch.cuda.synchronize()
                driver.call("cuCtxSetCurrent", self._context)
                self._plain.close()
                self._sampled.close()
                self._textures.close()
            except (driver.CudaError, RuntimeError) as error:
                log.warning("the GPU could not be left in order: %s", error)
            self._cache.close()


def _architecture(device: torch.device) -> str:
    properties = torch.cuda.get_device_properties(device)
    return f"sm_{properties.major}{properties.minor}"


def _info(device: torch.device) -> EngineInfo:
    """Names the GPU, its driver and the compiler; trials of kernels hold for these alone."""
    version = int(driver.call("cuDriverGetVersion"))
    compiler = ".".join(map(str, nvrtc.version()))
    return EngineInfo(
        "cuda",
        torch.cuda.get_device_properties(device).name,
        f"driver for CUDA {version // 1000}.{version % 1000 // 10}, NVRTC {compiler}",
        software=False,
    )


def _lost() -> bool:
    """Whether the current context answers everything with an error."""
    try:
        driver.call("cuCtxSynchronize")
    except driver.CudaError:
        return True
    return False


def _device(device: int | str | torch.device | None) -> torch.device:
    """The device with its index."""
    if not torch.cuda.is_available():
        raise MissingPieceError(
            "an NVIDIA GPU that torch can use",
            "install the NVIDIA driver and a CUDA build of PyTorch, or use engine `opengl`",
        )
    if device is None:
        return torch.device("cuda", torch.cuda.current_device())
    asked = torch.device("cuda", device) if isinstance(device, int) else torch.device(device)
    if asked.type != "cuda":
        raise UsageError(f"`device` must be a CUDA device, got {asked}")
    return asked if asked.index is not None else torch.device("cuda", torch.cuda.current_device())
