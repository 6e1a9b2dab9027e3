"""Every dialect through real glslang, and through Mesa where what counts is the picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import moderngl
import numpy as np
import pytest

from phosphene import glsl
from phosphene.errors import CompileError
from phosphene.program import Channel, ChannelKind, Dialect, Program, Tab
from phosphene.spirv import native
from phosphene.uniforms import pack
from phosphene.views import Camera, Latent, RenderRequest, View

SIZE = 16
Render = Callable[..., np.ndarray]


def compiles(program: Program) -> str:
    """The shader's text, which glslang accepts."""
    text = glsl.shader(program).text
    native.compile_glsl(text)
    return text


@pytest.fixture(scope="module")
def render() -> Iterator[Render]:
    """Draws a program by the driver: float32 [SIZE, SIZE, 4], row 0 at the bottom."""
    context = moderngl.create_standalone_context(require=430, backend="egl")
    target = context.framebuffer([context.texture((SIZE, SIZE), 4, dtype="f4")])

    def draw(program: Program, view: View | None = None) -> np.ndarray:
        request = RenderRequest.of([view or View("p", canvas=(SIZE, SIZE))], SIZE)
        block = pack(request, np.zeros((1, 4, 3), np.float32))
        vertex = "#version 330\nin vec2 at; void main() { gl_Position = vec4(at, 0.0, 1.0); }"
        linked = context.program(vertex, compiles(program))
        corners = context.buffer(np.array([-1, -1, 3, -1, -1, 3], "f4").tobytes())
        context.buffer(block.tobytes()).bind_to_uniform_block(0)
        target.use()
        target.clear(0.0, 0.0, 0.0, 0.0)
        context.simple_vertex_array(linked, corners, "at").render(moderngl.TRIANGLES, 3)
        return np.frombuffer(target.read(components=4, dtype="f4"), "f4").reshape(SIZE, SIZE, 4)

    yield draw
    context.release()


def shadertoy(body: str, before: str = "") -> Program:
    text = f"{before}\nvoid mainImage(out vec4 O, in vec2 U) {{ {body} }}"
    return Program.of(Dialect.SHADERTOY, text)


@pytest.mark.parametrize(
    "text",
    [
        "void mainImage(out vec4 o, vec2 u) { o = vec4(u, HW_PERFORMANCE, iGlobalTime); }",
        "#define M void mainImage(out vec4 o, vec2 u)\nM { o = vec4(u, 0, 1); }",
        "\ufeffvoid mainImage(out vec4 o, in vec2 u)\r\n{\r\n o = vec4(1); // \u00e9\r\n}",
        "void mainImage(out vec4 o, in vec2 u) { float a =\u00a01.; o = vec4(a); }",
        "#version 300 es\nprecision highp float;\n#extension GL_OES_x : enable\n"
        "void mainImage(out vec4 o, in vec2 u) { lowp float a = 1.; o = vec4(a); }",
        "uniform vec3 iResolution; uniform float iTime, gain; uniform sampler2D iChannel0, mine;\n"
        "void mainImage(out vec4 o, in vec2 u) { o = gain * texture(mine, u) + iTime; }",
        "float sample = 1., half = 2., buffer; vec3 filter(vec3 input) { return input * sample; }\n"
        "void mainImage(out vec4 o, in vec2 u) { float smooth = half, output = buffer;"
        " o.rgb = filter(vec3(smooth + output)); }",
        "float pow(float a, int n) { return a * float(n); } float min(vec2 v) { return v.x; }\n"
        "float noise2(vec2 p) { return p.x; } vec2 fma(float a) { return vec2(a); }\n"
        "void mainImage(out vec4 o, in vec2 u) { o = vec4(pow(2., 3) + min(u) + noise2(u) + fma(1.).x,"
        " min(1., 2.), 0, 1); }",
        "vec2 centre = iResolution.xy * .5; const float k = inverse(mat2(2.))[0][0];\n"
        "const float l = k * 2.; const float m = sqrt(4.); float a[int(m)];\n"
        "void mainImage(out vec4 o, in vec2 u) { a[0] = l; o = vec4(u - centre, a[0], 1); }",
        "#define LONG(x) \\\n  (x + \\\n  1.)\nvoid mainImage(out vec4 o, in vec2 u) { o = vec4(LONG(u.x)); };",
        "void mainImage(out vec4 o, in vec2 u) { gl_FragColor = texture2D(iChannel0, u);"
        " o = gl_FragColor + texture2DLodEXT(iChannel1, u, 0.) + gl_FragData[0]; }",
        "void main() { gl_FragColor = vec4(gl_FragCoord.xy / iResolution.xy, iTime, 1); }",
        "#define S(a) (0. a)\nvoid mainImage(out vec4 o, in vec2 u) { o = vec4(S() + S(+ u.x)); }",
        "#if __VERSION__ < 300\nbroken\n#endif\n#ifdef GL_ES\nprecision mediump float;\n#endif\n"
        "void mainImage(out vec4 o, in vec2 u) { o = vec4(0); }",
    ],
)
def test_quirks_of_shadertoy_compile(text: str) -> None:
    assert compiles(Program.of(Dialect.SHADERTOY, text))


