"""Checkpoints: directories that appear whole or not at all.

    checkpoints/step-00001000/
        backbone.safetensors   parameters under timm's names; loads in plain timm, see `timm_line`
        method.safetensors     heads, momentum encoders: everything of the method but the backbone
        training.pt            optimiser, position in the data, random states
        checkpoint.json        step, configuration of backbone and method, digests of the files above

A checkpoint is written beside its place, flushed to the disk, and renamed; an older one is removed only
after that.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from phosphene.errors import PhospheneError, UsageError
from phosphene.methods import Method
from phosphene.models import BackboneConfig, backbone
from phosphene.runs import CHECKPOINTS, CONFIG, sync_directory

BACKBONE = "backbone.safetensors"
METHOD = "method.safetensors"
TRAINING = "training.pt"
MANIFEST = "checkpoint.json"
METADATA_KEY = "phosphene"
_LITTLE = 1 << 20
"""Bytes: with less, a disk is full; libraries that write then say so in words of their own."""
_NAME = re.compile(r"step-(\d{8,})")
_PREFIX = "backbone."


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on the disk.

    Attributes:
        directory: where it lies.
        manifest: what `checkpoint.json` holds.
    """

    directory: Path
    manifest: Mapping[str, Any]

    @property
    def step(self) -> int:
        """Optimiser steps that led to it."""
        return int(self.manifest["step"])

    def verify(self) -> None:
        """Raises PhospheneError where a file is missing or not as it was written."""
        for name, digest in self.manifest["files"].items():
            path = self.directory / name
            if not path.is_file() or _digest(path) != digest:
                raise PhospheneError(
                    f"the checkpoint {self.directory} is damaged ({name}); remove it to fall back to "
                    "the one before"
                )

    def restore(self, method: Method, device: torch.device) -> dict[str, Any]:
        """Loads the weights into a method, and returns the training state."""
        weights = {_PREFIX + k: v for k, v in _weights(self.directory / BACKBONE).items()}
        load_weights(method, weights | _weights(self.directory / METHOD), self.directory)
        state = torch.load(self.directory / TRAINING, map_location=device, weights_only=True)
        return cast(dict[str, Any], state)


def save(
    parent: Path, step: int, method: Method, about: Mapping[str, Any], state: Mapping[str, Any]
) -> Checkpoint:
    """Writes a checkpoint; at return it is on the disk.

    Args:
        parent: the run's directory of checkpoints.
        step: optimiser steps done.
        method: its `backbone` goes into a file of its own.
        about: what a reader of the backbone must know: `backbone` (configuration), `mean`, `std` …
        state: what `torch.load(weights_only=True)` reads back.

    Raises:
        PhospheneError: it cannot be written (a full disk …); earlier checkpoints are untouched.
    """
    final = parent / f"step-{step:08d}"
    if final.exists():
        return read(final)
    partial = parent / f".{final.name}.partial"
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        about = {**about, "step": step}
        weights = {k: v.detach().cpu().contiguous() for k, v in method.state_dict().items()}
        own = {k.removeprefix(_PREFIX): v for k, v in weights.items() if k.startswith(_PREFIX)}
        rest = {k: v for k, v in weights.items() if not k.startswith(_PREFIX)}
        metadata = {"format": "pt", METADATA_KEY: json.dumps(about)}
        save_file(own, partial / BACKBONE, metadata)
        save_file(rest, partial / METHOD, metadata)
        torch.save(dict(state), partial / TRAINING)
        names = (BACKBONE, METHOD, TRAINING)
        manifest = {**about, "files": {name: _digest(partial / name) for name in names}}
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        for name in (*names, MANIFEST):
            _sync_file(partial / name)
        sync_directory(partial)
        os.rename(partial, final)
        sync_directory(parent)
    except (OSError, SafetensorError, RuntimeError) as error:
        why = "no space is left there" if shutil.disk_usage(parent).free < _LITTLE else error
        shutil.rmtree(partial, ignore_errors=True)
        raise PhospheneError(f"cannot write the checkpoint {final}: {why}") from error
    return Checkpoint(final, manifest)


