"""The model card: what a backbone saw, how it was trained, what it can, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from phosphene.publishing.origin import Origin
from phosphene.runs import PROGRAMS, Event, Run, seen
from phosphene.version import __version__


@dataclass(frozen=True)
class Card:
    """What a card is written from.

    Attributes:
        name: of the folder.
        line: loads it.
        about: what the weights' file says of itself.
        evaluations: what evaluation found, each as `phosphene.evaluation.Report.plain`.
        run: the run, None where only the weights are at hand.
        origin: what the run was shown, None where there is no run.
    """

    name: str
    line: str
    about: Mapping[str, Any]
    evaluations: Sequence[Mapping[str, Any]]
    run: Run | None
    origin: Origin | None


def model_card(card: Card) -> str:
    """The text of README.md."""
    parts = [_head(card), _loading(card), _seen(card), _recipe(card), _results(card)]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _head(card: Card) -> Iterator[str]:
    tags = ["image-feature-extraction", "timm", "phosphene"]
    yield "---"
    yield yaml.safe_dump({"library_name": "timm", "tags": tags}, sort_keys=False).rstrip()
    yield "---"
    yield f"# {card.name}"
    yield ""
    tuned = card.about.get("fine_tuned_on")
    if tuned:
        yield f"A {_architecture(card)}, fine-tuned on {tuned}; made with Phosphene {__version__}."
    else:
        yield f"A {_architecture(card)}, {_pretrained(card)}."
    yield ""


def _pretrained(card: Card) -> str:
    """On what, by the run, else by what the weights' file says; files of older versions do not."""
    saw = seen(card.run.config) if card.run else str(card.about.get("seen", ""))
    if saw == PROGRAMS:
        return "pretrained on image programs, without a real image, with Phosphene"
    if saw:
        return f"pretrained on {saw} with Phosphene"
    return "made with Phosphene; what it was pretrained on is not known here"


def _architecture(card: Card) -> str:
    backbone = card.about["backbone"]
    return f"`{backbone['name']}` for {backbone['size']} px"


def _loading(card: Card) -> Iterator[str]:
    yield "## Use"
    yield ""
    yield "```python"
    yield from card.line.split("; ")
    yield "```"
    yield ""
    mean, std = (tuple(card.about[name]) for name in ("mean", "std"))
    yield f"Images are RGB in 0 … 1, normalised with mean {mean} and standard deviation {std}."
    yield ""


def _seen(card: Card) -> Iterator[str]:
    origin = card.origin
    if origin is None:
        return
    yield "## What it has seen"
    yield ""
    if origin.source:
        yield f"Images of `{origin.source}`, digest `{origin.digest}`."
        yield ""
        return
    yield f"{origin.programs:,} image programs, digest `{origin.digest}`."
    yield ""
    if origin.licences is None:
        yield f"Their licences could not be counted when this card was written: {origin.missing}."
    else:
        yield "| licence of the programs | programs |"
        yield "|---|---|"
        yield from (f"| {name} | {count:,} |" for name, count in origin.licences.items())
        yield ""
        yield "Their authors are named in [ATTRIBUTION.md](ATTRIBUTION.md)."
    yield ""


def _recipe(card: Card) -> Iterator[str]:
    run = card.run
    if run is None:
        return
    yield "## Recipe"
    yield ""
    yield "Engine, hardware and versions:"
    yield ""
    for event in [*run.events("engine")][-1:] + [*run.events("started", "resumed")][-1:]:
        for name in ("name", "renderer", "precision", "hardware", "versions"):
            if name in event:
                label = "engine" if name == "name" else name
                yield f"- {label}: {_flat(event[name])}"
    yield ""
    yield f"Step {card.about['step']} of the run with this `config.yaml`:"
    yield ""
    yield "```yaml"
    yield yaml.safe_dump(run.config, sort_keys=False, allow_unicode=True).rstrip()
    yield "```"
    yield ""


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    return str(value)


def _results(card: Card) -> Iterator[str]:
    yield "## Results"
    yield ""
    if not card.evaluations:
        yield "Not evaluated; see `phosphene evaluate`."
        return
    yield "Accuracy in per cent, with an interval of 95%."
    yield ""
    yield "| dataset | probe | model | accuracy |"
    yield "|---|---|---|---|"
    for evaluation in card.evaluations:
        for row in [*evaluation["scores"], *evaluation.get("means", ())]:
            yield _row(row)
    yield ""


def _row(row: Event) -> str:
    low, high = (row["interval"][side] * 100 for side in ("low", "high"))
    what = row.get("dataset") or f"mean {row['group']}"
    accuracy = f"{row['accuracy'] * 100:.1f} [{low:.1f}, {high:.1f}]"
    return f"| {what} | {row['probe']} | {row['model']} | {accuracy} |"
