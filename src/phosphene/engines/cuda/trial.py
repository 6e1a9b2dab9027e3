"""What is learned about a kernel by running it once on a device."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trial:
    """How a kernel fared.

    Attributes:
        reason: why it is refused there; empty where it runs.
        cost: nanoseconds a pixel, one sample each, when it fills the GPU.
        latency: seconds that a small picture takes alone: no launch of it is faster.
        registers: a thread.
        local: bytes of local memory a thread.
        passing: whether the reason is none of the kernel's own, and may be gone another time: it is not kept.
    """

    reason: str = ""
    cost: float = 0.0
    latency: float = 0.0
    registers: int = 0
    local: int = 0
    passing: bool = False

    def seconds(self, pixels: int) -> float:
        """What a launch of so many shaded points takes, about."""
        return self.latency + self.cost * pixels * 1e-9
