"""Reads licences from what authors and collections say.

What counts is said in comments before the first line of code: further down, a licence is usually that
of a borrowed function. There it only counts where it forbids.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from phosphene.licences import (
    FREE_USE,
    LICENCES,
    OTHER,
    PUBLIC_DOMAIN,
    RESERVED,
    in_group,
    licence,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A licence that was read in a text.

    Attributes:
        licence: its name.
        words: what it was read from, at most 200 characters.
        plain: false where the text only shows that something is stated.
    """

    licence: str
    words: str
    plain: bool = True


_FORBIDS = re.compile(
    r"\byou (?:can ?not|can't|may not|shall not|are not allowed to|must not) "
    r"(?:(?:host|copy|sell|display|share|distribute|redistribute|re-?use|train)\b"
    r"|(?:use|modify)(?: or \w+)? (?:this|my|it|the)\b(?! file except))"
    r"|\bdo not (?:redistribute|reuse|steal|(?:copy|distribute|use) (?:this|it|my))\b"
    r"|\bno (?:part of )?(?:use|copying|reuse|redistribution) (?:is )?(?:allowed|permitted)"
    r"|\bwithout (?:my |the author'?s? |prior |written |explicit )+(?:permission|consent)",
)
_RESERVED = re.compile(r"\ball rights? reserved\b")
_WORK = (
    r"(?:it|(?:(?:this|these|my|the|any|all|parts?|everything)(?: of)? )+(?:\w+ )?"
    r"(?:code|shaders?|work|programs?|scripts?|snippets?|functions?|source|effect)"
    r"|this(?! \w)|this (?=for\b|in\b|any|as\b|how)|them(?! \w))"
)
"""What is given away: "feel free to change the colours" gives nothing."""
_FREE_USE = re.compile(
    r"\bdo what(?:ever)? (?:the (?:hell|heck) )?you (?:want|like|please|wish|will)"
    rf"(?= with (?:{_WORK}|this)|(?! with)\W|$)"
    r"|\bfree (?:to|for) (?:use|any use|all use|anyone|everyone|copy|modify)\b"
    rf"|\bfeel free to (?:use|copy|modify|re-?use|steal|take)(?: (?:and|or) \w+)? {_WORK}"
    r"|\bno rights? reserved|\buse (?:it|this|the code)? ?(?:freely|as you (?:like|want|wish|please))"
    r"|\buse (?:it|this) (?:however|any way|for (?:anything|whatever))"
)
_NEGATED = re.compile(r"(?:\b(?:not|never|cannot)|n't)\b[^.;!?]{0,30}$")
_CONDITION = re.compile(
    r"\b(?:but|except|unless|only|as long|provided|if|personal|private|education\w*|academic|research"
    r"|commercial\w*|sell|sold|ask|permission|not|don't|without)\b"
)
"""Behind "free to use", in the same sentence: it is not free."""
_NO_CONDITION = re.compile(
    r"\b(?:but|as long|provided|if)\b[^.;!?]{0,25}?(?:\bcredit|attribut|\bmention|\blink|acknowledg)"
    r"[^.;!?]{0,40}"
    r"|\b(?:personal|private|non-?commercial)(?: use)? (?:or|and|and/or) commercial\b"
    r"|\b(?:commercial or|commercial and) (?:non-?commercial|personal|private)\b|\beven commercially\b"
)
"""What is as good as no condition: to be named, or all uses by name."""
_RESTRICTS = re.compile(
    r"(?<!commercial or )(?<!commercial and )(?<!commercially or )"
    r"\b(?:no|non|not for|not) ?-?commercial(?!ly| (?:or|and) commercial)"
    r"|\b(?:except|not|but)\b[^.;!?]{0,12} (?:commercial|sell|sale)"
    r"|\b(?:personal|private|educational|academic|research) (?:use|purposes?|projects?) only"
    r"|\bonly for (?:personal|private|educational|academic|research)\b"
    r"|\bcommons clause\b|\bcopyleft\b"
    r"|\b(?:not|never|no)\b[^.;!?]{0,40}\btrain(?:ing)?\b[^.;!?]{0,30}"
    r"\b(?:ai|models?|networks?|machine|neural|learning|data)\b"
)
"""Takes back what a licence beside it would give."""
_CC = re.compile(
    r"(?:\bcc|\bcreative ?commons|creativecommons\.org/licenses/)(?: licen[sc]ed?)?[^a-z0-9]{0,4}"
    r"(?P<cc>by|attribution|(?=nc[ -]))"
    r"(?P<rest>(?:[^a-z0-9]{0,4}(?:and )?(?:nc|non[^a-z0-9]?commercial|sa|share[^a-z0-9]?alike|nd"
    r"|no[^a-z0-9]?deriv(?:ative|ate)?s?(?: works)?)\b)*)"
    r"(?:[^\d]{0,30}?(?P<version>[1-4]\.\d))?"
    r"|\battribution[^a-z0-9]{1,4}"
    r"(?P<alone>(?:[^a-z0-9]{0,4}(?:non[ -]?commercial|share[ -]?alike|no[ -]?deriv\w*))+)"
    r"(?:[^\d]{0,12}?(?P<number>[1-4]\.\d))?"
)
_GPL = re.compile(
    r"\b(?P<kind>a|l)?gpl(?:[ -]?v?(?:ersion)?[ .]?(?P<short>[23]))?(?P<plus>\+)?(?![a-z\d])"
    r"|\bgnu (?P<name>affero |lesser )?(?:general )?public licen[sc]e"
    r"(?:[ ,(]+(?:as published.{0,60}?)?(?:version|v)[ .]?(?P<long>[23]))?"
)
_NAMED = (
    (
        "CC0-1.0",
        r"\bcc[ -]?(?:0|zero)\b|\bcreative ?commons[ -](?:cc ?)?(?:0|zero)|publicdomain/zero",
    ),
    ("Unlicense", r"\bunlicen[sc]e\b(?! to)"),
    ("WTFPL", r"\bwtfpl\b|\bdo what the f\S* you want"),
    ("Beerware", r"\bbeer-?ware"),
    (
        "MIT",
        r"\bmit[ -]?licen[sc]|\blicen[sc]ed?(?: under)?(?: the)?[ :=-]*(?:the )?mit\b"
        r"|\bpermission is hereby granted, free of charge|licenses/mit\b",
    ),
    ("Apache-2.0", r"\bapache[ -]?(?:software )?(?:licen[sc]|2|version)|licenses/license-2\.0"),
    ("BSD-2-Clause", r"\b(?:simplified|2[ -]clause|two[ -]clause) bsd\b|\bbsd[ -]?2"),
    ("BSD-3-Clause", r"\bbsd[ -](?:style )?(?:3|licen[sc]|new)|\b(?:new|3[ -]clause) bsd\b"),
    ("BSL-1.0", r"\bboost software licen[sc]e"),
    ("Zlib", r"\bzlib(?:/libpng)? licen[sc]e"),
    ("ISC", r"\bisc licen[sc]e"),
    ("MPL-2.0", r"\bmozilla public licen[sc]e|\bmpl[ -]?2"),
    (PUBLIC_DOMAIN, r"(?<!not )(?<!not in the )\bpublic[ -]domain\b"),
)
_DENIED = re.compile(r"\bnot (?:\w+ ){0,4}$")
"""Before a name: "not under the MIT licence"."""
_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in _NAMED)
_SPDX = re.compile(r"spdx-licen[sc]e-identifier: *\(?([a-z0-9.+-]+)")
_MENTION = re.compile(
    r"\blicen[sc]ed?(?: under)?(?: is)? ?[:=-] ?\w|\blicen[sc]ed under|©|\bcopyright\b"
)
_HINT = re.compile(
    r"licen|copying|copyright|creative|public|permi|gpl|gnu|\bmit\b|bsd|apache|reserved|rights|freely"
    r"|\bfree (?:to|for)|wtf|beer|do what|can ?not|can't|not use|do not|may not|attribution|\bcc|\buse",
    re.IGNORECASE,
)
_PROHIBITING = (
    "cannot",
    "can not",
    "can't",
    "may not",
    "must not",
    "do not",
    "permission",
    "allowed",
)
_COMMENT = re.compile(r"//((?:[^\n\\]|\\[^\n]?)*)|/\*(.*?)(?:\*/|\Z)", re.DOTALL)
_LEADING = re.compile(
    r"(?:\s+|//[^\n]*|/\*.*?(?:\*/|\Z)|#[^\n]*"
    r"|(?:precision|uniform|varying|in|out)\b[^;{}]{0,200};)*",
    re.DOTALL,
)
_HEADER_LIMIT = 20_000  # characters; real headers are far shorter
_DECORATION = re.compile(r"(?:[\s*=~_|#]|(?<![0-9a-z])\+)+|-{2,}|/{2,}(?!\w)", re.IGNORECASE)


