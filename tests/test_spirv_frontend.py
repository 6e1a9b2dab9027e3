"""Programs to modules: errors at the author's line, limits, and the workers that compile."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import numpy as np
import pytest

from phosphene.errors import CompileError, MissingPieceError, UnservedError, WorkerError
from phosphene.program import Dialect, Program
from phosphene.spirv import FRONT_END_VERSION, compile_program, compile_text, limits, validate
from phosphene.spirv.compiler import Compiled, ModuleCompiler
from phosphene.spirv.frontend import explain
from phosphene.spirv.module import Module
from spirv_pictures import main, picture

GOOD = "void mainImage(out vec4 O, in vec2 U) { O = vec4(U / iResolution.xy, iTime, 1.); }"


def _shadertoy(code: str, common: str = "") -> Program:
    return Program.of(Dialect.SHADERTOY, code, common=common)


def test_a_program_becomes_a_module() -> None:
    program = _shadertoy(GOOD)
    module = compile_program(program, optimise=True)
    assert (module.program, module.version) == (program.id, FRONT_END_VERSION)
    assert len(module.optimised) > 20
    validate(module.spirv)
    validate(module.optimised)
    assert compile_program(program).optimised == b""
    pixels = picture(module.spirv, 4, time=0.25)
    assert np.allclose(pixels[0, :, 0], (np.arange(4) + 0.5) / 4)
    assert np.all(pixels[..., 2] == 0.25)


def test_unoptimised_and_optimised_draw_the_same() -> None:
    module = compile_program(_shadertoy(GOOD), optimise=True)
    assert np.array_equal(picture(module.spirv), picture(module.optimised))


def test_errors_point_at_the_authors_line() -> None:
    code = "\n\nvoid mainImage(out vec4 O, in vec2 U) {\n  O = vec4(1);\n  O.x = colour;\n}"
    with pytest.raises(
        CompileError, match=r"^image, line 5: 'colour': undeclared identifier$"
    ) as error:
        compile_program(_shadertoy(code))
    assert (error.value.tab, error.value.line) == ("image", 5)


def test_errors_point_at_the_common_tab() -> None:
    with pytest.raises(CompileError, match=r"^common, line 2:") as error:
        compile_program(
            _shadertoy(GOOD, common="float one() { return 1.; }\nfloat two() { retrn 2.; }")
        )
    assert (error.value.tab, error.value.line) == ("common", 2)


@pytest.mark.parametrize(
    "code",
    [
        "float f(float x) { return f(x - 1.); }",
        "float g(float x); float f(float x) { return g(x); } float g(float x) { return f(x); }",
    ],
)
def test_recursion_has_one_clear_reason(code: str) -> None:
    image = code + "void mainImage(out vec4 O, in vec2 U) { O = vec4(f(1.)); }"
    with pytest.raises(CompileError, match="GLSL has no recursion"):
        compile_program(_shadertoy(image))


@pytest.mark.parametrize(
    ("log", "message", "line"),
    [
        (
            "ERROR: 0:12: 'x' : undeclared identifier \nERROR: 1 error",
            "'x': undeclared identifier",
            2,
        ),
        ("WARNING: 0:1: '' : odd\nERROR: 0:11: '' : syntax error", "syntax error", 1),
        ("ERROR: Linking fragment stage: Missing entry point", "Linking fragment stage:", None),
        ("", "gave no reason", None),
        ("Segfault somewhere", "Segfault somewhere", None),
    ],
)
def test_logs_are_read(log: str, message: str, line: int | None) -> None:
    error = explain(log, lambda n: ("image", n - 10))
    assert message in str(error)
    assert error.line == line


def test_too_much_text_is_refused() -> None:
    with pytest.raises(UnservedError, match="1,000,001 characters; at most 1,000,000"):
        compile_program(_shadertoy("/" * (limits.MAX_TEXT + 1)))


def test_deep_nesting_is_refused_before_the_parser() -> None:
    deep = "(" * 400_000 + ")" * 400_000
    with pytest.raises(UnservedError, match="nested more than 500 deep"):
        compile_text(main(f"colour = vec4({deep});"))


def test_brackets_in_comments_and_side_by_side_are_no_nesting() -> None:
    smileys = "// " + ":( " * 2_000
    flat = "+ ".join(["sin(iTime)"] * 1_000)
    spirv = compile_text(main(f"{smileys}\ncolour = vec4({flat});"))
    validate(spirv)
    assert len(spirv) > 8 * 1_000, "the thousand sines are there"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "\0\1\2\x7fELF\xff",
        "\ud800",
        "void",
        "{" * 1_000_000,
        "}" * 900_000,
        "#define A A A\nA",
        "🦆",
    ],
    ids=["empty", "binary", "surrogate", "word", "braces", "closing", "macro", "emoji"],
)
def test_rubbish_is_one_clear_error(code: str) -> None:
    with pytest.raises((CompileError, UnservedError)) as error:
        compile_program(_shadertoy(code))
    assert 5 < len(str(error.value)) < 400
    assert "\n" not in str(error.value)


@pytest.fixture(scope="module")
def compiler() -> Iterator[ModuleCompiler]:
    with ModuleCompiler(workers=2, seconds=20) as made:
        yield made


def test_the_compiler_maps_programs_and_keeps_failures_apart(compiler: ModuleCompiler) -> None:
    good = [_shadertoy(GOOD.replace("1.", f"{i}.")) for i in range(30)]
    bad = _shadertoy("void mainImage(out vec4 O, in vec2 U) {\n O = nothing; }")
    results = {r.program: r for r in compiler.map([*good[:15], bad, *good[15:]])}
    assert set(results) == {p.id for p in [*good, bad]}
    for program in good:
        assert results[program.id] == Compiled(program.id, compile_program(program))
    error = results[bad.id].error
    assert isinstance(error, CompileError)
    assert error.line == 2


def test_the_compiler_takes_stored_text_too(compiler: ModuleCompiler) -> None:
    program = _shadertoy(GOOD)
    (result,) = compiler.map([("some id", program.to_json())])
    assert isinstance(result.module, Module)
    assert result.module.program == result.program == "some id"
    assert result.module.spirv == compile_program(program).spirv


def test_a_killed_worker_costs_one_program(compiler: ModuleCompiler) -> None:
    victim = compiler.workers[0].process.pid
    os.kill(victim, signal.SIGKILL)
    time.sleep(0.05)
    results = list(compiler.map([_shadertoy(GOOD.replace("1.", f"{i}.")) for i in range(20)]))
    failures = [r for r in results if r.error]
    assert len(results) == 20
    assert len(failures) <= 1
    assert all(isinstance(r.error, WorkerError) for r in failures)
    assert victim not in [w.process.pid for w in compiler.workers]


def test_text_that_never_ends_costs_its_time_only() -> None:
    laughs = "#define A0 x+x+x+x\n" + "\n".join(
        f"#define A{i} A{i - 1} + A{i - 1} + A{i - 1} + A{i - 1}" for i in range(1, 40)
    )
    endless = _shadertoy(
        f"{laughs}\nvoid mainImage(out vec4 O, in vec2 U) {{ float x; O = vec4(A39); }}"
    )
    with ModuleCompiler(workers=1, seconds=5) as compiler:
        results = {r.program: r for r in compiler.map([endless, _shadertoy(GOOD)])}
    assert isinstance(results[endless.id].error, WorkerError)
    assert results[_shadertoy(GOOD).id].module is not None


def test_workers_are_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phosphene.spirv.compiler.RECYCLE_AFTER", 5)
    programs = [_shadertoy(GOOD.replace("1.", f"{i}.")) for i in range(12)]
    with ModuleCompiler(workers=1) as compiler:
        first = compiler.workers[0].process.pid
        results = list(compiler.map(programs))
        assert compiler.workers[0].process.pid != first
    assert [r.error for r in results] == [None] * 12


def test_a_missing_compiler_is_known_before_any_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> dict[str, str]:
        raise MissingPieceError("g++", "type: sudo apt-get install g++")

    monkeypatch.setattr("phosphene.spirv.native.versions", missing)
    with pytest.raises(MissingPieceError, match="apt-get install"):
        ModuleCompiler(workers=1)
