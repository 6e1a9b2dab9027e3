"""Folders, files, archives and git repositories: what is in them is found, nothing stops them."""

import io
import os
import tarfile
import warnings
import zipfile
from pathlib import Path

import pytest

from phosphene.errors import SourceError, UsageError
from phosphene.program import Dialect
from phosphene.provenance import Basis
from phosphene.sources import Item, Reading, Source, open_source, read
from sources_made import git, image, sandbox, shadertoy, write


def everything(source: Source) -> dict[str, Reading]:
    return {item.key: read(item, source.context) for item in source.items(lambda key, mark: False)}


def reasons(source: Source) -> dict[str, str]:
    return {key: reading.reason for key, reading in everything(source).items()}


def codes(source: Source) -> dict[str, str]:
    return {
        key: reading.found[0].program.image.code
        for key, reading in everything(source).items()
        if reading.found
    }


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return write(
        tmp_path / "shaders",
        {
            "LICENSE": "MIT License\n\nPermission is hereby granted, free of charge, to any person",
            "b/one.txt": image(1),
            "a/two.frag": sandbox(2),
            "a/three.json": shadertoy("abc", image(3)),
            "notes.md": "# Notes\nnothing here\n",
        },
    )


def test_a_folder_gives_programs_by_content(files: Path) -> None:
    source = open_source(str(files))
    found = everything(source)
    assert source.size() == 5
    assert list(found) == sorted(found)
    programs = {key: r.found[0] for key, r in found.items() if r.found}
    assert {key: f.program.dialect for key, f in programs.items()} == {
        "a/three.json": Dialect.SHADERTOY,
        "a/two.frag": Dialect.GLSLSANDBOX,
        "b/one.txt": Dialect.SHADERTOY,
    }
    one, three = programs["b/one.txt"].provenance, programs["a/three.json"].provenance
    assert (one.origin, one.location, one.title) == ("shaders", "b/one.txt", "one")
    assert (one.licence, one.basis) == ("MIT", Basis.COLLECTION)
    assert "hereby granted" in one.statement
    assert (three.licence, three.basis) == ("CC-BY-NC-SA-3.0", Basis.SITE_DEFAULT)
    assert (three.author, three.title, three.year) == ("ada", "Title of abc", 2020)
    assert found["notes.md"].reason == "no program in it"


def test_a_dialect_that_is_given_overrides_what_is_found(files: Path) -> None:
    source = open_source(str(files), dialect=Dialect.ISF)
    assert {r.found[0].program.dialect for r in everything(source).values()} == {Dialect.ISF}


def test_bad_files_are_counted_with_their_reason(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "binary": b"\x00\x01\x02void mainImage",
            "broken.json": '{"ver": "0.1", "renderpass": [',
            "deep.json": '{"renderpass":' + "[" * 100_000,
            "empty": b"",
            "blank": b" \n\t\n",
            "large": b"void mainImage() {}" + b"\n// " * 12_500_000,
            "list.json": [1, "two", None],
            "nocode.json": {"renderpass": [{"type": "image"}, 7]},
            "absent.json": {"Error": "Shader not found"},
        },
    )
    os.symlink("binary", tmp_path / "link")
    os.mkfifo(tmp_path / "pipe")
    found = reasons(open_source(str(tmp_path)))
    assert found.pop("broken.json").startswith("invalid JSON: ")
    assert found.pop("deep.json").startswith("invalid JSON: ")
    assert found == {
        "binary": "binary",
        "blank": "empty",
        "empty": "empty",
        "large": "too large (limit 1 MB)",
        "list.json": "no program in it",
        "nocode.json": "no code in its passes",
        "absent.json": "the site answered: Shader not found",
        "link": "not a regular file",
        "pipe": "not a regular file",
    }


def test_folders_that_cannot_be_listed_are_counted_with_their_reason(tmp_path: Path) -> None:
    write(tmp_path, {"a/one.glsl": image(1), "z.glsl": image(2)})
    deep = ["b", *["x" * 250] * 17]  # a path that is too long for anyone, root as well
    where = os.open(tmp_path, os.O_RDONLY)
    for name in deep:
        os.mkdir(name, dir_fd=where)
        below = os.open(name, os.O_RDONLY, dir_fd=where)
        os.close(where)
        where = below
    os.close(where)
    source = open_source(str(tmp_path))
    found = reasons(source)
    assert source.size() == len(found) == 3
    (unlisted,) = found.keys() - {"a/one.glsl", "z.glsl"}
    assert unlisted.startswith("b/xxx")
    assert unlisted.endswith("x/")
    assert found[unlisted] == "cannot be read: File name too long"
    assert list(found) == sorted(found)


