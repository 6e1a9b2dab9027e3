"""From the text as it was found to text that can be rewritten: no comments, no odd characters.

Every function here keeps the number of lines, so a line number stays the author's own.
"""

from __future__ import annotations

import re
from functools import lru_cache

_LINE = r"[^\n]*(?:(?<=\\)\n[^\n]*)*"  # with its continuations
COMMENT = re.compile(rf"//{_LINE}|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)")
DIRECTIVE = re.compile(rf"^[ \t]*#[ \t]*(\w*)({_LINE})", re.MULTILINE)
_ODD = re.compile(r"[^\n\t -~]")

LONGEST = 1_000_000
"""Characters of a text that the front end takes; the longest real programs have a quarter of that."""


@lru_cache(maxsize=8)
def clean(text: str) -> str:
    """The text with `\\n` line ends, without byte order mark, comments and odd characters.

    A comment becomes a space and the line ends it held; a character that is not printable ASCII
    becomes a space (WebGL allows none outside comments, but editors leave some behind).
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "/" in text:
        text = COMMENT.sub(_blank_comment, text)
    if not text.isascii() or _ODD.search(text):
        text = _ODD.sub(" ", text)
    return text


def _blank_comment(match: re.Match[str]) -> str:
    lines = match.group().count("\n")
    if not lines:
        return " "
    text, start = match.string, match.start()
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if match.group().startswith("/*") and line.lstrip().startswith("#"):
        return "\\\n" * lines  # the directive goes on behind the comment
    return " " + "\n" * lines


def blank(text: str) -> str:
    """As many line ends as the text has, and nothing else."""
    return "\n" * text.count("\n")


def defined_macros(text: str) -> set[str]:
    """Names that the (clean) text defines with `#define`."""
    return set(_DEFINE.findall(text)) if "#" in text else set()


_DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)
