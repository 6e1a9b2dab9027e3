"""Reads who made a program, what it is called and when, from the comments at its head."""

from __future__ import annotations

import re
from dataclasses import dataclass

from phosphene.sources.statements import comments, header


@dataclass(frozen=True, slots=True)
class Caption:
    """What the head of a text says of it; empty and None where it says nothing."""

    author: str = ""
    title: str = ""
    year: int | None = None


_FIELD = r"^[\s*/#=-]*(?:{names})\s*:\s*(.{{1,100}}?)\s*$"
_TITLE = re.compile(_FIELD.format(names="title|name|shader name"), re.IGNORECASE | re.MULTILINE)
_AUTHOR = re.compile(
    _FIELD.format(names="authors?|credits?|artist|coded by|created by|made by"),
    re.IGNORECASE | re.MULTILINE,
)
_BY = re.compile(
    r"\b(?:created|written|made|coded|shader|drawn|designed)\s+by\s+([^\n,;:()]{2,60})",
    re.IGNORECASE,
)
_YEAR_FIELD = re.compile(_FIELD.format(names="year|date|created"), re.IGNORECASE | re.MULTILINE)
_COPYRIGHT = re.compile(
    r"(?:copyright|\(c\)|©)[\s,(c)©]*((?:19|20)\d\d)?[\s,–-]*(?:(?:19|20)\d\d)?[\s,]*(?:by\s+)?"
    r"([^\n,;:()/]{0,60})",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19[89]\d|20[0-4]\d)\b")
_POST = re.compile(r"https?://(?:www\.)?(?:x|twitter)\.com/(\w{1,30})/status/")
_QUOTED = re.compile(r'^[ \t]*"([^"\n]{1,100})"[ \t]*$', re.MULTILINE)
_ISF_CREDIT = re.compile(r'"CREDIT"\s*:\s*"((?:[^"\\\n]|\\.){1,200})"')


def caption(code: str) -> Caption:
    """What the comments at the head of a text say: "Author: …", "created by …", "© 2013 …"."""
    said = comments(header(code))
    if not said.strip():
        return Caption()
    title = _TITLE.search(said) or (None if "{" in said else _QUOTED.search(said))
    return Caption(_author(said), _tidy(title[1]) if title else "", _year(said))


def _author(said: str) -> str:
    for pattern in (_AUTHOR, _ISF_CREDIT, _BY, _POST):
        found = pattern.search(said)
        if found:
            name = re.sub(r"^by\s+", "", found[1], flags=re.IGNORECASE)
            return _tidy(re.split(r"\s[-–|]\s|[-/]\s*(?:19|20)\d\d|https?:", name)[0])
    found = _COPYRIGHT.search(said)
    return _tidy(found[2]) if found else ""


def _year(said: str) -> int | None:
    field = _YEAR_FIELD.search(said)
    found = _YEAR.search(field[1]) if field else None
    if found:
        return int(found.group())
    right = _COPYRIGHT.search(said)
    if right and right[1]:
        return int(right[1])
    by = _BY.search(said)
    after = _YEAR.search(said[by.start() : by.end() + 40]) if by else None
    return int(after.group()) if after else None


def _tidy(text: str) -> str:
    """On one line, without the ornaments of comments, at most 100 characters."""
    return " ".join(text.split()).strip(" *-=_,;|/\"'")[:100]
