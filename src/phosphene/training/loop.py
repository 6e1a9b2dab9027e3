"""The training loop."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

import torch

from phosphene.errors import UsageError
from phosphene.progress import ProgressLine
from phosphene.runs import Run
from phosphene.training.bookkeeping import Normalisation, Session
from phosphene.training.checkpoints import Checkpoint
from phosphene.training.configuration import TrainingConfig
from phosphene.training.feed import Feed
from phosphene.training.foreground import foreground
from phosphene.training.learner import Learner
from phosphene.training.ranks import Ranks
from phosphene.training.source import Prepare, Source
from phosphene.training.stopping import StoppedError, StopRequest


@dataclass(frozen=True)
class TrainingResult:
    """How a run ended.

    Attributes:
        steps: done in all.
        loss: the last that was recorded; NaN where no step was left to do.
        checkpoint: the last.
    """

    steps: int
    loss: float
    checkpoint: Checkpoint


def train(
    config: TrainingConfig,
    source: Source[Any],
    prepare: Prepare,
    normalisation: Normalisation,
    run: Run,
    device: torch.device | str = "cpu",
    ranks: Ranks | None = None,
) -> TrainingResult:
    """Trains to the end, from the run's last checkpoint where it has one.

    On a CPU with the same number of threads a resumed run repeats the losses of an uninterrupted one bit
    by bit. Ctrl-C and SIGTERM save a checkpoint first; in a distributed run all ranks stop together.

    Args:
        config: everything that decides the run.
        source: batches of this rank's share of `config.micro_batch` samples on `device`, from the
            beginning.
        prepare: from batches to what the method sees.
        normalisation: what `prepare` normalises with.
        run: a created run; gets events, TensorBoard scalars and checkpoints. Ranks other than the
            first have a `phosphene.runs.FollowedRun`.
        device: where the method lies.
        ranks: this process among those of the run, see `phosphene.training.ranks.joined`.

    Raises:
        StoppedError: the run was asked to stop; it is saved.
        PhospheneError: the loss is not finite, or a checkpoint cannot be written.
    """
    device, ranks = torch.device(device), ranks or Ranks()
    with foreground(device):
        learner = Learner(config, len(source.program_ids), device, ranks)
        session = Session(config, source, normalisation, run, learner)
        first = session.begin()
        with (
            StopRequest(patient=ranks.world > 1) as stop,
            ProgressLine(first, config.steps, shown=ranks.first) as line,
            Feed(source, prepare, device) as feed,
        ):
            _steps(session, first, feed, line, stop)
    if session.saved is None:
        raise UsageError(f"`steps` must be at least 1, got {config.steps}")
    if first < config.steps:
        run.append("finished", step=config.steps, loss=session.loss)
    return TrainingResult(config.steps, session.loss, session.saved)


def _steps(session: Session, first: int, feed: Feed, line: ProgressLine, stop: StopRequest) -> None:
    """From step `first` to the end, or until someone asks to stop."""
    config, ranks = session.config, session.learner.ranks
    agreement = ranks.agreement()
    for step in range(first, config.steps):
        session.collected.append(session.learner.step(step, feed))
        done = step + 1
        if done % config.keeping.log_steps == 0 or done == config.steps:
            session.report(done, feed, line)
        asked, overdue = agreement(int(stop.asked or 0), int(session.overdue()))
        if asked or overdue or session.due(done):
            agreement.forget()
            session.save(done, feed)
        if asked and done < config.steps:
            name = signal.Signals(asked).name
            session.run.append("stopped", step=done, signal=name)
            raise ranks.error(
                StoppedError(
                    f"stopped by {name} at step {done} of {config.steps}, saved in "
                    f"{session.run.directory}; --resume continues it"
                )
            )
