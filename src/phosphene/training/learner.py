"""What a run learns with: method and optimiser, one step at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from phosphene import seeds
from phosphene.errors import UsageError
from phosphene.methods import Method, Outcome, Progress, build_method
from phosphene.models import backbone
from phosphene.training.configuration import TrainingConfig
from phosphene.training.optimisation import build_optimiser, learning_rate
from phosphene.training.source import Prepare


class Learner:
    """A method, its optimiser, and how they take a step.

    Attributes:
        method: on the device, in training mode.
        optimiser: over its parameters.
        images: views that went through the method since the process began.
    """

    def __init__(self, config: TrainingConfig, programs: int, device: torch.device) -> None:
        """Initial weights are a function of `config.seed` alone."""
        self.config, self.device = config, device
        self.images = 0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seeds.derive(config.seed, ["weights"]))
            method = build_method(
                config.method.name, backbone(config.backbone), programs, config.method.options
            )
        self.method: Method = method.to(device)
        if device.type == "cuda":
            self.method.to(memory_format=torch.channels_last)
        self.optimiser = build_optimiser(self.method, config.optimiser)
        self._bf16 = config.precision == "bf16" or (
            config.precision == "auto"
            and device.type == "cuda"
            and torch.cuda.is_bf16_supported(including_emulation=False)
        )

    @property
    def precision(self) -> str:
        """What "auto" came to: "float32" or "bf16"."""
        return "bf16" if self._bf16 else "float32"

    def step(self, step: int, batches: Iterator[Any], prepare: Prepare) -> dict[str, Tensor]:
        """One optimiser step from `config.accumulate` batches.

        Args:
            step: from 0.
            batches: each of `config.micro_batch` samples.
            prepare: see `Prepare`.

        Returns:
            detached scalars on the device: `loss`, `gradient` (its norm before clipping), and the
            method's metrics; nothing waits for the device.

        Raises:
            UsageError: the batches ran out.
        """
        self.method.train()
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.config, step)
        self.optimiser.zero_grad(set_to_none=True)
        sums: dict[str, Tensor] = {}
        share = 1.0 / self.config.accumulate
        for _ in range(self.config.accumulate):
            batch = next(batches, None)
            if batch is None:
                raise UsageError(f"the data ended at step {step} of {self.config.steps}")
            outcome = self._loss(batch, prepare)
            (outcome.loss * share).backward()  # type: ignore[no-untyped-call]
            for name, value in {"loss": outcome.loss, **outcome.metrics}.items():
                sums[name] = sums.get(name, 0.0) + value.detach() * share
        bound = self.config.optimiser.clip or float("inf")
        norm = nn.utils.clip_grad_norm_(self.method.parameters(), bound)
        self.optimiser.step()
        self.method.after_step(Progress(step + 1, self.config.steps))
        return {**sums, "gradient": norm.detach()}

    def _loss(self, batch: Any, prepare: Prepare) -> Outcome:
        views = prepare(batch)
        self.images += sum(len(view) for view in views)
        if self.device.type == "cuda":
            views = [view.contiguous(memory_format=torch.channels_last) for view in views]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self._bf16):
            outcome: Outcome = self.method(views, batch)
        return outcome

    def state(self) -> dict[str, Any]:
        """Optimiser and random states, for a checkpoint."""
        cuda = torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None
        return {
            "optimiser": self.optimiser.state_dict(),
            "random": torch.get_rng_state(),
            "random_cuda": cuda,
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """The inverse of `state`."""
        self.optimiser.load_state_dict(dict(state["optimiser"]))
        torch.set_rng_state(state["random"].cpu())
        if self.device.type == "cuda" and state["random_cuda"] is not None:
            torch.cuda.set_rng_state(state["random_cuda"].cpu(), self.device)
