"""What training draws its batches from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from torch import Tensor

from phosphene.methods import Labels
from phosphene.stream import merge_states


class Batch(Labels, Protocol):
    """Rendered pixels and their labels; `phosphene.stream.Batch` is one.

    Attributes:
        views: uint8 [V, B, 3, H, W] on the device.
        index: int64 [B], the samples' numbers.
    """

    @property
    def views(self) -> Tensor: ...
    @property
    def index(self) -> Tensor: ...


BatchT = TypeVar("BatchT", bound=Batch, covariant=True)


class Source(Protocol[BatchT]):
    """An endless, resumable sequence of batches; `phosphene.stream.Stream` is one.

    Attributes:
        program_ids: what the labels index.
        digest: names exactly this set of programs, or of whatever the source draws.
    """

    @property
    def program_ids(self) -> Sequence[str]: ...
    @property
    def digest(self) -> str: ...
    def __iter__(self) -> Iterator[BatchT]: ...
    def state_dict(self) -> Mapping[str, Any]:
        """The position behind the last batch that was handed out, as plain values for JSON."""

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on behind the batch after which `state_dict` was taken."""


def merged(states: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """One position of a source from those of all ranks; they differ in what streams quarantined."""
    first, *others = states
    return first if all(state == first for state in others) else merge_states(states)


Prepare = Callable[[Any], Sequence[Tensor]]
"""From a batch to normalised views, float [B, 3, H, W] each: conversion, augmentation. It must depend on
the batch alone (its pixels and sample indices), so that a resumed run sees the same."""
