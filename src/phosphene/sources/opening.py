"""Finds out what kind of source a user means."""

from __future__ import annotations

from pathlib import Path

from phosphene.errors import UsageError
from phosphene.program import Dialect
from phosphene.sources.archives import is_archive, looks_like_archive, open_archive
from phosphene.sources.folder import FileSource, FolderSource
from phosphene.sources.git import GitSource, is_bare, origin_of
from phosphene.sources.shadertoy_api import ShadertoyApi, ShadertoySource
from phosphene.sources.source import Source
from phosphene.sources.starter import StarterSource


def open_source(
    name: str,
    revision: str | None = None,
    dialect: Dialect | None = None,
    origin: str = "",
) -> Source:
    """The source that a user names.

    Args:
        name: "starter"; "shadertoy:", "shadertoy:WORDS" (a search) or "shadertoy:id=A,B"; a folder, a
            git checkout (its work tree) or bare repository (its newest commit), either also as
            "PATH@REVISION"; a zip or tar archive; or a single file.
        revision: the same as "@REVISION".
        dialect: what every text is; None: found by content.
        origin: the collection's name; empty: what it is called.

    Raises:
        UsageError: where nothing of the kind exists.
        SourceError: where it cannot be read.
    """
    if name == "starter":
        _not_for(name, revision=revision, dialect=dialect, origin=origin)
        return StarterSource()
    if name.startswith("shadertoy:"):
        _not_for(name, revision=revision, dialect=dialect)
        query = name.removeprefix("shadertoy:")
        return ShadertoySource(ShadertoyApi.from_environment(), query, origin)
    path, revision = _split(name, revision)
    if revision is not None or is_bare(path):
        if not (is_bare(path) or (path / ".git").exists()):
            raise UsageError(f"{path} is no git repository, so it has no revision {revision!r}")
        return GitSource(path, revision or "HEAD", dialect, origin)
    if path.is_dir():
        known_as = origin or (origin_of(path) if (path / ".git").exists() else "")
        return FolderSource(path, dialect, known_as)
    if is_archive(path) or looks_like_archive(path):
        return open_archive(path, dialect, origin)
    return FileSource(path, dialect, origin)


def _not_for(name: str, **given: object) -> None:
    """Raises UsageError where an option is given that a source has no use for."""
    for option, value in given.items():
        if value:
            raise UsageError(f"`{option}` does not go with {name}; leave it out")


def _split(name: str, revision: str | None) -> tuple[Path, str | None]:
    path = Path(name).expanduser()
    if name and path.exists():
        return path, revision
    before, _, after = name.rpartition("@")
    if before and after and revision is None and Path(before).expanduser().exists():
        return Path(before).expanduser(), after
    raise UsageError(
        f"`source` must be starter, shadertoy:, or a folder, file, archive or git repository that "
        f"exists; got {name!r}"
    )
