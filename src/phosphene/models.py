"""Backbones: any timm model as a feature extractor, and two families that timm lacks.

Importing this module registers `phosphene_alexnet_small`, `phosphene_resnet18_small` and
`phosphene_resnet50_small` with timm, so that `timm.create_model` knows them.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

import timm
import torch
from timm.models import generate_default_cfgs, load_pretrained, register_model
from timm.models.resnet import ResNet, resnet18, resnet50
from torch import Tensor, nn

from phosphene.errors import UsageError

__all__ = [
    "SUGGESTED",
    "BackboneConfig",
    "SmallAlexNet",
    "backbone",
    "check_sizes",
    "first_filters",
    "freeze",
    "weights_digest",
    "width_of",
]  # a list: timm's `register_model` appends to it

Option = bool | int | float | str
NetworkT = TypeVar("NetworkT", bound=nn.Module)

SUGGESTED = (
    "resnet18",
    "resnet50",
    "phosphene_resnet18_small",
    "phosphene_resnet18_slim",
    "phosphene_resnet50_small",
    "phosphene_alexnet_small",
    "vit_tiny_patch16_224",
    "vit_small_patch16_224",
    "vit_base_patch16_224",
)
"""Backbones that were tried here; any other timm name is accepted too."""


@dataclass(frozen=True)
class BackboneConfig:
    """Which backbone.

    Attributes:
        name: a timm model name, ours included.
        size: side of the square input in pixels; models of a fixed input size are built for it.
        options: further arguments of `timm.create_model`, e.g. `{"stem_stride": 1}`.
    """

    name: str = "resnet18"
    size: int = 64
    options: Mapping[str, Option] = field(default_factory=dict)

    def timm_arguments(self) -> dict[str, Any]:
        """The keyword arguments that make `timm.create_model(name, …)` build this backbone."""
        arguments: dict[str, Any] = {"num_classes": 0, **self.options}
        cfg = timm.get_pretrained_cfg(self.name, allow_unregistered=True)
        if cfg is not None and cfg.fixed_input_size:
            arguments.setdefault("img_size", self.size)
        return arguments

    def resizable(self) -> BackboneConfig:
        """The same for pictures of several sizes: a Vision Transformer then interpolates its positions
        (timm's `dynamic_img_size`); convolutional networks take any size as they are."""
        cfg = timm.get_pretrained_cfg(self.name, allow_unregistered=True)
        if cfg is None or not cfg.fixed_input_size:
            return self
        return replace(self, options={"dynamic_img_size": True, **self.options})


def backbone(config: BackboneConfig | str) -> nn.Module:
    """A freshly initialised backbone: float [B, 3, H, W], normalised → float [B, width_of(model)].

    Args:
        config: what to build; a string stands for `BackboneConfig(name=…)`.

    Raises:
        UsageError: for a name that timm does not know, or options that the model does not take.
    """
    config = BackboneConfig(config) if isinstance(config, str) else config
    if not timm.is_model(config.name):
        raise UsageError(_unknown_backbone(config.name))
    try:
        return timm.create_model(config.name, pretrained=False, **config.timm_arguments())
    except (TypeError, AssertionError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"the backbone {config.name} cannot be built for {config.size} px with the options "
            f"{dict(config.options)}: {error}"
        ) from error


def check_sizes(config: BackboneConfig, *sizes: int) -> None:
    """Raises UsageError where a backbone does not take square pictures of one of these sizes."""
    with torch.device("meta"):  # shapes alone
        model = backbone(config).eval()
    for size in sizes:
        try:
            model(torch.empty(1, 3, size, size, device="meta"))
        except (AssertionError, RuntimeError, ValueError) as error:
            raise UsageError(
                f"the backbone {config.name} does not take views of {size} px: {error}"
            ) from error


def _unknown_backbone(name: str) -> str:
    near = difflib.get_close_matches(name, timm.list_models(), n=5, cutoff=0.5)
    likely = f"; like it: {', '.join(near)}" if near else ""
    return (
        f"`backbone` must be a timm model, got {name!r}{likely}; tried here: {', '.join(SUGGESTED)}"
    )


def width_of(model: nn.Module) -> int:
    """Length of a backbone's feature vector."""
    width = getattr(model, "head_hidden_size", None) or model.num_features
    return int(cast(int, width))


default_cfgs = generate_default_cfgs(
    {"phosphene_alexnet_small.untrained": {"fixed_input_size": True, "input_size": (3, 64, 64)}}
)
"""Tells timm, and `BackboneConfig`, that the small AlexNet is built for one input size."""


class SmallAlexNet(nn.Module):
    """The small AlexNet of the paper's scaling study: 5 convolutions, 2 fully connected layers.

    Source: Wang and Isola, *Understanding Contrastive Representation Learning through Alignment and
    Uniformity on the Hypersphere* (ICML 2020), used at 64 px by Baradad et al. (2021, 2022).
    """

    def __init__(
        self, num_classes: int = 1000, in_chans: int = 3, img_size: int = 64, width: int = 4096
    ) -> None:
        """Builds the network for `img_size` px squares; features are `width` long."""
        super().__init__()
        side = _pooled(_pooled(_pooled(img_size)))
        if side < 1:
            raise ValueError(f"`img_size` must be at least 15, got {img_size}")
        self.num_classes, self.num_features, self.head_hidden_size = num_classes, width, width
        self.default_cfg = {
            "input_size": (in_chans, img_size, img_size),
            "num_classes": num_classes,
        }
        self.features = nn.Sequential(
            *_convolution(in_chans, 96, pool=True),
            *_convolution(96, 192, pool=True),
            *_convolution(192, 384),
            *_convolution(384, 384),
            *_convolution(384, 192, pool=True),
        )
        self.connected = nn.Sequential(
            *_fully_connected(192 * side * side, width), *_fully_connected(width, width)
        )
        self.head: nn.Module = nn.Identity()
        self.reset_classifier(num_classes)
        self.apply(_initialise)

    def reset_classifier(self, num_classes: int, global_pool: str | None = None) -> None:
        """Puts a new last layer; 0 classes: none, the output is the feature vector."""
        self.num_classes = num_classes
        self.head = nn.Linear(self.num_features, num_classes) if num_classes else nn.Identity()

    def forward_features(self, x: Tensor) -> Tensor:
        """float [B, 3, H, W] → float [B, 192, H', W'], the fifth convolution's maps."""
        return cast(Tensor, self.features(x))

    def forward_head(self, x: Tensor, pre_logits: bool = False) -> Tensor:
        """The fully connected layers, and the classifier unless `pre_logits`."""
        x = self.connected(x.flatten(1))
        return x if pre_logits else cast(Tensor, self.head(x))

    def forward(self, x: Tensor) -> Tensor:
        """float [B, 3, H, W] → float [B, width], or [B, num_classes] with a classifier."""
        return self.forward_head(self.forward_features(x))


def _pooled(side: int) -> int:
    return (side - 3) // 2 + 1


def _convolution(inputs: int, outputs: int, pool: bool = False) -> list[nn.Module]:
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    ]
    return [*layers, nn.MaxPool2d(3, 2)] if pool else layers


