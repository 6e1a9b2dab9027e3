"""Refused programs: who is redrawn, from when on, and that a resume replays it."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np
import pytest

from phosphene.errors import EngineError
from phosphene.sampling import Sampler, UniformPrograms, ViewGroup
from phosphene.stream import Quarantined, Stream, merge_states
from phosphene.views import RenderRequest
from stream_fakes import HashEngine, refusing, selection
from test_stream import first, prints

PROGRAMS = selection(12)
BAD = (PROGRAMS.program_ids[3], PROGRAMS.program_ids[7], PROGRAMS.program_ids[8])


def open_stream(**settings: object) -> Stream:
    defaults = {"size": 4, "batch_size": 8, "seed": 1, "engine": HashEngine(), "mix": 2}
    return Stream(PROGRAMS, **(defaults | settings))  # type: ignore[arg-type]


class RefusesOnce:
    """A watchdog's view of the world: a program fails in one request, and would not in others."""

    def __init__(self, program: str, at_time_of: int) -> None:
        self.program, self.at_time_of, self.meetings = program, at_time_of, 0
        self._lock = threading.Lock()

    def __call__(self, request: RenderRequest) -> Mapping[str, str]:
        with self._lock:
            if self.program not in request.programs:
                return {}
            self.meetings += 1
            return {self.program: "it hung"} if self.meetings == self.at_time_of else {}


def test_programs_that_never_render_are_redrawn_alike_in_every_batch() -> None:
    found = []
    for batch_size, workers in ((1, 1), (7, 3), (64, 2)):
        engine = HashEngine(workers, refusing(*BAD))
        with open_stream(batch_size=batch_size, engine=engine, limit=130) as stream:
            found.append((prints(stream), set(stream.quarantine)))
    assert found[0] == found[1] == found[2]
    prints_found, quarantine = found[0]
    assert {record.program for record in quarantine} == set(BAD)
    assert all(record.reason == "it does not compile" for record in quarantine)
    sampler = Sampler(UniformPrograms(12), (ViewGroup(2, 4),), seed=1, parts=2)
    drawn = sampler.draw(index := np.arange(130)).program
    for record in quarantine:
        place = PROGRAMS.program_ids.index(record.program)
        meets = (drawn == place).any(axis=1)
        assert record.since <= index[meets].min()
    clean = prints(open_stream(limit=130))
    untouched = ~(np.isin(drawn, [3, 7, 8]).any(axis=1))
    assert all(
        (prints_found[i] == clean[i]) == bool(untouched[i]) for i in range(130)
    )  # only the samples that met a refused program differ


def test_no_refused_picture_is_ever_handed_out() -> None:
    with open_stream(engine=HashEngine(3, refusing(*BAD)), limit=200, mix=1) as stream:
        for batch in stream:
            assert not set(batch.programs.tolist()) & {3, 7, 8}
            assert (batch.views.flatten(2).amax(dim=2) > 0).all()  # refused rows are zero


def test_a_single_refusal_counts_from_its_sample_and_a_resume_replays_it() -> None:
    hung = PROGRAMS.program_ids[5]
    with open_stream(engine=HashEngine(1, RefusesOnce(hung, 4)), limit=160) as stream:
        head = prints(iter([next(stream) for _ in range(10)]))
        state = stream.state_dict()
        tail = prints(stream)
        (record,) = stream.quarantine
    assert record.program == hung
    assert 0 < record.since < 80
    assert state["quarantine"] == [record.row()]
    sound = prints(open_stream(limit=160))
    assert all(head[i] == sound[i] for i in range(record.since))
    assert any(head[i] != sound[i] for i in range(record.since, 80))
    with open_stream(limit=160) as resumed:  # this engine would render it
        resumed.load_state_dict(state)
        assert prints(resumed) == tail
    with open_stream(limit=160) as replay:
        replay.load_state_dict({**state, "position": 0})
        assert prints(replay) == head | tail


def test_batches_under_way_obey_a_quarantine_found_before_them() -> None:
    engine = HashEngine(1, RefusesOnce(PROGRAMS.program_ids[5], 1))
    with open_stream(engine=engine, prefetch=8, limit=160) as stream:
        found = prints(stream)
        (record,) = stream.quarantine
        state = stream.state_dict()
    with open_stream(limit=160) as replay:
        replay.load_state_dict({**state, "position": 0})
        assert prints(replay) == found
    drawn = Sampler(UniformPrograms(12), (ViewGroup(2, 4),), seed=1, parts=2).draw(np.arange(64))
    assert (drawn.program[record.since + 8 :] == 5).any()  # these were under way, and rendered well


def test_an_engine_that_refuses_everything_is_an_error_with_counts() -> None:
    engine = HashEngine(2, refusing(*PROGRAMS.program_ids))
    message = r"refused all 12 programs of the stream; .* it does not compile"
    with open_stream(engine=engine) as stream, pytest.raises(EngineError, match=message):
        next(stream)


def test_one_good_program_is_enough() -> None:
    engine = HashEngine(2, refusing(*PROGRAMS.program_ids[1:]))
    with open_stream(engine=engine) as stream:
        for batch in first(stream, 3):
            assert (batch.parts == 0).all()


def test_ranks_join_their_quarantines() -> None:
    states = []
    for rank in range(2):
        engine = HashEngine(2, refusing(BAD[rank], BAD[2]))
        with open_stream(engine=engine, rank=rank, world=2, batch_size=32) as stream:
            next(stream)
            next(stream)
            states.append(stream.state_dict())
    merged = merge_states(states)
    records = [Quarantined(**row) for row in merged["quarantine"]]
    assert {record.program for record in records} == set(BAD)
    both = [q["since"] for s in states for q in s["quarantine"] if q["program"] == BAD[2]]
    assert [r.since for r in records if r.program == BAD[2]] == [min(both)]
    with open_stream(engine=HashEngine(2, refusing(*BAD))) as stream:
        stream.load_state_dict(merged)
        next(stream)
        assert len(stream.quarantine) == 3
