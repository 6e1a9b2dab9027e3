"""Batches under way: forgotten when they land, reported when they are late, never waited for."""

from __future__ import annotations

import time

import numpy as np

from phosphene.engines.cuda.flights import Flight, Flights
from phosphene.engines.cuda.plan import plan
from phosphene.engines.cuda.records import VIEW_DTYPE


class Event:
    """A torch.cuda.Event whose moment the test sets; None: it has not come."""

    def __init__(self, at: float | None = None) -> None:
        self.at = at

    def query(self) -> bool:
        return self.at is not None

    def elapsed_time(self, other: Event) -> float:
        assert self.at is not None
        assert other.at is not None
        return (other.at - self.at) * 1e3


def flight(begin: float | None = None, end: float | None = None, seconds: float = 0.0) -> Flight:
    program = np.array([1, 0, 1, 1])
    made = plan(program, np.ones(2, bool), np.full(2, seconds), np.zeros(2), 2, 2)
    views = np.zeros(4, VIEW_DTYPE)
    views["slot"] = np.arange(4)
    size = (8, 8, 1)
    return Flight(("a", "b"), ("ka", "kb"), made, views[made.order], size, Event(begin), Event(end))


def test_what_landed_in_time_is_forgotten() -> None:
    flights = Flights(seconds=2.0)
    flights.add(flight(10.0, 11.0))
    flights.add(flight(11.0, 12.0))
    waiting = flight(12.0)
    flights.add(waiting)
    assert flights.late() is None
    assert flights.all() == [waiting]


def test_what_landed_late_is_reported_once() -> None:
    flights = Flights(seconds=2.0)
    late = flight(10.0, 13.0)
    flights.add(late)
    assert flights.late() is late
    assert flights.late() is None


def test_what_waited_for_the_batch_before_is_not_late() -> None:
    flights = Flights(seconds=2.0)
    for i in range(4):
        flights.add(flight(10.0, 11.5 + 1.5 * i))
    assert flights.late() is None
    assert len(flights) == 0


def test_a_batch_of_slow_programs_may_take_longer() -> None:
    flights = Flights(seconds=2.0)
    flights.add(flight(10.0, 13.0, seconds=0.1))
    assert flights.late() is None
    assert len(flights) == 0


def test_what_does_not_land_is_reported_but_not_while_it_waits_for_the_training() -> None:
    flights = Flights(seconds=0.05)
    stuck = flight()
    flights.add(stuck)
    assert flights.late() is None
    time.sleep(0.1)
    assert flights.late() is None, "it has not begun: the training before it may be long"
    stuck.begin.at = 1.0
    assert flights.late() is None
    time.sleep(0.1)
    assert flights.late() is stuck


def test_programs_are_found_with_their_views() -> None:
    found = {p: (key, views["slot"].tolist()) for p, key, views, _ in flight().launched()}
    assert found == {"a": ("ka", [1]), "b": ("kb", [0, 2, 3])}
