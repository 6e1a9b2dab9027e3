"""The shim over glslang, SPIRV-Tools and SPIRV-Cross: built here, called here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phosphene.errors import MissingPieceError
from phosphene.spirv import native
from phosphene.spirv.binary import MalformedModuleError, parse, serialise
from phosphene.uniforms import BLOCK_NAME, UNIFORMS
from spirv_pictures import HEADER, main

SIMPLE = main("colour = vec4(iTime);")


def _python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **env}, capture_output=True, text=True
    )


def test_versions_name_all_three() -> None:
    versions = native.versions()
    assert set(versions) == {"glslang", "spirv-tools", "spirv-cross"}
    assert all(any(c.isdigit() for c in version) for version in versions.values())


def test_uniform_block_keeps_its_members() -> None:
    text = native.to_glsl(native.compile_glsl(SIMPLE))
    assert text.startswith("#version 330\n")
    assert f"layout(std140) uniform {BLOCK_NAME}" in text
    assert "binding" not in text
    for uniform in UNIFORMS:
        assert f"{uniform.glsl} {uniform.name}" in text


def test_samplers_come_out_plain() -> None:
    before = "layout(binding = 1) uniform sampler2D iChannel0;"
    text = native.to_glsl(
        native.compile_glsl(main("colour = texture(iChannel0, vec2(0));", before))
    )
    assert "\nuniform sampler2D iChannel0;" in text


def test_optimised_module_is_one_valid_function() -> None:
    before = "float f(float x) { if (x > 1.) return 2.; return x; }"
    spirv = native.compile_glsl(main("colour = vec4(f(iTime));", before))
    optimised = native.optimise(spirv)
    native.validate(optimised)
    assert len(parse(spirv).functions) == 2
    assert len(parse(optimised).functions) == 1
    assert "OpFunction" in native.disassemble(optimised)


def test_log_names_line_and_token() -> None:
    with pytest.raises(native.KhronosError, match=r"0:6: 'nothing' : undeclared"):
        native.compile_glsl(main("colour = nothing;"))


@pytest.mark.parametrize("spirv", [b"", b"\0" * 40, b"PNG garbage of some length....", b"\3\2#\7"])
def test_garbage_is_refused_by_every_call(spirv: bytes) -> None:
    for call in (native.optimise, native.validate, native.disassemble, native.to_glsl):
        with pytest.raises(native.KhronosError):
            call(spirv)
    with pytest.raises(MalformedModuleError):
        parse(spirv)


def test_truncated_module_is_refused() -> None:
    spirv = native.compile_glsl(SIMPLE)
    for length in (24, len(spirv) // 2, len(spirv) - 4):
        with pytest.raises(MalformedModuleError):
            parse(spirv[: length // 4 * 4])


def test_words_survive_the_round_trip() -> None:
    before = "float f(int n) { float s = 0.; for (int i = 0; i < n; i++) s += 1.; return s; }"
    spirv = native.compile_glsl(main("colour = vec4(f(int(iTime)));", before))
    assert serialise(parse(spirv)) == spirv


def test_long_sums_do_not_overflow_the_stack() -> None:
    spirv = native.compile_glsl(main("float x = 1.; colour = vec4(" + "x+" * 100_000 + "x);"))
    assert len(spirv) > 400_000


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "entry point"),
        (HEADER + "\0\1\2\x7fELF", "unexpected token|syntax error"),
        (HEADER + "void main() { " + "{" * 1_000_000 + "}" * 1_000_000 + " }", "exhausted"),
        ("void mai", "illegal use of type"),
    ],
    ids=["empty", "binary", "braces", "cut"],
)
def test_hostile_text_is_an_error(text: str, why: str) -> None:
    with pytest.raises(native.KhronosError, match=why):
        native.compile_glsl(text)


def test_missing_compiler_says_what_to_install(tmp_path: Path) -> None:
    code = "from phosphene.spirv import native; native.versions()"
    done = _python(code, PATH=str(tmp_path), XDG_CACHE_HOME=str(tmp_path))
    assert done.returncode == 1
    message = done.stderr.strip().splitlines()[-1]
    assert "a C++ compiler (g++) is missing" in message
    assert "apt-get install g++ glslang-dev spirv-tools libspirv-cross-c-shared-dev" in message


def test_broken_compiler_is_reported_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from phosphene.spirv import build

    fake = tmp_path / "bin" / "g++"
    fake.parent.mkdir()
    fake.write_text(
        "#!/bin/sh\necho 'fatal error: glslang/Public/ShaderLang.h: No such file' >&2\nexit 1\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(MissingPieceError, match=r"ShaderLang\.h"):
        build.library_path()
    assert list((tmp_path / "cache" / "phosphene").iterdir()) == []


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from phosphene.spirv import build

    monkeypatch.setattr(build, "_search_folders", lambda: [tmp_path])
    with pytest.raises(MissingPieceError, match="libglslang"):
        build.library_path()


def test_two_builds_at_once_leave_one_good_library(tmp_path: Path) -> None:
    code = (
        "from phosphene.spirv import native; from phosphene.spirv.build import library_path;"
        "native.versions(); print(library_path())"
    )
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    running = [
        subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    paths = {process.communicate()[0].strip() for process in running}
    assert [process.returncode for process in running] == [0, 0]
    assert paths == {str(path) for path in (tmp_path / "phosphene").iterdir()}
    assert len(paths) == 1


def test_cached_library_needs_no_compiler(tmp_path: Path) -> None:
    from phosphene.spirv import build

    cache = tmp_path / "phosphene"
    cache.mkdir()
    shutil.copy(build.library_path(), cache)
    done = _python(
        "from phosphene.spirv import native; print(native.versions()['glslang'])",
        PATH=str(tmp_path),
        XDG_CACHE_HOME=str(tmp_path),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == native.versions()["glslang"]


def test_unwritable_cache_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    done = _python(
        "from phosphene.spirv import native; native.versions()", XDG_CACHE_HOME=str(blocked)
    )
    assert "XDG_CACHE_HOME" in done.stderr.strip().splitlines()[-1]
