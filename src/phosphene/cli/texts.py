"""How values become text for whoever reads a command's output."""

from __future__ import annotations

import json
from typing import Any

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_BIDIRECTIONAL = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_GAPS = {code: "\ufffd" for code in (*_CONTROLS, *_BIDIRECTIONAL) if chr(code) not in "\n\t"}


def visible(text: str) -> str:
    """A foreign text with gaps in place of what commands a terminal or reorders what it shows."""
    return text.replace("\r\n", "\n").translate(_GAPS)


def json_text(value: Any, indent: int | None = 1) -> str:
    """A value as JSON; what is no finite number, which JSON cannot say, is null."""
    from phosphene.runs import finite

    return json.dumps(finite(value), indent=indent, allow_nan=False)
