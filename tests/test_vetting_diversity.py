"""The feature space, what is measured in it, and the diversity of sets."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from phosphene.bank import Bank, Status, Verdict
from phosphene.cli import bank as bank_command
from phosphene.errors import UsageError
from phosphene.program import Dialect, Program
from phosphene.vetting import Policy, features, measure, packed, set_diversity, unpacked, vendi
from phosphene.vetting.diversity import apart
from phosphene.vetting.features import LENGTH
from phosphene.vetting.measures import diversity, edges, slope

SIDE = 96


def _noise(seed: int, power: float = 0.0, side: int = SIDE) -> np.ndarray:
    """A picture whose power falls with the frequency to -power, uint8 [3, H, W]."""
    white = np.random.default_rng(seed).normal(size=(3, side, side))
    frequency = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.fftfreq(side))
    frequency[0, 0] = 1.0
    shaped = np.fft.ifft2(np.fft.fft2(white) * frequency ** (-power / 2)).real
    low, high = shaped.min(), shaped.max()
    return ((shaped - low) / (high - low) * 255).astype(np.uint8)


def _stripes(across: bool, colour: tuple[int, int, int] = (255, 255, 255)) -> np.ndarray:
    line = (np.arange(SIDE) // 8 % 2)[None, :] * np.ones((SIDE, 1), np.int64)
    plane = line if across else line.T
    return (plane[None] * np.array(colour)[:, None, None]).astype(np.uint8)


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    a, b = features(np.stack([one, other]))
    return float(a @ b)


def test_a_picture_has_length_one_and_depends_on_nothing_else() -> None:
    frames = np.stack([_noise(i, 2.0) for i in range(5)])
    whole = features(frames)
    assert whole.shape == (5, LENGTH)
    assert whole.dtype == np.float32
    assert np.allclose(np.linalg.norm(whole, axis=1), 1.0, atol=1e-5)
    assert np.allclose(features(frames[3:4]), whole[3:4], atol=1e-6)
    black = np.zeros((1, 3, SIDE, SIDE), np.uint8)
    assert np.isfinite(features(black)).all()


@pytest.mark.parametrize("size", [(1, 1), (4, 9), (16, 16), (33, 50), (96, 64), (256, 256)])
def test_every_size_of_picture_has_features(size: tuple[int, int]) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (2, 3, *size), dtype=np.uint8)
    assert features(frames).shape == (2, LENGTH)


def test_colour_direction_and_texture_tell_pictures_apart() -> None:
    upright, lying = _stripes(True), _stripes(False)
    red = _stripes(True, (255, 0, 0))
    assert _alike(upright, upright) == pytest.approx(1.0, abs=1e-5)
    assert _alike(upright, lying) < 0.9
    assert _alike(upright, red) < 0.9
    assert _alike(_noise(0), _noise(1)) > 0.95  # two drawings of one texture
    assert _alike(_noise(0), _noise(0, 3.0)) < 0.9
    assert _alike(upright, red) > _alike(lying, red)


def test_features_are_the_same_in_another_process() -> None:
    code = (
        "import numpy as np; from phosphene.vetting import features;"
        "f = np.random.default_rng(4).integers(0, 256, (2, 3, 96, 96), dtype=np.uint8);"
        "import sys; assert 'torch' not in sys.modules;"
        "print(features(f).astype('<f2').tobytes().hex())"
    )
    told = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert told[0].stdout == told[1].stdout
    frames = np.random.default_rng(4).integers(0, 256, (2, 3, 96, 96), dtype=np.uint8)
    assert told[0].stdout.strip() == features(frames).astype("<f2").tobytes().hex()


def test_diversity_is_half_the_mean_squared_distance_rooted() -> None:
    basis = np.eye(3, LENGTH, dtype=np.float32)
    assert diversity(basis) == pytest.approx(1.0)
    assert diversity(basis[[0, 0, 0]]) == 0.0
    assert diversity(basis[[0, 0, 1]]) == pytest.approx(np.sqrt(2 / 3))
    assert diversity(basis[:1]) == 0.0
    same, changing = [_noise(1)] * 4, [_stripes(True), _stripes(False), _noise(0), _noise(1, 3.0)]
    policy = Policy(times=(0.0, 1.0, 2.0))
    measured = [measure(np.stack(f), 0.0, 0.1, policy)["diversity"] for f in (same, changing)]
    assert measured[0] == pytest.approx(0.0, abs=1e-4)
    assert measured[1] > 0.3


def test_the_slope_of_shaped_noise_is_found() -> None:
    for power in (0.0, 1.0, 2.0, 3.0):
        frames = np.stack([_noise(i, power) for i in range(6)]).astype(np.float32)
        assert slope(frames) == pytest.approx(-power, abs=0.25)
    assert np.isnan(slope(np.full((2, 3, SIDE, SIDE), 9.0, np.float32)))


def test_edges_are_counted() -> None:
    assert edges(np.full((1, 3, SIDE, SIDE), 9.0, np.float32)) == 0.0
    # One step every eight pixels, seen from both of its sides.
    striped = edges(_stripes(True)[None].astype(np.float32))
    assert striped == pytest.approx(2 / 8, abs=0.02)


def test_the_vendi_score_counts_what_differs() -> None:
    far = np.eye(8) * 100.0
    assert vendi(far) == pytest.approx(8.0)
    assert vendi(np.repeat(far[:1], 8, axis=0)) == pytest.approx(1.0)
    assert vendi(np.repeat(far[:2], 4, axis=0)) == pytest.approx(2.0)
    # Against the definition, with a full eigendecomposition of the kernel's matrix.
    points = np.random.default_rng(0).normal(size=(20, 5)) * 0.3
    kernel = np.array(
        [[np.exp(-np.square(a - b).sum() / (2 * 0.35**2)) for b in points] for a in points]
    )
    values = np.linalg.eigvals(kernel / 20).real
    values = values[values > 0]
    assert vendi(points) == pytest.approx(np.exp(-(values * np.log(values)).sum()))


def test_apart_is_the_mean_over_pairs() -> None:
    points = np.random.default_rng(0).normal(size=(15, 4))
    pairs = [np.square(a - b).sum() for i, a in enumerate(points) for b in points[:i]]
    assert apart(points) == pytest.approx(np.sqrt(0.5 * np.mean(pairs)))
    assert apart(points[:1]) == 0.0


def test_a_bank_keeps_points_and_says_how_diverse_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bank.db"
    with Bank.open(path, create=True) as bank:
        points = {}
        for number in range(6):
            program = Program.of(
                Dialect.SHADERTOY,
                f"void mainImage(out vec4 o, in vec2 p) {{ o = vec4({number}.); }}",
            )
            bank.add(program)
            frames = np.stack([_noise(number // 2 * 10, number // 2), _noise(5, number // 2)])
            seen = features(frames)
            points[program.id] = packed(seen)
            within = {"diversity": diversity(seen)}
            verdict = Verdict(program.id, Status.ACCEPTED, "", "p", "v", within, packed(seen))
            bank.record_verdicts([verdict])
            if number == 0:  # judged again without features: they stay
                bank.record_verdicts([Verdict(program.id, Status.ACCEPTED)])
        assert bank.features(points) == points
        found = set_diversity(bank.features(points), {})
    assert found.programs == found.compared == 6
    assert 1.0 < found.effective < 3.05  # three kinds of noise, two of each
    assert np.isnan(found.within)

    parser = argparse.ArgumentParser()
    bank_command.add_parser(parser.add_subparsers(dest="command", required=True))
    assert (
        bank_command.run(parser.parse_args(["bank", "diversity", "--bank", str(path), "--json"]))
        == 0
    )
    printed = json.loads(capsys.readouterr().out)
    assert printed["effective"] == pytest.approx(found.effective)
    assert 0 < printed["within"] < 1
    assert bank_command.run(parser.parse_args(["bank", "diversity", "--bank", str(path)])) == 0
    assert "effective programs (Vendi score)" in capsys.readouterr().out


def test_a_large_set_is_drawn_from(monkeypatch: pytest.MonkeyPatch) -> None:
    from phosphene.vetting import diversity as module

    monkeypatch.setattr(module, "MOST", 10)
    random = np.random.default_rng(0).random((30, LENGTH)).astype("<f2")
    vectors = {f"{i:02}": row.tobytes() for i, row in enumerate(random)}
    found = set_diversity(vectors, {}, seed=3)
    assert (found.programs, found.compared) == (30, 10)
    turned = set_diversity(dict(reversed(vectors.items())), {}, seed=3)
    assert turned.effective == found.effective
    assert set_diversity(vectors, {}, seed=4).effective != found.effective


def test_what_is_missing_is_said() -> None:
    with pytest.raises(UsageError, match=r"no program has features yet; .*phosphene vet"):
        set_diversity({}, {})
    with pytest.raises(UsageError, match=f"features must have {2 * LENGTH} bytes, got 4"):
        unpacked([b"1234"])