def test_the_common_tab_comes_first_and_samplers_have_the_bound_type() -> None:
    channels = (Channel(ChannelKind.CUBEMAP), Channel(ChannelKind.VOLUME))
    body = "o = f() + texture(iChannel0, vec3(u, 1)) + texture(iChannel1, vec3(u, 0));"
    text = f"void mainImage(out vec4 o, in vec2 u) {{ {body} }}"
    whole = compiles(
        Program.of(Dialect.SHADERTOY, text, channels, common="vec4 f() { return vec4(1); }")
    )
    assert whole.index("vec4 f()") < whole.index("void mainImage")
    assert "samplerCube iChannel0" in whole
    assert "sampler3D iChannel1" in whole


def test_an_unset_output_starts_at_zero_and_alpha_is_one(render: Render) -> None:
    picture = render(shadertoy("O -= O; O += .25;"))
    assert np.allclose(picture, [0.25, 0.25, 0.25, 1.0])


def test_a_local_without_a_value_is_zero_in_every_turn_of_a_loop(render: Render) -> None:
    body = (
        "float s; for (int k; k < 8; k++) { float a, b = 1.; a += b; s += a / 16.; } O = vec4(s);"
    )
    assert np.allclose(render(shadertoy(body))[..., 0], 0.5)


def test_author_code_sees_canvas_coordinates_through_the_camera(render: Render) -> None:
    view = View("p", Latent(), (400.0, 200.0), Camera.crop((0.25, 0.5), 0.5, 1.0))
    program = shadertoy("O = vec4(U, gl_FragCoord.xy - U);")
    picture = render(program, view)
    assert np.allclose(picture[0, 0, :2], [200 / SIZE / 2, 200 / SIZE / 2])
    assert np.allclose(picture[-1, -1, :2], [200 - 200 / SIZE / 2, 200 - 200 / SIZE / 2])
    assert np.allclose(picture[..., 2], 0.0)


def test_glsl_sandbox_uniforms_and_varyings(render: Render) -> None:
    text = (
        "#ifdef GL_ES\nprecision mediump float;\n#endif\n#extension GL_OES_standard_derivatives : enable\n"
        "uniform float time; uniform vec2 mouse, resolution; varying vec2 surfacePosition;\n"
        "uniform sampler2D backbuffer;\n"
        "void main(void) { gl_FragColor = vec4(surfacePosition + .5, mouse.x, time / 10.); }"
    )
    program = Program.of(Dialect.GLSLSANDBOX, text)
    assert glsl.unserved(program) is None  # it declares the back buffer, but leaves it alone
    latent = Latent(time=5.0, mouse=(0.75, 0.0, 0.0, 0.0))
    picture = render(program, View("p", latent, (SIZE, SIZE)))
    middle = (np.arange(SIZE) + 0.5) / SIZE
    assert np.allclose(picture[0, :, 0], middle)
    assert np.allclose(picture[:, 0, 1], middle)
    assert np.allclose(picture[..., 2:], [0.75, 0.5])


