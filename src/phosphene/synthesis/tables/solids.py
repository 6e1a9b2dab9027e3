"""Solids as signed distances, and what covers them (distances after Hart 1996 and Quilez' catalogue)."""

from phosphene.synthesis.kinds import SKIN, SOLID
from phosphene.synthesis.production import Production


def _solid(name: str, text: str, weight: float = 1.0, note: str = "") -> Production:
    return Production(SOLID, name, text, weight, note)


def _skin(name: str, text: str, weight: float = 1.0, note: str = "") -> Production:
    return Production(SKIN, name, text, weight, note)


PRODUCTIONS = (
    _solid("ball", "length(p) - $(0.6..0.95)"),
    _solid("crate", "block(p, vec3($(0.4..0.75), $(0.4..0.8), $(0.4..0.75))) - $(0.02..0.12)", 1.2),
    _solid(
        "ring", "length(vec2(length(p.$(xz|xy)) - $(0.5..0.75), p.$(x|y|z))) - $(0.12..0.3)", 0.6
    ),
    _solid("torus", "length(vec2(length(p.xz) - $(0.5..0.7), p.y)) - $(0.15..0.3)"),
    _solid("column", "max(length(p.xz) - $(0.25..0.5), abs(p.y) - $(0.6..1)) - 0.03"),
    _solid(
        "capsule",
        "length(p - vec3(0.0, clamp(p.y, -$(0.3..0.6), $(0.3..0.6)), 0.0)) - $(0.25..0.5)",
    ),
    _solid("cone", "max(dot(vec2(length(p.xz), p.y - 0.8), vec2(0.85, $(0.3..0.6))), -p.y - 0.8)"),
    _solid("gem", "(abs(p.x) + abs(p.y) * $(0.7..1.2) + abs(p.z) - 0.95) * 0.57"),
    _solid(
        "prism",
        "max(max(abs(p.x) * 0.866 + abs(p.z) * 0.5, abs(p.z)) - $(0.4..0.65), abs(p.y) - $(0.5..0.9))",
    ),
    _solid("pyramid", "max(max(abs(p.x), abs(p.z)) * 0.8 + p.y * 0.6 - 0.45, -p.y - 0.7)"),
    _solid("egg", "(length(p * vec3(1.2, 0.9 - 0.2 * p.y, 1.2)) - 0.8) * 0.75", 0.6),
    _solid("disc", "max(length(p) - 0.9, abs(p.$(x|y|z)) - $(0.08..0.3))", 0.6),
    _solid(
        "frame",
        "max(block(p, vec3(0.75)), -min(min(max(abs(p.x), abs(p.y)), max(abs(p.y), abs(p.z))), max(abs(p.z), abs(p.x))) + $(0.4..0.62)) - 0.02",
    ),
    _solid(
        "mesh",
        "max(length(p) - 0.95, abs(dot(sin($(5..9!) * p), cos($(5..9!) * p.zxy))) / $(9..12!) - $(0.02..0.06!)) * 0.7",
        0.8,
        "A lattice of gyroids in a ball.",
    ),
    _solid(
        "vase",
        "max(length(p.xz) - 0.38 - $(0.12..0.22) * sin($(2.5..5) * p.y + $(0..6)), abs(p.y) - 0.85) * 0.7",
    ),
    _solid(
        "bumpy",
        "(length(p) - 0.75 - $(0.04..0.12) * sin($(6..13) * p.x) * sin($(6..13) * p.y) * sin($(6..13) * p.z)) * 0.6",
    ),
    _solid(
        "mushroom",
        "min(max(length(p - vec3(0.0, 0.1, 0.0)) - 0.75, 0.15 - p.y), max(length(p.xz) - 0.2 - 0.06 * p.y * p.y, abs(p.y + 0.3) - 0.5))",
        0.6,
    ),
    _solid(
        "snowman",
        "smin(length(p + vec3(0.0, 0.35, 0.0)) - 0.55, length(p - vec3(0.0, 0.45, 0.0)) - 0.36, $(0.05..0.3))",
        0.6,
    ),
    _solid(
        "steps",
        """
        float level = clamp(floor((p.y + 0.8) * 4.0), 0.0, 5.0);
        return max(max(abs(p.x), abs(p.z)) - 0.85 + 0.13 * level, abs(p.y) - 0.8) * 0.7;
        """,
        0.6,
    ),
    _solid(
        "sponge",
        """
        float d = block(p, vec3(0.8)), size = 0.8;
        for (int i = 0; i < 3; i++) {
            vec3 q = abs(mod(p, 2.0 * size) - size) / size;
            d = max(d, ($(0.3..0.5!) - min(max(q.x, q.y), min(max(q.y, q.z), max(q.z, q.x)))) * size);
            size /= 3.0;
        }
        return d;
        """,
        0.7,
        "Menger's sponge, three rounds.",
    ),
    _solid(
        "union_",
        "min($solid(p + vec3($(0.2..0.5!), 0.0, $(-0.3..0.3!))), $solid((p - vec3($(0.3..0.6!), $(-0.2..0.4!), 0.2)) * 1.4) / 1.4)",
        1.0,
    ),
    _solid(
        "melted",
        "smin($solid(p + vec3($(0.2..0.5!), $(-0.3..0.3!), 0.0)), $solid((p - vec3($(0.2..0.5!), $(-0.2..0.4!), 0.0)) * 1.3) / 1.3, $(0.15..0.4!))",
        1.2,
    ),
    _solid(
        "carved",
        "max($solid(p), -$solid((p - vec3($(-0.5..0.5!), $(0.1..0.6!), $(-0.5..0.5!))) * $(1.2..1.7!)) / 1.5)",
        1.2,
    ),
    _solid(
        "shell",
        "max(abs($solid(p) + 0.05) - 0.05, dot(p, normalize(vec3($(-1..1), $(0.4..1), $(-1..1)))) - $(0.1..0.3))",
        0.7,
        "Hollow, and cut open.",
    ),
    _solid(
        "stacked",
        "min($solid((p + vec3(0.0, 0.4, 0.0)) * 1.6) / 1.6, $solid((p - vec3(0.0, 0.55, 0.0)) * 2.0) / 2.0)",
        1.0,
    ),
    _solid(
        "twisted",
        """
        p.xz *= rot($(0.6..1.6!) * p.y);
        return 0.7 * $solid(p);
        """,
        0.9,
    ),
    _solid(
        "tumbling",
        """
        p.xy *= rot($(0.2..0.8!) * iTime);
        p.yz *= rot(3.0 * dice.x);
        return $solid(p);
        """,
        1.0,
    ),
    _solid(
        "arms",
        """
        float side = 6.2832 / $(3..7 int).0, a = mod(atan(p.z, p.x), side) - 0.5 * side;
        p.xz = length(p.xz) * vec2(cos(a), sin(a)) - vec2($(0.4..0.65), 0.0);
        return 0.9 * min($solid(p * 2.4) / 2.4, length(p + vec3(0.4, 0.0, 0.0)) - 0.2);
        """,
        0.9,
        "Several around a middle.",
    ),
    _solid(
        "mirrored",
        """
        p.xz = abs(p.xz) - vec2($(0.35..0.55), $(0..0.4!));
        return $solid(p * 1.5) / 1.5;
        """,
        0.6,
    ),
    _solid(
        "dented",
        "($solid(p) + $(0.03..0.09) * sin($(8..16!) * p.x) * sin($(8..16!) * p.y) * sin($(8..16!) * p.z)) * 0.7",
        0.8,
    ),
    _solid(
        "grown",
        """
        float d = length(p) - 0.5, size = 0.5;
        for (int i = 0; i < 3; i++) {
            p = abs(p) - size * vec3($(0.7..1.2), $(0.6..1), $(0.6..1.1));
            p.$(xy|xz|yz) *= rot($(0.2..0.9));
            size *= $(0.45..0.55!);
            d = $(smin(d, length(p) - size, 0.1)|min(d, block(p, vec3(0.7 * size))));
        }
        return 0.9 * d;
        """,
        1.0,
        "Smaller ones grow on every corner.",
    ),
    _skin("plain", "mix($ink, $ink, 0.5 + 0.5 * n.$(x|y|z))", 0.9),
    _skin("draped", "$pattern(facing(p, n, $(0.6..1.3!)))", 2.2),
    _skin("strata", "$palette($(0.5..2) * p.y + 0.3 * noise3($(1.5..4) * p))"),
    _skin("cubes", "mix($ink, $ink, mod(dot(floor($(3..6!) * p + 0.01), vec3(1)), 2.0))", 0.8),
    _skin(
        "dotted",
        "mix($ink, $ink, (1.0 - smoothstep(0.28, 0.32, length(fract($(3..7!) * p) - 0.5))))",
        0.8,
    ),
    _skin("cloudy", "$palette(noise3($(2..5) * p) + 0.3 * noise3($(8..14) * p))"),
    _skin("veined", "$palette(0.5 + 0.5 * sin($(6..14) * noise3($(1..2.5) * p) + $(2..6) * p.x))"),
    _skin(
        "iridescent",
        "$palette(0.5 * dot(n, vec3($(-1..1), $(0.3..1), $(-1..1))) + 0.1 * iTime)",
        0.8,
    ),
    _skin("projected", "$pattern($(0.7..1.4) * p.$(xy|zy|xz) + 0.3 * p.$(z|y))", 0.9),
    _skin(
        "ringed",
        "mix($ink, $ink, smoothstep(-0.1, 0.1, sin($(10..30!) * (p.$(x|y|z) + $(0..0.3!) * sin(3.0 * p.$(x|y|z))))))",
        0.8,
    ),
)
