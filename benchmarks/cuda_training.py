"""Bars 4 and 5 of the CUDA engine: what live rendering costs a training step, and a long run."""

from __future__ import annotations

import argparse
import hashlib
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cuda_machine as machine
import numpy as np
import torch
import torchvision
from module_pack import Pack
from torch import Tensor, nn

from phosphene.augment import ColourAugment, ColourPolicy
from phosphene.engines.cuda import CudaEngine
from phosphene.mixing import mixer
from phosphene.sampling import Sampler, UniformPrograms, ViewGroup
from phosphene.stream.quarantine import Quarantine
from phosphene.stream.reusing import rendering


@dataclass(frozen=True)
class Recipe:
    """Attributes: name; pixels a side; samples a batch; whether the stem is small; bar in percent."""

    name: str
    size: int
    batch: int
    small: bool
    bar: int


RECIPES = {
    "resnet50": Recipe("resnet50", 224, 256, False, 10),
    "resnet18": Recipe("resnet18", 64, 1024, True, 40),
}


def network(recipe: Recipe) -> nn.Module:
    """Backbone and SimCLR's projection head."""
    net = torchvision.models.get_model(recipe.name, weights=None)
    if recipe.small:  # 3 x 3 of stride 2, no pooling
        net.conv1 = nn.Conv2d(3, 64, 3, 2, 1, bias=False)
        net.maxpool = nn.Identity()
    width = net.fc.in_features
    net.fc = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 128))
    return net.cuda().to(memory_format=torch.channels_last)


