"""Compositions: parents linked into one module, against composites of the parents' own pictures."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import cuda_fakes
import phosphene
from opengl_programs import CORNERS, ENDLESS, NOT_A_NUMBER, RINGS, SLOPES
from phosphene.channels import PICTURE_SIZE, pack_pictures
from phosphene.engines.cuda import CudaEngine
from phosphene.engines.opengl import OpenGLEngine
from phosphene.errors import CompileError, UnservedError, UsageError
from phosphene.glsl.operators import OPERATORS
from phosphene.program import Channel, ChannelKind, Dialect, Program
from phosphene.spirv import Module, compile_program, readable, validate
from phosphene.spirv.binary import parse
from phosphene.spirv.instructions import Op, StorageClass
from phosphene.spirv.passes.fuel import FULL
from phosphene.spirv.passes.literals import number
from phosphene.views import Camera, Latent, RenderRequest, View

STARTERS = Path(phosphene.__file__).parent / "starter"
SIZE = 64
WHOLE = Camera()

GLOBALS = """struct Ball { vec3 at; float r[2]; };
float counter = 0.25;
vec3 table[3] = vec3[3](vec3(1, 0, 0), vec3(0, 1, 0), vec3(0, 0, 1));
Ball ball = Ball(vec3(0.5), float[2](0.1, 0.2));
void mainImage(out vec4 o, in vec2 p) {
    counter += 0.25;
    ball.r[int(p.x) % 2] += 0.1;
    o = vec4(table[int(p.y / 9.0) % 3] * counter, 1.0);
    if (ball.r[0] > 0.15) o.b += ball.at.x;
}"""
"""Globals that change while a pixel is drawn."""

TWIGL = "o=vec4(fract(FC.xy/r),.5+.5*sin(t),1);"

READER = """vec3 seen(sampler2D s, vec2 at) { return texture(s, at).rgb; }
void mainImage(out vec4 o, in vec2 p) {
    o = vec4(seen(iChannelN, p / iResolution.xy), 1.0);
    if (p.y < 9.0) o.rgb = iChannelResolution[N] / 1024.0;
}"""


def starter(name: str) -> Program:
    (path,) = STARTERS.glob(f"*/{name}.glsl")
    return Program.of(Dialect.SHADERTOY, path.read_text())


def text(code: str, *channels: Channel | None, dialect: Dialect = Dialect.SHADERTOY) -> Program:
    return Program.of(dialect, code, channels)


def middle(operator: str) -> dict[str, float]:
    """Every parameter well inside its range; the first of two lower than the second."""
    share = {"1": 0.3, "2": 0.7}
    spans = OPERATORS[operator].parameters.items()
    return {
        name: float(round(s.low + (s.high - s.low) * share.get(name[-1], 0.5), 3 * (not s.whole)))
        for name, s in spans
    }


class Studio:
    """Compiles and draws; keeps the modules."""

    def __init__(self) -> None:
        self.modules: dict[str, Module] = {}
        self.engine = OpenGLEngine(self._source, gpu=False, workers=1)

    def _source(self, ids: object) -> Mapping[str, Module]:
        return {i: self.modules[i] for i in ids if i in self.modules}  # type: ignore[attr-defined]

    def add(self, *programs: Program) -> tuple[str, ...]:
        for program in programs:
            if program.id not in self.modules:
                self.modules[program.id] = compile_program(program, parents=self.modules)
                validate(self.modules[program.id].spirv)
        return tuple(program.id for program in programs)

    def draw(
        self, *programs: Program, time: float = 2.0, camera: Camera = WHOLE, variant: int = 0
    ) -> list[npt.NDArray[np.float64]]:
        """0 … 1, [3, H, W], row 0 the top, a picture a program."""
        latent = Latent(time, channels=(variant,) * 4)
        views = [View(i, latent, (256.0, 256.0), camera) for i in self.add(*programs)]
        batch = self.engine.render(RenderRequest.of(views, SIZE))
        assert not batch.refused
        return [picture / 255.0 for picture in batch.pixels]


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    made = Studio()
    yield made
    made.engine.close()


def near(got: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64]) -> bool:
    """Whether no pixel is off by more than 1 of 255: the parents' pictures were rounded, too."""
    return bool(np.abs(got * 255.0 - np.rint(wanted * 255.0)).max() < 1.5)


