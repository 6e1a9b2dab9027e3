"""A hash of a program's token structure: equal for programs that differ in names and numbers only."""

from __future__ import annotations

import hashlib
import re

from phosphene.glsl.lexer import COMMENT
from phosphene.glsl.words import FOLDED_FUNCTIONS, SAMPLER_TYPES, VALUE_TYPES, words
from phosphene.program import Program

# Signs that touch are one token: fewer tokens, and joined again they read the same.
_TOKEN = re.compile(r"[A-Za-z_]\w*|\.?\d[\w.]*|[^\s\w.]+|\.")
_KEPT = (
    frozenset(
        words(
            "if else for while do return break continue discard switch case default const struct in out",
            "inout uniform void define ifdef ifndef undef elif endif",
            "true false sinh cosh tanh asinh acosh atanh modf transpose inverse determinant matrixCompMult",
            "floatBitsToInt floatBitsToUint intBitsToFloat uintBitsToFloat packSnorm2x16 packUnorm2x16",
            "packHalf2x16 unpackSnorm2x16 unpackUnorm2x16 unpackHalf2x16 textureGrad textureProj",
            "textureProjLod textureProjGrad textureOffset textureLodOffset texelFetchOffset textureSize",
            "texture texelFetch textureLod texture2D textureCube dFdx dFdy fwidth iTime iResolution iMouse",
            "iFrame iChannel0 iChannel1 iChannel2 iChannel3 time resolution mouse main mainImage",
        )
    )
    | FOLDED_FUNCTIONS
    | frozenset(VALUE_TYPES)
    | frozenset(SAMPLER_TYPES)
)


class _Normalised(dict[str, str]):
    """Token → token, names and numbers as one letter each; filled as tokens are met."""

    def __missing__(self, token: str) -> str:
        first = token[0]
        if first.isalpha() or first == "_":
            normal = token + " " if token in _KEPT else "a"
        elif first.isdigit() or (first == "." and len(token) > 1):
            normal = "0"
        else:
            normal = token
        if len(self) < 1_000_000:  # enough for a collection; hostile texts must not fill the memory
            self[token] = normal
        return normal


_NORMALISED = _Normalised()


def structure(program: Program) -> str:
    """32 hexadecimal digits that near-duplicates share: same tokens, other names, numbers, comments.

    Keywords, types and built-in functions count as they are; every other name is the same, every
    number is the same. Tabs count in their order, the dialect and bound channels do not. Compositions
    are alike where operator and parents are the same.
    """
    digest = hashlib.blake2b(digest_size=16)
    if program.composition is not None:
        names = (program.composition.operator, *program.composition.parents)
        digest.update("\0".join(names).encode("utf-8", "replace"))
    for tab in program.tabs:
        tokens = _TOKEN.findall(COMMENT.sub(" ", tab.code))
        digest.update("".join(map(_NORMALISED.__getitem__, tokens)).encode("utf-8", "replace"))
        digest.update(b"\0")
    return digest.hexdigest()
