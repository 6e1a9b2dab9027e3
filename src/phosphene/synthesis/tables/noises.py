"""Fields that are random: value, gradient and cellular noise and what is made of them."""

from phosphene.synthesis.kinds import FIELD
from phosphene.synthesis.production import Production


def _field(name: str, text: str, weight: float = 1.0, note: str = "") -> Production:
    return Production(FIELD, name, text, weight, note)


PRODUCTIONS = (
    _field("clouds", "fbm($(1.2..4) * p + $motion)", 1.4),
    _field("ridges", "ridged($(1..3) * p + $motion)", 1.2),
    _field("hills", "noise($(2..6) * p + $motion)", 0.5),
    _field("swell", "0.5 + $(0.6..0.9) * gradientNoise($(2..5) * p + $motion)"),
    _field("blobs", "smoothstep($(0.3..0.45!), $(0.5..0.7!), noise($(2.5..7) * p + $motion))"),
    _field("billows", "abs(2.0 * fbm($(1.5..4) * p + $motion) - 1.0) * $(1.5..2.5)"),
    _field("bubbles", "cellular($(2..5) * p + $motion, $(0.3..1.2!) * iTime).x"),
    _field(
        "cracks",
        """
        vec3 c = cellular($(2..5) * p + $motion, $(0.2..0.9!) * iTime);
        return smoothstep(0.0, $(0.08..0.4), c.y - c.x);
        """,
    ),
    _field("pebbles", "cellular($(2..6) * p + $motion, $(0.2..0.8!) * iTime).z"),
    _field(
        "craters",
        """
        vec3 c = cellular($(2..4) * p + $motion, $(0.1..0.5!) * iTime);
        return 0.5 + 0.5 * cos($(12..30) * c.x) * exp(-$(1..3) * c.x);
        """,
    ),
    _field(
        "pixels",
        "hash(floor($(4..14) * p + $motion) + floor($(0.3..1.5!) * iTime) * vec2(13, 7))",
        0.7,
    ),
    _field(
        "marble",
        "0.5 + 0.5 * sin($(4..9) * p.x + $(5..11) * fbm($(1..3) * p + $motion))",
        1.2,
    ),
    _field(
        "grain",
        """
        p *= rot($(0..3.1));
        float bend = noise(p * vec2($(0.6..1.5), $(2..4)) + $motion);
        return fract($(3..8) * (p.y * 0.4 + bend) + 0.12 * noise(p * vec2(4.0, 60.0)));
        """,
        note="Wood: bent rings, fine fibres.",
    ),
    _field(
        "agate",
        """
        float rough = fbm($(1.5..3) * p + $motion);
        return 0.5 + 0.5 * sin($(15..45) * rough + $(2..8) * length(p));
        """,
    ),
    _field(
        "swirled",
        """
        vec2 q = vec2(fbm($(1..2.5) * p + $motion), fbm($(1..2.5) * p + 5.2));
        return fbm($(1..2) * p + $(2..4.5) * q);
        """,
        1.3,
        "Noise that is bent by noise.",
    ),
    _field(
        "terraces",
        """
        float h = $(4..9) * fbm($(1..2.5) * p + $motion);
        return (floor(h) + smoothstep($(0.5..0.9!), 1.0, fract(h))) / $(5..8!);
        """,
    ),
    _field(
        "fur",
        """
        p *= rot($(2..6) * noise($(0.8..2) * p + $motion));
        return noise(p * vec2($(2..4), $(18..40)));
        """,
        note="Strokes that follow a slowly turning direction.",
    ),
    _field(
        "brushed",
        "noise(rot($(0..3.1)) * p * vec2($(0.8..2), $(30..60)) + $motion) * 0.6 + 0.4 * fbm($(1..3) * p)",
        0.6,
    ),
    _field(
        "spots",
        """
        float sum = 0.0;
        for (int i = 0; i < 9; i++) {
            float a = $(1.9..2.6!) * float(i) + 6.2832 * dice.x;
            sum += cos($(12..26) * dot(p, vec2(cos(a), sin(a))) + float(i * i) + $(0.2..0.8!) * iTime);
        }
        return smoothstep(-$(0.3..1.2), $(0.3..1.2), sum);
        """,
        1.2,
        "Waves of one length from all sides: the spots and stripes of animal coats.",
    ),
    _field(
        "labyrinth",
        """
        p *= $(2..4);
        for (int i = 1; i < 6; i++) {
            p += 0.6 * sin($(1.2..1.9!) * float(i) * p.yx + vec2(0.3, 0.2) * iTime + 9.0 * dice.yz) / float(i);
        }
        return 0.5 + 0.5 * sin($(2..5) * (p.x + p.y));
        """,
        1.2,
        "Folded sines, as of a reaction that spreads.",
    ),
    _field(
        "coral",
        """
        float a = noise($(3..6) * p + $motion), b = noise($(8..13) * p - $motion);
        return smoothstep(-0.15, 0.15, sin($(10..22) * a + 2.0 * b));
        """,
    ),
    _field(
        "rain",
        """
        vec2 q = $(2..4) * p, cell = floor(q);
        float sum = 0.5;
        for (int k = 0; k < 4; k++) {
            vec2 home = cell + vec2(k & 1, k >> 1), h = hash2(home);
            float age = fract($(0.3..0.8!) * iTime + h.x), d = length(q - home - 0.4 * (h - 0.5));
            sum += 0.6 * sin($(25..45) * (d - age)) * (1.0 - smoothstep(0.0, 0.25, abs(d - age))) * (1.0 - age);
        }
        return sum;
        """,
        note="Rings that drops leave on water.",
    ),
    _field(
        "smoke",
        """
        for (int i = 0; i < 3; i++) {
            p += $(0.15..0.4) * (vec2(noise(3.0 * p + $motion), noise(3.0 * p + 40.0)) - 0.5);
            p *= $(1.15..1.5!);
        }
        return fbm(p + $motion);
        """,
    ),
)
