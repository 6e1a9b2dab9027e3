"""How far the literals of programs may vary: lifted programs drawn at decreasing strengths."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from phosphene import seeds
from phosphene.bank import Bank, Family, Filters
from phosphene.bank.families import family_version
from phosphene.engines import Engine
from phosphene.errors import PhospheneError
from phosphene.spirv.lifting import optimise_lifted
from phosphene.spirv.module import Module, lifted_name
from phosphene.spirv.passes.lift import lift
from phosphene.vetting.measures import Pictures
from phosphene.vetting.policy import Policy
from phosphene.views import MAX_LITERALS, RenderedBatch, RenderRequest, View, deviations

STRENGTHS = (0.5, 0.3, 0.15)
"""Tried in this order, until a program is sound; see `phosphene.views.deviations`."""

MEMBERS = 2
"""Times that each of the policy's latents is drawn, with other literals each time."""

SLOWER, SPARED = 3.0, 10.0
"""Unsound where a frame takes more than so many times what the author's takes, and so many ms."""

_UNDEFINED = 0.02
"""Unsound where so much more of the pixels is NaN than in the author's pictures."""

_GROUP, _AHEAD = 32, 3

T = TypeVar("T")


@dataclass
class FamilySummary:
    """What vetting of families did.

    Attributes:
        total: programs to be looked at when it began.
        known: programs left out, because it is known how far they may vary.
        strengths: greatest sound strength → programs.
        rigid: programs without a literal that may vary, counted with strength 0 too.
        optimised: modules made for the CUDA engine.
        seconds: it took.
    """

    total: int = 0
    known: int = 0
    strengths: Counter[float] = field(default_factory=Counter)
    rigid: int = 0
    optimised: int = 0
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """Programs dealt with so far."""
        return self.strengths.total()

    @property
    def varied(self) -> int:
        """Programs whose literals may vary."""
        return self.done - self.strengths[0.0]


Progress = Callable[[FamilySummary], None]


def vet_families(
    bank: Bank,
    engine: Engine,
    policy: Policy | None = None,
    *,
    filters: Filters | None = None,
    workers: int | None = None,
    optimise: bool = False,
    progress: Progress | None = None,
) -> FamilySummary:
    """Finds how far the literals of accepted programs may vary, and stores it.

    A program is sound at a strength where, of `MEMBERS` pictures at each latent of the policy, no more are
    blank or of one colour than of the author's, no more pixels are NaN, and none is far slower. May be
    killed at any moment and called again.

    Args:
        bank: with the programs, vetted; their families are stored in it.
        engine: draws the lifted programs, opened with `bank.modules`.
        policy: what is drawn, and which frames are empty; None: the default.
        filters: which programs; None: all. Only accepted ones are looked at in any case.
        workers: processes that optimise; None: one a core.
        optimise: also store lifted modules for the CUDA engine.
        progress: called after every group.

    Raises:
        BankError: the bank cannot be read or written.
        EngineError: the engine gave up.
        MissingPieceError: `optimise`, and this machine has no spirv-opt.
    """
    chosen = replace(filters or Filters(), accepted=True)
    return _Vetting(bank, engine, policy or Policy(), progress).run(chosen, optimise, workers)


