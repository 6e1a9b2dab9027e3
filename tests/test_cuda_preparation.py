"""Programs made ready through cache, compiler and (here without a GPU) no trial."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from cuda_programs import HUNGRY, Modules, target
from opengl_programs import CORNERS, RINGS
from phosphene.engines.cuda import preparation
from phosphene.engines.cuda.cache import CubinCache
from phosphene.engines.cuda.preparation import Preparation, _ahead
from phosphene.engines.cuda.probe import Setup, Suspect
from phosphene.engines.cuda.trial import Trial

TEXTS = {"corners": CORNERS, "rings": RINGS, "twin": CORNERS, "hungry": HUNGRY}
NAMES = [*TEXTS, "absent"]


def prepared(folder: Path, setup: Setup | None = None) -> Preparation:
    return Preparation(Modules(TEXTS), CubinCache(folder), target(), "a GPU", setup, workers=2)


def no_compiler(*_: Any, **__: Any) -> Iterator[Any]:
    raise AssertionError("nothing should be compiled")


def test_cold_and_warm_give_the_same_and_warm_compiles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    cold = {r.program: r for r in prepared(tmp_path).ready(NAMES, lambda *n: seen.append(n))}
    assert seen == [(i, 5) for i in range(1, 6)]
    assert set(cold) == set(NAMES)
    assert cold["corners"].code.startswith(b"\x7fELF")
    assert cold["twin"].key == cold["corners"].key != cold["rings"].key
    assert cold["absent"].reason == "it has no module; vet the bank first"
    assert "bytes of local memory" in cold["hungry"].reason
    assert cold["hungry"].code == b""
    monkeypatch.setattr(preparation, "compile_all", no_compiler)
    warm = {r.program: r for r in prepared(tmp_path).ready(NAMES)}
    assert {p: (r.code, r.reason) for p, r in warm.items()} == {
        p: (r.code, r.reason) for p, r in cold.items()
    }


def test_a_kernel_is_tried_once_a_device_and_its_failure_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def trials(suspects: Iterator[Suspect], setup: Setup) -> Iterator[tuple[Suspect, Trial]]:
        for suspect in suspects:
            tried.append(suspect.key)
            good = len(tried) == 1
            yield suspect, Trial("", 2.0, 1e-5) if good else Trial("it faults")

    monkeypatch.setattr(preparation, "try_all", trials)
    first = {r.program: r for r in prepared(tmp_path, Setup(0, 2)).ready(NAMES)}
    assert len(tried) == 2, "the refused and the twin are not tried"
    again = {r.program: r for r in prepared(tmp_path, Setup(0, 2)).ready(NAMES)}
    assert len(tried) == 2
    assert {r.reason for r in first.values()} == {r.reason for r in again.values()}
    assert [r.reason for r in again.values()].count("it faults") in (1, 2)
    fine = next(r for r in again.values() if not r.reason)
    assert fine.trial == Trial("", 2.0, 1e-5)
    assert fine.code.startswith(b"\x7fELF")


def test_a_full_gpu_is_not_held_against_a_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused now, and tried again in the next run."""
    answers = [Trial("no memory left", passing=True), Trial("", 2.0, 1e-5)]

    def trials(suspects: Iterator[Suspect], setup: Setup) -> Iterator[tuple[Suspect, Trial]]:
        yield from ((suspect, answers.pop(0)) for suspect in suspects)

    monkeypatch.setattr(preparation, "try_all", trials)
    for reason in ("no memory left", "", ""):
        (ready,) = prepared(tmp_path, Setup(0, 2)).ready(["corners"])
        assert ready.reason == reason
    assert not answers, "what runs is tried once"


def test_what_was_compiled_without_a_trial_is_tried_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(prepared(tmp_path).ready(["corners"]))
    monkeypatch.setattr(preparation, "compile_all", no_compiler)
    monkeypatch.setattr(
        preparation, "try_all", lambda suspects, _: ((s, Trial("", 3.0)) for s in suspects)
    )
    (ready,) = prepared(tmp_path, Setup(0, 2)).ready(["corners"])
    assert ready.trial.cost == 3.0


def test_what_another_process_made_while_we_waited_is_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = prepared(tmp_path)
    turn = CubinCache.turn

    def slow_turn(cache: CubinCache) -> Any:
        monkeypatch.setattr(CubinCache, "turn", turn)
        made = [r.reason for r in prepared(tmp_path).ready(["corners"])]
        assert made == [""]
        monkeypatch.setattr(preparation, "compile_all", no_compiler)
        return turn(cache)

    monkeypatch.setattr(CubinCache, "turn", slow_turn)
    (ready,) = late.ready(["corners"])
    assert ready.code.startswith(b"\x7fELF")


def test_a_run_that_is_stopped_keeps_what_was_compiled(tmp_path: Path) -> None:
    going = prepared(tmp_path).ready(["corners", "rings", "hungry"])
    next(going)
    going.close()
    cache = CubinCache(tmp_path)
    assert cache.room().entries >= 1


def test_another_thread_draws_ahead_and_hands_errors_over() -> None:
    def source() -> Iterator[int]:
        yield from range(5)
        raise ValueError("the sixth")

    items = _ahead(source(), depth=2)
    assert list(islice(items, 5)) == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="the sixth"):
        next(items)


def test_the_thread_ends_when_its_reader_does() -> None:
    closed = []

    def source() -> Iterator[int]:
        try:
            yield from range(10**9)
        finally:
            closed.append(True)

    items = _ahead(source(), depth=2)
    assert next(items) == 0
    items.close()
    assert closed == [True]
