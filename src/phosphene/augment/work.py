"""Settings as a device needs them, sent there in one transfer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from phosphene.augment.policy import CONTRAST, HUE, NO_CHANGE, SATURATION, ColourSettings, Doubles

_ALIGNMENT = 8


@dataclass(frozen=True, eq=False)
class Work:
    """What N pictures are in for, on their device.

    Attributes:
        shares: for each place in the jitter's order float32 [3, N], see `operations.blend`; empty where
            no picture is jittered.
        turns: for each place the rows whose hue is turned, int64 [n], and by how much, float32 [n].
        grey, blur, solarise: rows, int64 [n].
        kernels: float32 [n, K], of the rows of `blur`.
    """

    shares: tuple[Tensor, ...]
    turns: tuple[tuple[Tensor, Tensor], ...]
    grey: Tensor
    blur: Tensor
    kernels: Tensor
    solarise: Tensor

    @classmethod
    def send(cls, settings: ColourSettings, size: int, device: torch.device) -> Work:
        """Sends settings to a device, without waiting for it.

        Args:
            settings: of N pictures.
            size: taps of the blur, K; an odd number, 1: no blur.
            device: where the pictures are.
        """
        blurred = np.flatnonzero(settings.blur & (size > 1))
        some: list[npt.NDArray[Any]] = [
            np.flatnonzero(settings.grey),
            blurred,
            _bells(settings.sigma[blurred], size),
            np.flatnonzero(settings.solarise),
        ]
        jitter: list[npt.NDArray[Any]] = []
        if (settings.factors != NO_CHANGE).any():
            for operation in settings.order.T:
                jitter += _step(operation, settings.factors)
        sent = _send([*some, *jitter], device)
        steps = sent[len(some) :]
        turns = tuple(zip(steps[1::3], steps[2::3], strict=True))
        grey, blur, kernels, solarise = sent[: len(some)]
        return cls(tuple(steps[::3]), turns, grey, blur, kernels, solarise)


def _step(operation: npt.NDArray[np.int64], factors: Doubles) -> list[npt.NDArray[Any]]:
    """One place in the order of N pictures: shares, rows of turned hues, turns."""
    factor = factors[np.arange(len(operation)), operation]
    own = np.where(operation == HUE, 1.0, factor)
    luma = np.where(operation == SATURATION, 1 - factor, 0.0)
    mean = np.where(operation == CONTRAST, 1 - factor, 0.0)
    rows = np.flatnonzero((operation == HUE) & (factor != NO_CHANGE[HUE]))
    return [np.stack([own, luma, mean]).astype(np.float32), rows, factor[rows].astype(np.float32)]


def _bells(sigma: Doubles, size: int) -> npt.NDArray[np.float32]:
    """Normalised Gaussians, [n, size], of standard deviations [n] in pixels."""
    distance = np.arange(size) - (size - 1) / 2
    bells = np.exp(-0.5 * (distance / sigma[:, None]) ** 2)
    normalised: npt.NDArray[np.float32] = (bells / bells.sum(axis=1, keepdims=True)).astype("f4")
    return normalised


def _send(arrays: Sequence[npt.NDArray[Any]], device: torch.device) -> list[Tensor]:
    """Arrays as tensors on a device; a transfer costs more than what it carries, so it is one."""
    places, end = [], 0
    for array in arrays:
        places.append(end)
        end += -(-array.nbytes // _ALIGNMENT) * _ALIGNMENT
    parcel = torch.empty(end, dtype=torch.uint8, pin_memory=device.type == "cuda")
    for array, place in zip(arrays, places, strict=True):
        flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        parcel.numpy()[place : place + array.nbytes] = flat
    there = parcel.to(device, non_blocking=True)
    tensors = []
    for array, place in zip(arrays, places, strict=True):
        dtype = torch.int64 if array.dtype == np.int64 else torch.float32
        piece = there[place : place + array.nbytes]
        tensors.append(piece.view(dtype).reshape(array.shape))
    return tensors
