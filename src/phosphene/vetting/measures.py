"""What is measured of a program's pictures."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import numpy.typing as npt

from phosphene.vetting.features import Floats, features
from phosphene.vetting.policy import Policy

Pictures = npt.NDArray[np.uint8]
"""uint8 [F, 3, H, W]: a program's frames."""

_BACKGROUND_STEP = 16
"""Colours that fall into the same cube of this side count as one when the background is looked for."""

_EDGE = 0.06
"""A pixel lies on an edge where the brightness (0 … 1) changes by so much from one to the next."""

_APART = 24.0
"""A pixel whose colour is this far (Euclidean, 0 … 441) from the background's is filled."""


def measure(
    frames: Pictures,
    undefined: float,
    seconds: float,
    policy: Policy,
    seen: Floats | None = None,
) -> dict[str, float]:
    """All measurements of a program.

    Args:
        frames: its pictures at `policy.latents`.
        undefined: share of their pixels that were NaN.
        seconds: that a frame took; NaN where the engine does not tell.
        policy: for the thresholds of blank and constant frames.
        seen: float32 [F, D], the frames' features where they are known.

    Returns:
        milliseconds; undefined, blank, constant: shares of pixels and frames; colourfulness, contrast
        (standard deviation, 0 … 255), filled (share of the canvas), edges (share of the pixels), slope
        (of the spectrum): means over frames; motion: mean change between frames at consecutive times,
        0 … 1; spread: root mean square distance between any two frames, 0 … 1, in pixels; diversity:
        the same in the feature space (`features`), 0 … 1.
    """
    values = frames.astype(np.float32)
    deviation = values.std(axis=(2, 3)).max(axis=1)
    blank = values.max(axis=(1, 2, 3)) < policy.blank
    timed = values[: len(policy.times)]
    seen = features(frames) if seen is None else seen
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
        "edges": edges(values),
        "slope": slope(values),
        "spread": spread(values),
        "diversity": diversity(seen),
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


def diversity(seen: Floats) -> float:
    """How much a program's pictures differ in what they look like.

    Half the mean squared distance over all pairs of frames, rooted: 0, all look alike, to 1, any two have
    nothing in common.

    Args:
        seen: float32 [F, D], see `features`.
    """
    pairs = [np.square(a - b).sum() for a, b in combinations(seen.astype(np.float64), 2)]
    return float(np.sqrt(0.5 * np.mean(pairs))) if pairs else 0.0


def edges(frames: npt.NDArray[np.float32]) -> float:
    """Edge density: the share of pixels at which the brightness changes steeply.

    Args:
        frames: [F, 3, H, W], 0 … 255.
    """
    grey = _brightness(frames)
    across = grey[:, 1:-1, 2:] - grey[:, 1:-1, :-2]
    down = grey[:, 2:, 1:-1] - grey[:, :-2, 1:-1]
    return float((0.5 * np.hypot(across, down) > _EDGE).mean())


def slope(frames: npt.NDArray[np.float32]) -> float:
    """The slope of the power spectrum over the frequency, both as logarithms.

    About -2 for photographs (Field, *Relations between the statistics of natural images and the response
    properties of cortical cells*, 1987), 0 for white noise; NaN where no frame has a picture.

    Args:
        frames: [F, 3, H, W], 0 … 255.
    """
    grey = _brightness(frames)
    height, width = grey.shape[1:]
    window = np.hanning(height)[:, None] * np.hanning(width)
    power = np.abs(np.fft.rfft2((grey - grey.mean(axis=(1, 2), keepdims=True)) * window)) ** 2
    rows, columns = np.fft.fftfreq(height) * min(height, width), np.fft.rfftfreq(width) * width
    ring = np.rint(np.hypot(rows[:, None], columns)).astype(np.int64).ravel()
    reach = np.arange(2, min(height, width) // 2)
    found = []
    for one in power[power.sum(axis=(1, 2)) > 1e-6]:
        mean = np.bincount(ring, one.ravel())[reach] / np.bincount(ring)[reach]
        # Frequencies count by their share of the logarithmic axis, or the highest would decide.
        fit = np.polyfit(np.log(reach), np.log(mean + 1e-9), 1, w=1.0 / np.sqrt(reach))
        found.append(fit[0])
    return float(np.mean(found)) if found else float("nan")


def _brightness(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Luma after Rec. 601, 0 … 1, [F, H, W]."""
    red, green, blue = frames.transpose(1, 0, 2, 3)
    luma: npt.NDArray[np.float32] = (0.299 * red + 0.587 * green + 0.114 * blue) / np.float32(255.0)
    return luma
