"""The policy, and what is measured of pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from phosphene.bank import Status
from phosphene.errors import UsageError
from phosphene.vetting import Policy, colourfulness, filled, measure, spread

POLICY = Policy(times=(0.0, 1.0, 2.0), size=16)


def _flat(red: int, green: int, blue: int) -> np.ndarray:
    return np.broadcast_to(np.array([red, green, blue], np.uint8)[:, None, None], (3, 16, 16))


def _noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (3, 16, 16), dtype=np.uint8)


def _judged(
    frames: list[np.ndarray], policy: Policy = POLICY, **given: float
) -> tuple[Status, str]:
    undefined, seconds = given.get("undefined", 0.0), given.get("seconds", 0.01)
    return policy.judge(measure(np.stack(frames), undefined, seconds, policy))


def test_a_moving_picture_is_accepted() -> None:
    assert _judged([_noise(i) for i in range(4)]) == (Status.ACCEPTED, "")


def test_blank_constant_and_nan_are_rejected() -> None:
    black, grey = _flat(0, 0, 0), _flat(128, 128, 128)
    assert _judged([black] * 4) == (Status.REJECTED, "blank")
    assert _judged([_flat(i * 50, 128, 0) for i in range(4)]) == (Status.REJECTED, "constant")
    assert _judged([_noise(0)] * 4, undefined=0.6) == (Status.REJECTED, "not a number")
    # Half of the frames may be empty: a program that fades out is welcome.
    assert _judged([black, black, _noise(0), _noise(1)])[0] is Status.ACCEPTED
    assert _judged([grey, grey, grey, _noise(1)]) == (Status.REJECTED, "constant")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"slowest": 5.0}, "too slow"),
        ({"least_motion": 0.9}, "does not move"),
        ({"least_colourfulness": 500.0}, "not colourful"),
        ({"least_filled": 1.0}, "does not fill the canvas"),
        ({"blank": 256.0}, "blank"),
        ({"constant": 200.0}, "constant"),
    ],
)
def test_every_threshold_is_respected(change: dict[str, float], reason: str) -> None:
    frames = [_noise(i) for i in range(4)]
    assert _judged(frames)[0] is Status.ACCEPTED
    assert _judged(frames, replace(POLICY, **change)) == (Status.REJECTED, reason)


def test_an_unknown_time_is_not_too_slow() -> None:
    assert _judged([_noise(i) for i in range(4)], seconds=float("nan"))[0] is Status.ACCEPTED


def test_motion_looks_at_time_and_spread_at_all_frames() -> None:
    still, other = _flat(10, 10, 10), _flat(61, 61, 61)
    measured = measure(np.stack([still, still, still, other]), 0.0, 0.1, POLICY)
    assert measured["motion"] == 0.0  # the fourth frame is the pointer's
    assert measured["spread"] == pytest.approx(0.2 * np.sqrt(3 / 6))
    assert measured["milliseconds"] == pytest.approx(100.0)


def test_colourfulness_follows_the_paper() -> None:
    assert colourfulness(_flat(90, 90, 90).astype(np.float32)) == 0.0
    # One flat colour: no deviation; rg = 200, yb = 100.
    flat = colourfulness(_flat(200, 0, 0).astype(np.float32))
    assert flat == pytest.approx(0.3 * np.hypot(200, 100))
    assert colourfulness(_noise(0).astype(np.float32)) > 80


def test_filled_is_the_share_unlike_the_commonest_colour() -> None:
    picture = _flat(40, 80, 20).copy()
    assert filled(picture) == 0.0
    picture[:, :4] = 250
    assert filled(picture) == pytest.approx(0.25)
    assert filled(_noise(1)) > 0.9


def test_spread_of_one_frame_is_none() -> None:
    assert spread(_noise(0)[None].astype(np.float32)) == 0.0


def test_settings_change_the_policy_and_its_name() -> None:
    policy = Policy.of(["size=64", "times=1,2.5", "slowest=100"])
    assert (policy.size, policy.times, policy.slowest) == (64, (1.0, 2.5), 100.0)
    assert [latent.time for latent in policy.latents] == [1.0, 2.5, 2.5]
    assert policy.latents[-1].mouse[:3] == (*policy.mouse, 1.0)
    assert Policy.of([]).name == Policy().name
    assert len({Policy().name, policy.name, Policy.of(["size=65"]).name}) == 3


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("beauty=3", "most_undefined.*got 'beauty=3'"),
        ("size", "NAME=VALUE"),
        ("size=big", "`--policy size` must be a number, got 'big'"),
        ("mouse=1", "mouse=X,Y"),
        ("size=0", "size of 1 to 1024"),
        ("canvas=nan", "`--policy canvas` must be a number, got 'nan'"),
        ("times=1,inf", "`--policy times` must be a number, got '1,inf'"),
        ("canvas=0", "`--policy canvas` must be at least 1, got 0"),
    ],
)
def test_wrong_settings_are_explained(setting: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        Policy.of([setting])
