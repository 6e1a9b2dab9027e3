"""A page is made from a run's records alone, and holds what they say."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from full_disks import full_disk
from phosphene.cli.main import main
from phosphene.errors import PhospheneError, UsageError
from phosphene.report import write_report
from phosphene.report.figures import filter_sheet, first_filters
from phosphene.runs import Run

SCORES = [
    {"model": model, "dataset": "digits", "probe": "knn", "accuracy": accuracy}
    | {"interval": {"low": accuracy - 0.05, "high": accuracy + 0.05}}
    for model, accuracy in (("random:<net>", 0.535), ("mine", 0.908))
]
GAIN = {"dataset": "digits", "probe": "knn", "model": "mine", "over": "random:<net>", "gain": 0.373}


@pytest.fixture
def run_directory(tmp_path: Path) -> Path:
    directory = tmp_path / "my-run"
    run = Run.create(directory, {"data": {"bank": "bank.db"}, "training": {"steps": 20}})
    run.append("engine", name="opengl", renderer="llvmpipe", version="4.5", software=True)
    run.append("started", step=0, programs=3, digest="abc123", hardware={"cpu": "x"}, versions={})
    for step, loss in ((10, 5.5), (20, 4.25)):
        run.append("metrics", step=step, loss=loss)
    interval = {"low": 0.318, "high": 0.429}
    run.append("evaluation", scores=SCORES, differences=[{**GAIN, "interval": interval}])
    run.close()
    (directory / "pictures").mkdir()
    Image.new("RGB", (4, 4), "teal").save(directory / "pictures" / "some-programs.png")
    weights = np.random.default_rng(0).normal(size=(8, 3, 3, 3)).astype(np.float32)
    step = directory / "checkpoints" / "step-00000020"
    step.mkdir(parents=True)
    save_file({"conv1.weight": weights}, step / "backbone.safetensors")
    return directory


def test_the_page_shows_what_was_recorded(run_directory: Path, tmp_path: Path) -> None:
    page = write_report(run_directory, tmp_path / "out" / "page.html").read_text()
    for words in ("53.5 [48.5, 58.5]", "90.8 [85.8, 95.8]", "+37.3 points", "20 steps"):
        assert words in page
    for words in ("some programs", "abc123", "llvmpipe", "bank: bank.db", "<svg"):
        assert words in page
    assert "random:&lt;net&gt;" in page, "names are text, not markup"
    pictures = re.findall(r"data:image/png;base64,([^\"]+)", page)
    sizes = [Image.open(io.BytesIO(base64.b64decode(p))).size for p in pictures]
    assert sizes == [(4, 4), (16 * 14, 14)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"bank": "x.db"}, ("20 steps without a real image.", "<th>programs</th><td>3, digest d")),
        (
            {"source": "folder:x"},
            ("20 steps on folder:x.", "<th>source</th><td>folder:x, digest d"),
        ),
    ],
)
def test_the_page_says_what_was_seen(
    tmp_path: Path, data: dict[str, str], said: tuple[str, str]
) -> None:
    with Run.create(tmp_path / "run", {"data": data}) as run:
        run.append("started", step=0, programs=3, digest="d", hardware={}, versions={})
        run.append("metrics", step=20, loss=4.25)
    page = write_report(tmp_path / "run", tmp_path / "page.html").read_text()
    assert all(words in page for words in said)
    assert ("without a real image" in page) == ("bank" in data)


def test_the_page_needs_no_other_file(run_directory: Path, tmp_path: Path) -> None:
    page = write_report(run_directory, tmp_path / "page.html").read_text()
    links = re.findall(r"(?:src|href)=\"(?!data:)([^\"#][^\"]*)\"", page)
    assert links == []


def test_a_page_stays_where_the_disk_is_full(run_directory: Path, tmp_path: Path) -> None:
    page = write_report(run_directory, tmp_path / "out" / "page.html")
    before = page.read_bytes()
    with full_disk(1000), pytest.raises(PhospheneError, match=r"cannot write .*page\.html: File"):
        write_report(run_directory, page)
    assert [path.read_bytes() for path in page.parent.iterdir()] == [before]


def test_a_run_that_has_only_begun_has_a_page_too(tmp_path: Path) -> None:
    Run.create(tmp_path / "new", {"training": {}}).close()
    page = write_report(tmp_path / "new", tmp_path / "page.html").read_text()
    assert "How to make it again" in page
    assert "How it learned" not in page


def test_the_command_names_what_is_no_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(tmp_path)]) == 2
    assert "is not a run: it has no config.yaml" in capsys.readouterr().err
    with pytest.raises(UsageError):
        write_report(tmp_path, tmp_path / "page.html")


def test_filters_are_stretched_each_for_itself() -> None:
    weights = np.zeros((2, 3, 2, 2), np.float32)
    weights[0, :, 0, 0], weights[1, :, 1, 1] = 1e-3, 50.0
    sheet = np.asarray(Image.open(io.BytesIO(filter_sheet(weights, columns=2, scale=1))))
    assert sheet[0, 0].tolist() == [255, 255, 255]
    assert sheet[1, 5].tolist() == [255, 255, 255]
    assert sheet[1, 1].tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="must have the shape"):
        filter_sheet(np.zeros((2, 1, 3, 3), np.float32))


def test_first_filters_are_those_that_see_colours() -> None:
    weights = {
        "head": np.ones((4, 3)),
        "later": np.ones((4, 8, 3, 3)),
        "stem": np.ones((4, 3, 3, 3)),
    }
    found = first_filters(weights)
    assert found is not None
    assert found.shape == (4, 3, 3, 3)
    assert first_filters({"head": np.ones((4, 3))}) is None
