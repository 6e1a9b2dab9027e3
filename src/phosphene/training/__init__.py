"""Training: one readable loop, a typed configuration, checkpoints that are never lost."""

from phosphene.training.bookkeeping import Normalisation
from phosphene.training.checkpoints import Checkpoint
from phosphene.training.configuration import (
    KeepingConfig,
    MethodConfig,
    OptimiserConfig,
    TrainingConfig,
    plain,
    read_config,
)
from phosphene.training.environment import find_device
from phosphene.training.looking import look
from phosphene.training.loop import TrainingResult, train
from phosphene.training.pretraining import DataConfig, PretrainConfig, pretrain
from phosphene.training.ranks import EchoError, Ranks
from phosphene.training.source import Batch, Prepare, Source
from phosphene.training.stopping import StoppedError

__all__ = [
    "Batch",
    "Checkpoint",
    "DataConfig",
    "EchoError",
    "KeepingConfig",
    "MethodConfig",
    "Normalisation",
    "OptimiserConfig",
    "Prepare",
    "PretrainConfig",
    "Ranks",
    "Source",
    "StoppedError",
    "TrainingConfig",
    "TrainingResult",
    "find_device",
    "look",
    "plain",
    "pretrain",
    "read_config",
    "train",
]