def comments(code: str) -> str:
    """The comments of GLSL text, each on a line of its own or more."""
    return "\n".join(a or b for a, b in _COMMENT.findall(code))


def header(code: str) -> str:
    """The part of GLSL text before the first line of code; directives and declarations belong to it."""
    found = _LEADING.match(code[:_HEADER_LIMIT])
    return found.group() if found else ""


def stated(code: str, description: str = "") -> Statement | None:
    """The licence that the author of a program states.

    Args:
        code: GLSL text.
        description: what the author says beside it.
    """
    head = header(code)
    said = read(f"{description}\n{comments(head)}")
    if said and said.licence == RESERVED:
        return said
    rest = code[len(head) :]
    lower = rest.lower()
    if any(word in lower for word in _PROHIBITING):
        forbidding = _first(_FORBIDS, _plain(comments(rest)))
        return Statement(RESERVED, forbidding) if forbidding else said
    return said


def read(text: str) -> Statement | None:
    """The licence that a text states: the strictest, where it names several."""
    if not _HINT.search(text):
        return None
    plain = _plain(text)
    forbidding = _first(_FORBIDS, plain)
    if forbidding and "hereby granted" not in plain and "redistributions" not in plain:
        return Statement(RESERVED, forbidding)
    restricting = _first(_RESTRICTS, plain)
    named = list(_named(plain))
    if named:
        said = strictest(named)
        if restricting and in_group(said.licence, "permissive"):
            return Statement(OTHER, restricting)
        return said
    reserving = _first(_RESERVED, plain)
    if reserving:
        return Statement(RESERVED, reserving)
    if restricting:
        return Statement(OTHER, restricting)
    free = _FREE_USE.search(plain)
    if free and not _NEGATED.search(plain[max(0, free.start() - 60) : free.start()]):
        sentence = re.split(r"[.;!?](?: |$)", plain[free.end() : free.end() + 200])[0]
        bound = _CONDITION.search(_NO_CONDITION.sub("", sentence))
        return Statement(OTHER if bound else FREE_USE, _words(plain, free))
    mention = _MENTION.search(plain)
    if mention:
        return Statement(OTHER, _words(plain, mention), plain=False)
    return None


