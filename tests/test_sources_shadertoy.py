"""Shadertoy's JSON in all its wrappers, and its API against a server that speaks the documented form."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from phosphene.errors import SourceError, UsageError
from phosphene.program import ChannelKind, Filter, Wrap
from phosphene.provenance import Basis
from phosphene.sources import Context, Item, Reading, Site, open_source, read
from phosphene.sources.shadertoy_api import ShadertoyApi, ShadertoySource
from sources_made import image, shadertoy

HERE = Context("collection")


def reading(content: Any, key: str = "x.json", context: Context = HERE) -> Reading:
    return read(Item(key, json.dumps(content).encode()), context)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda shader: shader,
        lambda shader: {"Shader": shader},
        lambda shader: [shader],
        lambda shader: [{"Shader": shader}],
        lambda shader: {"shaders": [shader]},
        lambda shader: {"Shader": [shader]},
    ],
)
def test_every_wrapper(wrap: Any) -> None:
    (found,) = reading(wrap(shadertoy("abc", image(1)))).found
    assert found.program.image.code == image(1)
    assert found.provenance.location == "x.json#abc"


def test_several_programs_in_one_file() -> None:
    shaders = [shadertoy("abc", image(1)), shadertoy("def", image(2)), {"renderpass": []}]
    result = reading(shaders, "dump/abc.json")
    assert [f.provenance.location for f in result.found] == ["dump/abc.json", "dump/abc.json#def"]
    assert result.reason == "no code in its passes"


def test_all_passes_are_kept_in_one_order() -> None:
    shader = shadertoy("abc", image(1))
    more = [
        {"type": "sound", "code": "vec2 mainSound(float t) { return vec2(0.); }"},
        {"type": "buffer", "name": "Buf B", "code": "b"},
        {"type": "buffer", "name": "Buffer A", "code": "a"},
        {"type": "buffer", "name": "", "code": "d", "outputs": [{"id": "XdfGR8", "channel": 0}]},
        {"type": "cubemap", "name": "Cube A", "code": "c"},
        {"type": "common", "name": "Common", "code": "#define A\r\n#define B\r"},
        {"type": "buffer", "name": "Buffer C", "code": "  "},
    ]
    shader["renderpass"] += more
    (found,) = reading(shader).found
    assert [tab.name for tab in found.program.tabs] == [
        "common",
        "buffer a",
        "buffer b",
        "buffer d",
        "cube a",
        "image",
        "sound",
    ]
    assert found.program.common == "#define A\n#define B\n"
    shader["renderpass"].reverse()
    (turned,) = reading(shader).found
    assert turned.program.id == found.program.id


@pytest.mark.parametrize(("kind", "source"), [("type", "filepath"), ("ctype", "src")])
def test_inputs_become_channels(kind: str, source: str) -> None:
    shader = shadertoy("abc", image(1))
    sampler = {"filter": "nearest", "wrap": "clamp", "vflip": "false"}
    shader["renderpass"][0]["inputs"] = [
        {kind: "texture", source: "/media/a/x.jpg", "channel": 2, "sampler": sampler},
        {kind: "volume", source: "/media/a/y.bin", "channel": 0},
        {kind: "texture", "channel": 9},
        "nonsense",
    ]
    (found,) = reading(shader).found
    volume, empty, texture = found.program.image.channels
    assert volume is not None
    assert volume.kind is ChannelKind.VOLUME
    assert empty is None
    assert texture is not None
    assert texture.kind is ChannelKind.TEXTURE
    assert (texture.wrap, texture.filter, texture.vflip) == (Wrap.CLAMP, Filter.NEAREST, False)


@pytest.mark.parametrize(
    "named", [{"id": "XsXGR8"}, {"id": 258, "src": "/media/previz/buffer01.png"}]
)
def test_a_bound_buffer_names_its_tab(named: dict[str, Any]) -> None:
    shader = shadertoy("abc", image(1))
    shader["renderpass"][0]["inputs"] = [{"ctype": "buffer", "channel": 0, **named}]
    (found,) = reading(shader).found
    (channel,) = found.program.image.channels
    assert channel is not None
    assert (channel.kind, channel.content) == (ChannelKind.BUFFER, "buffer b")


def test_the_licence_is_the_authors_or_the_sites() -> None:
    (silent,) = reading(shadertoy("abc")).found
    assert silent.provenance.licence == "CC-BY-NC-SA-3.0"
    assert silent.provenance.basis is Basis.SITE_DEFAULT
    (said,) = reading(shadertoy("abc", "// License: MIT\n" + image(1))).found
    assert (said.provenance.licence, said.provenance.basis) == ("MIT", Basis.STATED)
    (beside,) = reading(shadertoy("abc", description="Licence: CC0")).found
    assert (beside.provenance.licence, beside.provenance.basis) == ("CC0-1.0", Basis.STATED)
    several = shadertoy("abc", "// License: CC BY-NC 4.0\n" + image(1))
    several["renderpass"] += [
        {"type": "buffer", "name": "Buffer A", "code": "// License: MIT\n" + image(2)},
        {"type": "common", "name": "Common", "code": "float one() { return 1.; }"},
    ]
    (strict,) = reading(several).found
    assert strict.provenance.licence == "CC-BY-NC-4.0"  # the strictest of its tabs
    several["renderpass"][0]["code"] = "// Copyright 2020 Ada\n" + image(1)
    (understood,) = reading(several).found
    assert understood.provenance.licence == "MIT"  # not what was not understood
    packed = Context("collection", "MIT", "the collection's")
    (held,) = reading(shadertoy("abc"), context=packed).found
    assert held.provenance.basis is Basis.SITE_DEFAULT


def test_odd_information_does_no_harm() -> None:
    shader = shadertoy("abc", image(1), date="soon", username=None, name=["x"], published="3")
    (found,) = reading(shader).found
    assert found.provenance.year is None
    assert found.provenance.author == ""
    shader["info"] = None
    (bare,) = reading(shader).found
    assert bare.program == found.program


# --- the API ---

PUBLIC = {f"id{i:03}": shadertoy(f"id{i:03}", image(i)) for i in range(20)}


class FakeSite(ThreadingHTTPServer):
    """The site's API as it is documented; it can be told to be busy or away."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[str] = []
        self.trouble: list[tuple[int, dict[str, str]]] = []
        self.secret: set[str] = set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeSite

    def do_GET(self) -> None:
        url = urlparse(self.path)
        self.server.requests.append(url.path)
        if self.server.trouble:
            status, headers = self.server.trouble.pop(0)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            return
        body = json.dumps(self._answer(url.path, parse_qs(url.query))).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        if query.get("key") != ["right"]:
            return {"Error": "Invalid key"}
        parts = path.removeprefix("/api/v1/shaders").strip("/").split("/")
        if parts == [""]:
            return {"Shaders": len(PUBLIC), "Results": list(PUBLIC)}
        if parts[0] == "query":
            found = [number for number in PUBLIC if parts[1] in number]
            return {"Shaders": len(found), "Results": found}
        if parts[0] in self.server.secret or parts[0] not in PUBLIC:
            return {"Error": "Shader not found"}
        return {"Shader": PUBLIC[parts[0]]}

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def site() -> Iterator[FakeSite]:
    server = FakeSite()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def api(site: FakeSite, waits: list[float]) -> ShadertoyApi:
    return ShadertoyApi("right", site.address, pause=0.25, patience=3, sleep=waits.append)


