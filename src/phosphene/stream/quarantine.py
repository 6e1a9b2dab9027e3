"""Programs that an engine refused during a run, and from which sample on they are left out.

The rule: a program that is refused while sample n is made is quarantined since n. Every slot of a sample
n or later that draws it takes its next attempt instead; samples before n keep it. Batches are finished
in order, so a quarantine never reaches a sample that was already handed out, and a run that is given the
list at its start draws the same programs as the run that found it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from phosphene.errors import EngineError, UsageError
from phosphene.sampling import NEVER, Mixture
from phosphene.views import Ints


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A program's id, why the engine refused it, and the first sample that does without it."""

    program: str
    reason: str
    since: int

    def row(self) -> dict[str, str | int]:
        """For JSON."""
        return asdict(self)


class Quarantine:
    """The quarantined programs of a selection. Read from one thread while another adds."""

    def __init__(self, ids: Sequence[str], records: Iterable[Quarantined] = ()) -> None:
        """Begins with the records of an earlier run. Raises UsageError for unknown programs."""
        self._ids = ids
        self._places = {program: place for place, program in enumerate(ids)}
        self._lock = threading.Lock()
        self._records: dict[str, Quarantined] = {}
        self._since: Ints | None = None
        for record in records:
            if record.program not in self._places:
                raise UsageError(
                    f"quarantined program {record.program} is not among the stream's {len(ids)}"
                )
            self._add(record)

    @property
    def since(self) -> Ints | None:
        """int64 [programs], see `Sampler.draw`; None where nothing is quarantined."""
        return self._since

    @property
    def records(self) -> tuple[Quarantined, ...]:
        """In the order in which they were found: the list only grows at its end."""
        with self._lock:
            return tuple(self._records.values())

    def refuse(self, draw: Mixture, refused: Mapping[str, str], since: int | None = None) -> None:
        """Quarantines what an engine refused of a draw.

        Args:
            draw: what was to be rendered.
            refused: program → reason.
            since: the first sample that does without it; None: the first of the draw that showed it.

        Raises:
            EngineError: where no program is left.
        """
        for program, reason in refused.items():
            rows = (draw.program == self._places[program]).any(axis=1)
            if rows.any():
                earliest = int(draw.index[rows].min()) if since is None else since
                self._add(Quarantined(program, reason, earliest))
        if len(self._records) == len(self._ids):
            first = self.records[0]
            raise EngineError(
                f"the engine refused all {len(self._ids)} programs of the stream; "
                f"the first was {first.program}: {first.reason}"
            )

    def _add(self, record: Quarantined) -> None:
        place = self._places[record.program]
        with self._lock:
            known = self._records.get(record.program)
            if known is not None and known.since <= record.since:
                return
            self._records[record.program] = record
            if self._since is None:
                self._since = np.full(len(self._ids), NEVER)
            self._since[place] = record.since


@dataclass(eq=False)
class InForce:
    """A quarantine as it is for one sample, for pictures that several samples show: those before a program was
    quarantined show it, those from then on do not.

    Attributes:
        quarantine: the whole.
        sample: the sample's number.
    """

    quarantine: Quarantine
    sample: int = 0

    @property
    def records(self) -> tuple[Quarantined, ...]:
        """Of what the sample does without."""
        return tuple(r for r in self.quarantine.records if r.since <= self.sample)

    @property
    def since(self) -> Ints | None:
        """As `Quarantine.since`, for all pictures of the sample: from the beginning, or never."""
        whole = self.quarantine.since
        return None if whole is None else np.where(whole <= self.sample, 0, NEVER)

    def refuse(self, draw: Mixture, refused: Mapping[str, str], since: int | None = None) -> None:
        """See `Quarantine.refuse`."""
        self.quarantine.refuse(draw, refused, since)
