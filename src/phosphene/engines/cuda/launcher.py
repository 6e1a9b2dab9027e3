"""Plans onto the device: many small launches over several streams."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from phosphene.engines.cuda import driver
from phosphene.engines.cuda.plan import Packed, Plan, pack
from phosphene.views import Floats

STREAMS = 16
"""Beside torch's own; what fills the GPU when every image is another program."""


class Launcher:
    """Launches on side streams, in order with the caller's stream only where it needs the result.

    The kernels of a batch wait for nothing but their own memory: they run beside the training that was
    queued before, and beside the last kernels of the batch before. The caller's stream waits for them.

    Attributes:
        lane: the stream on which memory that kernels read or write must be allocated and filled.
    """

    def __init__(self, device: torch.device, streams: int, carried: int, hold_gil: bool) -> None:
        """
        Args:
            device: where.
            streams: how many launches may run side by side.
            carried: views that a launch's parameters hold (`Target.views`).
            hold_gil: see `driver.launcher`.
        """
        self._carried = carried
        self._launch = driver.launcher(hold_gil)
        self.lane, self._tail, *self._streams = (
            torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
            for _ in range(streams + 2)
        )
        self._handles = np.array([s.cuda_stream for s in self._streams], np.uint64)
        self._joins = [torch.cuda.Event() for _ in range(streams)]  # type: ignore[no-untyped-call]

    @property
    def streams(self) -> int:
        """How many there are."""
        return len(self._streams)

    def run(
        self,
        made: Plan,
        views: npt.NDArray[np.void],
        functions: npt.NDArray[np.uint64],
        out: torch.Tensor,
        size: tuple[int, int],
        samples: int,
        channels_last: bool,
        begin: torch.cuda.Event,
        end: torch.cuda.Event,
        literals: Floats | None = None,
    ) -> None:
        """Queues launches. Call it with `lane` as torch's current stream.

        Args:
            made: the launches.
            views: VIEW_DTYPE [V'], in the order of `made.order`.
            functions: uint64 [P], handles of the kernels.
            out: the output, allocated on the lane.
            size: width and height of a view, pixels.
            samples: a pixel and axis.
            channels_last: see `pack`.
            literals: see `pack`.
            begin, end: recorded before and after the launches; who wants the result waits for `end`.

        Raises:
            CudaError: the driver refused a launch, or an earlier kernel failed.
        """
        table = None if self._carried else _on_device(views, out.device)
        deviations = None
        if literals is not None and not self._carried:
            deviations = _on_device(literals, out.device)
        packed = pack(
            made,
            views,
            self._handles,
            out.data_ptr(),
            size,
            samples,
            self._carried,
            channels_last,
            table.data_ptr() if table is not None else 0,
            literals,
            deviations.data_ptr() if deviations is not None else 0,
        )
        used = [self._streams[i] for i in np.unique(made.stream)]
        begin.record(self.lane)
        for stream in used:
            stream.wait_event(begin)
            for memory in (table, deviations):
                if memory is not None:
                    memory.record_stream(stream)
        self._issue(packed, functions[made.program])
        for stream, join in zip(used, self._joins, strict=False):
            join.record(stream)
            self._tail.wait_event(join)
        end.record(self._tail)

    def _issue(self, packed: Packed, functions: npt.NDArray[np.uint64]) -> None:
        """A C loop over C calls: no line of Python runs between two launches."""
        configs, parameters = packed.arguments()
        nothing = [None] * len(configs)
        status = next(
            filter(None, map(self._launch, configs, functions.tolist(), parameters, nothing)), 0
        )
        if status:
            raise driver.CudaError("cuLaunchKernelEx", driver.error_name(status))


def _on_device(views: npt.NDArray[Any], device: torch.device) -> torch.Tensor:
    """Records in global memory; torch keeps the pinned pages until the copy is done."""
    pinned = torch.from_numpy(views.view(np.uint8)).pin_memory()
    return pinned.to(device, non_blocking=True)
