"""Views of pictures: cropped as torchvision does, in any batch the same; and the order of epochs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional

from phosphene.baselines.order import visit
from phosphene.errors import UsageError
from phosphene.sampling import CameraPolicy
from phosphene.stream.windows import check_camera, look
from phosphene.views import Camera


def pictures(count: int, side: int) -> torch.Tensor:
    rough = torch.randint(0, 256, (count, 3, side, side), generator=torch.manual_seed(0))
    return torch.nn.functional.avg_pool2d(rough.float(), 3, 1, 1).round().to(torch.uint8)


@pytest.mark.parametrize("size", [24, 64, 112])
def test_views_equal_torchvisions_antialiased_crops(size: int) -> None:
    side, random = 96, np.random.default_rng(0)
    images = pictures(12, side)
    for number, image in enumerate(images):
        width, height = random.integers(20, side + 1, 2).tolist()
        left = int(random.integers(0, side - width + 1))
        top = int(random.integers(0, side - height + 1))
        flip = bool(number % 2)
        centre = ((left + width / 2) / side, 1 - (top + height / 2) / side)
        camera = Camera.crop(centre, width / side, height / side, 0, flip).matrix()
        ours = look(image[None], torch.tensor([camera]), size)[0].float()
        theirs = functional.resized_crop(
            image.float(), top, left, height, width, [size, size], antialias=True
        )
        theirs = theirs.flip(-1) if flip else theirs
        # Half a level of rounding, and the weights' own.
        assert float((ours - theirs).abs().max()) < 0.6


def test_the_whole_picture_at_its_own_size_is_itself() -> None:
    images = pictures(3, 40)
    cameras = torch.from_numpy(CameraPolicy.still().draw((40.0, 40.0), 0, np.arange(3), 0))
    assert torch.equal(look(images, cameras, 40), images)
    flat = torch.full((1, 3, 9, 9), 255, dtype=torch.uint8)
    cameras = torch.from_numpy(CameraPolicy().draw((9.0, 9.0), 0, np.arange(50), 0))
    assert (look(flat.expand(50, -1, -1, -1), cameras, 17) == 255).all()


def test_a_view_has_the_same_bytes_in_every_batch() -> None:
    images = pictures(40, 48)
    cameras = torch.from_numpy(CameraPolicy().draw((48.0, 48.0), 0, np.arange(40), 0))
    together = look(images, cameras, 32)
    alone = torch.cat([look(images[i : i + 7], cameras[i : i + 7], 32) for i in range(0, 40, 7)])
    assert torch.equal(together, alone)


def test_a_window_smaller_than_a_pixel_is_still_seen() -> None:
    images = pictures(1, 8)
    camera = Camera.crop((0.5, 0.5), 0.01, 0.01).matrix()
    seen = look(images, torch.tensor([camera]), 4)[0].int()
    around = images[0, :, 3:5, 3:5].int()
    assert (seen >= around.amin((1, 2), keepdim=True) - 1).all()
    assert (seen <= around.amax((1, 2), keepdim=True) + 1).all()


def test_cameras_that_cannot_be_cropped_are_refused() -> None:
    with pytest.raises(UsageError, match="rotation=0"):
        check_camera(CameraPolicy(rotation=10))
    with pytest.raises(UsageError, match="beyond=False"):
        check_camera(CameraPolicy(scale=(0.5, 2.0), beyond=True))


@pytest.mark.parametrize("count", [1, 2, 7, 100, 1025])
def test_every_epoch_visits_every_picture_once_in_an_order_of_its_own(count: int) -> None:
    visited = visit(np.arange(3 * count), count, seed=1).reshape(3, count)
    assert (np.sort(visited, axis=1) == np.arange(count)).all()
    assert np.array_equal(visit(np.array([2 * count - 1]), count, 1), visited[1, -1:])
    if count >= 100:
        assert (visited[0] == visited[1]).mean() < 0.1
        assert (visited[0] == visit(np.arange(count), count, seed=2)).mean() < 0.1
        # A walk that keeps neighbours together would show in the steps.
        assert np.abs(np.diff(visited[0])).mean() == pytest.approx(count / 3, rel=0.25)
