"""GLSL dialects: a program's text becomes one fragment shader that glslang accepts.

`detect` names a text's dialect, `unserved` says what keeps a program from being rendered, `shader` makes
the shader and remembers the author's lines, `structure` finds programs that differ in names and numbers
only. A dialect is a `Front` (`phosphene.glsl.front`) in the table of `phosphene.glsl.table`.
"""

from phosphene.glsl.assembly import Shader
from phosphene.glsl.assembly import assemble as _assemble
from phosphene.glsl.structure import structure
from phosphene.glsl.table import FRONTS as _FRONTS
from phosphene.glsl.table import front_of as _front_of
from phosphene.program import Dialect, Program

__all__ = ["Shader", "detect", "shader", "structure", "unserved"]


def shader(program: Program) -> Shader:
    """The complete GLSL 4.50 fragment shader of a program.

    Raises:
        CompileError: the text lacks its entry (`mainImage`, `main`).
    """
    return _assemble(_front_of(program.dialect).parts(program))


def detect(text: str) -> Dialect | None:
    """The dialect of a shader's text, by its content; None where it is none that we know."""
    for front in _FRONTS:
        if dialect := front.recognise(text):
            return dialect
    return None


def unserved(program: Program) -> str | None:
    """Why this version cannot render a program ("several passes", "feedback" …); None: it can."""
    if program.composition is not None:
        return None  # whether its parents can is for the linker to find out
    return _front_of(program.dialect).unserved(program)
