"""A request as launches: which views travel together, in what order, over which streams."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from phosphene.engines.cuda.driver import BLOCK, THREADS
from phosphene.engines.cuda.records import VIEW_DTYPE
from phosphene.uniforms import LITERAL_BLOCK_SIZE
from phosphene.views import MAX_LITERALS, Floats, Ints

CONFIG_DTYPE = np.dtype(
    {
        "names": ["grid", "block", "shared", "stream", "attributes", "count"],
        "formats": [("<u4", 3), ("<u4", 3), "<u4", "<u8", "<u8", "<u4"],
        "offsets": [0, 12, 24, 32, 40, 48],
        "itemsize": 56,
    }
)
"""CUlaunchConfig of cuda.h."""

_MOST_VIEWS = 65_535
"""Of a launch, where they lie in global memory: a grid's limit in z."""


@cache
def launch_dtype(carried: int, lifted: bool = False) -> np.dtype[np.void]:
    """`struct Launch` of device/kernel.cuh, with room for so many views; 0: they lie elsewhere.

    Where programs may be lifted, the deviations of their literals follow; other programs' structs end
    before them.
    """
    head = [("out", "<u8"), ("views", "<u8"), ("width", "<i4"), ("height", "<i4")]
    tail = [("samples", "<i4"), ("channels_last", "<i4")]
    body = [("view", VIEW_DTYPE, (carried,))] if carried else []
    family: list[tuple[Any, ...]] = []
    if lifted:
        family = [("family", "<f4", (carried, MAX_LITERALS)) if carried else ("families", "<u8")]
    return np.dtype([*head, *tail, *body, *family])


@dataclass(frozen=True, eq=False)
class Plan:
    """Launches, the longest first.

    Attributes:
        program: int64 [L], which program of the request each launch runs.
        first: int64 [L], where its views begin in `order`.
        count: int64 [L], how many views it draws.
        order: int64 [V'], rows of the request, program by program.
        stream: int64 [L], which stream it goes to.
        seconds: float64 [L], what it is taken to last.
    """

    program: Ints
    first: Ints
    count: Ints
    order: Ints
    stream: Ints
    seconds: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.program)


