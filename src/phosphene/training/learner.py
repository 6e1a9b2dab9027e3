"""What a run learns with: method and optimiser, one step at a time."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from timm.layers.norm_act import convert_sync_batchnorm
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from phosphene import seeds
from phosphene.errors import UsageError
from phosphene.methods import Method, Outcome, Progress, build_method, method_class
from phosphene.models import backbone
from phosphene.training.configuration import TrainingConfig, read_config
from phosphene.training.feed import Fed
from phosphene.training.optimisation import build_optimiser, learning_rate, weight_decay
from phosphene.training.ranks import Ranks

log = logging.getLogger(__name__)


class Learner:
    """A method, its optimiser, and how they take a step.

    Attributes:
        method: on the device, in training mode.
        optimiser: over its parameters.
        images: views that went through the method since the process began, of all ranks.
    """

    def __init__(
        self,
        config: TrainingConfig,
        programs: int,
        device: torch.device,
        ranks: Ranks | None = None,
    ) -> None:
        """Initial weights are a function of `config.seed` alone."""
        self.config, self.device, self.ranks = config, device, ranks or Ranks()
        self.images = 0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seeds.derive(config.seed, ["weights"]))
            method = new_method(config, programs)
        method.check_batch(self.ranks.share(config.micro_batch))
        if self.ranks.world > 1 and method.sync_batchnorm:
            method = _synchronised(method, device, self.ranks)
        self.method: Method = method.to(device).train()
        if device.type == "cuda":
            self.method.to(memory_format=torch.channels_last)
        self._wrapped: nn.Module = self.method
        if self.ranks.world > 1:
            self._wrapped = _distributed(self.method)
        self.optimiser = build_optimiser(self.method, config.optimiser, device)
        self._bf16 = config.precision == "bf16" or (
            config.precision == "auto"
            and device.type == "cuda"
            and torch.cuda.is_bf16_supported(including_emulation=False)
        )

    @property
    def precision(self) -> str:
        """What "auto" came to: "float32" or "bf16"."""
        return "bf16" if self._bf16 else "float32"

    def step(self, step: int, batches: Iterator[Fed]) -> dict[str, Tensor]:
        """One optimiser step from `config.accumulate` batches.

        Random numbers that the method draws (dropout, shuffling) depend on seed, step and rank alone.

        Args:
            step: from 0.
            batches: each of this rank's share of `config.micro_batch` samples.

        Returns:
            detached scalars on the device, of this rank's samples: `loss`, `gradient` (its norm over all
            ranks before clipping), and the method's metrics; nothing waits for the device.

        Raises:
            UsageError: the batches ran out.
        """
        torch.manual_seed(seeds.derive(self.config.seed, ["step", step, self.ranks.rank]))
        self._schedule(step)
        self.optimiser.zero_grad(set_to_none=True)
        self.method.before_step(Progress(step, self.config.steps))
        sums: dict[str, Tensor] = {}
        share = 1.0 / self.config.accumulate
        for part in range(1, self.config.accumulate + 1):
            fed = next(batches, None)
            if fed is None:
                raise UsageError(f"the data ended at step {step} of {self.config.steps}")
            with self._quiet(part):
                outcome = self._loss(fed)
                (outcome.loss * share).backward()  # type: ignore[no-untyped-call]
            for name, value in {"loss": outcome.loss, **outcome.metrics}.items():
                sums[name] = sums.get(name, 0.0) + value.detach() * share
        self.method.after_backward(Progress(step, self.config.steps))
        norm = self._clip()
        self.optimiser.step()
        self.method.after_step(Progress(step + 1, self.config.steps))
        return {**sums, "gradient": norm}

    def _schedule(self, step: int) -> None:
        rate, decay = learning_rate(self.config, step), weight_decay(self.config, step)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
            if group["decayed"]:
                group["weight_decay"] = decay

    def _quiet(self, part: int) -> contextlib.AbstractContextManager[None]:
        """Gradients travel between ranks with a step's last micro-batch only."""
        wrapped = self._wrapped
        last = part == self.config.accumulate
        if last or not isinstance(wrapped, nn.parallel.DistributedDataParallel):
            return contextlib.nullcontext()
        return wrapped.no_sync()

    def _clip(self) -> Tensor:
        """The gradient's norm, a scalar on the device; bounds it where a bound is set."""
        learned = [p for p in self.method.parameters() if p.grad is not None]
        norm = nn.utils.get_total_norm([p.grad for p in learned if p.grad is not None])
        if self.config.optimiser.clip:
            nn.utils.clip_grads_with_norm_(learned, self.config.optimiser.clip, norm)
        return norm.detach()

    def _loss(self, fed: Fed) -> Outcome:
        self.images += sum(len(view) for view in fed.views) * self.ranks.world
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._bf16):
            outcome: Outcome = self._wrapped(fed.views, fed.batch)
        return outcome

    def state(self) -> dict[str, Any]:
        """The optimiser's state, for a checkpoint."""
        return {"optimiser": self.optimiser.state_dict()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state`."""
        self.optimiser.load_state_dict(dict(state["optimiser"]))


def new_method(config: TrainingConfig, programs: int) -> Method:
    """The method of a run around a fresh backbone, for so many programs.

    Raises:
        UsageError: the backbone or the method is unknown, or does not take an option.
    """
    name, options = config.method.name, config.method.options
    read_config(method_class(name).Config, options, "training.method.options")
    return build_method(name, backbone(config.backbone), programs, options)


def _distributed(method: Method) -> nn.Module:
    """The method with gradients that are means over ranks.

    Each rank's BatchNorm keeps its own running means, and rank 0's are saved: training does not look at
    them. All other buffers are equal on all ranks by how they are computed, so none is sent around.
    """
    with warnings.catch_warnings():  # newer torch has another name for `broadcast_buffers`
        warnings.simplefilter("ignore", FutureWarning)
        return nn.parallel.DistributedDataParallel(
            method, broadcast_buffers=False, gradient_as_bucket_view=True
        )


def _synchronised(method: Method, device: torch.device, ranks: Ranks) -> Method:
    """With BatchNorm over all ranks, where torch can; says so once where it cannot."""
    if device.type == "cuda":
        converted: Method = convert_sync_batchnorm(method)  # type: ignore[no-untyped-call]
        return converted
    if ranks.first and any(isinstance(layer, _BatchNorm) for layer in method.modules()):
        log.warning(
            "BatchNorm sees each rank's samples by themselves: torch synchronises it on GPUs only"
        )
    return method
