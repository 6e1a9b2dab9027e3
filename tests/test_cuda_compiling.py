"""NVRTC in worker processes: real cubins, refusals with reasons, limits of time and memory."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from cuda_programs import HUNGRY, target
from opengl_programs import CORNERS, RINGS, SLOPES, module
from phosphene.engines.cuda import nvrtc
from phosphene.engines.cuda.compiler import LOCAL_LIMIT, compile_all, key_of, serve, spirv_of
from phosphene.engines.cuda.plan import launch_dtype
from phosphene.engines.cuda.records import VIEW_DTYPE
from phosphene.engines.cuda.source import cuda_source
from phosphene.errors import EngineError
from test_cuda_emitter import BODIES, module_of

ELF = b"\x7fELF"


def test_programs_become_machine_code_with_their_registers() -> None:
    wanted = target()
    tasks = [(name, module(code).spirv) for name, code in (("c", CORNERS), ("s", SLOPES))]
    made = {c.key: c for c in compile_all(tasks, wanted, workers=2)}
    assert set(made) == {"c", "s"}
    for compiled in made.values():
        assert compiled.code.startswith(ELF)
        assert b"ph_render" in compiled.code
        assert compiled.reason == ""
        assert 8 < compiled.registers <= 255


@pytest.mark.parametrize("code", [CORNERS, RINGS, SLOPES])
def test_kernels_for_one_sample_have_no_loop_and_want_fewer_registers(code: str) -> None:
    plain, several = target(), replace(target(), sampled=True)
    spirv = module(code).spirv
    once, often = (serve(t)(("k", spirv)) for t in (plain, several))
    assert once.registers < often.registers
    assert len(once.code) < len(often.code)
    assert key_of(spirv, plain.salt()) != key_of(spirv, several.salt())


@pytest.mark.parametrize("views", [0, 1, 2, 4])
def test_a_launch_is_laid_out_as_the_kernel_reads_it(views: int) -> None:
    layout = launch_dtype(views)
    checks = [f"static_assert(sizeof(Launch) == {layout.itemsize});"]
    checks += [f"static_assert(sizeof(View) == {VIEW_DTYPE.itemsize});"]
    text = cuda_source(module(CORNERS).spirv) + "\n".join(checks)
    nvrtc.assemble(text, target(views).options())
    wrong = text.replace(f"== {layout.itemsize}", f"== {layout.itemsize + 8}")
    with pytest.raises(EngineError, match="static assertion failed"):
        nvrtc.assemble(wrong, target(views).options())


@pytest.mark.parametrize(
    ("body", "whole", "truth"),
    [
        ("o = vec4(p, 0.0, 1.0);", 0, 0),
        ("ivec2 i = ivec2(p); o = vec4(abs(i - 3), min(i, 5) & 6);", 1, 0),
        ("o = vec4(any(lessThan(p, vec2(9.0))));", 0, 1),
        ("uvec2 u = uvec2(p); o = vec4(equal(u, u.yx), u >> 1u);", 1, 1),
    ],
)
def test_only_vectors_that_a_program_has_have_functions(body: str, whole: int, truth: int) -> None:
    text = cuda_source(module(f"void mainImage(out vec4 o, in vec2 p) {{ {body} }}").spirv)
    assert f"#define PH_WHOLE_VECTORS {whole}\n" in text
    assert f"#define PH_BOOL_VECTORS {truth}\n" in text
    assert nvrtc.assemble(text, target().options()).code.startswith(ELF)


def test_only_functions_that_a_program_calls_are_read() -> None:
    text = cuda_source(module("void mainImage(out vec4 o, in vec2 p) { o = acos(p.xyxy); }").spirv)
    assert "PH_FLOAT1(acos," in text
    assert "PH_FLOAT1(asin," not in text, "it stands in the same line"


def test_large_programs_share_a_multiprocessor_with_more_blocks() -> None:
    def compiled(count: int) -> tuple[str, int]:
        """Of a program that needs as many registers: its text, and what it gets."""
        made = "".join(f"float v{n} = sin(p.x * {n}.5 + p.y);" for n in range(count))
        used = "".join(f"s = s * v{n} + v{count - 1 - n};" for n in range(count))
        body = f"{made} float s = p.x; {used} o = vec4(s);"
        text = cuda_source(module(f"void mainImage(out vec4 o, in vec2 p) {{ {body} }}").spirv)
        return text, nvrtc.assemble(text, target().options()).registers

    small, large = compiled(80), compiled(1500)
    assert "#define PH_LARGE 0\n" in small[0]
    assert "#define PH_LARGE 1\n" in large[0]
    assert 40 < small[1] <= 64, "eight blocks of 128 threads find room"
    assert large[1] <= 40, "twelve do"


def test_a_kernel_that_wants_much_local_memory_is_refused() -> None:
    compiled = serve(target())(("hungry", module(HUNGRY).spirv))
    assert compiled.code == b""
    assert compiled.local > LOCAL_LIMIT
    assert re.search(r"wants \d+ bytes of local memory a thread, more than 16384", compiled.reason)


@pytest.mark.parametrize(
    "name", ["tables of tables", "constant tables", "composites", "bits of vectors"]
)
def test_what_the_host_takes_is_compiled(name: str) -> None:
    (made,) = compile_all([(name, module_of(BODIES[name]))], target(), workers=1)
    assert made.reason == ""
    assert made.code.startswith(ELF)


def test_a_compiler_complaint_is_one_line() -> None:
    with pytest.raises(EngineError, match=r'NVRTC refused.*"nonsense" is undefined') as caught:
        nvrtc.assemble('extern "C" __global__ void f() { nonsense(); }', target().options())
    assert "\n" not in str(caught.value)


def test_what_the_emitter_cannot_read_is_refused_and_the_others_go_on() -> None:
    tasks = [("broken", b"\x03\x02\x23\x07" + bytes(16)), ("whole", module(RINGS).spirv)]
    made = {c.key: c for c in compile_all(tasks, target(), workers=1)}
    assert made["broken"].reason
    assert made["broken"].code == b""
    assert made["whole"].code.startswith(ELF)


def test_what_takes_too_long_is_refused() -> None:
    tasks = [("late", module(RINGS).spirv)]
    (made,) = compile_all(tasks, target(), workers=1, seconds=0.0)
    assert made.code == b""
    assert "cannot be compiled: no answer within 0 s" in made.reason


def test_a_key_names_module_architecture_and_options() -> None:
    spirv, wanted = module(CORNERS).spirv, target()
    key = key_of(spirv, wanted.salt())
    assert re.fullmatch("[0-9a-f]{32}", key)
    assert key == key_of(spirv, target().salt())
    assert key != key_of(module(RINGS).spirv, wanted.salt())
    assert key != key_of(spirv, target(views=1).salt())
    assert key != key_of(spirv, type(wanted)("sm_80", 2).salt())


def test_the_optimised_module_is_preferred() -> None:
    made = module(CORNERS)
    assert spirv_of(made) == made.spirv
    both = type(made)(made.program, made.spirv, made.channels, b"optimised", made.version)
    assert spirv_of(both) == b"optimised"
