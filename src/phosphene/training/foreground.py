"""What a GPU does first: training goes before what prepares its batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

PRIORITY = -1
"""Of a CUDA stream; streams have 0 unless they ask, and lower numbers go first."""


@contextmanager
def foreground(device: torch.device) -> Iterator[None]:
    """Work that is queued inside goes before whatever other streams have queued.

    Batches are rendered beside training and ahead of it. Blocks of their kernels that have begun run to
    their end; those that have not wait while training has blocks of its own, and fill what it leaves
    free. A batch that is dear to render is so spread over the steps before it is needed, which matters
    most to ranks, whose steps last as long as the slowest one's. On a CPU it does nothing.
    """
    if device.type != "cuda":
        yield
        return
    with torch.cuda.device(device):
        outside = torch.cuda.current_stream()
        inside = torch.cuda.Stream(priority=PRIORITY)  # type: ignore[no-untyped-call]
        inside.wait_stream(outside)
        with torch.cuda.stream(inside):
            yield
        outside.wait_stream(inside)
