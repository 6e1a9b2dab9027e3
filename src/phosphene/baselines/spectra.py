"""Fields of noise with a given spectrum, in batches."""

from __future__ import annotations

import torch
from torch import Tensor


def frequencies(side: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Absolute frequencies along y and x in cycles a pixel, for `fft2`; [S, 1] and [1, S]."""
    along = torch.fft.fftfreq(side, device=device).abs()
    return along[:, None], along[None, :]


def impose(fields: Tensor, amplitude: Tensor) -> Tensor:
    """Gives fields another amplitude at every frequency and leaves their phases.

    By complex transforms: those into real numbers round otherwise with every number of threads (MKL), and are no faster.

    Args:
        fields: float32 [..., S, S].
        amplitude: float32 [..., S, S], the same for opposite frequencies, broadcasts; 0 at frequency 0 takes the mean away.
    """
    waves = torch.fft.fft2(fields)
    waves *= amplitude / waves.abs().clamp_(min=1e-12)
    made: Tensor = torch.fft.ifft2(waves).real
    return made


def radial(side: int, exponent: Tensor, device: torch.device) -> Tensor:
    """The amplitude f**-exponent, f the distance from frequency 0; float32 [n, S, S] for [n]."""
    y, x = frequencies(side, device)
    distance = torch.sqrt(y**2 + x**2)
    distance[0, 0] = 1
    amplitude = torch.pow(distance, -exponent[:, None, None])
    amplitude[:, 0, 0] = 0
    return amplitude


def standardised(fields: Tensor) -> Tensor:
    """Fields [..., S, S] with mean 0 and standard deviation 1 each."""
    fields = fields - fields.mean(dim=(-2, -1), keepdim=True)
    return fields / fields.std(dim=(-2, -1), keepdim=True).clamp_(min=1e-12)
