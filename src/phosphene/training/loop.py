"""The training loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from phosphene import seeds
from phosphene.errors import UsageError
from phosphene.runs import Run
from phosphene.training.bookkeeping import Normalisation, Session
from phosphene.training.checkpoints import Checkpoint
from phosphene.training.configuration import TrainingConfig
from phosphene.training.learner import Learner
from phosphene.training.progress import ProgressLine, Timed
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
) -> TrainingResult:
    """Trains to the end, from the run's last checkpoint where it has one.

    On a CPU with the same number of threads a resumed run repeats the losses of an uninterrupted one bit
    by bit. Ctrl-C and SIGTERM save a checkpoint first.

    Args:
        config: everything that decides the run.
        source: batches of `config.micro_batch` samples on `device`, from the beginning.
        prepare: from batches to what the method sees.
        normalisation: what `prepare` normalises with.
        run: a created run; gets events, TensorBoard scalars and checkpoints.
        device: where the method lies.

    Raises:
        StoppedError: the run was asked to stop; it is saved.
        PhospheneError: the loss is not finite, or a checkpoint cannot be written.
    """
    learner = Learner(config, len(source.program_ids), torch.device(device))
    torch.manual_seed(seeds.derive(config.seed, ["training"]))
    session = Session(config, source, normalisation, run, learner)
    first = session.begin()
    batches = Timed(iter(source))
    with StopRequest() as stop, ProgressLine(first, config.steps) as line:
        for step in range(first, config.steps):
            session.collected.append(learner.step(step, batches, prepare))
            done = step + 1
            if done % config.keeping.log_steps == 0 or done == config.steps:
                session.report(done, batches.seconds, line)
            if session.due(done) or stop.asked:
                session.save(done, batches.seconds)
            if stop.asked and done < config.steps:
                run.append("stopped", step=done, signal=stop.asked)
                raise StoppedError(
                    f"stopped by {stop.asked} at step {done} of {config.steps}, saved in "
                    f"{run.directory}; --resume continues it"
                )
    if session.saved is None:
        raise UsageError(f"`steps` must be at least 1, got {config.steps}")
    if first < config.steps:
        run.append("finished", step=config.steps, loss=session.loss)
    return TrainingResult(config.steps, session.loss, session.saved)
