"""Mixing of rendered pixels: exact, and the same in every batch."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import pytest
import torch

from phosphene.bank import Selection
from phosphene.engines.fake import FakeEngine
from phosphene.errors import UsageError
from phosphene.mixing import KML, CutMix, Mixer, MixUp, blend, mixer, mixup
from phosphene.mixing.kml import bright_cluster
from phosphene.mixing.mixup import restore
from phosphene.sampling import Draw, Sampler, UniformPrograms, ViewGroup
from phosphene.stream import Stream

SIDE = 20
MIXERS: tuple[Callable[[], Mixer], ...] = (
    lambda: MixUp(6),
    lambda: MixUp(6, contrast=True),
    CutMix,
    KML,
    lambda: KML(average=True),
)


def _draw(parts: int, samples: int, start: int = 100) -> Draw:
    sampler = Sampler(UniformPrograms(20), (ViewGroup(2, SIDE),), seed=3, parts=parts)
    return sampler.draw(np.arange(start, start + samples))


def _pixels(parts: int, samples: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    shape = (2, samples, parts, 3, SIDE, SIDE)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def _flat(*levels: int, views: int = 2, samples: int = 1) -> torch.Tensor:
    """Parts of one grey level each."""
    grey = torch.tensor(levels, dtype=torch.uint8)[None, None, :, None, None, None]
    return grey.expand(views, samples, -1, 3, SIDE, SIDE).clone()


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
def test_blending_in_chunks_changes_nothing(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = _pixels(6, 64)
    weights = torch.from_numpy(_draw(6, 64).weights)
    whole = blend(pixels, weights)
    monkeypatch.setattr(mixup, "_CHUNK", chunk)
    for start in range(0, 64, 7):
        rows = slice(start, start + 7)
        assert torch.equal(blend(pixels[:, rows], weights[rows]), whole[:, rows])


@pytest.mark.parametrize("make", MIXERS)
def test_a_sample_has_the_same_bytes_in_every_batch(make: Callable[[], Mixer]) -> None:
    mix = make()
    pixels = _pixels(mix.parts, 40)
    whole = mix(pixels, _draw(mix.parts, 40))
    assert whole.pixels.shape == (2, 40, 3, SIDE, SIDE)
    assert whole.weights.shape == (40, mix.parts)
    assert torch.allclose(whole.weights.sum(1), torch.ones(40), atol=1e-6)
    for start, size in ((0, 1), (7, 11), (39, 1)):
        rows = slice(start, start + size)
        part = mix(pixels[:, rows], _draw(mix.parts, size, 100 + start))
        assert torch.equal(part.pixels, whole.pixels[:, rows])
        assert torch.equal(part.weights, whole.weights[rows])


def test_one_program_is_left_alone() -> None:
    pixels = _pixels(1, 5)
    mixed = MixUp()(pixels, _draw(1, 5))
    assert mixed.pixels.data_ptr() == pixels.data_ptr()
    assert mixed.pixels.shape == (2, 5, 3, SIDE, SIDE)
    assert torch.equal(mixed.weights, torch.ones(5, 1))


def test_weights_of_the_extremes_do_not_overflow() -> None:
    pixels = torch.full((1, 1, 2, 3, 2, 2), 255, dtype=torch.uint8)
    assert (blend(pixels, torch.tensor([[1.0, 0.0]])) == 255).all()
    assert (blend(pixels * 0, torch.tensor([[0.5, 0.5]])) == 0).all()


def test_contrast_comes_back_as_if_parts_had_nothing_in_common() -> None:
    pixels, draw = _pixels(4, 8), _draw(4, 8)
    plain, restored = (MixUp(4, contrast)(pixels, draw).pixels for contrast in (False, True))
    values = plain.double()
    mean = values.mean((3, 4), keepdim=True)
    length = np.sqrt((draw.weights.astype(float) ** 2).sum(1))[None, :, None, None, None]
    naive = (mean + (values - mean) / torch.from_numpy(length)).clamp(0, 255)
    assert (restored.double() - naive).abs().max() < 0.501
    assert restored.double().std((3, 4)).mean() > 1.5 * values.std((3, 4)).mean()


def test_contrast_of_one_part_alone_is_left_alone() -> None:
    pixels = _pixels(1, 1)[:, :, 0]
    assert torch.equal(restore(pixels, torch.tensor([[1.0, 0.0, 0.0]])), pixels)


def test_cutmix_pastes_one_rectangle_of_the_area_that_the_label_says() -> None:
    samples = 300
    mixed = CutMix()(_flat(0, 255, samples=samples), _draw(2, samples))
    inside = mixed.pixels[:, :, 0] == 255
    area = inside.double().mean(dim=(2, 3))
    assert torch.equal(area[0], area[1])  # both views share the labels' weights
    assert torch.allclose(area[0].float(), mixed.weights[:, 1], atol=1e-6)
    tall, wide = inside.any(3).sum(2), inside.any(2).sum(2)
    assert torch.equal(tall * wide, inside.sum(dim=(2, 3)))  # a rectangle without holes
    assert 0.45 < area.mean() < 0.55
    assert (area < 0.1).any()
    assert (area > 0.9).any()
    # Its place is each view's own, and lies anywhere.
    assert (inside[0] != inside[1]).any(dim=(1, 2)).double().mean() > 0.8
    assert inside.double().mean(dim=(0, 1)).min() > 0.05
    assert inside.double().mean(dim=(0, 1)).max() < 0.85


def test_cutmix_places_differ_between_groups_of_views() -> None:
    draw = _draw(2, 50)
    small = CutMix()(_flat(0, 255, samples=50)[..., : SIDE // 2, : SIDE // 2], draw)
    large = CutMix()(_flat(0, 255, samples=50), draw).pixels[..., ::2, ::2]
    same = (small.pixels == large).double().mean()
    assert same < 0.95


def test_kml_pastes_by_the_colours_of_the_first_part() -> None:
    parts = _flat(10, 100, 200)
    parts[0, 0, 0, 1, :, : SIDE // 4] = 250  # the first view's mask: a quarter is green
    parts[1, 0, 0, :, : SIDE // 2] = 90  # the second view's: half is lighter
    mixed = KML()(parts, _draw(3, 1))
    first, second = mixed.pixels[:, 0, 0]
    assert (first[:, : SIDE // 4] == 100).all()
    assert (first[:, SIDE // 4 :] == 200).all()
    assert (second[: SIDE // 2] == 100).all()
    assert (second[SIDE // 2 :] == 200).all()
    assert mixed.weights.tolist() == [[0.0, 0.375, 0.625]]


def test_kml_mixup_averages_two_of_them() -> None:
    pixels, draw = _pixels(6, 9), _draw(6, 9)
    one, other = KML()(pixels[:, :, :3], draw), KML()(pixels[:, :, 3:], draw)
    both = KML(average=True)(pixels, draw)
    mean = (one.pixels.int() + other.pixels.int() + 1) // 2
    assert torch.equal(both.pixels.int(), mean)
    assert torch.equal(both.weights, torch.cat([one.weights, other.weights], 1) / 2)


def test_clusters_are_those_of_a_naive_two_means() -> None:
    generator = np.random.default_rng(5)
    centres = generator.integers(30, 226, (12, 2, 3))
    which = generator.random((12, 16, 16)) < 0.3
    pictures = np.stack([c[w.astype(int)] for c, w in zip(centres, which, strict=True)])
    pictures = np.clip(pictures + generator.normal(0, 12, pictures.shape), 0, 255).astype(np.uint8)
    found = bright_cluster(torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()))
    for picture, mask in zip(pictures.reshape(12, -1, 3).astype(float), found, strict=True):
        chosen = mask.numpy().ravel()
        bright, dark = picture[chosen].mean(0), picture[~chosen].mean(0)
        nearer = np.square(picture - bright).sum(1) < np.square(picture - dark).sum(1)
        assert (nearer == chosen).mean() > 0.99  # a fixed point of Lloyd's algorithm
        luma = np.array([0.299, 0.587, 0.114])
        assert bright @ luma > dark @ luma


def test_a_picture_of_one_colour_has_no_bright_part() -> None:
    assert not bright_cluster(torch.full((2, 3, 8, 8), 200, dtype=torch.uint8)).any()


def test_names_mean_mixers() -> None:
    assert mixer(6) == mixer("6") == mixer("mixup:6") == MixUp(6)
    assert mixer("cutmix") == CutMix()
    assert mixer("kml") == KML()
    assert mixer("kml-mixup") == KML(average=True)
    assert [m.parts for m in (CutMix(), KML(), KML(average=True))] == [2, 3, 6]
    assert len({repr(m()) for m in MIXERS}) == len(MIXERS)  # a stream's state tells them apart
    own = MixUp(2)
    assert mixer(own) is own
    for wrong in (0, -1, 65, "mixup:99"):
        with pytest.raises(UsageError, match="`mix` must be 1 to 64"):
            mixer(wrong)
    for text in (
        "six",
        "mixup:",
        "mixup:-1",
        "kml:2",
        "",
        "6+",
        "6+sharp",
        "+contrast",
        "6++contrast",
    ):
        with pytest.raises(
            UsageError, match=r"`mix` must be one of N, mixup:N, N\+contrast, cutmix, kml"
        ):
            mixer(text)


def test_a_stream_mixes_by_name_and_resumes() -> None:
    ids = tuple(f"{i:02}" for i in range(12))
    chosen = Selection(ids, "d")

    def stream(size: int, mix: str = "kml-mixup", start: int = 0) -> Stream:
        engine = FakeEngine(lambda _: {})
        return Stream(chosen, batch_size=size, size=SIDE, mix=mix, engine=engine, start=start)

    with stream(6) as whole, stream(2, start=2) as part:
        one, state = next(whole), whole.state_dict()
        other = next(part)
        assert one.parts.shape == one.weights.shape == (6, 6)
        assert torch.equal(one.views[:, 2:4], other.views)
        assert torch.equal(one.weights[2:4], other.weights)
        # A mask's source shows none of its pixels; the label is the program that shows most.
        assert (one.weights[:, [0, 3]] == 0).all()
        main = one.parts.gather(1, one.weights.argmax(1, keepdim=True)).squeeze(1)
        assert torch.equal(one.programs, main)
        part.load_state_dict(state)
        assert torch.equal(next(part).views, next(whole).views[:, :2])
    with stream(6, "6") as blended, pytest.raises(UsageError, match="made with `mix` KML"):
        blended.load_state_dict(state)


@pytest.mark.gpu
@pytest.mark.skipif(
    not torch.cuda.is_available() and os.environ.get("PHOSPHENE_GPU") != "1",
    reason="no NVIDIA GPU here, and PHOSPHENE_GPU=1 does not promise one",
)
@pytest.mark.parametrize("make", MIXERS)
def test_a_gpu_gives_the_same_bytes(make: Callable[[], Mixer]) -> None:
    mix = make()
    pixels, draw = _pixels(mix.parts, 64), _draw(mix.parts, 64)
    here, there = mix(pixels, draw), mix(pixels.cuda(), draw)
    assert torch.equal(there.pixels.cpu(), here.pixels)
    assert torch.equal(there.weights.cpu(), here.weights)
