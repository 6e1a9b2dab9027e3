"""The few calls of the CUDA driver that the engine makes, with errors in words."""

from __future__ import annotations

import ctypes
import functools
from typing import Any

from phosphene.errors import EngineError, MissingPieceError

KERNEL = b"ph_render"
BLOCK = (16, 8)
"""Pixels that a block draws, across and up; 128 threads (device/kernel.cuh)."""

THREADS = BLOCK[0] * BLOCK[1]


OUT_OF_MEMORY = "CUDA_ERROR_OUT_OF_MEMORY"


class CudaError(EngineError):
    """A call that the driver answered with an error. Attributes: name, e.g. CUDA_ERROR_ILLEGAL_ADDRESS."""

    def __init__(self, call: str, name: str) -> None:
        super().__init__(f"{call} failed: {name}")
        self.call = call
        self.name = name

    def __reduce__(self) -> tuple[type[CudaError], tuple[str, str]]:
        return type(self), (self.call, self.name)


@functools.cache
def _bindings() -> Any:
    try:
        from cuda.bindings import driver
    except ImportError as error:
        raise MissingPieceError(
            "the package cuda-python", "type: pip install 'cuda-python>=12.8'"
        ) from error
    return driver


def call(name: str, *arguments: Any) -> Any:
    """Calls the driver: one result alone, several as a tuple, none as None.

    Raises:
        CudaError: the driver answered with an error.
        MissingPieceError: there is no NVIDIA driver, or cuda-python is missing.
    """
    driver = _bindings()
    try:
        status, *results = getattr(driver, name)(*arguments)
    except RuntimeError as error:  # the library itself is not there
        raise MissingPieceError(
            f"the NVIDIA driver ({error})", "install it on this host"
        ) from error
    if int(status):
        raise CudaError(name, driver.CUresult(int(status)).name)
    return results[0] if len(results) == 1 else tuple(results) or None


def constant(kind: str, name: str) -> Any:
    """A member of one of the driver's enumerations."""
    return getattr(getattr(_bindings(), kind), name)


def structure(name: str) -> Any:
    """An empty structure of the driver's, e.g. "CUDA_TEXTURE_DESC"."""
    return getattr(_bindings(), name)()


def function_of(code: bytes) -> tuple[Any, Any]:
    """Loads a cubin into the current context: its module and its kernel."""
    module = call("cuModuleLoadData", code)
    try:
        return module, call("cuModuleGetFunction", module, KERNEL)
    except CudaError:
        call("cuModuleUnload", module)
        raise


def attribute(function: Any, name: str) -> int:
    """An attribute of a kernel, e.g. "LOCAL_SIZE_BYTES"."""
    which = constant("CUfunction_attribute", f"CU_FUNC_ATTRIBUTE_{name}")
    return int(call("cuFuncGetAttribute", which, function))


@functools.cache
def launcher(hold_gil: bool = False) -> Any:
    """cuLaunchKernelEx(config, function, parameters, None) as a C function.

    Through ctypes, because four plain addresses cost a fifth of what the bindings' checks do, and a
    batch has a thousand launches.

    Args:
        hold_gil: keep Python's lock during the call. Other threads then wait for a whole batch of
            launches, but the launching thread never waits for them.
    """
    library = (ctypes.PyDLL if hold_gil else ctypes.CDLL)("libcuda.so.1")
    launch = library.cuLaunchKernelEx
    launch.argtypes = [ctypes.c_void_p] * 4
    launch.restype = ctypes.c_int
    return launch


def error_name(status: int) -> str:
    """The name of a status that a raw call gave."""
    return str(_bindings().CUresult(status).name)
