"""The pictures of the OpenGL engine, drawn by the software renderer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

import opengl_programs as small
from phosphene.engines import open_engine
from phosphene.engines.opengl import OpenGLEngine
from phosphene.engines.opengl.context import open_context
from phosphene.engines.opengl.programs import BYTES_BESIDE_CODE, BYTES_OF_CODE, Programs
from phosphene.errors import EngineError, UsageError
from phosphene.program import Channel, ChannelKind, Filter, Wrap
from phosphene.spirv import Module, compile_text
from phosphene.uniforms import glsl_block
from phosphene.views import Camera, Latent, RenderRequest, View

TEXTURE = Channel(ChannelKind.TEXTURE)


def _programs() -> dict[str, str | Module]:
    programs: dict[str, str | Module] = {
        name.lower(): getattr(small, name)
        for name in ("CORNERS", "RINGS", "SLOPES", "NOT_A_NUMBER", "BLACK")
    }
    programs["textured"] = small.module(small.TEXTURED, (TEXTURE,))
    programs["mirrored"] = small.module(
        small.TEXTURED.replace("p / iR", "3.0 * p / iR"),
        (replace(TEXTURE, wrap=Wrap.MIRROR, filter=Filter.NEAREST),),
    )
    programs["unbound"] = small.module(small.TEXTURED)
    cube = "void mainImage(out vec4 o, in vec2 p) { o = texture(iChannel0, vec3(p / 64.0, 0.5)); }"
    programs["cube"] = small.module(cube, (Channel(ChannelKind.CUBEMAP),))
    programs["volume"] = small.module(cube, (Channel(ChannelKind.VOLUME),))
    programs["size"] = small.module(
        "void mainImage(out vec4 o, in vec2 p) { o = vec4(iChannelResolution[0].xy / 2048.0, 0, 1); }",
        (TEXTURE,),
    )
    programs["holes"] = (
        "void mainImage(out vec4 o, in vec2 p) { if (p.x < 8.0) discard; o = vec4(1.0); }"
    )
    return programs


@pytest.fixture(scope="module")
def engine() -> Iterator[OpenGLEngine]:
    with small.engine_of(_programs(), workers=1) as opened:
        yield opened


def _draw(engine: OpenGLEngine, view: View, *size: int, supersample: int = 1) -> np.ndarray:
    batch = engine.render(RenderRequest.of([view], *size, supersample=supersample))
    assert not batch.refused
    return batch.pixels[0]


def test_info_tells_the_renderer_and_that_it_is_software(engine: OpenGLEngine) -> None:
    assert engine.info.name == "opengl"
    assert engine.info.software
    assert "llvmpipe" in engine.info.renderer


def test_row_0_is_the_top(engine: OpenGLEngine) -> None:
    picture = _draw(engine, View("corners", canvas=(48, 32)), 48, 32)
    assert picture.shape == (3, 32, 48)
    expected = (np.arange(48) + 0.5) / 48 * 255
    assert np.abs(picture[0, 0] - expected).max() <= 0.51
    assert np.abs(picture[1, :, 0] - (31.5 - np.arange(32)) / 32 * 255).max() <= 0.51
    assert (picture[2] == 64).all()


def test_a_crop_equals_the_same_region_of_a_larger_picture(engine: OpenGLEngine) -> None:
    whole = _draw(engine, View("rings", canvas=(128, 128)), 128)
    # Columns 32 … 95 and, from the top, rows 64 … 127: the lower half's middle.
    crop = Camera.crop(centre=(0.5, 0.25), width=0.5, height=0.5)
    part = _draw(engine, View("rings", canvas=(128, 128), camera=crop), 64)
    assert np.abs(part.astype(int) - whole[:, 64:, 32:96]).max() <= 1
    assert part.std() > 20


def test_cameras_flip_and_turn(engine: OpenGLEngine) -> None:
    plain = _draw(engine, View("corners", canvas=(64, 64)), 64)
    flipped = _draw(engine, View("corners", canvas=(64, 64), camera=Camera.crop(flip=True)), 64)
    turned = Camera.crop(angle=np.pi / 2)
    quarter = _draw(engine, View("corners", canvas=(64, 64), camera=turned), 64)
    assert np.abs(flipped.astype(int) - plain[:, :, ::-1]).max() <= 1
    # The window turns counter-clockwise, so the picture in it turns clockwise.
    assert np.abs(quarter.astype(int) - np.rot90(plain, -1, (1, 2))).max() <= 1


def test_supersampling_is_the_mean_of_shifted_pictures(engine: OpenGLEngine) -> None:
    n, size = 3, 40
    fine = _draw(engine, View("rings", canvas=(size, size)), size, supersample=n)
    total = np.zeros(fine.shape)
    for dy in range(n):
        for dx in range(n):
            shift = [((d + 0.5) / n - 0.5) / size for d in (dx, dy)]
            camera = Camera(x0=shift[0], y0=shift[1])
            total += _draw(engine, View("rings", canvas=(size, size), camera=camera), size)
    assert np.abs(fine - total / n**2).max() <= 1
    assert (
        np.abs(fine - _draw(engine, View("rings", canvas=(size, size)), size).astype(int)).max() > 8
    )


@pytest.mark.parametrize("supersample", [1, 2])
def test_derivatives_are_per_output_pixel(engine: OpenGLEngine, supersample: int) -> None:
    zoomed = Camera.crop(width=0.5, height=0.5)
    for camera, step in ((Camera(), 2.0), (zoomed, 1.0)):
        view = View("slopes", canvas=(64, 64), camera=camera)
        picture = _draw(engine, view, 32, supersample=supersample)
        assert np.abs(picture[2] - step * 0.25 * 255).max() <= 1


def _mixed_views() -> list[View]:
    cameras = [Camera(), Camera.crop((0.3, 0.6), 0.4, 0.3, 0.5), Camera.crop(flip=True)]
    names = ("rings", "slopes", "textured", "corners", "not_a_number")
    return [
        View(name, Latent(0.3 * i, channels=(i % 2, 0, 0, 0)), (96, 96), camera)
        for i in range(3)
        for name in names
        for camera in cameras
    ]


@pytest.mark.parametrize("supersample", [1, 2])
def test_bytes_do_not_depend_on_the_batch(engine: OpenGLEngine, supersample: int) -> None:
    views = _mixed_views()
    whole = engine.render(RenderRequest.of(views, 33, 21, supersample)).pixels
    order = np.random.default_rng(0).permutation(len(views))
    for size in (7, 32):
        for start in range(0, len(views), size):
            rows = order[start : start + size]
            request = RenderRequest.of([views[i] for i in rows], 33, 21, supersample)
            assert np.array_equal(engine.render(request).pixels, whole[rows])


def test_bytes_do_not_depend_on_the_number_of_workers(engine: OpenGLEngine) -> None:
    request = RenderRequest.of(_mixed_views(), 33)
    with small.engine_of(_programs(), workers=3, optimise=False) as several:
        futures = [several.submit(request) for _ in range(3)]
        pictures = [future.result().pixels for future in futures]
        assert len(several.workers) == 3
    expected = engine.render(request).pixels
    assert all(np.array_equal(pixels, expected) for pixels in pictures)


def test_textures_are_not_black_and_vary(engine: OpenGLEngine) -> None:
    for name in ("textured", "mirrored", "cube", "volume"):
        plain = _draw(engine, View(name, canvas=(64, 64)), 64)
        other = _draw(engine, View(name, Latent(channels=(1, 0, 0, 0)), canvas=(64, 64)), 64)
        assert plain.std() > 8, name
        assert not np.array_equal(plain, other), name
    size = _draw(engine, View("size", canvas=(8, 8)), 8)
    assert size[0].min() > 0


def test_a_mirrored_texture_is_mirrored(engine: OpenGLEngine) -> None:
    picture = _draw(engine, View("mirrored", canvas=(96, 96)), 96).astype(int)
    first, second, third = picture[:, :, :32], picture[:, :, 32:64], picture[:, :, 64:]
    assert np.abs(first - second[:, :, ::-1]).mean() < 2
    assert np.abs(first - third).mean() < 2
    assert np.abs(first - second).mean() > 8


def test_nothing_bound_is_black_whatever_was_drawn_before(engine: OpenGLEngine) -> None:
    _draw(engine, View("textured"), 16)
    assert not _draw(engine, View("unbound"), 16).any()


def test_nan_is_counted_and_black(engine: OpenGLEngine) -> None:
    views = [View("not_a_number", canvas=(64, 64)), View("corners", canvas=(64, 64))]
    for supersample in (1, 2):
        batch = engine.render(RenderRequest.of(views, 64, supersample=supersample))
        assert batch.undefined is not None
        assert batch.undefined == pytest.approx([0.5, 0.0], abs=0.01)
        assert not batch.pixels[0, 0, :, :32].any()
        assert (batch.pixels[0, 0, :, 32:] == 255).all()


def test_functions_of_later_glsl_are_drawn() -> None:
    body = "c = vec4(bitCount(int(gl_FragCoord.x - ph_Tile.x)) * 85) / 255.0;"
    text = f"{glsl_block()}\nlayout(location = 0) out vec4 c;\nvoid main() {{ {body} }}\n"
    module = Module("bits", compile_text("#version 450\n" + text))
    with small.engine_of({"bits": module}, workers=1) as engine:
        row = _draw(engine, View("bits", canvas=(8, 8)), 8)[0, 0]
    assert row.tolist() == [0, 85, 85, 170, 85, 170, 170, 255]


def test_discarded_pixels_are_black(engine: OpenGLEngine) -> None:
    _draw(engine, View("corners", canvas=(16, 16)), 16)  # leaves colour in the atlas
    picture = _draw(engine, View("holes", canvas=(16, 16)), 16)
    assert not picture[:, :, :8].any()
    assert (picture[:, :, 8:] == 255).all()


def test_what_the_driver_refuses_is_named_and_the_rest_is_drawn() -> None:
    good = small.module(small.CORNERS)
    programs = {"good": good, "broken": Module("broken", b"\x03\x02\x23\x07 no module")}
    views = [View("good"), View("broken"), View("absent"), View("good", Latent(1.0))]
    with small.engine_of(programs, workers=1) as engine:
        for _ in range(2):
            batch = engine.render(RenderRequest.of(views, 16))
            assert set(batch.refused) == {"broken", "absent"}
            assert "module" in batch.refused["absent"]
            assert not batch.pixels[1:3].any()
            assert batch.pixels[0].any()
            assert batch.pixels[3].any()


def test_a_link_failure_carries_the_drivers_message(monkeypatch: pytest.MonkeyPatch) -> None:
    context = open_context(gpu=False)
    wrong = "#version 330\nout vec4 c;\nvoid main() { c = missing_name; }"
    monkeypatch.setattr("phosphene.engines.opengl.programs.fragment_text", lambda *_: wrong)
    programs = Programs(context, 4, 1 << 30, lambda name: None)
    with pytest.raises(EngineError, match="missing_name"):
        programs.get("p", small.module(small.CORNERS))
    context.release()


def test_compiled_programs_stay_within_their_bound() -> None:
    context = open_context(gpu=False)
    dropped: list[str] = []
    modules = {f"p{i}": small.module(small.variant(i)) for i in range(5)}
    by_count = Programs(context, 2, 1 << 30, dropped.append)
    for name, module in modules.items():
        assert by_count.get(name, module) is not None
        assert len(by_count) <= 2
    assert dropped == ["p0", "p1", "p2"]
    assert by_count.get("p0", None) is None
    assert by_count.get("p4", None) is not None
    size = BYTES_BESIDE_CODE + BYTES_OF_CODE * len(modules["p0"].spirv)
    by_memory = Programs(context, 100, int(2.5 * size), dropped.append)
    for name, module in modules.items():
        by_memory.get(name, module)
    assert len(by_memory) == 2
    context.release()


def test_an_engine_that_keeps_few_programs_draws_the_same() -> None:
    programs = {f"p{i}": small.variant(i) for i in range(7)}
    request = RenderRequest.of([View(p, Latent(t)) for t in (0.0, 1.0) for p in programs], 24)
    with (
        small.engine_of(programs, workers=2, programs=2, textures=4) as tight,
        small.engine_of(programs, workers=1) as wide,
    ):
        expected = wide.render(request).pixels
        for _ in range(3):
            batch = tight.render(request)
            assert not batch.refused
            assert np.array_equal(batch.pixels, expected)


def test_optimised_code_draws_the_same(engine: OpenGLEngine) -> None:
    names = ("rings", "slopes", "textured", "corners")
    request = RenderRequest.of([View(name, Latent(3.0), (64, 64)) for name in names], 64)
    with small.engine_of(_programs(), workers=1, optimise=True) as optimised:
        assert np.array_equal(optimised.render(request).pixels, engine.render(request).pixels)


def test_programs_drawn_much_move_to_workers_that_optimise(engine: OpenGLEngine) -> None:
    views = [View("rings", Latent(0.1 * i), (64, 64)) for i in range(24)]
    request = RenderRequest.of([*views, View("corners", canvas=(64, 64))], 96)
    expected = engine.render(request).pixels
    with small.engine_of(_programs(), workers=1) as fresh:
        for _ in range(200):
            assert np.array_equal(fresh.render(request).pixels, expected)
            if len(fresh.workers) == 2:
                break
        assert len(fresh.workers) == 2, "nothing was promoted"
        assert np.array_equal(fresh.render(request).pixels, expected)


def test_seconds_are_told_once_a_program_is_compiled(engine: OpenGLEngine) -> None:
    request = RenderRequest.of([View("rings"), View("rings", Latent(2.0))], 32)
    engine.render(request)
    assert 0 < engine.render(request).seconds["rings"] < 10


def test_an_empty_request_gives_an_empty_batch(engine: OpenGLEngine) -> None:
    assert engine.render(RenderRequest.of([], 16)).pixels.shape == (0, 3, 16, 16)


def test_a_gpu_that_is_not_there_is_an_error_not_a_slow_run() -> None:
    with pytest.raises(EngineError, match=r"asked for a GPU, but EGL offers only .*llvmpipe"):
        open_engine("opengl", dict, gpu=True)


def test_wrong_names_and_options_are_named() -> None:
    with pytest.raises(UsageError, match="`engine` must be one of auto, opengl"):
        open_engine("vulkan", dict)
    with pytest.raises(UsageError, match="colour"):
        open_engine("fake", dict, colour=3)


def test_the_fake_engine_shows_program_time_and_camera() -> None:
    fake = open_engine("fake", dict, refuse=("c",))
    crop = Camera.crop(centre=(0.25, 0.75), width=0.5, height=0.5)
    views = [View("a"), View("b"), View("a", Latent(3.0)), View("a", camera=crop), View("c")]
    batch = fake.render(RenderRequest.of(views, 32))
    assert len({batch.pixels[i].tobytes() for i in range(5)}) == 5
    whole = fake.render(RenderRequest.of([View("a")], 64)).pixels[0]
    assert np.array_equal(batch.pixels[3], whole[:, :32, :32])
    assert set(batch.refused) == {"c"}
