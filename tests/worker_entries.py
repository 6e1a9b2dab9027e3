"""What the workers of tests/test_workers.py do; imported in their processes."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from phosphene.errors import CompileError


def serve(setup: Any) -> Any:
    """A handler of tasks (verb, value)."""

    def handle(task: tuple[str, Any]) -> Any:
        verb, value = task
        match verb:
            case "echo":
                return (setup, value)
            case "pid":
                return os.getpid()
            case "sleep":
                time.sleep(value)
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "allocate":
                return len(bytearray(value))
            case "refuse":
                raise CompileError("refused", "image", value)
            case "break":
                raise ZeroDivisionError("broken")
        return None

    return handle


def cannot_start(setup: Any) -> Any:
    """A set-up that fails."""
    raise RuntimeError("no licence to start")
