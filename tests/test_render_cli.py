"""`phosphene vet` and `phosphene render`, from the command line's own functions."""

from __future__ import annotations

import argparse
import json
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import opengl_programs as small
from full_disks import full_disk
from phosphene.bank import Bank
from phosphene.cli import render, vet
from phosphene.errors import CompileError, PhospheneError, UsageError
from phosphene.program import Dialect, Program

ENGINE = ["--engine", "opengl"]


def _run(*arguments: object) -> int:
    """What `phosphene ARGUMENTS` does; errors are raised."""
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    for module in (vet, render):
        module.add_parser(commands)
    args = parser.parse_args([str(a) for a in arguments])
    return {"vet": vet, "render": render}[args.command].run(args)


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    path = tmp_path / "bank.db"
    with Bank.open(path, create=True) as opened:
        for text in (small.RINGS, small.CORNERS, small.BLACK):
            opened.add(Program.of(Dialect.SHADERTOY, text))
    return path


def _pixels(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def test_vet_prints_what_it_did_and_render_draws_the_bank(
    bank: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("vet", "--bank", bank, "--json", "--policy", "size=32", *ENGINE) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["statuses"] == {"accepted": 2, "rejected": 1}
    assert _run("vet", "--bank", bank, "--policy", "size=32", *ENGINE) == 0
    assert "3 judged before" in capsys.readouterr().out
    sheet = tmp_path / "sheet.png"
    two = ("--columns", 2)
    assert _run("render", "--bank", bank, "--sheet", "-o", sheet, "--size", 32, *two, *ENGINE) == 0
    assert _pixels(sheet).shape == (68, 68, 3)
    accepted = ("--status", "accepted", "--columns", 1)
    _run("render", "--bank", bank, "--sheet", "-o", sheet, "--size", "40x20", *accepted, *ENGINE)
    assert _pixels(sheet).shape == (44, 40, 3)


def test_a_file_is_drawn_at_the_size_asked_for(tmp_path: Path) -> None:
    file, picture = tmp_path / "corners.glsl", tmp_path / "corners.png"
    file.write_text(small.CORNERS)
    assert _run("render", file, "-o", picture, "--size", "48x24", *ENGINE) == 0
    pixels = _pixels(picture)
    assert pixels.shape == (24, 48, 3)
    assert pixels[0, -1, 1] > 245
    assert pixels[-1, 0, 1] < 10
    assert pixels[0, -1, 0] > 245


def test_an_archive_may_begin_with_what_is_no_program(tmp_path: Path) -> None:
    packed, out = tmp_path / "x.zip", tmp_path / "x.png"
    command = ("render", packed, "-o", out, "--size", 8, *ENGINE)
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("README.md", "# Notes")
    with pytest.raises(UsageError, match=r"x\.zip: no program in it"):
        _run(*command)
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("a.glsl", small.CORNERS)
    assert _run(*command) == 0
    assert out.exists()


def test_a_program_is_named_by_how_its_id_begins(bank: Path, tmp_path: Path) -> None:
    program = Program.of(Dialect.SHADERTOY, small.RINGS)
    early, late = tmp_path / "early.png", tmp_path / "late.png"
    common = ("--bank", bank, "--size", 24, "--supersample", 2, *ENGINE)
    _run("render", program.id[:8], "-o", early, "--time", 0, *common)
    _run("render", program.id[:8], "-o", late, "--time", 2, *common)
    assert np.abs(_pixels(early) - _pixels(late)).mean() > 5


def test_a_fault_points_at_the_authors_line(tmp_path: Path) -> None:
    file = tmp_path / "broken.glsl"
    file.write_text("void mainImage(out vec4 o, in vec2 p) {\n\n  o = vec4(nowhere);\n}\n")
    with pytest.raises(CompileError, match=r"image, line 3: .*nowhere"):
        _run("render", file, "-o", tmp_path / "x.png", *ENGINE)


def test_what_is_not_served_yet_is_said_and_not_what_the_compiler_says(tmp_path: Path) -> None:
    file = tmp_path / "trails.glsl"
    file.write_text(
        "uniform vec2 resolution; uniform sampler2D backbuffer;\n"
        "void main() { gl_FragColor = texture2D(backbuffer, gl_FragCoord.xy / resolution) * nowhere; }\n"
    )
    with pytest.raises(PhospheneError, match=r"trails.glsl is not served yet: feedback"):
        _run("render", file, "-o", tmp_path / "x.png", *ENGINE)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("render", "-o", "x.png"), "name a PROGRAM"),
        (("render", "--sheet", "-o", "x.png"), "`--sheet` needs `--bank FILE`"),
        (("render", "no-file", "-o", "x.png"), "no-file is no file; an id needs `--bank FILE`"),
        (("render", __file__, "-o", "x.png", "--size", "0"), "`--size` must be"),
        (("render", "--source", "noise", "-o", "x.png", "--limit", "0"), "`--limit` must be 1"),
        (("vet", "--bank", "b", "--policy", "times=1,1e39"), "`--policy times` must be within"),
        (("vet", "--bank", "b", "--policy", "size=x"), "must be a number"),
        (("vet", "--bank", "b", "--workers", "0"), "`--workers` must be 1 or more"),
        (("vet", "--bank", "b", "--timeout", "0"), "`--timeout` must be more than 0 s"),
        (("vet", "--bank", "b", "--engine", "vulkan"), "must be one of auto, opengl, cuda; got"),
    ],
)
def test_wrong_usage_is_explained(arguments: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        _run(*arguments)


def test_an_output_that_cannot_be_written_is_named(bank: Path, tmp_path: Path) -> None:
    program = Program.of(Dialect.SHADERTOY, small.RINGS).id
    common = ("--bank", bank, "--size", 8, *ENGINE)
    with pytest.raises(UsageError, match="must end in"):
        _run("render", program, "-o", tmp_path / "x.thing", *common)
    with pytest.raises(PhospheneError, match="cannot be written"):
        _run("render", program, "-o", tmp_path / "no" / "x.png", *common)


def test_what_a_file_held_stays_where_a_disk_is_full(tmp_path: Path) -> None:
    out, pipe = tmp_path / "out.png", tmp_path / "pipe.png"
    command = ("render", "--source", "noise", "--limit", 1, "--size", 64, "-o")
    assert _run(*command, out) == 0
    before = out.read_bytes()
    with full_disk(len(before) // 2), pytest.raises(PhospheneError, match="cannot be written"):
        _run(*command, out, "--seed", 1)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]
    (tmp_path / "link.png").symlink_to(out)
    assert _run(*command, tmp_path / "link.png", "--seed", 1) == 0
    assert (tmp_path / "link.png").is_symlink()
    assert out.read_bytes() != before
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert _run(*command, pipe) == 0
    assert os.read(reader, len(before) + 1) == before
    os.close(reader)


def test_a_sheet_of_an_empty_bank_and_a_time_that_is_none_are_refused(
    bank: Path, tmp_path: Path
) -> None:
    Bank.open(tmp_path / "empty.db", create=True).close()
    with pytest.raises(UsageError, match="holds no program"):
        _run("render", "--bank", tmp_path / "empty.db", "--sheet", "-o", tmp_path / "s.png")
    for time in ("nan", "inf", "1e+39", "1e+08"):
        with pytest.raises(UsageError, match=rf"`--time` must be within 3\.5e\+07 s.*{time[-2:]}"):
            _run("render", "--bank", bank, "--sheet", "--time", time, "-o", tmp_path / "s.png")
    assert not (tmp_path / "s.png").exists()


def test_a_sheet_has_columns(bank: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`--columns` must be 1 or more, got -1"):
        _run("render", "--bank", bank, "--sheet", "--columns", -1, "-o", tmp_path / "a.png")


def test_a_family_of_one_is_the_author(bank: Path, tmp_path: Path) -> None:
    with Bank.open(bank) as opened:
        program = Program.of(Dialect.SHADERTOY, small.RINGS).id
        assert program in opened.ids()
    out = tmp_path / "one.png"
    small_ones = ("--size", 16, *ENGINE, "-o", out)
    assert _run("render", program, "--bank", bank, "--families", "--count", 1, *small_ones) == 0
    assert out.stat().st_size > 0
