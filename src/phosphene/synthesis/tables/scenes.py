"""Programs of solids with light, shadow, sky and floor: marched distance fields."""

from phosphene.synthesis.kinds import PROGRAM, WORLD
from phosphene.synthesis.production import Production
from phosphene.synthesis.tables.canvases import CLOSE, OPEN

_REACH = "vec3 col = $sky:heaven(ray);\nfloat t = march(eye, ray, $(14..22!));\n"
_LIGHT = """    vec3 n = normalAt(q);
    float lit = max(dot(n, sun), 0.0) * shadow(q + 0.02 * n, sun), near = $world:map(q + 0.25 * n) / 0.25;
"""
_LIT = """    vec3 ambient = (0.35 + 0.25 * n.y) * clamp(0.4 + 0.6 * near, 0.0, 1.0) * vec3($(0.7..1!), $(0.75..1!), $(0.8..1!));
    skin *= 1.2 * ambient + $(0.8..1.2!) * lit;
"""
_GLOSS = (
    "    skin += $(0.2..0.7!) * lit * pow(max(dot(reflect(ray, n), sun), 0.0), $(8..40!));\n"
    "|    skin = mix(skin, $sky:heaven(reflect(ray, n)), 0.1 + 0.5 * pow(1.0 + dot(ray, n), 4.0));\n"
    "|    skin += $(0.1..0.4!) * pow(1.0 + dot(ray, n), 2.0) * $ink;\n|"
)
_HAZE = "    col = mix(skin, $(col|col|$ink), 1.0 - exp(-$(0.002..0.01) * t * t));\n}\n"


def _scene(
    name: str, skin: str, weight: float = 1.0, note: str = "", eye: str = "$eye"
) -> Production:
    """A marched scene.

    Args:
        name: of the program.
        skin: statements that define `vec3 skin` for the point `q` with normal `n`.
        weight: how often it is drawn.
        note: for the reader.
        eye: statements that define `eye` and `ray`.
    """
    shade = f"if (t < 14.0) {{\n    vec3 q = eye + t * ray;\n{_LIGHT}{skin}{_LIT}$({_GLOSS}){_HAZE}"
    text = f"{OPEN.strip()}\n$sun\n{eye}\n{_REACH}{shade}".rstrip() + CLOSE.rstrip()
    return Production(PROGRAM, name, text, weight, note)


def _world(name: str, text: str, weight: float = 1.0, note: str = "") -> Production:
    return Production(WORLD, name, text, weight, note)


