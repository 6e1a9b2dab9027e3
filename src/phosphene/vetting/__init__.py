"""Vetting: each program is compiled, drawn a few times, measured, and accepted or rejected."""

from phosphene.vetting.diversity import SetDiversity, packed, set_diversity, unpacked, vendi
from phosphene.vetting.families import FamilySummary, vet_families
from phosphene.vetting.features import features
from phosphene.vetting.measures import colourfulness, filled, measure, spread
from phosphene.vetting.policy import Policy
from phosphene.vetting.vet import Progress, Summary, vet

__all__ = [
    "FamilySummary",
    "Policy",
    "Progress",
    "SetDiversity",
    "Summary",
    "colourfulness",
    "features",
    "filled",
    "measure",
    "packed",
    "set_diversity",
    "spread",
    "unpacked",
    "vendi",
    "vet",
    "vet_families",
]
