"""Recipes are whole configurations that build, say what they cost, and run."""

import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from phosphene.cli.main import build_parser, main
from phosphene.errors import UsageError
from phosphene.methods import METHODS, check_views
from phosphene.mixing import mixer
from phosphene.models import BackboneConfig
from phosphene.recipes import RECIPES, recipe
from phosphene.runs import Run
from phosphene.training import DataConfig, MethodConfig, PretrainConfig, TrainingConfig, plain
from plain_banks import plain_bank


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_bank(tmp_path_factory.mktemp("bank") / "bank.db", ["MIT"] * 4)


def pretrain(bank: Path, directory: Path, *more: Any) -> int:
    fixed = ["--bank", str(bank), "--run", str(directory), "--engine", "fake", "--device", "cpu"]
    return main(["pretrain", *fixed, "--steps", "1", *map(str, more)])


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_recipe_fits_its_method_and_says_what_it_needs(name: str) -> None:
    config = recipe(name)
    check_views(
        config.training.method.name, config.views, mixer(config.data.mix).parts, config.local_views
    )
    text = RECIPES[name].__doc__ or ""
    (command,) = re.findall(r"^    Command: .*?phosphene (.*)$", text, re.MULTILINE)
    assert build_parser().parse_args(shlex.split(command)).recipe == name
    assert re.search(r"^    Cost: ", text, re.MULTILINE)
    assert re.search(r"^    Expect: ", text, re.MULTILINE)
    METHODS[config.training.method.name].Config(**config.training.method.options)


def test_the_papers_settings() -> None:
    moco = recipe("resnet50-moco")
    assert moco.training.peak_rate == pytest.approx(0.03)
    assert moco.training.steps * 256 == 1_300_000 * 200
    assert (moco.data.mix, moco.data.crop, moco.views) == (6, (0.2, 1.0), 2)
    small = recipe("resnet18-simclr").training
    assert (small.steps, small.batch_size, small.peak_rate) == (2000, 1024, 0.5)
    best = recipe("default")
    assert best.training == small, "another source, the same budget"
    assert best.data.reuse % best.training.batch_size == 0, "or pictures are rendered twice"
    assert best.frame == best.training.backbone.size == 64
    backbone = replace(best.training.backbone, size=224)
    assert replace(best, training=replace(best.training, backbone=backbone)).frame == 224
    assert replace(best, data=replace(best.data, frame=48)).frame == 48
    dino = recipe("vit-small-dino")
    assert [(g.count, g.size) for g in dino.groups] == [(2, 224), (8, 96)]
    assert dino.training.peak_rate == pytest.approx(5e-4 * 4)
    assert dino.resolved.backbone.options["dynamic_img_size"] is True


def test_options_override_a_recipe_and_its_run_is_resumed(bank: Path, tmp_path: Path) -> None:
    small = ("--backbone", "phosphene_resnet18_slim", "--size", 16, "--batch-size", 4)
    recipes = ("--recipe", "default", *small)
    assert pretrain(bank, tmp_path / "run", *recipes) == 0
    stored = Run.open(tmp_path / "run").config
    expected = plain(recipe("default"))
    assert stored["data"] == {**expected["data"], "bank": str(bank), "engine": "fake"}
    assert stored["training"]["method"] == expected["training"]["method"]
    assert stored["training"]["steps"] == 1
    assert (
        main(["pretrain", "--recipe", "default", "--run", str(tmp_path / "run"), "--resume"]) == 0
    )


def test_recipes_are_listed_and_named(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pretrain", "--recipe", "list"]) == 0
    shown = capsys.readouterr().out
    assert all(f"{name}\n" in shown for name in RECIPES)
    assert "Not measured by us." in shown
    assert pretrain(bank, tmp_path / "run", "--recipe", "best") == 2
    assert "`recipe` must be one of default, resnet18-simclr," in capsys.readouterr().err
    with pytest.raises(UsageError, match="got 'best'"):
        recipe("best")


@pytest.mark.parametrize("positives", ["cameras", "latents", "both"])
@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_takes_every_kind_of_positives(
    bank: Path, tmp_path: Path, method: str, positives: str
) -> None:
    options = {
        "moco": ["queue=8", "groups=1"],
        "dino": ["output=8", "hidden=8", "bottleneck=4"],
    }.get(method, [])
    more = [part for option in options for part in ("--set", f"training.method.options.{option}")]
    more += [
        "--method",
        method,
        "--backbone",
        "test_vit",
        "--size",
        32,
        "--batch-size",
        4,
        "--positives",
        positives,
    ]
    if method == "supervised":
        more += ["--views", 2]  # of one, nothing differs
    if method == "dino":
        more += ["--local-views", 3, "--local-size", 16, "--set"]
        more += ["training.backbone.options.patch_size=8", "--mix", 2]
    assert pretrain(bank, tmp_path / "run", *more) == 0
    (metrics,) = Run.open(tmp_path / "run").metrics()
    assert metrics["loss"] > 0


def test_local_views_are_smaller_cameras_with_colours_of_their_own() -> None:
    training = TrainingConfig(backbone=BackboneConfig("test_vit", 64), method=MethodConfig("dino"))
    config = PretrainConfig(DataConfig(crop=(0.4, 1.0)), training)
    large, local = config.groups
    assert [(g.count, g.size, g.camera.scale) for g in (large, local)] == [
        (2, 64, (0.4, 1.0)),
        (8, 32, (0.05, 0.4)),
    ]
    none = PretrainConfig(DataConfig(local_views=0), training)
    assert none.groups == (none.groups[0],)
    assert none.resolved is training


def test_local_views_are_refused_where_they_have_no_use(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert pretrain(bank, tmp_path / "run", "--local-views", 2) == 2
    assert "the method simclr has no use for local views, got 2" in capsys.readouterr().err
    dino = ("--method", "dino", "--size", 32, "--backbone")
    assert pretrain(bank, tmp_path / "run", *dino, "test_vit", "--local-size", 20) == 2
    assert "the backbone test_vit does not take views of 20 px: " in capsys.readouterr().err
    assert pretrain(bank, tmp_path / "run", *dino, "phosphene_alexnet_small") == 2
    assert "phosphene_alexnet_small cannot be built for 32 px" in capsys.readouterr().err
    assert pretrain(bank, tmp_path / "run", "--method", "supcon", "--mix", 2) == 2
    assert (
        "supcon needs one program a sample, got a mix of 2; use --mix 1" in capsys.readouterr().err
    )
