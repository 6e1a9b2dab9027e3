"""Fields of escape time, orbit traps and iterated folds."""

from phosphene.synthesis.kinds import FIELD
from phosphene.synthesis.production import Production


def _field(name: str, text: str, weight: float = 0.7, note: str = "") -> Production:
    return Production(FIELD, name, text, weight, note)


_SMOOTH = (
    "(i == 40 ? 0.0 : fract($(0.06..0.2!) * (float(i) - log2(log2(dot(z, z)))) + 0.1 * iTime))"
)

PRODUCTIONS = (
    _field(
        "julia",
        f"""
        float turn = $(0.1..0.3!) * iTime + 6.2832 * dice.x;
        vec2 z = $(0.7..1.3) * tame(p), c = $(0.72..0.8) * vec2(cos(turn), sin(turn));
        int i = 0;
        for (; i < 40 && dot(z, z) < 64.0; i++) z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
        return {_SMOOTH};
        """,
        1.0,
    ),
    _field(
        "mandelbrot",
        f"""
        float zoom = exp2(-4.0 - 2.5 * cos(0.2 * iTime + 6.0 * dice.y));
        vec2 at = dice.x < 0.4 ? vec2(-0.7453, 0.1127) : dice.x < 0.7 ? vec2(-1.2501, 0.0201) : vec2(0.2753, 0.0066);
        vec2 c = at + zoom * rot(0.1 * iTime) * tame(p), z = c;
        int i = 0;
        for (; i < 40 && dot(z, z) < 64.0; i++) z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
        return {_SMOOTH};
        """,
    ),
    _field(
        "ship",
        f"""
        vec2 c = vec2($(-1.8..-1.7), -0.03) + $(0.05..0.3) * tame(p), z = c;
        int i = 0;
        for (; i < 40 && dot(z, z) < 64.0; i++) {{
            z = abs(z);
            z = vec2(z.x * z.x - z.y * z.y, $(1.7..2.2) * z.x * z.y) + c;
        }}
        return {_SMOOTH};
        """,
        0.6,
        "The burning ship.",
    ),
    _field(
        "trapped",
        """
        vec2 z = $(0.8..1.4) * tame(p), c = vec2($(-0.8..0.4), $(0.1..0.8)) + 0.05 * sin(vec2(0.4, 0.3) * iTime);
        float trap = 9.0;
        for (int i = 0; i < 16 && dot(z, z) < 40.0; i++) {
            z = vec2(z.x * z.x - z.y * z.y, 2.0 * z.x * z.y) + c;
            trap = min(trap, $(abs(z.x + 0.3)|min(abs(z.x), abs(z.y))|abs(length(z) - 0.5)|length(z - vec2(0.3, 0.2))));
        }
        return 1.0 - exp(-$(2..6) * trap);
        """,
        1.0,
        "How near an orbit comes to a curve.",
    ),
    _field(
        "newton",
        """
        vec2 z = $(0.8..2) * tame(p);
        int i = 0;
        for (; i < 18; i++) {
            float r = dot(z, z);
            vec2 square = vec2(z.x * z.x - z.y * z.y, -2.0 * z.x * z.y) / max(r * r, 1e-4);
            vec2 step_ = (z - square) / 3.0;
            z -= $(0.9..1.4) * step_;
            if (dot(step_, step_) < 1e-4) break;
        }
        return fract(float(i) / $(9..20!) + atan(z.y, z.x) / 6.2832 + 0.05 * iTime);
        """,
        0.6,
        "Newton's method on a cubic.",
    ),
    _field(
        "frost",
        """
        float d = 9.0, scale = 1.0;
        p = tame(p);
        for (int i = 0; i < 7; i++) {
            p = abs(p) - vec2($(0.3..0.7), $(0.1..0.5));
            p *= $(1.25..1.7) * rot($(0.3..1.2) + 0.1 * sin(0.3 * iTime));
            scale *= 1.45;
            d = min(d, $(abs(p.x)|abs(length(p) - 0.4)|max(abs(p.x), abs(p.y)) - 0.2) / scale);
        }
        return exp(-$(8..30) * abs(d));
        """,
        1.2,
        "Mirrors in mirrors.",
    ),
    _field(
        "gasket",
        """
        float scale = 1.0, trap = 9.0;
        for (int i = 0; i < 7; i++) {
            p = 2.0 * fract(0.5 * p + 0.5) - 1.0;
            float k = $(1.05..1.45) / max(dot(p, p), 0.02);
            p *= k;
            scale *= k;
            trap = min(trap, abs(p.y));
        }
        return clamp($(0.6..1.2) * log(1.0 + scale * trap) * 0.35, 0.0, 1.0);
        """,
        0.9,
        "Circles inverted in circles.",
    ),
    _field(
        "carpet",
        """
        p = 0.5 + $(0.3..0.6) * p + 0.1 * $motion;
        float hole = 0.0;
        for (int i = 1; i < 5; i++) {
            p = fract(p) * 3.0;
            vec2 c = floor(p);
            if ($(c.x == 1.0 && c.y == 1.0|mod(c.x + c.y, 2.0) == 1.0|c.x == c.y && c.x > 0.0)) hole = max(hole, 1.0 / float(i));
        }
        return hole;
        """,
        0.7,
    ),
)
