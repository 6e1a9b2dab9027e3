"""How far a long work is, on the standard error: redrawn in place on a terminal, plain lines in a log file."""

from __future__ import annotations

import sys
import time

from phosphene.closing import Closing


class ProgressBar(Closing):
    """`vetting ━━━━━━━━━━━  3,210/16,000  1,203 accepted  0:28:12`, gone when the work is done.

    Where the standard error is no terminal (a log file of a batch system), a line is printed at most every
    `pause` seconds: `vetting: 3,210 of 16,000, 1,203 accepted, 0:28:12 left`.
    """

    def __init__(self, title: str, shown: bool = True, pause: float = 30.0) -> None:
        """Args: what is being done, whether anything is shown, seconds between plain lines."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self.title, self.pause = title, pause
        self._began = self._printed = time.monotonic()
        self._before: int | None = None
        console = Console(stderr=True)
        self._plain = shown and not console.is_terminal
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[found]}", markup=False),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not shown or self._plain,
        )
        self._task = self._progress.add_task(title, total=None, found="")
        self._progress.start()

    def show(self, done: int, total: int | None = None, found: str = "") -> None:
        """How far the work is, of how much where that is known, and what came of it so far."""
        self._progress.update(self._task, completed=done, total=total, found=found)
        if self._before is None:
            self._before = done
        now = time.monotonic()
        if self._plain and now - self._printed >= self.pause:
            self._printed = now
            print(self._line(done, total, found, now - self._began), file=sys.stderr, flush=True)

    def _line(self, done: int, total: int | None, found: str, elapsed: float) -> str:
        parts = [f"{done:,}" if total is None else f"{done:,} of {total:,}"]
        parts += [found] if found else []
        new = done - (self._before or 0)
        if total is not None and new > 0:
            parts += [f"{clock(elapsed / new * (total - done))} left"]
        return f"{self.title}: {', '.join(parts)}"

    def close(self) -> None:
        """Takes the bar off the terminal."""
        self._progress.stop()


class ProgressLine(Closing):
    """`step 120/2000  loss 5.1234  1,230 img/s  waiting 12%  0:03:10 left`.

    On a terminal it is redrawn in place; elsewhere it is printed anew, at most every `pause` seconds.
    """

    def __init__(self, first: int, total: int, pause: float = 10.0, shown: bool = True) -> None:
        """Args: steps done before, steps in all, seconds between plain lines,
        whether anything is shown."""
        from rich.console import Console
        from rich.live import Live

        self.first, self.total, self.pause = first, total, pause
        console = Console(stderr=True, highlight=False, quiet=not shown)
        self._shown = shown
        self._live = (
            Live(console=console, auto_refresh=False) if shown and console.is_terminal else None
        )
        if self._live:
            self._live.start()
        self._began = time.perf_counter()
        self._printed = 0.0

    def show(self, step: int, loss: float, images: float, waiting: float) -> None:
        """Redraws it: steps done, loss, images a second, share of the time waited for rendering."""
        from rich.text import Text

        elapsed = time.perf_counter() - self._began
        left = elapsed / max(1, step - self.first) * (self.total - step)
        text = (
            f"step {step}/{self.total}  loss {loss:.4f}  {images:,.0f} img/s  "
            f"waiting {waiting:.0%}  {clock(left)} left"
        )
        if not self._shown:
            return
        if self._live:
            self._live.update(Text(text), refresh=True)
        elif elapsed - self._printed >= self.pause or step == self.total:
            self._printed = elapsed
            print(text, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leaves the line as it stands."""
        if self._live:
            self._live.stop()


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
