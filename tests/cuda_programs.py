"""Modules for the tests of the CUDA engine, and what they need to run without a GPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from opengl_programs import module
from phosphene.engines.cuda import nvrtc
from phosphene.engines.cuda.compiler import Target
from phosphene.errors import MissingPieceError
from phosphene.spirv import Module

HUNGRY = """void mainImage(out vec4 o, in vec2 p) {
    float big[9000];
    int k = int(p.x * 131.0 + p.y * 17.0) % 9000;
    big[k] = iTime;
    big[(k * 7) % 9000] = p.x;
    o = vec4(big[int(p.x) % 9000], big[int(p.y) % 9000], 0.5, 1.0);
}"""
"""Wants 36 kB of local memory a thread."""


def target(views: int = 2) -> Target:
    """What is compiled for in tests, with or without a GPU."""
    try:
        nvrtc.version()
    except MissingPieceError as error:
        pytest.skip(f"{error}; a CUDA build of PyTorch brings it")
    return Target("sm_90", views)


class Modules:
    """A module source over texts that counts what it was asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self.asked = 0

    def __call__(self, programs: Sequence[str]) -> Mapping[str, Module]:
        self.asked += len(programs)
        return {p: module(self.texts[p]) for p in programs if p in self.texts}
