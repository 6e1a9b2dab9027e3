"""Pictures of every kind as RGB in 8 bits: files, encoded bytes, arrays; grey, palette, 16 bits and floats."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from phosphene.errors import PhospheneError

Picture = bytes | Path | npt.NDArray[np.uint8] | Image.Image
"""An encoded image, a file, uint8 [H, W] or [H, W, 3], or a PIL image."""

SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm"}
"""Of files that are taken for pictures."""

UNKNOWN = "it is no picture of a known kind; leave it out, or store it as PNG or JPEG"


def picture_files(directory: Path) -> list[Path]:
    """The pictures below a directory, in the order of their paths; hidden files are none, nor what hidden folders hold."""
    return sorted(
        p
        for p in directory.rglob("*")
        if p.suffix.lower() in SUFFIXES
        and not any(part.startswith(".") for part in p.relative_to(directory).parts)
        and p.is_file()
    )


def decode(picture: Picture, name: str = "an image") -> Image.Image:
    """A picture as RGB. Grey levels of more than 8 bits are scaled to the image's own range.

    Raises:
        PhospheneError: it cannot be decoded; `name` says which.
    """
    try:
        if isinstance(picture, np.ndarray):
            image = Image.fromarray(picture)
        elif isinstance(picture, Image.Image):
            image = picture
        else:
            image = Image.open(io.BytesIO(picture) if isinstance(picture, bytes) else picture)
        if image.mode in ("I", "F") or image.mode.startswith("I;16"):
            image = Image.fromarray(_scaled(np.asarray(image, np.float32)))
        return image.convert("RGB")
    except UnidentifiedImageError:
        raise PhospheneError(f"cannot decode {name}: {UNKNOWN}") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PhospheneError(f"cannot decode {name}: {error}") from error


def _scaled(levels: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Levels to 0 … 255; what is not a number is black, infinities are black and white."""
    known = levels[np.isfinite(levels)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    within = np.nan_to_num(levels, nan=low, posinf=high, neginf=low)
    return ((within - low) / max(high - low, 1e-12) * 255).round().astype(np.uint8)
