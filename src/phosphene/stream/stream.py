"""An endless, resumable sequence of batches, rendered ahead of training."""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from phosphene import engines
from phosphene.bank.bank import Bank
from phosphene.bank.records import Selection
from phosphene.closing import Closing
from phosphene.engines.engine import Engine
from phosphene.errors import UsageError
from phosphene.mixing import Mixer, mixer
from phosphene.sampling import (
    CameraPolicy,
    Families,
    LatentPolicy,
    Positives,
    ProgramPolicy,
    Sampler,
    SamplingPlan,
    UniformPrograms,
    ViewGroup,
)
from phosphene.stream.batch import Batch
from phosphene.stream.producer import Producer, Share
from phosphene.stream.quarantine import Quarantine, Quarantined
from phosphene.stream.reusing import rendering
from phosphene.stream.state import StreamState
from phosphene.stream.transfer import Lane
from phosphene.stream.windows import check_camera


@dataclass(frozen=True, slots=True)
class Throughput:
    """How fast a stream is, for progress lines.

    Attributes:
        rendered: pictures the engine made since the stream was started or loaded.
        seconds: from then until the last of them.
        waited: seconds that the consumer stood still for batches.
    """

    rendered: int = 0
    seconds: float = 0.0
    waited: float = 0.0

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.rendered / self.seconds if self.seconds else 0.0


