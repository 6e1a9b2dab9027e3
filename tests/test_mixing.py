"""MixUp of rendered pixels: exact, and the same in every batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from phosphene import mixing
from phosphene.errors import UsageError
from phosphene.mixing import MixUp, blend, mixer
from phosphene.sampling import Draw, Sampler, UniformPrograms, ViewGroup


def _draw(parts: int, samples: int) -> Draw:
    sampler = Sampler(UniformPrograms(20), (ViewGroup(2, 9),), seed=3, parts=parts)
    return sampler.draw(np.arange(100, 100 + samples))


def _pixels(parts: int, samples: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    shape = (2, samples, parts, 3, 9, 9)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def test_a_mix_is_the_rounded_weighted_mean() -> None:
    draw, pixels = _draw(6, 64), _pixels(6, 64)
    mixed = MixUp(6)(pixels, draw)
    exact = (pixels.double() * torch.from_numpy(draw.weights).double()[:, :, None, None, None]).sum(
        2
    )
    assert mixed.pixels.dtype == torch.uint8
    assert torch.equal(mixed.pixels, torch.floor(exact + 0.5).to(torch.uint8))
    assert torch.equal(mixed.weights, torch.from_numpy(draw.weights))


def test_a_mix_of_equal_pictures_is_that_picture() -> None:
    pixels = _pixels(1, 64).expand(-1, -1, 6, -1, -1, -1)
    assert torch.equal(MixUp(6)(pixels, _draw(6, 64)).pixels, pixels[:, :, 0])


@pytest.mark.parametrize("chunk", [1, 500, 1 << 26])
def test_a_sample_has_the_same_bytes_in_every_batch(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = _pixels(6, 64)
    weights = torch.from_numpy(_draw(6, 64).weights)
    whole = blend(pixels, weights)
    monkeypatch.setattr(mixing, "_CHUNK", chunk)
    for start in range(0, 64, 7):
        rows = slice(start, start + 7)
        assert torch.equal(blend(pixels[:, rows], weights[rows]), whole[:, rows])


def test_one_program_is_left_alone() -> None:
    pixels = _pixels(1, 5)
    mixed = MixUp()(pixels, _draw(1, 5))
    assert mixed.pixels.data_ptr() == pixels.data_ptr()
    assert mixed.pixels.shape == (2, 5, 3, 9, 9)
    assert torch.equal(mixed.weights, torch.ones(5, 1))


def test_weights_of_the_extremes_do_not_overflow() -> None:
    pixels = torch.full((1, 1, 2, 3, 2, 2), 255, dtype=torch.uint8)
    assert (blend(pixels, torch.tensor([[1.0, 0.0]])) == 255).all()
    assert (blend(pixels * 0, torch.tensor([[0.5, 0.5]])) == 0).all()


def test_a_number_means_mixup() -> None:
    assert mixer(6) == MixUp(6)
    own = MixUp(2)
    assert mixer(own) is own
    for wrong in (0, -1, 65):
        with pytest.raises(UsageError, match="`mix` must be 1 to 64"):
            mixer(wrong)
