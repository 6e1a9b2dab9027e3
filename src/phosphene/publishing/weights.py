"""A backbone as a folder: weights, timm's configuration, a model card, the authors of the programs."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from phosphene.errors import PhospheneError, UsageError
from phosphene.models import BackboneConfig, backbone, weights_digest, width_of
from phosphene.publishing.card import Card, model_card
from phosphene.publishing.origin import origin_of
from phosphene.runs import CHECKPOINTS, CONFIG, Event, Run, write_atomically
from phosphene.training.checkpoints import describe, load_backbone, locate

log = logging.getLogger(__name__)

WEIGHTS, TIMM, CARD, ATTRIBUTION = (
    "model.safetensors",
    "config.json",
    "README.md",
    "ATTRIBUTION.md",
)
_MARKS = {
    CARD: b"- phosphene\n",
    TIMM: b'"pretrained_cfg"',
    ATTRIBUTION: b"# Attribution\n",
    WEIGHTS: b'"phosphene"',
}
"""What each of an export's files holds."""


def publish(
    source: Path,
    directory: Path,
    bank: Path | None = None,
    results: Mapping[str, Any] | None = None,
) -> str:
    """Writes a backbone's folder.

    Args:
        source: a run's directory, a checkpoint's, or a safetensors file; from a run comes what the card
            says of programs, recipe and results.
        directory: where it goes; made where it is missing. What an earlier export left there is replaced.
        bank: where the run's bank lies, if it was moved.
        results: what `phosphene evaluate -o` wrote, in place of the run's own evaluations of these weights.

    Returns:
        the line of Python that loads it.

    Raises:
        UsageError: there is no checkpoint, `directory` is a file, or holds a file of these names that no
            export wrote.
        PhospheneError: it is damaged, or the folder cannot be written.
    """
    weights = locate(source)
    about = describe(weights)
    config = BackboneConfig(**about["backbone"])
    run = _run_of(source)
    origin = origin_of(run, bank) if run else None
    if origin and origin.missing:
        log.warning(
            "%s: the card names no licences, and there is no %s; say with --bank where the bank lies",
            origin.missing,
            ATTRIBUTION,
        )
    line = timm_line(config, directory)
    found = [results] if results else _evaluations(run, weights)[-1:] if run else []
    card = Card(directory.resolve().name, line, about, found, run, origin)
    files = {
        CARD: model_card(card).encode(),  # first: by it a half-written folder is known as ours
        TIMM: (json.dumps(timm_config(config, about), indent=1) + "\n").encode(),
        WEIGHTS: weights.read_bytes(),
    }
    if origin and origin.attribution:
        files[ATTRIBUTION] = origin.attribution.encode()
    if directory.is_file():
        raise UsageError(f"{directory} is a file; give a folder, or a name ending in .safetensors")
    _check_ours(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_atomically(directory / name, content)
        if ATTRIBUTION not in files:  # an earlier export's, of other programs
            (directory / ATTRIBUTION).unlink(missing_ok=True)
    except OSError as error:
        raise PhospheneError(f"cannot write to {directory}: {error.strerror}") from error
    return line


def _evaluations(run: Run, weights: Path) -> list[Event]:
    """A run's evaluations of these weights, not of those of other steps."""
    digest = weights_digest(load_backbone(weights)[0])
    return [
        event
        for event in run.events("evaluation")
        if digest in (model.get("weights") for model in event.get("models", {}).values())
    ]


def _check_ours(directory: Path) -> None:
    """Raises UsageError where an export would replace what no export wrote."""
    carded = (directory / CARD).exists()
    for name, mark in _MARKS.items():
        path = directory / name
        if path.exists() and not (carded and mark in path.read_bytes()):
            raise UsageError(f"{path} was not written by an export; give another folder")


def timm_line(config: BackboneConfig, directory: Path) -> str:
    """The line of Python that loads the folder in plain timm; our own models must be imported."""
    ours = ", phosphene.models" if config.name.startswith("phosphene_") else ""
    name = json.dumps(f"local-dir:{directory}", ensure_ascii=False)
    return f"import timm{ours}; model = timm.create_model({name}, pretrained=True)"


def timm_config(config: BackboneConfig, about: Mapping[str, Any]) -> dict[str, Any]:
    """`config.json` as timm writes and reads it, here and on the Hugging Face hub.

    Source: `timm.models.save_config_for_hf` and `load_model_config_from_path`, timm 1.0.
    """
    model = backbone(config)
    arguments = {k: v for k, v in config.timm_arguments().items() if k != "num_classes"}
    classes = int(config.timm_arguments()["num_classes"])
    cfg: dict[str, Any] = getattr(model, "pretrained_cfg", {}) or {}
    first, last = (cfg.get(name) for name in ("first_conv", "classifier"))
    return {
        "architecture": config.name,
        "num_classes": classes,
        "num_features": width_of(model),
        **({"label_names": about["classes"]} if "classes" in about else {}),
        **({"model_args": arguments} if arguments else {}),
        "pretrained_cfg": {
            "input_size": [3, config.size, config.size],
            "fixed_input_size": bool(cfg.get("fixed_input_size", False)),
            "interpolation": "bicubic",
            "crop_pct": 1.0,
            "crop_mode": "center",
            "mean": list(about["mean"]),
            "std": list(about["std"]),
            "num_classes": classes,
            "first_conv": first,
            "classifier": last,
        },
    }


def _run_of(source: Path) -> Run | None:
    """The run that a path belongs to: the run itself, one of its checkpoints, or a file of one."""
    above = [p.parent for p in source.resolve().parents[:3] if p.name == CHECKPOINTS]
    for candidate in (source, *above):
        if (candidate / CONFIG).is_file():
            return Run.open(candidate)
    return None
