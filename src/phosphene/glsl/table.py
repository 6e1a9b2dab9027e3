"""The dialects that the front end knows, in the order in which they are tried on a text."""

from __future__ import annotations

from phosphene.glsl.front import Front
from phosphene.glsl.glslsandbox import GlslSandbox
from phosphene.glsl.isf import Isf
from phosphene.glsl.shadertoy import Shadertoy
from phosphene.glsl.twigl import Twigl
from phosphene.program import Dialect

# GLSL Sandbox is the broadest, so it comes last.
FRONTS: tuple[Front, ...] = (Isf(), Shadertoy(), Twigl(), GlslSandbox())

_BY_DIALECT = {dialect: front for front in FRONTS for dialect in front.dialects}


def front_of(dialect: Dialect) -> Front:
    """The front that understands a dialect."""
    return _BY_DIALECT[dialect]
