"""What is measured of a program's pictures."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt

from phosphene.vetting.policy import Policy

Pictures = npt.NDArray[np.uint8]
"""uint8 [F, 3, H, W]: a program's frames."""

_BACKGROUND_STEP = 16
"""Colours that fall into the same cube of this side count as one when the background is looked for."""

_APART = 24.0
"""A pixel whose colour is this far (Euclidean, 0 … 441) from the background's is filled."""


def measure(frames: Pictures, undefined: float, seconds: float, policy: Policy) -> dict[str, float]:
    """All measurements of a program.

    Args:
        frames: its pictures at `policy.latents`.
        undefined: share of their pixels that were NaN.
        seconds: that a frame took; NaN where the engine does not tell.
        policy: for the thresholds of blank and constant frames.

    Returns:
        milliseconds; undefined, blank, constant: shares of pixels and frames; colourfulness, contrast
        (standard deviation, 0 … 255), filled (share of the canvas): means over frames; motion: mean
        change between frames at consecutive times, 0 … 1; spread: root mean square distance between any
        two frames, 0 … 1.
    """
    values = frames.astype(np.float32)
    deviation = values.std(axis=(2, 3)).max(axis=1)
    blank = values.max(axis=(1, 2, 3)) < policy.blank
    timed = values[: len(policy.times)]
    steps = np.abs(np.diff(timed, axis=0)).mean(axis=(1, 2, 3)) / 255.0
    return {
        "milliseconds": seconds * 1000.0,
        "undefined": undefined,
        "blank": float(blank.mean()),
        "constant": float((deviation < policy.constant).mean()),
        "contrast": float(deviation.mean()),
        "colourfulness": float(np.mean([colourfulness(frame) for frame in values])),
        "filled": float(np.mean([filled(frame) for frame in frames])),
        "motion": float(steps.mean()) if len(steps) else 0.0,
        "spread": spread(values),
    }


def colourfulness(frame: npt.NDArray[np.float32]) -> float:
    """How colourful a picture is: 0 grey, 33 moderately, 59 quite, 109 extremely.

    Source: Hasler and Süsstrunk, *Measuring colourfulness in natural images*, SPIE 5007, 2003, M3.

    Args:
        frame: [3, H, W], 0 … 255.
    """
    red, green, blue = frame
    across = red - green
    along = 0.5 * (red + green) - blue
    deviation = np.hypot(across.std(), along.std())
    return float(deviation + 0.3 * np.hypot(across.mean(), along.mean()))


def filled(frame: Pictures) -> float:
    """The share of pixels unlike the background, the commonest colour.

    Args:
        frame: uint8 [3, H, W].
    """
    cubes = (frame // _BACKGROUND_STEP).astype(np.int32)
    names = (cubes[0] * 256 + cubes[1]) * 256 + cubes[2]
    values, counts = np.unique(names, return_counts=True)
    inside = names == values[counts.argmax()]
    background = frame[:, inside].mean(axis=1)
    distance = np.linalg.norm(frame.astype(np.float32) - background[:, None, None], axis=0)
    return float((distance > _APART).mean())


def spread(frames: npt.NDArray[np.float32]) -> float:
    """How much a program's pictures differ: root mean square distance over all pairs, 0 … 1.

    Args:
        frames: [F, 3, H, W], 0 … 255.
    """
    pairs = [np.square(a - b).mean() for a, b in combinations(frames, 2)]
    return float(np.sqrt(np.mean(pairs)) / 255.0) if pairs else 0.0
