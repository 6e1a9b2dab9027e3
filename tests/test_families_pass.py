"""What the pass that lifts literals promises: which vary, which stay, and what is drawn."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest

import opengl_programs as small
from phosphene import seeds
from phosphene.engines.opengl import OpenGLEngine
from phosphene.program import Dialect, Program
from phosphene.sources.source import Context
from phosphene.sources.starter import StarterSource
from phosphene.spirv import Module, compile_program, native
from phosphene.spirv.binary import Code, MalformedModuleError, parse, serialise
from phosphene.spirv.instructions import Op
from phosphene.spirv.module import is_lifted, lifted_name, program_of
from phosphene.spirv.passes.lift import lift
from phosphene.spirv.passes.literals import is_exact
from phosphene.spirv.passes.loops import Numbers, loops, turns
from phosphene.uniforms import LITERAL_BLOCK_NAME
from phosphene.vetting import Policy
from phosphene.vetting.families import empty
from phosphene.views import (
    DEFAULT_STRENGTH,
    MAX_LITERALS,
    Latent,
    RenderRequest,
    View,
    deviations,
)

MEMBERS = 6


def module(body: str, before: str = "") -> bytes:
    text = (
        f"{before}\nvoid mainImage(out vec4 o, in vec2 p) {{ vec2 u = p / iResolution.xy; {body} }}"
    )
    return compile_program(Program.of(Dialect.SHADERTOY, text)).spirv


def literals(body: str, before: str = "") -> list[float]:
    """What varies in a program, to four digits, sorted."""
    lifted = lift(module(body, before))
    if lifted.literals:
        native.validate(lifted.spirv)
        native.validate(native.optimise(lifted.spirv))
    return sorted(round(value, 4) for value in lifted.literals)


def modules(texts: dict[str, str | Module]):
    """A source that lifts what is asked for under a lifted name."""

    def source(names):
        found = {}
        for name in names:
            text = texts[program_of(name)]
            made = text if isinstance(text, Module) else small.module(text)
            spirv = lift(made.spirv).spirv if is_lifted(name) else made.spirv
            found[name] = replace(made, program=name, spirv=spirv, optimised=b"")
        return found

    return source


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        *((v, True) for v in (0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, float("inf"), float("nan"))),
        *((v, True) for v in (3.14159265, 3.1415, -3.14, 6.2831, 6.28, 1.5708, 12.566, 9.42478)),
        *((v, False) for v in (3.0, 3.2, 6.0, 1.5, 0.25, 100.0, 43758.5453, 1e-3, 0.785, 31.0)),
    ],
)
def test_exact_numbers_stay(value: float, exact: bool) -> None:
    assert is_exact(value) is exact


def test_a_literal_is_one_parameter_wherever_it_stands() -> None:
    body = (
        "o = vec4(0.3, -0.3, 0.7, 1.0) * u.y + vec4(sin(u.x * 0.7), vec2(0.3), 0.0) + tint() * 9.0;"
    )
    assert literals(body, "vec4 tint() { return vec4(vec3(0.7), 0.11); }") == [0.11, 0.3, 0.7, 9.0]


def test_a_composite_shares_the_parameters_of_its_numbers() -> None:
    lifted = lift(module("o = vec4(0.3, 0.6, 0.3, 1.0) * u.x + 0.3 * u.y;"))
    assert lifted.literals == pytest.approx((0.3, 0.6))
    code = parse(lifted.spirv)
    body = [i for f in code.functions for b in f.blocks for i in b.body]
    (four,) = [g[1] for g in code.globals if g[0] == Op.TYPE_VECTOR and g[3] == 4]
    built = [i for i in body if i[0] == Op.COMPOSITE_CONSTRUCT and i[1] == four]
    assert any(i[3] == i[5] != i[4] for i in built), "the first and third number are one value"


def test_what_loops_hang_on_stays() -> None:
    body = """float s = 0.0;
    float w = 0.0, n = 11.0; int k = 0;
    for (float i = 0.25; i < 7.5; i += 0.75) w += sin(i * 0.13);
    while (s < n && k < 9) { s += 1.7; k++; }
    do { s *= 0.93; } while (s > 3.3);
    o = vec4(s * w * 0.21);"""
    # 7.5, 0.25 and 0.75 bound the first loop, n and what is added the second, 0.93 and 3.3 the third.
    assert literals(body) == [0.13, 0.21]


def test_a_bound_that_is_a_parameter_of_a_function_stays() -> None:
    before = """float sum(float x, float last) {
        float s = 0.0; for (float i = 0.0; i < last; i++) s += sin(i * x) * 0.17; return s; }"""
    assert literals("o = vec4(sum(u.x * 1.3, 13.0));", before) == [0.17, 1.3]


def test_a_ray_marcher_varies_though_its_loop_reads_the_scene() -> None:
    before = "float map(vec3 q) { return length(q) - 0.8 + 0.05 * sin(q.x * 7.0); }"
    body = """float t = 0.0, d = 1.0; vec3 ro = vec3(0.0, 0.0, -3.0);
    for (int i = 0; i < 40 && d > 0.002; i++) { d = map(ro + t * vec3(u, 1.6)); t += d * 0.9; }
    o = vec4(vec3(1.0 - t * 0.2), 1.0);"""
    assert set(literals(body, before)) >= {0.05, 0.2, 0.8, 1.6, 3.0, 7.0}
    assert 0.002 not in literals(body, before)


def test_equalities_tables_and_array_sizes_stay() -> None:
    body = """const float table[3] = float[3](0.31, 0.32, 0.33);
    float id = floor(u.x * 5.0); float many[7]; many[int(u.y * 6.5)] = 0.41;
    o = vec4(table[int(u.x * 2.9)], id == 3.0 ? 1.0 : 0.0, many[2], 1.0) + 3.0 * u.x;"""
    assert literals(body) == [0.41, 2.9, 5.0, 6.5]


def test_loops_turn_as_often_as_before() -> None:
    spirv = module(
        "float s = 0.0; for (float i = 0.0; i < 3.0; i += 0.5) for (int k = 0; k < 4; k++) s += 0.3 * i;"
        "o = vec4(s * 3.0 + 0.5 * u.x + 0.3);"
    )

    def counted(code: Code) -> list[int | None]:
        numbers = Numbers(code)
        return [turns(f, loop, numbers) for f in code.functions for loop in loops(f)]

    lifted = lift(spirv)
    assert lifted.literals == pytest.approx((0.3,))
    assert counted(parse(lifted.spirv)) == counted(parse(spirv)) == [4, 6]


def test_numbers_that_loops_read_from_variables_stay() -> None:
    spirv = module(
        "float s = 0.0, first = 3.7, by = 0.37; for (float i = first; i < 9.0; i += by) s += 0.3 * i;"
        "o = vec4(s * 0.11);"
    )
    assert lift(spirv).literals == pytest.approx((0.3, 0.11))


def test_only_so_many_vary_and_those_used_most() -> None:
    numbers = [f"{0.101 + 0.01 * i:.3f}" for i in range(MAX_LITERALS + 9)]
    body = "float s = " + " + ".join(f"sin(u.x * {n})" for n in numbers) + ";"
    used = " + ".join(f"cos(u.y * {numbers[-1]} + {n}.0 * u.x)" for n in (3, 3, 3))
    lifted = lift(module(f"{body} o = vec4(s + {used});"))
    assert len(lifted.literals) == MAX_LITERALS
    assert lifted.literals[0] == pytest.approx(float(numbers[-1]))
    assert all(float(n) not in np.round(lifted.literals, 3) for n in numbers[-6:-1])


def test_without_anything_to_vary_the_module_is_the_authors() -> None:
    spirv = module("o = vec4(u, 0.5, 1.0);")
    assert lift(spirv) == lift(lift(spirv).spirv)
    assert lift(spirv).spirv == spirv
    assert lift(spirv).literals == ()


def test_malformed_modules_are_refused() -> None:
    spirv = module("float s = 0.0; for (int i = 0; i < 3; i++) s += 0.3 * u.x; o = vec4(s);")
    with pytest.raises(MalformedModuleError, match="no SPIR-V"):
        lift(b"0123" * 9)
    with pytest.raises(MalformedModuleError, match=r"ends inside|no length"):
        lift(spirv[:-4])
    code = parse(spirv)
    code.globals = [g for g in code.globals if g[0] != Op.TYPE_FLOAT]
    with pytest.raises(MalformedModuleError, match="refers to what it lacks"):
        lift(serialise(code))
    words = list(struct.unpack(f"<{len(spirv) // 4}I", spirv))
    words[0] = 7
    with pytest.raises(MalformedModuleError):
        lift(struct.pack(f"<{len(words)}I", *words))


def starter_modules(step: int) -> dict[str, str | Module]:
    source = StarterSource()
    assert isinstance(source.context, Context)
    texts = [item.data.decode() for item in source.items(lambda key, mark: False)]
    return {f"{i:032x}": text for i, text in enumerate(texts) if i % step == 0}


def test_starter_programs_keep_their_pictures_and_become_families() -> None:
    texts = starter_modules(9)
    names = list(texts)
    with OpenGLEngine(modules(texts), gpu=False, workers=1, optimise=False) as engine:
        views = [View(n, Latent(2.5)) for n in (*names, *map(lifted_name, names))]
        batch = engine.render(RenderRequest.of(views, 32))
        assert not batch.refused
        author, lifted = batch.pixels.reshape(2, len(names), 3, 32, 32).astype(int)
        views = [View(lifted_name(n), Latent(2.5)) for n in names for _ in range(MEMBERS)]
        uniforms = seeds.uniforms(0, "starter", np.arange(len(views)), n=MAX_LITERALS)
        drawn = deviations(uniforms, np.array(DEFAULT_STRENGTH))
        members = engine.render(replace(RenderRequest.of(views, 32), literals=drawn)).pixels
    varied = members.reshape(len(names), MEMBERS, 3, 32, 32)
    # Drivers fold what only constants enter; a hash may then hit another last bit in a pixel.
    apart = np.abs(author - lifted).reshape(len(names), -1)
    assert (apart <= 1).mean() > 0.9999
    assert (apart.max(axis=1) <= 1).mean() > 0.9
    change = np.abs(author[:, None] - varied.astype(int)).mean(axis=(1, 2, 3, 4))
    assert np.median(change) > 8
    assert empty(members, Policy()) <= 0.03, "hardly any goes blank, though none was vetted"


def test_a_literal_is_multiplied_by_one_plus_its_deviation() -> None:
    text = "void mainImage(out vec4 o, in vec2 p) { o = vec4(0.35, 0.4 * iTime, 0.25, 1.0); }"
    lifted = lift(small.module(text).spirv)
    slot = {round(value, 2): i for i, value in enumerate(lifted.literals)}
    deviations = [0.0] * len(lifted.literals)
    deviations[slot[0.35]], deviations[slot[0.4]] = 0.5, -0.5
    latents = (Latent(1.0), Latent(1.0, literals=tuple(deviations)), Latent(1.0))
    with OpenGLEngine(modules({"a": text}), gpu=False, workers=1) as engine:
        views = [View(lifted_name("a"), latent) for latent in latents]
        colours = engine.render(RenderRequest.of(views, 16, supersample=2)).pixels[:, :, 4, 4]
        author = engine.render(RenderRequest.of([View("a", latents[1])], 16)).pixels[0, :, 4, 4]
    assert colours.tolist() == [[89, 102, 64], [134, 51, 64], [89, 102, 64]]
    assert author.tolist() == [89, 102, 64], "the author's module knows no deviations"
    assert LITERAL_BLOCK_NAME in native.to_glsl(lifted.spirv)
