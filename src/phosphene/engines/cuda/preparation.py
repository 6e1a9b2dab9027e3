"""Programs made ready: from the cache, or compiled and tried, a stage ahead of each other."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from phosphene.engines.cuda.cache import CubinCache
from phosphene.engines.cuda.compiler import SECONDS, Compiled, Target, compile_all, key_of, spirv_of
from phosphene.engines.cuda.probe import Setup, Suspect, try_all
from phosphene.engines.cuda.trial import Trial
from phosphene.engines.engine import ModuleSource
from phosphene.program import Channel

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with the number of programs that are ready, refusals counted in, and of all."""

UNTRIED = "untried"
_CHUNK = 512
_BATCH = 64
"""Compilations that are stored in one transaction: a kill loses no more than these."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ready:
    """A program that is ready, or refused.

    Attributes:
        program: its id.
        key: of its compilation.
        code: its cubin; empty where it is refused.
        reason: why it is refused; empty otherwise.
        trial: how its kernel fared.
        channels: what the author bound.
    """

    program: str
    key: str = ""
    code: bytes = b""
    reason: str = ""
    trial: Trial = field(default_factory=Trial)
    channels: tuple[Channel | None, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    program: str
    key: str
    channels: tuple[Channel | None, ...]


class Preparation:
    """Makes programs ready for one device."""

    def __init__(
        self,
        modules: ModuleSource,
        cache: CubinCache,
        target: Target,
        device: str,
        setup: Setup | None,
        workers: int | None = None,
        seconds: float = SECONDS,
    ) -> None:
        """
        Args:
            modules: where SPIR-V comes from.
            cache: what was compiled and tried before.
            target: what is compiled for.
            device: names the GPU and its driver: trials hold for it alone.
            setup: where kernels are tried; None: they are not.
            workers: compiling processes; None: one a core.
            seconds: what a program's compilation may take.
        """
        self._modules, self._cache, self._target = modules, cache, target
        self._device, self._setup = device, setup
        self._workers, self._seconds = workers, seconds
        self._salt = target.salt()
        self._plain = 0

    def ready(self, programs: Sequence[str], progress: Progress | None = None) -> Iterator[Ready]:
        """Programs in the order in which they become ready: first what the cache has."""
        done = 0

        def count(made: Iterable[Ready]) -> Iterator[Ready]:
            nonlocal done
            for one in made:
                yield one
                done += 1
                if progress:
                    progress(done, len(programs))

        absent: dict[str, bytes] = {}
        untried: dict[str, Compiled] = {}
        wanted: dict[str, list[_Wanted]] = {}
        for begin in range(0, len(programs), _CHUNK):
            part = programs[begin : begin + _CHUNK]
            yield from count(self._stored(part, absent, untried, wanted))
        if absent or untried:
            with self._cache.turn():
                yield from count(self._done_meanwhile(absent, untried, wanted))
                if absent or untried:
                    log.info(
                        "kernels: %d to compile, %d more to try here", len(absent), len(untried)
                    )
                    self._advise()
                    yield from count(self._made(absent, untried, wanted))

    def _advise(self) -> None:
        """Says once what to do about modules that nobody optimised."""
        if self._plain:
            log.warning(
                "%d programs were vetted without --optimise: their kernels take twice as long to compile and more "
                "memory; mend that with: phosphene vet --optimise --bank FILE",
                self._plain,
            )
            self._plain = 0

    def _stored(
        self,
        programs: Sequence[str],
        absent: dict[str, bytes],
        untried: dict[str, Compiled],
        wanted: dict[str, list[_Wanted]],
    ) -> Iterator[Ready]:
        """What the cache has of some programs; notes what it has not."""
        modules = self._modules(programs)
        asked: dict[str, list[_Wanted]] = {}
        spirv: dict[str, bytes] = {}
        plain: set[str] = set()
        for program in programs:
            module = modules.get(program)
            if module is None:
                yield Ready(program, reason="it has no module; vet the bank first")
                continue
            code = spirv_of(module)
            key = key_of(code, self._salt)
            spirv[key] = code
            if not module.optimised:
                plain.add(key)
            asked.setdefault(key, []).append(_Wanted(program, key, module.channels))
        found = {c.key: c for c in self._cache.get(asked)}
        trials = self._cache.trials(found, self._device)
        self._cache.touch(found)
        for key, wishes in asked.items():
            compiled = found.get(key)
            if compiled is None:
                absent[key] = spirv[key]
                self._plain += key in plain
            elif not compiled.reason and self._setup and key not in trials:
                untried[key] = compiled
            else:
                yield from _answers(wishes, compiled, trials.get(key, Trial()))
                continue
            wanted.setdefault(key, []).extend(wishes)

    def _done_meanwhile(
        self,
        absent: dict[str, bytes],
        untried: dict[str, Compiled],
        wanted: Mapping[str, list[_Wanted]],
    ) -> Iterator[Ready]:
        """What another process compiled and tried while this one waited for its turn."""
        for compiled in self._cache.get(list(absent)):
            del absent[compiled.key]
            untried[compiled.key] = compiled
        trials = self._cache.trials(list(untried), self._device)
        for key, compiled in list(untried.items()):
            if compiled.reason or not self._setup or key in trials:
                del untried[key]
                yield from _answers(wanted[key], compiled, trials.get(key, Trial()))

    def _made(
        self,
        absent: Mapping[str, bytes],
        untried: Mapping[str, Compiled],
        wanted: Mapping[str, list[_Wanted]],
    ) -> Iterator[Ready]:
        """Compiles and tries what the cache has not."""
        longest_first = sorted(absent.items(), key=lambda item: -len(item[1]))
        compiling: Iterator[Compiled] = iter(())
        if absent:
            compiling = compile_all(longest_first, self._target, self._workers, self._seconds)
        compiled = _ahead(self._saved(untried.values(), compiling))
        for one, trial in self._tried(compiled):
            yield from _answers(wanted[one.key], one, trial)
        self._cache.trim()

    def _saved(self, known: Iterable[Compiled], new: Iterator[Compiled]) -> Iterator[Compiled]:
        yield from known
        unsaved: list[Compiled] = []
        try:
            for compiled in new:
                unsaved.append(compiled)
                if len(unsaved) >= _BATCH:
                    self._cache.put(unsaved)
                    unsaved = []
                yield compiled
        finally:
            self._cache.put(unsaved)

    def _tried(self, compiled: Iterator[Compiled]) -> Iterator[tuple[Compiled, Trial]]:
        """Runs each kernel for the first time, in another process."""
        if self._setup is None:
            for one in compiled:
                yield one, Trial(one.reason, registers=one.registers, local=one.local)
            return
        refused: queue.SimpleQueue[Compiled] = queue.SimpleQueue()
        at_work: dict[str, Compiled] = {}

        def suspects() -> Iterator[Suspect]:
            for one in compiled:
                if one.reason:
                    refused.put(one)
                else:
                    at_work[one.key] = one
                    yield Suspect(one.key, one.code)

        unsaved: dict[str, Trial] = {}
        try:
            for suspect, trial in try_all(suspects(), self._setup):
                if not trial.passing:
                    unsaved[suspect.key] = trial
                if len(unsaved) >= _BATCH:
                    self._cache.put_trials(unsaved, self._device)
                    unsaved = {}
                yield at_work.pop(suspect.key), trial
                while not refused.empty():
                    yield refused.get(), Trial()
        finally:
            self._cache.put_trials(unsaved, self._device)
        while not refused.empty():
            yield refused.get(), Trial()


def _answers(wishes: Iterable[_Wanted], compiled: Compiled, trial: Trial) -> Iterator[Ready]:
    reason = compiled.reason or trial.reason
    code = b"" if reason else compiled.code
    for wish in wishes:
        yield Ready(wish.program, wish.key, code, reason, trial, wish.channels)


def _ahead(source: Iterator[T], depth: int = 1024) -> Iterator[T]:
    """The same items, drawn by a thread of their own, so that one stage does not wait for the next."""
    items: queue.Queue[tuple[bool, T | BaseException | None]] = queue.Queue(depth)
    stop = threading.Event()

    def draw() -> None:
        try:
            for item in source:
                items.put((True, item))
                if stop.is_set():
                    break
            items.put((False, None))
        except BaseException as error:  # raised again where the items are read
            items.put((False, error))
        finally:
            getattr(source, "close", lambda: None)()

    thread = threading.Thread(target=draw, name="phosphene-compile", daemon=True)
    thread.start()
    try:
        while True:
            more, item = items.get()
            if not more:
                if isinstance(item, BaseException):
                    raise item
                return
            yield item  # type: ignore[misc]
    finally:
        stop.set()
        while thread.is_alive():  # it may wait for room
            try:
                items.get(timeout=0.05)
            except queue.Empty:
                continue
