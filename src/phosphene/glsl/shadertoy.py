"""Shadertoy: `void mainImage(out vec4 fragColor, in vec2 fragCoord)`, shadertoy.com/howto."""

from __future__ import annotations

import re

from phosphene.glsl.assembly import Parts
from phosphene.glsl.front import Offer, author_texts, main_entry, prepare, with_author_main
from phosphene.glsl.lexer import clean
from phosphene.program import ChannelKind, Dialect, Program

# The site hands in an output of zero, so `O -= O` is fine there: here it has to come in, too.
_OUT = re.compile(r"(\bmainImage\s*\(\s*)out\b")
_MAIN_IMAGE = re.compile(r"\bmainImage\b")
_MAIN = re.compile(r"\bvoid\s+main\s*\(")

_ENTRY = """void main() {
    vec4 ph_Result = vec4(0.0);
    mainImage(ph_Result, ph_FragCoord.xy);
    ph_Color = vec4(ph_Result.rgb, 1.0);
}"""

MACROS = {
    "HW_PERFORMANCE": "1",
    "iGlobalTime": "iTime",
    "iGlobalDelta": "iTimeDelta",
    "iGlobalFrame": "iFrame",
    "PH_GL_ES": "1",
    "PH_VERSION": "300",
}
"""What the site defines, and names it used to have."""

_PASSES = ("buffer", "cube")


class Shadertoy:
    """Programs of one image pass, with an optional common tab."""

    dialects = (Dialect.SHADERTOY,)

    def recognise(self, text: str) -> Dialect | None:
        """Shadertoy has `mainImage` and leaves `main` to the site."""
        text = clean(text)
        if _MAIN_IMAGE.search(text) and not _MAIN.search(text):
            return Dialect.SHADERTOY
        return None

    def unserved(self, program: Program) -> str | None:
        """Passes, sound, or a channel that reads a pass."""
        names = [tab.name for tab in program.tabs]
        if "image" not in names:
            return "sound only" if "sound" in names else "no image pass"
        if any(name.startswith(_PASSES) for name in names):
            return "several passes"
        if any(c is not None and c.kind is ChannelKind.BUFFER for c in program.image.channels):
            return "feedback"
        return None

    def parts(self, program: Program) -> Parts:
        """The common tab and the image tab, with the site's uniforms."""
        texts, channels, offer = author_texts(program), program.image.channels, Offer(macros=MACROS)
        if not any(_MAIN_IMAGE.search(text) for _, text in texts):
            # Programs of the site's first months.
            return prepare(with_author_main(texts), offer, main_entry, channels)
        texts = [(tab, _OUT.sub(r"\1inout", text)) for tab, text in texts]
        return prepare(texts, offer, lambda _: _ENTRY, channels, keeps_names=True)