class Stream(Closing):
    """Yields `Batch` after `Batch`, for ever or until `limit`.

    Sample n is a function of (seed, n), the settings and the programs alone: batch size, workers, ranks,
    engine and interruptions do not change what it shows.

        with Stream(bank, size=64, batch_size=256, mix=6, seed=0) as stream:
            for batch in stream:
                ...

    Rendering starts with the first batch that is asked for.

    Args:
        source: a bank (its accepted programs are drawn from), or a selection of one's programs
            where `engine` is an open engine.
        batch_size: samples a batch in this process, B.
        size: pixels a side of a view.
        views: views a sample, V; or groups of views of several sizes, which then say themselves
            what `size`, `camera` and `supersample` would.
        device: where batches lie.
        seed: names the run's random numbers.
        engine: a name (`phosphene.engines.open_engine`), or an open engine, which stays open. The
            pixels an engine leaves on a device must be complete when its future is done.
        mix: programs mixed into each sample by MixUp, or the name of a mixer, or a mixer.
        supersample: samples a pixel and axis.
        canvas: the programs' iResolution, width and height.
        camera, latent, programs: distributions; by default `CameraPolicy()`, `LatentPolicy()` and
            uniform over programs. Of a bank, programs may be a text of `phosphene.sampling.PLANS`.
        families: how far the literals of programs deviate (`phosphene.sampling.Families`); of a bank
            also the strength alone, 0.3 being usual; 0: not at all.
        positives: in what a sample's views differ.
        reuse: of mixes: 0: every part is rendered for its sample alone. N: a picture is rendered once and
            takes part in as many samples as are mixed, N apart; cameras repeat every N samples. A
            multiple of batch_size * world, or less is saved. Pictures of (parts - 1) * N samples are kept.
        per_program: consecutive samples that show the same programs, see `Sampler`.
        frame: 0: every view is rendered by its own camera. Else pixels a side of frames that are rendered
            once a sample and mixed, and from which views are cropped.
        prefetch: batches rendered or under way ahead of the consumer.
        rank, world: this process among how many that share the sequence, see `Share`.
        start: the first sample's number.
        limit: samples with this number and above are left out; None: no end.
        licences: of a bank, only programs under these.
        selection: which programs of a bank; None: the accepted ones.

    Raises:
        UsageError: an argument is out of its range, or there is nothing to draw from.
        MissingPieceError: the device or the engine is not there.
    """

    def __init__(
        self,
        source: Bank | Selection,
        *,
        batch_size: int,
        size: int = 224,
        views: int | Sequence[ViewGroup] = 2,
        device: str | torch.device = "cpu",
        seed: int = 0,
        engine: str | Engine = "auto",
        mix: int | str | Mixer = 1,
        supersample: int = 1,
        canvas: tuple[float, float] = (256.0, 256.0),
        camera: CameraPolicy | None = None,
        latent: LatentPolicy | None = None,
        families: float | Families = 0.0,
        positives: Positives = Positives.CAMERAS,
        reuse: int = 0,
        per_program: int = 1,
        frame: int = 0,
        programs: ProgramPolicy | str | None = None,
        prefetch: int = 3,
        rank: int = 0,
        world: int = 1,
        start: int = 0,
        limit: int | None = None,
        licences: Sequence[str] = (),
        selection: Selection | None = None,
    ) -> None:
        if prefetch < 1:
            raise UsageError(f"`prefetch` must be at least 1, got {prefetch}")
        if start < 0:
            raise UsageError(f"`start` must be 0 or more, got {start}")
        selection = _selected(source, selection, licences)
        self._selection = selection
        self._mixer = mixer(mix)
        varying = _families(families, source, selection)
        self._sampler = Sampler(
            _policy(_planned(programs, source, selection, limit), selection),
            _groups(views, size, camera, supersample),
            seed,
            latent or LatentPolicy(),
            positives,
            self._mixer.parts,
            canvas,
            varying,
            reuse,
            per_program,
            frame,
        )
        for group in self._sampler.groups if frame else ():
            check_camera(group.camera)
        self._names = varying.names(selection.program_ids) if varying else selection.program_ids
        self._share = Share(batch_size, rank, world, limit)
        self._prefetch = prefetch
        self._lane = Lane(device)
        self._position = start
        self._quarantine = Quarantine(selection.program_ids)
        self._waited = 0.0
        self._works = _Works(engine) if not isinstance(engine, str) else _opened(engine, source)
        self._ending = weakref.finalize(self, self._works.close)

    @property
    def program_ids(self) -> tuple[str, ...]:
        """The programs drawn from; `Batch.programs` and `Batch.parts` index it."""
        return self._selection.program_ids

    @property
    def digest(self) -> str:
        """Names exactly this set of programs."""
        return self._selection.digest

    @property
    def engine(self) -> Engine:
        """What renders."""
        return self._works.engine

    @property
    def position(self) -> int:
        """The number of the next sample: so many were handed out by all ranks together, from 0."""
        return self._position

    @property
    def quarantine(self) -> tuple[Quarantined, ...]:
        """Programs that the engine refused in this run."""
        return self._quarantine.records

    @property
    def throughput(self) -> Throughput:
        """Counters since the stream was started or loaded."""
        made = self._works.producer
        if made is None:
            return Throughput(waited=self._waited)
        return Throughput(made.rendered, made.seconds, self._waited)

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        began = time.monotonic()
        ready = self._running().take()
        if ready is not None and ready.position != self._position:
            # A Ctrl-C came between taking the last batch and handing it out: it is made again.
            self._works.halt()
            ready = self._running().take()
        self._waited += time.monotonic() - began
        if ready is None:  # another rank may have samples of a last step: all end at the limit
            self._position = self._share.after(self._position)
            raise StopIteration
        self._lane.hand_over(ready.batch, ready.mark)
        self._position = self._share.after(self._position)
        return ready.batch

    def _running(self) -> Producer:
        if not self._ending.alive:
            raise UsageError("the stream is closed")
        if self._works.producer is None:
            self._works.producer = Producer(
                rendering(self._works.engine, self._sampler, self._names, self._quarantine),
                self._mixer,
                self._lane,
                self._share,
                self._position,
                self._prefetch,
            )
        return self._works.producer

    def state_dict(self) -> dict[str, Any]:
        """Where the stream is, for JSON: the next sample to be handed out, not the last rendered."""
        return StreamState(
            self._sampler.seed,
            self.digest,
            self._settings(),
            self._position,
            self.quarantine,
        ).to_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Goes on where a `state_dict` was taken, also with another batch size, rank or world.

        Raises:
            UsageError: the state is of another seed, other programs or other settings.
        """
        loaded = StreamState.of(state)
        loaded.check(self._sampler.seed, self.digest, self._settings())
        quarantine = Quarantine(self.program_ids, loaded.quarantine)
        self._works.halt()
        self._quarantine, self._position, self._waited = quarantine, loaded.position, 0.0

    def _settings(self) -> dict[str, str]:
        return {**self._sampler.describe(), "mix": repr(self._mixer)}

    def close(self) -> None:
        """Ends the thread, and the engine where the stream opened it. May be called again."""
        self._ending()


@dataclass(eq=False)
class _Works:
    """What must be ended with a stream, apart from it so that it can outlive it by a moment."""

    engine: Engine
    owned: bool = False
    producer: Producer | None = None

    def halt(self) -> None:
        if self.producer is not None:
            self.producer.stop()
            self.producer = None

    def close(self) -> None:
        self.halt()
        if self.owned:
            self.engine.close()


def _selected(
    source: Bank | Selection, selection: Selection | None, licences: Sequence[str]
) -> Selection:
    if licences and (selection is not None or isinstance(source, Selection)):
        raise UsageError("`licences` filters a bank; a selection was made under its own")
    if isinstance(source, Selection):
        chosen = source
    else:
        chosen = selection or source.select(licences=licences)
    if not chosen.program_ids:
        raise UsageError("the selection holds no programs: vet the bank, or loosen the filters")
    return chosen


def _planned(
    programs: ProgramPolicy | str | None,
    source: Bank | Selection,
    selection: Selection,
    limit: int | None,
) -> ProgramPolicy | None:
    if not isinstance(programs, str):
        return programs
    if not isinstance(source, Bank):
        raise UsageError("`programs` as a text is about a bank: pass the bank, or a policy")
    return SamplingPlan.of(programs).policy(source, selection.program_ids, limit)


def _policy(programs: ProgramPolicy | None, selection: Selection) -> ProgramPolicy:
    count = len(selection.program_ids)
    policy = programs or UniformPrograms(count)
    if policy.count != count:
        raise UsageError(
            f"`programs` is made for {policy.count} programs, the selection has {count}"
        )
    return policy


def _families(
    families: float | Families, source: Bank | Selection, selection: Selection
) -> Families | None:
    """None where nothing deviates: the stream is then what it is without."""
    if not isinstance(families, Families):
        if not families:
            return None
        if not isinstance(source, Bank):
            raise UsageError(
                "of a selection it is not known how far literals may vary: pass its bank, or `Families`"
            )
        families = Families.of(source, selection.program_ids, families)
    return families if families.count else None


def _opened(name: str, source: Bank | Selection) -> _Works:
    if not isinstance(source, Bank):
        raise UsageError("a selection has no modules to render: pass its bank, or an open `engine`")
    return _Works(engines.open_engine(name, source.modules), owned=True)


def _groups(
    views: int | Sequence[ViewGroup], size: int, camera: CameraPolicy | None, supersample: int
) -> tuple[ViewGroup, ...]:
    if isinstance(views, int):
        return (ViewGroup(views, size, camera or CameraPolicy(), supersample),)
    return tuple(views)
