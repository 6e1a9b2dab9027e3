"""Time: clocks that throw the dice, views that travel over the plane, cameras, suns, last touches."""

from phosphene.synthesis.kinds import CLOCK, EYE, FINISH, SUN, VIEW
from phosphene.synthesis.production import Production

_ORBIT = "vec3 eye = vec3(reach * cos(turn), $(0.5..2.6), reach * sin(turn));\n"

PRODUCTIONS = (
    Production(CLOCK, "cuts", "dice = hash4(floor(iTime / $(4..9!)) + $(0..99 int).0);", 1.4),
    Production(
        CLOCK,
        "morphs",
        """
        float act = iTime / $(4..8!) + $(0..99 int).0;
        dice = mix(hash4(floor(act)), hash4(floor(act) + 1.0), smoothstep($(0.4..0.8!), 1.0, fract(act)));
        """,
        1.2,
    ),
    Production(
        CLOCK,
        "sways",
        "dice = 0.5 + 0.5 * sin(vec4($(0.2..0.6!), $(0.15..0.5!), $(0.1..0.4!), $(0.3..0.8!)) * iTime + $(0..6!) * vec4(1, 2, 3, 4));",
        0.6,
    ),
    Production(
        CLOCK,
        "turns",
        """
        vec4 act = floor(iTime / vec4($(4..7!), $(5..9!), $(6..11!), $(8..13!))) + $(0..99 int).0;
        dice = vec4(hash(act.xx), hash(act.yy + 3.0), hash(act.zz + 5.0), hash(act.ww + 9.0));
        """,
        1.0,
    ),
    Production(
        VIEW,
        "shots",
        "p = rot(6.2832 * dice.x) * p * mix($(0.4..0.8!), $(1.2..2.2!), dice.y);",
        1.4,
    ),
    Production(
        VIEW,
        "glide",
        "p = p * $(0.6..1.4) + $(0.5..1!) * sin(vec2($(0.1..0.3!), $(0.1..0.3!)) * iTime + 9.0 * dice.zw);",
    ),
    Production(
        VIEW,
        "breathe",
        "p *= $(0.8..1.2!) + $(0.2..0.5!) * sin($(0.2..0.5!) * iTime + 6.0 * dice.z);",
    ),
    Production(VIEW, "spin", "p = rot($(-0.3..0.3!) * iTime) * p + vec2(dice.x, dice.w) - 0.5;"),
    Production(
        VIEW,
        "pan",
        "p += $(0.5..1.5!) * sin(vec2($(0.1..0.4!), $(0.1..0.4!)) * iTime + 6.0 * dice.xy);",
    ),
    Production(
        VIEW,
        "zoom",
        "p *= exp2(-$(1..2!) * fract(iTime / $(5..12!)) + $(0.5..1!)) * rot(6.2832 * dice.y);",
    ),
    Production(VIEW, "close", "p = p * mix(0.3, 1.3, dice.w) + (dice.xy - 0.5) * 1.5;"),
    Production(VIEW, "still", "p += 0.3 * (dice.xy - 0.5);", 0.5),
    Production(
        EYE,
        "orbit",
        "float turn = $(0.1..0.4!) * iTime + 6.2832 * dice.x, reach = $(3..4.5);\n"
        + _ORBIT
        + "vec3 ray = look(eye, vec3(0.0, $(-0.3..0.2), 0.0), p, $(1.4..2.2));",
        1.5,
    ),
    Production(
        EYE,
        "shoulder",
        "float turn = 6.2832 * dice.y + 0.1 * iTime, reach = $(2.6..4);\n"
        + _ORBIT
        + "vec3 ray = look(eye, vec3($(-0.5..0.5), $(-0.2..0.4), 0.0), p, mix(1.2, 2.6, dice.z));",
    ),
    Production(
        EYE,
        "crane",
        """
        vec3 eye = vec3(2.5 * sin(0.2 * iTime + 6.0 * dice.w), mix(0.4, 4.0, dice.x), -$(2.8..4));
        vec3 ray = look(eye, vec3(0.4 * sin(0.3 * iTime), -0.2, 0.0), p, $(1.3..2));
        """,
    ),
    Production(SUN, "morning", "sun = normalize(vec3($(0.4..1!), $(0.5..1.2!), $(-0.9..0.9!)));"),
    Production(
        SUN,
        "day",
        "sun = normalize(vec3(cos(6.2832 * dice.w), mix(0.35, 1.2, dice.z), sin(6.2832 * dice.w)));",
        1.6,
    ),
    Production(
        SUN, "circling", "sun = normalize(vec3(cos(0.2 * iTime), $(0.4..1!), sin(0.2 * iTime)));"
    ),
    Production(FINISH, "plain", "col *= $(0.95..1.1);", 2.0),
    Production(FINISH, "hues", "col = turnHue(col, 6.2832 * dice.$(x|y|z|w));", 1.0),
    Production(FINISH, "drifting_hues", "col = turnHue(col, $(0.1..0.4!) * iTime);", 0.8),
    Production(FINISH, "vignette", "col *= 1.1 - $(0.1..0.3) * dot(uv, uv);", 0.6),
    Production(
        FINISH, "contrast", "col = mix(col, col * col * (3.0 - 2.0 * col), $(0.4..0.9));", 0.8
    ),
    Production(
        FINISH,
        "soft",
        "col = pow(max(col, 0.0), vec3($(0.65..0.85!), $(0.7..0.9!), $(0.75..0.95!)));",
        0.8,
    ),
    Production(FINISH, "exposed", "col = 1.0 - exp(-$(1.4..2.4) * col);", 0.6),
    Production(FINISH, "grainy", "col += $(0.03..0.12!) * (hash(floor(fragCoord)) - 0.5);", 0.5),
    Production(
        FINISH,
        "print",
        "col = floor(col * $(3..6!) + 0.5 + 0.5 * (hash(floor(fragCoord)) - 0.5)) / $(3.5..5.5!);",
        0.35,
    ),
    Production(FINISH, "negative", "col = dice.y < 0.5 ? col : 1.0 - col;", 0.5),
    Production(
        FINISH,
        "lantern",
        "col *= $(1.2..1.6!) * exp(-$(0.7..1.6!) * length(uv - 0.6 * sin(vec2(0.5, 0.7) * iTime + 6.0 * dice.xy)));",
        0.4,
    ),
    Production(FINISH, "grey", "col = vec3(dot(col, vec3(0.3, 0.6, 0.1)));", 0.25),
    Production(
        FINISH,
        "toned",
        "col = mix($dark, $light, smoothstep($(0..0.2!), $(0.6..1!), dot(col, vec3(0.3, 0.6, 0.1))));",
        0.3,
    ),
    Production(
        FINISH,
        "stark",
        "col = mix($(vec3(0)|$dark), $(vec3(1)|$light|$ink), smoothstep(0.42, 0.5, dot(col, vec3(0.3, 0.6, 0.1))));",
        0.35,
    ),
    Production(FINISH, "filtered", "col *= $(1.2..2!) * $ink;", 0.5),
    Production(FINISH, "dim", "col *= $(0.25..0.6!);", 0.25),
    Production(FINISH, "bleached", "col = $(0.4..0.7!) + 0.6 * col;", 0.2),
    Production(FINISH, "loud", "col = 0.5 + $(1.4..2.4!) * (col - $(0.35..0.5!));", 0.9),
    Production(FINISH, "deep", "col = mix(col, col * col, $(0.6..1!));", 0.5),
    Production(
        FINISH, "vivid", "col = mix(vec3(dot(col, vec3(0.3, 0.6, 0.1))), col, $(1.5..2.4!));", 1.3
    ),
    Production(
        FINISH,
        "faded",
        "col = mix(vec3(dot(col, vec3(0.3, 0.6, 0.1))), col, dice.$(x|y|z|w)) * $(0.8..1!) + $(0..0.15!);",
        0.4,
    ),
)
