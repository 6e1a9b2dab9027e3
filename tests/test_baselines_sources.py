"""Baselines as sources of batches: the same bytes however they are cut, resumed, mixed; and bad input."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from torch import Tensor

from phosphene.baselines import PAINTERS, PictureSource, look, open_source
from phosphene.cli.main import main
from phosphene.errors import PhospheneError, UsageError
from phosphene.sampling import CameraPolicy, Sampler, UniformPrograms, ViewGroup
from phosphene.stream import Batch
from phosphene.training import DataConfig


def joined(source: PictureSource, steps: int) -> tuple[Tensor, ...]:
    """Views, labels, parts, weights and numbers of the next batches, samples first."""
    batches: list[Batch] = [next(source) for _ in range(steps)]
    source.close()
    return (
        torch.cat([batch.views for batch in batches], dim=1).transpose(0, 1),
        torch.cat([batch.programs for batch in batches]),
        torch.cat([batch.parts for batch in batches]),
        torch.cat([batch.weights for batch in batches]),
        torch.cat([batch.index for batch in batches]),
    )


def equal(ours: tuple[Tensor, ...], theirs: tuple[Tensor, ...], count: int) -> bool:
    return all(
        len(a) >= count and torch.equal(a[:count], b[:count])
        for a, b in zip(ours, theirs, strict=True)
    )


def encoded(colour: tuple[int, int, int], size: tuple[int, int] = (20, 20)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    """30 training images whose red is their number, of three labels; and one for testing."""
    path = tmp_path / "photos.parquet"
    images = [encoded((i, 10 * (i % 3), 200)) for i in range(31)]
    splits = ["train"] * 30 + ["test"]
    columns = {"image": images, "label": [i % 3 for i in range(31)], "split": splits}
    pq.write_table(pa.table(columns), path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for kind, colour in (("cats", (255, 0, 0)), ("dogs", (0, 0, 255))):
        (tmp_path / "train" / kind).mkdir(parents=True)
        for number in range(4):
            content = encoded(colour, (40, 24))
            (tmp_path / "train" / kind / f"{number}.png").write_bytes(content)
    (tmp_path / "test" / "cats").mkdir(parents=True)
    (tmp_path / "test" / "cats" / "0.png").write_bytes(encoded((0, 255, 0)))
    return tmp_path


@pytest.mark.parametrize("name", sorted(PAINTERS))
def test_a_sample_has_the_same_bytes_in_batches_of_7_and_64_and_after_a_resume(name: str) -> None:
    settings = {"size": 8, "canvas": 8, "seed": 3}
    whole = joined(open_source(name, batch_size=64, **settings), 1)  # type: ignore[arg-type]
    first = open_source(name, batch_size=7, **settings)  # type: ignore[arg-type]
    early = [next(first) for _ in range(3)]
    assert torch.equal(torch.cat([b.views for b in early], 1).transpose(0, 1), whole[0][:21])
    state = json.loads(json.dumps(first.state_dict()))
    first.close()
    again = open_source(name, batch_size=11, **settings)  # type: ignore[arg-type]
    again.load_state_dict(state)
    late = joined(again, 3)
    assert all(torch.equal(a, b[21:54]) for a, b in zip(late, whole, strict=True))
    assert len(whole[0].flatten(1).unique(dim=0)) == 64
    other = joined(open_source(name, batch_size=8, size=8, canvas=8, seed=4), 1)
    assert not torch.equal(other[0], whole[0][:8])


@pytest.mark.parametrize("mix", [1, 3, "cutmix"])
def test_a_pool_is_visited_in_epochs_whatever_the_batch_and_the_rank(mix: int | str) -> None:
    settings = {"size": 8, "canvas": 12, "images": 20, "mix": mix}
    whole = joined(open_source("dead-leaves", batch_size=24, **settings), 2)  # type: ignore[arg-type]
    ranks = [
        joined(open_source("dead-leaves", batch_size=6, rank=r, world=2, **settings), 4)  # type: ignore[arg-type]
        for r in (0, 1)
    ]
    index = torch.cat([rank[4] for rank in ranks])
    views = torch.cat([rank[0] for rank in ranks])
    assert torch.equal(views[index.argsort()], whole[0])
    assert torch.allclose(whole[3].sum(1), torch.ones(48))


def test_every_picture_of_a_pool_comes_once_an_epoch(parquet: Path) -> None:
    source = open_source(f"parquet:{parquet}", batch_size=30, size=20, canvas=20, views=1)
    reds, labels = [], []
    for _ in range(2):
        batch = next(source)
        reds.append(batch.views[0, :, 0, 10, 10].tolist())
        labels.append(batch.programs.tolist())
    source.close()
    assert sorted(reds[0]) == sorted(reds[1]) == list(range(30))
    assert reds[0] != reds[1]
    assert [red % 3 for red in reds[0]] == labels[0]
    assert source.program_ids == ("0", "1", "2")


def test_views_are_cropped_by_the_cameras_that_a_stream_of_programs_would_draw() -> None:
    camera = CameraPolicy(scale=(0.2, 0.6))
    groups = (ViewGroup(2, 16, camera), ViewGroup(3, 8, CameraPolicy(scale=(0.05, 0.2))))
    with open_source("dead-leaves", batch_size=4, views=groups, seed=2, canvas=32) as source:
        batch = next(source)
        cutter = source._sampler
    assert [tuple(group.shape) for group in batch.groups] == [(2, 4, 3, 16, 16), (3, 4, 3, 8, 8)]
    expected = Sampler(UniformPrograms(7), groups, seed=2, canvas=(32.0, 32.0))
    index = np.arange(4)
    assert np.array_equal(cutter.draw(index).camera, expected.draw(index).camera)


def test_weights_of_a_mix_are_the_shares_of_its_pictures(parquet: Path) -> None:
    with open_source(f"parquet:{parquet}", batch_size=10, size=20, canvas=20, mix=4) as source:
        batch = next(source)
    # Of flat pictures the green is 10 times the label.
    expected = (batch.weights * 10 * batch.parts).sum(1)
    assert torch.allclose(batch.views[0, :, 1].float().mean((1, 2)), expected, atol=0.51)
    assert torch.equal(batch.views[0], batch.views[1])


def test_fractals_are_labelled_by_their_system() -> None:
    with open_source("fractals", batch_size=16, size=8, canvas=8) as source:
        batch = next(source)
    assert len(source.program_ids) == 1000
    assert len(batch.programs.unique()) > 10


def test_a_folder_gives_its_training_images_with_their_classes(folder: Path) -> None:
    with open_source(f"folder:{folder}", batch_size=8, size=16, views=1) as source:
        batch = next(source)
    assert source.program_ids == ("cats", "dogs")
    reds = batch.views[0, :, 0, 8, 8]
    assert torch.equal(reds == 255, batch.programs == 0)
    assert (batch.programs == 0).sum() == 4
    assert (batch.views[0, :, 1] == 0).all()  # none is of the test images


def test_digests_name_pictures_and_settings(folder: Path, parquet: Path) -> None:
    def digest(spec: str, **settings: int) -> str:
        with open_source(spec, batch_size=1, size=8, canvas=8, **settings) as source:  # type: ignore[arg-type]
            return source.digest

    names = [digest(name) for name in PAINTERS]
    names += [digest("noise", images=4), digest(f"folder:{folder}"), digest(f"parquet:{parquet}")]
    names += [digest(f"parquet:{parquet}", images=5)]
    assert len(set(names)) == len(names)
    assert digest("noise") == digest("noise", seed=5)
    before = digest(f"folder:{folder}")
    (folder / "train" / "cats" / "0.png").write_bytes(encoded((1, 2, 3)))
    assert digest(f"folder:{folder}") != before


def test_pictures_of_more_than_8_bits_are_scaled_and_hidden_files_left_out(tmp_path: Path) -> None:
    ramp = np.linspace(500, 3500, 32 * 32).reshape(32, 32)  # as of an X-ray of 12 bits
    Image.fromarray(ramp.astype(np.uint16)).save(tmp_path / "a.png")
    Image.fromarray((ramp / 4000).astype(np.float32)).save(tmp_path / "b.tif")
    (tmp_path / "._a.png").write_bytes(b"a note of another system")
    (tmp_path / ".thumbnails").mkdir()
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / ".thumbnails" / "c.png")
    settings = {"batch_size": 2, "size": 32, "canvas": 32, "camera": CameraPolicy.still()}
    with open_source(f"folder:{tmp_path}", views=1, **settings) as source:  # type: ignore[arg-type]
        views = next(source).views.float()
    assert views.mean((2, 3, 4)).flatten().tolist() == pytest.approx([127.5] * 2, abs=1)
    assert (views.amax((2, 3, 4)) - views.amin((2, 3, 4))).min() > 250


def test_small_photos_are_not_enlarged_beyond_the_largest(parquet: Path) -> None:
    with open_source(f"parquet:{parquet}", batch_size=2, size=16) as source:
        assert source.state_dict()["settings"]["canvas"] == "(20.0, 20.0)"


def test_a_state_of_other_pictures_or_another_seed_is_refused() -> None:
    with open_source("noise", batch_size=2, size=8, canvas=8) as source:
        state = source.state_dict()
    for other, word in (
        (open_source("fractals", batch_size=2, size=8, canvas=8), "other programs or pictures"),
        (open_source("noise", batch_size=2, size=8, canvas=8, seed=1), "`seed`"),
        (open_source("noise", batch_size=2, size=8, canvas=8, mix=2), "`mix`"),
    ):
        with other, pytest.raises(UsageError, match=word):
            other.load_state_dict(state)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("leaves", "`source` must be dead-leaves, fractals, noise, stylegan, folder:DIR"),
        ("folder:", "`source` must be"),
        ("noise:3", "`source` must be"),
        ("folder:nowhere", "folder:nowhere is not a directory"),
        ("parquet:nowhere", "parquet:nowhere is not a file"),
    ],
)
def test_an_unknown_source_is_one_clear_line(spec: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        open_source(spec, batch_size=1)


def test_unreadable_pictures_are_named(folder: Path, tmp_path: Path) -> None:
    (folder / "train" / "dogs" / "9.jpg").write_bytes(b"no picture")
    with pytest.raises(PhospheneError, match=r"cannot read .*9\.jpg: it is no picture of a known"):
        open_source(f"folder:{folder}", batch_size=1, size=8)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(UsageError, match="holds no images"):
        open_source(f"folder:{empty}", batch_size=1)
    path = tmp_path / "bad.parquet"
    pq.write_table(pa.table({"image": [encoded((1, 1, 1)), b"broken"]}), path)
    for canvas in (0, 32):
        with pytest.raises(
            PhospheneError,
            match=r"cannot (read|decode) row 1 of .*bad\.parquet: it is no picture of a known kind; leave it out, or "
            r"store it as PNG or JPEG$",
        ):
            open_source(f"parquet:{path}", batch_size=1, size=8, canvas=canvas)
    pq.write_table(pa.table({"picture": [1]}), path)
    with pytest.raises(UsageError, match="must have a column image, it has picture"):
        open_source(f"parquet:{path}", batch_size=1)
    path.write_bytes(b"PAR1")
    with pytest.raises(PhospheneError, match=r"cannot read .*bad\.parquet"):
        open_source(f"parquet:{path}", batch_size=1)


def test_a_split_without_training_images_says_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "badsplit.parquet"
    pq.write_table(pa.table({"image": [b"", b""], "split": ["fold2", "fold1"]}), path)
    with pytest.raises(
        UsageError,
        match=r"badsplit\.parquet holds no training images: its column split must say train or training of them, it "
        "says 'fold1', 'fold2'$",
    ):
        open_source(f"parquet:{path}", batch_size=1)
    splits = [*map(str, range(9)), None]
    pq.write_table(pa.table({"image": [b""] * 10, "split": splits}), path)
    with pytest.raises(UsageError, match="it says '0', '1', '2', '3', '4' …"):
        open_source(f"parquet:{path}", batch_size=1)
    pq.write_table(pa.table({"image": pa.array([], pa.binary())}), path)
    with pytest.raises(UsageError, match=r"badsplit\.parquet holds no images$"):
        open_source(f"parquet:{path}", batch_size=1)


def test_a_look_finds_what_opening_would_without_reading_all(
    folder: Path, parquet: Path, tmp_path: Path
) -> None:
    assert (look("dead-leaves"), look(f"folder:{folder}"), look(f"parquet:{parquet}", 30)) == (
        1,
        2,
        3,
    )
    with open_source("fractals", batch_size=1, size=8) as source:
        assert look("fractals") == len(source.program_ids)
    path = tmp_path / "bad.parquet"
    whole = encoded((1, 1, 1))
    for columns, message in (
        ({"image": [b"broken", whole]}, r"cannot (decode|read) row 0 of .*bad\.parquet"),
        ({"image": [3]}, r"row 0 of .*: the column image must hold bytes, got int"),
        ({"picture": [1]}, "must have a column image, it has picture"),
        ({"image": [whole], "split": ["test"]}, "holds no training images: its column split must"),
        ({"image": pa.array([], pa.binary())}, "holds no images"),
    ):
        pq.write_table(pa.table(columns), path)
        for opened in (look, lambda spec: open_source(spec, batch_size=1, size=8)):
            with pytest.raises(PhospheneError, match=message):
                opened(f"parquet:{path}")
    pq.write_table(pa.table({"image": [{"bytes": whole}, {"bytes": b"broken"}]}), path)
    assert look(f"parquet:{path}") == 1, "rows behind the first are not read"
    pq.write_table(pa.table({"image": [b"broken", whole], "split": ["test", "train"]}), path)
    assert look(f"parquet:{path}") == 1, "test images are not wanted"
    with pytest.raises(UsageError, match="`images` must be 1 to 30, got 31"):
        look(f"parquet:{parquet}", 31)
    path.write_bytes(b"PAR1")
    with pytest.raises(PhospheneError, match=r"cannot read .*bad\.parquet"):
        look(f"parquet:{path}")
    (folder / "train" / "cats" / "0.png").write_bytes(b"no picture")
    with pytest.raises(PhospheneError, match=r"cannot decode .*0\.png"):
        look(f"folder:{folder}")


def test_settings_out_of_range_are_refused(parquet: Path) -> None:
    for settings, word in (
        ({"images": -1}, "`images` must be 0 or more"),
        ({"canvas": 5000}, "`canvas` 0 to 4096"),
        ({"camera": CameraPolicy(rotation=5)}, "rotation=0"),
        ({"images": 10**9}, "more than there is room for"),
    ):
        with pytest.raises(UsageError, match=word):
            open_source("noise", batch_size=1, **settings)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="`images` must be 1 to 30, got 31"):
        open_source(f"parquet:{parquet}", batch_size=1, images=31)
    source = open_source("noise", batch_size=1, size=8)
    source.close()
    with pytest.raises(UsageError, match="the source is closed"):
        next(source)


def test_data_of_a_run_is_a_bank_or_a_baseline() -> None:
    assert DataConfig(source="noise").source == "noise"
    with pytest.raises(UsageError, match="goes with no `bank`"):
        DataConfig(source="noise", bank="bank.db")
    with pytest.raises(UsageError, match=r"no `frame`, .*; got '', 0, 64 and cameras"):
        DataConfig(source="noise", frame=64)
    with pytest.raises(UsageError, match="`frame` must be 0, a number of pixels"):
        DataConfig(frame=-1)
    with pytest.raises(UsageError, match="positives"):
        DataConfig(source="noise", positives="latents")
    with pytest.raises(UsageError, match="`source` must be"):
        DataConfig(source="leaves")


def test_a_contact_sheet_of_a_baseline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet.png"
    command = [
        "render",
        "--source",
        "dead-leaves",
        "-o",
        str(sheet),
        "--count",
        "6",
        "--size",
        "24",
    ]
    assert main([*command, "--columns", "3"]) == 0
    assert Image.open(sheet).size == (3 * 28 - 4, 2 * 28 - 4)
    assert main([*command, "--bank", "bank.db"]) == 2
    assert "`--source` goes with neither" in capsys.readouterr().err


def test_pretraining_on_a_baseline_resumes_exactly(tmp_path: Path) -> None:
    command = ["pretrain", "--source", "noise", "--pool", "12", "--size", "16", "--batch-size", "4"]
    command += ["--backbone", "resnet10t", "--device", "cpu", "--log-steps", "1"]
    command += ["--set", "data.canvas=16"]
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    assert main([*command, "--steps", "4", "--run", str(whole)]) == 0
    assert main([*command, "--steps", "4", "--checkpoint-steps", "2", "--run", str(parted)]) == 0
    for path in sorted((parted / "checkpoints").glob("step-*"))[1:]:
        path.rename(path.with_name(f".{path.name}.removed"))
    assert main(["pretrain", "--run", str(parted), "--resume", "--device", "cpu"]) == 0
    losses = []
    for run in (whole, parted):
        lines = map(json.loads, (run / "record.jsonl").read_text().splitlines())
        losses.append([line["loss"] for line in lines if line["event"] == "metrics"])
    assert losses[1][-2:] == losses[0][-2:]
    assert len(losses[1]) == 6