def strictest(statements: Iterable[Statement]) -> Statement:
    """The one that counts: the first of those that ask for most, if possible a plain one."""
    return max(statements, key=lambda said: (said.plain, licence(said.licence).strictness))


def _named(plain: str) -> Iterator[Statement]:
    """Every licence that is named in plain text."""
    spdx = {name.lower(): name for name in LICENCES}
    for found in _SPDX.finditer(plain):
        kind, later = found[1].removesuffix("+"), "or-later" if found[1][-1] == "+" else "only"
        name = spdx.get(kind) or spdx.get(f"{kind}-{later}") or OTHER
        yield Statement(name, _words(plain, found))
    for found in _CC.finditer(plain):
        yield _unless_denied(_creative_commons(found), plain, found)
    for found in _GPL.finditer(plain):
        yield _unless_denied(_gnu(found, plain), plain, found)
    for name, pattern in _PATTERNS:
        match = pattern.search(plain)
        if match:
            yield _unless_denied(name, plain, match)


def _unless_denied(name: str, plain: str, found: re.Match[str]) -> Statement:
    denied = _DENIED.search(plain[max(0, found.start() - 40) : found.start()])
    return Statement(OTHER if denied else name, _words(plain, found))


def _creative_commons(found: re.Match[str]) -> str:
    """SPDX wants a version; where none is stated, the newest counts."""
    terms = re.sub(r"[^a-z]", "", found["rest"] or found["alone"] or "")
    parts = ["CC", "BY"]
    parts += ["NC"] if "nc" in terms or "noncommercial" in terms else []
    if "nd" in terms.replace("and", "") or "noderiv" in terms:
        parts.append("ND")
    elif "sa" in terms or "sharealike" in terms:
        parts.append("SA")
    version = found["version"] or found["number"] or "4.0"
    name = "-".join([*parts, version])
    return name if name in LICENCES else "-".join([*parts, "4.0"])


def _gnu(found: re.Match[str], plain: str) -> str:
    kind = (found["kind"] or (found["name"] or "")[:1]).upper()
    version = found["short"] or found["long"] or "3"
    if kind == "L":
        return "LGPL-3.0-only" if version == "3" else "LGPL-2.1-only"
    later = found["plus"] or "or later" in plain or "any later version" in plain
    if kind == "A":
        return f"AGPL-3.0-{'or-later' if later else 'only'}"
    return f"GPL-{version}.0-{'or-later' if later else 'only'}"


def _plain(text: str) -> str:
    """Lower case on one line, without the comments' ornaments."""
    return _DECORATION.sub(" ", text).lower().strip()


def _first(pattern: re.Pattern[str], plain: str) -> str:
    found = pattern.search(plain)
    return _words(plain, found) if found else ""


def _words(plain: str, found: re.Match[str]) -> str:
    """The words around a finding, at most 200 characters."""
    start = max(0, found.start() - 60)
    return plain[start : max(found.end(), start + 200)][:200].strip()
