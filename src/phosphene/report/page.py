"""One page about one run: its scores, pictures, curves, filters and how to make it again."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment

from phosphene.errors import PhospheneError
from phosphene.report.figures import curve, filter_sheet, first_filters
from phosphene.runs import PROGRAMS, Event, Run, seen, write_atomically

PICTURES = "pictures"
"""PNG files in this folder of a run are shown, captioned by their names."""


@dataclass(frozen=True, slots=True)
class Row:
    """One dataset and probe: a cell for each model."""

    dataset: str
    probe: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """One evaluation as a table."""

    models: tuple[str, ...]
    rows: tuple[Row, ...]
    differences: tuple[str, ...]


def write_report(directory: Path, output: Path) -> Path:
    """Writes the page of a run: one HTML file that needs no other.

    Args:
        directory: the run's.
        output: where the page goes.

    Raises:
        UsageError: there is no run.
        PhospheneError: the page cannot be written.
    """
    run = Run.open(directory)
    html = _environment().from_string(_resource("page.html")).render(**_contents(run))
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(output, html.encode())
    except OSError as error:
        raise PhospheneError(f"cannot write {output}: {error.strerror}") from error
    return output


def _environment() -> Environment:
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)


def _resource(name: str) -> str:
    return resources.files("phosphene.report").joinpath(name).read_text("utf-8")


def _contents(run: Run) -> dict[str, Any]:
    from markupsafe import Markup

    metrics = run.metrics()
    evaluations = [score_table(event) for event in run.events("evaluation")][-1:]
    weights = _filters(run)
    return {
        "title": f"Phosphene: {run.name}",
        "summary": _summary(evaluations, metrics, seen(run.config)),
        "style": Markup(_resource("page.css")),
        "evaluations": evaluations,
        "pictures": _pictures(run.directory / PICTURES),
        "loss": Markup(_loss(metrics)) if metrics else "",
        "filters": base64.b64encode(weights).decode() if weights else "",
        "facts": list(_facts(run).items()),
        "config": yaml.safe_dump(run.config, sort_keys=False, allow_unicode=True),
    }


def score_table(event: Mapping[str, Any]) -> ScoreTable:
    """The table of an evaluation event."""
    scores: Sequence[Mapping[str, Any]] = event["scores"]
    models = tuple(dict.fromkeys(s["model"] for s in scores))
    found = {(s["dataset"], s["probe"], s["model"]): _cell(s) for s in scores}
    keys = dict.fromkeys((s["dataset"], s["probe"]) for s in scores)
    rows = tuple(Row(d, p, tuple(found.get((d, p, m), "") for m in models)) for d, p in keys)
    return ScoreTable(models, rows, tuple(_difference(d) for d in event.get("differences", ())))


def _cell(score: Mapping[str, Any]) -> str:
    low, high = (score["interval"][side] * 100 for side in ("low", "high"))
    return f"{score['accuracy'] * 100:.1f} [{low:.1f}, {high:.1f}]"


def _difference(difference: Mapping[str, Any]) -> str:
    low, high = (difference["interval"][side] * 100 for side in ("low", "high"))
    return (
        f"{difference['dataset']}, {difference['probe']}: {difference['model']} is "
        f"{difference['gain'] * 100:+.1f} points over {difference['over']} "
        f"(95%: {low:+.1f} to {high:+.1f})"
    )


def _summary(evaluations: Sequence[ScoreTable], metrics: Sequence[Event], saw: str) -> str:
    on = " without a real image" if saw == PROGRAMS else f" on {saw}" if saw else ""
    trained = f"{metrics[-1]['step']} steps{on}." if metrics else ""
    gains = evaluations[-1].differences if evaluations else ()
    return " ".join([trained, *(f"{gain}." for gain in gains[:1])])


def _pictures(folder: Path) -> list[dict[str, str]]:
    return [
        {
            "caption": path.stem.replace("-", " "),
            "data": base64.b64encode(path.read_bytes()).decode(),
        }
        for path in sorted(folder.glob("*.png"))
    ]


def _loss(metrics: Sequence[Event]) -> str:
    points = [(m["step"], m["loss"]) for m in metrics if m.get("loss") is not None]
    return curve({"loss": points}, "optimiser steps", "loss") if points else ""


def _filters(run: Run) -> bytes | None:
    """The first layer of the newest checkpoint, read without building the model."""
    from safetensors.numpy import load_file

    files = sorted(run.checkpoints.glob("*/*.safetensors"))
    for path in reversed(files):
        weights = first_filters(load_file(path))
        if weights is not None:
            return filter_sheet(weights)
    return None


def _facts(run: Run) -> dict[str, str]:
    facts: dict[str, str] = {}
    saw = seen(run.config)
    for event in run.events("started", "resumed", "engine"):
        if event["event"] == "engine":
            facts["engine"] = f"{event['name']}, {event['renderer']}"
            continue
        if saw and saw != PROGRAMS:
            facts["source"] = f"{saw}, digest {event['digest']}"
        else:
            facts["programs"] = f"{event['programs']}, digest {event['digest']}"
        for name in ("hardware", "versions"):
            facts[name] = ", ".join(f"{k} {v}" for k, v in event.get(name, {}).items())
    return facts
