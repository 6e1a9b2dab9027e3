"""Pictures that look at some things and at none: coloured, shaded, with structure at every scale."""

from __future__ import annotations

import numpy as np

from phosphene.channels.noise import Field, Pixels, spectral

PHOTO_SIZE = 512
FONT_CELLS = 16
CUBE_SIZE = 64


def photo(rng: np.random.Generator, size: int = PHOTO_SIZE) -> Pixels:
    """A smooth organic surface under a light, with a few shaded blobs: uint8 [size, size, 4]."""
    height = spectral(rng, size, rng.uniform(1.4, 2.2))
    bends = [spectral(rng, size, 2.2) for _ in range(2)]
    height = _warped(height, bends, size * rng.uniform(0.02, 0.12))
    tint = _warped(spectral(rng, size, 1.8), bends, size * 0.1) + 0.5 * height
    colour = _palette(rng, tint)
    light = _lit(height, rng.uniform(0, 2 * np.pi), 12.0 * size / PHOTO_SIZE)
    for _ in range(int(rng.integers(0, 9))):
        _add_blob(rng, colour, light)
    grain = 0.015 * spectral(rng, size, 0.3)
    return _bytes(np.clip(colour * light[..., None] + grain[..., None], 0, 1))


def _warped(field: Field, bends: list[Field], amount: float) -> Field:
    size = len(field)
    y, x = np.mgrid[0:size, 0:size]
    rows = (y + amount * bends[0]).astype(np.int64) % size
    columns = (x + amount * bends[1]).astype(np.int64) % size
    return np.asarray(field[rows, columns])


def _palette(rng: np.random.Generator, field: Field) -> Field:
    """Cosine palettes: one frequency and phase a channel (I. Quilez, "palettes")."""
    centre = rng.uniform(0.35, 0.65, 3)
    phase = rng.uniform(0, 2 * np.pi) + rng.uniform(-1.4, 1.4, 3)
    wave = np.cos(field[..., None] * rng.uniform(0.5, 1.3, 3) + phase)
    return (centre + 0.35 * wave).astype(np.float32)


def _lit(height: Field, angle: float, slope: float) -> Field:
    dy = np.roll(height, -1, 0) - np.roll(height, 1, 0)
    dx = np.roll(height, -1, 1) - np.roll(height, 1, 1)
    facing = (np.cos(angle) * dx + np.sin(angle) * dy) * slope * 0.25
    lit: Field = 0.75 + 0.45 * np.tanh(facing)
    return lit


def _add_blob(rng: np.random.Generator, colour: Field, light: Field) -> None:
    """Paints a sphere with soft shadow into `colour` and `light`, around the edges, too."""
    size = len(light)
    axis = np.arange(size, dtype=np.float32)
    centre, radius = rng.uniform(0, size, 2), size * rng.uniform(0.04, 0.16)
    dx, dy = (((axis - c + size / 2) % size - size / 2) / radius for c in centre)
    square = dx[None, :] ** 2 + dy[:, None] ** 2
    inside = np.clip((1.0 - square) * radius * 0.25, 0, 1)
    bulge = np.sqrt(np.clip(1.0 - square, 0, 1))
    shade = 0.35 + 0.55 * bulge + 0.35 * (dx[None, :] + dy[:, None]) * (square < 1)
    light *= 1.0 - 0.35 * np.exp(-2.0 * np.clip(square - 1.0, 0, None)) * (1 - inside)
    light += inside * (shade - light)
    colour += inside[..., None] * (rng.uniform(0.1, 1.0, 3).astype(np.float32) - colour)


