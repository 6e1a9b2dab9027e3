"""Cameras: the windows of torchvision's RandomResizedCrop, as affine maps."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torchvision.transforms import v2

from phosphene.errors import UsageError
from phosphene.sampling import CameraPolicy
from phosphene.views import Camera

INDEX = np.arange(8000)
SQUARE = (256.0, 256.0)


def _corners(matrices: np.ndarray) -> np.ndarray:
    """Canvas positions (shares) of the output's four corners, [B, 4, 2]."""
    corners = np.array([(u, v, 1.0) for u in (0, 1) for v in (0, 1)])
    return np.einsum("bij,cj->bci", matrices.reshape(-1, 2, 3), corners)


def _windows(policy: CameraPolicy, canvas: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    matrices = policy.draw(canvas, 0, INDEX, 0)
    return np.abs(matrices[:, 0]), np.abs(matrices[:, 4])


@pytest.mark.parametrize(
    ("canvas", "scale"), [(SQUARE, (0.08, 1.0)), ((320.0, 180.0), (0.3, 1.0)), (SQUARE, (0.9, 1.0))]
)
def test_windows_are_distributed_as_in_torchvision(
    canvas: tuple[float, float], scale: tuple[float, float]
) -> None:
    torch.manual_seed(0)
    image = torch.empty(1, int(canvas[1]) * 8, int(canvas[0]) * 8)
    crop = v2.RandomResizedCrop(8, scale=scale)
    theirs = [crop.make_params([image]) for _ in range(2000)]
    tall, wide = image.shape[1:]
    width, height = _windows(CameraPolicy(scale=scale), canvas)
    left = CameraPolicy(scale=scale, flip=0).draw(canvas, 0, INDEX, 0)[:, 2]
    quantiles = np.linspace(0.05, 0.95, 10)
    for ours, reference in (
        (width, [p["width"] / wide for p in theirs]),
        (height, [p["height"] / tall for p in theirs]),
        (left, [p["left"] / wide for p in theirs]),
    ):
        difference = np.quantile(ours, quantiles) - np.quantile(reference, quantiles)
        assert np.abs(difference).max() < 0.035


def test_windows_lie_on_the_canvas() -> None:
    matrices = CameraPolicy().draw((320.0, 180.0), 0, INDEX, 0)
    corners = _corners(matrices)
    assert corners.min() > -1e-6
    assert corners.max() < 1 + 1e-6
    area = np.abs(matrices[:, 0] * matrices[:, 4])
    assert area.min() >= 0.08 - 1e-6
    assert area.max() <= 1 + 1e-6


def test_half_of_the_views_are_mirrored() -> None:
    matrices = CameraPolicy().draw(SQUARE, 0, INDEX, 0)
    assert (matrices[:, 0] < 0).mean() == pytest.approx(0.5, abs=0.02)
    assert (matrices[:, 4] > 0).all()
    assert (CameraPolicy(flip=0).draw(SQUARE, 0, INDEX, 0)[:, 0] > 0).all()


def test_rotation_turns_about_the_middle_and_keeps_shapes() -> None:
    canvas = (300.0, 150.0)
    still = CameraPolicy(flip=0).draw(canvas, 0, INDEX, 0)
    turned = CameraPolicy(flip=0, rotation=30).draw(canvas, 0, INDEX, 0)
    assert np.allclose(_corners(still).mean(axis=1), _corners(turned).mean(axis=1), atol=1e-5)
    pixels = turned.reshape(-1, 2, 3)[:, :, :2] * np.array(canvas)[:, None]
    assert np.abs((pixels[:, :, 0] * pixels[:, :, 1]).sum(axis=1)).max() < 0.02  # right angles
    angle = np.rad2deg(np.arctan2(pixels[:, 1, 0], pixels[:, 0, 0]))
    assert np.abs(angle).max() <= 30 + 1e-4
    assert angle.std() == pytest.approx(30 / math.sqrt(3), rel=0.05)
    for row in (0, 1, 2):  # the same as the contract's own constructor
        width = math.hypot(*pixels[row, :, 0]) / canvas[0]
        height = math.hypot(*pixels[row, :, 1]) / canvas[1]
        centre = tuple(_corners(turned[row : row + 1]).mean(axis=1)[0])
        same = Camera.crop(centre, width, height, math.radians(angle[row]), aspect=2.0)
        assert np.allclose(same.matrix(), turned[row], atol=1e-5)


def test_zooming_out_holds_the_whole_canvas() -> None:
    policy = CameraPolicy(scale=(2.0, 4.0), flip=0, beyond=True)
    corners = _corners(policy.draw(SQUARE, 0, INDEX, 0))
    assert (corners.min(axis=1) <= 1e-6).all()
    assert (corners.max(axis=1) >= 1 - 1e-6).all()


def test_still_shows_the_largest_square_in_the_middle() -> None:
    assert (CameraPolicy.still().draw(SQUARE, 0, INDEX, 0) == Camera().matrix()).all()
    wide = CameraPolicy.still().draw((300.0, 100.0), 0, INDEX[:5], 0)
    assert np.allclose(wide, Camera.crop(width=1 / 3).matrix(), atol=1e-6)


def test_views_have_cameras_of_their_own() -> None:
    one, other = (CameraPolicy().draw(SQUARE, 0, INDEX, view) for view in (0, 1))
    assert abs(np.corrcoef(np.abs(one[:, 0]), np.abs(other[:, 0]))[0, 1]) < 0.05


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scale": (0.0, 1.0)}, "`scale`"),
        ({"scale": (0.5, 0.2)}, "`scale`"),
        ({"scale": (0.5, 2.0)}, "`beyond`"),
        ({"ratio": (2.0, 1.0)}, "`ratio`"),
        ({"flip": 1.1}, "`flip`"),
        ({"rotation": 200.0}, "`rotation`"),
    ],
)
def test_impossible_policies_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        CameraPolicy(**settings)  # type: ignore[arg-type]
