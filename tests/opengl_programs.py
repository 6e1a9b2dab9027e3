"""Small programs for the tests of the OpenGL engine, and their modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from phosphene.engines.opengl import OpenGLEngine
from phosphene.program import Channel, Dialect, Program
from phosphene.spirv import Module, compile_program

CORNERS = """void mainImage(out vec4 o, in vec2 p) {
    vec2 u = p / iResolution.xy;
    o = vec4(u, 0.25, 1.0);
}"""
"""Red grows to the right, green upwards."""

RINGS = """void mainImage(out vec4 o, in vec2 p) {
    vec2 u = p / iResolution.xy - 0.5;
    float d = length(u) * 40.0 - iTime;
    o = vec4(0.5 + 0.5 * sin(d), 0.5 + 0.5 * cos(3.0 * atan(u.y, u.x)), fract(p.x / 7.0), 1.0);
}"""

SLOPES = """void mainImage(out vec4 o, in vec2 p) {
    float f = sin(p.x * 0.05) * sin(p.y * 0.07 + iTime);
    o = vec4(abs(dFdx(f)) * 8.0, abs(dFdy(f)) * 8.0, fwidth(p.x) * 0.25, 1.0);
}"""
"""Derivatives: blue is a quarter of the step from pixel to pixel."""

NOT_A_NUMBER = """void mainImage(out vec4 o, in vec2 p) {
    float s = p.x < 0.5 * iResolution.x ? -1.0 : 1.0;
    o = vec4(sqrt(s * (1.0 + iTime)), 0.5, 0.5, 1.0);
}"""
"""NaN in the left half."""

BLACK = "void mainImage(out vec4 o, in vec2 p) { o = vec4(0.0, 0.0, 0.0, 1.0); }"
GREY = "void mainImage(out vec4 o, in vec2 p) { o = vec4(vec3(0.5), 1.0); }"

TEXTURED = """void mainImage(out vec4 o, in vec2 p) {
    o = vec4(texture(iChannel0, p / iResolution.xy).rgb, 1.0);
}"""

ENDLESS = """void mainImage(out vec4 o, in vec2 p) {
    float s = iTime;
    for (int i = 0; i < 2000; i++)
        for (int j = 0; j < 2000; j++) s = sin(s + p.x * 1e-3 + cos(s * float(j)) + float(i));
    o = vec4(s, s * s, 0.0, 1.0);
}"""
"""Takes minutes for a large picture on any CPU."""


def variant(number: int) -> str:
    """A program of its own for every number."""
    return RINGS.replace("40.0", f"{10 + number}.0")


@cache
def module(code: str, channels: tuple[Channel | None, ...] = ()) -> Module:
    """The module of a Shadertoy text."""
    return compile_program(Program.of(Dialect.SHADERTOY, code, channels))


def source(modules: Mapping[str, Module]) -> object:
    """A ModuleSource of these modules."""

    def find(ids: Sequence[str]) -> dict[str, Module]:
        return {program: modules[program] for program in ids if program in modules}

    return find


def engine_of(drawn: Mapping[str, str | Module], /, **options: object) -> OpenGLEngine:
    """An engine on the software renderer that draws the programs: name → text or module."""
    modules = {n: module(c) if isinstance(c, str) else c for n, c in drawn.items()}
    return OpenGLEngine(source(modules), gpu=False, **options)  # type: ignore[arg-type]
