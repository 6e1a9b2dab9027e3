"""The progress bar of commands that go through many programs."""

from __future__ import annotations

import sys

from phosphene.closing import Closing


class Bar(Closing):
    """A progress bar on standard error; silent where that is no terminal or JSON is wanted."""

    def __init__(self, title: str, quiet: bool) -> None:
        """Args: what stands before the bar; whether nothing is shown."""
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[found]}", markup=False),
            TimeRemainingColumn(),
            console=Console(stderr=True, quiet=quiet or not sys.stderr.isatty()),
        )
        self._task = self._progress.add_task(title, total=None, found="")
        self._progress.start()

    def show(self, done: int, total: int | None, found: str) -> None:
        """How far the work is, and what came of it so far."""
        self._progress.update(self._task, completed=done, total=total, found=found)

    def close(self) -> None:
        """Leaves the bar as it stands."""
        self._progress.stop()