def glyphs(rng: np.random.Generator, size: int = PHOTO_SIZE) -> Pixels:
    """16 x 16 invented letters, white on black, distance to the edge in alpha: uint8 [size, size, 4].

    As in the site's font texture red is the coverage and alpha is about 0.5 on the outline.
    """
    cell = size // FONT_CELLS
    half = rng.random((FONT_CELLS, FONT_CELLS, 7, 3)) < 0.5
    letters = np.concatenate([half, half[..., 1::-1]], -1)  # 5 x 7, symmetric
    page = np.zeros((size, size), np.float32)
    pixels_per_dot = cell // 9
    for row in range(FONT_CELLS):
        for column in range(FONT_CELLS):
            dots = np.kron(letters[row, column], np.ones((pixels_per_dot, pixels_per_dot)))
            top, left = row * cell + pixels_per_dot, column * cell + 2 * pixels_per_dot
            page[top : top + dots.shape[0], left : left + dots.shape[1]] = dots
    soft: Field = page.copy()
    for axis in (0, 1) * 3:
        soft = 0.5 * soft + 0.25 * (np.roll(soft, 1, axis) + np.roll(soft, -1, axis))
    inside = np.clip(soft * 4 - 1.5, 0, 1)
    return _bytes(np.stack([inside, inside, inside], -1), 1.0 - soft)


def sound(rng: np.random.Generator) -> Pixels:
    """Row 0: a spectrum that falls with frequency; row 1: the waveform. In red: uint8 [2, 512, 4]."""
    bins = np.arange(512)
    spectrum = 0.95 * np.exp(-bins / 160.0) * (0.75 + 0.25 * np.cos(bins / rng.uniform(5, 11)))
    spectrum += 0.06 * rng.standard_normal(512) * np.exp(-bins / 300.0)
    wave = np.zeros(512)
    for harmonic in range(1, 9):
        phase = bins * harmonic * 2 * np.pi / rng.uniform(90, 220)
        wave += np.sin(phase + rng.uniform(0, 6.3)) / harmonic**1.3
    pixels = np.zeros((2, 512, 4), np.uint8)
    pixels[0, :, 0] = np.clip(spectrum * 255, 0, 255)
    pixels[1, :, 0] = np.clip(128 + 50 * wave, 0, 255)
    pixels[..., 3] = 255
    return pixels


def sky(rng: np.random.Generator, size: int = CUBE_SIZE) -> Pixels:
    """A sky with clouds and a sun over hilly ground, faces +x -x +y -y +z -z: uint8 [6, size, size, 4].

    Row 0 of a face is t = 0 (OpenGL 4.6, table 8.19), so the faces fit together for any direction.
    """
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1
    s, t = np.meshgrid(axis, axis)
    one = np.ones_like(s)
    faces = [(one, -t, -s), (-one, -t, s), (s, one, t), (s, -one, -t), (s, -t, one), (-s, -t, -one)]
    way = np.array([np.stack(face, -1) for face in faces])
    way /= np.linalg.norm(way, axis=-1, keepdims=True)
    waves = rng.standard_normal((24, 3)) * rng.uniform(1.5, 9, (24, 1))
    clouds = np.cos(way @ waves.T + rng.uniform(0, 6.3, 24)).mean(-1) * 3.0
    up = way[..., 1] + 0.05 * clouds
    sun = rng.standard_normal(3)
    sun[1] = abs(sun[1]) + 0.3
    glow = np.clip(way @ (sun / np.linalg.norm(sun)), 0, 1)[..., None]
    blue, haze, ground = rng.uniform(0.2, 0.9, (3, 3)) * (
        (0.5, 0.8, 1.2),
        (1.1, 1, 0.9),
        (0.7, 0.6, 0.5),
    )
    height = np.clip(up, 0, 1)[..., None] ** 0.5
    above = (
        haze
        + (blue - haze) * height
        + 0.25 * np.clip(clouds, 0, 1)[..., None]
        + glow**64
        + 0.2 * glow**4
    )
    below = (
        ground * (0.6 + 0.4 * clouds[..., None])
        + (haze - ground) * np.exp(6 * np.minimum(up, 0))[..., None]
    )
    return _bytes(np.clip(np.where(up[..., None] > 0, above, below), 0, 1))


def _bytes(colour: Field, alpha: Field | float = 1.0) -> Pixels:
    """Colours in 0..1 [..., 3] and alpha as uint8 [..., 4]."""
    pixels = np.empty((*colour.shape[:-1], 4), np.uint8)
    pixels[..., :3] = np.clip(colour * 255 + 0.5, 0, 255)
    pixels[..., 3] = np.clip(np.asarray(alpha) * 255 + 0.5, 0, 255)
    return pixels
