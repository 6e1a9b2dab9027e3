"""Many modules to cubins, in processes that may take too long, run out of memory and be replaced."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from phosphene.engines.cuda import nvrtc
from phosphene.engines.cuda.source import cuda_source, source_version
from phosphene.errors import EngineError, PhospheneError, WorkerError
from phosphene.spirv.module import Module
from phosphene.workers import Outcome, WorkerPool, WorkerSpec, cpu_count

LOCAL_LIMIT = 16 << 10
"""Bytes of local memory a thread may want: the driver reserves it for every thread the GPU can hold."""

SECONDS = 15.0
"""A program may take so long, or is refused: 98 of 100 real ones take less than a second, one in a few hundred
half a minute. Less optimisation is no way out: what takes long is then more code (NVRTC 13.2: 17.7 s in full,
81 s and more with --Ofast-compile, 48 s with the assembler at -O0, for one of them)."""

ENTRY = "phosphene.engines.cuda.compiler:serve"
MEMORY = 12 << 30


@dataclass(frozen=True, slots=True)
class Target:
    """What is compiled for.

    Attributes:
        arch: "sm_90".
        views: that a launch carries, see kernel.cuh.
        sampled: whether a pixel may have several samples. Kernels that can do so take two fifths more registers,
            because the compiler computes ahead of the samples what they share.
    """

    arch: str
    views: int = 2
    sampled: bool = False

    def options(self) -> tuple[str, ...]:
        """The compiler's options."""
        sampled = ("-DPH_SAMPLED",) if self.sampled else ()
        return (*nvrtc.flags(self.arch), f"-DPH_VIEWS={self.views}", *sampled)

    def salt(self) -> bytes:
        """Names everything but the module that decides the code."""
        parts = (*self.options(), *map(str, nvrtc.version()))
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
    """

    key: str
    code: bytes = b""
    reason: str = ""
    registers: int = 0
    local: int = 0


Task = tuple[str, bytes]
"""Key and SPIR-V."""


def serve(target: Target) -> Callable[[Task], Compiled]:
    """The handler for `phosphene.workers`."""
    nvrtc.version()

    def compile_task(task: Task) -> Compiled:
        key, spirv = task
        cubin = nvrtc.assemble(cuda_source(spirv), target.options())
        reason = local_refusal(cubin.local)
        code = b"" if reason else cubin.code
        return Compiled(key, code, reason, cubin.registers, cubin.local)

    return compile_task


def local_refusal(local: int) -> str:
    """Why a kernel with so many bytes of local memory a thread is refused; empty where it is not."""
    if local <= LOCAL_LIMIT:
        return ""
    return f"it wants {local} bytes of local memory a thread, more than {LOCAL_LIMIT}"


def compile_all(
    tasks: Iterable[Task],
    target: Target,
    workers: int | None = None,
    seconds: float = SECONDS,
) -> Iterator[Compiled]:
    """Compiles modules in parallel, in the order in which they become ready.

    Args:
        tasks: drawn as needed.
        target: what for.
        workers: processes; None: one a core.
        seconds: what a module may take.

    Raises:
        MissingPieceError: there is no compiler.
        EngineError: the workers cannot start.
    """
    target.options()  # what is missing is said here, once
    with WorkerPool(
        WorkerSpec(ENTRY, target, memory=MEMORY), workers or cpu_count(), seconds
    ) as pool:
        for outcome in pool.map(tasks):
            yield _judged(outcome)


def _judged(outcome: Outcome) -> Compiled:
    """The compilation, or why there is none."""
    key, _ = outcome.task
    if outcome.error is None:
        result = outcome.result
        if not isinstance(result, Compiled):
            raise EngineError(f"a compiling worker answered with {type(result).__name__}")
        return result
    if isinstance(outcome.error, WorkerError):
        return Compiled(key, reason=f"it cannot be compiled: {outcome.error}")
    if isinstance(outcome.error, PhospheneError):
        return Compiled(key, reason=str(outcome.error))
    raise outcome.error
