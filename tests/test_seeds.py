"""Random numbers on counters: the published vectors, uniformity, independence."""

from __future__ import annotations

import numpy as np
import pytest

from phosphene import seeds

# Random123's known answers for philox4x32-10 (tests/kat_vectors of the paper's library).
KNOWN = [
    (
        "00000000 00000000 00000000 00000000",
        "00000000 00000000",
        "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    ),
    (
        "ffffffff ffffffff ffffffff ffffffff",
        "ffffffff ffffffff",
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
    ),
    (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


def _words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_published_answers(counter: str, key: str, answer: str) -> None:
    first, second = _words(key)
    got = seeds.philox(np.array(_words(counter), np.uint32), (first, second))
    assert got.tolist() == _words(answer)


def test_words_of_many_counters_equal_those_of_each() -> None:
    index = np.array([0, 1, 2**32 - 1, 2**32, 2**47 + 5])
    part = np.arange(3)
    together = seeds.words(7, "x", index[:, None], part, 9, n=11)
    assert together.shape == (5, 3, 11)
    for row, i in enumerate(index):
        for column, p in enumerate(part):
            alone = seeds.words(7, "x", int(i), int(p), 9, n=11)
            assert (together[row, column] == alone).all()


def test_every_counter_seed_and_purpose_matters() -> None:
    base = seeds.words(1, "program", 5, 6, 7, n=4).tolist()
    others = [
        seeds.words(2, "program", 5, 6, 7, n=4),
        seeds.words(-1, "program", 5, 6, 7, n=4),
        seeds.words(1, "camera", 5, 6, 7, n=4),
        seeds.words(1, "program", 5 + 2**32, 6, 7, n=4),
        seeds.words(1, "program", 6, 5, 7, n=4),
        seeds.words(1, "program", 5, 6, 8, n=4),
    ]
    seen = [base, *(words.tolist() for words in others)]
    assert len({tuple(words) for words in seen}) == len(seen)


def test_more_words_begin_with_the_fewer() -> None:
    assert (seeds.words(0, "x", 3, n=100)[:7] == seeds.words(0, "x", 3, n=7)).all()
    assert len(np.unique(seeds.words(0, "x", 3, n=1000))) == 1000


def test_a_counter_left_out_is_zero() -> None:
    assert (seeds.words(0, "x", 3, n=4) == seeds.words(0, "x", 3, 0, 0, n=4)).all()


@pytest.mark.parametrize("counters", [(), (1, 2, 3, 4)])
def test_one_to_three_counters(counters: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="1 to 3"):
        seeds.words(0, "x", *counters, n=1)


def test_uniforms_are_uniform_in_value_and_in_pairs() -> None:
    u = seeds.uniforms(3, "x", np.arange(20_000), n=3)
    assert u.min() >= 0
    assert u.max() < 1
    counts = np.histogram(u, bins=50, range=(0, 1))[0]
    chi2 = ((counts - counts.mean()) ** 2 / counts.mean()).sum()
    assert chi2 < 96  # 49 degrees of freedom: 1 in 10,000
    pairs = np.histogram2d(u[:-1, 0], u[1:, 0], bins=10, range=[(0, 1), (0, 1)])[0]
    assert ((pairs - pairs.mean()) ** 2 / pairs.mean()).sum() < 161  # 99 degrees of freedom


def test_purposes_and_words_are_uncorrelated() -> None:
    index = np.arange(20_000)
    columns = [
        seeds.uniforms(3, purpose, index, n=2) for purpose in ("program", "camera", "latent")
    ]
    correlation = np.corrcoef(np.concatenate(columns, axis=1).T) - np.eye(6)
    assert np.abs(correlation).max() < 5 / np.sqrt(len(index))


def test_below_reaches_every_number_equally() -> None:
    numbers = seeds.below(7, 0, "x", np.arange(14_000), n=2)
    counts = np.bincount(numbers.ravel(), minlength=7)
    assert len(counts) == 7
    assert ((counts - 4000) ** 2 / 4000).sum() < 28  # 6 degrees of freedom: 1 in 10,000


@pytest.mark.parametrize("limit", [0, -3, 2**31 + 1])
def test_below_refuses_impossible_limits(limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        seeds.below(limit, 0, "x", 0)


def test_dirichlet_weights_are_a_flat_simplex() -> None:
    weights = seeds.dirichlet(6, 0, "mix", np.arange(20_000))
    assert weights.sum(axis=1) == pytest.approx(1)
    assert weights.min() > 0
    assert weights.mean(axis=0) == pytest.approx(1 / 6, abs=0.005)
    # Var of a Dirichlet(1, ..., 1) component: (n - 1) / (n² (n + 1)).
    assert weights.var(axis=0) == pytest.approx(5 / (36 * 7), rel=0.05)


def test_derived_seeds_differ_by_name_and_order() -> None:
    made = {seeds.derive(0, names) for names in (["a", 1], ["a", 2], [1, "a"], ["b", 1], [])}
    assert len(made) == 5
    assert all(0 <= seed < 2**63 for seed in made)
    assert seeds.derive(0, ["a", 1]) == seeds.derive(0, ["a", 1])
