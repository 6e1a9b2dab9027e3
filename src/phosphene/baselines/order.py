"""The order in which a finite set is visited: every picture once an epoch, in an order of its own."""

from __future__ import annotations

import math

import numpy as np

from phosphene import seeds
from phosphene.views import Ints

_ROUNDS = 4


def visit(slots: Ints, count: int, seed: int) -> Ints:
    """Which picture each slot of the endless sequence shows.

    Slot s is place s % count of epoch s // count. An epoch's order is a permutation that is computed, not
    stored: a Feistel network over the next power of four, walked until it falls inside the set (Black,
    Rogaway: *Ciphers with Arbitrary Finite Domains*, CT-RSA 2002).

    Args:
        slots: int64 [S], each in [0, 2**48).
        count: pictures of the set, at least 1.
        seed: of the run.

    Returns:
        int64 [S], each in [0, count).
    """
    epoch, place = slots // count, slots % count
    half = max(1, math.ceil(math.log2(max(2, count)) / 2))
    found = _encipher(place, epoch, half, seed)
    while (outside := found >= count).any():
        found[outside] = _encipher(found[outside], epoch[outside], half, seed)
    return found


def _encipher(value: Ints, epoch: Ints, half: int, seed: int) -> Ints:
    """A permutation of 0 … 4**half - 1 for every epoch."""
    mask = (1 << half) - 1
    left, right = value >> half, value & mask
    for turn in range(_ROUNDS):
        words = seeds.words(seed, "epoch", epoch, right, turn, n=1)[..., 0].astype(np.int64)
        left, right = right, left ^ (words & mask)
    return left << half | right
