"""The painters of baselines: their pictures have the statistics that their papers say."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from phosphene import seeds
from phosphene.baselines import DeadLeaves, Fractals, Noise, StyleGAN, dead_leaves, stylegan
from phosphene.baselines.counters import Counters, Stock
from phosphene.baselines.painter import Painter
from phosphene.baselines.spectra import radial
from phosphene.baselines.systems import FILLED, collection, plot, search
from phosphene.baselines.wavelets import bank
from phosphene.errors import UsageError

CPU = torch.device("cpu")


def draws(name: str, count: int, seed: int = 0) -> Counters:
    return Counters(seed, name, np.arange(count), CPU)


def test_counters_on_a_device_are_the_numbers_of_seeds() -> None:
    numbers = np.array([0, 1, 7, 2**40 + 3])
    made = Counters(5, "x", numbers, CPU).words("y", 11, counter=2)
    assert np.array_equal(made.numpy(), seeds.words(5, "x/y", numbers, 2, n=11))
    long = Counters(5, "x", numbers[:1], CPU).words("y", 2**18 + 8)[:, 2**18 :]
    assert np.array_equal(long.numpy(), seeds.words(5, "x/y", numbers[:1], 0, 1, n=8))
    many = Counters(5, "x", np.arange(2000), CPU).normals("z", 3, 5)
    assert many.shape == (2000, 3, 5)
    assert abs(float(many.mean())) < 0.02
    assert abs(float(many.std()) - 1) < 0.02


def stock(count: int) -> Stock:
    return Stock(draws("stylegan", count), "generator", 2000)


def test_a_stock_hands_out_what_was_drawn_at_once() -> None:
    made, whole = stock(3), draws("stylegan", 3).uniforms("generator", 2000)
    assert torch.equal(made.uniforms(4, 5).flatten(1), whole[:, :20])
    assert torch.equal(made.uniforms(7), whole[:, 20:27])
    assert made.normals(3).shape == (3, 3)
    with pytest.raises(ValueError, match="holds 2000 words"):
        made.uniforms(2000)


def test_leaves_have_sizes_by_the_power_law() -> None:
    painter = DeadLeaves()
    radii = painter.draw(draws("dead-leaves", 16), 1000).radius.flatten() / 1000
    assert 0.03 <= float(radii.min()) < 0.0301
    assert float(radii.max()) <= 1
    # Of r**-3 beyond 0.03 the share above r is (0.03 / r)**2, but for what is cut off at 1.
    for r in (0.05, 0.1, 0.3):
        expected = (r**-2 - 1) / (0.03**-2 - 1)
        assert float((radii > r).double().mean()) == pytest.approx(expected, rel=0.12)


def test_the_front_leaf_is_seen_where_a_plain_test_of_every_leaf_finds_it() -> None:
    side = 40
    leaves = DeadLeaves(leaves=60).draw(draws("dead-leaves", 6), side)
    ids = dead_leaves._front(leaves, side)
    y, x = torch.meshgrid(torch.arange(side) + 0.5, torch.arange(side) + 0.5, indexing="ij")
    for picture in range(6):
        expected = torch.full((side, side), 60)
        for leaf in reversed(range(60)):
            one = (picture, leaf)
            dx, dy = x - leaves.x[one], y - leaves.y[one]
            if leaves.round[one]:
                inside = dx**2 + dy**2 < leaves.radius[one] ** 2
            else:
                inside = _in_polygon(dx, dy, leaves.angles[one], float(leaves.radius[one]))
            expected[inside] = leaf
        # A pixel's centre may lie on an edge within rounding.
        assert (ids[picture] != expected).float().mean() < 0.003


def _in_polygon(x: Tensor, y: Tensor, angles: Tensor, radius: float) -> Tensor:
    corners = torch.stack([torch.cos(angles), torch.sin(angles)], dim=1) * radius
    inside = torch.ones_like(x, dtype=torch.bool)
    for (ax, ay), (bx, by) in zip(corners, corners.roll(-1, 0), strict=True):
        inside &= (bx - ax) * (y - ay) - (by - ay) * (x - ax) >= 0
    return inside


def test_leaves_cover_nearly_everything_in_all_six_shapes() -> None:
    painter = DeadLeaves()
    leaves = painter.draw(draws("dead-leaves", 8), 96)
    assert (dead_leaves._front(leaves, 96) == painter.leaves).float().mean() < 0.01
    assert float(leaves.round.float().mean()) == pytest.approx(1 / 6, abs=0.02)
    picture = painter.paint(draws("dead-leaves", 2), 64)
    assert picture.shape == (2, 3, 64, 64)
    assert picture.float().std() > 50


@pytest.mark.parametrize("exponent", [1.0, 2.0])
def test_noise_has_the_exponent_that_was_asked_for(exponent: float) -> None:
    pictures = Noise(exponents=(exponent, exponent)).paint(draws("noise", 12), 64).double()
    spectrum = torch.fft.fft2(pictures - pictures.mean((2, 3), keepdim=True)).abs()
    along = spectrum.square().mean((0, 1)).sqrt()
    # Where y has its lowest frequency the amplitude is 1 / (|fx|**a + |1 / 64|**a).
    frequency = np.arange(3, 16) / 64
    measured = np.log(along[1, 3:16].numpy())
    model = np.log(1 / (frequency**exponent + (1 / 64) ** exponent))
    slope = np.polyfit(model, measured, 1)[0]
    assert slope == pytest.approx(1, abs=0.2)


def test_noise_has_few_colours_that_differ_between_pictures() -> None:
    pictures = Noise(rounds=2).paint(draws("noise", 8), 48).double()
    means = pictures.mean((2, 3))
    assert float(means.std(0).min()) > 10
    assert (pictures.amin((1, 2, 3)) == 0).all()
    assert (pictures.amax((1, 2, 3)) == 255).all()
    flat = pictures.flatten(2)
    flat = flat - flat.mean(2, keepdim=True)
    covariance = flat @ flat.transpose(1, 2)
    scale = covariance.diagonal(dim1=1, dim2=2).sqrt()
    correlation = covariance / (scale[:, :, None] * scale[:, None, :])
    assert float(correlation[:, 0, 1].abs().max()) > 0.5


def test_every_system_of_the_collection_fills_its_square() -> None:
    numbers = np.array(search(0, 200))
    found = collection(len(numbers))
    # The numbers in the package are what the search finds, from the first on.
    assert len(numbers) >= 5
    again = Counters(0, "fractal systems", numbers, CPU)
    first = again.uniforms("maps", 43)[:, 1:7] * 2 - 1
    assert torch.equal(found.maps[:, 0], first)
    points = found.points(draws("filling", len(found)), 512, 12)
    share = (plot(points, 128) > 0).float().mean((1, 2))
    # Other points than those of the search: now and then a stray one widens the square.
    assert float(share.median()) > FILLED
    assert float(share.min()) > 0.75 * FILLED
    maps, chances = found.maps, found.cumulative.diff(dim=1, prepend=torch.zeros(len(found), 1))
    det = (maps[..., 0] * maps[..., 3] - maps[..., 1] * maps[..., 2]).abs() * (chances > 0)
    assert torch.allclose(chances, det / det.sum(1, keepdim=True), atol=1e-5)


def test_fractals_of_one_system_look_alike_and_others_do_not() -> None:
    painter = Fractals(systems=4, background=False)
    labels = painter.labels(np.arange(32))
    pictures = painter.paint(draws("fractals", 32), 48).amax(1).float()
    assert set(labels.tolist()) == {0, 1, 2, 3}
    filled = (pictures > 0).float().mean((1, 2))
    assert float(filled.min()) > 0.1
    masks = (pictures > 0).float().flatten(1)
    # Mirrored instances are compared by what does not change under mirroring.
    sums = torch.stack([m.reshape(48, 48) + m.reshape(48, 48).flip(0) for m in masks])
    sums = (sums + sums.flip(2)).flatten(1)
    apart = torch.cdist(sums, sums)
    same = torch.from_numpy(labels[:, None] == labels[None, :])
    same.fill_diagonal_(False)
    assert apart[same].mean() < 0.7 * apart[~same & (apart > 0)].mean()


def test_a_background_is_where_the_fractal_is_not() -> None:
    black = Fractals(systems=8, background=False).paint(draws("fractals", 4), 32)
    full = Fractals(systems=8).paint(draws("fractals", 4), 32)
    ground = black.amax(1) == 0
    assert ground.float().mean() > 0.2
    assert (full.amax(1)[ground] > 0).float().mean() > 0.9
    with pytest.raises(UsageError, match="`systems` must be 1 to 1000, got 0"):
        Fractals(systems=0)


def test_a_tied_layer_equals_the_modulated_convolution_of_stylegan() -> None:
    """All output channels are one map: against the whole weights, modulated and demodulated."""
    n, inputs, outputs, side = 2, 24, 10, 8
    noise = torch.zeros(n, 1, side, side)
    x = torch.randn(n, inputs, side, side, generator=torch.Generator().manual_seed(0))
    made = stylegan.Generator(stock(n), 0.2, 0.3, noise).layer(x, side, outputs)
    # The same numbers again, in the order in which the layer took them.
    again = stock(n)
    apart = stylegan.Generator(again, 0.2, 0.3, noise)
    styles, filters = apart._styles(inputs), apart._tied(inputs).reshape(n, inputs, 3, 3)
    again.uniforms(1)
    u = again.uniforms(2, outputs, 1, 1)
    gains = torch.where(u[:, 0] < 0.5, -1.7, 0.3).reshape(n, outputs, 1, 1, 1)
    weights = gains * styles[:, None, :, None, None] * filters[:, None]
    weights = weights / (weights.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
    for one in range(n):
        z = torch.nn.functional.conv2d(x[one : one + 1], weights[one].flip(2, 3), padding=1)[0]
        bias = (2 * u[one, 1] - 1) * 0.2
        expected = torch.relu(z + bias) * math.sqrt(2)
        assert torch.allclose(made[one], expected, atol=1e-4)


def test_resampling_equals_the_filter_of_stylegan() -> None:
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    kernel = (4 * torch.outer(taps, taps) / 64)[None, None]
    maps = torch.randn(2, 1, 5, 5, generator=torch.Generator().manual_seed(0))
    doubled = stylegan._doubled(stylegan._doubled(maps, -1), -2)
    expected = torch.nn.functional.conv_transpose2d(maps, kernel, stride=2, padding=1)
    assert torch.allclose(doubled, expected, atol=1e-5)
    filtered = stylegan._filtered(stylegan._filtered(doubled, -1), -2)
    assert torch.allclose(
        filtered, torch.nn.functional.conv2d(doubled, kernel, padding=1), atol=1e-5
    )


def test_wavelets_are_edges_and_lines_in_eight_directions_and_their_negatives() -> None:
    filters = bank()
    assert filters.shape == (40, 3, 3)
    assert torch.equal(filters[:20], -filters[20:])
    oriented = filters[:16]
    assert torch.allclose(oriented.mean((1, 2)), torch.zeros(16), atol=1e-6)
    edges, lines = oriented[:8], oriented[8:]
    assert torch.allclose(edges, -edges.flip(1, 2), atol=1e-6)
    assert torch.allclose(lines, lines.flip(1, 2), atol=1e-6)
    assert torch.allclose(edges[0], torch.tensor([1.0, 0.0, -1.0]).expand(3, 3), atol=1e-6)
    assert torch.allclose(edges[4], edges[0].T, atol=1e-6)


def test_stylegan_pictures_are_colourful_and_differ() -> None:
    pictures = StyleGAN().paint(draws("stylegan", 12), 48).double()
    assert pictures.shape == (12, 3, 48, 48)
    apart = torch.cdist(pictures.flatten(1), pictures.flatten(1)) / math.sqrt(3 * 48 * 48)
    apart.fill_diagonal_(255)
    assert float(apart.min()) > 20
    chroma = pictures.amax(1) - pictures.amin(1)
    assert float(chroma.mean()) > 40
    # Photos' means: 0.446 on average, and every channel of a picture has some contrast.
    assert float(pictures.mean()) / 255 == pytest.approx(0.446, abs=0.12)
    assert float(pictures.std((2, 3)).median()) > 20


def test_a_radial_spectrum_falls_with_its_exponent() -> None:
    amplitude = radial(16, torch.tensor([1.0, 2.0]), CPU)
    assert torch.equal(amplitude[:, 0, 0], torch.zeros(2))
    assert torch.allclose(amplitude[:, 0, 2] / amplitude[:, 0, 4], torch.tensor([2.0, 4.0]))


@pytest.mark.parametrize("side", [32, 48, 64])
@pytest.mark.parametrize(
    "painter", [Noise(), StyleGAN(), Fractals(), DeadLeaves(leaves=200)], ids=lambda p: p.name
)
def test_pictures_do_not_depend_on_the_number_of_threads(painter: Painter, side: int) -> None:
    before, made = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            made.append(painter.paint(draws(painter.name, 5), side))
    finally:
        torch.set_num_threads(before)
    assert torch.equal(made[0], made[1])
    assert torch.equal(made[0], made[2])
