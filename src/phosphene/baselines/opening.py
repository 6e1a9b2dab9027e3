"""A baseline by its name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import torch

from phosphene.baselines import photos
from phosphene.baselines.dead_leaves import DeadLeaves
from phosphene.baselines.fractals import Fractals
from phosphene.baselines.images import Images, Live, Pool, Report
from phosphene.baselines.noise import Noise
from phosphene.baselines.painter import Painter
from phosphene.baselines.source import PictureSource
from phosphene.baselines.stylegan import StyleGAN
from phosphene.errors import UsageError
from phosphene.mixing import Mixer, mixer
from phosphene.progress import ProgressBar
from phosphene.sampling import CameraPolicy, ViewGroup
from phosphene.stream.transfer import Lane

PAINTERS: dict[str, Callable[[], Painter]] = {
    "dead-leaves": DeadLeaves,
    "fractals": Fractals,
    "noise": Noise,
    "stylegan": StyleGAN,
}
"""Baselines that paint. A new one is added here, and nowhere else."""

FILES: dict[str, Callable[[str], photos.Photos]] = {
    "folder": photos.folder,
    "parquet": photos.parquet,
}
"""Baselines that read."""

FORMS = f"{', '.join(PAINTERS)}, folder:DIR or parquet:FILE"
MARGIN = 32
"""Pictures are by so much larger than the views, unless something else is asked for: 96 for 64, 256 for
224, as is usual for photos."""


def check_name(spec: str) -> None:
    """Raises UsageError where `spec` names no baseline."""
    kind, _, rest = spec.partition(":")
    if not (rest and kind in FILES) and spec not in PAINTERS:
        raise UsageError(f"`source` must be {FORMS}; got {spec!r}")


def open_source(
    spec: str,
    *,
    batch_size: int,
    size: int = 64,
    views: int | Sequence[ViewGroup] = 2,
    device: str | torch.device = "cpu",
    seed: int = 0,
    camera: CameraPolicy | None = None,
    images: int = 0,
    canvas: int = 0,
    mix: int | str | Mixer = 1,
    prefetch: int = 2,
    rank: int = 0,
    world: int = 1,
    start: int = 0,
    limit: int | None = None,
    progress: bool = False,
) -> PictureSource:
    """Opens a baseline as a source of training batches.

    Args:
        spec: "dead-leaves", "fractals", "noise", "stylegan", "folder:DIR" or "parquet:FILE".
        batch_size: samples a batch in this process, B.
        size: pixels a side of a view.
        views: views a sample, V; or groups of views, which then say themselves what `size` and
            `camera` would.
        device: where pictures are made and batches lie.
        seed: names pictures, their order and the views.
        camera: how views are cropped; by default `CameraPolicy()`.
        images: a finite set of so many pictures, made once and kept as bytes; 0: a new picture for
            every sample, or all of a folder's or file's. Of those, a number takes some at random.
        canvas: pixels a side of a picture; 0: 32 more than the largest view. Photos that are all
            smaller are kept as large as the largest of them.
        mix: pictures mixed into each sample by MixUp, or the name of a mixer, or a mixer.
        prefetch: batches made ahead of the consumer.
        rank, world: this process among how many that share the sequence.
        start: the first sample's number.
        limit: samples with this number and above are left out; None: no end.
        progress: whether a bar is shown while a finite set is made.

    Raises:
        UsageError: an unknown name, an empty folder, a setting out of its range, no room in memory.
        PhospheneError: a picture cannot be read.
        MissingPieceError: the device is not there.
    """
    check_name(spec)
    if images < 0 or not 0 <= canvas <= 4096:
        raise UsageError(
            f"`images` must be 0 or more and `canvas` 0 to 4096, got {images} and {canvas}"
        )
    groups = _groups(views, size, camera)
    device = Lane(device).device
    side = canvas or max(group.size for group in groups) + MARGIN
    with ProgressBar("making pictures", progress) as bar:
        kind, _, rest = spec.partition(":")
        if kind in FILES:
            found = FILES[kind](rest)
            found = found.some(images) if images else found
            side = canvas or min(side, found.side())
            chosen: Images
            chosen, digest = found.pool(side, seed, device, bar.show)
        else:
            chosen, digest = _painted(PAINTERS[kind](), images, side, seed, device, bar.show)
    return PictureSource(
        chosen,
        digest,
        batch_size=batch_size,
        side=side,
        groups=groups,
        mixer=mixer(mix),
        seed=seed,
        device=device,
        prefetch=prefetch,
        rank=rank,
        world=world,
        start=start,
        limit=limit,
    )


def _painted(
    painter: Painter, count: int, side: int, seed: int, device: torch.device, report: Report
) -> tuple[Images, str]:
    """A painter's pictures, and a digest of what decides them besides the seed."""
    text = f"{painter.name} {painter.version}, {painter!r}, {count or 'endless'}, {side} px"
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    if not count:
        return Live(painter, side, seed, device), digest
    return Pool.painted(painter, count, side, seed, device, report), digest


def _groups(
    views: int | Sequence[ViewGroup], size: int, camera: CameraPolicy | None
) -> tuple[ViewGroup, ...]:
    if isinstance(views, int):
        return (ViewGroup(views, size, camera or CameraPolicy()),)
    return tuple(views)
