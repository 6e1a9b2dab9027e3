"""Pixels on their way to the consumer's device, beside the consumer's own work there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from phosphene.errors import MissingPieceError
from phosphene.stream.batch import Batch


class Lane:
    """Work for a device in a CUDA stream of its own; on a CPU it does nothing special."""

    def __init__(self, device: str | torch.device) -> None:
        """Prepares the device. Raises MissingPieceError where it is CUDA and absent."""
        self.device = torch.device(device)
        self._stream: torch.cuda.Stream | None = None
        if self.device.type == "cuda":
            if not torch.cuda.is_available():
                raise MissingPieceError(
                    f"a GPU for `device={device}`",
                    'use `device="cpu"`, or install a CUDA build of PyTorch and the NVIDIA driver',
                )
            if self.device.index is None:
                self.device = torch.device("cuda", torch.cuda.current_device())
            self._stream = torch.cuda.Stream(self.device)  # type: ignore[no-untyped-call]

    @contextmanager
    def work(self) -> Iterator[None]:
        """Device work inside runs in the lane."""
        if self._stream is None:
            yield
            return
        with torch.cuda.device(self.device), torch.cuda.stream(self._stream):
            yield

    def bring(self, tensor: Tensor) -> Tensor:
        """The tensor on the device; through pinned memory from a CPU, not copied where it is there."""
        if self._stream is None:
            return tensor.to(self.device)
        if tensor.device.type == "cpu":
            return tensor.pin_memory().to(self.device, non_blocking=True)
        if tensor.device == self.device:
            tensor.record_stream(self._stream)
        return tensor.to(self.device, non_blocking=True)

    def mark(self) -> torch.cuda.Event | None:
        """A mark behind the work so far; None on a CPU."""
        return None if self._stream is None else self._stream.record_event()

    def hand_over(self, batch: Batch, mark: torch.cuda.Event | None) -> None:
        """Makes the consumer's current CUDA stream wait for the batch, without stopping its thread."""
        if mark is None:
            return
        consumer = torch.cuda.current_stream(self.device)
        consumer.wait_event(mark)
        for tensor in batch.tensors():
            tensor.record_stream(consumer)
