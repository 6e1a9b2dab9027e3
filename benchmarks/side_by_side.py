"""Sets of programs side by side on one page: every measurement as a distribution, and contact sheets.

Reads what vetting measured; renders nothing but the sheets. First the records, then the page from them
alone, so that the page can be made again without the banks:

    python benchmarks/side_by_side.py --out page synthesised=synth.db starter=starter.db real=real.db
    python benchmarks/side_by_side.py --out page
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import machine
import numpy as np
from matplotlib.figure import Figure

from phosphene.bank import Bank
from phosphene.vetting import set_diversity

RECORD = "record.json"
MEASURES = {
    "diversity": "diversity within a program, feature space",
    "spread": "diversity within a program, pixels",
    "colourfulness": "colourfulness (Hasler and Süsstrunk)",
    "filled": "share of the canvas that is filled",
    "edges": "edge density",
    "slope": "slope of the spectrum",
    "contrast": "contrast",
    "motion": "change between times",
    "milliseconds": "milliseconds a frame of 96 px on this machine (logarithmic)",
}
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def record(name: str, path: Path, args: argparse.Namespace) -> dict[str, Any]:
    """What the bank knows of `args.count` of its accepted programs, and a sheet of some of them."""
    with Bank.open(path) as bank:
        everything = bank.select().program_ids
        vectors = bank.features(everything)
        lots = np.random.default_rng(args.seed).permutation(len(vectors))[: args.count]
        ids = [sorted(vectors)[i] for i in sorted(lots)]
        measured = bank.measurements(ids)
        info = bank.info()
    if not ids:
        sys.exit(f"{path} has no measured programs; run phosphene vet first")
    found = set_diversity(
        {i: vectors[i] for i in ids}, {i: measured[i]["diversity"] for i in ids}, args.seed
    )
    values = {m: [measured[i].get(m, float("nan")) for i in ids] for m in MEASURES}
    sheet(path, args.out / f"{name}.png", args)
    statuses = {str(k): v for k, v in info.statuses.items()}
    return {
        "name": name,
        "programs": len(ids),
        "statuses": statuses,
        "effective": found.effective,
        "apart": found.apart,
        "values": values,
    }


def sheet(bank: Path, output: Path, args: argparse.Namespace) -> None:
    """A contact sheet, made by the command that users have."""
    options = ["--count", args.sheet, "--columns", 16, "--size", 88, "--seed", args.seed]
    command = ["render", "--sheet", "--bank", bank, "--status", "accepted", *options, "-o", output]
    subprocess.run([sys.executable, "-m", "phosphene", *map(str, command)], check=True)


def figure(sets: list[dict[str, Any]], measure: str) -> str:
    """The distributions of one measurement, as an SVG element."""
    columns = {s["name"]: np.array(s["values"][measure], float) for s in sets}
    columns = {name: values[np.isfinite(values)] for name, values in columns.items()}
    if measure == "milliseconds":
        columns = {name: np.log10(np.maximum(v, 1e-3)) for name, v in columns.items()}
    joined = np.concatenate(list(columns.values()))
    low, high = np.quantile(joined, [0.005, 0.995])
    drawing = Figure(figsize=(5.2, 2.1), layout="constrained")
    axes = drawing.add_subplot()
    for number, (name, values) in enumerate(columns.items()):
        colour = f"C{number}"
        weights = np.full(len(values), 1.0 / max(len(values), 1))
        axes.hist(
            np.clip(values, low, high),
            np.linspace(low, high, 33),
            weights=weights,
            histtype="step",
            label=name,
            color=colour,
        )
        axes.axvline(float(np.median(values)), color=colour, linewidth=0.8, linestyle="--")
    axes.set(title=MEASURES[measure], yticks=[])
    axes.title.set_fontsize(9)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    buffer = io.StringIO()
    drawing.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def table(sets: list[dict[str, Any]]) -> str:
    """Medians with the 5th and 95th percentile, and what the sets are as sets."""
    rows = [
        ("programs", [f"{s['programs']:,}" for s in sets]),
        ("effective programs (Vendi)", [f"{s['effective']:.0f}" for s in sets]),
        ("apart from each other", [f"{s['apart']:.3f}" for s in sets]),
        ("accepted by vetting", [accepted(s["statuses"]) for s in sets]),
    ]
    rows += [(title, [quantiles(s["values"][m]) for s in sets]) for m, title in MEASURES.items()]
    head = "".join(f"<th>{s['name']}</th>" for s in sets)
    body = "".join(
        f"<tr><th>{title}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        for title, cells in rows
    )
    return f"<table><tr><th></th>{head}</tr>{body}</table>"


def accepted(statuses: dict[str, int]) -> str:
    """The share, in per cent."""
    return f"{100 * statuses.get('accepted', 0) / max(sum(statuses.values()), 1):.1f}%"


def quantiles(values: list[float]) -> str:
    """Median (5th … 95th percentile)."""
    finite = np.array(values, float)
    low, _, middle, _, high = np.quantile(finite[np.isfinite(finite)], QUANTILES)
    return f"{middle:.3g} ({low:.3g} … {high:.3g})"


def page(folder: Path) -> Path:
    """The page, from the folder's records alone."""
    stored = json.loads((folder / RECORD).read_text("utf-8"))
    sets = stored["sets"]
    figures = "".join(figure(sets, measure) for measure in MEASURES)
    sheets = "".join(
        f"<h2>{s['name']}</h2><img src='data:image/png;base64,"
        f"{base64.b64encode((folder / (s['name'] + '.png')).read_bytes()).decode()}'>"
        for s in sets
    )
    css = "body{font:14px system-ui;margin:2em;max-width:1500px}td,th{text-align:left;padding:.2em 1em}svg{width:31%}"
    html = (
        f"<!DOCTYPE html><meta charset='utf-8'><title>Side by side</title><style>{css}</style>"
        f"<h1>Programs, side by side</h1><p>{stored['hardware']}</p>{table(sets)}{figures}{sheets}"
    )
    output = folder / "index.html"
    output.write_text(html, "utf-8")
    return output


def main() -> None:
    """Records where banks are given, then writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("banks", nargs="*", metavar="NAME=BANK", help="sets, in their order")
    parser.add_argument("--out", type=Path, required=True, help="folder of records and page")
    parser.add_argument("--count", type=int, default=1000, help="programs of each set")
    parser.add_argument("--sheet", type=int, default=160, help="programs on a contact sheet")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if args.banks:
        pairs = [text.partition("=") for text in args.banks]
        sets = [record(name, Path(bank), args) for name, _, bank in pairs]
        stored = {"hardware": machine.hardware(), "sets": sets}
        (args.out / RECORD).write_text(json.dumps(stored), "utf-8")
    print(page(args.out))


if __name__ == "__main__":
    main()
