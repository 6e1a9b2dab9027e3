"""Line numbers, cleaning, rewriting and the structure hash."""

from __future__ import annotations

import re

import pytest

from phosphene import glsl
from phosphene.glsl.declarations import Value, global_names, take_interface
from phosphene.glsl.isf_header import header
from phosphene.glsl.lexer import clean
from phosphene.glsl.rewrite import modernise
from phosphene.glsl.zeroing import zero_unset
from phosphene.program import Dialect, Program
from phosphene.spirv import native

ODD = (
    "#version 300 es\r\nprecision highp float;\r\n/* two\r\nlines */ uniform float time,\r\n gain;\r\n"
    "#define A(x) \\\r\n  x // more \\\r\n still comment\r\nfloat b;\r\n"
)


@pytest.mark.parametrize(
    "dialect", [Dialect.SHADERTOY, Dialect.GLSLSANDBOX, Dialect.TWIGL_CLASSIC, Dialect.ISF]
)
def test_an_error_leads_to_the_authors_own_line(dialect: Dialect) -> None:
    header_text = '/*{"INPUTS": []}*/\r\n' if dialect is Dialect.ISF else ""
    entry = (
        "void mainImage(out vec4 o, in vec2 u)" if dialect is Dialect.SHADERTOY else "void main()"
    )
    text = f"{header_text}{ODD}{entry} {{\r\n  float c = missing;\r\n}}\r\n"
    shader = glsl.shader(Program.of(dialect, text))
    with pytest.raises(native.KhronosError) as caught:
        native.compile_glsl(shader.text)
    found = re.search(r"0:(\d+): 'missing'", str(caught.value))
    assert found is not None
    tab, line = shader.locate(int(found.group(1)))
    assert tab == "image"
    assert "missing" in text.split("\r\n")[line - 1]


def test_an_error_in_the_common_tab_names_that_tab() -> None:
    image = "void mainImage(out vec4 o, in vec2 u) { o = vec4(f()); }"
    shader = glsl.shader(
        Program.of(Dialect.SHADERTOY, image, common="\n\nfloat f() { return nope; }")
    )
    line = next(i for i, text in enumerate(shader.text.split("\n"), 1) if "nope" in text)
    assert shader.locate(line) == ("common", 3)
    assert shader.locate(1) == ("common", 1)
    assert shader.locate(10_000) == ("image", 1)


def test_geekest_lines_are_kept_within_the_wrapper() -> None:
    shader = glsl.shader(
        Program.of(Dialect.TWIGL_GEEKEST_300ES, "\nvec2 p=FC.xy/r;\no=p.xyxx*nope;")
    )
    line = next(i for i, text in enumerate(shader.text.split("\n"), 1) if "nope" in text)
    assert shader.locate(line) == ("image", 3)


def test_every_step_keeps_the_number_of_lines() -> None:
    text = clean(ODD)
    assert text.count("\n") == ODD.count("\n")
    for step in (modernise, zero_unset):
        text = step(text)
        assert text.count("\n") == ODD.count("\n")
    taken, _ = take_interface(text, {"time": Value("float", "iTime")}, {})
    assert taken.count("\n") == ODD.count("\n")


def test_zeros_reach_variables_but_no_members_parameters_or_arrays() -> None:
    text = (
        "struct S { float a; vec2 b; };\nfloat f(\n  float a,\n  float b);\nfloat g, h = f(1., 2.), k[2];\n"
        "void m() { for (int i, j = 1; i < 3; i++) { vec3 v; } }\n"
    )
    zeroed = zero_unset(text)
    assert "struct S { float a; vec2 b; };" in zeroed
    assert "float f(\n  float a,\n  float b);" in zeroed
    assert "float g = float(0), h = f(1., 2.), k[2];" in zeroed
    assert "for (int i = int(0), j = 1;" in zeroed
    assert "vec3 v = vec3(0);" in zeroed


def test_names_step_aside_only_where_they_are_in_the_way() -> None:
    assert modernise("float sample = buffer;") == "float my_sample = my_buffer;"
    assert modernise("smooth in vec2 a;") == "smooth in vec2 a;"
    assert modernise("texture2D(s, u)") == "texture(s, u)"
    own = "vec4 texture2D(sampler2D s, vec2 u) { return texture(s, u); } texture2D(s, u)"
    assert "my_texture2D(s, u)" in modernise(own)
    assert modernise("uniform sampler2D texture; texture(texture, u)").endswith(
        "texture(my_texture, u)"
    )


def test_global_names_see_past_bodies() -> None:
    text = "#define q(a) x\nconst float a = f(1., z), b[2];\nvec3 c(vec3 d) { float e; }\nint[2] g;"
    assert global_names(clean(text)) == {"a", "b", "c", "g"}


def test_an_isf_header_is_found_behind_comments_only() -> None:
    assert header('// x\n/* y */\n/*{"CREDIT": "me", "INPUTS": [],}*/ void main() {}') is not None
    assert header('void main() {} /*{"INPUTS": []}*/') is None
    assert header("/*{ not json }*/") is None
    assert header('/*{"INPUTS": [' + "[" * 100_000 + "}*/") is None


def structure(text: str) -> str:
    return glsl.structure(Program.of(Dialect.SHADERTOY, text))


def test_structure_ignores_names_numbers_comments_and_layout() -> None:
    text = "float wave(vec2 p) { return sin(p.x * 3.0) + .5; } // wobble"
    assert structure(text) == structure("float h(vec2 qq){return/**/sin(qq.y*10.)+0.25;}")
    assert structure(text) != structure(text.replace("sin", "cos"))
    assert structure(text) != structure(text.replace("*", "+"))
    assert structure(text) != structure(text.replace("vec2", "vec3"))
    assert structure("float x = tanh(1.);") != structure("float x = sinh(1.);")
    assert structure("bool x = true;") != structure("bool x = false;")


def test_structure_takes_any_text() -> None:
    texts = ["", "\0", "\ud800", "\u00e9\u0663", "{" * 100_000]
    assert len({structure(text) for text in texts}) >= 3


@pytest.mark.parametrize(
    "text",
    [
        *("{" * 100_000, "(" * 100_000, "void f(){};" * 20_000, "\n" * 100_000, "/*" * 50_000),
        *("uniform " * 6_000, "float a\n" * 6_000, "const float a = " * 3_000),
        *("layout(" * 14_000, "vec3 a=(" * 12_000),
    ],
)
def test_hostile_texts_end_in_an_error_or_a_shader(text: str) -> None:
    """Quadratic time would take minutes here; the suite's own limit would tell."""
    for dialect in (Dialect.SHADERTOY, Dialect.GLSLSANDBOX, Dialect.TWIGL_GEEKEST_300ES):
        tail = "\n*/ void mainImage(out vec4 o, vec2 u) {} void main() { FC; o; r; time; }"
        shader = glsl.shader(Program.of(dialect, text + tail))
        assert shader.locate(10**6)[0] == "image"
        assert glsl.detect(text + tail) in (None, Dialect.GLSLSANDBOX)