def smoothstep(low: float, high: float, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def test_a_mask_shows_two_starters_parted_by_the_luminance_of_a_third(studio: Studio) -> None:
    parents = starter("cumulus-hours"), starter("tartan-twill"), starter("julia-petals")
    matte, a, b = studio.draw(*parents)
    ids = [p.id for p in parents]
    (got,) = studio.draw(Program.composed("mask", ids, {"level": 0.5, "soft": 0.5}))
    weight = smoothstep(0.0, 1.0, np.tensordot([0.2126, 0.7152, 0.0722], matte, 1))
    assert near(got, a + (b - a) * weight)
    assert not near(got, a)
    assert not near(got, b)


def test_layers_lie_on_each_other_in_their_shapes(studio: Studio) -> None:
    parents = starter("tartan-twill"), starter("cumulus-hours"), starter("julia-petals")
    under, first, second = studio.draw(*parents)
    values = {"shadow": 0.4, "kind1": 0.0, "kind2": 1.0, "turn1": 0.0, "turn2": 0.0}
    values |= {"x1": -0.1, "y1": 0.15, "size1": 0.3, "x2": 0.2, "y2": -0.1, "size2": 0.2}
    (got,) = studio.draw(Program.composed("layers", [p.id for p in parents], values))
    across = (np.arange(SIZE) + 0.5) / SIZE - 0.5
    x, y = across[None, :], -across[:, None]
    disc = np.hypot(x + 0.1, y - 0.15) - 0.3
    box = np.maximum(np.abs(x - 0.2) - 0.22, np.abs(y + 0.1) - 0.14)
    wanted = under
    for layer, far in ((first, disc), (second, box)):
        shaded = wanted * (1.0 - 0.4 * np.exp(-np.maximum(far, 0.0) * 20.0))
        wanted = layer + (shaded - layer) * smoothstep(-1.5 / 256, 1.5 / 256, far)
    assert near(got, wanted)


def test_blends_are_those_of_the_pictures(studio: Studio) -> None:
    parents = starter("tartan-twill"), starter("cumulus-hours")
    a, b = studio.draw(*parents)
    ids = [p.id for p in parents]
    screen, multiply = studio.draw(
        Program.composed("screen", ids, {"amount": 1.0}),
        Program.composed("multiply", ids, {"amount": 0.5}),
    )
    assert near(screen, 1.0 - (1.0 - a) * (1.0 - b))
    assert near(multiply, 0.5 * a + 0.5 * a * b)


def test_a_warp_by_nothing_is_its_parent_and_cameras_act_on_it(studio: Studio) -> None:
    pusher, seen = text(CORNERS), starter("tartan-twill")
    ids = [pusher.id, seen.id]
    studio.add(pusher, seen)
    still = Program.composed("warp", ids, {"amount": 0.0, "turn": 1.0})
    camera = Camera.crop((0.4, 0.6), 0.5, 0.5, angle=0.7, flip=True)
    wanted, got = studio.draw(seen, still, camera=camera)
    assert near(got, wanted)
    # CORNERS pushes by its own coordinates: the canvas is looked at from its middle, twice as near.
    zoom = Program.composed("warp", ids, {"amount": -0.5, "turn": 0.0})
    (got,) = studio.draw(zoom)
    (wanted,) = studio.draw(seen, camera=Camera.crop(width=0.5, height=0.5))
    assert np.abs(got - wanted).mean() < 0.02
    turned = studio.draw(zoom, camera=camera)[0]
    assert np.abs(turned - got).mean() > 0.05


def test_a_palette_looks_colours_up_along_a_line(studio: Studio) -> None:
    ramp = text("void mainImage(out vec4 o,in vec2 p){ o = vec4(vec3(p.y / 256.0), 1); }")
    studio.add(ramp, text(CORNERS))
    line = {"cycles": 1.0, "x1": 0.0, "y1": 0.25, "x2": 1.0, "y2": 0.75}
    (got,) = studio.draw(Program.composed("palette", [ramp.id, text(CORNERS).id], line))
    up = 1.0 - (np.arange(SIZE) + 0.5)[:, None] / SIZE + np.zeros((1, SIZE))
    assert np.abs(got[0] - up).max() < 0.01  # CORNERS' red is x: the line runs to the right
    assert np.abs(got[1] - (0.25 + 0.5 * up)).max() < 0.01


def test_parents_keep_their_globals_apart_and_their_dialects(studio: Studio) -> None:
    first = text(GLOBALS)
    second = text(GLOBALS.replace("counter += 0.25", "counter += 0.5"))
    third = text(TWIGL, dialect=Dialect.TWIGL_GEEKEST_300ES)
    a, b, c = studio.draw(first, second, third)
    one = Program.composed("screen", [first.id, second.id], {"amount": 1.0})
    two = Program.composed("multiply", [third.id, first.id], {"amount": 1.0})
    got = studio.draw(one, two)
    assert near(got[0], 1.0 - (1.0 - a) * (1.0 - b))
    assert near(got[1], c * a)


def test_derivatives_and_undefined_colours_are_a_parents_own(studio: Studio) -> None:
    slopes, nan = text(SLOPES), text(NOT_A_NUMBER)
    a, b = studio.draw(slopes, nan)
    (got,) = studio.draw(Program.composed("screen", [slopes.id, nan.id], {"amount": 1.0}))
    assert near(got, 1.0 - (1.0 - a) * (1.0 - b))
    assert (b[0, :, :20] == 0.0).all()


def test_compositions_of_every_operator_nest(studio: Studio) -> None:
    leaves = studio.add(text(CORNERS), text(RINGS), text(GLOBALS))
    for operator in OPERATORS.values():
        if operator.body:
            child = Program.composed(
                operator.name, leaves[: operator.parents], middle(operator.name)
            )
            grandchild = Program.composed("screen", [child.id, leaves[0]], {"amount": 0.5})
            a, b, got = studio.draw(child, text(CORNERS), grandchild)
            assert near(got, 0.5 * a + 0.5 * (1.0 - (1.0 - a) * (1.0 - b)))


def test_the_cuda_engine_shows_the_same(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaves = studio.add(text(CORNERS), text(RINGS), text(GLOBALS))
    children = [
        Program.composed(operator.name, leaves[: operator.parents], middle(operator.name))
        for operator in map(OPERATORS.__getitem__, ("warp", "palette", "layers"))
    ]
    wanted = studio.draw(*children)
    made = {c.id: compile_program(c, optimise=True, parents=studio.modules) for c in children}
    cuda_fakes.install(monkeypatch)  # kernels run on this machine's processor
    views = [View(c.id, Latent(2.0), (256.0, 256.0)) for c in children]
    with CudaEngine(lambda ids: {i: made[i] for i in ids}, cache=tmp_path) as engine:
        batch = engine.render(RenderRequest.of(views, SIZE))
    assert not batch.refused
    for got, want in zip(batch.pixels.numpy() / 255.0, wanted, strict=True):
        assert np.abs(got - want).mean() < 1.5 / 255.0


def test_all_parents_loops_draw_on_one_tank(studio: Studio) -> None:
    ids = studio.add(text(ENDLESS), text(ENDLESS.replace("1e-3", "2e-3")), text(RINGS))
    child = Program.composed("mask", ids, middle("mask"))
    studio.add(child)
    code = parse(studio.modules[child.id].spirv)
    definitions = code.definitions()
    tanks = [
        g
        for g in code.globals
        if g[0] == Op.VARIABLE
        and g[3] == StorageClass.PRIVATE
        and number(definitions, g[-1]) == FULL
    ]
    assert len(tanks) == 1
    stored = [i for f in code.functions for b in f.blocks for i in b.body if i[0] == Op.STORE]
    assert sum(i[1] == tanks[0][2] for i in stored) >= 4  # both loops of both parents


def test_equal_textures_are_shared_and_others_move(studio: Studio) -> None:
    noise = Channel(ChannelKind.TEXTURE, "noise-rgba-64")
    photos = [Channel(ChannelKind.TEXTURE, f"photo-{i}") for i in range(5)]
    first = text(READER.replace("N", "0"), photos[0])
    same = text(READER.replace("N", "2"), None, None, photos[0])
    other = text(READER.replace("N", "0"), noise)
    a, b, c = studio.draw(first, same, other)
    one = Program.composed("multiply", [first.id, same.id], {"amount": 1.0})
    two = Program.composed("multiply", [first.id, other.id], {"amount": 1.0})
    got = studio.draw(one, two)
    assert studio.modules[one.id].channels == (photos[0], None, None, None)
    assert studio.modules[two.id].channels == (photos[0], noise, None, None)
    assert near(got[0], a * b)
    assert near(got[1], a * c)  # sizes, too: 512 and 64 texels
    readers = studio.add(*(text(READER.replace("N", "0"), photo) for photo in photos))
    pairs = [Program.composed("screen", readers[i : i + 2], {"amount": 1.0}) for i in (0, 2)]
    four = Program.composed("screen", studio.add(*pairs), {"amount": 1.0})
    studio.add(four)
    five = Program.composed("screen", [four.id, readers[4]], {"amount": 1.0})
    with pytest.raises(UnservedError, match="more than 4 textures"):
        compile_program(five, parents=studio.modules)


def test_a_texture_is_the_picture_of_a_program(studio: Studio) -> None:
    reader = text(READER.replace("N", "1"), None, Channel(ChannelKind.TEXTURE, "photo-3"))
    child = Program.composed("texture", [reader.id, text(CORNERS).id], {"channel": 1.0})
    studio.add(reader)
    assert readable(studio.modules[reader.id]) == (1,)
    module = compile_program(child, parents=studio.modules)
    bound = module.channels[1]
    assert bound is not None
    assert bound.pictured == text(CORNERS).id
    frames = np.zeros((2, 3, PICTURE_SIZE, PICTURE_SIZE), np.uint8)
    frames[0, 0, :100], frames[1, 2] = 255, 255  # red at the top; then blue
    pictured = Channel(
        bound.kind, bound.content, bound.wrap, bound.filter, True, pack_pictures(frames)
    )
    studio.modules[child.id] = Module(child.id, module.spirv, (None, pictured))
    (first,) = studio.draw(child)
    (second,) = studio.draw(child, variant=1)
    assert first[:, 5, 30].tolist() == [1.0, 0.0, 0.0]
    assert first[:, 40, 30].tolist() == [0.0, 0.0, 0.0]
    assert second[:, 40, 30].tolist() == [0.0, 0.0, 1.0]
    assert np.allclose(first[:2, -1, 30], 0.25, atol=0.01)  # iChannelResolution is the picture's


def test_a_program_without_its_picture_is_refused_and_not_drawn_black(studio: Studio) -> None:
    reader = text(READER.replace("N", "0"), Channel(ChannelKind.TEXTURE, "photo-2"))
    studio.add(reader)
    child = Program.composed("texture", [reader.id, reader.id], {"channel": 0.0})
    (name,) = studio.add(child)
    batch = studio.engine.render(RenderRequest.of([View(name)], 8))
    assert "not made yet; vet the bank" in batch.refused[name]


def test_content_alone_makes_the_id(studio: Studio) -> None:
    one = Program.composed("screen", ["a" * 32, "b" * 32], {"amount": 0.5})
    assert Program.from_json(one.to_json()) == one
    assert Program.from_json(one.to_json()).id == one.id
    others = (
        Program.composed("screen", ["b" * 32, "a" * 32], {"amount": 0.5}),
        Program.composed("multiply", ["a" * 32, "b" * 32], {"amount": 0.5}),
        Program.composed("screen", ["a" * 32, "b" * 32], {"amount": 0.25}),
    )
    assert len({one.id, *(other.id for other in others)}) == 4
    ids = studio.add(text(CORNERS), text(RINGS))
    child = Program.composed("warp", ids, middle("warp"))
    made = [compile_program(child, parents=studio.modules).spirv for _ in range(2)]
    assert made[0] == made[1]


def test_what_does_not_suit_an_operator_is_refused(studio: Studio) -> None:
    ids = studio.add(text(CORNERS), text(RINGS))

    def attempt(name: str, parents: tuple[str, ...], values: dict[str, float]) -> Module:
        return compile_program(Program.composed(name, parents, values), parents=studio.modules)

    with pytest.raises(UsageError, match="`operator` must be one of warp"):
        attempt("melt", ids, {})
    with pytest.raises(UsageError, match="mask takes 3 parents, got 2"):
        attempt("mask", ids, middle("mask"))
    with pytest.raises(UsageError, match="parameters of screen must be amount"):
        attempt("screen", ids, {"strength": 1.0})
    with pytest.raises(UsageError, match="finite"):
        attempt("screen", ids, {"amount": math.nan})
    with pytest.raises(CompileError, match="its parent 0123 is not compiled"):
        attempt("screen", (ids[0], "0123"), {"amount": 1.0})
    with pytest.raises(UnservedError, match="no picture from iChannel3"):
        attempt("texture", ids, {"channel": 3.0})


def test_too_large_together_is_refused(studio: Studio) -> None:
    large = "float a[40000]; void mainImage(out vec4 o, in vec2 p) { a[int(p.x)] = p.y; o = vec4(a[{}]); }"
    ids = studio.add(text(large.replace("{}", "3")), text(large.replace("{}", "4")))
    with pytest.raises(UnservedError, match="bytes a pixel"):
        compile_program(Program.composed("screen", ids, {"amount": 1.0}), parents=studio.modules)


def test_words_of_names_are_padded_as_the_specification_says() -> None:
    from phosphene.spirv.linking import _text, _words

    for name in ("", "abc", "abcd", "iChannel3"):
        words = _words(name)
        assert struct.pack(f"<{len(words)}I", *words).endswith(b"\0")
        assert _text(words) == name