def nothing_known(key: str, mark: str) -> bool:
    return False


def test_the_site_gives_every_public_program(site: FakeSite, api: ShadertoyApi) -> None:
    site.secret.add("id003")
    source = ShadertoySource(api)
    assert source.size() == 20
    readings = {i.key: read(i, source.context) for i in source.items(nothing_known)}
    assert list(readings) == list(PUBLIC)
    assert readings["id003"].reason == "the site answered: Shader not found"
    (found,) = readings["id004"].found
    assert (found.provenance.origin, found.provenance.location) == ("shadertoy", "id004")
    assert found.program.image.code == image(4)


def test_requests_keep_their_distance(
    site: FakeSite, api: ShadertoyApi, waits: list[float]
) -> None:
    list(ShadertoySource(api).items(nothing_known))
    assert len(site.requests) == 21
    assert len(waits) == 21
    assert all(wait <= 0.25 for wait in waits)
    assert sum(wait > 0.15 for wait in waits) >= 18  # requests to this machine take milliseconds


def test_what_is_known_is_not_asked_for_again(site: FakeSite, api: ShadertoyApi) -> None:
    source = ShadertoySource(api)
    rest = list(source.items(lambda key, mark: key < "id018"))
    assert [item.key for item in rest] == ["id018", "id019"]
    assert len(site.requests) == 3