def prune(parent: Path, keep: int) -> None:
    """Removes all but the newest `keep` checkpoints, and what killed writers left behind."""
    for path in steps(parent)[:-keep]:
        doomed = (
            parent / f".{path.name}.removed"
        )  # a half-removed one must not look like a whole one
        os.rename(path, doomed)
    for path in parent.glob(".step-*"):
        shutil.rmtree(path, ignore_errors=True)


def steps(parent: Path) -> list[Path]:
    """The checkpoints in a directory, oldest first."""
    found = [path for path in parent.glob("step-*") if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: int(path.name.removeprefix("step-")))


def read(directory: Path) -> Checkpoint:
    """A checkpoint by its directory. Raises PhospheneError where its manifest cannot be read."""
    try:
        manifest = json.loads((directory / MANIFEST).read_text("utf-8"))
        if not isinstance(manifest, dict) or not {"step", "files", "backbone"} <= manifest.keys():
            raise ValueError("it lacks entries")
    except (OSError, ValueError) as error:
        raise PhospheneError(
            f"the checkpoint {directory} is damaged ({MANIFEST}: {error})"
        ) from error
    return Checkpoint(directory, manifest)


def locate(path: Path) -> Path:
    """The safetensors file of a backbone, from a run, a checkpoint's directory or the file itself.

    Raises:
        UsageError: where there is none.
    """
    if path.is_file():
        return path
    if (path / MANIFEST).is_file():
        read(path).verify()
        return path / BACKBONE
    if (path / CONFIG).is_file():
        found = steps(path / CHECKPOINTS)
        if not found:
            raise UsageError(f"the run {path} has no checkpoint yet")
        read(found[-1]).verify()
        return found[-1] / BACKBONE
    raise UsageError(
        f"{path} is no checkpoint: give a run's directory, a checkpoint's, or a .safetensors file"
    )


def describe(path: Path) -> dict[str, Any]:
    """What a backbone's file says about itself: `backbone`, `mean`, `std`, `step`, `method` …

    Raises:
        PhospheneError: the file is no safetensors file, or not one of ours.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise PhospheneError(f"{path} is not a whole safetensors file: {error}") from error
    if METADATA_KEY not in metadata:
        raise PhospheneError(f"{path} was not written by phosphene: it does not name its backbone")
    return cast(dict[str, Any], json.loads(metadata[METADATA_KEY]))


def load_backbone(path: Path) -> tuple[nn.Module, BackboneConfig]:
    """The backbone of a safetensors file, built and filled."""
    config = BackboneConfig(**describe(path)["backbone"])
    model = backbone(config)
    load_weights(model, _weights(path), path)
    return model, config


def timm_line(config: BackboneConfig, path: str) -> str:
    """The line of Python that loads a backbone's file in plain timm.

    Models that phosphene registers need `import phosphene.models` before it.
    """
    arguments = "".join(f", {k}={v!r}" for k, v in config.timm_arguments().items())
    line = f"timm.create_model({config.name!r}{arguments}, checkpoint_path={path!r})"
    ours = config.name.startswith("phosphene_")
    return f"import timm{', phosphene.models' if ours else ''}; model = {line}"


def load_weights(model: nn.Module, weights: Mapping[str, Tensor], origin: Path) -> None:
    """Fills a model. Raises UsageError that names what does not fit."""
    own = model.state_dict()
    missing, extra = sorted(own.keys() - weights.keys()), sorted(weights.keys() - own.keys())
    shapes = [k for k in own if k in weights and own[k].shape != weights[k].shape]
    for problem, names in (("lacks", missing), ("also has", extra), ("has another", shapes)):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise UsageError(f"{origin} is of another model: it {problem} {names[0]}{more}")
    model.load_state_dict(dict(weights))


def _weights(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise PhospheneError(f"{path} is not a whole safetensors file: {error}") from error


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _sync_file(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())
