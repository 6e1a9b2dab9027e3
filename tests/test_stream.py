"""The stream over a fake engine: order, partition, states, errors and endings."""

from __future__ import annotations

import gc
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from phosphene import engines
from phosphene.bank.bank import Bank
from phosphene.errors import EngineError, MissingPieceError, UsageError
from phosphene.sampling import CameraPolicy, UniformPrograms, ViewGroup
from phosphene.stream import Batch, Stream, merge_states
from stream_fakes import HashEngine, selection

PROGRAMS = selection(20)


def open_stream(**settings: object) -> Stream:
    defaults = {"size": 4, "batch_size": 7, "seed": 1, "engine": HashEngine(), "mix": 3}
    return Stream(PROGRAMS, **(defaults | settings))  # type: ignore[arg-type]


def prints(batches: Iterator[Batch]) -> dict[int, str]:
    """Sample number → hash of everything about the sample."""
    found = {}
    for batch in batches:
        for row, index in enumerate(batch.index.tolist()):
            assert index not in found
            values = [group[:, row] for group in batch.groups]
            values += [batch.programs[row], batch.parts[row], batch.weights[row]]
            data = b"".join(value.contiguous().numpy().tobytes() for value in values)
            found[index] = hashlib.md5(data).hexdigest()
    return found


def first(stream: Stream, steps: int) -> Iterator[Batch]:
    """So many batches, then the stream is closed."""
    with stream:
        for _ in range(steps):
            yield next(stream)


EXPECTED = prints(open_stream(limit=130, batch_size=64))


def test_a_batch_says_what_it_holds() -> None:
    with open_stream(views=2, batch_size=5) as stream:
        batch = next(stream)
        assert batch.views.shape == (2, 5, 3, 4, 4)
        assert batch.parts.shape == batch.weights.shape == (5, 3)
        assert batch.index.tolist() == [0, 1, 2, 3, 4]
        assert len(batch) == 5
        heaviest = batch.parts[torch.arange(5), batch.weights.argmax(1)]
        assert torch.equal(batch.programs, heaviest)
        assert int(batch.parts.max()) < len(stream.program_ids) == 20
        assert stream.digest == PROGRAMS.digest


@pytest.mark.parametrize("batch_size", [1, 7, 64])
@pytest.mark.parametrize("workers", [1, 3])
def test_a_sample_does_not_depend_on_batch_size_or_workers(batch_size: int, workers: int) -> None:
    engine = HashEngine(workers, delay=0.001)
    with open_stream(batch_size=batch_size, engine=engine, limit=130, prefetch=5) as stream:
        assert prints(stream) == EXPECTED


