"""What compositions do with their parents: a table of operators, each a few lines of GLSL.

To add one, put an entry into OPERATORS. Its GLSL is the body of `vec3 compose(vec2 here)`, where `here` is
the pixel; it sees

- `parent0(p)`, `parent1(p)` …: the colour of a parent at a pixel position, as a screen would show it
  (0 … 1, black where it is not a number). Call each exactly once, outside of branches: a parent's cost is
  bounded so, its globals begin as their author meant, and its derivatives are defined.
- `canvas()`: this pixel's place on the canvas, canvas pixels from the lower left; `iResolution`, `iTime`.
- `pixel(c)`: the pixel position of a place on the canvas.
- its parameters by name, constants of type float.

The meaning of a released operator never changes, because compositions are named by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from phosphene.errors import UsageError
from phosphene.program import Composition

TEXTURE = "texture"
"""The operator without GLSL: the first parent's own module, one of whose textures is the second."""


@dataclass(frozen=True, slots=True)
class Range:
    """A parameter: between what values it is drawn, and whether only whole ones."""

    low: float
    high: float
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Operator:
    """An entry of the table.

    Attributes:
        name: as in a composition.
        parents: how many it takes.
        body: GLSL, see above.
        parameters: name → range.
        title: how a child is called; {0}, {1} … are its parents' titles.
        functions: GLSL functions that the body calls.
        weight: how often it is drawn, against the others.
    """

    name: str
    parents: int
    body: str
    parameters: Mapping[str, Range]
    title: str
    functions: str = ""
    weight: float = 1.0


_LUMINANCE = """
float luminance(vec3 c) { return dot(c, vec3(0.2126, 0.7152, 0.0722)); }
"""

_MATTE = """
// Distance to a shape's edge, below 0 inside: disc, box, star, blob, half plane.
float matte(vec2 p, float kind, float size, float turn) {
    p = mat2(cos(turn), -sin(turn), sin(turn), cos(turn)) * p;
    float angle = atan(p.y, p.x + 1e-9);
    if (kind < 0.5) return length(p) - size;
    if (kind < 1.5) { vec2 d = abs(p) - size * vec2(1.1, 0.7); return max(d.x, d.y); }
    if (kind < 2.5) return length(p) * (1.0 + 0.35 * cos(5.0 * angle)) - size;
    if (kind < 3.5) return length(p) - size * (1.0 + 0.2 * sin(3.0 * angle) + 0.1 * cos(7.0 * angle + 1.0));
    return p.y + 0.1 * sin(6.0 * p.x) - 0.3 + size;
}
// Lays a colour over another one inside a shape, which casts a soft shadow around itself.
vec3 lay(vec3 under, vec3 over, float far, float shadow) {
    float edge = 1.5 / min(iResolution.x, iResolution.y);
    under *= 1.0 - shadow * exp(-max(far, 0.0) * 20.0);
    return mix(over, under, smoothstep(-edge, edge, far));
}
"""

_LAYERS = """
vec2 p = (canvas() - 0.5 * iResolution.xy) / min(iResolution.x, iResolution.y);
vec3 c = parent0(here);
vec3 first = parent1(here), second = parent2(here);
c = lay(c, first, matte(p - vec2(x1, y1), kind1, size1, turn1), shadow);
return lay(c, second, matte(p - vec2(x2, y2), kind2, size2, turn2), shadow);"""

_SHARE = Range(0.0, 1.0)
_PLACE = Range(-0.4, 0.4)
_TURN = Range(0.0, 6.2832)
_SIZE = Range(0.16, 0.42)
_KIND = Range(0, 4, whole=True)

OPERATORS: Mapping[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator(
            "warp",
            2,
            """
            vec2 push = (parent0(here).rg - 0.5) * amount * min(iResolution.x, iResolution.y);
            push = mat2(cos(turn), -sin(turn), sin(turn), cos(turn)) * push;
            return parent1(pixel(canvas() + push));""",
            {"amount": Range(0.04, 0.25), "turn": _TURN},
            "{1}, warped by {0}",
        ),
        Operator(
            "mask",
            3,
            """
            float m = luminance(parent0(here));
            return mix(parent1(here), parent2(here), smoothstep(level - soft, level + soft, m));""",
            {"level": Range(0.2, 0.6), "soft": Range(0.01, 0.2)},
            "{1} and {2}, parted by {0}",
            _LUMINANCE,
        ),
        Operator(
            "palette",
            2,
            """
            float t = 1.0 - abs(fract(luminance(parent0(here)) * cycles * 0.5) * 2.0 - 1.0);
            return parent1(pixel(mix(vec2(x1, y1), vec2(x2, y2), t) * iResolution.xy));""",
            {
                "cycles": Range(0.6, 1.4),
                **{f"{axis}{end}": _SHARE for axis in "xy" for end in "12"},
            },
            "{0} in the colours of {1}",
            _LUMINANCE,
        ),
        Operator(
            "layers",
            3,
            _LAYERS,
            {
                "shadow": Range(0.0, 0.6),
                **{f"{name}{layer}": _PLACE for name in "xy" for layer in "12"},
                **{f"size{layer}": _SIZE for layer in "12"},
                **{f"turn{layer}": _TURN for layer in "12"},
                **{f"kind{layer}": _KIND for layer in "12"},
            },
            "{1} and {2} on {0}",
            _MATTE,
            weight=1.5,
        ),
        Operator(
            "screen",
            2,
            """
            vec3 a = parent0(here), b = parent1(here);
            return mix(a, 1.0 - (1.0 - a) * (1.0 - b), amount);""",
            {"amount": Range(0.5, 1.0)},
            "{1} projected on {0}",
            weight=0.4,
        ),
        Operator(
            "multiply",
            2,
            """
            vec3 a = parent0(here), b = parent1(here);
            return mix(a, a * b, amount);""",
            {"amount": Range(0.4, 0.9)},
            "{1} printed on {0}",
            weight=0.4,
        ),
        Operator(
            TEXTURE,
            2,
            "",
            {"channel": Range(0, 3, whole=True)},
            "{0}, reading {1}",
            weight=1.5,
        ),
    )
}
"""Name → operator."""


def operator_of(composition: Composition) -> Operator:
    """The operator of a composition.

    Raises:
        UsageError: there is none of that name, or parents or parameters do not suit it.
    """
    operator = OPERATORS.get(composition.operator)
    if operator is None:
        raise UsageError(
            f"`operator` must be one of {', '.join(OPERATORS)}; got {composition.operator!r}"
        )
    if len(composition.parents) != operator.parents:
        raise UsageError(
            f"{operator.name} takes {operator.parents} parents, got {len(composition.parents)}"
        )
    if set(composition.values) != set(operator.parameters):
        wanted = ", ".join(sorted(operator.parameters))
        raise UsageError(f"the parameters of {operator.name} must be {wanted}")
    return operator
