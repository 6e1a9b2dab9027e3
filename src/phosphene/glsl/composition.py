"""The shader around a composition's parents: what calls them and makes one colour of theirs.

The parents are stubs here; `phosphene.spirv.linking` puts their modules in the stubs' place, by these names.
"""

from __future__ import annotations

import math

from phosphene.errors import UsageError
from phosphene.glsl.operators import operator_of
from phosphene.program import Composition
from phosphene.uniforms import glsl_block

ENTRY = "ph_Parent{}"
"""Name of the function that stands for a parent's `main`."""
COORD = "ph_Coord{}"
"""Name of the global that is the parent's gl_FragCoord."""
COLOUR = "ph_Colour{}"
"""Name of the global that is the parent's output."""

_HEAD = """#version 450
{block}
layout(location = 0) out vec4 ph_Color;
// The picture is what a screen would show: clamped, and black where the colour is not a number.
vec3 ph_Shown(vec3 c) {{
    bvec3 bad = greaterThan(floatBitsToUint(c) & uvec3(0x7fffffffu), uvec3(0x7f800000u));
    return mix(clamp(c, 0.0, 1.0), vec3(0.0), bad);
}}
vec2 canvas() {{
    vec2 p = gl_FragCoord.xy - ph_Tile;
    return ph_PixelX * p.x + ph_PixelY * p.y + ph_Origin;
}}
// The inverse of the camera's map, by Cramer's rule.
vec2 pixel(vec2 place) {{
    vec2 c = place - ph_Origin;
    float whole = ph_PixelX.x * ph_PixelY.y - ph_PixelY.x * ph_PixelX.y;
    vec2 p = vec2(c.x * ph_PixelY.y - ph_PixelY.x * c.y, ph_PixelX.x * c.y - c.x * ph_PixelX.y);
    return p / whole + ph_Tile;
}}
"""

_PARENT = """
vec4 ph_Coord{k};
vec4 ph_Colour{k};
void ph_Parent{k}() {{ ph_Colour{k} = ph_Coord{k}; }}
vec3 parent{k}(vec2 p) {{
    ph_Coord{k} = vec4(p, gl_FragCoord.zw);
    ph_Colour{k} = vec4(0.0);
    ph_Parent{k}();
    return ph_Shown(ph_Colour{k}.rgb);
}}
"""

_MAIN = """
vec3 compose(vec2 here) {{
{constants}
{body}
}}
void main() {{ ph_Color = vec4(compose(gl_FragCoord.xy), 1.0); }}
"""


def composition_text(composition: Composition) -> str:
    """The GLSL of a composition, its parents as stubs that give back their coordinates.

    Raises:
        UsageError: the composition does not suit its operator, or a parameter is not finite.
    """
    operator = operator_of(composition)
    for name, value in composition.parameters:
        if not math.isfinite(value):
            raise UsageError(f"`{name}` of {operator.name} must be a finite number, got {value}")
    constants = "\n".join(f"const float {n} = float({v!r});" for n, v in composition.parameters)
    parents = (_PARENT.format(k=k) for k in range(operator.parents))
    main = _MAIN.format(constants=constants, body=operator.body)
    return "".join([_HEAD.format(block=glsl_block()), *parents, operator.functions, main])
