"""The queues that CUDA is asked for before it starts."""

from __future__ import annotations

import os

import pytest
import torch

from phosphene.engines.cuda import connections
from phosphene.training import find_device


@pytest.fixture(autouse=True)
def _no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(connections.NAME, "")  # so that it is as it was afterwards
    monkeypatch.delenv(connections.NAME)


def test_who_looks_for_a_device_asks_for_all_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []

    def available() -> bool:
        seen.append(os.environ.get(connections.NAME))
        return False

    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    monkeypatch.setattr(torch.cuda, "is_available", available)
    assert find_device("auto") == torch.device("cpu")
    assert seen == ["32"]


def test_a_number_that_is_there_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(connections.NAME, "8")
    assert connections.widen()
    assert os.environ[connections.NAME] == "8"


def test_where_cuda_runs_already_it_is_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    assert not connections.widen()
    assert connections.NAME not in os.environ