def test_a_wrapped_shadertoy_program_keeps_its_own_names(render: Render) -> None:
    text = (
        "uniform float time; uniform vec2 resolution;\nfloat iTime = 0.; vec3 iResolution;\n"
        "void mainImage(out vec4 o, in vec2 u) { o = vec4(u / iResolution.xy, iTime, 1); }\n"
        "void main() { iTime = time * 2.; iResolution = vec3(resolution, 1.);"
        " mainImage(gl_FragColor, gl_FragCoord.xy); }"
    )
    picture = render(Program.of(Dialect.GLSLSANDBOX, text), View("p", Latent(0.25), (SIZE, SIZE)))
    assert np.allclose(picture[0, 0], [0.5 / SIZE, 0.5 / SIZE, 0.5, 1.0])


ISF = """/*{ "ISFVSN": "2", "DESCRIPTION": "a "quoted\tone,
  "INPUTS": [
    { "NAME": "level", "TYPE": "float", "DEFAULT": .25, "MIN": 0, "MAX": 1., },
    { "NAME": "half", "TYPE": "float", "MIN": 0.0, "MAX": 1.0 },
    { "NAME": "tint", "TYPE": "color", "DEFAULT": [0, 0.75, 0, 1] }
    { "NAME": "on", "TYPE": "bool", "DEFAULT": true },
    { "NAME": "steps", "TYPE": "long", "VALUES": [1, 2], "DEFAULT": 2 },
  ],
}*/
void main() {
  if (on) gl_FragColor = vec4(level, tint.g, isf_FragNormCoord.x, half * float(steps));
}""".replace('"a "quoted\tone', '"a \tone"')


def test_isf_inputs_have_their_defaults_despite_a_sloppy_header(render: Render) -> None:
    program = Program.of(Dialect.ISF, ISF)
    assert glsl.detect("// by somebody\n" + ISF) is Dialect.ISF
    picture = render(program)
    assert np.allclose(picture[0, 0], [0.25, 0.75, 0.5 / SIZE, 1.0])


def test_isf_pictures_that_are_imported_become_channels() -> None:
    header = '/*{"IMPORTED": {"grain": {"PATH": "noise.png"}}, "INPUTS": []}*/\n'
    text = "void main() { gl_FragColor = IMG_NORM_PIXEL(grain, isf_FragNormCoord) + IMG_THIS_PIXEL(grain); }"
    shader = glsl.shader(Program.of(Dialect.ISF, header + text))
    native.compile_glsl(shader.text)
    assert shader.channels[0] == Channel(ChannelKind.TEXTURE, "noise-rgba-256")


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        (Dialect.TWIGL_CLASSIC, "precision highp float; uniform vec2 resolution; uniform float time;\n"
         "void main() { gl_FragColor = vec4(gl_FragCoord.xy / resolution, time, 1); }"),
        (Dialect.TWIGL_CLASSIC_300ES, "#version 300 es\nprecision highp float; uniform vec2 resolution;"
         "uniform float time; out vec4 c;\nvoid main() { c = vec4(resolution, time, 1); }"),
        (Dialect.TWIGL_GEEK, "precision highp float; uniform vec2 r; uniform float t;\n"
         "void main() { gl_FragColor = vec4(gl_FragCoord.xy / r, t, 1); }"),
        (Dialect.TWIGL_GEEKER, "void main() { gl_FragColor = vec4(hsv(t, s, 1.), FC.x / r.x); }"),
        (Dialect.TWIGL_GEEKER, "void main(){vec2 p=(gl_FragCoord.xy*2.-r)/min(r.x,r.y)-m;"
         "for(int i=0;i<8;++i){p.xy=abs(p)/abs(dot(p,p))-vec2(.9+cos(t*.2)*.4);}gl_FragColor=vec4(p.xxy,1);}"),
        (Dialect.TWIGL_GEEKER_300ES, "void main() { o = vec4(gl_FragCoord.xy / r, fract(t), 1); }"),
        (Dialect.TWIGL_GEEKEST, "gl_FragColor = vec4(FC.xy / r, snoise2D(m), snoise4D(FC));"),
        (Dialect.TWIGL_GEEKEST_300ES, "vec2 p = (FC.xy * 2. - r) / r.y * rotate2D(t);\n#define N 9.\n"
         "for (float i; i++ < N;) o += vec4(fsnoise(p), snoise3D(rotate3D(t, vec3(1)) * p.xyy), i, f);"),
    ],
)  # fmt: skip
def test_twigl_modes_are_told_apart_and_compile(dialect: Dialect, text: str) -> None:
    compiles(Program.of(dialect, text))
    classic = dialect is Dialect.TWIGL_CLASSIC  # as GLSL Sandbox: nothing sets them apart
    assert glsl.detect(text) is (Dialect.GLSLSANDBOX if classic else dialect)


