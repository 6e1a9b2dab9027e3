"""What the README tells a reader to type works as it stands."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import pytest

from phosphene.cli.main import build_parser, main

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


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


def commands() -> list[str]:
    """The README's commands, without comments."""
    found = re.findall(r"^    phosphene (.*?)(?:\s+#.*)?$", README, re.M)
    return [line.strip() for line in found]


def test_the_commands_of_the_readme_are_understood() -> None:
    parser = build_parser()
    lines = commands()
    assert len(lines) >= 7
    for line in lines:
        parsed = parser.parse_args(line.split())
        assert parsed.command == line.split()[0]


def test_the_links_of_the_readme_lead_somewhere() -> None:
    root = Path(__file__).parents[1]
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert {"docs/cli.md", "RESULTS.md", "CONTRIBUTING.md", "docs/starter.jpg"} <= set(links)
    assert [link for link in links if not (root / link).exists()] == []
