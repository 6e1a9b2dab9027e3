"""Requests as launches: every view once, the longest first, and bytes that draw the right pictures."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest

from opengl_programs import CORNERS, RINGS, module
from phosphene.engines.cuda.host import HostProgram
from phosphene.engines.cuda.plan import Packed, Plan, pack, plan, sizes_of, view_records
from phosphene.engines.cuda.records import TEXTURE_DTYPE, VIEW_DTYPE
from phosphene.uniforms import pack as pack_blocks
from phosphene.views import Latent, RenderRequest, View


def planned(program: list[int], seconds: list[float], carried: int = 2, streams: int = 3) -> Plan:
    served = np.array([s >= 0 for s in seconds])
    lasts = np.maximum(np.array(seconds), 0.0)
    return plan(np.array(program), served, lasts, np.zeros(len(seconds)), carried, streams)


@pytest.mark.parametrize("carried", [0, 1, 2, 4])
def test_every_served_view_is_drawn_once_by_its_program(carried: int) -> None:
    rng = np.random.default_rng(1)
    program = rng.integers(0, 9, 100).tolist()
    made = planned(program, [1, 5, 2, -1, 3, 3, 0.5, 8, -1], carried)
    drawn = []
    for p, first, count in zip(made.program, made.first, made.count, strict=True):
        rows = made.order[first : first + count]
        assert (np.array(program)[rows] == p).all()
        assert 1 <= count <= (carried or 100)
        drawn += rows.tolist()
    assert sorted(drawn) == [i for i, p in enumerate(program) if p not in (3, 8)]
    if carried == 0:
        assert len(made) == 7


def test_long_launches_go_first_and_have_streams_to_themselves() -> None:
    made = planned([0, 1, 2, 3, 4, 5, 6, 7], [1, 1, 90, 1, 1, 95, 1, 1], carried=1, streams=3)
    assert made.program[:2].tolist() == [5, 2]
    assert (np.diff(made.seconds) <= 0).all()
    alone = made.stream[:2].tolist()
    assert len(set(alone)) == 2
    assert set(made.stream[2:].tolist()) == {3 - sum(alone)}


def test_nothing_served_makes_no_launch() -> None:
    made = planned([0, 0, 1], [-1, -1])
    assert len(made) == 0
    assert len(made.order) == 0


def packed_request(carried: int) -> tuple[Plan, Packed, RenderRequest]:
    views = [View("ab"[i % 2], Latent(time=0.5 * i), canvas=(24, 16)) for i in range(7)]
    request = RenderRequest.of(views, 24, 16)
    made = plan(request.program, np.ones(2, bool), np.ones(2), np.ones(2), carried, 2)
    channels = np.zeros((7, 4), TEXTURE_DTYPE)
    frames = pack_blocks(request, sizes_of(channels, np.zeros((7, 4), bool)))
    records = view_records(frames, channels, np.arange(7))[made.order]
    streams = np.array([111, 222], np.uint64)
    return made, pack(made, records, streams, 4096, (24, 16), 1, carried, table=1 << 20), request


def test_packed_views_draw_each_picture_in_its_place() -> None:
    made, packed, request = packed_request(carried=2)
    programs = [HostProgram(module(code).spirv) for code in (CORNERS, RINGS)]
    drawn = np.zeros((7, 3, 16, 24), np.uint8)
    for row, p, count in zip(packed.launches, made.program, made.count, strict=True):
        assert (row["width"], row["height"], row["samples"], row["out"]) == (24, 16, 1, 4096)
        for view in row["view"][:count]:
            slot = int(view["slot"])
            alone = np.array([view], VIEW_DTYPE)
            alone["slot"] = 0
            drawn[slot] = programs[p].draw(alone, 24, 16)[0]
    expected = np.zeros_like(drawn)
    for i in range(7):
        part = request.take(np.array([i]))
        view = np.zeros(1, VIEW_DTYPE)
        view["frame"] = pack_blocks(part, np.zeros((1, 4, 3), np.float32))
        expected[i] = programs[request.program[i]].draw(view, 24, 16)[0]
    assert expected.std((1, 2, 3)).min() > 3
    assert (drawn == expected).all()


def test_a_configuration_is_what_cuda_h_says() -> None:
    class Config(ctypes.Structure):
        """CUlaunchConfig of cuda.h."""

        _fields_ = [
            *((f"grid{axis}", ctypes.c_uint) for axis in "XYZ"),
            *((f"block{axis}", ctypes.c_uint) for axis in "XYZ"),
            ("shared", ctypes.c_uint),
            ("stream", ctypes.c_void_p),
            ("attributes", ctypes.c_void_p),
            ("count", ctypes.c_uint),
        ]

    made, packed, _ = packed_request(carried=2)
    configs, parameters = packed.arguments()
    assert packed.configs.itemsize == ctypes.sizeof(Config)
    for i, address in enumerate(configs):
        config = Config.from_address(address)
        assert (config.gridX, config.gridY, config.gridZ) == (2, 2, made.count[i])
        assert (config.blockX, config.blockY, config.blockZ) == (128, 1, 1)
        assert config.stream == (111, 222)[made.stream[i]]
        assert (config.shared, config.attributes, config.count) == (0, None, 0)
        pointer = ctypes.c_void_p.from_address(parameters[i]).value
        assert pointer == packed.launches.ctypes.data + i * packed.launches.itemsize


def test_views_in_global_memory_are_found_by_address() -> None:
    made, packed, _ = packed_request(carried=0)
    addresses = (1 << 20) + made.first * VIEW_DTYPE.itemsize
    assert packed.launches["views"].tolist() == addresses.tolist()


def test_sizes_tell_bound_textures_from_unbound() -> None:
    channels = np.zeros((1, 4), TEXTURE_DTYPE)
    channels[0, 2] = (12345, 64, 32, 1, 0, 0)
    channels[0, 3] = (67890, 16, 16, 1, 0, 0)
    volumes = np.array([[True, False, False, True]])
    told = [[0, 0, 0], [0, 0, 0], [64, 32, 1], [16, 16, 16]]
    assert sizes_of(channels, volumes).tolist() == [told]
