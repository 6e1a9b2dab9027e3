"""One run in several processes: who is who, and how they agree.

`torchrun --nproc-per-node N -m phosphene pretrain …` starts N ranks. Gradients travel over NCCL between
GPUs and over Gloo between CPUs; everything else (errors, states, wishes) over Gloo, so that no GPU waits
for it.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from phosphene.errors import PhospheneError, UsageError
from phosphene.training.stopping import StoppedError

Result = TypeVar("Result")

PATIENCE = datetime.timedelta(hours=6)
"""For what the first rank does alone, such as compiling programs; torchrun ends the others if it dies."""


class EchoError(PhospheneError):
    """On the other ranks, in place of what the first rank raised and shows."""

    def __init__(self, error: PhospheneError) -> None:
        super().__init__(str(error))
        self.exit_code = error.exit_code


@dataclass(frozen=True)
class Ranks:
    """This process among those of a run.

    Attributes:
        rank: from 0; rank 0 writes the run's files.
        world: processes in all.
        local, beside: the same two among the processes of this machine.
    """

    rank: int = 0
    world: int = 1
    local: int = 0
    beside: int = 1
    _group: Any = field(default=None, repr=False, compare=False)

    @classmethod
    def of_environment(cls) -> Ranks:
        """What `torchrun` says in RANK, WORLD_SIZE, LOCAL_RANK and LOCAL_WORLD_SIZE; else one process."""
        number = {
            name: int(os.environ.get(name, default))
            for name, default in (("RANK", 0), ("WORLD_SIZE", 1), ("LOCAL_RANK", 0))
        }
        beside = int(os.environ.get("LOCAL_WORLD_SIZE", number["WORLD_SIZE"]))
        return cls(number["RANK"], number["WORLD_SIZE"], number["LOCAL_RANK"], beside)

    @property
    def first(self) -> bool:
        """Whether this is rank 0."""
        return self.rank == 0

    def share(self, batch: int) -> int:
        """This rank's part of a batch. Raises UsageError where it cannot be divided equally."""
        if batch % self.world:
            raise UsageError(
                f"a batch of {batch} samples (`batch_size` / `accumulate`) cannot be shared equally by "
                f"{self.world} ranks; choose a multiple of {self.world}"
            )
        return batch // self.world

    def first_does(self, work: Callable[[], Result]) -> Result:
        """Rank 0 works, the others wait for its result, which must be picklable.

        Raises:
            PhospheneError: what rank 0 raised; on the others as EchoError.
        """
        if self.world == 1:
            return work()
        answer: list[Any] = [None, None]
        failure: PhospheneError | None = None
        if self.first:
            try:
                answer = [work(), None]
            except PhospheneError as error:
                failure, answer = error, [None, (str(error), error.exit_code)]
        dist.broadcast_object_list(answer, 0, self._group)
        if failure:
            raise failure
        if answer[1]:
            raise self.error(_told(*answer[1]))
        result: Result = answer[0]
        return result

    def error(self, error: PhospheneError) -> PhospheneError:
        """The error on rank 0, its echo elsewhere: for what all ranks find out together."""
        return error if self.first else EchoError(error)

    def gather(self, value: Result) -> list[Result]:
        """The value of every rank, by rank; plain values."""
        if self.world == 1:
            return [value]
        values: list[Any] = [None] * self.world
        dist.all_gather_object(values, value, self._group)
        return values

    def mean(self, values: Tensor) -> Tensor:
        """The mean over ranks of a tensor on the CPU."""
        if self.world > 1:
            dist.all_reduce(values, group=self._group)
            values /= self.world
        return values

    def agreement(self) -> Agreement:
        """A way to agree on what to do next."""
        return Agreement(self._group if self.world > 1 else None)


class Agreement:
    """What any rank asks for, known to all of them one step later; so nobody waits for anybody."""

    def __init__(self, group: Any) -> None:
        """Args: the Gloo group; None: one process, which knows at once."""
        self._group = group
        self._pending: tuple[Any, Tensor] | None = None

    def __call__(self, *wishes: int) -> tuple[int, ...]:
        """The greatest of all ranks' values, each; every rank must call it after every step."""
        if self._group is None:
            return wishes
        agreed = self._finish() or (0,) * len(wishes)
        tensor = torch.tensor(wishes, dtype=torch.int64)
        self._pending = (
            dist.all_reduce(tensor, dist.ReduceOp.MAX, self._group, async_op=True),
            tensor,
        )
        return agreed

    def forget(self) -> None:
        """Drops what is under way; wishes that still stand are made again after the next step."""
        self._finish()

    def _finish(self) -> tuple[int, ...] | None:
        if self._pending is None:
            return None
        work, tensor = self._pending
        work.wait()
        self._pending = None
        return tuple(tensor.tolist())


@contextmanager
def joined(device: torch.device) -> Iterator[Ranks]:
    """Joins the other processes of the run, where there are any, until the block ends.

    A process group that exists already is used, and left as it is.
    """
    ranks = Ranks.of_environment()
    if ranks.world == 1:
        yield ranks
        return
    owned = not dist.is_initialized()
    if owned:
        _begin(device)
    group = dist.new_group(backend="gloo", timeout=PATIENCE)
    together = True
    try:
        yield Ranks(ranks.rank, ranks.world, ranks.local, ranks.beside, group)
    except BaseException as error:
        together = isinstance(error, EchoError | StoppedError)
        raise
    finally:
        # A rank that fails alone must not wait for the others: torchrun ends them.
        if owned and together:
            dist.destroy_process_group()


def _begin(device: torch.device) -> None:
    """The process group for gradients and keys; what ranks exchange goes before their rendering."""
    if device.type != "cuda":
        dist.init_process_group("gloo")
        return
    options = dist.ProcessGroupNCCL.Options(is_high_priority_stream=True)
    dist.init_process_group("nccl", device_id=device, pg_options=options)


def _told(message: str, exit_code: int) -> PhospheneError:
    error = PhospheneError(message)
    error.exit_code = exit_code
    return error
