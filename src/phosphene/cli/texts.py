"""How values become text for whoever reads a command's output."""

from __future__ import annotations

import json
from typing import Any


def json_text(value: Any, indent: int | None = 1) -> str:
    """A value as JSON; what is no finite number, which JSON cannot say, is null."""
    from phosphene.runs import finite

    return json.dumps(finite(value), indent=indent, allow_nan=False)
