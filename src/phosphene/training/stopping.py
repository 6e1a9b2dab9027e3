"""Ctrl-C and SIGTERM as a request to stop at the next safe moment."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

from phosphene.errors import PhospheneError


class StoppedError(PhospheneError):
    """Training was asked to stop and saved what it had."""


class StopRequest:
    """While entered, the first SIGINT or SIGTERM sets `asked`; a second one ends the process as usual.

    Outside the main thread, where Python allows no handlers, it does nothing.
    """

    def __init__(self, patient: bool = False) -> None:
        """Args: whether further signals change nothing. `torchrun` sends one after the terminal's own,
        and ends its ranks itself if they take too long."""
        self._patient = patient
        self.asked: signal.Signals | None = None
        """The signal, once one came."""
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._handle)
        return self

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.asked = signal.Signals(number)
        if not self._patient:
            self._restore()

    def _restore(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._restore()