def test_searches_and_named_programs(api: ShadertoyApi) -> None:
    found = ShadertoySource(api, "id01").items(nothing_known)
    assert [item.key for item in found] == [f"id01{i}" for i in range(10)]
    named = ShadertoySource(api, "id=id002,id001").items(nothing_known)
    assert [item.key for item in named] == ["id002", "id001"]


def test_a_busy_site_is_asked_again(site: FakeSite, api: ShadertoyApi, waits: list[float]) -> None:
    site.trouble = [(429, {"Retry-After": "7"}), (503, {}), (500, {"Retry-After": "soon"})]
    assert len(api.ids()) == 20
    assert [wait for wait in waits if wait > 0.25] == [7.0, 0.5, 1.0]


def test_an_answer_that_is_no_json_is_no_answer(
    site: FakeSite, api: ShadertoyApi, waits: list[float]
) -> None:
    items = ShadertoySource(api).items(nothing_known)
    assert next(items).key == "id000"
    site.trouble = [(200, {}), (200, {})]  # as pages of maintenance come
    assert next(items).key == "id001"
    assert not site.trouble
    assert len([wait for wait in waits if wait > 0.25]) >= 1


def test_a_site_that_stays_busy_ends_the_run_in_one_line(site: FakeSite, api: ShadertoyApi) -> None:
    items = ShadertoySource(api).items(nothing_known)
    assert next(items).key == "id000"
    site.trouble = [(429, {})] * 99
    with pytest.raises(SourceError, match=r"HTTP 429; what was read is stored, run .* again"):
        next(items)
    assert len(site.trouble) == 95


def test_a_wrong_key_is_not_tried_again(site: FakeSite) -> None:
    wrong = ShadertoyApi("wrong", site.address, pause=0.0)
    with pytest.raises(SourceError, match="refused: Invalid key; check the key in SHADERTOY_KEY"):
        ShadertoySource(wrong).size()
    with pytest.raises(SourceError, match="Invalid key"):
        list(ShadertoySource(wrong, "id=id001").items(nothing_known))
    site.trouble = [(403, {})]
    with pytest.raises(SourceError, match="refused: HTTP 403"):
        wrong.ids()
    assert len(site.requests) == 3


def test_a_site_that_is_away(waits: list[float]) -> None:
    with pytest.raises(SourceError, match="Connection refused; what was read is stored"):
        ShadertoyApi("k", "http://127.0.0.1:9", patience=2, sleep=waits.append).ids()
    with pytest.raises(UsageError, match="`SHADERTOY_API` must be an address, got nowhere"):
        ShadertoyApi("k", "nowhere").ids()


def test_the_key_comes_from_the_environment(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHADERTOY_KEY", raising=False)
    with pytest.raises(UsageError, match="needs a key in the environment variable SHADERTOY_KEY"):
        open_source("shadertoy:")
    monkeypatch.setenv("SHADERTOY_KEY", "right")
    monkeypatch.setenv("SHADERTOY_API", site.address)
    source = open_source("shadertoy:id01")
    assert source.size() == 10
    assert source.key == "shadertoy:id01"


def test_a_program_that_is_not_open_to_the_api_is_left_out() -> None:
    context = Context("shadertoy", site=Site.SHADERTOY_API)
    result = reading(shadertoy("abc", published=1), "abc", context)
    assert result == Reading(reason="its author did not open it to the API")
    assert reading(
        shadertoy("abc", published=1)
    ).found  # a collection that holds it is another thing
