"""The stream in real processes: killed, interrupted, ended; with the OpenGL engine on real programs."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from phosphene.bank.bank import Bank
from phosphene.bank.records import Status, Verdict
from phosphene.engines import open_engine
from phosphene.program import Dialect, Program
from phosphene.spirv import compile_program
from phosphene.stream import Stream
from stream_consumer import open_stream, sample_hashes

CONSUMER = Path(__file__).with_name("stream_consumer.py")

PROGRAMS = (
    "void mainImage(out vec4 o, in vec2 p) {"
    " vec2 q = p / iResolution.xy; o = vec4(q, 0.5 + 0.5 * sin(iTime), 1.0); }",
    "void mainImage(out vec4 o, in vec2 p) { vec2 q = (2.0 * p - iResolution.xy) / iResolution.y;"
    " for (int i = 0; i < 8; i++) q = abs(q) / dot(q, q) - vec2(0.7, 0.4 + 0.1 * sin(iTime));"
    " o = vec4(0.5 + 0.5 * cos(q.xyx + vec3(0, 1, 2)), 1.0); }",
    "float h(vec2 p) { return fract(sin(dot(p, vec2(12.9, 78.2))) * 43758.5); }"
    "void mainImage(out vec4 o, in vec2 p) { vec2 c = floor(p / 16.0);"
    " o = vec4(h(c), h(c + 7.0), fract(h(c + 3.0) + iTime * 0.1), 1.0); }",
    "void mainImage(out vec4 o, in vec2 p) { vec2 q = p / iResolution.y - 0.5;"
    " float a = atan(q.y, q.x), r = length(q);"
    " o = vec4(vec3(step(0.5, fract(3.0 * a + 8.0 * r - iTime))) * vec3(1, r, 1.0 - r), 1.0); }",
)


def consume(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    """A consumer at work in a folder."""
    return subprocess.Popen([sys.executable, str(CONSUMER), str(folder), *options])


def log_of(folder: Path) -> list[tuple[int, str]]:
    """The complete lines of a consumer's log."""
    path = folder / "log"
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return [(int(index), value) for index, value in (line.split() for line in lines)]


def wait_for_lines(folder: Path, count: int, process: subprocess.Popen[bytes]) -> None:
    """Until a consumer wrote so many lines."""
    deadline = time.monotonic() + 60
    while len(log_of(folder)) < count:
        assert process.poll() is None, "the consumer ended too early"
        assert time.monotonic() < deadline, "the consumer is stuck"
        time.sleep(0.005)


def hashes(stream: Stream) -> dict[int, str]:
    """Sample number → hash of everything that a stream yields."""
    with stream:
        return {i: value for batch in stream for i, value in sample_hashes(batch).items()}


def check_log(folder: Path, expected: dict[int, str]) -> None:
    """Every sample is in the log, each time with the right bytes; at most one batch came twice."""
    lines = log_of(folder)
    assert dict(lines) == expected
    assert all(value == expected[index] for index, value in lines)
    assert len(lines) - len(expected) <= 7


def test_ctrl_c_ends_a_waiting_consumer_and_its_state_goes_on(tmp_path: Path) -> None:
    options = ("hash", "limit=100000", "delay=0.05")
    process = consume(tmp_path, *options)
    wait_for_lines(tmp_path, 14, process)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    position = json.loads((tmp_path / "stopped.json").read_text())["position"]
    assert position - len(log_of(tmp_path)) in (0, 7)  # 7: it came between a batch and its log


def test_a_script_that_ends_with_an_open_stream_exits_cleanly(tmp_path: Path) -> None:
    script = (
        "from stream_fakes import HashEngine, selection\n"
        "from phosphene.stream import Stream\n"
        "stream = Stream(selection(9), size=8, batch_size=4, engine=HashEngine(delay=0.02))\n"
        "next(stream)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=CONSUMER.parent, capture_output=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.fixture(scope="module")
def banked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a bank of four accepted programs."""
    folder = tmp_path_factory.mktemp("bank")
    programs = [Program.of(Dialect.SHADERTOY, code) for code in PROGRAMS]
    with Bank.open(folder / "bank.db", create=True) as bank:
        for program in programs:
            bank.add(program)
            bank.store_module(compile_program(program))
        bank.record_verdicts([Verdict(program.id, Status.ACCEPTED) for program in programs])
    return folder


@pytest.fixture(scope="module")
def rendered(banked: Path) -> dict[int, str]:
    """What 100 samples of the OpenGL engine hash to, with three workers in batches of 64."""
    return hashes(open_stream(banked, "opengl", {"limit": 100, "batch_size": 64, "workers": 3}))


def test_pixels_are_byte_equal_with_one_worker_and_small_batches(
    banked: Path, rendered: dict[int, str]
) -> None:
    assert hashes(open_stream(banked, "opengl", {"limit": 100, "batch_size": 7})) == rendered
    assert len(set(rendered.values())) == 100


def test_a_stream_restarts_on_an_engine_that_still_works_for_it(
    banked: Path, rendered: dict[int, str]
) -> None:
    stream = open_stream(banked, "opengl", {"limit": 100, "batch_size": 20, "prefetch": 4})
    state = stream.state_dict()
    for _ in range(3):
        next(stream)
        stream.load_state_dict(state)
    assert hashes(stream) == rendered
    stream.engine.close()


def test_pixels_are_byte_equal_after_kill_and_resume(
    banked: Path, rendered: dict[int, str]
) -> None:
    process = consume(banked, "opengl", "limit=100", "pause=0.1")
    wait_for_lines(banked, 17, process)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert 17 <= len(log_of(banked)) < 100
    assert consume(banked, "opengl", "limit=100", "workers=2").wait(timeout=120) == 0
    check_log(banked, rendered)


def test_a_program_that_opengl_refuses_is_quarantined_and_replayed(
    banked: Path, rendered: dict[int, str]
) -> None:
    with Bank.open(banked / "bank.db") as bank:
        missing = bank.select().program_ids[2]

        def modules(ids: Sequence[str]) -> dict[str, object]:
            return {p: m for p, m in bank.modules(ids).items() if p != missing}

        engine = open_engine("opengl", modules, gpu=False, workers=1)  # type: ignore[arg-type]
        settings = {"size": 16, "mix": 2, "limit": 40, "engine": engine}
        with Stream(bank, batch_size=7, **settings) as stream:  # type: ignore[arg-type]
            found = {i: v for batch in stream for i, v in sample_hashes(batch).items()}
            (record,) = stream.quarantine
            state = stream.state_dict()
        engine.close()
    assert record.program == missing
    assert "module" in record.reason
    met = {i for i in range(40) if found[i] != rendered[i]}
    assert met
    assert record.since <= min(met)
    replay = open_stream(banked, "opengl", {"limit": 40, "batch_size": 9})
    replay.load_state_dict({**state, "position": 0})
    assert hashes(replay) == found