PRODUCTIONS = (
    _scene(
        "statue",
        "    vec3 skin = q.y < -0.99 ? $pattern(q.xz * $(0.3..0.8!)) : $skin(q, n);\n",
        2.2,
        "Solids on a floor.",
    ),
    _scene(
        "models",
        "    float kind = hash(floor(q.xz / 1.2) + floor(8.0 * dice.xy));\n"
        "    vec3 skin = q.y < -0.99 ? $pattern(q.xz * $(0.3..0.8!)) : kind < 0.5 ? $skin(q, n) : $skin(q, n);\n",
        1.6,
        "Solids of several colours.",
    ),
    _scene(
        "painted",
        "    vec3 skin = q.y < -0.99 ? mix($ink, $ink, $field(0.5 * q.xz)) : $palette($field(facing(q, n, 0.8)) + 0.3 * q.y);\n",
        1.0,
    ),
    _scene(
        "closeup",
        "    vec3 skin = $skin(q, n);\n",
        0.9,
        "The camera is near.",
        """float turn = $(0.1..0.3!) * iTime + 6.2832 * dice.x;
vec3 eye = vec3($(1.5..2.2) * cos(turn), 0.9 * dice.y, $(1.5..2.2) * sin(turn));
vec3 ray = look(eye, 0.4 * dice.zwx - 0.2, p, $(1.1..1.8));""",
    ),
    _world("alone", "min(p.y + 1.0, $solid(p))", 1.6),
    _world("floating", "$solid(p * $(0.6..0.9!)) / 0.9", 0.6),
    _world(
        "pair",
        "min(p.y + 1.0, min($solid(p - vec3(0.9, 0.0, $(-0.4..0.4!))), $solid((p + vec3(0.9, $(0.2..0.4!), $(-0.6..0.6!))) * 1.5) / 1.5))",
        1.2,
    ),
    _world(
        "group",
        """
        float d = p.y + 1.0;
        d = min(d, $solid(p * 1.2 + vec3($(0.9..1.3!), 0.2, $(-0.5..0.5!))) / 1.2);
        d = min(d, $solid(p * 1.6 - vec3($(0.5..1.2!), -0.6, $(0.5..1.2!))) / 1.6);
        return min(d, $solid(p * 1.4 + vec3($(-0.9..-0.5!), 0.3, $(0.8..1.4!))) / 1.4);
        """,
        1.5,
    ),
    _world(
        "plinth",
        """
        float stand = block(p + vec3(0.0, 0.85, 0.0), vec3($(0.6..0.9!), 0.15, $(0.6..0.9!)));
        return min(min(p.y + 1.0, stand), $solid(p * 1.25 - vec3(0.0, $(0..0.3!), 0.0)) / 1.25);
        """,
        1.0,
    ),
    _world(
        "ranked",
        """
        vec3 q = vec3(mod(p.x, $(2..3!)) - 1.2, p.y, mod(p.z, $(2..3!)) - 1.2);
        return min(p.y + 1.0, $solid(q * 1.3 + vec3(0.0, 0.3, 0.0)) / 1.5);
        """,
        0.9,
        "The same thing over and over.",
    ),
    _world(
        "scattered",
        """
        vec2 cell = floor(p.xz / 2.0);
        float h = hash(cell + floor(9.0 * dice.xy)), big = 1.4 + 1.2 * h;
        vec3 q = vec3(p.xz - 2.0 * (cell + 0.5), p.y + 1.0).xzy * big - vec3(0.5 * h, 0.8, 0.0);
        q.xz *= rot(9.0 * h);
        return min(p.y + 1.0, min(0.6 * (h < 0.6 ? $solid(q) : $solid(q)) / big, 1.0));
        """,
        1.2,
        "Something else in every cell.",
    ),
    _world(
        "heap",
        """
        float d = p.y + 1.0;
        for (int i = 0; i < 7; i++) {
            vec4 h = hash4(float(i) + 10.0 * floor(9.0 * dice.x));
            vec3 q = p - vec3(1.5 * (2.0 * h.x - 1.0), h.y * 0.8 - 0.6, 1.5 * (2.0 * h.z - 1.0));
            d = $(min(d, length(q) - 0.2 - 0.4 * h.w)|smin(d, length(q) - 0.2 - 0.4 * h.w, 0.25)|min(d, block(q, vec3(0.15) + 0.35 * h.wzx)));
        }
        return d;
        """,
        1.2,
    ),
    _world(
        "ringed",
        """
        float side = 6.2832 / $(5..9 int).0, a = mod(atan(p.z, p.x) + 0.1 * iTime, side) - 0.5 * side;
        vec3 q = vec3(length(p.xz) * vec2(cos(a), sin(a)), p.y).xzy - vec3($(1.6..2.2!), 0.0, 0.0);
        return min(min(p.y + 1.0, 0.8 * $solid(q * 1.8 + vec3(0.0, 0.6, 0.0)) / 1.8), $solid(p * 1.4) / 1.4);
        """,
        1.0,
        "A circle around a middle.",
    ),
    _world(
        "chamber",
        """
        float room = -block(p - vec3(0.0, 1.0, 0.0), vec3($(3.5..5!), 2.0, $(3.5..5!)));
        float posts = length(vec2(abs(abs(p.x) - 2.4) , abs(abs(p.z) - 2.4))) - $(0.15..0.4!);
        return min(min(room, posts), $solid(p));
        """,
        0.9,
    ),
    _world(
        "waves",
        "min(0.6 * (p.y + 1.0 + 0.15 * sin(2.0 * p.x + iTime) * sin(1.7 * p.z - iTime)), $solid(p - vec3(0.0, 0.15 * sin(iTime), 0.0)))",
        0.8,
    ),
    _world(
        "foam",
        """
        float scale = 1.0, far = length(p) - $(1.3..1.8!);
        for (int i = 0; i < 5; i++) {
            p = 2.0 * fract(0.5 * p + 0.5) - 1.0;
            float k = $(1.05..1.35) / max(dot(p, p), 0.05);
            p *= k;
            scale *= k;
        }
        return max(far, 0.35 * abs(p.y) / scale);
        """,
        0.6,
        "Circles inverted in circles, cut to a ball.",
    ),
    _world(
        "crystal",
        """
        float d = p.y + 1.0, scale = 1.0;
        for (int i = 0; i < 5; i++) {
            p = abs(p) - vec3($(0.3..0.6), $(0.3..0.7), $(0.2..0.5)) / scale;
            p.xy *= rot($(0.2..0.9));
            p.yz *= rot($(-0.6..0.6));
            scale *= 1.3;
        }
        return min(d, 0.8 * block(p, vec3($(0.05..0.12!), $(0.15..0.4!), $(0.05..0.2!))));
        """,
        0.8,
        "Blocks, mirrored and turned.",
    ),
    _world(
        "woods",
        """
        vec2 cell = floor(p.xz / 1.5);
        float h = hash(cell);
        vec3 q = vec3(p.xz - 1.5 * (cell + 0.3 + 0.4 * vec2(h, fract(9.0 * h))), p.y + 1.0).xzy;
        float trunk = length(q.xz) - 0.08, crown = $(length(q - vec3(0.0, 1.2 + 0.5 * h, 0.0)) - 0.3 - 0.25 * h|max(length(q.xz) - 0.45 * (1.8 + h - q.y) * 0.5, 0.5 - q.y)|length(vec3(q.x, 0.4 * (q.y - 1.3 - 0.3 * h), q.z)) - 0.3);
        return min(p.y + 1.0, 0.6 * min(max(trunk, q.y - 1.5), crown));
        """,
        0.9,
    ),
    _world("changed", "dice.$(x|y|z|w) < 0.5 ? $world(p) : $world(p)", 1.2),
)
