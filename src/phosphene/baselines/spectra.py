"""Fields of noise with a given spectrum, in batches."""

from __future__ import annotations

import torch
from torch import Tensor


def frequencies(side: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Absolute frequencies along y and x in cycles a pixel, for `rfft2`; [S, 1] and [1, S // 2 + 1]."""
    return (
        torch.fft.fftfreq(side, device=device).abs()[:, None],
        torch.fft.rfftfreq(side, device=device).abs()[None, :],
    )


def impose(fields: Tensor, amplitude: Tensor) -> Tensor:
    """Gives fields another amplitude at every frequency and leaves their phases.

    Args:
        fields: float32 [..., S, S].
        amplitude: float32 [..., S, S // 2 + 1], broadcasts; 0 at frequency 0 takes the mean away.
    """
    waves = torch.fft.rfft2(fields)
    waves *= amplitude / waves.abs().clamp_(min=1e-12)
    made: Tensor = torch.fft.irfft2(waves, s=fields.shape[-2:])
    return made


def radial(side: int, exponent: Tensor, device: torch.device) -> Tensor:
    """The amplitude f**-exponent, f the distance from frequency 0; float32 [n, S, S // 2 + 1] for [n]."""
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
