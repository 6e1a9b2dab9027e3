"""From (run seed, sample index) to programs, latents, cameras and weights: pure arithmetic."""

from phosphene.sampling.cameras import CameraPolicy
from phosphene.sampling.latents import LatentPolicy, Positives
from phosphene.sampling.programs import (
    GrowingPrograms,
    ProgramPolicy,
    UniformPrograms,
    WeightedPrograms,
)
from phosphene.sampling.sampler import NEVER, Draw, Sampler, ViewGroup

__all__ = [
    "NEVER",
    "CameraPolicy",
    "Draw",
    "GrowingPrograms",
    "LatentPolicy",
    "Positives",
    "ProgramPolicy",
    "Sampler",
    "UniformPrograms",
    "ViewGroup",
    "WeightedPrograms",
]
