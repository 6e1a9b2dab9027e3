"""What a program may ask for. Beyond these it is refused with a reason, before it can do harm."""

from __future__ import annotations

import re

from phosphene.errors import UnservedError

MAX_TEXT = 1_000_000
"""Characters of all tabs together; the largest of 1,500 real programs has 136,000."""

MAX_NESTING = 500
"""Brackets open at once; 1,500 real programs stay below 40, glslang's parser bears some thousands."""

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_BRACKET = re.compile(r"[(){}\[\]]")


def check_text(length: int) -> None:
    """Raises UnservedError for a program whose tabs hold too many characters."""
    if length > MAX_TEXT:
        raise UnservedError(
            f"the text has {length:,} characters; at most {MAX_TEXT:,} are compiled"
        )


def check_nesting(text: str) -> None:
    """Raises UnservedError for brackets nested so deeply that a compiler's stack is at risk."""
    if text.count("(") + text.count("{") + text.count("[") <= MAX_NESTING:
        return
    depth = 0
    for bracket in _BRACKET.findall(_COMMENT.sub(" ", text)):
        depth += 1 if bracket in "({[" else -1
        if depth > MAX_NESTING:
            raise UnservedError(f"brackets are nested more than {MAX_NESTING} deep")
