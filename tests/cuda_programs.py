"""Modules for the tests of the CUDA engine, and what they need to run without a GPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from opengl_programs import module
from phosphene.engines.cuda import nvrtc
from phosphene.engines.cuda.compiler import Target
from phosphene.errors import MissingPieceError
from phosphene.spirv import Module, native

HUNGRY = """void mainImage(out vec4 o, in vec2 p) {
    float big[9000];
    int k = int(p.x * 131.0 + p.y * 17.0) % 9000;
    big[k] = iTime;
    big[(k * 7) % 9000] = p.x;
    o = vec4(big[int(p.x) % 9000], big[int(p.y) % 9000], 0.5, 1.0);
}"""
"""Wants 36 kB of local memory a thread."""


GLOW = """void mainImage(out vec4 o, in vec2 p) {
    vec2 u = p / iResolution.xy; float s = 0.0;
    for (float i = 0.0; i < 300.5; i += 1.0) {
        vec2 at = fract(sin(vec2(i, i + 0.5) * vec2(1.29898, 7.8233)) * 7.3) + 0.1 * cos(iTime + i);
        s += 0.0003 / (dot(u - at, u - at) + 0.001);
    }
    o = vec4(s, s * 0.5, 1.0 - s, 1.0);
}"""
"""All pixels take the same turns, and compute the same points: optimised, the threads of a block share that."""


def target(views: int = 2) -> Target:
    """What is compiled for in tests, with or without a GPU."""
    try:
        nvrtc.version()
    except MissingPieceError as error:
        pytest.skip(f"{error}; a CUDA build of PyTorch brings it")
    return Target("sm_90", views)


class Modules:
    """A module source over texts that counts what it was asked for; "glow" comes optimised."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.asked = 0

    def __call__(self, programs: Sequence[str]) -> Mapping[str, Module]:
        self.asked += len(programs)
        found = {p: module(self.texts[p]) for p in programs if p in self.texts}
        if "glow" in found:
            plain = found["glow"]
            found["glow"] = replace(plain, optimised=native.optimise(plain.spirv))
        return found
