"""What a ray sees that hits nothing."""

from phosphene.synthesis.kinds import SKY
from phosphene.synthesis.production import Production

_SUN = "col += $light * (0.3 * pow(max(dot(ray, sun), 0.0), $(4..20!)) + smoothstep(0.994, 0.997, dot(ray, sun)));\n"

PRODUCTIONS = (
    Production(
        SKY,
        "clear",
        "vec3 col = mix($ink, $ink, clamp($(1..1.8!) * ray.y + $(0..0.3), 0.0, 1.0));\n"
        + _SUN
        + "return col;",
    ),
    Production(
        SKY,
        "cloudy",
        "vec3 col = mix($light, $ink, smoothstep(-0.1, 0.6, ray.y));\n"
        + _SUN
        + """vec2 high = ray.xz / (abs(ray.y) + 0.12);
float cover = fbm($(0.5..1.4) * high + $motion);
return mix(col, $light, smoothstep(mix(0.3, 0.6, dice.x), 0.75, cover) * smoothstep(0.0, 0.15, abs(ray.y)));""",
        1.6,
    ),
    Production(
        SKY,
        "dusk",
        """
        float low = 1.0 - clamp(ray.y, 0.0, 1.0);
        vec3 col = mix($dark, $ink, pow(low, $(2..5)));
        col = mix(col, $light, pow(low, $(8..20)));
        return col + $ink * pow(max(dot(ray, sun), 0.0), 8.0);
        """,
    ),
    Production(
        SKY,
        "night",
        """
        vec2 high = 30.0 * ray.xz / (abs(ray.y) + 0.4), star = hash2(floor(high));
        float d = length(fract(high) - 0.2 - 0.6 * star);
        vec3 col = mix($dark, $dark * 0.4, clamp(ray.y, 0.0, 1.0)) + 0.4 * $ink * smoothstep(0.4, 0.8, fbm(high * 0.07 + 0.02 * iTime));
        return col + star.x * (1.0 - smoothstep(0.0, 0.12 * star.y + 0.001, d));
        """,
        0.8,
    ),
    Production(
        SKY,
        "ribbons",
        """
        float wave = ray.y * $(3..9) + $(0.3..1) * sin($(2..6) * ray.x + 0.4 * iTime) + $(0.3..1) * sin($(2..6) * ray.z);
        return $palette(floor(wave * 2.0) * 0.2 + 0.1 * ray.y);
        """,
        0.8,
    ),
    Production(SKY, "glowing", "$palette(0.4 + 0.5 * ray.y + $(0.1..0.4) * dot(ray, sun))"),
    Production(SKY, "painted", "$pattern(ray.xz / (1.1 + ray.y)) * (0.5 + 0.4 * ray.y)", 1.3),
    Production(
        SKY,
        "studio",
        "mix($ink, $ink, smoothstep(-0.3, 0.8, ray.y + 0.3 * ray.x)) + 0.5 * smoothstep(0.75, 0.9, dot(ray, sun))",
        1.2,
    ),
    Production(
        SKY,
        "ranges",
        """
        float a = atan(ray.z, ray.x);
        vec3 col = mix($light, $ink, clamp(2.0 * ray.y, 0.0, 1.0));
        for (float k = 3.0; k > 0.0; k--) {
            float crest = 0.07 * k * (0.4 + 0.5 * sin(2.0 * a + k) + 0.4 * sin($(4..7 int).0 * a + 2.0 * k) + 0.2 * sin(17.0 * a + k));
            col = mix(col, mix($dark, $ink, 0.3 * k), (1.0 - smoothstep(0.0, 0.01, ray.y - crest)));
        }
        return col;
        """,
        1.0,
        "Mountains far away.",
    ),
)
