"""An endless, resumable sequence of batches of pictures: a stream without programs."""

from __future__ import annotations

import dataclasses
import weakref
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from phosphene.baselines.images import Images
from phosphene.closing import Closing
from phosphene.errors import UsageError
from phosphene.mixing import Mixer
from phosphene.sampling import Draw, Sampler, UniformPrograms, ViewGroup, Windows
from phosphene.stream import Batch
from phosphene.stream.producer import Producer, Share
from phosphene.stream.rendering import Order, Waiting
from phosphene.stream.state import StreamState
from phosphene.stream.transfer import Lane
from phosphene.stream.windows import check_camera, cropped
from phosphene.views import Ints


class PictureSource(Closing):
    """Yields `Batch` after `Batch`; `phosphene.training.Source` is what it is to training.

    Sample n of P parts shows the pictures of slots n * P … n * P + P - 1, cropped by the cameras that a
    stream of programs would draw for it. What it shows depends on (seed, n), settings and pictures alone.

    Attributes:
        digest: names what is drawn: the painter's settings, or the files.
    """

    def __init__(
        self,
        images: Images,
        digest: str,
        *,
        batch_size: int,
        side: int,
        groups: Sequence[ViewGroup],
        mixer: Mixer,
        seed: int,
        device: torch.device,
        prefetch: int = 2,
        rank: int = 0,
        world: int = 1,
        start: int = 0,
        limit: int | None = None,
    ) -> None:
        if prefetch < 1:
            raise UsageError(f"`prefetch` must be at least 1, got {prefetch}")
        if start < 0:
            raise UsageError(f"`start` must be 0 or more, got {start}")
        for group in groups:
            check_camera(group.camera)
        self.digest = digest
        self._images, self._mixer, self._prefetch = images, mixer, prefetch
        programs = UniformPrograms(len(images.classes))
        canvas = (float(side), float(side))
        self._sampler = Sampler(programs, tuple(groups), seed, parts=mixer.parts, canvas=canvas)
        self._share = Share(batch_size, rank, world, limit)
        self._lane = Lane(device)
        self._position = start
        self._works = _Works()
        self._ending = weakref.finalize(self, self._works.halt)

    @property
    def program_ids(self) -> Sequence[str]:
        """The kinds of pictures; `Batch.programs` and `Batch.parts` index them."""
        return self._images.classes

    @property
    def position(self) -> int:
        """The number of the next sample, counted over all ranks."""
        return self._position

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        ready = self._running().take()
        if ready is not None and ready.position != self._position:
            # A Ctrl-C came between taking the last batch and handing it out: it is made again.
            self._works.halt()
            ready = self._running().take()
        if ready is None:
            raise StopIteration
        self._lane.hand_over(ready.batch, ready.mark)
        self._position = self._share.after(self._position)
        return ready.batch

    def _running(self) -> Producer:
        if not self._ending.alive:
            raise UsageError("the source is closed")
        if self._works.producer is None:
            cutter = _Cutter(self._images, self._sampler, self._lane)
            self._works.producer = Producer(
                cutter, self._mixer, self._lane, self._share, self._position, self._prefetch
            )
        return self._works.producer

    def state_dict(self) -> dict[str, Any]:
        """Where the source is, for JSON."""
        return StreamState(
            self._sampler.seed, self.digest, self._settings(), self._position
        ).to_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on where a `state_dict` was taken, also with another batch size, rank or world.

        Raises:
            UsageError: the state is of another seed, other pictures or other settings.
        """
        loaded = StreamState.of(state)
        loaded.check(self._sampler.seed, self.digest, self._settings())
        self._works.halt()
        self._position = loaded.position

    def _settings(self) -> dict[str, str]:
        return {**self._sampler.describe(), "mix": repr(self._mixer)}

    def close(self) -> None:
        """Ends the thread that works ahead. May be called again."""
        self._ending()


class _Works:
    """What must be ended with a source, apart from it so that it can outlive it by a moment."""

    producer: Producer | None = None

    def halt(self) -> None:
        if self.producer is not None:
            self.producer.stop()
            self.producer = None


class _Cutter:
    """Makes the parts of samples by cropping pictures; see `phosphene.stream.rendering.Rendering`."""

    def __init__(self, images: Images, sampler: Sampler, lane: Lane) -> None:
        self._images, self._sampler, self._lane = images, sampler, lane

    def begin(self, index: Ints) -> Order[Draw]:
        """What the samples show; nothing is made yet."""
        return Order(self._sampler.draw(index), ())

    def finish(self, order: Order[Draw], wait: Waiting) -> tuple[Draw, list[Tensor]]:
        """Draw and pixels, uint8 [V, B, P, 3, H, W] for each group of views."""
        draw, parts = order.draw, self._sampler.parts
        slots = draw.index[:, None] * parts + np.arange(parts)
        with self._lane.work(), torch.no_grad():
            pictures, labels = self._images.at(slots.reshape(-1))
            pixels, first = [], 0
            for group in self._sampler.groups:
                cameras = draw.camera[first : first + group.count].repeat(parts, axis=1)
                windows = Windows(group.size, cameras, np.zeros(group.count, np.int64))
                views = cropped(pictures[None], windows, self._lane)
                pixels.append(views.reshape(group.count, -1, parts, *views.shape[2:]))
                first += group.count
        return dataclasses.replace(draw, program=labels.reshape(slots.shape)), pixels
