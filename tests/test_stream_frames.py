"""Views that are cropped from frames: rendered once, whole, and mixed before they are cropped."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from opengl_programs import CORNERS, RINGS, SLOPES, engine_of
from phosphene.bank.records import Selection
from phosphene.errors import UsageError
from phosphene.mixing import mixer
from phosphene.sampling import CameraPolicy, Positives, Sampler, UniformPrograms, ViewGroup
from phosphene.stream import Stream
from phosphene.stream.windows import look
from phosphene.views import Latent, RenderRequest, View
from stream_fakes import HashEngine, batches, refusing, selection

TEXTS = {"corners": CORNERS, "rings": RINGS, "slopes": SLOPES}
PROGRAMS = Selection(tuple(TEXTS), "three", "")
GROUPS = (ViewGroup(2, 16), ViewGroup(2, 8, CameraPolicy(scale=(0.05, 0.3))))
FRAME = 24


@pytest.mark.parametrize(("mix", "reuse"), [(1, 0), ("3", 0), ("3+contrast", 8), ("kml", 0)])
def test_views_are_windows_of_the_mixed_frames(mix: int | str, reuse: int) -> None:
    mixing, index = mixer(mix), np.arange(8)
    sampler = Sampler(UniformPrograms(3), GROUPS, 4, parts=mixing.parts, reuse=reuse)
    draw = sampler.draw(index)
    with engine_of(TEXTS, workers=1) as engine:
        whole = [
            View(PROGRAMS.program_ids[program], Latent(time=float(time)))
            for program, time in zip(draw.program.ravel(), draw.time[0].ravel(), strict=True)
        ]
        frames = torch.from_numpy(engine.render(RenderRequest.of(whole, FRAME)).pixels)
        with Stream(
            PROGRAMS,
            batch_size=8,
            views=GROUPS,
            seed=4,
            engine=engine,
            mix=mix,
            reuse=reuse,
            frame=FRAME,
        ) as opened:
            (batch,) = batches(opened, 1)
    parts = frames.reshape(1, 8, mixing.parts, 3, FRAME, FRAME)
    mixed = mixing(parts, draw).pixels[0]
    # Where pictures are reused, cameras of views repeat every so many samples; those of windows need not.
    cameras = Sampler(UniformPrograms(3), GROUPS, 4, parts=mixing.parts).draw(index).camera
    for view, seen in enumerate(cameras):
        size = 16 if view < 2 else 8
        expected = look(mixed, torch.from_numpy(seen), size)
        assert torch.equal(batch.groups[view // 2][view % 2], expected)
    assert batch.views.float().std() > 10
    assert not torch.equal(batch.views[0], batch.views[1])


@pytest.mark.parametrize("positives", list(Positives))
def test_the_batch_size_changes_nothing(positives: Positives) -> None:
    settings = {
        "views": GROUPS,
        "mix": "6+contrast",
        "reuse": 32,
        "frame": FRAME,
        "positives": positives,
    }
    with Stream(selection(11), batch_size=16, engine=HashEngine(), **settings) as small:  # type: ignore[arg-type]
        found = batches(small, 4)
    with Stream(selection(11), batch_size=64, engine=HashEngine(), **settings) as large:  # type: ignore[arg-type]
        (whole,) = batches(large, 1)
    for number in range(2):
        assert torch.equal(torch.cat([b.groups[number] for b in found], 1), whole.groups[number])


def test_a_frame_is_rendered_once_for_all_views() -> None:
    with Stream(
        selection(11), batch_size=16, views=GROUPS, engine=HashEngine(), frame=FRAME, prefetch=1
    ) as opened:
        batches(opened, 5)
        assert opened.throughput.rendered <= 6 * 16


def test_refused_programs_are_redrawn_and_a_stream_goes_on() -> None:
    programs = selection(11)
    bad = programs.program_ids[3]
    settings = {"batch_size": 16, "size": 8, "mix": 6, "reuse": 32, "frame": FRAME}
    with Stream(programs, engine=HashEngine(1, refusing(bad)), **settings) as whole:  # type: ignore[arg-type]
        first = batches(whole, 3)
        state = whole.state_dict()
        rest = batches(whole, 2)
    assert not any((batch.parts == 3).any() for batch in first)
    with Stream(programs, engine=HashEngine(), **settings) as resumed:  # type: ignore[arg-type]
        resumed.load_state_dict(state)
        for ours, theirs in zip(batches(resumed, 2), rest, strict=True):
            assert torch.equal(ours.views, theirs.views)
    with (
        Stream(programs, engine=HashEngine(), **{**settings, "frame": 0}) as other,  # type: ignore[arg-type]
        pytest.raises(UsageError, match="`frame`"),
    ):
        other.load_state_dict(state)


def test_frames_are_neither_turned_nor_looked_beyond() -> None:
    for camera in (CameraPolicy(rotation=10), CameraPolicy(scale=(0.5, 2.0), beyond=True)):
        with pytest.raises(
            UsageError, match="cameras of a baseline or of frames must have rotation=0"
        ):
            Stream(selection(3), batch_size=2, camera=camera, engine=HashEngine(), frame=FRAME)
