"""Noise: white, blue and fractal, on a torus, so that it repeats without a seam."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]

RGBA_SHIFT = (37, 17)
"""Of Shadertoy's RGBA noise: G(x + 37, y + 17) = R(x, y), so one fetch gives two slices of a 3D noise
(I. Quilez, "value noise in 3D from a 2D texture")."""


def gray(rng: np.random.Generator, *shape: int) -> Pixels:
    """White noise in red, as the site's one-channel textures read: uint8 [*shape, 4]."""
    pixels = np.zeros((*shape, 4), np.uint8)
    pixels[..., 0] = rng.integers(0, 256, shape, np.uint8)
    pixels[..., 3] = 255
    return pixels


def rgba(rng: np.random.Generator, size: int) -> Pixels:
    """White noise whose green is its red, and whose alpha is its blue, moved: uint8 [size, size, 4]."""
    pixels = np.empty((size, size, 4), np.uint8)
    across, up = RGBA_SHIFT
    for first in (0, 2):
        pixels[..., first] = rng.integers(0, 256, (size, size), np.uint8)
        pixels[..., first + 1] = np.roll(pixels[..., first], (up, across), (0, 1))
    return pixels


def white(rng: np.random.Generator, *shape: int) -> Pixels:
    """Independent white noise in four channels: uint8 [*shape, 4]."""
    return rng.integers(0, 256, (*shape, 4), np.uint8)


def blue(rng: np.random.Generator, size: int) -> Pixels:
    """Noise without low frequencies, every value equally frequent: uint8 [size, size, 4]."""
    pixels = np.empty((size, size, 4), np.uint8)
    for c in range(4):
        field = spectral(rng, size, -1.0)
        ranks = field.ravel().argsort().argsort().reshape(size, size)
        pixels[..., c] = ranks * 256 // (size * size)
    return pixels


def bayer(bits: int = 3) -> Pixels:
    """The ordered-dither matrix (B. Bayer, 1973) of 2^bits columns: uint8 [2^bits, 2^bits, 4]."""
    matrix = np.zeros((1, 1), np.int64)
    for _ in range(bits):
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    value = matrix * 256 // matrix.size
    return np.stack([value, value, value, np.full_like(value, 255)], -1).astype(np.uint8)


def spectral(rng: np.random.Generator, size: int, exponent: float) -> Field:
    """Noise whose amplitude falls as 1 / frequency^exponent, mean 0, deviation 1: [size, size]."""
    fx, fy = np.fft.rfftfreq(size), np.fft.fftfreq(size)[:, None]
    frequency = np.hypot(fx, fy)
    frequency[0, 0] = np.inf if exponent > 0 else 1.0
    spectrum = np.fft.rfft2(rng.standard_normal((size, size))) * frequency**-exponent
    spectrum[0, 0] = 0.0
    field = np.fft.irfft2(spectrum, (size, size))
    return np.asarray(field / field.std(), np.float32)
