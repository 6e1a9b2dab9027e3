"""A CUDA driver and a torch.cuda that run kernels on the host: the engine's whole way, without a GPU.

A "cubin" is the SPIR-V itself; a launch reads the very bytes that the driver would read, and draws with
the emitter's C++ compiled for the host.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from phosphene.engines.cuda import driver, engine, launcher, nvrtc, preparation, probe
from phosphene.engines.cuda.compiler import Compiled
from phosphene.engines.cuda.host import HostProgram
from phosphene.engines.cuda.plan import CONFIG_DTYPE, launch_dtype
from phosphene.engines.cuda.records import VIEW_DTYPE
from phosphene.engines.cuda.trial import Trial
from phosphene.errors import WorkerError
from phosphene.uniforms import LITERAL_BLOCK_SIZE

ILLEGAL_ADDRESS = 700


class HostDriver:
    """Attributes: launched, the views of each launch; faulty, SPIR-V whose launch fails for ever."""

    def __init__(self, carried: int) -> None:
        self.carried = carried
        self.launched: list[int] = []
        self.faulty: set[bytes] = set()
        self.local: dict[bytes, int] = {}
        self.broken = False
        self._functions: list[bytes] = [b""]
        self._memory: dict[int, Any] = {}

    def call(self, name: str, *arguments: Any) -> Any:
        if self.broken and name in ("cuCtxSynchronize", "cuStreamSynchronize"):
            raise driver.CudaError(name, "CUDA_ERROR_ILLEGAL_ADDRESS")
        method = re.sub("([A-Z])", r"_\1", name)[3:].lower()  # cuMemAlloc: mem_alloc
        return getattr(self, method, lambda *_: 1)(*arguments)

    def driver_get_version(self) -> int:
        return 13_000

    def module_load_data(self, code: bytes) -> bytes:
        return code

    def module_get_function(self, code: bytes, name: bytes) -> int:
        assert name == b"ph_render"
        self._functions.append(code)
        return len(self._functions) - 1

    def func_get_attribute(self, which: str, function: int) -> int:
        return self.local.get(self._functions[function], 40)

    def mem_alloc(self, size: int) -> int:
        memory = ctypes.create_string_buffer(size)
        self._memory[ctypes.addressof(memory)] = memory
        return ctypes.addressof(memory)

    def mem_free(self, address: int) -> None:
        del self._memory[address]

    def memcpy_hto_d(self, target: int, source: int, size: int) -> None:
        ctypes.memmove(target, source, size)

    def event_elapsed_time(self, begin: Any, end: Any) -> float:
        return 0.25

    def launch(self, config: int, function: int, parameters: int, extra: None) -> int:
        """cuLaunchKernelEx."""
        code = self._functions[function]
        if code in self.faulty:
            self.broken = True
            return ILLEGAL_ADDRESS
        grid = np.frombuffer(ctypes.string_at(config, CONFIG_DTYPE.itemsize), CONFIG_DTYPE)[0]
        address = ctypes.c_uint64.from_address(parameters).value
        head = launch_dtype(0)  # of every layout
        samples = int(np.frombuffer(ctypes.string_at(address, head.itemsize), head)[0]["samples"])
        program = _program(code, samples > 1)
        layout = launch_dtype(self.carried, program.lifted)
        row = np.frombuffer(ctypes.string_at(address, layout.itemsize), layout)[0]
        count = int(grid["grid"][2])
        if self.carried:
            views = np.ascontiguousarray(row["view"][:count])
        else:
            raw = ctypes.string_at(int(row["views"]), count * VIEW_DTYPE.itemsize)
            views = np.frombuffer(raw, VIEW_DTYPE)
        literals = None
        if program.lifted and self.carried:
            literals = row["family"][:count]
        elif program.lifted:
            raw = ctypes.string_at(int(row["families"]), count * LITERAL_BLOCK_SIZE)
            literals = np.frombuffer(raw, np.float32).reshape(count, -1)
        self.launched.append(count)
        size = (int(row["width"]), int(row["height"]))
        first = int(views["slot"].min())
        moved = views.copy()
        moved["slot"] -= first
        spread = _spread(moved)
        if literals is not None:
            fill = np.repeat(literals[:1], len(spread) - len(literals), axis=0)
            literals = np.concatenate([literals, fill])  # as `_spread` fills up views
        drawn = program.draw(spread, *size, samples, literals)
        for slot in views["slot"].tolist():
            picture = drawn[slot - first]
            picture = picture.transpose(1, 2, 0) if row["channels_last"] else picture
            data = np.ascontiguousarray(picture).tobytes()
            ctypes.memmove(int(row["out"]) + slot * len(data), data, len(data))
        return 0

    def try_all(self, suspects: Iterable[probe.Suspect], setup: probe.Setup) -> Iterator[Any]:
        """As the real one: every process that fails is replaced by a sound one."""
        ours = self.broken
        for suspect in suspects:
            self.broken = False
            try:
                trial = probe.serve(setup)(suspect)
            except WorkerError as error:
                trial = Trial(f"its first run failed: {error}")
            self.broken = ours
            yield suspect, trial


@cache
def _program(code: bytes, sampled: bool) -> HostProgram:
    return HostProgram(code, sampled=sampled)


def _spread(views: np.ndarray) -> np.ndarray:
    """As many records as the highest slot needs; `HostProgram.draw` makes a picture a record."""
    need = int(views["slot"].max()) + 1
    return np.concatenate([views, np.repeat(views[:1], max(0, need - len(views)))])


class Event:
    def __init__(self, enable_timing: bool = False) -> None:
        self.recorded = False

    def record(self, stream: Any = None) -> None:
        self.recorded = True

    def query(self) -> bool:
        return self.recorded

    def synchronize(self) -> None:
        assert self.recorded

    def elapsed_time(self, other: Event) -> float:
        return 1.0


class Stream:
    def __init__(self, device: Any = None) -> None:
        self.cuda_stream = id(self)

    def wait_event(self, event: Event) -> None:
        assert event.recorded

    def record_event(self) -> Event:
        event = Event()
        event.record()
        return event

    def synchronize(self) -> None:
        pass


def compile_all(tasks: Iterable[tuple[str, bytes]], *_: Any) -> Iterator[Compiled]:
    for key, spirv in tasks:
        yield Compiled(key, spirv, "", 32, 0)


def install(patch: pytest.MonkeyPatch, carried: int = 4) -> HostDriver:
    """Puts the host in the GPU's place."""
    host = HostDriver(carried)
    patch.setattr(driver, "call", host.call)
    patch.setattr(driver, "constant", lambda kind, name: name)
    patch.setattr(driver, "launcher", lambda hold_gil=False: host.launch)
    patch.setattr(driver, "error_name", lambda status: f"error {status}")
    patch.setattr(nvrtc, "version", lambda: (13, 0))
    patch.setattr(nvrtc, "flags", lambda arch: (arch,))
    patch.setattr(preparation, "compile_all", compile_all)
    for module in (preparation, engine):
        patch.setattr(module, "try_all", host.try_all)
    patch.setattr(probe, "SMALL", 4)
    patch.setattr(probe, "LARGE", 8)
    patch.setattr(engine, "_device", lambda _: torch.device("cpu", 0))
    patch.setattr(launcher, "_on_device", lambda views, _: torch.from_numpy(views.view(np.uint8)))
    patch.setattr(torch.Tensor, "record_stream", lambda *_: None)
    properties = SimpleNamespace(name="the host", major=9, minor=0)
    stream = Stream()
    for name, value in {
        "Stream": Stream,
        "Event": Event,
        "stream": lambda _: contextlib.nullcontext(),
        "device": lambda _: contextlib.nullcontext(),
        "current_stream": lambda *_: stream,
        "is_initialized": lambda: True,
        "synchronize": lambda *_: None,
        "get_device_properties": lambda _: properties,
    }.items():
        patch.setattr(torch.cuda, name, value)
    return host


def digest(pixels: torch.Tensor) -> str:
    """Of the bytes, in order of memory [V, 3, H, W]."""
    return hashlib.blake2b(pixels.contiguous().numpy().tobytes()).hexdigest()
