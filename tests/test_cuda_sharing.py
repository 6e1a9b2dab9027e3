"""Loops in which all pixels compute the same: what is shared, what is not, and that pictures stay to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from cuda_programs import GLOW
from driver_pictures import driver_picture
from host_pictures import host_picture, request_for, spirv_of
from phosphene.engines.cuda.emitter import program, reader
from phosphene.engines.cuda.emitter.flow import Divergence, Flow
from phosphene.engines.cuda.emitter.sharing import ROOM, SharedLoop, shared_loops
from phosphene.errors import EngineError
from phosphene.spirv import optimise

POINT = "vec2 q = fract(sin(vec2(i, i + 0.5) * vec2(12.9, 78.2)) * 7.3) + 0.1 * cos(iTime + i);"
"""Some forty instructions that follow from `i` alone."""

GLOWS = "s += 0.002 / (dot(u - q, u - q) + 0.01);"
BODY = f"{{ {POINT} {GLOWS} }}"

LOOP = f"for (float i = 0.0; i < 30.0; i++) {BODY}"

# `u` runs over 0 … 1 in both axes; what comes out is `s`.
SHARED = {
    "a counter of floats that rounds": (f"for (float i = 0.0; i < 7.0; i += 0.1) {BODY}", 1),
    "a counter of whole numbers": (
        f"for (int k = 40; k > 3; k--) {{ float i = float(k); {POINT} {GLOWS} }}",
        1,
    ),
    "a number of turns by a uniform": (f"for (float i = 0.0; i < iTime * 9.0; i++) {BODY}", 1),
    "in a loop": (
        "for (float j = 0.0; j < 20.0; j++) { for (float k = 0.0; k < 19.0; k++) {"
        f" float i = k + sin(j); {POINT} {GLOWS} }} s *= 0.9; }}",
        1,
    ),
    "pixels that differ inside": (
        f"for (float i = 0.0; i < 30.0; i++) {{ {POINT} if (u.x > q.x) continue; {GLOWS} }}",
        1,
    ),
    "read in the next turn": (
        f"vec2 r = u; for (float i = 0.0; i < 30.0; i++) {{ {POINT} q += 0.1 * r; {GLOWS} r = q.yx; }}",
        1,
    ),
    "left by a number that all have": (
        f"for (float i = 0.0; i < 90.0; i++) {{ {POINT} {GLOWS} if (i > iTime * 9.0) break; }}",
        1,
    ),
    "left by a result": (
        f"for (float i = 0.0; i < 90.0; i++) {{ {POINT} {GLOWS} if (q.x > 0.99) break; }}",
        1,
    ),
    "two, one after the other": (
        f"for (float i = 0.0; i < 20.0; i++) {BODY} for (float i = 9.0; i < 40.0; i++) {BODY}",
        2,
    ),
}

NOT_SHARED = {
    "left when a pixel has enough": (
        f"for (float i = 0.0; i < 30.0; i++) {{ {POINT} {GLOWS} if (s > 0.5) break; }}"
    ),
    "for some pixels only": f"if (u.x > 0.5) {{ for (float i = 0.0; i < 30.0; i++) {BODY} }}",
    "behind a loop that was left apart": (
        "float n = 0.0; for (; n < 90.0; n++) if (u.x * n > 20.0) break;"
        f"for (float i = 0.0; i < n; i++) {BODY}"
    ),
    "from where a pixel says": f"for (float i = u.x; i < 30.0; i++) {BODY}",
    "some pixels have ended": f"if (u.x > 0.9) discard; for (float i = 0.0; i < 30.0; i++) {BODY}",
    "behind a return of some pixels": f"if (u.x > 0.5) {{ o = vec4(u, s, 1); return; }} {LOOP}",
    "behind a return of some pixels from a function": "s = f(u);",
    "behind a return in a loop": (
        f"for (float j = 0.0; j < 30.0; j++) {{ if (u.x * j > 20.0) {{ o = vec4(u, s, 1); return; }} }} {LOOP}"
    ),
    "behind a turn that some pixels skip": (
        f"for (float j = 0.0; j < 30.0; j++) {{ if (u.x > 0.5 + 0.3 * sin(j + iTime)) continue; {LOOP} }}"
    ),
    "left by pixels that did not skip the turn": (
        f"for (float i = 0.0; i < 90.0; i++) {{ {POINT} if (u.x > q.x) continue; {GLOWS} if (i > iTime * 9.0) break; }}"
    ),
    "in a case that some pixels leave": (
        f"switch (int(iTime)) {{ case 3: if (u.x > 0.5) break; {LOOP} break; default: s = u.y; }}"
    ),
    "if the loop before was left early": (
        "float j = 0.0; for (; j < 40.0; j++) { s += u.y * 0.01; if (u.x * j > 20.0 + s) break; }"
        f"if (j < 40.0) {{ {LOOP} }}"
    ),
    "with as many turns as another loop took": (
        "float a = 0.0, n = 0.0; for (; a < 9.0; a++) { n = a * iTime; if (u.x * a > 2.0) break; }"
        f"for (float i = 0.0; i < n; i++) {BODY}"
    ),
    "few turns": f"for (float i = 0.0; i < 4.0; i++) {BODY}",
    "little work": "for (float i = 0.0; i < 30.0; i++) s += 0.01 * length(u - i * 0.1);",
    "an array": (
        f"float a[30]; a[3] = u.x; for (int k = 0; k < 30; k++) {{ float i = float(k); {POINT} {GLOWS}"
        " a[k] = s; } s += a[int(u.y * 29.0)];"
    ),
}


def optimised(body: str) -> bytes:
    return optimise(
        spirv_of(
            f"float f(vec2 u) {{ float s = 0.0; if (u.x > 0.5) return u.y; {LOOP} return s; }}"
            "void mainImage(out vec4 o, in vec2 p) { vec2 u = p / iResolution.xy; float s = 0.0;"
            f"{body} o = vec4(s, s * 0.5, 1.0 - s, 1.0); }}"
        )
    )


def found(spirv: bytes) -> list[SharedLoop]:
    shader = reader.read(spirv)
    return shared_loops(shader, shader.functions[shader.entry])


@pytest.mark.parametrize(("body", "count"), SHARED.values(), ids=SHARED.keys())
def test_what_all_pixels_compute_is_shared(
    body: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    spirv = optimised(body)
    assert len(found(spirv)) == count
    together = host_picture(spirv, request_for())
    assert together.std() > 3
    assert np.abs(together.astype(int) - driver_picture(spirv, request_for())).mean() <= 1.0
    monkeypatch.setattr(program.sharing, "shared_loops", lambda *_: [])
    assert np.array_equal(host_picture(spirv, request_for()), together)


@pytest.mark.parametrize("body", NOT_SHARED.values(), ids=NOT_SHARED.keys())
def test_other_loops_stay_as_they_are(body: str) -> None:
    assert not found(optimised(body))


def test_functions_are_not_looked_into() -> None:
    """Unoptimised modules have several; their threads may come to a call at different times."""
    assert found(optimise(spirv_of(GLOW)))
    assert not found(spirv_of(GLOW))


def test_results_of_all_loops_fit_into_a_blocks_memory() -> None:
    wide = "vec4 a = sin(i * vec4(1, 2, 3, 4)), b = cos(i + a), c = sin(a * b), d = cos(c + i);"
    loop = f"for (float i = 0.0; i < 30.0; i++) {{ {wide} s += 0.001 * dot(a * u.x + b * u.y, c * u.x + d * s); }}"
    assert 1 <= len(found(optimised(loop * 5))) < 5
    narrow = (
        "for (float i = 0.0; i < 30.0; i++) { s += u.x * sin(i + sin(i * 3.0 + sin(i * 7.0))); }"
    )
    assert len(found(optimised(narrow * 30))) == ROOM // 16


def test_pixels_that_would_wait_in_vain_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What proves on the host that all threads of a block come to where they wait for each other."""
    monkeypatch.setattr(Flow, "between", lambda *_: set())
    monkeypatch.setattr(Flow, "meeting", lambda *_: 0)
    spirv = optimised(NOT_SHARED["for some pixels only"])
    assert found(spirv)
    with pytest.raises(EngineError, match=r"\d+ pixels do not run the loops that they share"):
        host_picture(spirv, request_for())


def test_what_differs_from_pixel_to_pixel_is_known() -> None:
    spirv = optimised(
        "float n = 0.0; for (; n < 9.0; n++) if (u.x * n > 2.0) break; s = u.y > 0.5 ? n : iTime;"
    )
    shader = reader.read(spirv)
    flow = Flow(shader.functions[shader.entry])
    divergence = Divergence(shader, flow)
    (loop,) = flow.loops
    assert set(range(loop.header, loop.end)) <= divergence.blocks
    stored = [i for b in flow.blocks for i in b.body if i.opcode == reader.OP_STORE]
    assert all(i.operands[1] in divergence.values for i in stored)
