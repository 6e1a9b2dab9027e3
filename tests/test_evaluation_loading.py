"""`--data`: what is read, and what is refused in one clear line."""

import io
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from phosphene.baselines import photos
from phosphene.decoding import decode
from phosphene.errors import PhospheneError, UsageError
from phosphene.evaluation import grouped, load
from phosphene.evaluation.features import square


def png(level: int, size: tuple[int, int] = (5, 5)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (level, level, level)).save(file, "PNG")
    return file.getvalue()


def pictures(root: Path, counts: dict[str, int]) -> str:
    for place, count in counts.items():
        (root / place).mkdir(parents=True)
        for i in range(count):
            (root / place / f"{i}.png").write_bytes(png(i))
    return f"folder:{root}"


def table(path: Path, metadata: dict[str, Any] | None = None, **columns: list[Any]) -> str:
    made = pa.table(columns)
    if metadata is not None:
        made = made.replace_schema_metadata({"about": json.dumps(metadata)})
    pq.write_table(made, path)
    return f"parquet:{path}"


def test_a_folder_a_class(tmp_path: Path) -> None:
    spec = pictures(tmp_path / "pets", {"cat": 10, "dog": 15, ".hidden": 3})
    (tmp_path / "pets" / "cat" / "notes.txt").write_text("not an image")
    (tmp_path / "pets" / "cat" / "._0.png").write_bytes(b"a note of another system")
    data = load(spec)
    assert (data.name, data.classes, len(data)) == ("pets", ("cat", "dog"), 25)
    assert [len(data.rows(s)) for s in ("train", "val", "test")] == [15, 5, 5]
    before = data.fingerprint
    (tmp_path / "pets" / "dog" / "0.png").write_bytes(png(200, (6, 6)))
    assert load(spec).fingerprint != before


def test_folders_that_are_split_already(tmp_path: Path) -> None:
    counts = {"train/a": 3, "train/b": 2, "valid/a": 1, "test/a": 1, "test/b": 1}
    data = load(pictures(tmp_path, counts))
    assert [len(data.rows(s)) for s in ("train", "val", "test")] == [5, 1, 2]
    assert data.classes == ("a", "b")


def test_splits_are_known_in_any_case(tmp_path: Path) -> None:
    counts = {"Train/a": 3, "Train/b": 2, "TEST/a": 1, "TEST/b": 1}
    spec = pictures(tmp_path / "split", counts)
    assert [len(load(spec).rows(s)) for s in ("train", "val", "test")] == [5, 0, 2]
    learned = photos.folder(str(tmp_path / "split"))
    assert (len(learned), learned.classes) == (5, ("a", "b"))
    columns = {"image": [png(i) for i in range(4)], "label": [0, 1, 0, 1]}
    spec = table(tmp_path / "x.parquet", **columns, split=["Train", "TRAIN", "Test", "test"])
    assert [len(load(spec).rows(s)) for s in ("train", "test")] == [2, 2]
    assert len(photos.parquet(str(tmp_path / "x.parquet"))) == 2


def test_datasets_of_one_name_can_be_named(tmp_path: Path) -> None:
    specs = [pictures(tmp_path / place / "images", {"a": 5, "b=1": 5}) for place in ("one", "k=2")]
    assert [load(spec).name for spec in specs] == ["images", "images"]
    with pytest.raises(UsageError, match="images is given twice: name them, NAME=DATA"):
        grouped([load(spec) for spec in specs])
    named = grouped([load(f"left={specs[0]}"), load(f"right-2={specs[1]}")], {"left": "natural"})
    assert [(data.name, data.group, len(data)) for data in named] == [
        ("left", "natural", 10),
        ("right-2", "", 10),
    ]


def test_of_train_and_val_alone_val_is_the_test_split(tmp_path: Path) -> None:
    data = load(pictures(tmp_path, {"train/a": 3, "train/b": 2, "val/a": 1, "val/b": 1}))
    assert data.classes == ("a", "b")
    assert [len(data.rows(s)) for s in ("train", "val", "test")] == [5, 0, 2]


def test_a_class_may_be_called_test(tmp_path: Path) -> None:
    data = load(pictures(tmp_path, {"test": 5, "stamp": 5}))
    assert data.classes == ("stamp", "test")


def test_parquet_with_metadata(tmp_path: Path) -> None:
    spec = table(
        tmp_path / "x.parquet",
        {"name": "scans", "group": "specialised", "classes": ["ill", "well"]},
        image=[png(i) for i in range(4)],
        label=[0, 1, 1, 0],
        split=["train", "train", "test", "test"],
    )
    data = load(spec)
    assert (data.name, data.group, data.classes) == ("scans", "specialised", ("ill", "well"))
    assert data.labels.tolist() == [0, 1, 1, 0]


