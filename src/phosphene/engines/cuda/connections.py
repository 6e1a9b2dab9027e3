"""How many queues CUDA gives a process; the driver reads it once, when CUDA starts."""

from __future__ import annotations

import os

import torch

NAME, MOST = "CUDA_DEVICE_MAX_CONNECTIONS", 32
"""Source: *CUDA C++ Programming Guide*, environment variables; without it there are 8."""


def widen() -> bool:
    """Asks for as many queues as there can be, unless the environment names a number.

    Streams beyond the number of queues share them, and what one of two such streams has queued waits for the
    other: with 8, training and the exchange between GPUs would wait for renderings.

    Returns:
        Whether it is in time: CUDA has not started in this process, or started with a number.
    """
    if os.environ.get(NAME):
        return True
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        return False
    os.environ[NAME] = str(MOST)
    return True