class _Vetting:
    """One run of `vet_families`."""

    def __init__(
        self, bank: Bank, engine: Engine, policy: Policy, progress: Progress | None
    ) -> None:
        self._bank, self._engine, self._policy = bank, engine, policy
        self._progress = progress or (lambda summary: None)
        self._summary = FamilySummary()
        self._known: dict[str, Family] = {}
        self._under_way: deque[tuple[list[str], int, Future[RenderedBatch]]] = deque()

    def run(self, filters: Filters, optimise: bool, workers: int | None) -> FamilySummary:
        began = time.monotonic()
        chosen = self._bank.select_by(filters).program_ids
        known = self._bank.families(chosen)
        unknown = [program for program in chosen if program not in known]
        self._summary.total, self._summary.known = len(unknown), len(known)
        for group in _parts(unknown, _GROUP):
            self._lift(self._bank.modules(group))
        while self._under_way:
            self._finish()
        if optimise:
            self._optimise(chosen, workers)
        self._summary.seconds = time.monotonic() - began
        self._progress(self._summary)
        return self._summary

    def _lift(self, modules: Mapping[str, Module]) -> None:
        """Has the programs drawn that have something to vary."""
        rigid = []
        for program, module in modules.items():
            literals = _count(module)
            version = family_version(module.version)
            self._known[program] = Family(program, 0.0, literals, version)
            if not literals:
                rigid.append(program)
        self._summary.rigid += len(rigid)
        self._store(dict.fromkeys(rigid, 0.0))
        self._begin([program for program in modules if program not in rigid], 0)

    def _begin(self, programs: list[str], level: int) -> None:
        """Has programs drawn at a strength, and judges an earlier group meanwhile."""
        if not programs:
            return
        request = _request(programs, STRENGTHS[level], self._policy)
        self._under_way.append((programs, level, self._engine.submit(request)))
        if len(self._under_way) > _AHEAD:
            self._finish()

    def _finish(self) -> None:
        """Judges the oldest group under way; what is unsound is drawn again at the next strength."""
        programs, level, future = self._under_way.popleft()
        sound = set(self._sound(programs, future.result()))
        last = level + 1 == len(STRENGTHS)
        found = {p: STRENGTHS[level] if p in sound else 0.0 for p in programs if last or p in sound}
        self._store(found)
        if not last:
            self._begin([program for program in programs if program not in sound], level + 1)

    def _sound(self, programs: Sequence[str], batch: RenderedBatch) -> Iterator[str]:
        measured = self._bank.measurements(programs)
        frames = MEMBERS * len(self._policy.latents)
        for i, program in enumerate(programs):
            name = lifted_name(program)
            if name in batch.refused:
                continue
            rows = slice(i * frames, (i + 1) * frames)
            pictures = _fetched(batch.pixels[rows])
            undefined = 0.0 if batch.undefined is None else float(batch.undefined[rows].mean())
            milliseconds = batch.seconds.get(name, 0.0) * 1000.0
            author = measured.get(program, {})
            allowed = max(author.get("blank", 0.0), author.get("constant", 0.0))
            usual = author.get("milliseconds", 0.0)
            if (
                empty(pictures, self._policy) <= allowed
                and undefined <= author.get("undefined", 0.0) + _UNDEFINED
                and not milliseconds > max(SPARED, SLOWER * usual)
            ):
                yield program

    def _store(self, strengths: Mapping[str, float]) -> None:
        if not strengths:
            return
        self._bank.store_families(
            replace(self._known.pop(program), strength=strength)
            for program, strength in strengths.items()
        )
        self._summary.strengths.update(strengths.values())
        self._progress(self._summary)

    def _optimise(self, chosen: Sequence[str], workers: int | None) -> None:
        """Stores what the CUDA engine compiles, of programs that vary and lack it."""
        for part in _parts(chosen, 32 * _GROUP):
            found = self._bank.families(part, optimised=True)
            lacking = [p for p, family in found.items() if family.strength and not family.optimised]
            modules = self._bank.modules(lacking)
            tasks = ((program, module.spirv) for program, module in modules.items())
            for made in _parts(optimise_lifted(tasks, workers) if modules else (), _GROUP):
                ready = [replace(found[program], optimised=spirv) for program, spirv in made]
                self._bank.store_families(ready)
                self._summary.optimised += sum(bool(spirv) for _, spirv in made)
                self._progress(self._summary)


def _count(module: Module) -> int:
    """How many literals may vary; none of a module that the pass refuses."""
    try:
        return len(lift(module.spirv).literals)
    except PhospheneError:
        return 0


def empty(pictures: Pictures, policy: Policy) -> float:
    """The share of pictures that are blank or of one colour.

    Args:
        pictures: uint8 [F, 3, H, W].
        policy: for the thresholds.
    """
    values = pictures.astype(np.float32)
    blank = values.max(axis=(1, 2, 3)) < policy.blank
    constant = values.std(axis=(2, 3)).max(axis=1) < policy.constant
    return float((blank | constant).mean())


def _request(programs: Sequence[str], strength: float, policy: Policy) -> RenderRequest:
    """Members of families: the policy's latents, each with literals of its own."""
    latents = [latent for latent in policy.latents for _ in range(MEMBERS)]
    canvas = policy.canvas, policy.canvas
    views = [View(lifted_name(p), latent, canvas) for p in programs for latent in latents]
    request = RenderRequest.of(views, policy.size)
    lots = np.array([int(program[:12], 16) for program in programs])
    uniforms = seeds.uniforms(
        0, "family", lots[:, None], np.arange(len(latents)), n=MAX_LITERALS
    ).reshape(-1, MAX_LITERALS)
    return replace(request, literals=deviations(uniforms, np.array(strength)))


def _fetched(pixels: Any) -> Pictures:
    """Pictures in the host's memory."""
    return np.asarray(pixels.cpu() if hasattr(pixels, "cpu") else pixels)


def _parts(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    source = iter(items)
    while part := list(islice(source, size)):
        yield part