def test_parquet_as_hugging_face_writes_it(tmp_path: Path) -> None:
    spec = table(
        tmp_path / "plain.parquet",
        image=[{"bytes": png(i), "path": None} for i in range(20)],
        label=["b", "a"] * 10,
    )
    data = load(spec)
    assert (data.name, data.group, data.classes) == ("plain", "", ("a", "b"))
    assert data.labels.tolist()[:2] == [1, 0]
    assert len(data.rows("test")) == 4


def test_torchvision_reads_local_files(tmp_path: Path) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part, count in (("train", 12), ("t10k", 6)):
        pixels = np.arange(count * 28 * 28, dtype=np.uint8)
        labels = (np.arange(count) % 3).astype(np.uint8)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(
            struct.pack(">IIII", 0x803, count, 28, 28) + pixels.tobytes()
        )
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(
            struct.pack(">II", 0x801, count) + labels.tobytes()
        )
    data = load(f"torchvision:MNIST@{tmp_path}")
    assert (data.name, len(data.rows("train")), len(data.rows("test"))) == ("MNIST", 12, 6)
    assert data.classes == ("0", "1", "2")


def test_bad_folders(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a directory"):
        load(f"folder:{tmp_path / 'nothing'}")
    with pytest.raises(UsageError, match="holds no images in class folders"):
        load(f"folder:{tmp_path}")
    with pytest.raises(UsageError, match=r"needs at least two classes, got \['only'\]"):
        load(pictures(tmp_path, {"only": 5}))
    with pytest.raises(
        UsageError, match=r"has train/ alone: expected .* train/ and test/ \(or val/\)"
    ):
        load(pictures(tmp_path / "half", {"train/a": 3, "train/b": 2}))


def test_bad_parquet_files(tmp_path: Path) -> None:
    image, path = [png(1), png(2)], tmp_path / "x.parquet"
    both = {"image": image, "label": [0, 1], "split": ["train", "test"]}
    for columns, message in (
        (
            {"image": image},
            r"must have the columns image, label and split, it lacks label \(it has",
        ),
        ({"picture": image, "label": [0, 1]}, "it lacks image"),
        (both | {"split": ["train", "holdout"]}, "must hold train, val or test, got 'holdout'"),
        (both | {"split": ["train", "train"]}, "has no test images"),
        (both | {"label": [3, 3]}, "needs at least two classes"),
        (both, "training images of one class only"),
        (both | {"label": [0, None]}, "column label .* has no value in row 1"),
        (both | {"label": [[0], [1]]}, r"must hold numbers, texts .* row 0 holds \[0\]"),
        (both | {"label": [0.0, float("nan")]}, "row 1 holds nan"),
        (both | {"image": ["a.png", "b.png"]}, "must hold bytes, row 0 holds 'a.png'"),
        ({"image": [], "label": []}, "has no images"),
    ):
        with pytest.raises(UsageError, match=message):
            load(table(path, **columns))
    path.write_bytes(b"PAR1 torn")
    with pytest.raises(PhospheneError, match=r"cannot read .*x\.parquet"):
        load(f"parquet:{path}")
    with pytest.raises(UsageError, match="is not a file"):
        load(f"parquet:{tmp_path / 'absent'}")


def test_unknown_torchvision_sets() -> None:
    for name in ("Nothing", "utils", "VisionDatasets"):
        with pytest.raises(UsageError, match=f"torchvision has no dataset '{name}'"):
            load(f"torchvision:{name}")


def test_pictures_of_every_kind_become_rgb() -> None:
    deep = Image.fromarray(np.array([[1000, 3000], [2000, 5000]], np.uint16))
    assert np.asarray(decode(deep))[..., 0].tolist() == [[0, 128], [64, 255]]
    holes = Image.fromarray(np.array([[np.nan, 1.0], [3.0, np.inf]], np.float32))
    assert np.asarray(decode(holes))[..., 0].tolist() == [[0, 0], [255, 255]]
    assert np.asarray(decode(Image.fromarray(np.full((2, 2), np.nan, np.float32)))).max() == 0
    assert decode(np.zeros((3, 4), np.uint8)).mode == "RGB"
    assert decode(Image.new("RGBA", (2, 2))).mode == "RGB"
    with pytest.raises(PhospheneError, match=r"cannot decode scan\.png: "):
        decode(b"no image", "scan.png")


def test_the_middle_square_is_cut_out() -> None:
    wide = np.zeros((10, 30, 3), np.uint8)
    wide[:, 10:20] = 200
    assert np.asarray(square(Image.fromarray(wide), 10)).min() == 200
    assert square(Image.new("RGB", (3, 50)), 8).size == (8, 8)
