"""Engine `opengl`: headless OpenGL in worker processes, on any GPU or on the CPU."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future

import numpy as np

from phosphene.closing import Closing
from phosphene.engines.engine import EngineInfo, ModuleSource
from phosphene.engines.opengl.conductor import Conductor
from phosphene.engines.opengl.crew import Member
from phosphene.engines.opengl.schedule import Job
from phosphene.engines.opengl.worker import Setup
from phosphene.spirv.module import Module
from phosphene.views import RenderedBatch, RenderRequest
from phosphene.workers import cpu_count

_MODULE_MEMORY = 256 << 20
"""Bytes of SPIR-V kept in this process, so that a bank is not asked for the same module each batch."""


MOST_THREADS = 8
"""Threads that llvmpipe may draw one picture with."""

EXACT_SAMPLING = "no_aos_sampling"
"""For GALLIVM_PERF: llvmpipe then filters textures in floats. Otherwise it rounds what they answer to eight bits, which no
GPU does, and a program that goes on computing with it draws another picture. A tenth more time with textures."""


class OpenGLEngine(Closing):
    """Renders in worker processes that a watchdog can end.

    The same request gives the same bytes on the same driver, whatever the number of workers and whatever
    else is drawn: every view has its tile, every tile meets the same pixel blocks.
    """

    def __init__(
        self,
        modules: ModuleSource,
        *,
        gpu: bool | None = None,
        workers: int | None = None,
        timeout: float = 30.0,
        programs: int = 1024,
        memory: int = 2 << 30,
        textures: int = 64,
        optimise: bool | None = None,
        address_space: int | None = None,
    ) -> None:
        """
        Args:
            modules: where the programs' SPIR-V comes from; asked in the thread that submits.
            gpu: True: a GPU, or fail; False: the software renderer; None: whatever there is.
            workers: how many processes draw; None: one a core on the CPU, two on a GPU.
            timeout: seconds that a program may take to compile, or to draw a million samples, before its
                worker is ended and the program is refused from then on.
            programs: compiled programs that a worker keeps.
            memory: bytes that they may hold there, by estimate.
            textures: stand-in textures that a worker keeps.
            optimise: whether the software renderer optimises its code. None: programs start with quick
                code (a half to a quarter of the time, and none takes minutes), and those that are drawn
                much move to workers of their own that optimise, as many again; True: all at once; False:
                none. Speed only: pixels were equal on all 127 programs compared.
            address_space: bytes of address space that a worker may use; None: no limit.

        Raises:
            MissingPieceError: EGL or an OpenGL driver is missing.
            EngineError: a GPU was asked for and there is none.
        """
        self._source = modules
        self._modules: OrderedDict[str, Module] = OrderedDict()
        self._held = 0
        self._lock = threading.Lock()
        setup = Setup(-1, gpu, programs, memory, textures)

        def hire(optimising: bool) -> Member:
            quick = not (optimising or optimise)
            return Member(setup, _environment(quick), address_space, optimising)

        self._conductor = Conductor(hire, workers, timeout, promote=optimise is None)
        try:
            self._info = self._conductor.info.result()
        except BaseException:
            self._conductor.close()
            raise

    @property
    def info(self) -> EngineInfo:
        """What the engine runs on."""
        return self._info

    @property
    def workers(self) -> list[int]:
        """The process ids of the workers."""
        return self._conductor.workers

    @property
    def at_work(self) -> Mapping[int, str]:
        """Process id → the program that it is working on, of the workers that are."""
        return self._conductor.at_work

    def submit(self, request: RenderRequest) -> Future[RenderedBatch]:
        """Begins a request; see `Engine.submit`. `pixels` is a NumPy array."""
        modules = self._fetch(request.programs)
        job = Job(
            request,
            modules,
            Future(),
            np.empty((len(request), 3, request.height, request.width), np.uint8),
            np.zeros(len(request), np.float32),
        )
        for program in request.programs:
            if program not in modules:
                job.refused[program] = "it has no module; vet the bank first"
        self._conductor.add(job)
        return job.future

    def render(self, request: RenderRequest) -> RenderedBatch:
        """`submit` and wait."""
        return self.submit(request).result()

    def prepare(
        self,
        programs: Sequence[str],
        progress: Callable[[int, int], None] | None = None,
        supersample: int = 1,
    ) -> Mapping[str, str]:
        """Nothing to do: programs are made ready when they are first drawn."""
        return {}

    def close(self) -> None:
        """Ends the workers; requests under way fail with EngineError."""
        self._conductor.close()

    def _fetch(self, programs: tuple[str, ...]) -> Mapping[str, Module]:
        """The modules of the programs, as far as there are any."""
        with self._lock:
            found = {p: self._modules[p] for p in programs if p in self._modules}
            absent = [p for p in programs if p not in found]
            for program, module in (self._source(absent) if absent else {}).items():
                found[program] = self._modules[program] = module
                self._held += len(module.spirv)
            for program in found:
                self._modules.move_to_end(program)
            while self._held > _MODULE_MEMORY and self._modules:
                _, old = self._modules.popitem(last=False)
                self._held -= len(old.spirv)
            return found


def _environment(quick: bool) -> tuple[tuple[str, str], ...]:
    """Mesa's variables. There is a worker for every core, because compiling uses one thread and takes most
    of a cold start; each may still draw with several threads, because programs differ so much that one
    picture can take longer than all the others of a batch, and would leave the other cores idle."""
    threads = max(1, min(cpu_count(), MOST_THREADS))
    compiling = (EXACT_SAMPLING, "nopt") if quick else (EXACT_SAMPLING,)
    return ("LP_NUM_THREADS", str(threads)), ("GALLIVM_PERF", ",".join(compiling))
