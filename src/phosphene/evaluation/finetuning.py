"""Fine-tuning: a backbone and a new last layer, trained together on few labelled images.

The recipe is one for small images and small sets: AdamW, cosine, random resized crops and a change of
brightness and contrast; the learning rate is chosen on a part of the labelled images, then the network
is trained again on all of them. Test images are looked at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from phosphene import seeds
from phosphene.errors import PhospheneError, UsageError
from phosphene.evaluation.datasets import TEST, TRAIN, VALIDATION, LabelledImages, split_off
from phosphene.evaluation.features import squares
from phosphene.evaluation.judged import Judged
from phosphene.evaluation.probes import ProbeConfig, drawn
from phosphene.evaluation.results import Bits
from phosphene.models import BackboneConfig, backbone

_EVALUATED = 256

Show = Callable[[int, int, str], None]
"""Optimiser steps done, of how many, and in which draw; as `ProgressBar.show` takes them."""


@dataclass(frozen=True)
class FineTuningConfig:
    """How a network is fine-tuned.

    Attributes:
        steps: optimiser steps of one training.
        batch_size: images a step; smaller sets are gone through several times.
        rates: learning rates to choose from; one: no choice is made.
        weight_decay: of AdamW.
        warmup: share of the steps in which the rate rises.
        crop: least share of the image's area that a crop shows.
        flip: whether images are mirrored at random. Wrong for digits and signs, right for most photos.
        contrast: greatest change of brightness and contrast, as a share.
    """

    steps: int = 400
    batch_size: int = 64
    rates: tuple[float, ...] = (2e-4, 6e-4, 2e-3)
    weight_decay: float = 0.05
    warmup: float = 0.1
    crop: float = 0.4
    flip: bool = False
    contrast: float = 0.2

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size"):
            if getattr(self, name) < 1:
                raise UsageError(f"`{name}` must be at least 1, got {getattr(self, name)}")
        if not self.rates or not all(0 < rate < math.inf for rate in self.rates):
            raise UsageError(f"`rates` must be above 0 and finite, at least one; got {self.rates}")
        if not 0 < self.crop <= 1:
            raise UsageError(f"`crop` must be in 0 … 1, got {self.crop}")


@dataclass(frozen=True, eq=False)
class Tuned:
    """One draw of the labelled images.

    Attributes:
        draw: which, from 0.
        right: bool [test], which test images were right.
        rate: the learning rate that was chosen.
        model: the network with its last layer, in evaluation mode.
        config: what builds it: the backbone's, with `num_classes`.
    """

    draw: int
    right: Bits
    rate: float
    model: nn.Module
    config: BackboneConfig


def fine_tune(
    judged: Judged,
    data: LabelledImages,
    config: FineTuningConfig,
    settings: ProbeConfig,
    device: torch.device | str = "cpu",
    skip: frozenset[int] = frozenset(),
    show: Show | None = None,
) -> Iterator[Tuned]:
    """Fine-tunes a backbone `settings.draws` times, each time on other labelled images.

    Args:
        judged: the backbone to begin from; it is not changed.
        data: labelled images; those of training and validation are drawn from.
        config: the recipe.
        settings: `labelled` images are drawn (0, or more than there are: all are taken, and only order and
            augmentation differ).
        device: where it runs.
        skip: draws that are done already.
        show: is told after every step how far all draws are.

    Raises:
        PhospheneError: the network diverged.
    """
    device = torch.device(device)
    pixels = torch.from_numpy(squares(data, 0, len(data), judged.config.size)).to(device)
    labels = torch.from_numpy(data.labels).to(device)
    pool = np.flatnonzero(data.splits != TEST)
    steps = _Steps(config, settings.draws, show)
    for draw in range(settings.draws):
        if draw in skip:
            continue
        steps.begin(draw)
        rows = pool
        if settings.labelled:
            rows = pool[drawn(data.labels[pool], settings, draw)]
        trainer = _Trainer(judged, len(data.classes), config, pixels, labels, device, steps)
        seed = seeds.derive(settings.seed, ["fine-tuning", draw])
        rate = _choose(trainer, data, rows, settings, seed)
        model = trainer.train(rows, rate, seed)
        logits = trainer.logits(model, data.rows(TEST))
        if not logits.isfinite().all():
            raise PhospheneError(
                f"{judged.name} diverged on {data.name}, draw {draw}, with the rate {rate:g}: its output is no number; "
                "give smaller rates"
            )
        right = (logits.argmax(1) == labels[torch.from_numpy(data.rows(TEST)).to(device)]).cpu()
        yield Tuned(draw, right.numpy(), rate, model, trainer.config_of_network)


def labelled_images(data: LabelledImages, settings: ProbeConfig) -> int:
    """How many labelled images a draw of `fine_tune` takes."""
    pool = int((data.splits != TEST).sum())
    return min(settings.labelled or pool, pool)


class _Steps:
    """Counts the optimiser steps of all draws: of each rate's training, and of the one with the chosen rate."""

    def __init__(self, config: FineTuningConfig, draws: int, show: Show | None) -> None:
        trainings = 1 + (len(config.rates) if len(config.rates) > 1 else 0)
        self._each, self._draws, self._show = trainings * config.steps, draws, show
        self._draw = self._done = 0

    def begin(self, draw: int) -> None:
        """A draw begins; those before it are done."""
        self._draw, self._done = draw, draw * self._each
        self._tell()

    def count(self) -> None:
        """A step is done."""
        self._done += 1
        self._tell()

    def _tell(self) -> None:
        if self._show:
            place = f"draw {self._draw + 1} of {self._draws}"
            self._show(self._done, self._each * self._draws, place)


