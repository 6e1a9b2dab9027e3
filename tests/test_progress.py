"""What long works show: a bar on a real terminal, plain lines in a file."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from phosphene.progress import ProgressBar, clock

WORK = """
from phosphene.progress import ProgressBar
with ProgressBar("vetting", {shown}, pause={pause}) as bar:
    for done in (1000, 1500, 4000):
        bar.show(done, {total}, "12 accepted [bold]")
"""


def plain(shown: bool = True, pause: float = 0.0, total: int | None = 4000) -> list[str]:
    """The lines of a work whose standard error is a pipe."""
    script = WORK.format(shown=shown, pause=pause, total=total)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_a_log_file_gets_lines() -> None:
    """How much of how much, what came of it, and how long it will take by what was done since the start."""
    first, second, last = plain()
    assert first == "vetting: 1,000 of 4,000, 12 accepted [bold]"
    assert re.fullmatch(r"vetting: 1,500 of 4,000, 12 accepted \[bold\], 0:00:0\d left", second)
    assert last == "vetting: 4,000 of 4,000, 12 accepted [bold], 0:00:00 left"


def test_no_end_is_foretold_where_none_is_known() -> None:
    """A source that does not know how much it has."""
    assert plain(total=None)[-1] == "vetting: 4,000, 12 accepted [bold]"


@pytest.mark.parametrize(("shown", "pause"), [(False, 0.0), (True, 60.0)])
def test_a_log_file_is_not_flooded(shown: bool, pause: float) -> None:
    """Nothing where nothing is to be shown, and nothing before the first pause is over."""
    assert plain(shown, pause) == []


def test_a_terminal_gets_a_bar() -> None:
    """Redrawn in place and taken off in the end; no line is added to it."""
    ours, theirs = pty.openpty()
    script = WORK.format(shown=True, pause=0.0, total=4000)
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    subprocess.run([sys.executable, "-c", script], stderr=theirs, env=environment, check=True)
    os.close(theirs)
    written = b""
    while chunk := _read(ours):
        written += chunk
    os.close(ours)
    text = written.decode()
    assert "4000/4000" in text
    assert "12 accepted [bold]" in text
    assert "left" not in text
    assert text.rstrip().endswith("\x1b[2K")  # the line is cleared


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # a terminal whose other end is closed
        return b""


def test_a_bar_is_closed_again(capfd: pytest.CaptureFixture[str]) -> None:
    """`close` may be called twice, and after a work that showed nothing."""
    bar = ProgressBar("nothing")
    bar.close()
    bar.close()
    assert capfd.readouterr().err == ""


def test_clock() -> None:
    """Hours, minutes, seconds."""
    assert [clock(s) for s in (0, 59.6, 3600, 86461)] == [
        "0:00:00",
        "0:01:00",
        "1:00:00",
        "24:01:01",
    ]
