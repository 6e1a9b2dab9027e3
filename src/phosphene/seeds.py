"""Random numbers as pure arithmetic on counters.

`Philox4x32-10` (Salmon, Moraes, Dror, Shaw: *Parallel Random Numbers: As Easy as 1, 2, 3*, SC 2011)
turns a key and a counter into 128 random bits with no state in between. Every draw of Phosphene is
named by (seed, purpose, counters), so that sample 1,000,000 can be computed without the samples before
it, in any process, in any order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
WEYL = (0x9E3779B9, 0xBB67AE85)
"""What a round of Philox multiplies by, and what it adds to the key: also for `baselines.counters`."""

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)

Words = npt.NDArray[np.uint32]
Counter = int | npt.NDArray[np.integer]


def philox(counter: npt.NDArray[np.uint32], key: tuple[int, int]) -> Words:
    """Philox4x32-10.

    Args:
        counter: uint32 [..., 4].
        key: two 32-bit words.

    Returns:
        uint32 [..., 4], independent uniform words.
    """
    words = counter.astype(np.uint64)
    c0, c1, c2, c3 = (words[..., i] for i in range(4))
    k0, k1 = key
    for _ in range(10):
        p0, p1 = c0 * MULTIPLIERS[0], c2 * MULTIPLIERS[1]
        c0, c1, c2, c3 = (
            (p1 >> _HALF) ^ c1 ^ np.uint64(k0),
            p1 & _LOW,
            (p0 >> _HALF) ^ c3 ^ np.uint64(k1),
            p0 & _LOW,
        )
        k0, k1 = (k0 + WEYL[0]) & 0xFFFFFFFF, (k1 + WEYL[1]) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


def key(seed: int, purpose: str) -> tuple[int, int]:
    """The key of a purpose's numbers: two 32-bit words."""
    digest = hashlib.blake2b(f"{seed}/{purpose}".encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


def words(seed: int, purpose: str, *counters: Counter, n: int) -> Words:
    """`n` random 32-bit words for every element of the counters.

    Args:
        seed: the run's seed, any integer.
        purpose: what the numbers are for ("program", "camera" …); other purposes are independent.
        counters: one to three integers or integer arrays that broadcast to a shape S. The first may
            reach 2**48, the others 2**32; a counter that is left out equals 0.
        n: words an element, at most 2**18.

    Returns:
        uint32 [*S, n].

    Raises:
        ValueError: with no counter, or more than three.
    """
    if not 1 <= len(counters) <= 3:
        raise ValueError(f"`counters` must be 1 to 3 integers or arrays, got {len(counters)}")
    blocks = np.arange(-(-n // 4), dtype=np.uint64)
    first, second, third, block = np.broadcast_arrays(
        *(np.asarray(c).astype(np.uint64)[..., None] for c in (*counters, 0, 0)[:3]), blocks
    )
    low, high = first & _LOW, (first >> _HALF) & np.uint64(0xFFFF)
    counter = np.stack([low, high | (block << np.uint64(16)), second, third], axis=-1)
    made = philox(counter.astype(np.uint32), key(seed, purpose))
    return made.reshape(*made.shape[:-2], -1)[..., :n]


def uniforms(seed: int, purpose: str, *counters: Counter, n: int) -> npt.NDArray[np.float64]:
    """`n` numbers in [0, 1) for every element of the counters; see `words`. float64 [*S, n]."""
    return words(seed, purpose, *counters, n=n).astype(np.float64) * 2.0**-32


def below(
    limit: int, seed: int, purpose: str, *counters: Counter, n: int = 1
) -> npt.NDArray[np.int64]:
    """`n` whole numbers in [0, limit) for every element of the counters. int64 [*S, n].

    The bias of the multiplication is below limit / 2**32.

    Raises:
        ValueError: where `limit` is not in 1 … 2**31.
    """
    if not 1 <= limit <= 2**31:
        raise ValueError(f"`limit` must be in 1 … 2**31, got {limit}")
    product = words(seed, purpose, *counters, n=n).astype(np.uint64) * np.uint64(limit)
    return (product >> _HALF).astype(np.int64)


def dirichlet(parts: int, seed: int, purpose: str, *counters: Counter) -> npt.NDArray[np.float64]:
    """Weights of a convex mix, Dirichlet(1, …, 1), for every element of the counters.

    Returns:
        float64 [*S, parts], each row adds up to 1. Source: normalised exponentials (Devroye 1986).
    """
    exponentials = -np.log1p(-uniforms(seed, purpose, *counters, n=parts))
    exponentials += 1e-12
    weights: npt.NDArray[np.float64] = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return weights


def derive(seed: int, names: Sequence[object]) -> int:
    """A seed of its own for a part of the work, e.g. `derive(seed, ["synth", 3])`. 63 bits."""
    text = "/".join(str(n) for n in (seed, *names))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") >> 1
