"""Recipes: functions that return a whole pretraining configuration.

Each says with which command it is run, what it costs and what to expect. `phosphene pretrain --recipe NAME`
takes one, options given beside it override; in Python:

    config = recipes.recipe("resnet18-simclr")
    pretrain(dataclasses.replace(config, data=dataclasses.replace(config.data, bank="bank.db")), directory)
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from phosphene.errors import UsageError
from phosphene.models import BackboneConfig
from phosphene.training import (
    DataConfig,
    MethodConfig,
    OptimiserConfig,
    PretrainConfig,
    TrainingConfig,
)

__all__ = ["RECIPES", "describe", "recipe"]

_PAPER_IMAGES = 105_000 * 200
"""Samples of the paper's small scale: 105,000 images, 200 epochs."""

_PAPER_LARGE_IMAGES = 1_300_000 * 200
_DINO_IMAGES = 1_300_000 * 100


def default() -> PretrainConfig:
    """What is best of what was measured: ResNet-18, SimCLR, 64 px, six programs mixed in a sample, which
    keeps their contrast, and views of at least a fifth of it. Every picture is rendered once and takes part
    in six samples.

    Command: phosphene pretrain --bank bank.db --recipe default
    Cost: 2,000 steps of 1,024 samples took 110 s, rendering included, on an NVIDIA H100.
        Keeps 1.2 GB of pictures on the device; `--size 224` wants 12 times that, or a smaller `--reuse`.
    Expect: live, with 8,483 programs, means over the eight sets of RESULTS.md and three seeds of 55.3 / 63.7
        (k-NN / linear, five natural sets), 83.5 / 83.6 (specialised), 56.4 / 64.3 (structured). 5,000 steps
        (220 to 260 s): 57.6 / 67.6, 83.2 / 84.1, 52.9 / 60.8.
    """
    config = resnet18_simclr()
    return replace(
        config,
        data=replace(config.data, mix="6+contrast", reuse=16384, frame="views", crop=(0.2, 1.0)),
    )


def resnet18_simclr() -> PretrainConfig:
    """The small setting in which sources are compared: ResNet-18 for small images, SimCLR, 64 px.

    Command: phosphene pretrain --bank bank.db --recipe resnet18-simclr
    Cost: 2,000 steps of 1,024 samples, 71 s of training on an NVIDIA H200; rendering comes on top.
    Expect: with 3,846 programs, pictures rendered once and cropped, means over 18 real sets of 43.6 / 49.5
        (k-NN / linear, natural), 78.9 / 82.5 (specialised), 61.2 / 70.9 (structured).
    """
    training = TrainingConfig(
        backbone=BackboneConfig("phosphene_resnet18_small", 64),
        method=MethodConfig("simclr", {"temperature": 0.1}),
        optimiser=OptimiserConfig("sgd", learning_rate=0.125),  # 0.5 for the batch of 1,024
        steps=2000,
        batch_size=1024,
    )
    return PretrainConfig(DataConfig(crop=(0.08, 1.0)), training)


def alexnet_ce() -> PretrainConfig:
    """The paper's small scale, CE: the small AlexNet tells at 64 px which program drew the picture.

    Command: phosphene pretrain --bank bank.db --recipe alexnet-ce
    Cost: 82,032 steps of 256 samples, 21 million pictures. Time not measured by us.
    Expect: the paper reports 43.1 (4,096 programs) and 40.3 (21,083) on ImageNet-100, linear, from 105,000
        fixed pictures. Not measured by us.
    """
    return _alexnet("supervised", {})


def alexnet_supcon() -> PretrainConfig:
    """The paper's small scale, SupCon: views of one program attract each other.

    Command: phosphene pretrain --bank bank.db --recipe alexnet-supcon
    Cost: 82,032 steps of 256 samples, 42 million pictures. Time not measured by us.
    Expect: the paper reports 46.2 (4,096 programs) and 48.1 (21,083) on ImageNet-100, linear, from 105,000
        fixed pictures. Not measured by us.
    """
    return _alexnet("supcon", {"temperature": 0.07})


def alexnet_simclr() -> PretrainConfig:
    """The paper's small scale, SimCLR: two views of one picture attract each other.

    Command: phosphene pretrain --bank bank.db --recipe alexnet-simclr
    Cost: 82,032 steps of 256 samples, 42 million pictures. Time not measured by us.
    Expect: the paper reports 45.9 (4,096 programs) and 47.7 (21,083) on ImageNet-100, linear, from 105,000
        fixed pictures. Not measured by us.
    """
    return _alexnet("simclr", {"temperature": 0.07})


