"""Which programs, weights and latents samples get, and that nothing but their number decides it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from phosphene.errors import EngineError, UsageError
from phosphene.sampling import (
    NEVER,
    CameraPolicy,
    Draw,
    GrowingPrograms,
    LatentPolicy,
    Positives,
    ProgramPolicy,
    Sampler,
    Sources,
    UniformPrograms,
    ViewGroup,
    WeightedPrograms,
)

FIELDS = ("program", "attempt", "weights", "time", "mouse", "channels", "camera")
SAMPLE_AXIS = {"program": 0, "attempt": 0, "weights": 0}


def _sampler(programs: ProgramPolicy | None = None, **settings: object) -> Sampler:
    latent = LatentPolicy(mouse=0.5, channel_variants=3)
    defaults = {"seed": 5, "parts": 3, "latent": latent} | settings
    return Sampler(programs or UniformPrograms(100), (ViewGroup(2, 64),), **defaults)  # type: ignore[arg-type]


def _rows(draw: Draw, name: str, rows: slice) -> np.ndarray:
    return getattr(draw, name)[rows] if name in SAMPLE_AXIS else getattr(draw, name)[:, rows]


def test_a_sample_is_the_same_in_every_batch() -> None:
    sampler = _sampler()
    whole = sampler.draw(np.arange(1000, 1064))
    since = np.full(100, NEVER)
    for start in range(0, 64, 7):
        rows = slice(start, min(start + 7, 64))
        part = sampler.draw(np.arange(1000, 1064)[rows], since)
        for name in FIELDS:
            assert (getattr(part, name) == _rows(whole, name, rows)).all(), name


def test_seeds_differ() -> None:
    one, other = (_sampler(seed=s).draw(np.arange(50)) for s in (1, 2))
    for name in ("program", "weights", "time", "camera"):
        assert (getattr(one, name) == getattr(other, name)).mean() < 0.4, name  # cameras hold zeros


def test_programs_are_drawn_evenly_and_parts_independently() -> None:
    draw = _sampler(UniformPrograms(10)).draw(np.arange(20_000))
    for part in range(3):
        counts = np.bincount(draw.program[:, part], minlength=10)
        assert ((counts - 2000) ** 2 / 2000).sum() < 34  # 9 degrees of freedom: 1 in 10,000
    assert (draw.program[:, 0] == draw.program[:, 1]).mean() == pytest.approx(0.1, abs=0.01)


def test_consecutive_samples_may_show_one_program_in_other_latents() -> None:
    group = (ViewGroup(2, 8),)
    sampler = Sampler(UniformPrograms(1000), group, seed=5, parts=2, per_program=4)
    draw = sampler.draw(np.arange(2, 42))
    runs = draw.program[2:38].reshape(9, 4, 2)
    assert (runs == runs[:, :1]).all()
    assert len(np.unique(runs[:, 0, 0])) == 9, "the next run shows another"
    assert len(np.unique(draw.time[0, :, 0])) == 40
    alone = Sampler(UniformPrograms(1000), group, seed=5, parts=2)
    assert sampler.describe() != alone.describe()
    assert "per_program" not in alone.describe(), "states of earlier versions go on"


def test_runs_of_one_program_stay_whole_while_the_number_of_programs_grows() -> None:
    growing = GrowingPrograms(20_000, first=100, samples=40_000)
    draw = Sampler(growing, (ViewGroup(1, 8),), seed=5, per_program=4).draw(np.arange(40_000))
    runs = draw.program.reshape(-1, 4)
    assert (runs == runs[:, :1]).all()
    assert runs[:100].max() < 200 < 10_000 < runs[-100:].max()


def test_frames_are_rendered_once_for_the_views_that_show_the_same() -> None:
    groups = (ViewGroup(2, 64), ViewGroup(3, 32, CameraPolicy(scale=(0.05, 0.25))))
    views = Sampler(UniformPrograms(100), groups, seed=5, parts=3)
    frames = replace(views, frame=96)
    drawn, whole = views.draw(np.arange(40)), frames.draw(np.arange(40))
    assert [(group.count, group.size) for group in frames.rendered] == [(1, 96)]
    assert whole.camera.shape == (1, 40, 6)
    assert whole.camera == pytest.approx(np.broadcast_to([1, 0, 0, 0, 1, 0], (1, 40, 6)))
    assert (whole.program == drawn.program).all()
    assert (whole.time[0] == drawn.time[0]).all()
    large, local = whole.windows
    assert (large.size, local.size) == (64, 32)
    assert (np.concatenate([large.cameras, local.cameras]) == drawn.camera).all()
    assert not large.frames.any()
    assert not local.frames.any()
    request = whole.request([f"p{i}" for i in range(100)], frames.rendered[0])
    assert (request.width, len(request)) == (96, 40 * 3)
    assert views.describe() != frames.describe()
    assert "frame" not in views.describe(), "states of earlier versions go on"


def test_a_mixture_is_a_draw_without_what_is_rendered() -> None:
    since = np.full(100, NEVER)
    since[::3] = 10
    for settings in ({}, {"reuse": 20}, {"reuse": 20, "frame": 48}, {"frame": 48}):
        sampler = _sampler(**settings)
        draw = sampler.draw(np.arange(64), since)
        mixture = sampler.mixture(np.arange(64), since)
        for name in ("index", "program", "attempt", "weights"):
            assert (getattr(mixture, name) == getattr(draw, name)).all(), name
        assert len(mixture.windows) == len(draw.windows) == ("frame" in settings)
        for ours, theirs in zip(mixture.windows, draw.windows, strict=True):
            assert (ours.cameras == theirs.cameras).all()


def test_sources_of_frames_look_nowhere() -> None:
    sampler = _sampler(reuse=20, frame=48)
    draw = Sources(sampler).draw(np.arange(64))
    assert draw.windows == ()
    assert draw.camera.shape == (1, 64, 6)
    assert (draw.program[20:, 0] == sampler.draw(np.arange(44)).program[:, 1]).all()


def test_views_of_other_latents_look_at_frames_of_their_own() -> None:
    groups = (ViewGroup(2, 64), ViewGroup(1, 32))
    for positives in (Positives.LATENTS, Positives.BOTH):
        views = Sampler(UniformPrograms(100), groups, seed=5, positives=positives)
        frames = replace(views, frame=96, canvas=(320.0, 180.0))
        draw = frames.draw(np.arange(40))
        assert (draw.time == views.draw(np.arange(40)).time).all()
        assert draw.camera == pytest.approx(np.broadcast_to([1, 0, 0, 0, 1, 0], (3, 40, 6)))
        assert [list(window.frames) for window in draw.windows] == [[0, 1], [2]]
    with pytest.raises(UsageError, match="`frame` must be 0 to 8192 px, got -1"):
        replace(views, frame=-1)


def test_weights_lie_on_the_grid_and_add_up_exactly() -> None:
    weights = _sampler(parts=6).draw(np.arange(5000)).weights
    assert (weights * 65536 == np.rint(weights * 65536)).all()
    assert (weights.sum(axis=1) == 1).all()
    assert weights.min() >= 0
    assert weights.mean(axis=0) == pytest.approx(1 / 6, abs=0.01)
    assert (_sampler(parts=1).draw(np.arange(9)).weights == 1).all()


def test_weighted_programs_follow_their_weights() -> None:
    policy = WeightedPrograms(np.array([0.0, 3.0, 0.0, 1.0, 0.0]))
    program = _sampler(policy).draw(np.arange(10_000)).program
    counts = np.bincount(program.ravel(), minlength=5) / program.size
    assert counts[[0, 2, 4]].sum() == 0
    assert counts[1] == pytest.approx(0.75, abs=0.02)
    extreme = np.full((4, 2), 0xFFFFFFFF, np.uint32)
    assert (policy.choose(extreme, np.arange(4)) == 3).all()


def test_a_curriculum_opens_programs_in_their_order() -> None:
    policy = GrowingPrograms(1000, first=10, samples=10_000)
    sampler = _sampler(policy)
    assert sampler.draw(np.arange(100)).program.max() < 11
    middle = sampler.draw(np.arange(5000, 5200)).program.max()
    assert 60 < middle < 110  # half way in the logarithm: 100 programs
    assert sampler.draw(np.arange(10_000, 12_000)).program.max() > 950


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: UniformPrograms(0), "1 to 2"),
        (lambda: WeightedPrograms(np.array([1.0, -1.0])), "not negative"),
        (lambda: WeightedPrograms(np.array([1.0, np.nan])), "finite"),
        (lambda: WeightedPrograms(np.zeros(3)), "all 0"),
        (lambda: GrowingPrograms(10, first=11, samples=5), "`first`"),
        (lambda: LatentPolicy(time=(2.0, 1.0)), "`time`"),
        (lambda: LatentPolicy(time=(1.0, float("inf"))), "`time` must be within"),
        (lambda: LatentPolicy(mouse=1.5), "`mouse`"),
        (lambda: LatentPolicy(channel_variants=0), "`channel_variants`"),
        (lambda: ViewGroup(0, 64), "`count`"),
        (lambda: ViewGroup(2, 0), "`size`"),
        (lambda: ViewGroup(2, 64, supersample=9), "`supersample`"),
        (lambda: _sampler(parts=0), "`parts`"),
        (lambda: Sampler(UniformPrograms(3), ()), "`groups`"),
        (lambda: _sampler(canvas=(0.0, 5.0)), "`canvas`"),
    ],
)
def test_settings_out_of_range_are_refused(make: object, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make()  # type: ignore[operator]


def test_latents_keep_to_their_ranges() -> None:
    draw = _sampler(latent=LatentPolicy((2.0, 4.0), mouse=0.25, channel_variants=3)).draw(
        np.arange(4000)
    )
    assert draw.time.min() >= 2
    assert draw.time.max() <= 4
    assert draw.time.std() == pytest.approx(2 / np.sqrt(12), rel=0.03)
    pressed = draw.mouse[..., 2]
    assert set(np.unique(pressed)) == {0.0, 1.0}
    assert pressed.mean() == pytest.approx(0.25, abs=0.02)
    assert (draw.mouse[pressed == 0] == 0).all()
    assert draw.mouse[pressed == 1, :2].mean() == pytest.approx(0.5, abs=0.02)
    assert set(np.unique(draw.channels)) == {0, 1, 2}


@pytest.mark.parametrize(
    ("positives", "same_latent", "same_camera"),
    [
        (Positives.CAMERAS, True, False),
        (Positives.LATENTS, False, True),
        (Positives.BOTH, False, False),
    ],
)
def test_positives_say_what_views_share(
    positives: Positives, same_latent: bool, same_camera: bool
) -> None:
    draw = _sampler(positives=positives).draw(np.arange(40))
    assert (draw.time[0] == draw.time[1]).all() == same_latent
    assert (draw.mouse[0] == draw.mouse[1]).all() == same_latent
    assert (draw.camera[0] == draw.camera[1]).all() == same_camera
    assert (draw.time[0] == draw.time[1]).any() == same_latent


def test_a_quarantined_program_costs_only_its_slots_an_attempt() -> None:
    sampler = _sampler(UniformPrograms(10))
    index = np.arange(200)
    since = np.full(10, NEVER)
    since[4] = 50
    before, after = sampler.draw(index), sampler.draw(index, since)
    barred = (before.program == 4) & (index[:, None] >= 50)
    assert barred.any()
    assert (after.program == before.program)[~barred].all()
    assert (after.attempt > 0).sum() == barred.sum()
    assert not ((after.program == 4) & (index[:, None] >= 50)).any()
    assert ((after.program == 4) & (index[:, None] < 50)).any()
    for name in ("weights", "time", "camera"):
        assert (getattr(after, name) == getattr(before, name)).all()


def test_one_program_left_among_many_is_found() -> None:
    since = np.zeros(500, np.int64)
    since[123] = NEVER
    draw = _sampler(UniformPrograms(500), parts=1).draw(np.arange(3), since)
    assert (draw.program == 123).all()


def test_no_program_left_is_an_error_with_counts() -> None:
    with pytest.raises(EngineError, match="10 of 10 programs are quarantined"):
        _sampler(UniformPrograms(10)).draw(np.arange(3), np.zeros(10, np.int64))


def test_a_request_holds_every_view_of_every_part() -> None:
    sampler = Sampler(
        UniformPrograms(50),
        (ViewGroup(2, 64), ViewGroup(3, 32, CameraPolicy(scale=(0.05, 0.2)), supersample=2)),
        parts=2,
        positives=Positives.BOTH,
        canvas=(200.0, 100.0),
    )
    ids = [f"p{i}" for i in range(50)]
    draw = sampler.draw(np.arange(5))
    assert sampler.views == 5
    request = draw.request(ids, sampler.groups[1], first=2)
    assert len(request) == 3 * 5 * 2
    assert (request.width, request.height, request.supersample) == (32, 32, 2)
    assert (request.canvas == (200, 100)).all()
    row = 0
    for view in range(2, 5):
        for sample in range(5):
            for part in range(2):
                assert request.programs[request.program[row]] == ids[draw.program[sample, part]]
                assert request.time[row] == draw.time[view, sample, part]
                assert (request.camera[row] == draw.camera[view, sample]).all()
                row += 1


def test_the_settings_text_tells_settings_apart() -> None:
    base = _sampler().describe()
    changed = [
        _sampler(parts=2),
        _sampler(UniformPrograms(99)),
        _sampler(WeightedPrograms(np.arange(100.0))),
        _sampler(positives=Positives.BOTH),
        _sampler(canvas=(128.0, 128.0)),
        _sampler(latent=LatentPolicy((0.0, 1.0))),
        Sampler(UniformPrograms(100), (ViewGroup(2, 65),), 5, parts=3),
    ]
    assert all(sampler.describe() != base for sampler in changed)
    assert _sampler().describe() == base
    weights = np.arange(100.0)
    one, other = WeightedPrograms(weights), WeightedPrograms(weights[::-1])
    assert one.describe() != other.describe()
