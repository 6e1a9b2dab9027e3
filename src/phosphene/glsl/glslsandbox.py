"""GLSL Sandbox (glslsandbox.com, once glsl.heroku.com): `void main()` with time, mouse, resolution."""

from __future__ import annotations

import re

from phosphene.glsl.assembly import Parts
from phosphene.glsl.declarations import Value, take_interface
from phosphene.glsl.front import GIVEN, Offer, author_texts, main_entry, prepare, with_author_main
from phosphene.glsl.lexer import clean
from phosphene.program import Dialect, Program

MACROS = {
    "PH_GL_ES": "1",
    "PH_VERSION": "100",
    "PH_GL_FRAGMENT_PRECISION_HIGH": "1",
    "PH_GL_OES_standard_derivatives": "1",
    "PH_GL_EXT_shader_texture_lod": "1",
    "HW_PERFORMANCE": "1",
    "iGlobalTime": "iTime",
}
"""What GLSL ES 1.00 defines, and what pasted Shadertoy programs expect."""

VALUES = {
    "time": Value("float", "iTime"),
    "mouse": Value("vec2", "(iMouse.xy / iResolution.xy)"),
    "resolution": Value("vec2", "iResolution.xy"),
    # The page's surface is one unit high, as wide as the canvas, with its origin in the middle.
    "surfacePosition": Value("vec2", "((ph_FragCoord.xy - 0.5 * iResolution.xy) / iResolution.y)"),
    "surfaceSize": Value("vec2", "vec2(iResolution.x / iResolution.y, 1.0)"),
}
"""The page's uniforms and its varying."""

_MAIN = re.compile(r"\bvoid\s+main\s*\(")
_COLOUR = re.compile(r"\bgl_Frag(?:Color|Data)\b|\bout\s+vec4\b")


class GlslSandbox:
    """Programs that draw everything in one `main`."""

    dialects = (Dialect.GLSLSANDBOX,)

    def recognise(self, text: str) -> Dialect | None:
        """Any fragment shader with a `main` that writes a colour: the family's common ancestor."""
        text = clean(text)
        return Dialect.GLSLSANDBOX if _MAIN.search(text) and _COLOUR.search(text) else None

    def unserved(self, program: Program) -> str | None:
        """The page binds its previous frame to every sampler that a program declares."""
        for _, text in author_texts(program):
            text, found = take_interface(text, VALUES, GIVEN)
            if any(re.search(rf"\b{name}\b", text) for name in found.samplers):
                return "feedback"
        return None

    def parts(self, program: Program) -> Parts:
        """The text, its `main` called from ours."""
        texts = with_author_main(author_texts(program))
        return prepare(texts, Offer(VALUES, macros=MACROS), main_entry)
