"""Where a stream is: enough to go on in another process, at another batch size or world size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from phosphene.errors import UsageError
from phosphene.stream.quarantine import Quarantined

STATE_VERSION = 1


@dataclass(frozen=True)
class StreamState:
    """The state of a stream.

    Attributes:
        seed: the run's seed.
        digest: of the programs drawn from.
        settings: what else decides a sample's pixels, name → text.
        position: the number of the next sample to be handed out.
        quarantine: programs left out, and from when.
    """

    seed: int
    digest: str
    settings: Mapping[str, str]
    position: int
    quarantine: tuple[Quarantined, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `of` reads them."""
        return {
            "version": STATE_VERSION,
            "seed": self.seed,
            "digest": self.digest,
            "settings": dict(self.settings),
            "position": self.position,
            "quarantine": [record.row() for record in self.quarantine],
        }

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> StreamState:
        """The state that `to_dict` wrote. Raises UsageError where it is not one, or too new."""
        version = state.get("version")
        if version != STATE_VERSION:
            raise UsageError(
                f"the stream's state must be of version {STATE_VERSION}, got {version!r}: "
                "use the version of phosphene that wrote it"
            )
        try:
            return cls(
                int(state["seed"]),
                str(state["digest"]),
                dict(state["settings"]),
                int(state["position"]),
                tuple(Quarantined(**row) for row in state["quarantine"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"the stream's state is damaged: {error!r}") from error

    def check(self, seed: int, digest: str, settings: Mapping[str, str]) -> None:
        """Raises UsageError where a stream of these settings would not go on as the state's would."""
        if digest != self.digest:
            raise UsageError(
                f"these are other programs or pictures (digest {digest}) than the state's ({self.digest}): "
                "give the same to go on, or start a new run"
            )
        for name, mine, theirs in (
            ("seed", seed, self.seed),
            *((n, settings.get(n), self.settings.get(n)) for n in {**settings, **self.settings}),
        ):
            if mine != theirs:
                raise UsageError(
                    f"the state was made with `{name}` {theirs}, the stream has {mine}: "
                    "use the same to go on, or start a new run"
                )


def merge_states(states: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One state from those of all ranks of a run: the quarantines of each hold for all.

    A program that two ranks met is left out from the earlier sample on.

    Raises:
        UsageError: the states are not of one run at one position.
    """
    first, *others = (StreamState.of(state) for state in states)
    records = {record.program: record for record in first.quarantine}
    for other in others:
        other.check(first.seed, first.digest, first.settings)
        if other.position != first.position:
            raise UsageError(
                f"the ranks' states must be at one position, got {first.position} "
                f"and {other.position}"
            )
        for record in other.quarantine:
            known = records.setdefault(record.program, record)
            if record.since < known.since:
                records[record.program] = record
    merged = tuple(sorted(records.values(), key=lambda r: (r.since, r.program)))
    return StreamState(first.seed, first.digest, first.settings, first.position, merged).to_dict()
