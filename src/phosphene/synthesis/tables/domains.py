"""Domain maps: statements that bend the plane before something is drawn on it."""

from phosphene.synthesis.kinds import MOTION, WARP
from phosphene.synthesis.production import Production


def _warp(name: str, text: str, weight: float = 1.0) -> Production:
    return Production(WARP, name, text, weight)


def _motion(name: str, text: str, weight: float = 1.0) -> Production:
    return Production(MOTION, name, text, weight)


PRODUCTIONS = (
    _warp("polar", "p = vec2($(2..8 int).0 * atan(p.y, p.x) / 6.2832, $(1.5..4) * length(p));"),
    _warp(
        "tunnel",
        "p = vec2($(2..6 int).0 * atan(p.y, p.x) / 6.2832, $(0.5..1.2) / (length(p) + 0.05) + 0.5 * iTime);",
    ),
    _warp("logpolar", "p = vec2(atan(p.y, p.x), log(length(p) + 0.001)) * $(3..6 int).0 / 6.2832;"),
    _warp(
        "kaleidoscope",
        """
        float fold = 6.2832 / $(3..10 int).0, angle = mod(atan(p.y, p.x) + $(0..0.3!) * iTime, fold);
        p = length(p) * vec2(cos(abs(angle - 0.5 * fold)), sin(abs(angle - 0.5 * fold)));
        """,
        1.2,
    ),
    _warp("mirror", "p = abs(p) - $(0.2..0.6);"),
    _warp("mirrored", "p = abs(fract($(0.3..0.7) * p + 0.1 * $motion) * 2.0 - 1.0) * $(0.8..1.5);"),
    _warp("repeated", "p = (fract($(0.5..1.2) * p + 0.3 * $motion) - 0.5) * $(1.5..2.2);"),
    _warp(
        "bricked",
        "p *= $(0.7..1.4); p.x += 0.5 * mod(floor(p.y), 2.0); p = (fract(p) - 0.5) * 2.0;",
    ),
    _warp("hexed", "p = 2.0 * hexagon($(0.6..1.3) * p + 0.2 * $motion);"),
    _warp(
        "triangles",
        """
        for (int i = 0; i < $(2..5 int); i++) {
            p.x = abs(p.x) - $(0.3..0.6);
            vec2 side = vec2(cos($(0.5..1.1)), sin($(0.5..1.1)));
            p -= 2.0 * min(0.0, dot(p, side)) * side;
        }
        """,
    ),
    _warp("wobbled", "p += $(0.06..0.25) * sin($(2..7) * p.yx + vec2(1.0, 1.3) * iTime);"),
    _warp(
        "blown",
        "p += $(0.2..0.8) * (vec2(noise($(1..3) * p + $motion), noise($(1..3) * p + 31.0)) - 0.5);",
        1.3,
    ),
    _warp(
        "swirled",
        "p *= rot($(1..5) * exp(-$(0.8..2.5) * dot(p, p)) * sin(0.3 * iTime + 6.0 * dice.x));",
    ),
    _warp("twirled", "p *= rot($(0.6..2.5) * length(p) - 0.2 * iTime);"),
    _warp("bulged", "p *= $(0.4..0.8) + $(0.3..0.8) * dot(p, p);"),
    _warp("pinched", "p *= pow(length(p) + 0.02, $(-0.6..0.8));"),
    _warp("inverted", "p = $(0.5..1.2) * p / max(dot(p, p), 0.03);"),
    _warp(
        "lens",
        """
        vec2 centre = 0.7 * sin(vec2(0.4, 0.57) * iTime + 6.2832 * dice.xy);
        float inside = (1.0 - smoothstep(0.4, $(0.5..0.8), length(p - centre)));
        p -= $(0.4..0.8) * inside * (p - centre);
        """,
    ),
    _warp(
        "floor_",
        "p = vec2(p.x, $(0.6..1.1)) / (abs(p.y + $(-0.3..0.3)) + 0.12) + vec2(0.0, 0.6 * iTime);",
    ),
    _warp("sheared", "p.x += $(-1..1) * p.y + 0.3 * sin(0.4 * iTime);", 0.6),
    _warp("pixelled", "p = floor(p * $(12..36!)) / $(14..30!);", 0.7),
    _warp(
        "shifted",
        "p.x += (hash(vec2(floor($(3..12) * p.y), floor($(0.4..2!) * iTime))) - 0.5) * $(0.3..1.2);",
        0.8,
    ),
    _warp("stretched", "p = rot($(0..3.1)) * p * vec2($(0.3..0.7), $(1.2..2.5));"),
    _warp(
        "tossed",
        """
        p *= $(1..2.5!);
        vec2 tile = floor(p);
        p = rot(1.5708 * floor(4.0 * hash(tile + floor(0.2 * iTime)))) * (p - tile - 0.5) * 1.6;
        """,
    ),
    _warp(
        "strewn",
        """
        p *= $(0.8..1.6!);
        vec2 tile = floor(p), h = hash2(tile + floor(0.15 * iTime) * 7.0);
        p = rot(6.2832 * h.x + (h.y - 0.5) * iTime) * (p - tile - 0.5) * (1.5 + 1.5 * h.y);
        """,
    ),
    _warp(
        "quartered",
        """
        float side = 1.0;
        for (int i = 0; i < 4; i++) {
            if (hash(floor(p / side) + float(i) * 9.0 + floor(0.2 * iTime)) < 0.4) break;
            side *= 0.5;
        }
        p = (fract(p / side) - 0.5) * 2.0 + floor(p / side) * $(0..3!);
        """,
    ),
    _warp(
        "squared", "p = $(0.6..1) * vec2(p.x * p.x - p.y * p.y, 2.0 * p.x * p.y) + $(-0.4..0.4);"
    ),
    _warp(
        "moebius",
        """
        vec2 b = p + vec2($(0.3..1), 0.2 * sin(0.5 * iTime)), a = p - vec2($(0.3..1), $(-0.4..0.4));
        p = vec2(dot(a, b), a.y * b.x - a.x * b.y) / max(dot(b, b), 0.03);
        """,
    ),
    _warp(
        "droste",
        """
        vec2 z = vec2(log(length(p) + 0.001), atan(p.y, p.x));
        z = mat2(1.0, $(-0.3..0.3!), $(-0.4..0.4!), 1.0) * z;
        z.x = mod(z.x - 0.3 * iTime, $(0.9..1.6!)) - 1.0;
        p = exp(z.x) * vec2(cos(z.y), sin(z.y)) * 1.6;
        """,
    ),
    _warp(
        "folded",
        """
        for (int i = 0; i < $(2..4 int); i++) {
            p = abs(p) - vec2($(0.2..0.7), $(0.2..0.7));
            p *= 1.2 * rot($(0.3..1.2) + 0.1 * iTime);
        }
        """,
    ),
    _warp(
        "rippled",
        "p += normalize(p + 0.001) * $(0.03..0.12) * sin($(10..25) * length(p) - 2.0 * iTime);",
    ),
    _warp("curtained", "p.x += $(0.1..0.4) * sin($(2..6) * p.x + sin(p.y + 0.5 * iTime));", 0.7),
    _motion("drifting", "vec2($(-0.5..0.5!), $(-0.5..0.5!)) * iTime", 2.0),
    _motion("circling", "vec2(cos($(0.1..0.5!) * iTime), sin($(0.1..0.5!) * iTime)) * $(0.8..3!)"),
    _motion("jumping", "$(8..40!) * dice.$(xy|yz|zw|wx)", 2.0),
    _motion("falling", "vec2(0.0, $(0.2..0.9!)) * iTime"),
    _motion("strolling", "(vec2($(0.1..0.4!), $(-0.3..0.3!)) * iTime + 17.0 * dice.$(zx|yw))", 1.5),
)