def test_a_variable_of_its_own_makes_no_twigl() -> None:
    text = "void main() { float d = 1., r = length(gl_FragCoord.xy); gl_FragColor = vec4(d / r); }"
    assert glsl.detect(text) is Dialect.GLSLSANDBOX


def test_geekest_in_an_hlsl_accent_multiplies_as_hlsl(render: Render) -> None:
    text = "vec3 q = .5; vec2 p = mul(mat2(1, 2, 3, 4), vec2(.1, .2)); q = 0.25; o = vec4(p, q.yz);"
    picture = render(Program.of(Dialect.TWIGL_GEEKEST_300ES, text + "o += FC * 0.;"))
    assert np.allclose(picture[0, 0], [0.5, 1.1, 0.25, 0.25])


def test_twigl_noise_varies_within_its_range(render: Render) -> None:
    text = "o = vec4(snoise2D(FC.xy / 3.), snoise3D(FC.xyx / 3.), snoise4D(FC.xyyx / 3.), 1);"
    picture = render(Program.of(Dialect.TWIGL_GEEKEST_300ES, text))[..., :3]
    assert (picture.std((0, 1)) > 0.1).all()
    assert (abs(picture) <= 1.3).all()
    assert (abs(picture.mean((0, 1))) < 0.2).all()


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (Program(Dialect.SHADERTOY, (Tab("buffer a", ""), Tab("image", "void mainImage() {}"))), "several passes"),
        (Program(Dialect.SHADERTOY, (Tab("sound", "vec2 mainSound(float t) {}"),)), "sound only"),
        (Program.of(Dialect.SHADERTOY, "", (Channel(ChannelKind.BUFFER),)), "feedback"),
        (Program.of(Dialect.GLSLSANDBOX, "uniform sampler2D bb; void main() { gl_FragColor = texture2D(bb, vec2(0)); }"), "feedback"),
        (Program.of(Dialect.TWIGL_GEEKEST, "gl_FragColor = texture2D(b, FC.xy / r);"), "feedback"),
        (Program.of(Dialect.ISF, '/*{"INPUTS": [{"NAME": "inputImage", "TYPE": "image"}]}*/'), "needs a picture"),
        (Program.of(Dialect.ISF, '/*{"INPUTS": [], "PASSES": [{"TARGET": "a"}, {}]}*/'), "several passes"),
        (Program.of(Dialect.ISF, '/*{"INPUTS": [], "PERSISTENT_BUFFERS": ["a"]}*/'), "feedback"),
    ],
)  # fmt: skip
def test_what_cannot_be_served_says_why(program: Program, reason: str) -> None:
    assert glsl.unserved(program) == reason


@pytest.mark.parametrize(
    "text", ["", "\0\x01\xff", "hello", "int x;", "{" * 5000, "float a;" * 5000]
)
def test_other_texts_have_no_dialect_and_no_shader(text: str) -> None:
    assert glsl.detect(text) is None
    for dialect in (Dialect.SHADERTOY, Dialect.GLSLSANDBOX, Dialect.ISF):
        with pytest.raises(CompileError, match="must"):
            glsl.shader(Program.of(dialect, text))


def test_a_text_without_end_is_refused() -> None:
    with pytest.raises(CompileError, match="2,000,000 characters"):
        glsl.shader(Program.of(Dialect.SHADERTOY, "a " * 1_000_000))
