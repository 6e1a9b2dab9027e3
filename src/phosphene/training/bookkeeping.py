"""What is recorded and saved around the steps of a run, and when."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from phosphene.errors import PhospheneError
from phosphene.progress import ProgressLine
from phosphene.runs import Run, seen
from phosphene.training import checkpoints
from phosphene.training.configuration import TrainingConfig
from phosphene.training.environment import hardware, versions
from phosphene.training.feed import Feed
from phosphene.training.learner import Learner
from phosphene.training.optimisation import learning_rate
from phosphene.training.source import Source, merged

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Normalisation:
    """What images were normalised with, per channel, for whoever uses the backbone."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


@dataclass
class Session:
    """The bookkeeping around the steps of one process: what is recorded and saved, and when."""

    config: TrainingConfig
    source: Source[Any]
    normalisation: Normalisation
    run: Run
    learner: Learner
    collected: list[dict[str, Tensor]] = field(default_factory=list)
    loss: float = math.nan
    saved: checkpoints.Checkpoint | None = None
    _quarantined: set[str] = field(default_factory=set)
    _saved_at: float = field(default_factory=time.monotonic)
    _reported_at: float = field(default_factory=time.perf_counter)
    _waited: float = 0.0
    _images: int = 0

    def begin(self) -> int:
        """Restores the newest whole checkpoint and records the beginning; returns the steps done."""
        ranks = self.learner.ranks
        newest = ranks.first_does(self._newest)
        self.saved = checkpoints.read(newest) if newest else None
        first = 0
        if self.saved:
            first = self.saved.step
            state = self.saved.restore(self.learner.method, self.learner.device)
            self.learner.load_state(state)
            self.source.load_state_dict(json.loads(state["source"]))
        about = {
            "programs": len(self.source.program_ids),
            "digest": self.source.digest,
            "precision": self.learner.precision,
            "versions": versions(),
            "hardware": hardware(self.learner.device),
            "world": ranks.world,
        }
        self.run.append("resumed" if self.saved else "started", step=first, **about)
        return first

    def _newest(self) -> Path | None:
        for path in reversed(checkpoints.steps(self.run.checkpoints)):
            try:
                found = checkpoints.read(path)
                found.verify()
            except PhospheneError as error:
                log.warning("%s: going back to the one before", error)
                self.run.append("damaged", checkpoint=path.name, reason=str(error))
                path.rename(path.with_name(f".{path.name}.removed"))
            else:
                return path
        return None

    def report(self, done: int, feed: Feed, line: ProgressLine | None = None) -> None:
        """Records the mean of the steps since the last report; fails where one is not finite.

        All ranks must call it. `seconds` is the time since the last report, at whose end the device has
        done all of the steps; `waiting` is the share of it that ranks wait for their batches, their mean.
        On a GPU, `ahead` is for how many seconds it still worked when this rank had queued everything:
        where that is next to nothing, steps take as long as it takes to queue them.

        Args:
            done: steps done.
            feed: knows how long it was waited for.
            line: shown to the user.
        """
        steps = len(self.collected)
        if not steps:
            return
        names = list(self.collected[0])
        values = torch.stack([torch.stack([m[n].float() for n in names]) for m in self.collected])
        queued = time.perf_counter()
        values = values.cpu()
        ahead = (
            {"ahead": time.perf_counter() - queued} if self.learner.device.type == "cuda" else {}
        )
        values = self.learner.ranks.mean(values)
        self.collected.clear()
        self._check_finite(names, values, done - steps)
        now = time.perf_counter()
        seconds, images = now - self._reported_at, self.learner.images - self._images
        waited = feed.seconds
        wait = torch.tensor([waited - self._waited], dtype=torch.float64)
        means = dict(zip(names, values.double().mean(0).tolist(), strict=True))
        speed = {
            "learning_rate": learning_rate(self.config, done - 1),
            "images_per_second": images / seconds,
            "waiting": float(self.learner.ranks.mean(wait)) / seconds,
            **ahead,
        }
        self._reported_at, self._waited, self._images = now, waited, self.learner.images
        self.loss = means["loss"]
        self._record_quarantine([r.row() for r in getattr(self.source, "quarantine", ())])
        self.run.append("metrics", step=done, steps=steps, seconds=seconds, **means, **speed)
        self.run.scalars(done, {**means, **speed})
        if line:
            line.show(done, self.loss, speed["images_per_second"], speed["waiting"])

    def _check_finite(self, names: list[str], values: Tensor, before: int) -> None:
        bad = (~values.isfinite()).nonzero()
        if not len(bad):
            return
        row, column = bad[0].tolist()
        step = before + row + 1
        self.run.append("failed", step=step, reason=f"{names[column]} is not finite")
        kept = f"step {self.saved.step}" if self.saved else "none"
        lower = "" if self.learner.precision == "float32" else ", --precision float32"
        raise self.learner.ranks.error(
            PhospheneError(
                f"the {names[column]} is {values[row, column]:g} at step {step} of {self.config.steps}; try a "
                f"lower --learning-rate (it is {learning_rate(self.config, step - 1):.3g} there), a longer "
                f"--warmup, --clip 1{lower}; last checkpoint: {kept}"
            )
        )

    def _record_quarantine(self, records: Sequence[Mapping[str, Any]]) -> None:
        for record in records:
            if record["program"] not in self._quarantined:
                self.run.append("quarantine", **record)
                self._quarantined.add(record["program"])

    def due(self, done: int) -> bool:
        """Whether a checkpoint is to be written after `done` steps, whatever the clock says."""
        keeping = self.config.keeping
        by_steps = keeping.steps > 0 and done % keeping.steps == 0
        return by_steps or done == self.config.steps

    def overdue(self) -> bool:
        """Whether this rank's clock says that a checkpoint is to be written."""
        minutes = (time.monotonic() - self._saved_at) / 60
        return 0 < self.config.keeping.minutes <= minutes

    def save(self, done: int, feed: Feed) -> None:
        """Writes a checkpoint, then removes the oldest ones; never one of weights that are not finite.

        All ranks must call it; the first one writes.
        """
        self.report(done, feed)
        ranks = self.learner.ranks
        position = merged(ranks.gather(feed.state))
        self._record_quarantine(position.get("quarantine", ()))
        path = ranks.first_does(lambda: self._write(done, position))
        self.saved = checkpoints.read(path)
        self._saved_at = time.monotonic()

    def _write(self, done: int, position: Mapping[str, Any]) -> Path:
        state = {**self.learner.state(), "source": json.dumps(position)}
        about = {
            "backbone": asdict(self.config.backbone),
            "method": asdict(self.config.method),
            "digest": self.source.digest,
            "programs": len(self.source.program_ids),
            "seen": seen(self.run.config),
            **asdict(self.normalisation),
            "versions": versions(),
        }
        parent = self.run.checkpoints
        path = checkpoints.save(parent, done, self.learner.method, about, state).directory
        checkpoints.prune(parent, self.config.keeping.keep)
        self.run.append("checkpoint", step=done, path=f"{parent.name}/{path.name}")
        return path
