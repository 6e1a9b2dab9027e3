"""`phosphene export weights`: a folder that timm loads, and its card."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

from phosphene.bank import Bank
from phosphene.cli.main import main
from phosphene.errors import UsageError
from phosphene.models import BackboneConfig, backbone
from phosphene.publishing import publish
from phosphene.publishing.weights import timm_config, timm_line
from phosphene.training import checkpoints
from phosphene.training.checkpoints import describe
from plain_banks import plain_bank


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    root = tmp_path_factory.mktemp("trained")
    plain_bank(root / "bank.db", ["MIT"] * 4 + ["CC0-1.0"] * 3)
    command = ["pretrain", "--bank", str(root / "bank.db"), "--run", str(root / "run"), "--steps"]
    command += ["2", "--engine", "fake", "--backbone", "test_resnet", "--size", "16"]
    assert main([*command, "--batch-size", "8", "--device", "cpu"]) == 0
    return root


def test_the_folder_loads_in_timm_and_its_card_tells_the_truth(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, results = tmp_path / "released", tmp_path / "results.json"
    interval = {"low": 0.25, "high": 0.35}
    score = {"dataset": "digits", "probe": "knn", "model": "run", "accuracy": 0.3}
    results.write_text(json.dumps({"scores": [{**score, "interval": interval}]}))
    more = ["--results", str(results)]
    assert main(["export", "weights", str(trained / "run"), "-o", str(out), *more]) == 0
    line = capsys.readouterr().out.strip()
    made: dict[str, torch.nn.Module] = {}
    exec(line, made)
    kept = load_file(trained / "run" / "checkpoints" / "step-00000002" / "backbone.safetensors")
    weights = made["model"].state_dict()
    assert all(torch.equal(weights[name], kept[name]) for name in kept)
    data = timm.data.resolve_model_data_config(made["model"])
    assert tuple(data["input_size"]) == (3, 16, 16)
    assert tuple(data["mean"]) == tuple(
        json.loads((out / "config.json").read_text())["pretrained_cfg"]["mean"]
    )

    card = (out / "README.md").read_text()
    assert "library_name: timm" in card
    assert "| MIT | 4 |" in card
    assert "| CC0-1.0 | 3 |" in card
    with Bank.open(trained / "bank.db") as bank:
        assert f"7 image programs, digest `{bank.select().digest}`" in card
    assert "steps: 2" in card
    assert "- engine: fake" in card
    assert "| digits | knn | run | 30.0 [25.0, 35.0] |" in card
    assert (out / "ATTRIBUTION.md").read_text().count("author") == 7


def test_weights_alone_say_what_was_seen_and_claim_nothing_more(
    trained: Path, tmp_path: Path
) -> None:
    def head(source: Path, name: str) -> str:
        publish(source, tmp_path / name)
        return (tmp_path / name / "README.md").read_text().split("## Use")[0]

    programs = tmp_path / "programs.safetensors"
    shutil.copy(trained / "run/checkpoints/step-00000002/backbone.safetensors", programs)
    assert "pretrained on image programs, without a real image" in head(programs, "programs")
    command = ["pretrain", "--source", "dead-leaves", "--run", str(tmp_path / "leaves"), "--steps"]
    command += ["1", "--backbone", "test_resnet", "--size", "16", "--batch-size", "8"]
    assert main([*command, "--device", "cpu"]) == 0
    leaves = tmp_path / "leaves.safetensors"
    assert main(["export", "weights", str(tmp_path / "leaves"), "-o", str(leaves)]) == 0
    for source in (leaves, tmp_path / "leaves"):
        assert "pretrained on dead-leaves with Phosphene" in head(source, f"card of {source.name}")
    about = describe(leaves)
    del about["seen"]
    old = tmp_path / "old.safetensors"
    save_file(load_file(leaves), old, {"phosphene": json.dumps(about)})
    assert "what it was pretrained on is not known here" in head(old, "old")


def test_a_card_has_the_accuracy_of_its_own_weights(trained: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    shutil.copytree(trained / "run", run)
    command = ["evaluate", "--data", "digits", "--limit", "50", "--probe", "knn", "--device", "cpu"]
    assert main([*command, str(run)]) == 0
    publish(run, tmp_path / "judged")
    assert "| digits | knn | run |" in (tmp_path / "judged/README.md").read_text()
    first = run / "checkpoints" / "step-00000002"
    weights = {name: w + 1 for name, w in load_file(first / "backbone.safetensors").items()}
    later = tmp_path / "run/checkpoints/step-00000003"
    shutil.copytree(first, later)
    save_file(
        weights,
        later / "backbone.safetensors",
        {"phosphene": json.dumps(describe(first / "backbone.safetensors"))},
    )
    manifest = json.loads((later / "checkpoint.json").read_text())
    manifest["files"]["backbone.safetensors"] = checkpoints._digest(later / "backbone.safetensors")
    (later / "checkpoint.json").write_text(json.dumps(manifest))
    publish(run, tmp_path / "later")
    assert "Not evaluated" in (tmp_path / "later/README.md").read_text()


def test_a_folder_of_somebody_elses_is_left_alone(trained: Path, tmp_path: Path) -> None:
    publish(trained / "run", tmp_path)
    publish(trained / "run", tmp_path)  # its own it replaces
    for name in ("README.md", "config.json", "model.safetensors", "ATTRIBUTION.md"):
        kept = (tmp_path / name).read_bytes()
        (tmp_path / name).write_text("mine")
        with pytest.raises(UsageError, match=f"{name} was not written by an export"):
            publish(trained / "run", tmp_path)
        assert (tmp_path / name).read_text() == "mine"
        alone = tmp_path / f"only {name}"
        alone.mkdir()
        (alone / name).write_bytes(b"mine" if name == "README.md" else kept)
        with pytest.raises(UsageError, match=f"{name} was not written by an export"):
            publish(trained / "run", alone)
        (tmp_path / name).write_bytes(kept)


def test_the_line_that_loads_a_folder_is_python_whatever_its_name() -> None:
    line = timm_line(BackboneConfig("test_resnet"), Path('a "quoted" folder'))
    assert compile(line, "line", "exec")


def test_programs_chosen_by_a_measurement_are_counted_and_credited(tmp_path: Path) -> None:
    path = plain_bank(tmp_path / "bank.db", ["MIT"] * 4)
    with Bank.open(path) as bank:
        verdicts = bank.verdicts(bank.ids()).values()
        bank.record_verdicts(
            replace(verdict, measurements={"colourfulness": float(i)})
            for i, verdict in enumerate(verdicts)
        )
    command = ["pretrain", "--bank", str(path), "--run", str(tmp_path / "run"), "--steps", "1"]
    command += ["--engine", "fake", "--backbone", "test_resnet", "--size", "16", "--batch-size"]
    assert main([*command, "8", "--device", "cpu", "--where", "colourfulness>=2"]) == 0
    out = tmp_path / "released"
    assert main(["export", "weights", str(tmp_path / "run"), "-o", str(out)]) == 0
    assert "| MIT | 2 |" in (out / "README.md").read_text()
    assert (out / "ATTRIBUTION.md").read_text().count("author") == 2


def test_the_bank_of_a_run_is_found_from_wherever_it_is_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run keeps the path as it was given: here of a file beside the folder of runs."""
    plain_bank(tmp_path / "bank.db", ["MIT"] * 4)
    monkeypatch.chdir(tmp_path)
    command = [
        "pretrain",
        "--bank",
        "bank.db",
        "--run",
        "runs/mine",
        "--steps",
        "1",
        "--engine",
        "fake",
    ]
    command += ["--backbone", "test_resnet", "--size", "16", "--batch-size", "8", "--device", "cpu"]
    assert main(command) == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert main(["export", "weights", "../runs/mine", "-o", "released"]) == 0
    assert Path("released/ATTRIBUTION.md").read_text().count("author") == 4