def test_odd_text_is_read_all_the_same(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "bom": b"\xef\xbb\xbf" + image(1).encode(),
            "crlf": image(2).replace("\n", "\r\n").encode(),
            "latin": b"// caf\xe9\n" + image(3).encode(),
            "wide": ("\ufeff" + image(4)).encode("utf-16-le"),
        },
    )
    os.mkdir(os.fsencode(tmp_path) + b"/\xff")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")) / "x").write_text(image(5))
    assert codes(open_source(str(tmp_path))) == {
        "bom": image(1),
        "crlf": image(2),
        "latin": "// caf\ufffd\n" + image(3),
        "wide": image(4),
        "\\xff/x": image(5),
    }


def test_a_million_braces_are_answered() -> None:
    item = Item("x", b"void mainImage(out vec4 o, in vec2 p) " + b"{" * 900_000)
    source = open_source(__file__)
    assert len(read(item, source.context).found) <= 1
    assert read(Item("y", b"{" * 900_000), source.context).found == ()


def test_only_what_changed_is_read_again(files: Path) -> None:
    marks = {i.key: i.fingerprint for i in open_source(str(files)).items(lambda k, m: False)}
    (files / "b/one.txt").write_text(image(10))
    again = open_source(str(files)).items(lambda key, mark: marks[key] == mark)
    assert [item.key for item in again] == ["b/one.txt"]


def test_a_single_file(files: Path) -> None:
    source = open_source(str(files / "b/one.txt"))
    assert codes(source) == {"one.txt": image(1)}
    assert source.size() == 1


