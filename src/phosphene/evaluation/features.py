"""What a frozen backbone sees in a dataset, kept on the disk for the next time."""

from __future__ import annotations

import concurrent.futures
import contextlib
import math
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor

from phosphene.decoding import Picture, decode
from phosphene.evaluation.datasets import LabelledImages, fingerprint
from phosphene.evaluation.feature_cache import FeatureCache
from phosphene.evaluation.judged import Judged

FEATURES_VERSION = 1
"""Raised when the same image would give other features: old cache entries are then not met again."""

KEPT_PIXELS = 128 << 20
"""Bytes: the pixels of a dataset are kept beside its features up to here, 10,000 images of 64 px. A
comparison judges dozens of backbones on the same images, and decoding them costs more than a GPU takes."""


def extract(
    judged: Judged,
    data: LabelledImages,
    cache: FeatureCache,
    device: torch.device | str = "cpu",
    batch_size: int = 256,
    show: Callable[[int, int], None] | None = None,
) -> Tensor:
    """Features of all of a dataset's images, in its order.

    Images are scaled so that the shorter side is the backbone's input size (bicubic, antialiased), and
    the middle square is cut out.

    Args:
        judged: the backbone.
        data: the dataset.
        cache: where features are looked for and kept.
        device: where the backbone runs.
        batch_size: images at once.
        show: is told after every batch how many images are done, and of how many.

    Returns:
        float32 [N, D] on the CPU.
    """
    device = torch.device(device)
    size, norm = judged.config.size, judged.normalisation
    key = fingerprint(
        [
            FEATURES_VERSION,
            judged.digest,
            repr(judged.config),
            data.fingerprint,
            f"bicubic {size} {norm.mean} {norm.std} {device.type}",
        ]
    )
    known = cache.get(key)
    if known is not None and len(known) == len(data):
        return known
    model = judged.model.to(device)
    mean = torch.tensor(norm.mean, device=device).view(3, 1, 1) * 255
    std = torch.tensor(norm.std, device=device).view(3, 1, 1) * 255
    rows, done = [], 0
    with torch.inference_mode(), _chosen_alike():
        for part in _pixels(data, size, cache, batch_size):
            pixels = part.to(device)
            rows.append(model((pixels.float() - mean) / std).float().cpu())
            done += len(part)
            if show:
                show(done, len(data))
    features = torch.cat(rows)
    cache.put(key, features)
    return features


@contextlib.contextmanager
def _chosen_alike() -> Iterator[None]:
    """Lets cuDNN choose by rule: a process that has just trained would try all choices for every new shape
    of a batch, and might come to other ones than a process that only judges."""
    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


def _pixels(
    data: LabelledImages, size: int, cache: FeatureCache, batch_size: int
) -> Iterator[Tensor]:
    """The images in batches, uint8 [B, 3, size, size], made one batch ahead; kept where they are few."""
    shape = (len(data), 3, size, size)
    few = cache.directory is not None and math.prod(shape) <= KEPT_PIXELS
    key = fingerprint([FEATURES_VERSION, "pixels", data.fingerprint, f"bicubic {size}"])
    known = cache.get(key) if few else None
    if known is not None and known.shape == shape:
        yield from torch.split(known, batch_size)
        return
    made: list[Tensor] = []
    with concurrent.futures.ThreadPoolExecutor(1) as ahead:
        pending = ahead.submit(squares, data, 0, batch_size, size)
        for start in range(0, len(data), batch_size):
            part = torch.from_numpy(pending.result())
            pending = ahead.submit(squares, data, start + batch_size, batch_size, size)
            if few:
                made.append(part)
            yield part
    if few:
        cache.put(key, torch.cat(made))


def squares(data: LabelledImages, start: int, count: int, size: int) -> npt.NDArray[np.uint8]:
    """The images from `start` on, decoded on all cores. uint8 [B, 3, size, size]."""
    pictures: Sequence[Picture] = data.images[start : start + count]
    made = np.empty((len(pictures), 3, size, size), np.uint8)

    def make(i: int) -> None:
        picture = pictures[i]
        name = picture if isinstance(picture, Path) else f"image {start + i} of {data.name}"
        made[i] = np.asarray(square(decode(picture, str(name)), size)).transpose(2, 0, 1)

    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        list(pool.map(make, range(len(pictures))))
    return made


def square(image: Image.Image, size: int) -> Image.Image:
    """The middle square of an image, scaled to `size` px."""
    side = min(image.size)
    left, top = (image.width - side) / 2, (image.height - side) / 2
    box = (left, top, left + side, top + side)
    return image.resize((size, size), Image.Resampling.BICUBIC, box)
