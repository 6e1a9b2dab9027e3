"""One line that says how training goes."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text


class ProgressLine:
    """`step 120/2000  loss 5.1234  1,230 img/s  waiting 12%  0:03:10 left`.

    On a terminal it is redrawn in place; elsewhere it is printed anew, at most every `pause` seconds.
    """

    def __init__(
        self, first: int, total: int, label: str = "", pause: float = 10.0, shown: bool = True
    ) -> None:
        """Args: steps done before, steps in all, words to put first, seconds between plain lines,
        whether anything is shown."""
        self.first, self.total, self.label, self.pause = first, total, label, pause
        console = Console(stderr=True, highlight=False, quiet=not shown)
        self._shown = shown
        self._live = (
            Live(console=console, auto_refresh=False) if shown and console.is_terminal else None
        )
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
        if not self._shown:
            return
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
