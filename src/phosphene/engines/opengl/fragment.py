"""A module's SPIR-V as the fragment shader that the driver gets."""

from __future__ import annotations

import re

from phosphene.errors import EngineError
from phosphene.spirv import to_glsl

VERTEX = """#version 330
void main() {
    gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}
"""
"""One triangle that covers the viewport; what stands out is cut off by the scissor."""

_OUTPUT = re.compile(r"layout\(location = 0\) out (?:highp )?vec4 (\w+);")
_MAIN = "void main()"

# The picture is what a screen would show: clamped, and black where the colour is not a number. The
# alpha channel tells where that was so. Bits are looked at because drivers may optimise x != x away.
_EPILOGUE = """
bvec3 ph_undefined(vec3 c)
{{
    return greaterThan(floatBitsToUint(c) & uvec3(0x7fffffffu), uvec3(0x7f800000u));
}}

void main()
{{
    ph_author();
    bvec3 bad = ph_undefined({output}.rgb);
    vec3 shown = mix(clamp({output}.rgb, 0.0, 1.0), vec3(0.0), bad);
    {output} = vec4(shown, any(bad) ? 1.0 : 0.0);
}}
"""

RESOLVE = """#version 330
uniform sampler2D ph_Sum;
uniform float ph_Share;
layout(location = 0) out vec4 colour;
void main() {
    colour = texelFetch(ph_Sum, ivec2(gl_FragCoord.xy), 0) * ph_Share;
}
"""
"""The mean of the samples of each pixel, from their sum."""


def fragment_text(spirv: bytes, version: int = 330) -> str:
    """The fragment shader of a module.

    It writes the colour clamped to 0 … 1, and to alpha 1 where a component was NaN, else 0.

    Args:
        spirv: the module.
        version: of the GLSL that the driver takes. Later ones than 330 know functions that some
            programs use, such as bitCount.

    Raises:
        EngineError: the SPIR-V has no single vec4 at location 0, or cannot be translated.
    """
    text = to_glsl(spirv).replace("#version 330", f"#version {version}", 1)
    output = _OUTPUT.search(text)
    if output is None or text.count(_MAIN) != 1:
        raise EngineError("the module does not write one vec4 at location 0")
    return text.replace(_MAIN, "void ph_author()") + _EPILOGUE.format(output=output[1])
