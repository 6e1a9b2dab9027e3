"""The attribution file: whose programs were used, and under what licence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from phosphene.bank.bank import Bank
from phosphene.bank.records import Selection
from phosphene.provenance import Provenance


def attribution(bank: Bank, selection: Selection) -> Iterator[str]:
    """The lines of an attribution file (Markdown) for a selection.

    One line a program and provenance, under a count of licences; then the same for programs that those
    of the selection were made from and that are not in it. Ends of lines are not included.
    """
    counts = Counter(listing.licence for listing in bank.listings(selection.program_ids))
    yield "# Attribution"
    yield ""
    yield f"{len(selection):,} programs, digest `{selection.digest}`."
    yield ""
    for name, count in counts.most_common():
        yield f"- {name}: {count:,}"
    yield ""
    yield from _lines(bank.provenances(selection.program_ids))
    chosen = set(selection.program_ids)
    sources = [program for program in bank.ancestors(chosen) if program not in chosen]
    if sources:
        yield ""
        yield "## What some of them were made from"
        yield ""
        yield from _lines(bank.provenances(sources))


def _lines(met: Iterable[tuple[str, Provenance]]) -> Iterator[str]:
    for program_id, p in met:
        title = _flat(p.title) or "untitled"
        author = f" by {_flat(p.author)}" if p.author else ""
        year = f" ({p.year})" if p.year else ""
        yield (
            f"- `{program_id}` {title}{author}{year}, {p.licence} ({p.basis}), "
            f"from {_flat(p.origin)}: {_flat(p.location)}"
        )


def _flat(text: str) -> str:
    """Authors' words on one line, without what Markdown would read as markup."""
    plain = " ".join(text.split())
    return "".join("\\" + c if c in r"\`*_[]<>#|" else c for c in plain)
