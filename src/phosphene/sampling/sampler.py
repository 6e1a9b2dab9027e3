"""From sample indices to what is to be rendered: pure arithmetic, no state, no order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from phosphene import seeds
from phosphene.errors import EngineError, UsageError
from phosphene.sampling.cameras import CameraPolicy
from phosphene.sampling.draws import Draw, Mixture, ViewGroup, Windows
from phosphene.sampling.families import Families
from phosphene.sampling.latents import LatentPolicy, Positives
from phosphene.sampling.programs import WORDS_PER_CHOICE, ProgramPolicy
from phosphene.views import Floats, Ints

MAX_ATTEMPTS = 4096
"""Draws for one slot until one meets a program that is not quarantined."""

NEVER = np.iinfo(np.int64).max
"""In an array of quarantines: this program is not quarantined."""

_WEIGHT_UNIT = 1 << 16


@dataclass(frozen=True)
class Sampler:
    """The whole distribution of a run's samples.

    Attributes:
        programs: how programs are drawn.
        groups: the views of a sample; views are counted through all groups.
        seed: the run's seed.
        latent: how latents are drawn.
        positives: in what the views of a sample differ.
        parts: programs mixed into each sample, P.
        canvas: width and height in canvas pixels: the programs' iResolution.
        families: how far literals deviate; None: not at all.
        reuse: 0: every part of a mix is drawn for its sample alone. N: part p of sample n is what sample
            n + p * N shows as its first part, and cameras repeat every N samples, so that all parts of
            a mix are seen by one camera. Each picture then takes part in P samples, and need be rendered
            but once (`Sources`). Without mixing it has no effect.
        per_program: consecutive samples that show the same programs, with latents and cameras of their own:
            more of a batch must be told apart within a program, fewer programs are in it.
        frame: 0: every view is rendered by its own camera. Else pixels a side of the frames that are rendered,
            whole, one for all views of a sample that show the same, and mixed; views are cropped from them
            as from photographs. Supersampling is then the first group's.
    """

    programs: ProgramPolicy
    groups: tuple[ViewGroup, ...]
    seed: int = 0
    latent: LatentPolicy = field(default_factory=LatentPolicy)
    positives: Positives = Positives.CAMERAS
    parts: int = 1
    canvas: tuple[float, float] = (256.0, 256.0)
    families: Families | None = None
    reuse: int = 0
    per_program: int = 1
    frame: int = 0

    def __post_init__(self) -> None:
        if self.reuse < 0:
            raise UsageError(f"`reuse` must be 0 or more samples, got {self.reuse}")
        if self.per_program < 1:
            raise UsageError(f"`per_program` must be at least 1 sample, got {self.per_program}")
        if not 0 <= self.frame <= 8192:
            raise UsageError(f"`frame` must be 0 to 8192 px, got {self.frame}")
        if not self.groups:
            raise UsageError("`groups` must hold at least one group of views")
        if not 1 <= self.parts <= 64:
            raise UsageError(f"`parts` must be 1 to 64, got {self.parts}")
        if not all(1 <= side <= 65536 for side in self.canvas):
            raise UsageError(f"`canvas` must be 1 to 65536 pixels a side, got {self.canvas}")
        if self.families is not None and len(self.families.safe) != self.programs.count:
            raise UsageError(
                f"`families` are of {len(self.families.safe)} programs, the selection has "
                f"{self.programs.count}"
            )

    @property
    def views(self) -> int:
        """Views a sample, of all groups."""
        return sum(group.count for group in self.groups)

    @property
    def rendered(self) -> tuple[ViewGroup, ...]:
        """What an engine is asked for: the views, or the frames at which they look."""
        if not self.frame:
            return self.groups
        aspect = self.canvas[0] / self.canvas[1]
        whole = CameraPolicy(scale=(1.0, 1.0), ratio=(aspect, aspect), flip=0.0)
        return (ViewGroup(self._latents, self.frame, whole, self.groups[0].supersample),)

    @property
    def _latents(self) -> int:
        """Latents that the views of a sample show."""
        return 1 if self.positives is Positives.CAMERAS else self.views

    @property
    def reusing(self) -> bool:
        """Whether pictures take part in several samples."""
        return self.reuse > 0 and self.parts > 1

    def draw(self, index: Ints, since: Ints | None = None) -> Draw:
        """What the samples show.

        Args:
            index: int64 [B], sample indices, each in [0, 2**48).
            since: int64 [programs.count], the sample from which each program is quarantined (`NEVER`:
                it is not). A slot takes the first of its attempts that meets a program which is not
                quarantined for its sample, so that a slot depends on nothing but its own index and
                the quarantines.

        Raises:
            EngineError: where quarantines leave a slot nothing in `MAX_ATTEMPTS` attempts.
        """
        return self._shown(self.mixture(index, since), *self._slots(index))

    def mixture(self, index: Ints, since: Ints | None = None) -> Mixture:
        """As `draw`, without what is to be rendered: for samples of which all pictures are there."""
        program, attempt = self._programs(*self._slots(index), since, index[:, None])
        weights = self._weights(index, self.parts)
        return Mixture(self.seed, index, program, attempt, weights, self._windows(index))

    def _slots(self, index: Ints) -> tuple[Ints, Ints]:
        """The sample for which each slot is drawn, and as which part of it; int64 [B, P] each."""
        part = np.arange(self.parts)
        if self.reusing:
            source = index[:, None] + self.reuse * part
            return source, np.zeros_like(source)
        source = np.repeat(index[:, None], self.parts, axis=1)
        return source, np.broadcast_to(part, source.shape)

    def _shown(self, mixture: Mixture, source: Ints, part: Ints) -> Draw:
        """A mixture with all that is to be rendered for it; the slots are int64 [B, P], as of `_slots`."""
        latents = [self.latent.draw(self.seed, source, part, view) for view in range(self._latents)]
        rendered = sum(group.count for group in self.rendered)
        time, mouse, channels = (
            np.broadcast_to(np.stack(values), (rendered, *values[0].shape))
            for values in zip(*latents, strict=True)
        )
        index = mixture.index
        return Draw(
            self.seed,
            index,
            mixture.program,
            mixture.attempt,
            mixture.weights,
            mixture.windows,
            time,
            mouse,
            channels,
            self._cameras(self.rendered, index % self.reuse if self.reusing else index),
            self.canvas,
            self._literals(source, part, mixture.program, rendered),
        )

    def _cameras(self, groups: Sequence[ViewGroup], index: Ints) -> Floats:
        """Of all views of some groups, float32 [V, B, 6]."""
        own = self.positives is not Positives.LATENTS
        policies = (group.camera for group in groups for _ in range(group.count))
        cameras = [
            policy.draw(self.canvas, self.seed, index, view if own else 0)
            for view, policy in enumerate(policies)
        ]
        return np.stack(cameras)

    def _windows(self, index: Ints) -> tuple[Windows, ...]:
        """See `Mixture.windows`."""
        if not self.frame:
            return ()
        cameras = self._cameras(self.groups, index)
        ends = np.cumsum([group.count for group in self.groups])
        frames = np.arange(self.views) % self._latents
        return tuple(
            Windows(group.size, cameras[end - group.count : end], frames[end - group.count : end])
            for group, end in zip(self.groups, ends, strict=True)
        )

    def _literals(self, source: Ints, part: Ints, program: Ints, rendered: int) -> Floats | None:
        """See `Draw.literals`; what shares a latent shares them."""
        if self.families is None or not self.families.count:
            return None
        drawn = [
            self.families.draw(self.seed, source, part, program, view)
            for view in range(self._latents)
        ]
        return np.broadcast_to(np.stack(drawn), (rendered, *drawn[0].shape))

    def _programs(
        self, source: Ints, part: Ints, since: Ints | None, shown: Ints
    ) -> tuple[Ints, Ints]:
        """The programs of slots, and the attempts in which they were drawn; int64 [B, P] each.

        Args:
            source, part: as of `_slots`.
            since: see `draw`.
            shown: the samples in which the slots are shown, int64 [B, 1] or [B, P].
        """
        rows, parts = source.reshape(-1), part.reshape(-1)
        samples = np.broadcast_to(shown, source.shape).reshape(-1)
        attempt = np.zeros(len(rows), np.int64)
        program = self._choose(rows, parts, attempt)
        while since is not None and (barred := since[program] <= samples).any():
            attempt[barred] += 1
            if (since <= samples.min()).all() or attempt.max() >= MAX_ATTEMPTS:
                quarantined = f"{(since != NEVER).sum()} of {len(since)} programs are quarantined"
                raise EngineError(f"{quarantined}: nothing is left for sample {samples[barred][0]}")
            program[barred] = self._choose(rows[barred], parts[barred], attempt[barred])
        return program.reshape(source.shape), attempt.reshape(source.shape)

    def _choose(self, index: Ints, part: npt.NDArray[np.int64], attempt: Ints) -> Ints:
        run = index // self.per_program
        words = seeds.words(self.seed, "program", run, part, attempt, n=WORDS_PER_CHOICE)
        return self.programs.choose(words, run * self.per_program)

    def _weights(self, index: Ints, parts: int) -> Floats:
        """Dirichlet(1) as in the paper, on a grid on which labels and 8-bit pixels are exact."""
        if parts == 1:
            return np.ones((len(index), 1), np.float32)
        shares = seeds.dirichlet(parts, self.seed, "mix", index)
        bounds = np.rint(np.cumsum(shares, axis=1) * _WEIGHT_UNIT)
        bounds[:, -1] = _WEIGHT_UNIT
        return (np.diff(bounds, axis=1, prepend=0) / _WEIGHT_UNIT).astype(np.float32)

    def describe(self) -> dict[str, str]:
        """The settings that decide a sample, as texts: equal settings have equal texts."""
        families = {"families": self.families.describe()} if self.families else {}
        reuse = {"reuse": str(self.reuse)} if self.reusing else {}
        runs = {"per_program": str(self.per_program)} if self.per_program > 1 else {}
        frame = {"frame": str(self.frame)} if self.frame else {}
        return {
            **families,
            **reuse,
            **runs,
            **frame,
            "programs": self.programs.describe(),
            "views": repr(self.groups),
            "latent": repr(self.latent),
            "positives": self.positives.value,
            "mix": str(self.parts),
            "canvas": repr(self.canvas),
        }


@dataclass(frozen=True)
class Sources:
    """The pictures that a reusing sampler mixes, one a sample: part p of its sample n is the picture of
    sample n + p * `reuse`, byte for byte.

    Attributes:
        sampler: with `reuse`.
    """

    sampler: Sampler

    @property
    def rendered(self) -> tuple[ViewGroup, ...]:
        """The sampler's."""
        return self.sampler.rendered

    def draw(self, index: Ints, since: Ints | None = None) -> Draw:
        """As `Sampler.draw`, of one part."""
        sampler, source = self.sampler, index[:, None]
        part = np.zeros_like(source)
        program, attempt = sampler._programs(source, part, since, source)
        weights = sampler._weights(index, 1)
        alone = Mixture(sampler.seed, index, program, attempt, weights, windows=())
        return sampler._shown(alone, source, part)
