"""Shadertoy's official API (shadertoy.com/howto): only programs that their authors opened to it."""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from phosphene.errors import SourceError, UsageError
from phosphene.sources.source import ITEM_LIMIT, Context, Item, Known, Site

ADDRESS = "https://www.shadertoy.com"
KEY_VARIABLE = "SHADERTOY_KEY"
ADDRESS_VARIABLE = "SHADERTOY_API"

_LIST_LIMIT = 64_000_000  # bytes; the list of all programs has about 1 MB


class _BusyError(Exception):
    """The site asks to come back later."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


@dataclass
class ShadertoyApi:
    """The site's API.

    Attributes:
        key: the user's own, from shadertoy.com/myapps.
        address: of the site.
        pause: seconds from one request to the next.
        patience: how often a request is repeated while the site is busy or away; the waits double
            from `pause`, or last as long as the site asks, at most five minutes.
        sleep: waits; for tests.
    """

    key: str
    address: str = ADDRESS
    pause: float = 0.5
    patience: int = 6
    sleep: Callable[[float], None] = time.sleep
    _last: float = field(default=0.0, init=False)

    @classmethod
    def from_environment(cls) -> ShadertoyApi:
        """With the key from SHADERTOY_KEY. Raises UsageError where it is not set."""
        key = os.environ.get(KEY_VARIABLE, "").strip()
        if not key:
            raise UsageError(
                f"shadertoy: needs a key in the environment variable {KEY_VARIABLE}; get one at "
                "shadertoy.com/myapps and type: export SHADERTOY_KEY=…"
            )
        return cls(key, os.environ.get(ADDRESS_VARIABLE, ADDRESS))

    def ids(self, query: str = "") -> list[str]:
        """The numbers of the programs that match a query; empty: of all programs."""
        path = f"/query/{urllib.parse.quote(query, safe='')}" if query else ""
        content = _parsed(self._get(path, _LIST_LIMIT))
        if isinstance(content, dict) and isinstance(content.get("Error"), str):
            raise self._refused(content["Error"])
        results = content.get("Results", []) if isinstance(content, dict) else None
        if not isinstance(results, list):
            raise SourceError(f"{self.address} answered with no list of programs; try again later")
        return list(dict.fromkeys(str(number) for number in results))

    def shader(self, number: str) -> bytes:
        """The JSON of one program, as the site gives it; it may say that there is none.

        Raises:
            SourceError: where the site refuses the key, or stays busy or away.
        """
        data = self._get(f"/{urllib.parse.quote(number, safe='')}", ITEM_LIMIT)
        content = _parsed(data)
        error = content.get("Error") if isinstance(content, dict) else None
        if isinstance(error, str) and "key" in error.lower():
            raise self._refused(error)
        return data

    def _get(self, path: str, limit: int) -> bytes:
        wait = self.pause
        for attempt in range(self.patience + 1):
            self.sleep(max(0.0, self._last + self.pause - time.monotonic()))
            self._last = time.monotonic()
            try:
                return self._once(path, limit)
            except _BusyError as busy:
                if attempt == self.patience:
                    raise SourceError(
                        f"{self.address}: {busy}; what was read is stored, run the command again "
                        "later to go on"
                    ) from busy
                self.sleep(min(300.0, wait if busy.after is None else busy.after))
                wait *= 2
        raise AssertionError("the last attempt returns or raises")

    def _once(self, path: str, limit: int) -> bytes:
        query = urllib.parse.urlencode({"key": self.key})
        url = f"{self.address.rstrip('/')}/api/v1/shaders{path}?{query}"
        try:
            request = urllib.request.Request(url, headers={"User-Agent": "phosphene"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                data: bytes = answer.read(limit + 1)
        except urllib.error.HTTPError as error:
            if error.code == 429 or error.code >= 500:
                raise _BusyError(
                    f"HTTP {error.code}", _seconds(error.headers["Retry-After"])
                ) from error
            raise self._refused(f"HTTP {error.code}") from error
        except ValueError as error:
            raise UsageError(
                f"`{ADDRESS_VARIABLE}` must be an address, got {self.address}"
            ) from error
        # No network, refused, reset, timed out, cut off.
        except (OSError, EOFError, http.client.HTTPException) as error:
            raise _BusyError(str(getattr(error, "reason", error))) from error
        if len(data) <= limit and _parsed(data) is None:
            raise _BusyError("the answer is no JSON")
        return data

    def _refused(self, why: str) -> SourceError:
        return SourceError(f"{self.address} refused: {why}; check the key in {KEY_VARIABLE}")


class ShadertoySource:
    """The programs of the API, by their numbers."""

    def __init__(self, api: ShadertoyApi, query: str = "", origin: str = "") -> None:
        """Asks nothing yet.

        Args:
            api: the site.
            query: "": all programs; "id=A,B": those; anything else is searched for.
            origin: the collection's name.
        """
        self.key = f"shadertoy:{query}"
        self.context = Context(origin or "shadertoy", site=Site.SHADERTOY_API)
        self._api = api
        self._query = query
        self._numbers: list[str] | None = None

    def _listed(self) -> list[str]:
        if self._numbers is None:
            if self._query.startswith("id="):
                self._numbers = [n for n in self._query[3:].split(",") if n]
            else:
                self._numbers = self._api.ids(self._query)
        return self._numbers

    def size(self) -> int:
        """How many programs there are."""
        return len(self._listed())

    def items(self, known: Known) -> Iterator[Item]:
        """The programs that are not known. A program that was read once is not asked for again."""
        for number in self._listed():
            if not known(number, ""):
                data = self._api.shader(number)
                yield Item(number, data)


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.strip().isdigit() else None
