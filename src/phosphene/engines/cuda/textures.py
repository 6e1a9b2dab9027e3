"""Stand-in textures on the device, a bounded number of them: as texels in memory, all mip levels one after
the other, and on a GPU also as an object for its texture units."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from phosphene.channels import standin
from phosphene.engines.cuda import samplers
from phosphene.engines.cuda.records import TEXTURE_DTYPE, texture_mode
from phosphene.engines.cuda.samplers import Sampler
from phosphene.program import Channel, ChannelKind
from phosphene.uniforms import CHANNEL_COUNT
from phosphene.views import Ints


@dataclass(frozen=True, eq=False)
class _Held:
    """A texture's memory, and the record by which kernels find it."""

    memory: torch.Tensor
    record: npt.NDArray[np.void]
    sampler: Sampler | None


def volumes(channels: list[tuple[Channel | None, ...]], program: Ints) -> npt.NDArray[np.bool_]:
    """Which of each view's samplers read a volume: bool [V, 4]; arguments as for `Textures.records`."""
    found = np.zeros((len(channels), CHANNEL_COUNT), bool)
    for row, bound in enumerate(channels):
        for i, channel in enumerate(bound[:CHANNEL_COUNT]):
            found[row, i] = channel is not None and channel.kind is ChannelKind.VOLUME
    return found[program]


class Textures:
    """The stand-ins in use on one device, the least recently used dropped first."""

    def __init__(self, device: torch.device, limit: int = 256) -> None:
        """Args: the device; how many textures to keep, each of at most 2.8 MB."""
        self._device = device
        self._limit = limit
        self._held: OrderedDict[tuple[Channel, int], _Held] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def records(
        self, channels: list[tuple[Channel | None, ...]], program: Ints, variants: Ints
    ) -> npt.NDArray[np.void]:
        """What each view's samplers read.

        Args:
            channels: what the author bound, program by program.
            program: int64 [V], index into `channels`.
            variants: int64 [V, 4], see `RenderRequest.channels`.

        Returns:
            TEXTURE_DTYPE [V, 4]; zeros where nothing is bound.
        """
        records = np.zeros((len(program), CHANNEL_COUNT), TEXTURE_DTYPE)
        binding = np.array([any(bound) for bound in channels], bool)
        for view in np.flatnonzero(binding[program]):
            for i, channel in enumerate(channels[program[view]][:CHANNEL_COUNT]):
                if channel is not None:
                    records[view, i] = self._get(channel, int(variants[view, i])).record
        return records

    @property
    def full(self) -> bool:
        """Whether there are more than the limit."""
        return len(self._held) > self._limit

    def trim(self) -> None:
        """Drops textures beyond the limit. No launch that reads them may be under way."""
        while self.full:
            _, held = self._held.popitem(last=False)
            if held.sampler:
                held.sampler.destroy()

    def close(self) -> None:
        """Drops all of them, as `trim` does."""
        self._limit = 0
        self.trim()

    def _get(self, channel: Channel, variant: int) -> _Held:
        key = (channel, variant)
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = self._make(channel, variant)
        self._held.move_to_end(key)
        return held

    def _make(self, channel: Channel, variant: int) -> _Held:
        picture = standin(channel, variant)
        levels = picture.levels()
        height, width = levels[0].shape[-3:-1]
        texels = np.concatenate([level.reshape(-1, 4) for level in levels])
        memory = torch.from_numpy(texels).to(self._device)
        sampler = None
        if self._device.type == "cuda":
            stream = torch.cuda.current_stream(self._device).cuda_stream
            sampler = samplers.make(picture, levels, stream)
        record = np.zeros((), TEXTURE_DTYPE)
        record["pixels"] = memory.data_ptr()
        record["width"], record["height"], record["levels"] = width, height, len(levels)
        record["mode"] = texture_mode(picture.wrap, picture.filter)
        record["object"] = sampler.handle if sampler else 0
        return _Held(memory, record, sampler)
