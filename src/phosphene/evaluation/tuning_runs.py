"""Fine-tuning against scratch, draw by draw, kept in a directory so that it can be killed."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress
from safetensors.torch import save

from phosphene.errors import PhospheneError, UsageError
from phosphene.evaluation.datasets import LabelledImages
from phosphene.evaluation.finetuning import (
    FineTuningConfig,
    Tuned,
    fine_tune,
    labelled_images,
)
from phosphene.evaluation.judged import Judged, randomly_initialised
from phosphene.evaluation.judging import score
from phosphene.evaluation.probes import FINE_TUNING, ProbeConfig, shortage
from phosphene.evaluation.results import Bits, Report
from phosphene.runs import CONFIG, Run, write_atomically
from phosphene.training.checkpoints import METADATA_KEY

log = logging.getLogger(__name__)

MODEL = "model.safetensors"
RESULTS = "results.json"


def compare_with_scratch(
    judged: Judged,
    data: LabelledImages,
    config: FineTuningConfig,
    settings: ProbeConfig,
    device: torch.device,
    directory: Path | None = None,
    scratch: bool = True,
) -> tuple[Report, Path | None]:
    """Fine-tunes a pretrained backbone and the same one from random weights on the same draws.

    Args:
        judged: the pretrained one.
        data: labelled images.
        config: the recipe.
        settings: `labelled`, `draws` and `seed`.
        device: where it runs.
        directory: keeps each draw, results and the network of the first draw; what it has is not done
            again. None: nothing is kept.
        scratch: whether random weights are fine-tuned too.

    Returns:
        the report, and the file of the network.

    Raises:
        UsageError: the directory holds draws of another model, dataset or recipe, or somebody else's files.
    """
    models = [judged]
    if scratch:
        models.insert(0, randomly_initialised(judged.config, judged.normalisation, settings.seed))
    if lacking := shortage(data, settings, FINE_TUNING):
        log.warning("%s", lacking)
    taken = {"labelled": labelled_images(data, settings), "draws": settings.draws}
    bar = Progress(console=Console(stderr=True), transient=True)
    with _opened(directory, models, data, config, settings) as run, bar:
        task = bar.add_task(f"fine-tuning on {data.name}", total=len(models) * settings.draws)
        scores, saved = [], None
        for model in models:
            known = _known(run, model.name) if run else {}
            bar.advance(task, len(known))
            chosen = {draw: rate for draw, (_, rate) in known.items()}
            right = {draw: bits for draw, (bits, _) in known.items()}
            for tuned in fine_tune(model, data, config, settings, device, frozenset(known)):
                if run and model is judged and tuned.draw == 0:
                    _save(run.directory / MODEL, tuned, judged, data)
                if run:
                    _note(run, model.name, tuned)
                right[tuned.draw], chosen[tuned.draw] = tuned.right, tuned.rate
                bar.advance(task)
                bar.console.print(_line(model.name, tuned, settings.draws), highlight=False)
            bits = np.stack([right[draw] for draw in sorted(right)])
            rates = {f"rate_{draw}": chosen[draw] for draw in sorted(chosen)}
            scores.append(score(model.name, FINE_TUNING, data, bits, {**taken, **rates}))
        about_models = {m.name: {"backbone": asdict(m.config), "weights": m.digest} for m in models}
        baseline = models[0].name if scratch else ""
        report = Report(tuple(scores), about_models, baseline, settings.seed)
        if run:
            saved = run.directory / MODEL
            text = json.dumps(report.plain(), indent=1) + "\n"
            _write(run.directory / RESULTS, text.encode())
    return report, saved


@contextlib.contextmanager
def _opened(
    directory: Path | None,
    models: list[Judged],
    data: LabelledImages,
    config: FineTuningConfig,
    settings: ProbeConfig,
) -> Iterator[Run | None]:
    if directory is None:
        yield None
        return
    about = {
        "fine_tuning": asdict(config),
        "settings": asdict(settings),
        "data": {"name": data.name, "fingerprint": data.mark},
        "models": {model.name: model.digest for model in models},
    }
    if not (directory / CONFIG).exists():
        for name in (MODEL, RESULTS):
            if (directory / name).exists():
                raise UsageError(f"{directory / name} is of no fine-tuning; give another folder")
    with Run.create(directory, about, resume=True) as run:
        yield run


def _line(model: str, tuned: Tuned, draws: int) -> str:
    """What a draw came to."""
    share = tuned.right.mean()
    return f"{model}, draw {tuned.draw + 1} of {draws}: {share:.1%} right, rate {tuned.rate:g}"


def _note(run: Run, model: str, tuned: Tuned) -> None:
    bits = "".join("1" if r else "0" for r in tuned.right)
    run.append("draw", model=model, draw=tuned.draw, rate=tuned.rate, right=bits)


def _known(run: Run, model: str) -> dict[int, tuple[Bits, float]]:
    """The draws of a model that are done: which test images were right, and the rate."""
    return {
        event["draw"]: (np.array([c == "1" for c in event["right"]]), event["rate"])
        for event in run.events("draw")
        if event["model"] == model
    }


def _save(path: Path, tuned: Tuned, judged: Judged, data: LabelledImages) -> None:
    """Writes the network under timm's names, with what a reader must know in the metadata."""
    about = {
        "backbone": asdict(tuned.config),
        **asdict(judged.normalisation),
        "classes": data.classes,
        "fine_tuned_on": data.name,
        "step": 0,
    }
    weights = {k: v.detach().cpu().contiguous() for k, v in tuned.model.state_dict().items()}
    _write(path, save(weights, {"format": "pt", METADATA_KEY: json.dumps(about)}))


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise PhospheneError(f"cannot write {path}: {error.strerror}") from error
