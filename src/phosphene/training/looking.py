"""A look at what a run needs before it starts, perhaps hours before."""

from __future__ import annotations

from pathlib import Path

import torch

from phosphene import baselines
from phosphene.bank import Bank
from phosphene.errors import BankError
from phosphene.methods import check_views
from phosphene.mixing import mixer
from phosphene.models import check_sizes
from phosphene.training.learner import new_method
from phosphene.training.pretraining import PretrainConfig, drawn


def look(config: PretrainConfig) -> None:
    """Finds what `pretrain` would fail on, as far as it can be known without a picture rendered or a step taken.

    Raises:
        UsageError: a backbone, a method or an option of theirs is unknown or does not fit; the bank has no
            programs of the kind; the source is not there.
        PhospheneError: the bank or the source cannot be read.
    """
    data, training = config.data, config.resolved
    parts = mixer(data.mix).parts
    check_views(training.method.name, config.views, parts, config.local_views)
    check_sizes(training.backbone, *(group.size for group in config.groups))
    kinds = baselines.look(data.source, data.images) if data.source else _programs(config)
    with torch.device("meta"):  # shapes alone
        new_method(training, kinds).check_batch(training.micro_batch)


def _programs(config: PretrainConfig) -> int:
    """How many programs of its bank a run would be shown."""
    with _opened(Path(config.data.bank)) as bank:
        selection, _, _ = drawn(bank, config.data, config.training)
        return len(selection.program_ids)


def _opened(path: Path) -> Bank:
    """The bank, to read. One that cannot be opened so is opened as the run will open it: an older version's is
    brought up to date then, and any other is refused in the run's own words."""
    try:
        return Bank.open(path, read_only=True)
    except BankError:
        return Bank.open(path)
