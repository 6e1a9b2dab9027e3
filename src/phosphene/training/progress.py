"""One line that says how training goes."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Generic, TypeVar

from rich.console import Console
from rich.live import Live
from rich.text import Text

Item = TypeVar("Item")


class Timed(Generic[Item]):
    """An iterator that counts the seconds its consumer waited for it."""

    def __init__(self, items: Iterator[Item]) -> None:
        self.seconds = 0.0
        self._items = items

    def __iter__(self) -> Timed[Item]:
        return self

    def __next__(self) -> Item:
        began = time.perf_counter()
        try:
            return next(self._items)
        finally:
            self.seconds += time.perf_counter() - began


class ProgressLine:
    """`step 120/2000  loss 5.1234  1,230 img/s  waiting 12%  0:03:10 left`.

    On a terminal it is redrawn in place; elsewhere it is printed anew, at most every `pause` seconds.
    """

    def __init__(self, first: int, total: int, label: str = "", pause: float = 10.0) -> None:
        """Args: steps done before, steps in all, words to put first, seconds between plain lines."""
        self.first, self.total, self.label, self.pause = first, total, label, pause
        console = Console(stderr=True, highlight=False)
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._began = time.perf_counter()
        self._printed = 0.0
        self._text = ""

    def __enter__(self) -> ProgressLine:
        if self._live:
            self._live.start()
        return self

    def show(self, step: int, loss: float, images: float, waiting: float) -> None:
        """Redraws it: steps done, loss, images a second, share of the time waited for rendering."""
        elapsed = time.perf_counter() - self._began
        left = elapsed / max(1, step - self.first) * (self.total - step)
        self._text = (
            f"{self.label}step {step}/{self.total}  loss {loss:.4f}  {images:,.0f} img/s  "
            f"waiting {waiting:.0%}  {clock(left)} left"
        )
        if self._live:
            self._live.update(Text(self._text), refresh=True)
        elif elapsed - self._printed >= self.pause or step == self.total:
            self._printed = elapsed
            print(self._text, file=sys.stderr, flush=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
