"""Vetting: each program is compiled, drawn a few times, measured, and accepted or rejected."""

from phosphene.vetting.measures import colourfulness, filled, measure, spread
from phosphene.vetting.policy import Policy
from phosphene.vetting.vet import Progress, Summary, vet

__all__ = [
    "Policy",
    "Progress",
    "Summary",
    "colourfulness",
    "filled",
    "measure",
    "spread",
    "vet",
]