def zipped(folder: Path, to: Path) -> Path:
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, f"top/{path.relative_to(folder)}")
    return to


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
def test_archives(files: Path, tmp_path: Path, kind: str) -> None:
    archive = tmp_path / f"pack.{kind}"
    if kind == "zip":
        zipped(files, archive)
    else:
        with tarfile.open(archive, f"w:{kind.partition('.')[2]}") as tar:
            tar.add(files, "top")
    nameless = archive.rename(tmp_path / "pack")  # found by content, not by name
    source = open_source(str(nameless))
    assert codes(source) == {
        "top/a/three.json": image(3),
        "top/a/two.frag": sandbox(2),
        "top/b/one.txt": image(1),
    }
    assert source.size() == 5
    (one,) = everything(source)["top/b/one.txt"].found
    assert (one.provenance.licence, one.provenance.basis) == ("MIT", Basis.COLLECTION)
    marks = {i.key: i.fingerprint for i in source.items(lambda k, m: False)}
    assert list(open_source(str(nameless)).items(lambda k, m: marks[k] == m)) == []


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"mine/a.glsl": image(1), "vendor/LICENSE": "MIT License"}, "unknown"),
        (
            {
                "LICENSE": "CC BY-NC-SA 4.0",
                "mine/a.glsl": image(1),
                "vendor/LICENSE": "MIT License",
            },
            "CC-BY-NC-SA-4.0",
        ),
        ({"top/a.glsl": image(1), "top/LICENSE": "MIT License"}, "MIT"),
        (
            {"a.glsl": image(1), "LICENSE": "MIT License", "LICENSE-SHADERS": "CC BY-NC-SA 4.0"},
            "CC-BY-NC-SA-4.0",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_part_of_an_archive_does_not_speak_for_the_whole(
    members: dict[str, str], expected: str, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in members.items():
                archive.writestr(name, text)
    else:
        with tarfile.open(path, "w") as tar:
            tar.add(write(tmp_path / "files", dict(members)), "")
    (found,) = [r.found[0] for r in everything(open_source(str(path))).values() if r.found]
    assert found.provenance.licence == expected


def test_the_paths_of_an_archive_do_no_harm(tmp_path: Path) -> None:
    names = ["../../escape.glsl", "/etc/absolute.glsl", "..\\win.glsl", "twice.glsl", "twice.glsl"]
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        warnings.simplefilter("ignore")  # that a name is there twice is the point
        for number, name in enumerate(names):
            archive.writestr(name, image(number))
    with tarfile.open(tmp_path / "a.tar", "w") as tar:
        for number, name in enumerate(names):
            info = tarfile.TarInfo(name)
            data = image(number).encode()
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("passwd")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        device = tarfile.TarInfo("zero")
        device.type = tarfile.CHRTYPE
        tar.addfile(device)
    before = sorted(tmp_path.iterdir())
    expected = ["escape.glsl", "etc/absolute.glsl", "win.glsl", "twice.glsl", "twice.glsl (2)"]
    for archive_path in (tmp_path / "a.zip", tmp_path / "a.tar"):
        assert codes(open_source(str(archive_path))) == {
            key: image(number) for number, key in enumerate(expected)
        }
    assert sorted(tmp_path.iterdir()) == before


def test_a_bomb_in_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", b" " * 30_000_000)
        archive.writestr("fine", image(1))
    data = bytearray((tmp_path / "a.zip").read_bytes())
    true_size = (30_000_000).to_bytes(4, "little")
    assert reasons(open_source(str(tmp_path / "a.zip"))) == {
        "bomb": "too large (limit 1 MB)",
        "fine": "",
    }
    (tmp_path / "lie.zip").write_bytes(data.replace(true_size, (9).to_bytes(4, "little")))
    found = reasons(open_source(str(tmp_path / "lie.zip")))
    assert found["bomb"].startswith("damaged in the archive: ")
    assert found["fine"] == ""


def test_damaged_archives_say_so(files: Path, tmp_path: Path) -> None:
    packed = zipped(files, tmp_path / "a.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(SourceError, match=r"the archive .*cut\.zip is damaged: .*again"):
        open_source(str(tmp_path / "cut.zip"))
    (tmp_path / "empty.tar.gz").write_bytes(b"")
    with pytest.raises(SourceError, match=r"empty\.tar\.gz is damaged"):
        open_source(str(tmp_path / "empty.tar.gz"))
    with tarfile.open(tmp_path / "short.tar.gz", "w:gz") as short:
        short.add(files, "files")
    (tmp_path / "short.tar.gz").write_bytes((tmp_path / "short.tar.gz").read_bytes()[:30])
    with pytest.raises(SourceError, match=r"short\.tar\.gz is damaged"):
        open_source(str(tmp_path / "short.tar.gz"))
    with tarfile.open(tmp_path / "told.tar", "w") as told:
        told.add(write(tmp_path / "long", {"README": "x" * 20_000}), "")
    for name, size in (("told.tar", 9_000), ("told.tar", 11_000)):
        (tmp_path / "cut.tar").write_bytes((tmp_path / name).read_bytes()[:size])
        with pytest.raises(SourceError, match=r"cut\.tar is damaged"):
            open_source(str(tmp_path / "cut.tar"))
    start = packed.index(b"two.frag") + 40
    (tmp_path / "bit.zip").write_bytes(packed[:start] + b"????????" + packed[start + 8 :])
    found = reasons(open_source(str(tmp_path / "bit.zip")))
    assert found["top/a/two.frag"].startswith("damaged in the archive: ")
    assert found["top/b/one.txt"] == ""


@pytest.fixture
def repository(files: Path, tmp_path: Path) -> tuple[Path, str]:
    """A bare repository with two commits, and the name of the first."""
    git(files, "init", "-q", "-b", "main")
    os.symlink("b/one.txt", files / "link")
    git(files, "add", "-A")
    git(files, "commit", "-q", "-m", "first")
    first = git(files, "rev-parse", "HEAD")
    write(files, {"b/one.txt": image(100), "new.glsl": image(4), "large": b"x" * 1_500_000})
    git(files, "add", "-A")
    git(files, "commit", "-q", "-m", "second")
    git(tmp_path, "clone", "-q", "--bare", str(files), "shaders.git")
    return tmp_path / "shaders.git", first


def test_a_bare_repository_at_its_newest_and_an_older_revision(
    repository: tuple[Path, str],
) -> None:
    bare, first = repository
    newest = open_source(str(bare))
    assert codes(newest) == {
        "a/three.json": image(3),
        "a/two.frag": sandbox(2),
        "b/one.txt": image(100),
        "new.glsl": image(4),
    }
    assert newest.size() == 7
    assert reasons(newest)["large"] == "too large (limit 1 MB)"
    older = open_source(f"{bare}@{first[:10]}")
    assert codes(older)["b/one.txt"] == image(1)
    assert "new.glsl" not in codes(older)
    assert codes(open_source(str(bare), revision="main~1")) == codes(older)
    assert older.key == newest.key
    marks = {i.key: i.fingerprint for i in older.items(lambda k, m: False)}
    changed = newest.items(lambda key, mark: marks.get(key) == mark)
    assert [item.key for item in changed] == ["b/one.txt", "large", "new.glsl"]
    (one,) = everything(newest)["b/one.txt"].found
    assert one.provenance.origin == "shaders"
    assert one.provenance.licence == "MIT"


def test_a_checkout_is_read_as_it_stands_or_at_a_revision(
    repository: tuple[Path, str], files: Path
) -> None:
    (files / "b/one.txt").write_text(image(200))
    assert codes(open_source(str(files)))["b/one.txt"] == image(200)
    assert codes(open_source(f"{files}@main"))["b/one.txt"] == image(100)
    assert not any(key.startswith(".git") for key in codes(open_source(str(files))))


def test_a_repository_that_lacks_an_object_goes_on(repository: tuple[Path, str]) -> None:
    bare, _ = repository
    name = git(bare, "rev-parse", "main:new.glsl")
    (bare / "objects" / name[:2] / name[2:]).unlink()
    found = reasons(open_source(str(bare)))
    assert found["new.glsl"] == "its object is missing from the repository"
    assert found["b/one.txt"] == ""


@pytest.mark.parametrize(
    ("url", "setting"), [("ssh://x/y", "core.sshCommand"), ("/x", "remote.origin.uploadpack")]
)
def test_a_repository_runs_nothing_to_fetch_what_it_lacks(
    repository: tuple[Path, str], tmp_path: Path, url: str, setting: str
) -> None:
    bare, _ = repository
    name = git(bare, "rev-parse", "main:new.glsl")
    (bare / "objects" / name[:2] / name[2:]).unlink()
    for key, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", url),
        ("protocol.allow", "always"),
        (setting, f"touch {tmp_path}/ran; false"),
    ):
        git(bare, "config", key, value)
    found = reasons(open_source(str(bare)))
    assert found["new.glsl"] == "its object is missing from the repository"
    assert found["b/one.txt"] == ""
    assert not (tmp_path / "ran").exists()


def test_a_repository_that_the_environment_names_is_not_read_in_its_place(
    repository: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As inside a hook, where git itself takes GIT_DIR for more than the folder it is given."""
    bare, _ = repository
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    for name, value in (
        ("GIT_DIR", other / ".git"),
        ("GIT_WORK_TREE", other),
        ("GIT_INDEX_FILE", other / ".git/index"),
        ("GIT_OBJECT_DIRECTORY", other / ".git/objects"),
    ):
        monkeypatch.setenv(name, str(value))
    assert codes(open_source(str(bare)))["b/one.txt"] == image(100)


def test_wrong_sources_say_what_is_possible(files: Path, repository: tuple[Path, str]) -> None:
    bare, _ = repository
    with pytest.raises(SourceError, match=r"shaders\.git has no revision 'nowhere'; list them"):
        open_source(f"{bare}@nowhere")
    for name in ("/no/such", "", "@main"):
        with pytest.raises(
            UsageError, match=rf"must be starter, shadertoy:, or a folder.*got '{name}'"
        ):
            open_source(name)
    for name, option in (
        ("starter", {"revision": "main"}),
        ("starter", {"dialect": Dialect.ISF}),
        ("starter", {"origin": "mine"}),
        ("shadertoy:", {"revision": "main"}),
        ("shadertoy:", {"dialect": Dialect.ISF}),
    ):
        with pytest.raises(UsageError, match=f"`{next(iter(option))}` does not go with {name}"):
            open_source(name, **option)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="is no git repository, so it has no revision 'main'"):
        open_source(str(files / "a"), revision="main")


def test_the_starter_programs_state_author_and_licence() -> None:
    source = open_source("starter")
    found = everything(source)
    assert len(found) == source.size() > 0
    for key, reading in found.items():
        (one,) = reading.found
        assert one.program.dialect is Dialect.SHADERTOY, key
        assert (one.provenance.licence, one.provenance.basis) == ("CC0-1.0", Basis.STATED), key
        assert one.provenance.author, key
        assert one.provenance.title, key