def test_ranks_share_each_step_whatever_their_number() -> None:
    for world in (1, 2, 4):
        parts: list[dict[int, str]] = []
        for rank in range(world):
            stream = open_stream(batch_size=8 // world, rank=rank, world=world)
            parts.append(prints(first(stream, 3)))
        assert sum(len(part) for part in parts) == 24
        together = {index: value for part in parts for index, value in part.items()}
        assert together == {index: EXPECTED[index] for index in range(24)}


def test_a_state_is_where_the_consumer_is_and_goes_on_exactly() -> None:
    stream = open_stream(prefetch=6)
    with stream:
        assert stream.state_dict()["position"] == 0
        head = prints(iter([next(stream), next(stream)]))
        time.sleep(0.05)  # let it render ahead
        state = json.loads(json.dumps(stream.state_dict()))
    assert state["position"] == stream.position == 14
    with open_stream(batch_size=16, rank=0, world=1, limit=130) as resumed:
        resumed.load_state_dict(state)
        tail = prints(resumed)
    assert head | tail == EXPECTED
    assert not head.keys() & tail.keys()


def test_a_state_loads_into_a_running_stream() -> None:
    with open_stream() as stream:
        state = stream.state_dict()
        one = prints(iter([next(stream), next(stream)]))
        stream.load_state_dict(state)
        assert prints(iter([next(stream), next(stream)])) == one


def test_ranks_resume_at_another_world_size() -> None:
    states = []
    for rank in range(2):
        with open_stream(batch_size=5, rank=rank, world=2) as stream:
            next(stream)
            states.append(stream.state_dict())
    merged = merge_states(states)
    assert merged["position"] == 10
    with open_stream(batch_size=20, limit=130) as stream:
        stream.load_state_dict(merged)
        assert prints(stream) == {i: EXPECTED[i] for i in range(10, 130)}


def test_ranks_end_at_one_position() -> None:
    states, numbers = [], []
    for rank in range(2):
        with open_stream(batch_size=4, rank=rank, world=2, limit=12) as stream:
            numbers += [len(batch.index) for batch in stream]
            states.append(stream.state_dict())
    assert sum(numbers) == 12
    assert merge_states(states)["position"] == 12


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seed": 2}, "made with `seed` 1, the stream has 2"),
        ({"mix": 2}, "`mix` MixUp"),
        ({"size": 8}, "`views`"),
        ({"camera": CameraPolicy(flip=0)}, "`views`"),
        ({"canvas": (64.0, 64.0)}, "`canvas`"),
    ],
)
def test_a_state_of_other_settings_is_refused(settings: dict[str, object], message: str) -> None:
    with (
        open_stream() as one,
        open_stream(**settings) as other,
        pytest.raises(UsageError, match=message),
    ):
        other.load_state_dict(one.state_dict())


def test_a_state_of_other_programs_is_refused() -> None:
    with (
        open_stream() as one,
        Stream(selection(21), batch_size=7, engine=HashEngine()) as other,
        pytest.raises(UsageError, match="are other programs"),
    ):
        other.load_state_dict(one.state_dict())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 99}, "version 1, got 99"),
        ({"position": None}, "damaged"),
        ({"quarantine": [{"program": "x"}]}, "damaged"),
        ({"quarantine": [{"program": "x", "reason": "", "since": 0}]}, "x is not among"),
    ],
)
def test_a_damaged_state_is_refused(change: dict[str, object], message: str) -> None:
    with open_stream() as stream:
        with pytest.raises(UsageError, match=message):
            stream.load_state_dict({**stream.state_dict(), **change})
        next(stream)  # and the stream goes on


def test_states_of_different_steps_do_not_merge() -> None:
    with open_stream() as stream:
        one = stream.state_dict()
        next(stream)
        with pytest.raises(UsageError, match="one position, got 0 and 7"):
            merge_states([one, stream.state_dict()])


def test_the_limit_counts_samples_and_start_begins() -> None:
    with open_stream(limit=10) as stream:
        assert [len(batch) for batch in stream] == [7, 3]
        assert stream.state_dict()["position"] == 10
        assert list(stream) == []
    with open_stream(start=100, limit=103) as stream:
        assert prints(stream) == {i: EXPECTED[i] for i in range(100, 103)}
    with open_stream(rank=1, world=2, limit=7) as stream:
        assert list(stream) == []


def test_groups_of_views_have_sizes_of_their_own() -> None:
    groups = (ViewGroup(2, 8), ViewGroup(3, 4, CameraPolicy(scale=(0.05, 0.3)), supersample=2))
    with open_stream(views=groups) as stream:
        batch = next(stream)
    assert [tuple(g.shape) for g in batch.groups] == [(2, 7, 3, 8, 8), (3, 7, 3, 4, 4)]
    with open_stream(views=(ViewGroup(2, 8),)) as stream:  # the first group stays as it was alone
        assert torch.equal(next(stream).views, batch.views)


def test_no_more_than_prefetch_is_rendered_ahead() -> None:
    engine = HashEngine()
    with open_stream(engine=engine, prefetch=4) as stream:
        next(stream)
        deadline = time.monotonic() + 10
        while engine.requests < 5 and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(0.05)
        assert engine.requests == 5  # one taken, four ahead
        made = stream.throughput
    assert made.rendered in range(7 * 2 * 3, 7 * 2 * 3 * 5 + 1)
    assert made.rate > 0
    assert made.waited > 0


