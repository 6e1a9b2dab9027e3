"""Pictures that are rendered once and take part in several mixes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping

import numpy as np
import pytest
import torch

from opengl_programs import CORNERS, RINGS, SLOPES, engine_of
from phosphene.bank.records import Selection
from phosphene.errors import UsageError
from phosphene.mixing import mixer
from phosphene.sampling import CameraPolicy, Positives, Sampler, UniformPrograms, ViewGroup
from phosphene.stream import Batch, Stream
from phosphene.stream.quarantine import Quarantine
from phosphene.stream.rendering import Renderer
from phosphene.views import RenderRequest
from stream_fakes import HashEngine, batches, refusing, selection

APART = 32
PROGRAMS = selection(11)


def stream(engine: object, programs: Selection = PROGRAMS, **options: object) -> Stream:
    settings: dict[str, object] = {"batch_size": 16, "size": 8, "mix": 6, "reuse": APART, "seed": 4}
    return Stream(programs, engine=engine, **{**settings, **options})  # type: ignore[arg-type]


def joined(parts: list[Batch]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    views = torch.cat([batch.views for batch in parts], dim=1)
    return views, torch.cat([b.parts for b in parts]), torch.cat([b.weights for b in parts])


def as_defined(
    index: np.ndarray, mix: str, programs: Selection, engine: object, size: int
) -> tuple[torch.Tensor, np.ndarray]:
    """Every part rendered for its mix alone: slower, and the meaning."""
    mixing = mixer(mix)
    sampler = Sampler(
        UniformPrograms(len(programs.program_ids)),
        (ViewGroup(2, size),),
        4,
        parts=mixing.parts,
        reuse=APART,
    )
    ids = programs.program_ids
    renderer = Renderer(engine, sampler, ids, Quarantine(ids))  # type: ignore[arg-type]
    draw, pixels = renderer.finish(renderer.begin(index), lambda future: future.result())
    return mixing(pixels[0], draw).pixels, draw.program


@pytest.mark.parametrize("mix", ["6", "cutmix", "kml", "kml-mixup"])
def test_samples_are_what_the_definition_says(mix: str) -> None:
    names = ("corners", "rings", "slopes")
    programs = Selection(names, "three", "")
    texts = dict(zip(names, (CORNERS, RINGS, SLOPES), strict=True))
    with engine_of(texts, workers=1) as engine:
        expected, shown = as_defined(np.arange(24), mix, programs, engine, 12)
        with stream(engine, programs, mix=mix, batch_size=8, size=12) as opened:
            views, parts, _ = joined(batches(opened, 3))
    assert torch.equal(views, expected)
    assert (parts.numpy() == shown).all()
    assert views.float().std() > 10


def test_part_p_is_the_first_part_of_the_sample_p_times_the_distance_on() -> None:
    sampler = Sampler(UniformPrograms(50), (ViewGroup(2, 8),), 7, parts=3, reuse=10)
    draw = sampler.draw(np.arange(40))
    assert (draw.program[:30, 1] == draw.program[10:, 0]).all()
    assert (draw.program[:20, 2] == draw.program[20:, 0]).all()
    assert (draw.time[:, :30, 1] == draw.time[:, 10:, 0]).all()
    assert (draw.camera[:, :30] == draw.camera[:, 10:]).all()
    assert len(np.unique(draw.camera[0, :10], axis=0)) == 10
    assert len(np.unique(draw.weights, axis=0)) == 40


@pytest.mark.parametrize("size", [7, 16, 24, 64])
def test_the_batch_size_changes_nothing(size: int) -> None:
    with stream(HashEngine()) as reference, stream(HashEngine(), batch_size=size) as other:
        views, parts, weights = joined(batches(reference, 12))
        count = 12 * 16 // size
        found = joined(batches(other, count))
    end = count * size
    assert torch.equal(found[0], views[:, :end])
    assert torch.equal(found[1], parts[:end])
    assert torch.equal(found[2], weights[:end])


@pytest.mark.parametrize("world", [2, 4])
def test_ranks_share_the_sequence(world: int) -> None:
    with stream(HashEngine()) as reference:
        views, _, _ = joined(batches(reference, 6 * world))
    for rank in range(world):
        with stream(HashEngine(), rank=rank, world=world) as own:
            found = batches(own, 6)
        for step, batch in enumerate(found):
            first = (step * world + rank) * 16
            assert torch.equal(batch.views, views[:, first : first + 16])


def test_a_stream_goes_on_where_it_stopped() -> None:
    with stream(HashEngine()) as whole:
        expected, _, _ = joined(batches(whole, 9))
    with stream(HashEngine()) as begun:
        batches(begun, 4)
        state = begun.state_dict()
    with stream(HashEngine(), batch_size=8) as resumed:
        resumed.load_state_dict(state)
        found, _, _ = joined(batches(resumed, 10))
    assert torch.equal(found, expected[:, 64:])


def test_a_state_of_another_distance_is_refused() -> None:
    with stream(HashEngine()) as begun, stream(HashEngine(), reuse=16) as other:
        batches(begun, 1)
        with pytest.raises(UsageError, match="`reuse`"):
            other.load_state_dict(begun.state_dict())


@pytest.mark.parametrize(("size", "most"), [(16, 1.0), (32, 1.0), (12, 1.0), (64, 1.0)])
def test_a_picture_is_rendered_once(size: int, most: float) -> None:
    engine = HashEngine()
    with stream(engine, batch_size=size, prefetch=1) as opened:
        batches(opened, 20)
        made = opened.throughput.rendered
    beginning = 5 * APART
    assert made <= 2 * (most * 21 * size + beginning)


def test_of_other_batch_sizes_each_rank_renders_what_it_needs() -> None:
    engine = HashEngine()
    with stream(engine, batch_size=24, world=2, prefetch=1) as opened:
        found = batches(opened, 8)
    with stream(HashEngine(), batch_size=48) as reference:
        views, _, _ = joined(batches(reference, 8))
    for step, batch in enumerate(found):
        assert torch.equal(batch.views, views[:, step * 48 : step * 48 + 24])


def test_what_is_kept_does_not_grow() -> None:
    with stream(HashEngine(), prefetch=2) as opened:
        kept = []
        for batch in itertools.islice(opened, 60):
            assert len(batch) == 16
            renderer = opened._works.producer._renderer  # type: ignore[union-attr]
            kept.append(len(renderer._asked))  # type: ignore[attr-defined]
    assert max(kept) <= 5 * APART + 4 * 16
    assert kept[-1] >= 5 * APART


class TurnsAgainst:
    """Refuses a program once it was asked for so many requests."""

    def __init__(self, program: str, after: int) -> None:
        self.program, self.after, self.requests = program, after, 0

    def __call__(self, request: RenderRequest) -> Mapping[str, str]:
        self.requests += 1
        late = self.requests > self.after and self.program in request.programs
        return {self.program: "it hangs"} if late else {}


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_resumed_stream_replays_a_quarantine(after: int) -> None:
    bad = PROGRAMS.program_ids[3]
    with stream(HashEngine(1, TurnsAgainst(bad, after)), prefetch=1) as whole:
        first = batches(whole, 6)
        state = whole.state_dict()
        rest, parts, _ = joined(batches(whole, 6))
    assert [record["program"] for record in state["quarantine"]] == [bad]
    since = state["quarantine"][0]["since"]
    shown = torch.cat([batch.parts for batch in first])
    assert not (shown[since:] == 3).any(), "also in pictures that were rendered before"
    assert not (parts == 3).any()
    with stream(HashEngine(1, refusing(bad)), prefetch=3) as resumed:
        resumed.load_state_dict(state)
        found, _, _ = joined(batches(resumed, 6))
    assert torch.equal(found, rest)


@pytest.mark.parametrize("size", [8, 16, 40])
def test_a_quarantine_found_ahead_of_what_is_handed_out_is_replayed(size: int) -> None:
    bad = PROGRAMS.program_ids[3]
    states, shown = [], []
    with stream(HashEngine(1, TurnsAgainst(bad, 2)), prefetch=3) as whole:
        for _ in range(12):
            shown.append(next(whole))
            give_up = time.monotonic() + 10
            while not whole.state_dict()["quarantine"] and time.monotonic() < give_up:
                time.sleep(0.01)
            states.append(whole.state_dict())
    ahead = 0
    for done, state in enumerate(states[:-1], 1):
        for record in state["quarantine"]:
            ahead += state["position"] < record["since"]
            with stream(HashEngine(1), batch_size=size) as resumed:
                resumed.load_state_dict(state)
                views, parts, _ = joined(batches(resumed, -(-(12 - done) * 16 // size)))
            rest, expected, _ = joined(shown[done:])
            assert torch.equal(parts[: len(expected)], expected)
            assert torch.equal(views[:, : len(expected)], rest)
    assert ahead, "no state was taken before the first sample that does without the program"


def test_groups_of_views_are_mixed_alike() -> None:
    groups = (ViewGroup(2, 8), ViewGroup(3, 4, CameraPolicy(scale=(0.05, 0.3))))
    with stream(HashEngine(), views=groups, positives=Positives.BOTH) as opened:
        found = batches(opened, 4)
    with stream(HashEngine(), views=groups, positives=Positives.BOTH, batch_size=64) as other:
        (whole,) = batches(other, 1)
    for number in range(2):
        views = torch.cat([batch.groups[number] for batch in found], dim=1)
        assert torch.equal(views, whole.groups[number])
    assert whole.groups[1].shape == (3, 64, 3, 4, 4)


def test_without_mixing_it_has_no_effect() -> None:
    with stream(HashEngine(), mix=1) as reusing, stream(HashEngine(), mix=1, reuse=0) as plain:
        for ours, theirs in zip(batches(reusing, 3), batches(plain, 3), strict=True):
            assert torch.equal(ours.views, theirs.views)
        assert reusing.state_dict() == plain.state_dict()


def test_a_negative_distance_is_refused() -> None:
    with pytest.raises(UsageError, match="`reuse` must be 0 or more samples, got -1"):
        stream(HashEngine(), reuse=-1)
