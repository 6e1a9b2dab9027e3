"""Backbones are timm's, or registered with it."""

import subprocess
import sys

import pytest
import timm
import torch

import phosphene.models
from phosphene.errors import UsageError
from phosphene.models import BackboneConfig, backbone, first_filters, freeze, width_of


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "resnet18"])
def test_a_timm_model_gives_feature_vectors(name: str) -> None:
    model = freeze(backbone(BackboneConfig(name, 32)))
    features = model(torch.rand(2, 3, 32, 32))
    assert features.shape == (2, width_of(model))
    assert not any(p.requires_grad for p in model.parameters())
    assert not model.training


@pytest.mark.parametrize(
    ("name", "size", "width"),
    [
        ("resnet50", 32, 2048),
        ("phosphene_resnet50_small", 32, 2048),
        ("phosphene_resnet18_small", 64, 512),
        ("phosphene_alexnet_small", 64, 4096),
        ("vit_tiny_patch16_224", 64, 192),
        ("vit_small_patch16_224", 64, 384),
        ("vit_base_patch16_224", 64, 768),
    ],
)
def test_the_suggested_backbones_build(name: str, size: int, width: int) -> None:
    with torch.device("meta"):
        model = backbone(BackboneConfig(name, size))
    assert width_of(model) == width
    assert model.eval()(torch.rand(2, 3, size, size, device="meta")).shape == (2, width)


def test_a_vit_can_take_several_sizes_and_gives_the_same_at_its_own() -> None:
    torch.manual_seed(0)
    config = BackboneConfig("test_vit", 32, {"patch_size": 8})
    fixed, any_size = backbone(config).eval(), backbone(config.resizable()).eval()
    any_size.load_state_dict(fixed.state_dict())
    images = torch.rand(2, 3, 32, 32)
    assert torch.equal(fixed(images), any_size(images))
    assert any_size(images[..., :16, :16]).shape == (2, width_of(any_size))
    convolutional = BackboneConfig("test_resnet", 32)
    assert convolutional.resizable() is convolutional


def test_models_of_a_fixed_size_are_built_for_the_size_asked_for() -> None:
    assert BackboneConfig("test_vit", 48).timm_arguments() == {"num_classes": 0, "img_size": 48}
    assert BackboneConfig("test_resnet", 48).timm_arguments() == {"num_classes": 0}


@pytest.mark.parametrize(("stride", "side"), [(1, 32), (2, 16)])
def test_the_small_stem_keeps_resolution(stride: int, side: int) -> None:
    config = BackboneConfig("phosphene_resnet18_small", 32, {"stem_stride": stride})
    model = freeze(backbone(config))
    shapes: list[torch.Size] = []
    model.get_submodule("layer1").register_forward_hook(lambda *_: shapes.append(_[2].shape))
    assert model(torch.rand(1, 3, 32, 32)).shape == (1, 512)
    assert shapes == [(1, 64, side, side)]
    filters = first_filters(model)
    assert filters is not None
    assert filters.shape == (64, 3, 3, 3)


def test_the_small_alexnet_has_five_convolutions_and_two_connected_layers() -> None:
    model = timm.create_model("phosphene_alexnet_small", num_classes=0, img_size=31, width=32)
    layers = [type(layer).__name__ for layer in model.modules()]
    assert layers.count("Conv2d") == 5
    assert layers.count("Linear") == 2
    assert model(torch.rand(2, 3, 31, 31)).shape == (2, 32)
    model.reset_classifier(7)
    assert model(torch.rand(2, 3, 31, 31)).shape == (2, 7)
    full = phosphene.models.SmallAlexNet(num_classes=0)
    assert full(torch.rand(2, 3, 64, 64)).shape == (2, 4096)


def test_an_unknown_backbone_names_what_is_like_it() -> None:
    with pytest.raises(UsageError, match=r"got 'resnet81'; like it: .*tried here: resnet18"):
        backbone("resnet81")
    with pytest.raises(
        UsageError, match=r"cannot be built for 64 px with the options \{'stem': 3\}"
    ):
        backbone(BackboneConfig("test_resnet", 64, {"stem": 3}))
    with pytest.raises(ValueError, match="no published weights"):
        timm.create_model("phosphene_resnet18_small", pretrained=True)


@pytest.mark.parametrize(
    "imports", ["phosphene, timm", "timm, phosphene", "phosphene.models, timm"]
)
def test_timm_knows_ours_when_both_are_imported(imports: str) -> None:
    code = f"""import {imports}, pickle, importlib.resources
assert timm.is_model("phosphene_resnet18_small")
assert timm.create_model("phosphene_alexnet_small", num_classes=3).num_classes == 3
assert (importlib.resources.files(timm) / "version.py").is_file()
assert timm.__spec__.loader is timm.__loader__
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_plain_timm_loads_a_backbone_in_one_line(tmp_path) -> None:
    from safetensors.torch import save_file

    from phosphene.training.checkpoints import timm_line

    config = BackboneConfig("test_vit", 32)
    model = freeze(backbone(config))
    save_file(model.state_dict(), tmp_path / "weights.safetensors")
    line = timm_line(config, str(tmp_path / "weights.safetensors"))
    code = (
        f"{line}\nimport sys, torch; assert 'phosphene' not in sys.modules\n"
        "print(model.eval()(torch.full((1, 3, 32, 32), 0.5)).abs().sum().item())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    expected = model(torch.full((1, 3, 32, 32), 0.5)).abs().sum().item()
    assert float(done.stdout) == pytest.approx(expected, rel=1e-5)
    ours = timm_line(BackboneConfig("phosphene_resnet18_small"), "w.safetensors")
    assert ours.startswith("import timm, phosphene.models; ")