def test_an_engine_that_breaks_is_heard_by_the_consumer_after_what_was_good() -> None:
    with open_stream(engine=HashEngine(1, fails_after=2)) as stream:
        assert prints(iter([next(stream), next(stream)])) == {i: EXPECTED[i] for i in range(14)}
        for _ in range(2):
            with pytest.raises(EngineError, match="the fake engine broke"):
                next(stream)


def test_an_engine_that_is_closed_meanwhile_is_an_error() -> None:
    engine = HashEngine(1, delay=0.05)
    with open_stream(engine=engine, prefetch=3) as stream:
        next(stream)
        engine._pool.shutdown(wait=False, cancel_futures=True)
        with pytest.raises(EngineError, match="closed"):
            list(stream)


def _stream_threads() -> int:
    return sum(thread.name == "phosphene-stream" for thread in threading.enumerate())


def test_closing_ends_the_thread_and_leaves_a_given_engine_open() -> None:
    before = _stream_threads()
    engine = HashEngine(1, delay=0.02)
    stream = open_stream(engine=engine, prefetch=8)
    next(stream)
    assert _stream_threads() == before + 1
    stream.close()
    stream.close()
    assert _stream_threads() == before
    assert not engine.closed
    with pytest.raises(UsageError, match="closed"):
        next(stream)


def test_a_forgotten_stream_ends_its_thread() -> None:
    before = _stream_threads()
    stream = open_stream()
    for _ in stream:
        break
    assert _stream_threads() == before + 1
    del stream, _
    gc.collect()
    assert _stream_threads() == before


def test_a_bank_is_drawn_from_by_the_engine_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[HashEngine] = []

    def open_engine(name: str, modules: object) -> HashEngine:
        assert name == "opengl"
        opened.append(HashEngine())
        return opened[-1]

    monkeypatch.setattr(engines, "open_engine", open_engine, raising=False)
    monkeypatch.setattr(Bank, "select", lambda self, licences: PROGRAMS)
    with Bank.open(tmp_path / "bank.db", create=True) as bank:
        with Stream(
            bank, size=4, batch_size=7, seed=1, mix=3, engine="opengl", limit=130
        ) as stream:
            assert stream.engine is opened[0]
            assert prints(stream) == EXPECTED
        assert opened[0].closed
        monkeypatch.undo()
        with pytest.raises(UsageError, match="no programs"):
            Stream(bank, batch_size=7)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batch_size": 0}, "`batch_size`"),
        ({"prefetch": 0}, "`prefetch`"),
        ({"start": -1}, "`start`"),
        ({"rank": 2, "world": 2}, "`rank`"),
        ({"mix": 0}, "`mix`"),
        ({"views": 0}, "`count`"),
        ({"size": 10_000}, "`size`"),
        ({"engine": "opengl"}, "no modules"),
        ({"programs": UniformPrograms(3)}, "made for 3 programs, the selection has 20"),
    ],
)
def test_arguments_out_of_range_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        open_stream(**settings)


def test_a_missing_gpu_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(MissingPieceError, match=r"a GPU for `device=cuda` is missing"):
        open_stream(device="cuda")


def test_a_batch_checks_its_shapes() -> None:
    with open_stream(limit=7) as stream:
        batch = next(stream)
    good = {"views": batch.views, "programs": batch.programs, "parts": batch.parts}
    good |= {"weights": batch.weights, "index": batch.index}
    for name, wrong in (
        ("views", batch.views.float()),
        ("views", batch.views[:, :3]),
        ("programs", batch.programs[:3]),
        ("weights", batch.weights.double()),
        ("index", batch.index.int()),
        ("parts", batch.parts[0]),
    ):
        with pytest.raises(UsageError, match=rf"{name}"):
            Batch(**(good | {name: wrong}))
