"""Where a run's images came from: the programs, their licences, the file that names their authors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phosphene.bank import Bank, attribution
from phosphene.bank.selecting import ranges
from phosphene.errors import PhospheneError
from phosphene.runs import Run


@dataclass(frozen=True)
class Origin:
    """What a run was shown.

    Attributes:
        source: a baseline or folder in place of a bank; empty: programs of a bank.
        programs: how many.
        digest: names exactly these.
        licences: programs under each; None: the bank is not at hand.
        attribution: the text that names their authors; empty where the bank is not at hand.
        missing: why the bank is not at hand; empty where it is.
    """

    source: str
    programs: int
    digest: str
    licences: Mapping[str, int] | None = None
    attribution: str = ""
    missing: str = ""


def origin_of(run: Run, bank: Path | None = None) -> Origin:
    """From a run's record, and from its bank where that still holds the same programs.

    Args:
        run: to read.
        bank: where its bank lies now; None: where it lay, as seen from here or from a folder that the run is in.
    """
    begun: dict[str, Any] = next(run.events("started", "resumed"), {})
    data = run.config.get("data", {})
    programs, digest = int(begun.get("programs", 0)), str(begun.get("digest", ""))
    source = str(data.get("source") or "")
    if source:
        return Origin(source, programs, digest)
    path = bank or _found(run, Path(data.get("bank", "")))
    if not path.is_file():
        return Origin("", programs, digest, missing=f"the bank {path} is not there")
    try:
        with Bank.open(path) as opened:
            selection = opened.select(
                licences=data.get("licences", ()),
                measured=ranges(data.get("where", ())),
                limit=data.get("programs") or None,
                seed=run.config.get("training", {}).get("seed", 0),
            )
            if selection.digest != digest:
                return Origin("", programs, digest, missing=f"{path} holds other programs now")
            counts = Counter(listing.licence for listing in opened.listings(selection.program_ids))
            credit = "\n".join(attribution(opened, selection)) + "\n"
    except PhospheneError as error:
        return Origin("", programs, digest, missing=str(error))
    return Origin("", programs, digest, dict(counts.most_common()), credit)


def _found(run: Run, bank: Path) -> Path:
    """A run says of its bank where it lay from where the run was begun: that is one of the folders that it is in."""
    begun_in = (folder / bank for folder in run.directory.resolve().parents)
    return next((path for path in (bank, *begun_in) if path.is_file()), bank)