def _fully_connected(inputs: int, outputs: int) -> list[nn.Module]:
    return [
        nn.Linear(inputs, outputs, bias=False),
        nn.BatchNorm1d(outputs),
        nn.ReLU(inplace=True),
    ]


def _initialise(layer: nn.Module) -> None:
    if isinstance(layer, nn.Conv2d | nn.Linear):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")


def _small_stem(model: ResNet, stride: int, in_chans: int) -> ResNet:
    """Replaces a ResNet's 7x7 stem and max-pool by one 3x3 convolution, for images of 32-96 px."""
    stem = nn.Conv2d(in_chans, cast(int, model.bn1.num_features), 3, stride, 1, bias=False)
    nn.init.kaiming_normal_(stem.weight, mode="fan_out", nonlinearity="relu")
    model.add_module("conv1", stem)
    model.add_module("maxpool", nn.Identity())
    return model


@register_model
def phosphene_alexnet_small(pretrained: bool = False, **kwargs: Any) -> SmallAlexNet:
    """`SmallAlexNet`; options: num_classes, in_chans, img_size, width."""
    cfg = _weights_named(kwargs)
    return _loaded(SmallAlexNet(**kwargs), pretrained, cfg)


@register_model
def phosphene_resnet18_small(
    pretrained: bool = False, stem_stride: int = 2, in_chans: int = 3, **kwargs: Any
) -> ResNet:
    """ResNet-18 with a 3x3 stem (of `stem_stride`, 1 or 2) and no max-pool."""
    cfg = _weights_named(kwargs)
    model = _small_stem(resnet18(in_chans=in_chans, **kwargs), stem_stride, in_chans)
    return _loaded(model, pretrained, cfg)