def test_a_bank_that_is_gone_or_other_is_said(
    trained: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    moved = tmp_path / "run"
    shutil.copytree(trained / "run", moved)
    publish(moved / "checkpoints" / "step-00000002", tmp_path / "one", tmp_path / "gone.db")
    assert "gone.db is not there: the card names no licences" in caplog.text
    assert "--bank" in caplog.text
    card = (tmp_path / "one" / "README.md").read_text()
    assert "could not be counted when this card was written: the bank" in card
    assert not (tmp_path / "one" / "ATTRIBUTION.md").exists()
    Bank.open(tmp_path / "empty.db", create=True).close()
    publish(moved, tmp_path / "two")
    assert (tmp_path / "two" / "ATTRIBUTION.md").exists()
    publish(moved, tmp_path / "two", tmp_path / "empty.db")
    assert not (tmp_path / "two" / "ATTRIBUTION.md").exists()
    assert "holds other programs now" in (tmp_path / "two" / "README.md").read_text()


def test_what_cannot_be_published(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file; give a folder"):
        publish(trained / "run", tmp_path / "file")
    broken = tmp_path / "run"
    shutil.copytree(trained / "run", broken)
    weights = broken / "checkpoints" / "step-00000002" / "backbone.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    assert main(["export", "weights", str(broken), "-o", str(tmp_path / "out")]) == 1
    assert "is damaged (backbone.safetensors)" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    odd = tmp_path / "odd.json"
    odd.write_text("[]")
    command = ["export", "weights", str(trained / "run"), "-o", str(tmp_path / "out")]
    assert main([*command, "--results", str(odd)]) == 2
    assert "has no `scores`" in capsys.readouterr().err


@pytest.mark.parametrize(
    "config",
    [
        BackboneConfig("phosphene_resnet18_slim", 32, {"stem_stride": 1}),
        BackboneConfig("phosphene_alexnet_small", 64, {"width": 64}),
        BackboneConfig("test_vit", 64),
    ],
)
def test_timms_configuration_builds_the_same_network(
    config: BackboneConfig, tmp_path: Path
) -> None:
    model = backbone(config)
    about = {"mean": [0.5] * 3, "std": [0.2] * 3}
    (tmp_path / "config.json").write_text(json.dumps(timm_config(config, about)))
    save_file(model.state_dict(), tmp_path / "model.safetensors", {"format": "pt"})
    loaded = timm.create_model(f"local-dir:{tmp_path}", pretrained=True).eval()
    images = torch.randn(2, 3, config.size, config.size)
    assert torch.equal(loaded(images), model.eval()(images))
    name = f"local-dir:{tmp_path}"
    classifier = timm.create_model(name, pretrained=True, num_classes=5, in_chans=1).eval()
    assert classifier(images[:, :1]).shape == (2, 5)
    own = classifier.state_dict()
    kept = [k for k, v in model.state_dict().items() if torch.equal(own[k], v)]
    assert len(kept) >= len(model.state_dict()) - 1, "all but the first convolution are the file's"
