"""Many modules to cubins, in processes that may take too long, run out of memory and be replaced."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from phosphene.engines.cuda import nvrtc
from phosphene.engines.cuda.source import cuda_source, source_version
from phosphene.errors import EngineError, PhospheneError, WorkerError
from phosphene.spirv.module import Module
from phosphene.workers import Outcome, WorkerPool, WorkerSpec, cpu_count

LOCAL_LIMIT = 16 << 10
"""Bytes of local memory a thread may want: the driver reserves it for every thread the GPU can hold."""

SECONDS = 10.0
"""Full optimisation may take so long; 95 of 100 real programs take less than half a second."""

QUICK_SECONDS = 30.0
"""What is left to a program that took too long, with less optimisation."""

ENTRY = "phosphene.engines.cuda.compiler:serve"
MEMORY = 12 << 30


@dataclass(frozen=True, slots=True)
class Target:
    """What is compiled for. Attributes: arch ("sm_90"); views that a launch carries, see kernel.cuh."""

    arch: str
    views: int = 2

    def options(self, quick: bool = False) -> tuple[str, ...]:
        """The compiler's options."""
        return (*nvrtc.flags(self.arch, quick), f"-DPH_VIEWS={self.views}")

    def salt(self) -> bytes:
        """Names everything but the module that decides the code."""
        parts = (*self.options(), *self.options(True)[-2:], *map(str, nvrtc.version()))
        return "\n".join((*parts, source_version())).encode()


def spirv_of(module: Module) -> bytes:
    """The SPIR-V that is compiled: the optimised where there is one."""
    return module.optimised or module.spirv


def key_of(spirv: bytes, salt: bytes) -> str:
    """The name of a compilation in the cache: 32 hexadecimal digits."""
    return hashlib.blake2b(spirv, digest_size=16, key=hashlib.blake2b(salt).digest()).hexdigest()


@dataclass(frozen=True, slots=True)
class Compiled:
    """What became of a module.

    Attributes:
        key: its name in the cache.
        code: the cubin; empty where it was refused.
        reason: why it was refused; empty otherwise.
        registers, local: a thread's registers and bytes of local memory.
        quick: whether it was compiled with less optimisation, because full optimisation took too long.
    """

    key: str
    code: bytes = b""
    reason: str = ""
    registers: int = 0
    local: int = 0
    quick: bool = False


Task = tuple[str, bytes, bool]
"""Key, SPIR-V, whether to compile quickly."""


def serve(target: Target) -> Callable[[Task], Compiled]:
    """The handler for `phosphene.workers`."""
    nvrtc.version()

    def compile_task(task: Task) -> Compiled:
        key, spirv, quick = task
        cubin = nvrtc.assemble(cuda_source(spirv), target.options(quick))
        reason = local_refusal(cubin.local)
        code = b"" if reason else cubin.code
        return Compiled(key, code, reason, cubin.registers, cubin.local, quick)

    return compile_task


def local_refusal(local: int) -> str:
    """Why a kernel with so many bytes of local memory a thread is refused; empty where it is not."""
    if local <= LOCAL_LIMIT:
        return ""
    return f"it wants {local} bytes of local memory a thread, more than {LOCAL_LIMIT}"


def compile_all(
    tasks: Iterable[tuple[str, bytes]],
    target: Target,
    workers: int | None = None,
    seconds: float = SECONDS,
    quick_seconds: float = QUICK_SECONDS,
) -> Iterator[Compiled]:
    """Compiles modules in parallel, in the order in which they become ready.

    Args:
        tasks: pairs of key and SPIR-V; drawn as needed.
        target: what for.
        workers: processes; None: one a core.
        seconds: what a module may take with full optimisation.
        quick_seconds: what it may take with less, when that was not enough.

    Raises:
        MissingPieceError: there is no compiler.
        EngineError: the workers cannot start.
    """
    target.options(True)  # what is missing is said here, once
    spec = WorkerSpec(ENTRY, target, memory=MEMORY)
    count = workers or cpu_count()
    late: deque[tuple[str, bytes]] = deque()
    last: list[tuple[str, bytes]] = []

    def feed() -> Iterator[Task]:
        """What took too long comes again at once, quickly, while the others still compile."""
        for key, spirv in tasks:
            while late:
                yield (*late.popleft(), True)
            yield key, spirv, False
        while late:
            yield (*late.popleft(), True)

    with WorkerPool(spec, count, seconds) as pool:
        for outcome in pool.map(feed()):
            if not isinstance(outcome.error, WorkerError):
                yield _judged(outcome)
            elif outcome.task[2]:
                last.append(outcome.task[:2])
            else:
                late.append(outcome.task[:2])
    last += late
    if last:
        with WorkerPool(spec, min(count, len(last)), quick_seconds) as pool:
            for outcome in pool.map((key, spirv, True) for key, spirv in last):
                yield _judged(outcome)


def _judged(outcome: Outcome) -> Compiled:
    """The compilation, or why there is none."""
    key, _, quick = outcome.task
    if outcome.error is None:
        result = outcome.result
        if not isinstance(result, Compiled):
            raise EngineError(f"a compiling worker answered with {type(result).__name__}")
        return result
    if isinstance(outcome.error, WorkerError):
        return Compiled(key, reason=f"it cannot be compiled: {outcome.error}", quick=quick)
    if isinstance(outcome.error, PhospheneError):
        return Compiled(key, reason=str(outcome.error), quick=quick)
    raise outcome.error