@register_model
def phosphene_resnet18_slim(
    pretrained: bool = False, stem_stride: int = 2, in_chans: int = 3, **kwargs: Any
) -> ResNet:
    """`phosphene_resnet18_small` at a quarter of its width: what a laptop trains in minutes."""
    cfg = _weights_named(kwargs)
    slim = resnet18(in_chans=in_chans, channels=(16, 32, 64, 128), **kwargs)
    return _loaded(_small_stem(slim, stem_stride, in_chans), pretrained, cfg)


@register_model
def phosphene_resnet50_small(
    pretrained: bool = False, stem_stride: int = 2, in_chans: int = 3, **kwargs: Any
) -> ResNet:
    """ResNet-50 with a 3x3 stem (of `stem_stride`, 1 or 2) and no max-pool."""
    cfg = _weights_named(kwargs)
    model = _small_stem(resnet50(in_chans=in_chans, **kwargs), stem_stride, in_chans)
    return _loaded(model, pretrained, cfg)


def _weights_named(kwargs: dict[str, Any]) -> dict[str, Any]:
    """What timm says of the weights, taken out of the arguments for the network itself."""
    for name in ("pretrained_cfg_overlay", "pretrained_model_args", "cache_dir"):
        kwargs.pop(name, None)
    cfg = kwargs.pop("pretrained_cfg", None)
    named = dict(cfg) if isinstance(cfg, Mapping) else {}
    if named.get("source"):
        kwargs.setdefault("num_classes", named.get("num_classes", 0))
    return named


def _loaded(model: NetworkT, pretrained: bool, cfg: dict[str, Any]) -> NetworkT:
    """The network, with its weights where a folder or a hub holds them (timm's "local-dir:", "hf-hub:")."""
    if not cfg.get("source"):
        if pretrained:
            raise ValueError("this model has no published weights; use pretrained=False")
        return model
    vars(model).update(pretrained_cfg=cfg, default_cfg=cfg)
    if pretrained:
        name, first = next((n, m) for n, m in model.named_modules() if isinstance(m, nn.Conv2d))
        places = {"first_conv": name, "classifier": "head" if hasattr(model, "head") else "fc"}
        found = {**places, **{key: value for key, value in cfg.items() if value is not None}}
        classes = cast(int, model.num_classes)
        load_pretrained(model, found, num_classes=classes, in_chans=first.in_channels)
    return model


def freeze(model: nn.Module) -> nn.Module:
    """The model in evaluation mode, without gradients; the same object."""
    model.eval()
    return model.requires_grad_(False)


def weights_digest(model: nn.Module) -> str:
    """Hash of a model's parameters and buffers, by name; equal weights have equal digests."""
    digest = hashlib.blake2b(digest_size=16)
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        digest.update(tensor.cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def first_filters(model: nn.Module) -> Tensor | None:
    """The first convolution's weights, float [K, C, h, w] on the CPU; None where there is none."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            return layer.weight.detach().to("cpu", torch.float32)
    return None
