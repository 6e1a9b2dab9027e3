"""`phosphene bank`: look into a bank."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from phosphene.cli.choosing import add_filters, add_output, filters_of, output
from phosphene.cli.texts import json_text, visible
from phosphene.errors import UsageError

if TYPE_CHECKING:
    from phosphene.bank import Bank, Listing, Selection, Verdict


def add_parser(subparsers: Any) -> None:
    """Describes the command and what it can show."""
    parser = subparsers.add_parser(
        "bank", help="look into a bank", description="Looks into a bank."
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _action(actions, "info", "counts over the whole bank", filtered=False)
    _action(actions, "list", "a line about each program")
    show = _action(actions, "show", "a program's text, provenance and verdict", filtered=False)
    show.add_argument("program", metavar="ID", help="a program's id, or how it begins")
    _action(actions, "licenses", "under which licences the programs are, and on what that rests")
    _action(actions, "diversity", "how different programs are, and how many they are in effect")
    credit = _action(actions, "attribution", "the attribution file for the programs that were used")
    credit.add_argument(
        "--ids",
        type=Path,
        metavar="FILE",
        help="for exactly the programs whose ids stand in FILE, one a line, instead of a choice",
    )


def _action(actions: Any, name: str, text: str, filtered: bool = True) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=text, description=f"Shows {text}."
    )
    parser.add_argument("--bank", required=True, type=Path, metavar="FILE", help="the bank")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_output(parser)
    if filtered:
        add_filters(parser)
    return parser


def run(args: argparse.Namespace) -> int:
    """Shows what was asked for."""
    from phosphene.bank import Bank

    shows = {
        "info": _info,
        "list": _list,
        "show": _show,
        "licenses": _licenses,
        "diversity": _diversity,
        "attribution": _attribution,
    }
    if args.output and args.output.exists() and args.output.samefile(args.bank):
        raise UsageError(f"`-o` must not be the bank, got {args.output}")
    with Bank.open(args.bank) as bank, output(args.output) as out:
        shows[args.action](bank, args, out)
    return 0


def _say(text: str, out: TextIO) -> None:
    print(visible(text), file=out)


def _info(bank: Bank, args: argparse.Namespace, out: TextIO) -> None:
    info = dataclasses.asdict(bank.info())
    if args.json:
        print(json_text(info), file=out)
        return
    for name, value in info.items():
        if not isinstance(value, Mapping):
            _say(f"{name.replace('_', '-'):15}  {_number(value)}", out)
        elif value:
            _say(f"{name}:", out)
            for label, count in list(value.items())[:20]:
                _say(f"  {count:>9,}  {label}", out)


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _list(bank: Bank, args: argparse.Namespace, out: TextIO) -> None:
    listings = bank.listings(bank.select_by(filters_of(args)).program_ids)
    if args.json:
        _json_lines(map(dataclasses.asdict, listings), out)
        return
    for listing in listings:
        _say(_line(listing), out)


def _line(listing: Listing) -> str:
    verdict = listing.status or ("unserved" if listing.unserved else "-")
    by = f" by {listing.author}" if listing.author else ""
    title = " ".join(f"{listing.title or 'untitled'}{by}".split())
    return f"{listing.id}  {listing.dialect:18}  {listing.licence:16}  {verdict:8}  {title}"


def _json_lines(records: Any, out: TextIO) -> None:
    """An array with one record a line, written as it is read."""
    before = "[\n"
    for record in records:
        out.write(before + json_text(record, None))
        before = ",\n"
    out.write("[]\n" if before == "[\n" else "\n]\n")


def _plain(verdict: Verdict) -> dict[str, object]:
    """Without its features: bytes, which `bank diversity` reads."""
    return {k: v for k, v in dataclasses.asdict(verdict).items() if k != "features"}


def _show(bank: Bank, args: argparse.Namespace, out: TextIO) -> None:
    program_id = bank.find(args.program)
    program = bank.program(program_id)
    (listing,) = bank.listings([program_id])
    failure = bank.failures([program_id]).get(program_id)
    verdict = bank.verdict(program_id)
    lineage = bank.lineage(program_id)
    if args.json:
        content = {
            "listing": dataclasses.asdict(listing),
            "program": json.loads(program.to_json()),
            "provenance": [dataclasses.asdict(p) for p in bank.provenance(program_id)],
            "lineage": lineage and dataclasses.asdict(lineage),
            "near_duplicates": bank.near_duplicates(program_id),
            "failure": failure and dataclasses.asdict(failure),
            "verdict": verdict and _plain(verdict),
        }
        print(json_text(content), file=out)
        return
    _say(f"{_line(listing)}\n", out)
    for p in bank.provenance(program_id):
        _say(f"met in {p.origin}: {p.location}", out)
        _say(f"  {p.title} by {p.author or 'unknown'}, {p.year or 'year unknown'}", out)
        _say(f"  {p.licence} ({p.basis}) {p.statement}", out)
    if lineage:
        _say(f"made by {lineage.operation} from {', '.join(lineage.parents)}", out)
    if listing.unserved:
        _say(f"not served yet: {listing.unserved}", out)
    if failure:
        where = f"{failure.tab}, line {failure.line}: " if failure.line else ""
        _say(f"does not compile: {where}{failure.message}", out)
    if verdict:
        _say(f"{verdict.status} {verdict.reason} (policy {verdict.policy})", out)
        for name, value in sorted(verdict.measurements.items()):
            _say(f"  {name:24} {value:g}", out)
    others = bank.near_duplicates(program_id)
    if others:
        _say(f"near-duplicates: {len(others)}, e.g. {others[0]}", out)
    for name, value in program.composition.parameters if program.composition else ():
        _say(f"  {name:24} {value:g}", out)
    for tab in program.tabs:
        _say(f"\n--- {tab.name} ---\n{tab.code}", out)


def _licenses(bank: Bank, args: argparse.Namespace, out: TextIO) -> None:
    ids = bank.select_by(filters_of(args)).program_ids
    counts = Counter((listing.licence, listing.basis) for listing in bank.listings(ids))
    if args.json:
        rows = [
            {"license": name, "basis": basis, "programs": count}
            for (name, basis), count in counts.most_common()
        ]
        print(json_text(rows), file=out)
        return
    for (name, basis), count in counts.most_common():
        _say(f"{count:>9,}  {name:30}  {basis}", out)


def _diversity(bank: Bank, args: argparse.Namespace, out: TextIO) -> None:
    from phosphene.vetting import set_diversity

    ids = bank.select_by(filters_of(args)).program_ids
    measured = bank.measurements(ids)
    within = {i: m["diversity"] for i, m in measured.items() if "diversity" in m}
    found = set_diversity(bank.features(ids), within, args.seed)
    if args.json:
        print(json_text(dataclasses.asdict(found)), file=out)
        return
    drawn = f" of {found.compared:,} drawn" if found.compared < found.programs else ""
    _say(f"{found.programs:>9,}  programs with features", out)
    _say(f"{found.effective:>9,.1f}  effective programs (Vendi score){drawn}", out)
    _say(f"{found.apart:>9.3f}  between programs: how different two are, 0 … 1", out)
    _say(f"{found.within:>9.3f}  within programs: how different a program's frames are", out)


def _attribution(bank: Bank, args: argparse.Namespace, out: TextIO) -> None:
    from phosphene.bank import attribution

    selection = _chosen(bank, args)
    if args.json:
        credited = sorted({*selection.program_ids, *bank.ancestors(selection.program_ids)})
        met = bank.provenances(credited)
        _json_lines(({"program": id_, **dataclasses.asdict(one)} for id_, one in met), out)
        return
    for line in attribution(bank, selection):
        _say(line, out)


def _chosen(bank: Bank, args: argparse.Namespace) -> Selection:
    if args.ids is None:
        return bank.select_by(filters_of(args))
    try:
        return bank.selection(args.ids.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"`--ids` must be a text file of ids, got {args.ids}: {error}") from error