def resnet50_moco() -> PretrainConfig:
    """The paper's large scale: ResNet-50, MoCo v2, 224 px, six programs mixed in a sample.

    Command: torchrun --nproc-per-node 8 -m phosphene pretrain --bank bank.db --recipe resnet50-moco
    Cost: 1,015,625 steps of 256 samples: 260 million samples of two views of six programs. One NVIDIA
        H100 trains on 4,600 pictures a second, two on 8,800, where MoCo has one group a GPU, as on eight, with
        one program a sample; the whole was not measured by us.
    Expect: the paper reports 44.8 on ImageNet-1k and 66.4 on ImageNet-100, linear, from 1.3 million fixed
        pictures of 21,083 programs. Not measured by us.
    """
    training = TrainingConfig(
        backbone=BackboneConfig("resnet50", 224),
        method=MethodConfig("moco", {"queue": 65536, "temperature": 0.2}),
        optimiser=OptimiserConfig("sgd", learning_rate=0.03, warmup=0.0),
        steps=-(-_PAPER_LARGE_IMAGES // 256),
        batch_size=256,
    )
    return PretrainConfig(DataConfig(mix=6, crop=(0.2, 1.0)), training)


def vit_small_dino() -> PretrainConfig:
    """DINO with ViT-S/16 at 224 px on averages of two k-means-masked pairs of programs (KML MixUp).

    Command: torchrun --nproc-per-node 8 -m phosphene pretrain --bank bank.db --recipe vit-small-dino
    Cost: 126,954 steps of 1,024 samples, each of two views of 224 px and eight of 96 px. Not measured by
        us; one NVIDIA H200 trains a ViT-S/16 on 9,611 pictures of 224 px a second.
    Expect: 37.9 on ImageNet-1k, k-NN (*Separating Knowledge and Perception with Procedural Data*, ICML
        2025, from fixed pictures). Not measured by us.
    """
    backbone = BackboneConfig("vit_small_patch16_224", 224, {"drop_path_rate": 0.1})
    training = replace(_dino(backbone, -(-_DINO_IMAGES // 1024)), batch_size=1024)
    return PretrainConfig(
        DataConfig(mix="kml-mixup", crop=(0.25, 1.0), local_crop=(0.05, 0.25)), training
    )


def vit_tiny_dino() -> PretrainConfig:
    """DINO at the small scale: ViT-T with patches of 8 at 64 px, local views of 32 px.

    So few steps want more haste than DINO's own settings: a teacher that follows soon (momentum 0.98 in place of 0.996)
    and both networks sharp (temperatures halved); few classes, which Sinkhorn-Knopp keeps equally common; BatchNorm in
    the heads; the mean of the patches' features in place of a class token's.

    Command: phosphene pretrain --bank bank.db --recipe vit-tiny-dino --frame 96 --where "filled>=0.4" --where "edges>=0.02"
    Cost: 5,000 steps of 512 samples, each of two views of 64 px and four of 32 px. The processor is the limit: a step
        takes 0.12 s on an NVIDIA H100, and two runs beside each other on one take 0.17 s.
    Expect: after 2,000 steps 36.6 (k-NN, natural, three seeds) from 6,975 programs, one a sample; 34.1 from the 11,259 that
        they were selected from: a local view of an empty picture teaches nothing. 35.1 from 25,000 photos, 31.3 from
        StyleGAN. After 5,000 steps 40.2 from 14,677 programs (two seeds), 40.4 from the 6,975 (one); 42.0 from photos,
        33.3 from StyleGAN (two seeds). Mixing hurts here: after 1,000 steps 29.1 with six programs a sample, 30.3 with one;
        after 5,000 two are as good as one.
    """
    backbone = BackboneConfig("vit_tiny_patch16_224", 64, {"patch_size": 8, "global_pool": "avg"})
    training = _dino(
        backbone,
        5000,
        output=1024,
        momentum=0.98,
        centring="sinkhorn",
        batch_norm=True,
        student_temperature=0.05,
        teacher_temperature=0.02,
        first_teacher_temperature=0.02,
    )
    data = DataConfig(crop=(0.25, 1.0), local_views=4, local_size=32, local_crop=(0.05, 0.25))
    return PretrainConfig(data, replace(training, batch_size=512))


def _alexnet(method: str, options: dict[str, float]) -> PretrainConfig:
    """The rate falls on a cosine; the paper's falls in steps."""
    training = TrainingConfig(
        backbone=BackboneConfig("phosphene_alexnet_small", 64),
        method=MethodConfig(method, options),
        optimiser=OptimiserConfig("sgd", learning_rate=0.12),
        steps=-(-_PAPER_IMAGES // 256),
        batch_size=256,
    )
    return PretrainConfig(DataConfig(crop=(0.02, 1.0)), training)


def _dino(backbone: BackboneConfig, steps: int, **options: Any) -> TrainingConfig:
    """Caron et al. 2021, `main_dino.py`, its epochs as shares of 100. There each parameter's gradient is clipped by
    itself, here all together are."""
    optimiser = OptimiserConfig(
        "adamw",
        learning_rate=5e-4,
        weight_decay=0.04,
        final_weight_decay=0.4,
        warmup=0.1,
        final=5e-4,
        clip=3.0,
    )
    return TrainingConfig(
        backbone=backbone,
        method=MethodConfig("dino", {"output": 65536, **options}),
        optimiser=optimiser,
        steps=steps,
    )


RECIPES: dict[str, Callable[[], PretrainConfig]] = {
    "default": default,
    "resnet18-simclr": resnet18_simclr,
    "alexnet-ce": alexnet_ce,
    "alexnet-supcon": alexnet_supcon,
    "alexnet-simclr": alexnet_simclr,
    "resnet50-moco": resnet50_moco,
    "vit-small-dino": vit_small_dino,
    "vit-tiny-dino": vit_tiny_dino,
}
"""Name → recipe. A new one is added here, and nowhere else."""


def recipe(name: str) -> PretrainConfig:
    """The configuration of the recipe called `name`; its bank is still to be named.

    Raises:
        UsageError: that lists the choices.
    """
    if name not in RECIPES:
        raise UsageError(f"`recipe` must be one of {', '.join(RECIPES)}; got {name!r}")
    return RECIPES[name]()


def describe() -> str:
    """Every recipe's name and text."""
    texts = (f"{name}\n{inspect.getdoc(make) or ''}" for name, make in RECIPES.items())
    return "\n\n".join(text.replace("\n", "\n    ") for text in texts)
