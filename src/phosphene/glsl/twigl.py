"""twigl: https://twigl.app. Short programs; from classic to geekest the host takes over ever more.

UnityTwigl's `.twihlsl` files are geekest programs in an HLSL accent (`mul(m, v)`, `vec3 q = 0`): they
compile, too.
"""

from __future__ import annotations

import re

from phosphene.glsl.assembly import Parts
from phosphene.glsl.declarations import Interface, Value, declarators, take_interface
from phosphene.glsl.front import (
    GIVEN,
    Offer,
    Texts,
    author_texts,
    main_entry,
    prepare,
    with_author_main,
)
from phosphene.glsl.glslsandbox import MACROS
from phosphene.glsl.lexer import clean
from phosphene.glsl.twigl_functions import FUNCTIONS
from phosphene.program import Dialect, Program

_MOUSE = Value("vec2", "(iMouse.xy / iResolution.xy)")
_RESOLUTION = Value("vec2", "iResolution.xy")

CLASSIC = {
    "time": Value("float", "iTime"),
    "mouse": _MOUSE,
    "resolution": _RESOLUTION,
    "frame": Value("float", "float(iFrame)"),
    "sound": Value("float", "0.0"),
}
GEEK = {
    "t": Value("float", "iTime"),
    "m": _MOUSE,
    "r": _RESOLUTION,
    "f": Value("float", "float(iFrame)"),
    "s": Value("float", "0.0"),
}
GEEKER = {
    **GEEK,
    "FC": Value("vec4", "ph_FragCoord"),
    "o": Value("vec4", "vec4(0.0)"),
    "PI": Value("float", "3.141592653589793"),
    "PI2": Value("float", "6.283185307179586"),
    "F4": Value("float", "0.309016994374947451"),  # (sqrt(5) - 1) / 4, of its 4D simplex noise
}

_MAIN = re.compile(r"\bvoid\s+main\s*\(")
_NEW = re.compile(r"^[ \t]*#[ \t]*version[ \t]+300|\bout\s+vec4\b", re.MULTILINE)
_GEEK_UNIFORM = re.compile(r"\buniform\s+(?:float\s+[tfs]|vec2\s+[rm])\s*[;,]")
_OTHER_ENTRY = re.compile(r"\bmainImage\b|\bprecision\b|\buniform\b|\bvarying\b")
_OWN_R = re.compile(
    r"\b(?:float|u?int|[iu]?vec[234]|mat[234])\s+(?:\w+\s*(?:=(?:[^;,()]|\([^()]*\))*)?,\s*)*r\b"
)
_BACK = re.compile(r"\btexture\w*\s*\(\s*(?:b|backbuffer)\b|\btexelFetch\s*\(\s*b\b")
_WORD = re.compile(r"[A-Za-z_]\w*")
_VECTORS = re.compile(r"(?:(?<=[;{}(])|^)(\s*)(vec[234])(\s+)([A-Za-z_][^;{}#]*);", re.MULTILINE)
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"


class Twigl:
    """The eight modes of twigl."""

    dialects = tuple(dialect for dialect in Dialect if dialect.value.startswith("twigl"))

    def recognise(self, text: str) -> Dialect | None:
        """By which of the short names it uses, and whether it declares them or has a `main`.

        A classic program in GLSL ES 1.00 cannot be told from one of GLSL Sandbox, and is the same.
        """
        text = clean(text)
        words = set(_WORD.findall(text))
        if _MAIN.search(text):
            new = bool(_NEW.search(text))
            if _GEEK_UNIFORM.search(text):
                return Dialect.TWIGL_GEEK_300ES if new else Dialect.TWIGL_GEEK
            if (
                re.search(r"^[ \t]*#[ \t]*version[ \t]+300", text, re.MULTILINE)
                and {"time", "resolution"} & words
            ):
                return Dialect.TWIGL_CLASSIC_300ES
            place = "FC" in words or ("gl_FragCoord" in words and not _OWN_R.search(text))
            if not place or not {"r", "t"} & words or _OTHER_ENTRY.search(text):
                return None
            if "gl_FragColor" in words:
                return Dialect.TWIGL_GEEKER
            return Dialect.TWIGL_GEEKER_300ES if {"FC", "o"} & words else None
        place = "FC" in words or ("gl_FragCoord" in words and "r" in words)
        if not place or ";" not in text or _OTHER_ENTRY.search(text):
            return None
        if "gl_FragColor" in words:
            return Dialect.TWIGL_GEEKEST
        return Dialect.TWIGL_GEEKEST_300ES if "o" in words else None

    def unserved(self, program: Program) -> str | None:
        """Programs that read the previous frame."""
        for _, text in author_texts(program):
            rest, found = take_interface(text, _values(program.dialect), GIVEN)
            if any(re.search(rf"\b{name}\b", rest) for name in found.samplers):
                return "feedback"
            if "classic" not in program.dialect and _BACK.search(text):
                return "feedback"
        return None

    def parts(self, program: Program) -> Parts:
        """The text, as the body of `main` where it has none."""
        dialect, texts = program.dialect, author_texts(program)
        body_only = "geekest" in dialect and not any(_MAIN.search(text) for _, text in texts)
        if body_only:
            texts = [(tab, _wide_vectors(text)) for tab, text in texts]
        else:
            texts = with_author_main(texts)
        functions = FUNCTIONS if "geeke" in dialect else {}
        macros = {**MACROS, "PH_VERSION": "300"} if "300" in dialect else MACROS
        offer = Offer(_values(dialect), functions, macros)
        result = "o" if _writes_o(dialect, texts) else ""
        return prepare(texts, offer, lambda found: _entry(found, result), body_only=body_only)


def _values(dialect: Dialect) -> dict[str, Value]:
    if "classic" in dialect:
        return CLASSIC
    return GEEKER if "geeke" in dialect else GEEK


def _writes_o(dialect: Dialect, texts: Texts) -> bool:
    return "geeke" in dialect and any(
        re.search(r"\bo\b", text) and "gl_FragColor" not in text for _, text in texts
    )


def _entry(found: Interface, result: str) -> str:
    if result and not found.outputs:
        found = Interface(outputs=[result])
    return main_entry(found)


def _wide_vectors(text: str) -> str:
    """`vec3 q = 0.` and `q = 0.` as HLSL means them: the number in every component."""
    names: set[str] = set()

    def replace(match: re.Match[str]) -> str:
        space, type_, gap, rest = match.groups()
        if rest.count("(") != rest.count(")"):
            return match.group()
        parts = []
        for name, array, initial in declarators(rest):
            names.add(name)
            parts.append(
                f"{name}{array}" + (f"={type_}({initial})" if initial and not array else "")
            )
        return f"{space}{type_}{gap}{','.join(parts)};" + "\n" * (
            rest.count("\n") - sum(part.count("\n") for part in parts)
        )

    text = _VECTORS.sub(replace, text)
    if names:
        pattern = rf"\b({'|'.join(names)})(\s*)=(\s*)({_NUMBER})(?=\s*[;,)])"
        text = re.sub(pattern, r"\1\2=\3\1*0.+\4", text)
    return text
