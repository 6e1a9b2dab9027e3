"""Compile, render, judge: the way of a program into training."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

from phosphene.bank import Bank, Failure, Filters, Status, Verdict
from phosphene.engines import Engine
from phosphene.errors import MissingPieceError, UnservedError, WorkerError
from phosphene.spirv import FRONT_END_VERSION, Module
from phosphene.spirv.compiler import Compiled, ModuleCompiler
from phosphene.vetting.diversity import packed
from phosphene.vetting.features import features
from phosphene.vetting.generations import compositions, generations
from phosphene.vetting.measures import measure
from phosphene.vetting.pictures import draw_textures, on_host
from phosphene.vetting.policy import Policy
from phosphene.views import RenderedBatch, RenderRequest, View

GROUP = 32
"""Programs that are stored, rendered and judged together: what a kill loses at most, a few times over."""

AHEAD = 3
"""Groups under way, so that no worker waits for the judge."""

NOT_COMPILED = "does not compile"
"""The reason of programs that the front end refused; its complaint is stored with the module."""

_LONGEST_REASON = 200
_LOOK_UP = 1000

T = TypeVar("T")


@dataclass
class Summary:
    """What vetting did.

    Attributes:
        total: programs to be vetted when it began.
        known: programs left out, because this policy and front end have judged them already.
        compiled: modules made.
        optimised: of these, what programs judged before lacked for the CUDA engine.
        statuses: status → programs.
        reasons: reason → programs that were rejected or failed for it.
        unserved: reason → programs that turned out to need what this version lacks.
        seconds: it took.
        drawing: whether programs are drawn and judged, or only compiled.
    """

    total: int = 0
    known: int = 0
    compiled: int = 0
    optimised: int = 0
    statuses: Counter[Status] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    unserved: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    drawing: bool = True

    @property
    def done(self) -> int:
        """Programs dealt with so far."""
        judged = self.statuses.total() + self.unserved.total()
        return judged + (self.optimised if self.drawing else self.compiled)


Progress = Callable[[Summary], None]


def vet(
    bank: Bank,
    engine: Engine | None,
    policy: Policy | None = None,
    *,
    filters: Filters | None = None,
    workers: int | None = None,
    optimise: bool = False,
    progress: Progress | None = None,
) -> Summary:
    """Judges the programs of a bank that this policy has not judged yet.

    May be killed at any moment and called again: verdicts are stored group by group, and what is judged
    is not judged again while policy and front end stay the same.

    Args:
        bank: with the programs; modules, failures, verdicts and measurements are stored in it.
        engine: draws the programs, opened with `bank.modules`; None: only compile.
        policy: the rule; None: the default.
        filters: which programs; None: all. Only servable ones are vetted in any case.
        workers: compiling processes; None: one a core.
        optimise: also store optimised SPIR-V, for the CUDA engine, of programs judged before, too.
        progress: called after every group.

    Raises:
        BankError: the bank cannot be read or written.
        MissingPieceError: this machine has no compiler.
        EngineError: the engine gave up.
    """
    chosen = replace(filters or Filters(accepted=None), servable=True)
    return _Vetting(bank, engine, policy or Policy(), optimise, progress).run(chosen, workers)


class _Vetting:
    """One run of `vet`."""

    def __init__(
        self,
        bank: Bank,
        engine: Engine | None,
        policy: Policy,
        optimise: bool,
        progress: Progress | None,
    ) -> None:
        self._bank, self._engine, self._policy = bank, engine, policy
        self._optimise = optimise
        self._progress = progress or (lambda summary: None)
        self._under_way: deque[tuple[list[str], Future[RenderedBatch]]] = deque()
        self._summary = Summary(drawing=engine is not None)
        self._composed = compositions(bank)
        self._lacking = frozenset[str]()

    def run(self, filters: Filters, workers: int | None) -> Summary:
        began = time.monotonic()
        chosen = self._bank.select_by(filters).program_ids
        unjudged = self._unjudged(chosen)
        plain = frozenset(self._bank.unoptimised() if self._optimise else ())
        ready, stale = self._sorted(unjudged, plain)
        judged = set(chosen).difference(unjudged)
        self._lacking = plain & judged
        self._summary.total = len(ready) + len(stale) + len(self._lacking)
        self._summary.known = len(judged)
        for group in _parts(ready, GROUP):
            self._reuse(group)
        wanted = [*stale, *sorted(self._lacking)]
        with self._compiler(workers, bool(wanted)) as compiler:
            if compiler is not None:
                for part in generations(self._bank, wanted):
                    self._compile(compiler, part, frozenset(stale))
        while self._under_way:
            self._finish()
        self._summary.seconds = time.monotonic() - began
        self._progress(self._summary)
        return self._summary

    def _unjudged(self, ids: Sequence[str]) -> list[str]:
        """Those that have no verdict of this policy and front end."""
        if self._engine is None:
            return list(ids)
        wanted = self._policy.name, FRONT_END_VERSION
        judged = {
            program
            for part in _parts(ids, _LOOK_UP)
            for program, verdict in self._bank.verdicts(part).items()
            if (verdict.policy, verdict.version) == wanted
        }
        return [program for program in ids if program not in judged]

    def _sorted(self, ids: Sequence[str], plain: frozenset[str]) -> tuple[list[str], list[str]]:
        """Those that this front end has dealt with, and those that it must compile, the `plain` ones among them."""
        stale = plain.union(self._bank.uncompiled(FRONT_END_VERSION))
        ready = [program for program in ids if program not in stale]
        if self._engine is None:
            ready = []
        return ready, [program for program in ids if program in stale]

    def _reuse(self, group: Sequence[str]) -> None:
        """Judges programs of which there is a module, or a complaint."""
        broken = self._bank.failures(group)
        self._record([self._failed(program, NOT_COMPILED) for program in broken])
        self._begin([program for program in group if program not in broken])

    def _compile(
        self, compiler: ModuleCompiler, programs: Sequence[str], chosen: frozenset[str]
    ) -> None:
        """Compiles programs that wait for nothing, and has those that were chosen drawn."""
        for results in _parts(self._compiled(compiler, programs), GROUP):
            self._store(results)
            compiled = [result.program for result in results if result.module]
            self._begin([program for program in compiled if program in chosen])

    def _compiled(self, compiler: ModuleCompiler, programs: Sequence[str]) -> Iterator[Compiled]:
        """What becomes of programs; of those whose worker died or was too slow, at the second try."""
        again: list[str] = []
        for result in compiler.map(self._bank.programs(programs)):
            if isinstance(result.error, WorkerError):
                again.append(result.program)
            else:
                yield result
        if again:
            yield from compiler.map(self._bank.programs(again))

    def _compiler(
        self, workers: int | None, needed: bool
    ) -> AbstractContextManager[ModuleCompiler | None]:
        if not needed:
            return nullcontext()
        return ModuleCompiler(workers, self._optimise, parents=self._bank.modules)

    def _store(self, results: Sequence[Compiled]) -> None:
        """Stores modules and complaints, and the verdict on those that did not compile."""
        verdicts, stored, unserved = [], list[Module | Failure](), {}
        for result in results:
            if result.module is not None:
                stored.append(result.module)
                continue
            error = result.error or UnservedError("the compiler said nothing")
            if isinstance(error, MissingPieceError):
                raise error
            if result.program in self._lacking:
                continue  # it is judged, and runs as it is
            if isinstance(error, UnservedError):
                unserved[result.program] = str(error)
                continue
            stored.append(Failure.of(result.program, error, FRONT_END_VERSION))
            verdicts.append(self._failed(result.program, NOT_COMPILED))
        with self._bank.writing():
            self._bank.store_modules(stored)
            self._bank.mark_unserved(unserved)
            self._record(verdicts)
        made = [result.program for result in stored if isinstance(result, Module)]
        self._summary.compiled += len(made)
        self._summary.optimised += len(self._lacking.intersection(made))
        self._summary.unserved.update(unserved.values())
        self._progress(self._summary)

    def _begin(self, programs: Sequence[str]) -> None:
        """Has programs drawn, and judges an earlier group meanwhile."""
        if self._engine is None or not programs:
            return
        if children := [program for program in programs if program in self._composed]:
            refused = draw_textures(self._bank, self._engine, children)
            self._record([self._failed(program, reason) for program, reason in refused.items()])
            programs = [program for program in programs if program not in refused]
            if not programs:
                return
        policy = self._policy
        canvas = policy.canvas, policy.canvas
        views = [View(p, latent, canvas) for p in programs for latent in policy.latents]
        request = RenderRequest.of(views, policy.size)
        self._under_way.append((list(programs), self._engine.submit(request)))
        if len(self._under_way) > AHEAD:
            self._finish()

    def _finish(self) -> None:
        """Judges the oldest group under way."""
        programs, future = self._under_way.popleft()
        batch = future.result()
        with self._bank.writing():
            self._record(self._judge(programs, batch))
        self._progress(self._summary)

    def _judge(self, programs: Sequence[str], batch: RenderedBatch) -> Iterator[Verdict]:
        frames = len(self._policy.latents)
        for i, program in enumerate(programs):
            if program in batch.refused:
                yield self._failed(program, batch.refused[program])
                continue
            rows = slice(i * frames, (i + 1) * frames)
            undefined = 0.0 if batch.undefined is None else float(batch.undefined[rows].mean())
            seconds = batch.seconds.get(program, float("nan"))
            pictures = on_host(batch.pixels[rows])
            seen = features(pictures)
            measured = measure(pictures, undefined, seconds, self._policy, seen)
            status, reason = self._policy.judge(measured)
            yield Verdict(
                program,
                status,
                reason,
                self._policy.name,
                FRONT_END_VERSION,
                measured,
                packed(seen),
            )

    def _failed(self, program: str, reason: str) -> Verdict:
        shortened = reason[:_LONGEST_REASON]
        return Verdict(program, Status.FAILED, shortened, self._policy.name, FRONT_END_VERSION)

    def _record(self, verdicts: Iterable[Verdict]) -> None:
        stored = list(verdicts)
        self._bank.record_verdicts(stored)
        self._summary.statuses.update(v.status for v in stored)
        self._summary.reasons.update(v.reason for v in stored if v.reason)


def _parts(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of `size`, the last one shorter."""
    source = iter(items)
    while part := list(islice(source, size)):
        yield part
