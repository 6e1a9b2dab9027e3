"""From (run seed, sample index) to programs, latents, cameras and weights: pure arithmetic."""

from phosphene.sampling.cameras import CameraPolicy
from phosphene.sampling.draws import Draw, Mixture, ViewGroup, Windows
from phosphene.sampling.families import Families
from phosphene.sampling.latents import LatentPolicy, Positives
from phosphene.sampling.plans import PLANS, SamplingPlan
from phosphene.sampling.programs import (
    GrowingPrograms,
    ProgramPolicy,
    UniformPrograms,
    WeightedPrograms,
)
from phosphene.sampling.sampler import NEVER, Sampler, Sources
from phosphene.views import DEFAULT_STRENGTH

__all__ = [
    "DEFAULT_STRENGTH",
    "NEVER",
    "PLANS",
    "CameraPolicy",
    "Draw",
    "Families",
    "GrowingPrograms",
    "LatentPolicy",
    "Mixture",
    "Positives",
    "ProgramPolicy",
    "Sampler",
    "SamplingPlan",
    "Sources",
    "UniformPrograms",
    "ViewGroup",
    "WeightedPrograms",
    "Windows",
]
