"""What the README tells a reader to type works as it stands."""

from __future__ import annotations

import re
import shlex
from importlib import resources
from pathlib import Path

import pytest

from phosphene.cli.main import build_parser, main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
GUIDE = (ROOT / "docs/training.md").read_text("utf-8")


def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    starter = resources.files("phosphene.starter").joinpath("tilings")
    assert main(["collect", str(starter), "--bank", "bank.db"]) == 0
    assert main(["vet", "--bank", "bank.db", "--engine", "opengl"]) == 0
    (example,) = (
        code for code in re.findall(r"```python\n(.*?)```", README, re.S) if "ph." in code
    )
    names: dict[str, object] = {}
    exec(compile(example.replace("batch_size=256", "batch_size=8"), "README.md", "exec"), names)
    batch = names["batch"]
    assert tuple(batch.views.shape) == (2, 8, 3, 64, 64)
    assert batch.views.float().std() > 10
    assert batch.programs.shape == (8,)


@pytest.mark.parametrize(("text", "least"), [(README, 7), (GUIDE, 4)], ids=["readme", "guide"])
def test_the_commands_that_a_reader_is_told_are_understood(text: str, least: int) -> None:
    parser = build_parser()
    lines = re.findall(r"^ {4,6}phosphene (.*)$", text.replace("\\\n", ""), re.M)
    assert len(lines) >= least
    for line in lines:
        words = shlex.split(line, comments=True)
        assert parser.parse_args(words).command == words[0]


def test_links_lead_somewhere() -> None:
    links = _links(README)
    assert {"docs/cli.md", "docs/training.md", "RESULTS.md", "CONTRIBUTING.md"} <= set(links)
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert "../RESULTS.md" in _links(GUIDE)
    assert [link for link in _links(GUIDE) if not (ROOT / "docs" / link).exists()] == []


def _links(text: str) -> list[str]:
    """Those that lead to files of ours."""
    return re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