def _choose(
    trainer: _Trainer,
    data: LabelledImages,
    rows: npt.NDArray[np.intp],
    settings: ProbeConfig,
    seed: int,
) -> float:
    """The rate that is best on a held-out part of the labelled images: most right, then least loss; one that makes
    the network diverge is the worst."""
    rates = trainer.config.rates
    held = data.splits[rows] == VALIDATION
    if not held.any() or not (data.splits[rows] == TRAIN).any():
        held = split_off(data.labels[rows], settings.holdout, seed)
    if len(rates) == 1 or not held.any():
        return rates[len(rates) // 2]
    found: dict[float, tuple[int, float]] = {}
    truth = trainer.labels[torch.from_numpy(rows[held]).to(trainer.device)]
    for rate in rates:
        logits = trainer.logits(trainer.train(rows[~held], rate, seed), rows[held])
        right = int((logits.argmax(1) == truth).sum())
        loss = float(functional.cross_entropy(logits, truth))
        found[rate] = (right, -loss) if logits.isfinite().all() else (-1, 0.0)
    return max(rates, key=lambda rate: found[rate])


@dataclass(frozen=True, eq=False)
class _Trainer:
    """Trains copies of a backbone with a new last layer. pixels: uint8 [N, 3, S, S] on the device."""

    judged: Judged
    classes: int
    config: FineTuningConfig
    pixels: Tensor
    labels: Tensor
    device: torch.device
    steps: _Steps

    @property
    def config_of_network(self) -> BackboneConfig:
        """What builds the network with its last layer."""
        own = self.judged.config
        return replace(own, options={**own.options, "num_classes": self.classes})

    def train(self, rows: npt.NDArray[np.intp], rate: float, seed: int) -> nn.Module:
        """A network trained on the images of `rows`; what it drops depends on `seed` alone, as all else does."""
        own = [self.device] if self.device.type == "cuda" else []
        with torch.random.fork_rng(devices=own):
            torch.manual_seed(seed)
            return self._trained(rows, rate, seed)

    def _trained(self, rows: npt.NDArray[np.intp], rate: float, seed: int) -> nn.Module:
        model = backbone(self.config_of_network)
        _fill(model, self.judged.model.state_dict())
        model.to(self.device).train()
        optimiser = torch.optim.AdamW(_decayed(model, self.config.weight_decay), lr=rate)
        random = torch.Generator().manual_seed(seed)
        own = torch.from_numpy(rows)
        for step, batch in enumerate(_batches(len(rows), self.config, random)):
            for group in optimiser.param_groups:
                group["lr"] = rate * schedule(step, self.config)
            chosen = own[batch].to(self.device)
            views = augmented(self.pixels[chosen], self.config, random)
            with self._autocast():
                loss = functional.cross_entropy(model(self._normalised(views)), self.labels[chosen])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            self.steps.count()
        return model.eval()

    def logits(self, model: nn.Module, rows: npt.NDArray[np.intp]) -> Tensor:
        """float32 [len(rows), C]."""
        parts = torch.split(torch.from_numpy(rows).to(self.device), _EVALUATED)
        with torch.inference_mode(), self._autocast():
            found = [model(self._normalised(self.pixels[p].float() / 255)).float() for p in parts]
        return torch.cat(found)

    def _normalised(self, images: Tensor) -> Tensor:
        norm = self.judged.normalisation
        mean = torch.tensor(norm.mean, device=self.device).view(3, 1, 1)
        return (images - mean) / torch.tensor(norm.std, device=self.device).view(3, 1, 1)

    def _autocast(self) -> torch.autocast:
        fast = self.device.type == "cuda" and torch.cuda.is_bf16_supported(False)
        return torch.autocast(self.device.type, torch.bfloat16, enabled=fast)


def _fill(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Loads all but the last layer, which begins at zero: the first steps move it alone."""
    own = model.state_dict()
    fitting = {k: v for k, v in weights.items() if k in own and own[k].shape == v.shape}
    missing = model.load_state_dict(fitting, strict=False).missing_keys
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in missing:
                parameter.zero_()


def _decayed(model: nn.Module, decay: float) -> list[dict[str, object]]:
    """Parameters in two groups: matrices and kernels decay, vectors do not."""
    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": matrices, "weight_decay": decay},
        {"params": vectors, "weight_decay": 0.0},
    ]


def _batches(count: int, config: FineTuningConfig, random: torch.Generator) -> Iterator[Tensor]:
    """Indices of every step's images: permutations one behind the other, cut into equal batches."""
    size = min(config.batch_size, count)
    waiting = torch.empty(0, dtype=torch.long)
    for _ in range(config.steps):
        while len(waiting) < size:
            waiting = torch.cat([waiting, torch.randperm(count, generator=random)])
        yield waiting[:size]
        waiting = waiting[size:]


def schedule(step: int, config: FineTuningConfig) -> float:
    """Share of the peak rate at a step, from 0: a linear rise, then half a cosine."""
    rise = round(config.warmup * config.steps)
    if step < rise:
        return (step + 1) / rise
    return (1 + math.cos(math.pi * (step - rise) / max(1, config.steps - rise))) / 2


def augmented(images: Tensor, config: FineTuningConfig, random: torch.Generator) -> Tensor:
    """Random crops, flips, brightness and contrast, one draw an image.

    Args:
        images: uint8 [B, 3, S, S].
        config: how much.
        random: on the CPU, so that every device draws the same.

    Returns:
        float32 [B, 3, S, S] in 0 … 1 (and a little beyond).
    """
    count, device = len(images), images.device
    draw = torch.rand(7, count, generator=random)
    area = config.crop + (1 - config.crop) * draw[0]
    aspect = torch.exp((draw[1] * 2 - 1) * math.log(4 / 3)).sqrt()
    wide = (area.sqrt() * aspect).clamp(max=1.0)
    high = (area.sqrt() / aspect).clamp(max=1.0)
    mirror = torch.where((draw[2] < 0.5) & torch.tensor(config.flip), -1.0, 1.0)
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = wide * mirror, high
    theta[:, 0, 2] = (1 - wide) * (draw[3] * 2 - 1)
    theta[:, 1, 2] = (1 - high) * (draw[4] * 2 - 1)
    grid = functional.affine_grid(theta.to(device), list(images.shape), align_corners=False)
    cut = functional.grid_sample(
        images.float() / 255, grid, padding_mode="reflection", align_corners=False
    )
    factor, shift = ((draw[5:7] * 2 - 1) * config.contrast).to(device).view(2, count, 1, 1, 1)
    mean = cut.mean((1, 2, 3), keepdim=True)
    changed: Tensor = (cut - mean) * (1 + factor) + mean * (1 + shift)
    return changed
