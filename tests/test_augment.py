"""Batched colour operations against torchvision, one picture at a time."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as tv

from phosphene.augment import (
    MEAN,
    STD,
    ColourAugment,
    ColourPolicy,
    ColourSettings,
    Levels,
    level,
    recolour,
)
from phosphene.augment.levels import LEVELS, MAX_GAIN, QUANTILES
from phosphene.augment.policy import BRIGHTNESS, CONTRAST, HUE, NO_CHANGE, SATURATION
from phosphene.errors import UsageError

N, SIZE = 24, 32
STRONG = ColourPolicy(0.8, 0.8, 0.8, 0.8, 0.4, grey=0.3, blur=0.5, solarise=0.3)
Reference = Callable[[torch.Tensor, float], torch.Tensor]


def _pictures(count: int = N, size: int = SIZE) -> torch.Tensor:
    """Noise, with a grey, a black, a white and a one-colour picture among it."""
    generator = torch.Generator().manual_seed(1)
    pixels = torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8, generator=generator)
    pixels[0] = pixels[0, :1]
    pixels[1], pixels[2] = 0, 255
    pixels[3] = torch.tensor([10, 200, 30], dtype=torch.uint8)[:, None, None]
    return pixels.float() / 255


def _settings(**changes: np.ndarray) -> ColourSettings:
    plain = {
        "order": np.tile(np.arange(4), (N, 1)),
        "factors": np.tile(np.array(NO_CHANGE), (N, 1)),
        "grey": np.zeros(N, bool),
        "blur": np.zeros(N, bool),
        "sigma": np.ones(N),
        "solarise": np.zeros(N, bool),
    }
    return ColourSettings(**(plain | changes))


@pytest.mark.parametrize(
    ("operation", "factors", "reference"),
    [
        (BRIGHTNESS, np.linspace(0, 2, N), tv.adjust_brightness),
        (CONTRAST, np.linspace(0, 2, N), tv.adjust_contrast),
        (SATURATION, np.linspace(0, 2, N), tv.adjust_saturation),
        (HUE, np.linspace(-0.5, 0.5, N), tv.adjust_hue),
    ],
)
def test_jitter_equals_torchvision(
    operation: int, factors: np.ndarray, reference: Reference
) -> None:
    settings = _settings()
    settings.factors[:, operation] = factors
    ours = recolour(_pictures(), settings)
    for picture, factor, got in zip(_pictures(), factors, ours, strict=True):
        assert torch.allclose(got, reference(picture, float(factor)), atol=1e-5)


def test_the_order_of_the_jitter_is_each_pictures_own() -> None:
    orders = np.array([np.random.default_rng(i).permutation(4) for i in range(N)])
    factors = np.tile(np.array([1.3, 0.6, 1.7, 0.2]), (N, 1))
    ours = recolour(_pictures(), _settings(order=orders, factors=factors))
    steps = (tv.adjust_brightness, tv.adjust_contrast, tv.adjust_saturation, tv.adjust_hue)
    for row, picture in enumerate(_pictures()):
        for operation in orders[row]:
            picture = steps[operation](picture, float(factors[row, operation]))
        assert torch.allclose(ours[row], picture, atol=2e-5)


def test_grey_blur_and_solarising_equal_torchvision() -> None:
    chosen = np.arange(N) % 2 == 0
    sigma = np.linspace(0.1, 2, N)
    pictures = _pictures()
    grey = recolour(pictures, _settings(grey=chosen))
    blurred = recolour(pictures, _settings(blur=chosen, sigma=sigma), kernel=0.22)
    solar = recolour(pictures, _settings(solarise=chosen))
    for row, picture in enumerate(pictures):
        if not chosen[row]:
            assert torch.equal(grey[row], picture)
            assert torch.equal(blurred[row], picture)
            assert torch.equal(solar[row], picture)
            continue
        assert torch.allclose(grey[row], tv.rgb_to_grayscale(picture, 3), atol=1e-5)
        reference = tv.gaussian_blur(picture, [7, 7], [float(sigma[row])] * 2)
        assert torch.allclose(blurred[row], reference, atol=1e-5)
        assert torch.allclose(solar[row], tv.solarize(picture, 0.5), atol=1e-6)


def test_nothing_to_do_leaves_pictures_and_the_input_alone() -> None:
    pictures = _pictures()
    settings = ColourSettings.draw([ColourPolicy.none()], 0, np.arange(N))
    assert torch.equal(recolour(pictures, settings), pictures)
    recolour(pictures, _settings(solarise=np.ones(N, bool)))
    assert torch.equal(pictures, _pictures())


def test_normalisation_and_order_of_memory() -> None:
    pixels = (_pictures() * 255).round().to(torch.uint8).reshape(2, N // 2, 3, SIZE, SIZE)
    out = ColourAugment([ColourPolicy.none()])(pixels, torch.arange(N // 2))
    expected = tv.normalize(pixels.flatten(0, 1).float() / 255, list(MEAN), list(STD))
    assert out.shape == pixels.shape
    assert torch.allclose(out.flatten(0, 1), expected, atol=1e-6)
    flat = out.flatten(0, 1)
    assert flat.data_ptr() == out.data_ptr()
    assert flat.is_contiguous(memory_format=torch.channels_last)
    half = ColourAugment([ColourPolicy.none()], dtype=torch.bfloat16)(pixels, torch.arange(N // 2))
    assert half.dtype == torch.bfloat16


@pytest.mark.parametrize("size", [33, 48])
def test_a_sample_gets_the_same_values_in_every_batch(size: int) -> None:
    pixels = (_pictures(64, size) * 255).to(torch.uint8).reshape(2, 32, 3, size, size)
    index = torch.arange(1000, 1032)
    augment = ColourAugment([STRONG], seed=4)
    whole = augment(pixels, index)
    for start in (0, 25):
        rows = slice(start, start + 7)
        assert torch.equal(augment(pixels[:, rows], index[rows]), whole[:, rows])
    split = [augment(pixels[v : v + 1], index, first=v) for v in range(2)]
    assert torch.equal(torch.cat(split), whole)


def test_seed_sample_and_view_decide() -> None:
    picture = _pictures()[5:6].mul(255).to(torch.uint8).expand(2, 1, -1, -1, -1)

    def made(seed: int, index: int) -> torch.Tensor:
        return ColourAugment([STRONG], seed=seed)(picture, torch.tensor([index]))

    base = made(0, 0)
    assert torch.equal(made(0, 0), base)
    assert not torch.equal(base[0], base[1])
    assert not torch.equal(made(1, 0), base)
    assert not torch.equal(made(0, 1), base)


def test_each_view_may_have_a_policy_of_its_own() -> None:
    pixels = (_pictures() * 255).to(torch.uint8).expand(3, -1, -1, -1, -1)
    augment = ColourAugment([ColourPolicy.none(), ColourPolicy(solarise=1.0)])
    out = augment(pixels, torch.arange(N))
    plain = ColourAugment([ColourPolicy.none()])(pixels[:1], torch.arange(N))[0]
    assert torch.equal(out[0], plain)
    assert not torch.equal(out[1], plain)
    assert torch.equal(out[2], out[1])  # the last policy holds for the views after it


def test_settings_follow_the_policy() -> None:
    policy = ColourPolicy.simclr()
    drawn = ColourSettings.draw([policy], 0, np.arange(20_000))
    jittered = (drawn.factors != NO_CHANGE).any(axis=1)
    assert jittered.mean() == pytest.approx(0.8, abs=0.01)
    factors = drawn.factors[jittered]
    assert factors[:, :3].min() == pytest.approx(0.2, abs=0.01)
    assert factors[:, :3].max() == pytest.approx(1.8, abs=0.01)
    assert np.abs(factors[:, 3]).max() == pytest.approx(0.2, abs=0.001)
    assert drawn.grey.mean() == pytest.approx(0.2, abs=0.01)
    assert drawn.blur.mean() == pytest.approx(0.5, abs=0.015)
    assert drawn.solarise.sum() == 0
    assert (drawn.sigma.min(), drawn.sigma.max()) == pytest.approx((0.1, 2.0), abs=0.01)
    orders, counts = np.unique(drawn.order, axis=0, return_counts=True)
    assert len(orders) == math.factorial(4)
    assert ((counts - counts.mean()) ** 2 / counts.mean()).sum() < 54  # 23 degrees: 1 in 4,000


def test_presets_are_those_of_the_papers() -> None:
    assert ColourPolicy.moco() == ColourPolicy(0.8, 0.4, 0.4, 0.4, 0.1, 0.2, 0.5)
    half = ColourPolicy.simclr(0.5)
    assert (half.brightness, half.hue) == pytest.approx((0.4, 0.1))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"jitter": 1.2}, "`jitter`"),
        ({"grey": -0.1}, "`grey`"),
        ({"brightness": -1.0}, "`brightness`"),
        ({"hue": 0.6}, "`hue`"),
        ({"sigma": (0.0, 1.0)}, "`sigma`"),
        ({"sigma": (2.0, 1.0)}, "`sigma`"),
    ],
)
def test_impossible_policies_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ColourPolicy(**settings)  # type: ignore[arg-type]


def test_an_augmentation_needs_a_policy() -> None:
    with pytest.raises(UsageError, match="`policies`"):
        ColourAugment([])


def _levels_of(views: torch.Tensor) -> torch.Tensor:
    """[B, 3], as `LEVELS` defines them."""
    values = views.double() / 255
    grey = values.mean(2, keepdim=True)
    colours = values - grey
    tint = colours.mean((0, 3, 4), keepdim=True)
    return torch.stack(
        [
            grey.mean((0, 2, 3, 4)),
            grey.std((0, 2, 3, 4), correction=0),
            (colours - tint).square().mean((0, 2, 3, 4)).sqrt(),
        ],
        1,
    )


def _dim_noise() -> torch.Tensor:
    """uint8 [2, 5, 3, 16, 16]; the second view is brighter, and there is more red than blue."""
    generator = torch.Generator().manual_seed(1)
    noise = torch.randint(0, 60, (2, 5, 3, 16, 16), dtype=torch.uint8, generator=generator)
    views = noise + torch.tensor([40, 20, 0], dtype=torch.uint8)[:, None, None]
    views[1] += 10
    return views


def test_samples_get_the_levels_that_are_drawn_for_them() -> None:
    views, wanted = _dim_noise(), torch.tensor([[0.5, 0.1, 0.05]] * 5, dtype=torch.float64)
    wanted[1] = torch.tensor([0.4, 0.05, 0.1])
    levelled = level(views, wanted)
    assert (_levels_of(levelled) - wanted).abs().max() < 0.003
    values = levelled.double()
    assert (values[1].mean() - values[0].mean()) > 10
    before, after = (v.double().mean((0, 3, 4)) for v in (views, levelled))
    assert ((after - after.mean(1, True)) - (before - before.mean(1, True))).abs().max() < 0.5
    assert torch.equal(level(views[:, 1:2], wanted[1:2]), levelled[:, 1:2])


@pytest.mark.parametrize("name", LEVELS)
def test_levels_that_nobody_asked_for_stay(name: str) -> None:
    views = _dim_noise()
    drawn = torch.from_numpy(Levels.of(name).draw(0, np.arange(5)))
    drawn[:, LEVELS.index(name)] = 0.3 if name == "brightness" else 0.08
    before, after = _levels_of(views), _levels_of(level(views, drawn))
    expected = torch.where(drawn.isnan(), before, drawn)
    assert (after - expected).abs().max() < 0.003


def test_levels_are_drawn_as_photographs_have_them() -> None:
    drawn = Levels.of(True).draw(3, np.arange(4000))
    for column, name in enumerate(LEVELS):
        for share, value in zip((0.05, 0.5, 0.95), QUANTILES[name][1::2], strict=True):
            assert np.quantile(drawn[:, column], share) == pytest.approx(value, abs=0.01)
    assert np.abs(np.corrcoef(drawn.T) - np.eye(3)).max() < 0.05
    assert np.array_equal(Levels.of("+".join(LEVELS)).draw(3, np.arange(7, 9)), drawn[7:9])
    assert np.isnan(Levels.of(False).draw(3, np.arange(2))).all()
    assert Levels.of("") == Levels.of(False) == Levels()


def test_levels_stretch_flat_pictures_no_further_than_they_may() -> None:
    wanted = torch.tensor([[0.5, 0.2, 0.1]], dtype=torch.float64)
    views = torch.full((1, 1, 3, 4, 4), 7, dtype=torch.uint8)
    assert (level(views, wanted) == 128).all()
    views[0, 0, :, 0, 0] = 9
    spread = level(views, wanted).int()
    assert spread.amax() - spread.amin() == 2 * MAX_GAIN


@pytest.mark.parametrize("text", ["hue", "contrast+contrast", "contrast,chroma"])
def test_levels_that_do_not_exist(text: str) -> None:
    with pytest.raises(UsageError, match=r"`levels` must be true, false, or some of brightness"):
        Levels.of(text)
