"""The random numbers of `phosphene.seeds`, made where the pictures are made.

Words are equal to those of `seeds.words` on every device; what is computed from them in floating point
is equal on the same device.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from phosphene.seeds import MULTIPLIERS, WEYL, key
from phosphene.views import Ints

_LOW = 0xFFFFFFFF
_ROUNDS = 10


class Counters:
    """Draws for n pictures.

    Args:
        seed: of the pictures.
        purpose: what they are; other purposes are independent.
        numbers: int64 [n], the pictures' numbers, each in [0, 2**48).
        device: where numbers are wanted.
    """

    def __init__(self, seed: int, purpose: str, numbers: Ints, device: torch.device) -> None:
        self.seed, self.purpose, self.numbers, self.device = seed, purpose, numbers, device
        self._numbers = torch.from_numpy(np.ascontiguousarray(numbers)).to(device)

    def __len__(self) -> int:
        return len(self._numbers)

    def words(self, what: str, count: int, counter: int = 0) -> Tensor:
        """`seeds.words(seed, "purpose/what", numbers, counter, n=count)`; int64 [n, count].

        Beyond the 2**18 words that it gives, those of the next third counter follow.
        """
        blocks = torch.arange(-(-count // 4), device=self.device)
        low, high = self._numbers & _LOW, self._numbers >> 32 & 0xFFFF
        even = torch.empty((2, len(self), len(blocks)), dtype=torch.int64, device=self.device)
        even[0], even[1] = low[:, None], counter
        odd = torch.empty_like(even)
        odd[0], odd[1] = high[:, None] | (blocks & 0xFFFF) << 16, blocks >> 16
        even, odd = _philox(even, odd, key(self.seed, f"{self.purpose}/{what}"))
        made = torch.stack([even[0], odd[0], even[1], odd[1]], dim=-1)
        return made.reshape(len(self), -1)[:, :count]

    def uniforms(self, what: str, *shape: int, counter: int = 0) -> Tensor:
        """Numbers in [0, 1), float32 [n, *shape]."""
        words = self.words(what, math.prod(shape), counter)
        return _uniform(words).reshape(len(self), *shape)

    def normals(self, what: str, *shape: int, counter: int = 0) -> Tensor:
        """Numbers of the standard normal distribution (Box and Muller 1958), float32 [n, *shape]."""
        count = math.prod(shape)
        both = _normal(self.uniforms(what, 2, -(-count // 2), counter=counter))
        return both[:, :count].reshape(len(self), *shape)


class Stock:
    """Many numbers drawn at once and handed out piece by piece.

    On a GPU a draw costs some hundred small kernels however few numbers it makes.
    """

    def __init__(self, draws: Counters, what: str, count: int) -> None:
        """Draws `count` words for each picture."""
        self._words, self._taken = draws.words(what, count), 0

    def uniforms(self, *shape: int) -> Tensor:
        """As `Counters.uniforms`; ValueError where the stock is too small."""
        end = self._taken + math.prod(shape)
        if end > self._words.shape[1]:
            raise ValueError(f"the stock holds {self._words.shape[1]} words, {end} are wanted")
        words = self._words[:, self._taken : end]
        self._taken = end
        return _uniform(words).reshape(len(words), *shape)

    def normals(self, *shape: int) -> Tensor:
        """As `Counters.normals`; takes an even number of words."""
        count = math.prod(shape)
        return _normal(self.uniforms(2, -(-count // 2)))[:, :count].reshape(-1, *shape)


def _uniform(words: Tensor) -> Tensor:
    """Numbers in [0, 1) from the upper 24 bits; float32."""
    return (words >> 8).float() * 2.0**-24


def _normal(u: Tensor) -> Tensor:
    """Box and Muller 1958: [n, 2, N] uniforms → [n, 2 N] normals."""
    radius, angle = torch.sqrt(-2 * torch.log1p(-u[:, 0])), 2 * math.pi * u[:, 1]
    return torch.cat([radius * torch.cos(angle), radius * torch.sin(angle)], dim=1)


def _philox(even: Tensor, odd: Tensor, words: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Philox4x32-10 as in `phosphene.seeds`, on 32-bit words in int64 tensors.

    A product of two words may wrap to a negative number; its bits, which are all that is used, do not.

    Args:
        even: [2, …], the first and third word of every counter.
        odd: [2, …], the second and fourth.
        words: the key.
    """
    turns = [
        [(k + turn * w) & _LOW for k, w in zip(words, WEYL, strict=True)] for turn in range(_ROUNDS)
    ]
    shape = (2,) + (1,) * (even.ndim - 1)
    keys = torch.tensor(turns, device=even.device).reshape(_ROUNDS, *shape)
    factors = torch.tensor([int(m) for m in MULTIPLIERS], device=even.device).reshape(shape)
    for turn in keys:
        product = (even * factors).flip(0)
        even = (product >> 32).bitwise_and_(_LOW).bitwise_xor_(odd).bitwise_xor_(turn)
        odd = product.bitwise_and_(_LOW)
    return even, odd