def plan(
    program: Ints,
    served: npt.NDArray[np.bool_],
    seconds: npt.NDArray[np.float64],
    fixed: npt.NDArray[np.float64],
    carried: int,
    streams: int,
) -> Plan:
    """Groups views of one program into launches and spreads these over streams.

    The longest launches go first, each to the stream that is free earliest (R. Graham, "Bounds on
    multiprocessing timing anomalies", 1969), so that a slow program runs beside the others from the
    start instead of after them.

    Args:
        program: int64 [V], index of each view's program.
        served: [P], whether the program runs here; views of others are left out.
        seconds: [P], what one view adds to a launch.
        fixed: [P], what a launch takes at least.
        carried: views that fit into a launch's parameters; 0: as many as there are.
        streams: how many.
    """
    rows = np.flatnonzero(served[program])
    order = rows[np.argsort(program[rows], kind="stable")]
    counts = np.bincount(program[order], minlength=len(served))
    most = carried or _MOST_VIEWS
    launches = -(-counts // most)
    owner = np.repeat(np.arange(len(served)), launches)
    turn = np.arange(len(owner)) - np.repeat(np.cumsum(launches) - launches, launches)
    first = (np.cumsum(counts) - counts)[owner] + turn * most
    count = np.minimum(counts[owner] - turn * most, most)
    lasts = fixed[owner] + seconds[owner] * count
    by_length = np.argsort(-lasts, kind="stable")
    lasts = lasts[by_length]
    return Plan(
        owner[by_length],
        first[by_length],
        count[by_length],
        order,
        _spread(lasts.tolist(), streams),
        lasts,
    )


def _spread(lasts: Sequence[float], streams: int) -> Ints:
    """Each launch to the stream that is free earliest."""
    free = [(0.0, s) for s in range(streams)]
    chosen = np.empty(len(lasts), np.int64)
    for i, last in enumerate(lasts):
        ends, stream = free[0]
        chosen[i] = stream
        heapq.heapreplace(free, (ends + last, stream))
    return chosen


@dataclass(frozen=True, eq=False)
class Packed:
    """What the driver reads, launch by launch. Must outlive the calls, not the kernels.

    Attributes:
        launches: launch_dtype [L].
        configs: CONFIG_DTYPE [L].
        pointers: uint64 [L], addresses of the launches: cuLaunchKernel's array of parameters.
    """

    launches: npt.NDArray[np.void]
    configs: npt.NDArray[np.void]
    pointers: npt.NDArray[np.uint64]

    def arguments(self) -> tuple[list[int], list[int]]:
        """Addresses of each launch's configuration and of its array of parameters."""
        n = len(self.launches)
        configs = self.configs.ctypes.data + np.arange(n) * self.configs.itemsize
        parameters = self.pointers.ctypes.data + np.arange(n) * self.pointers.itemsize
        return configs.tolist(), parameters.tolist()


def pack(
    made: Plan,
    views: npt.NDArray[np.void],
    streams: npt.NDArray[np.uint64],
    out: int,
    size: tuple[int, int],
    samples: int,
    carried: int,
    channels_last: bool = False,
    table: int = 0,
    literals: Floats | None = None,
    literal_table: int = 0,
) -> Packed:
    """Fills in what the kernels read.

    Args:
        made: the launches.
        views: VIEW_DTYPE [V'], in the order of `made.order`.
        streams: the streams' handles.
        out: address of the output.
        size: width and height of a view, pixels.
        samples: a pixel and axis.
        carried: as for `plan`.
        channels_last: colours beside each other, instead of three planes.
        table: address of `views` on the device, where launches do not carry them.
        literals: float32 [V', MAX_LITERALS], in the order of `made.order`; None: no program is lifted.
        literal_table: address of `literals` on the device, where launches do not carry them.
    """
    width, height = size
    launches = np.zeros(len(made), launch_dtype(carried, literals is not None))
    launches["out"], launches["width"], launches["height"] = out, width, height
    launches["samples"], launches["channels_last"] = samples, channels_last
    if carried:
        begin, end = launch_dtype(0).itemsize, launch_dtype(carried).itemsize
        flat = launches.view(np.uint8).reshape(len(made), -1)[:, begin:end]
        slots = flat.reshape(len(made), carried, VIEW_DTYPE.itemsize)
        launch = np.repeat(np.arange(len(made)), made.count)
        place = np.arange(len(launch)) - np.repeat(np.cumsum(made.count) - made.count, made.count)
        source = views.view(np.uint8).reshape(len(views), -1)
        rows = np.repeat(made.first, made.count) + place
        slots[launch, place] = source[rows]
        if literals is not None:
            launches["family"][launch, place] = literals[rows]
    else:
        launches["views"] = table + made.first * VIEW_DTYPE.itemsize
        if literals is not None:
            launches["families"] = literal_table + made.first * LITERAL_BLOCK_SIZE
    configs = np.zeros(len(made), CONFIG_DTYPE)
    configs["grid"][:, 0] = -(-width // BLOCK[0])
    configs["grid"][:, 1] = -(-height // BLOCK[1])
    configs["grid"][:, 2] = made.count
    configs["block"] = THREADS, 1, 1
    configs["stream"] = streams[made.stream]
    pointers = (launches.ctypes.data + np.arange(len(made)) * launches.itemsize).astype(np.uint64)
    return Packed(launches, configs, pointers)


def view_records(
    frames: npt.NDArray[np.void], channels: npt.NDArray[np.void], slots: Ints
) -> npt.NDArray[np.void]:
    """VIEW_DTYPE [V] of blocks [V], textures [V, 4] and the pictures that are drawn."""
    views = np.zeros(len(frames), VIEW_DTYPE)
    views["frame"], views["channel"], views["slot"] = frames, channels, slots
    return views


def sizes_of(channels: npt.NDArray[np.void], volumes: npt.NDArray[np.bool_]) -> Floats:
    """What the uniform block says of textures [V, 4], some of which are volumes: as deep as wide. float32 [V, 4, 3]."""
    bound = channels["pixels"] != 0
    width = channels["width"] * bound
    parts = (width, channels["height"] * bound, np.where(volumes, width, bound))
    return np.stack(parts, -1).astype(np.float32)
