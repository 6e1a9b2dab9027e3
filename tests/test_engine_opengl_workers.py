"""What the OpenGL engine does when a program hangs, a worker dies, or it is closed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np
import pytest

import opengl_programs as small
from phosphene.engines.opengl import OpenGLEngine
from phosphene.engines.opengl.context import REMEDY
from phosphene.errors import EngineError
from phosphene.views import Latent, RenderedBatch, RenderRequest, View

GOOD = {f"p{i}": small.variant(i) for i in range(8)}
SLOW = {**GOOD, "slow": small.ENDLESS}
LARGE = 160


def _views(names: list[str], count: int = 3) -> list[View]:
    return [View(name, Latent(float(t))) for t in range(count) for name in names]


def _expected(views: list[View], size: int) -> np.ndarray:
    with small.engine_of(GOOD, workers=1) as engine:
        drawn = [view for view in views if view.program in GOOD]
        pixels = iter(engine.render(RenderRequest.of(drawn, size)).pixels)
    empty = np.zeros((3, size, size), np.uint8)
    return np.stack([next(pixels) if view.program in GOOD else empty for view in views])


def _until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.01)


def test_a_request_cannot_be_cancelled_and_the_engine_goes_on() -> None:
    request = RenderRequest.of(_views(["p0", "p1"]), 16)
    with small.engine_of(GOOD, workers=1) as engine:
        asked = engine.submit(request)
        assert not asked.cancel()
        np.testing.assert_array_equal(asked.result(60).pixels, engine.render(request).pixels)


def test_more_wide_views_than_one_picture_holds_are_drawn() -> None:
    views = [View(f"p{i % 2}", Latent(0.1 * i)) for i in range(1100)]
    with small.engine_of(GOOD, workers=1) as engine:
        drawn = engine.render(RenderRequest.of(views, 8192, 1)).pixels
        last = engine.render(RenderRequest.of(views[-1:], 8192, 1)).pixels[0]
    np.testing.assert_array_equal(drawn[-1], last)


def test_a_program_that_hangs_is_refused_and_the_rest_is_drawn() -> None:
    views = _views([*GOOD, "slow"])
    request = RenderRequest.of(views, LARGE)
    with small.engine_of(SLOW, workers=2, timeout=3.0) as engine:
        before = set(engine.workers)
        batch = engine.render(request)
        assert set(batch.refused) == {"slow"}
        assert "more than 3 s" in batch.refused["slow"]
        assert len(before - set(engine.workers)) == 1
        after = engine.workers
        again = engine.render(request)
        assert engine.workers == after, "a quarantined program was tried again"
        assert set(again.refused) == {"slow"}
    expected = _expected(views, LARGE)
    assert np.array_equal(batch.pixels, expected)
    assert np.array_equal(again.pixels, expected)


def test_workers_killed_in_the_middle_change_nothing() -> None:
    views = _views(list(GOOD), 4)
    with small.engine_of(GOOD, workers=2) as engine:
        future = engine.submit(RenderRequest.of(views, 64))
        _until(lambda: engine.at_work or future.done())
        for pid in engine.workers:
            os.kill(pid, signal.SIGKILL)
        batch = future.result(60)
        killed = engine.workers
        os.kill(killed[0], signal.SIGKILL)  # while idle
        later = engine.render(RenderRequest.of(views, 64))
        assert engine.workers[0] != killed[0]
    assert not batch.refused
    assert not later.refused
    expected = _expected(views, 64)
    assert np.array_equal(batch.pixels, expected)
    assert np.array_equal(later.pixels, expected)


def _kill_over(engine: OpenGLEngine, program: str, future: Future[RenderedBatch]) -> None:
    """Kills the worker that is working on the program."""

    def found() -> list[int]:
        return [pid for pid, name in engine.at_work.items() if name == program]

    _until(lambda: found() or future.done())
    before = engine.workers
    for pid in found():
        os.kill(pid, signal.SIGKILL)
        _until(lambda: engine.workers != before)


def test_a_program_that_kills_two_workers_is_refused() -> None:
    views = _views([*GOOD, "slow"], 1)
    with small.engine_of(SLOW, workers=1, timeout=600.0) as engine:
        future = engine.submit(RenderRequest.of(views, LARGE))
        _kill_over(engine, "slow", future)
        assert not future.done(), "it gets a second chance, alone"
        _kill_over(engine, "slow", future)
        batch = future.result(60)
    assert set(batch.refused) == {"slow"}
    assert "SIGKILL" in batch.refused["slow"]
    assert np.array_equal(batch.pixels, _expected(views, LARGE))


def test_a_closed_engine_says_so_and_leaves_no_process() -> None:
    engine = small.engine_of(SLOW, workers=2, timeout=600.0)
    workers = engine.workers
    future = engine.submit(RenderRequest.of([View("slow")], LARGE))
    _until(lambda: engine.at_work)
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        future.result(10)
    with pytest.raises(EngineError, match="closed"):
        engine.submit(RenderRequest.of([View("p0")], 8))
    assert not any(os.path.exists(f"/proc/{pid}") for pid in workers)
    engine.close()


def test_workers_die_with_a_killed_parent() -> None:
    script = (
        "import opengl_programs as small, time\n"
        "engine = small.engine_of({'p': small.CORNERS}, workers=2)\n"
        "print(*engine.workers, flush=True)\n"
        "time.sleep(60)\n"
    )
    folder = os.path.dirname(__file__)
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(workers) == 2
        parent.kill()
        parent.wait()
        _until(lambda: not any(_alive(pid) for pid in workers), 10)


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_without_egl_the_package_to_install_is_named() -> None:
    """Mesa is told to offer no more than OpenGL 2.1, which is as good as none."""
    old = "import os; os.environ['MESA_GL_VERSION_OVERRIDE'] = '2.1'\n"
    script = old + (
        "import opengl_programs as small\n"
        "from phosphene.errors import MissingPieceError\n"
        "try: small.engine_of({'p': small.CORNERS})\n"
        "except MissingPieceError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=os.path.dirname(__file__),
        capture_output=True,
        text=True,
    )
    assert "OpenGL 3.3 through EGL" in done.stdout, done.stderr
    assert REMEDY in done.stdout
