"""The types of the grammar: what a production makes, and what may stand in a hole.

Most kinds are functions: each node of such a kind becomes a GLSL function of its own, so that programs
read as a person would write them. Statement kinds stand on lines of their own and work on variables in
scope; expression kinds stand inside a line.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of the grammar.

    Attributes:
        name: as written in holes (`$field`).
        returns: the GLSL type that its functions return; empty: statements or an expression.
        parameters: of its functions, as written in GLSL.
        hot: its functions run at every step of a march, so their numbers must cost nothing.
    """

    name: str
    returns: str = ""
    parameters: str = ""
    hot: bool = False


PROGRAM = Kind("program", "void", "out vec4 fragColor, in vec2 fragCoord")
"""A whole program: the body of mainImage."""
FIELD = Kind("field", "float", "vec2 p")
"""A number for every point of the plane, about 0 … 1; details of about size 0.1 … 1."""
SHAPE = Kind("shape", "float", "vec2 p")
"""Signed distance (or a bound of it) to a shape of about radius 0.8 around the origin."""
PATTERN = Kind("pattern", "vec3", "vec2 p")
"""A coloured picture of the plane; details of about size 0.1 … 1."""
PALETTE = Kind("palette", "vec3", "float t")
"""A colour for every number; meant for 0 … 1 and a little beyond."""
SOLID = Kind("solid", "float", "vec3 p", hot=True)
"""Signed distance (or a bound of it) to a solid of about radius 1 around the origin."""
WORLD = Kind("world", "float", "vec3 p", hot=True)
"""Signed distance to everything in a scene; a floor is at y = -1, things are near the origin."""
HEIGHT = Kind("height", "float", "vec2 p", hot=True)
"""Height of a landscape, about 0 … 2, over a plane with hills of about size 2."""
SKIN = Kind("skin", "vec3", "vec3 p, vec3 n")
"""The colour of a surface at point p with normal n."""
SKY = Kind("sky", "vec3", "vec3 ray")
"""What a ray sees that hits nothing; `sun` is a direction in scope."""
EYE = Kind("eye")
"""Statements that define `vec3 eye` and `vec3 ray` from `vec2 p`, looking at the origin."""
WARP = Kind("warp")
"""Statements that bend `vec2 p`."""
VIEW = Kind("view")
"""Statements that move `vec2 p` with time: how the canvas is looked at."""
CLOCK = Kind("clock")
"""Statements that set the global `dice`: four numbers, 0 … 1, that change with time."""
SUN = Kind("sun")
"""Statements that set the global `sun`: the direction towards the light."""
FINISH = Kind("finish")
"""Statements that grade `vec3 col` at the end, knowing `vec2 uv`."""
MOTION = Kind("motion")
"""A vec2 expression that travels with time."""
INK = Kind("ink")
"""A constant colour of the program's scheme."""
DARK = Kind("dark")
"""A dark one of them."""
LIGHT = Kind("light")
"""A light one of them."""

KINDS = (
    PROGRAM,
    FIELD,
    SHAPE,
    PATTERN,
    PALETTE,
    SOLID,
    WORLD,
    HEIGHT,
    SKIN,
    SKY,
    EYE,
    WARP,
    VIEW,
    CLOCK,
    SUN,
    FINISH,
    MOTION,
    INK,
    DARK,
    LIGHT,
)
COLOURS = (INK, DARK, LIGHT)
"""Kinds that have no productions: the program's colour scheme fills them."""

BY_NAME = {kind.name: kind for kind in KINDS}
