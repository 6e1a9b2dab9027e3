"""Stand-ins for textures."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from phosphene.channels import CONTENTS, channel_of, standin
from phosphene.errors import UsageError
from phosphene.program import Channel, ChannelKind, Filter, Wrap


def texture(content: str = "", **settings: object) -> Channel:
    return Channel(ChannelKind.TEXTURE, content, **settings)  # type: ignore[arg-type]


def test_rgba_noise_holds_two_slices_in_one_fetch() -> None:
    for size in (64, 256):
        red, green = (standin(texture(f"noise-rgba-{size}")).pixels[..., c] for c in (0, 1))
        y, x = np.mgrid[0:size, 0:size]
        assert (green[(y + 17) % size, (x + 37) % size] == red).all()
        assert abs(np.corrcoef(red.ravel(), green.ravel())[0, 1]) < 0.05


def test_every_content_is_a_texture_of_its_kind_and_not_blank() -> None:
    kinds = {"2d": ChannelKind.TEXTURE, "cube": ChannelKind.CUBEMAP, "volume": ChannelKind.VOLUME}
    for content, (kind, maker) in CONTENTS.items():
        if content != next(name for name, entry in CONTENTS.items() if entry[1] is maker):
            continue  # another seed of the same maker
        made = standin(Channel(kinds[kind], content))
        assert made.kind == kind
        assert made.pixels.dtype == np.uint8
        assert made.pixels.shape[-1] == 4
        assert made.pixels.ndim == (3 if kind == "2d" else 4)
        if content != "keyboard":
            assert made.pixels[..., 0].std() > 10


def test_sizes_are_those_authors_count_on() -> None:
    assert standin(texture("noise-gray-64")).size == (64, 64, 1)
    assert standin(texture("bayer")).size == (8, 8, 1)
    assert standin(Channel(ChannelKind.KEYBOARD)).size == (256, 3, 1)
    assert standin(Channel(ChannelKind.MUSIC)).size == (512, 2, 1)
    assert standin(Channel(ChannelKind.VOLUME)).size == (32, 32, 32)
    assert standin(Channel(ChannelKind.CUBEMAP)).pixels.shape[0] == 6


def test_bayer_orders_all_64_thresholds() -> None:
    values = standin(texture("bayer")).pixels[..., 0]
    assert sorted(values.ravel()) == list(range(0, 256, 4))
    assert values[0, 0] == 0


def test_blue_noise_is_even_and_lacks_low_frequencies() -> None:
    red = standin(texture("noise-blue")).pixels[..., 0].astype(float)
    assert np.bincount(red.astype(int).ravel(), minlength=256).std() == 0
    spectrum = abs(np.fft.fft2(red - red.mean())) ** 2
    assert spectrum[1:8, 1:8].mean() < 0.05 * spectrum[100:120, 100:120].mean()


def test_the_sky_fits_together_at_the_edges_and_is_above() -> None:
    faces = standin(Channel(ChannelKind.CUBEMAP)).pixels[..., :3].astype(float)
    px, nx, py, ny, pz, nz = faces
    # t runs downward on the side faces: row 0 touches the sky, the last row the ground
    for left, right in ((pz, px), (px, nz), (nz, nx), (nx, pz)):
        assert abs(left[:, -1] - right[:, 0]).mean() < 12
    assert abs(pz[0] - py[-1]).mean() < 12
    assert abs(pz[-1] - ny[0]).mean() < 12
    assert abs(py.mean((0, 1)) - ny.mean((0, 1))).sum() > 30


def test_standins_are_the_same_in_another_process_and_differ_by_variant() -> None:
    code = (
        "import hashlib; from phosphene.channels import standin\n"
        "from phosphene.program import Channel, ChannelKind\n"
        "made = standin(Channel(ChannelKind.CUBEMAP, 'sky-3'), 2)\n"
        "print(hashlib.sha256(made.pixels.tobytes()).hexdigest())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(outputs) == 1
    first, second = (standin(texture("photo-3"), variant).pixels for variant in (0, 1))
    assert (first != second).mean() > 0.5
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0, 0] = 1


def test_pictures_repeat_without_a_seam_and_turn_over_without_vflip() -> None:
    pixels = standin(texture("photo-5")).pixels.astype(float)
    inner = abs(pixels[1:] - pixels[:-1]).mean()
    assert abs(pixels[0] - pixels[-1]).mean() < 2 * inner
    turned = standin(texture("photo-5", vflip=False)).pixels
    assert (turned[::-1] == pixels).all()
    noise = [standin(texture("noise-rgba-64", vflip=v)).pixels for v in (True, False)]
    assert (noise[0] == noise[1]).all()


@pytest.mark.parametrize(
    ("ctype", "src", "kind", "content"),
    [
        ("texture", "/media/a/f735bee5b64ef98879dc618b016ecf79.png", "texture", "noise-rgba-256"),
        ("texture", "/presets/tex12.png", "texture", "noise-gray-64"),
        ("volume", "/media/a/aea6b99da1d53055.bin", "volume", "volume-rgba"),
        ("musicstream", "https://example.org/song", "music", ""),
        ("webcam", "", "video", ""),
        ("buffer", "/media/previz/buffer00.png", "buffer", ""),
        ("keyboard", "/presets/tex00.jpg", "keyboard", ""),
    ],
)
def test_inputs_of_shadertoy_become_channels(ctype: str, src: str, kind: str, content: str) -> None:
    sampler = {"filter": "nearest", "wrap": "clamp", "vflip": "false", "srgb": "false"}
    channel = channel_of(ctype, src, sampler)
    assert channel == Channel(ChannelKind(kind), content, Wrap.CLAMP, Filter.NEAREST, False)
    if kind != "buffer":
        assert standin(channel).filter is Filter.NEAREST


def test_unknown_files_get_photos_and_unknown_types_nothing() -> None:
    channels = [channel_of("texture", f"/media/a/{name}.jpg") for name in ("aa", "ab", "aa")]
    assert channels[0] == channels[2] != channels[1]
    assert channels[0] is not None
    assert channels[0].content.startswith("photo-")
    assert channel_of("smell", "x") is None
    assert channel_of("texture", "x", {"wrap": "knot", "filter": None}) is not None


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        (texture("nonsense"), "`content` must be one of noise-gray-64, .*'nonsense'"),
        (
            Channel(ChannelKind.CUBEMAP, "bayer"),
            "'bayer' is no content for a channel of kind 'cubemap'",
        ),
        (Channel(ChannelKind.BUFFER), "kind 'buffer' has no stand-in"),
    ],
)
def test_what_does_not_fit_is_refused(channel: Channel, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        standin(channel)
