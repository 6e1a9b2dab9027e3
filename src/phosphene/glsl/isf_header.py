"""The JSON header of an ISF program, read as leniently as its hosts read it.

Interactive Shader Format 2: https://docs.isf.video/ref_json.html
"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

_LEADING = re.compile(r"\s*(?://[^\n]*|/\*(.*?)\*/)", re.DOTALL)
_KEYS = ("INPUTS", "CATEGORIES", "DESCRIPTION", "CREDIT", "ISFVSN", "PASSES", "PERSISTENT_BUFFERS")
_STRING = r'"(?:[^"\\]|\\.)*"'
_REPAIRS = (
    (rf"({_STRING})|,(?=\s*[}}\]])", ""),  # trailing commas
    (rf"({_STRING})|(?<=[}}\]])(?=\s*[{{\[\"])", ","),  # missing commas
    (rf"({_STRING})|(?<![\w.])(?=\.\d)", "0"),  # .5
    (rf"({_STRING})|(?<=\d)\.(?!\d)", ".0"),  # 1.
    (rf"({_STRING})|\+(?=[\d.])", ""),  # +1
    (rf"({_STRING})|(?<![\w.])0+(?=\d)", ""),  # 01
)


def header(text: str) -> dict[str, Any] | None:
    """The header's content; None where none of the comments the text begins with is an ISF header.

    Trailing and missing commas, `.5`, `1.`, wrong escapes and control characters are forgiven.
    """
    text, at = text.lstrip("\ufeff"), 0
    while comment := _LEADING.match(text, at):
        body, at = comment.group(1) or "", comment.end()
        start, end = body.find("{"), body.rfind("}")
        if 0 <= start < end and any(f'"{key}"' in body for key in _KEYS):
            content = _lenient(body[start : end + 1])
            return content if isinstance(content, dict) else None
    return None


def _lenient(text: str) -> Any:
    """The JSON value; None where it cannot be repaired."""
    for attempt in (text, _repaired(text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _repaired(text: str) -> str:
    text = re.sub(r'\\(?!["\\/bfnrtu])', r"\\\\", text)
    for pattern, replacement in _REPAIRS:
        text = re.sub(pattern, partial(_repair, replacement), text)
    return text


def _repair(replacement: str, match: re.Match[str]) -> str:
    return match.group(1) or replacement  # group 1: a string, which stays as it is


def entries(content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects under a key of the header that holds a list of them (or a map by name)."""
    value = content.get(key)
    if isinstance(value, dict):
        value = [
            {"NAME": name, **(item if isinstance(item, dict) else {})}
            for name, item in value.items()
        ]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def default(entry: dict[str, Any], size: int) -> list[float]:
    """An input's default as `size` numbers; without one the middle of its range, or zero."""
    value = entry.get("DEFAULT")
    if value is None:
        low, high = _numbers(entry.get("MIN"), size), _numbers(entry.get("MAX"), size)
        if entry.get("MAX") is None:
            return [0.0] * size
        return [(a + b) / 2 for a, b in zip(low, high, strict=True)]
    return _numbers(value, size)


def _numbers(value: Any, size: int) -> list[float]:
    values = value if isinstance(value, list) else [value] * size
    numbers = [_number(item) for item in values][:size]
    return numbers + [1.0 if i == 3 else 0.0 for i in range(len(numbers), size)]


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0.0
    return number if abs(number) < 1e30 else 0.0  # also NaN