def contrast(projected: Tensor, temperature: float = 0.1) -> Tensor:
    """NT-Xent of [2 B, D]."""
    z = nn.functional.normalize(projected.float(), dim=1)
    similar = (z @ z.T / temperature).fill_diagonal_(float("-inf"))
    n = len(z)
    return nn.functional.cross_entropy(similar, (torch.arange(n, device=z.device) + n // 2) % n)


class Learner:
    """One SimCLR step on views uint8 [2, B, 3, S, S]."""

    def __init__(self, recipe: Recipe) -> None:
        self.net = network(recipe)
        self.optimiser = torch.optim.SGD(self.net.parameters(), 0.03, momentum=0.9)
        self.augment = ColourAugment([ColourPolicy.simclr(0.5)], dtype=torch.bfloat16)
        self.recipe = recipe

    def step(self, views: Tensor, index: Tensor) -> None:
        """Augments, learns."""
        pixels = self.augment(views, index).flatten(0, 1)
        with torch.autocast("cuda", torch.bfloat16):
            loss = contrast(self.net(pixels))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()


class Live:
    """Batches rendered one step ahead, on a stream beside the training's."""

    def __init__(
        self, engine: CudaEngine, ids: list[str], recipe: Recipe, mix: int, ss: int, reuse: int
    ) -> None:
        group = ViewGroup(2, recipe.size, supersample=ss)
        self.mixer = mixer(mix)
        sampler = Sampler(
            UniformPrograms(len(ids)), (group,), 0, parts=self.mixer.parts, reuse=reuse
        )
        self.renderer = rendering(engine, sampler, ids, Quarantine(ids))
        self.batch = recipe.batch
        self.lane = torch.cuda.Stream()
        self.position = 0
        self.waiting = self._begin()

    def _begin(self) -> tuple[Tensor, Tensor, torch.cuda.Event]:
        index = np.arange(self.position, self.position + self.batch, dtype=np.int64)
        self.position += self.batch
        with torch.cuda.stream(self.lane):
            order = self.renderer.begin(index)
            draw, pixels = self.renderer.finish(order, lambda future: future.result())
            views = self.mixer(pixels[0], draw).pixels
            return views, torch.from_numpy(index), self.lane.record_event()

    def next(self) -> tuple[Tensor, Tensor]:
        """The batch that was begun before; begins another."""
        views, index, mark = self.waiting
        current = torch.cuda.current_stream()
        current.wait_event(mark)
        views.record_stream(current)
        self.waiting = self._begin()
        return views, index


def step_seconds(
    learner: Learner, source: Callable[[], tuple[Tensor, Tensor]], budget: float
) -> float:
    """Median seconds a step over groups of steps, after a warm-up."""
    for _ in range(5):
        learner.step(*source())
    torch.cuda.synchronize()
    groups, began = [], time.perf_counter()
    while time.perf_counter() - began < budget or len(groups) < 3:
        start = time.perf_counter()
        for _ in range(10):
            learner.step(*source())
        torch.cuda.synchronize()
        groups.append((time.perf_counter() - start) / 10)
    return float(np.median(groups))


def training(args: argparse.Namespace, pack: Pack) -> dict[str, Any]:
    """Steps on resident tensors, then on live ones."""
    torch.backends.cudnn.benchmark = True
    results: dict[str, Any] = {}
    rows = []
    with machine.opened(args, pack) as engine:
        refused = machine.prepared(engine, pack)
        # The slowest hundredth is left out, as in the throughput's bar: those under 2,000 img/s at 256 px.
        cost = {i: t.seconds(65_536) for i in pack.ids if (t := engine.trial(i)) is not None}
        ids = [i for i in pack.ids if i not in refused and cost[i] <= 1 / 2000]
        for name in args.recipes:
            recipe = RECIPES[name]
            learner = Learner(recipe)
            shape = (2, recipe.batch, 3, recipe.size, recipe.size)
            fixed = torch.randint(0, 256, shape, dtype=torch.uint8, device="cuda")
            index = torch.arange(recipe.batch)
            base = step_seconds(learner, lambda f=fixed, i=index: (f, i), args.seconds)
            found = {"resident": base}
            for label, mix, ss, reuse in (
                ("live", 1, 1, 0),
                ("live, MixUp 6", 6, 1, 0),
                ("live, MixUp 6, pictures reused", 6, 1, 4 * recipe.batch),
                ("live, 2 x 2 samples", 1, 2, 0),
            ):
                out = engine.prepare(ids, supersample=ss)
                drawn = [i for i in ids if i not in out]
                live = Live(engine, drawn, recipe, mix, ss, reuse)
                found[label] = step_seconds(learner, live.next, args.seconds)
            again = step_seconds(learner, lambda f=fixed, i=index: (f, i), args.seconds / 2)
            found["resident again"] = again
            results[name] = found
            for label, took in found.items():
                more = 100 * (took / base - 1)
                rows.append(
                    (
                        f"{name}, {recipe.size} px, {recipe.batch}: {label}",
                        f"{took * 1e3:7.1f} ms a step, {more:+.1f} %"
                        + (f" (bar: {recipe.bar} %)" if label == "live" else ""),
                    )
                )
            del learner, fixed, live
            torch.cuda.empty_cache()
    machine.table(f"Live training, {len(ids)} programs", rows)
    return {"training": results}


def resident_memory() -> float:
    """MiB that this process holds now."""
    pages = int(open("/proc/self/statm").read().split()[1])  # noqa: SIM115
    return pages * resource.getpagesize() / 2**20


def soak(args: argparse.Namespace, pack: Pack) -> dict[str, Any]:
    """Many images; memory early and late; samples drawn again at the end."""
    wanted = int(args.millions * 1e6)
    with machine.opened(args, pack) as engine:
        refused = machine.prepared(engine, pack)
        ids = [i for i in pack.ids if i not in refused]
        cost = np.array([t.seconds(args.size**2) if (t := engine.trial(i)) else 0.0 for i in ids])
        ids = [i for i, c in zip(ids, cost, strict=True) if c <= 1 / 2000]
        kept: dict[int, str] = {}  # no pictures: they would look like a leak

        def batch(number: int) -> Tensor:
            rng = np.random.default_rng((args.seed, number))
            drawn = rng.integers(0, len(ids), args.batch)
            return engine.render(machine.requests(ids, drawn, args.size, rng)).pixels

        images = number = 0
        early: tuple[float, float] | None = None
        began = time.perf_counter()
        while images < wanted and time.perf_counter() - began < args.seconds:
            pixels = batch(number)
            if number % 97 == 0 and len(kept) < 64:
                kept[number] = _digest(pixels)
            images, number = images + len(pixels), number + 1
            if number % 8 == 0:
                torch.cuda.current_stream().synchronize()
            if early is None and images > wanted / 20:
                early = _memory()
        torch.cuda.synchronize()
        wall = time.perf_counter() - began
        late = _memory()
        wrong = sum(_digest(batch(number)) != digest for number, digest in kept.items())
    early = early or late
    machine.table(
        f"Soak: {images:,} images of {args.size} px in {wall:.0f} s, {len(ids)} programs",
        [
            ("rate", f"{images / wall:,.0f} img/s"),
            ("device memory", f"{early[0]:.1f} MiB early, {late[0]:.1f} MiB late"),
            ("host memory", f"{early[1]:.1f} MiB early, {late[1]:.1f} MiB late"),
            ("batches drawn again", f"{len(kept)}, of which {wrong} differ in a byte"),
            ("refused meanwhile", f"{len(engine.refused) - len(refused)}"),
        ],
    )
    return {
        "soak": {
            "images": images,
            "wall": wall,
            "early": early,
            "late": late,
            "wrong": wrong,
            "again": len(kept),
        }
    }


def _digest(pixels: Tensor) -> str:
    return hashlib.blake2b(pixels.cpu().numpy().tobytes()).hexdigest()


def _memory() -> tuple[float, float]:
    """MiB in use on the device (all processes) and in this process."""
    free, total = torch.cuda.mem_get_info()
    return (total - free) / 2**20, resident_memory()
