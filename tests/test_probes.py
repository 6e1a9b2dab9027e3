"""Probes against references, few-shot draws, groups, fine-tuning."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression

from phosphene.cli.main import main
from phosphene.errors import PhospheneError, UsageError
from phosphene.evaluation import (
    EvaluationConfig,
    FineTuningConfig,
    Judged,
    ProbeConfig,
    Split,
    Task,
    evaluate,
    fine_tune,
    from_checkpoint,
    grouped,
    load,
    randomly_initialised,
    student,
)
from phosphene.evaluation.datasets import LabelledImages
from phosphene.evaluation.finetuning import augmented, schedule
from phosphene.evaluation.logistic import decide, fit_logistic
from phosphene.evaluation.probes import drawn, few_shot
from phosphene.evaluation.results import interval_of
from phosphene.evaluation.tuning_runs import compare_with_scratch
from phosphene.models import BackboneConfig
from phosphene.progress import ProgressBar
from phosphene.runs import Run


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def judged() -> Judged:
    return randomly_initialised(BackboneConfig("test_resnet", 16))


def features(count: int, width: int, classes: int, seed: int) -> Split:
    random = np.random.default_rng(seed)
    labels = random.integers(classes, size=count)
    centres = np.random.default_rng(9).normal(size=(classes, width))
    rows = centres[labels] + 1.5 * random.normal(size=(count, width))
    return Split(torch.tensor(rows, dtype=torch.float32), torch.tensor(labels))


def nothing(width: int) -> Split:
    return Split(torch.zeros(0, width), torch.zeros(0, dtype=torch.long))


@pytest.mark.parametrize("width", [6, 200])
def test_every_penalty_of_a_batch_has_scikit_learns_solution(width: int) -> None:
    train, test = features(80, width, 3, 0), features(50, width, 3, 1)
    penalties = [1.0, 0.1, 0.01, 0.001]
    ours = fit_logistic(train.features, train.labels, 3, penalties)
    assert ours.shape == (4, width + 1, 3)
    for penalty, solution in zip(penalties, ours, strict=True):
        theirs = LogisticRegression(C=1 / (80 * penalty), tol=1e-8, max_iter=5000)
        theirs.fit(train.features.numpy(), train.labels.numpy())
        expected = torch.tensor(theirs.predict_proba(test.features.numpy())).float()
        probabilities = (test.features @ solution[:-1] + solution[-1]).softmax(1)
        torch.testing.assert_close(probabilities, expected, atol=3e-3, rtol=0)
        given = decide(test.features, solution)
        agree = (given.numpy() == theirs.predict(test.features.numpy())).mean()
        assert agree >= 0.98


def test_a_start_changes_the_way_and_not_the_solution() -> None:
    train = features(60, 8, 4, 0)
    cold = fit_logistic(train.features, train.labels, 4, [0.01])
    warm = fit_logistic(
        train.features, train.labels, 4, [0.01], torch.randn(9, 4, generator=torch.manual_seed(0))
    )
    shift = (warm - cold)[0, -1].mean()  # adding a number to every class' bias changes nothing
    torch.testing.assert_close(warm[0, :-1], cold[0, :-1], atol=2e-3, rtol=0)
    torch.testing.assert_close(warm[0, -1] - shift, cold[0, -1], atol=2e-3, rtol=0)


def test_few_shot_draws_take_so_many_of_each_class_and_differ() -> None:
    labels = np.repeat([0, 1, 2], [40, 30, 3])
    config = ProbeConfig(shots=5)
    rows = [drawn(labels, config, draw) for draw in range(3)]
    for chosen in rows:
        assert np.bincount(labels[chosen]).tolist() == [5, 5, 3]
    assert len({tuple(chosen) for chosen in rows}) == 3
    assert (drawn(labels, config, 1) == rows[1]).all()
    assert len(drawn(labels, ProbeConfig(labelled=20), 0)) == 20


def test_more_shots_are_better_and_every_draw_is_counted() -> None:
    train, test = features(400, 10, 4, 0), features(300, 10, 4, 1)
    task = Task(train, nothing(10), test, 4)
    accuracy = {}
    for shots in (1, 40):
        given = few_shot(task, ProbeConfig(shots=shots, draws=6))
        assert given.labels.shape == (6, 300)
        assert given.settings == {"shots": shots, "labelled": 4 * shots, "draws": 6}
        accuracy[shots] = float((given.labels == test.labels).float().mean())
    assert 0.3 < accuracy[1] < accuracy[40] - 0.1


def test_several_draws_have_students_interval_and_one_has_the_bootstraps() -> None:
    # 2.776 is Student's quantile for 4 degrees of freedom.
    values = np.array([0.5, 0.6, 0.7, 0.6, 0.6])
    half = 2.776445 * values.std(ddof=1) / np.sqrt(5)
    assert student(values).high == pytest.approx(0.6 + half, abs=1e-6)
    many = np.repeat(values[:, None], 10, 1)
    assert interval_of([many]).low == pytest.approx(student(values).low)
    one = interval_of([np.repeat([[0.0, 1.0]], 50, 1)])
    assert 0.3 < one.low < 0.45 < 0.55 < one.high < 0.7


def test_intervals_of_draws_stay_within_what_can_be() -> None:
    wide = interval_of([np.repeat([[0.5], [0.75]], 10, 1)])
    assert student(np.array([0.5, 0.75])).high > 2
    assert (wide.low, wide.high) == (0.0, 1.0)
    gains = interval_of([np.repeat([[-0.25], [0.25]], 10, 1)], least=-1.0)
    assert (gains.low, gains.high) == (-1.0, 1.0)


def test_draws_that_are_all_alike_have_the_interval_over_test_images() -> None:
    right = (np.arange(40) % 4 > 0).astype(float)
    alike, one = interval_of([np.tile(right, (5, 1))]), interval_of([right[None]])
    assert alike == one
    assert one.low < 0.7 < 0.8 < one.high
    drawn_often = np.random.default_rng(0).random((5, 40))
    both, over = interval_of([drawn_often, right[None]]), student((drawn_often.mean(1) + 0.75) / 2)
    assert (both.low, both.high) == pytest.approx((over.low, over.high))


WHOLE = "few-shot takes all, in one draw, and its interval is over test images"


@pytest.mark.parametrize(
    ("asked", "settings", "line"),
    [
        ({"labelled": 1000}, {"labelled": 48, "draws": 1}, f"1,000 were asked for: {WHOLE}"),
        ({"labelled": 48}, {"labelled": 48, "draws": 1}, f"48 were asked for: {WHOLE}"),
        (
            {"shots": 1000},
            {"shots": 6, "labelled": 48, "draws": 1},
            f"1,000 of each class were asked for: {WHOLE}",
        ),
        (
            {"shots": 5},
            {"shots": 5, "labelled": 46, "draws": 3},
            "4 of the 10 classes of digits have fewer than 5 images to draw from: few-shot takes all of theirs",
        ),
        ({"labelled": 30}, {"labelled": 30, "draws": 3}, ""),
        ({"shots": 4}, {"shots": 4, "labelled": 40, "draws": 3}, ""),
    ],
)
def test_few_shot_reports_the_labelled_images_that_it_took(
    judged: Judged,
    caplog: pytest.LogCaptureFixture,
    asked: dict[str, int],
    settings: dict[str, int],
    line: str,
) -> None:
    config = EvaluationConfig(("few-shot",), ProbeConfig(draws=3, **asked))
    (found,) = evaluate([judged], [load("digits").limited(24)], config).scores
    assert found.settings == settings
    assert found.right.shape == (settings["draws"], 24)
    assert found.interval.low < found.accuracy < found.interval.high
    said = [record.getMessage() for record in caplog.records]
    has = "digits has 48 labelled images to draw from, " if WHOLE in line else ""
    assert said == ([has + line] if line else [])


def test_fine_tuning_reports_the_labelled_images_that_it_took(
    judged: Judged, caplog: pytest.LogCaptureFixture
) -> None:
    data = load("digits").limited(24)
    recipe, many = FineTuningConfig(steps=1, rates=(1e-3,)), ProbeConfig(labelled=1000, draws=2)
    tuned, _ = compare_with_scratch(judged, data, recipe, many, torch.device("cpu"), scratch=False)
    assert tuned.scores[0].settings["labelled"] == 48
    config = EvaluationConfig(("fine-tuning",), many, recipe)
    assert evaluate([judged], [data], config).scores[0].settings["labelled"] == 48
    said = [record.getMessage() for record in caplog.records]
    assert said == 2 * [
        "digits has 48 labelled images to draw from, 1,000 were asked for: fine-tuning takes all, and draws differ in "
        "order and augmentation alone"
    ]
    config = EvaluationConfig(("fine-tuning",), ProbeConfig(labelled=20, draws=1), recipe)
    assert evaluate([judged], [data], config).scores[0].settings["labelled"] == 20
    assert len(caplog.records) == 2


def test_fine_tuning_says_after_every_step_how_far_its_draws_are(judged: Judged) -> None:
    data, told = load("digits").limited(24), []
    recipe = FineTuningConfig(steps=2, rates=(1e-3, 2e-3))

    def show(done: int, total: int, place: str) -> None:
        told.append((done, total, place))

    settings = ProbeConfig(labelled=30, draws=3)
    list(fine_tune(judged, data, recipe, settings, skip=frozenset({1}), show=show))
    steps = [*range(7), *range(12, 19)]
    assert told == [(n, 18, f"draw {1 if n < 7 else 3} of 3") for n in steps]


def test_every_long_work_of_an_evaluation_has_a_bar(
    judged: Judged, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("phosphene.evaluation.judging.ProgressBar", partial(ProgressBar, pause=0.0))
    data, recipe = load("digits").limited(24), FineTuningConfig(steps=1, rates=(1e-3,))
    probes = ("knn", "linear", "fine-tuning")
    config = EvaluationConfig(probes, ProbeConfig(draws=1), recipe, batch_size=50)
    evaluate([judged], [data], config)
    assert capsys.readouterr().err == ""
    evaluate([judged], [data], config, progress=True)
    lines = re.sub(r", \d+:\d\d:\d\d left", "", capsys.readouterr().err).splitlines()
    assert lines == [
        "random:test_resnet sees digits: 50 of 72",
        "random:test_resnet sees digits: 72 of 72",
        "knn on digits: 0 of 1, random:test_resnet",
        "linear on digits: 0 of 1, random:test_resnet",
        "fine-tuning random:test_resnet on digits: 0 of 1, draw 1 of 1",
        "fine-tuning random:test_resnet on digits: 1 of 1, draw 1 of 1",
    ]


def test_evaluate_reports_few_shot_by_draw(judged: Judged) -> None:
    data = load("digits").limited(60)
    config = EvaluationConfig(("few-shot",), ProbeConfig(shots=3, draws=4))
    report = evaluate([judged], [data], config)
    (found,) = json.loads(json.dumps(report.plain()))["scores"]
    assert len(found["by_draw"]) == 4
    assert found["accuracy"] == pytest.approx(np.mean(found["by_draw"]))
    assert found["interval"]["low"] < found["accuracy"] < found["interval"]["high"]


def dataset(name: str, group: str = "", classes: int = 2, train: int = 4) -> LabelledImages:
    count = train + 2
    images = [np.full((4, 4, 3), 200 * (i % 2), np.uint8) for i in range(count)]
    labels = np.arange(count) % 2 if classes == 2 else np.zeros(count, int)
    splits = np.array(["train"] * train + ["test"] * 2)
    return LabelledImages(name, images, labels, splits, ("a", "b"), group, name)


def test_groups_come_from_the_user_the_data_or_the_table() -> None:
    found = grouped(
        [dataset("CIFAR10"), dataset("mnist", "structured"), dataset("own"), dataset("other")],
        {"own": "specialised"},
    )
    assert [d.group for d in found] == ["natural", "structured", "specialised", ""]
    with pytest.raises(UsageError, match="`group` must name a dataset of own; got 'others'"):
        grouped([dataset("own")], {"others": "natural"})
    with pytest.raises(UsageError, match="own is given twice"):
        grouped([dataset("own"), dataset("own")])


def test_a_single_class_is_no_task() -> None:
    with pytest.raises(UsageError, match="training images of one class only"):
        dataset("one", classes=1)


def test_wrong_probe_settings_name_themselves() -> None:
    with pytest.raises(UsageError, match="`draws` must be at least 1, got 0"):
        ProbeConfig(draws=0)
    with pytest.raises(UsageError, match="`labelled` must be 0 or more, got -1"):
        ProbeConfig(labelled=-1)
    with pytest.raises(UsageError, match="`rates` must be above 0"):
        FineTuningConfig(rates=())
    with pytest.raises(UsageError, match="`rates` must be above 0 and finite"):
        FineTuningConfig(rates=(1e-3, float("nan")))


def test_augmentation_keeps_shape_range_and_draws_by_seed() -> None:
    images = (torch.rand(32, 3, 16, 16, generator=torch.manual_seed(0)) * 255).byte()
    same = FineTuningConfig(crop=1.0, contrast=0.0)
    one, two = (augmented(images, same, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(one, two)
    assert one.shape == (32, 3, 16, 16)
    wide = augmented(images, FineTuningConfig(flip=True), torch.Generator().manual_seed(3))
    assert not torch.equal(wide, one)
    assert wide.min() > -0.5
    assert wide.max() < 1.5


def test_the_rate_rises_and_falls() -> None:
    config = FineTuningConfig(steps=100)
    rates = [schedule(step, config) for step in range(100)]
    assert rates[9] == 1.0
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.01


SMALL = FineTuningConfig(steps=25, batch_size=32, rates=(3e-3,), crop=0.7)


def test_fine_tuning_learns_and_repeats_itself(judged: Judged) -> None:
    data = load("digits").limited(100)
    before = {k: v.clone() for k, v in judged.model.state_dict().items()}
    settings = ProbeConfig(labelled=100, draws=1)
    (one,), (two,) = (list(fine_tune(judged, data, SMALL, settings)) for _ in range(2))
    assert one.right.shape == (100,)
    assert one.right.mean() > 0.3
    assert (one.right == two.right).all()
    after = judged.model.state_dict()
    assert all(torch.equal(after[name], before[name]) for name in before)


def test_what_fine_tuning_drops_depends_on_nothing_but_its_draw() -> None:
    data, settings = load("digits").limited(100), ProbeConfig(labelled=60, draws=2)
    drops = randomly_initialised(BackboneConfig("test_resnet", 16, {"drop_rate": 0.5}))
    _, second = fine_tune(drops, data, SMALL, settings)
    torch.rand(7)  # others draw, too
    (again,) = fine_tune(drops, data, SMALL, settings, skip=frozenset({0}))
    for name, value in second.model.state_dict().items():
        assert torch.equal(value, again.model.state_dict()[name]), name


def test_the_rate_is_chosen_on_held_out_labelled_images(judged: Judged) -> None:
    data = load("digits").limited(80)
    config = FineTuningConfig(steps=12, batch_size=32, rates=(1e-8, 3e-3))
    (tuned,) = fine_tune(judged, data, config, ProbeConfig(labelled=80, draws=1))
    assert tuned.rate == 3e-3


def test_a_rate_that_diverges_is_not_chosen_and_is_no_measurement(judged: Judged) -> None:
    data, settings = load("digits").limited(60), ProbeConfig(labelled=60, draws=1)
    config = FineTuningConfig(steps=12, batch_size=32, rates=(1e30, 3e-3))
    (tuned,) = fine_tune(judged, data, config, settings)
    assert tuned.rate == 3e-3
    with pytest.raises(PhospheneError, match=r"diverged on digits, draw 0, with the rate 1e\+30"):
        list(fine_tune(judged, data, FineTuningConfig(steps=12, rates=(1e30,)), settings))


def test_draws_are_kept_and_not_done_again(tmp_path: Path, judged: Judged) -> None:
    data, cpu = load("digits").limited(60), torch.device("cpu")
    config = FineTuningConfig(steps=3, rates=(1e-3,))
    settings, directory = ProbeConfig(labelled=30, draws=2), tmp_path / "tuned"
    other = Judged("pretrained", judged.model, judged.config, judged.normalisation, judged.digest)
    whole, saved = compare_with_scratch(other, data, config, settings, cpu, directory)
    assert [s.model for s in whole.scores] == ["random:test_resnet", "pretrained"]
    assert whole.differences()[0].model == "pretrained"
    assert saved is not None
    record = (directory / "record.jsonl").read_text().splitlines()
    assert len(record) == 4
    (directory / "record.jsonl").write_text("\n".join(record[:3]) + "\n" + record[3][:20])
    again, _ = compare_with_scratch(other, data, config, settings, cpu, directory)
    assert json.dumps(again.plain()) == json.dumps(whole.plain())
    assert len(list(Run.open(directory).events("draw"))) == 4
    with pytest.raises(UsageError, match=r"was started with fine_tuning.steps = 3, now it is 4"):
        compare_with_scratch(
            other, data, FineTuningConfig(steps=4, rates=(1e-3,)), settings, cpu, directory
        )


def test_finetune_from_the_command_line_gives_what_timm_loads(
    tmp_path: Path, judged: Judged, capsys: pytest.CaptureFixture[str]
) -> None:
    import timm
    from safetensors.torch import save_file

    about = {
        "backbone": {"name": "test_resnet", "size": 16, "options": {}},
        "mean": [0.5] * 3,
        "std": [0.2] * 3,
    }
    weights = tmp_path / "pre.safetensors"
    save_file(judged.model.state_dict(), weights, {"phosphene": json.dumps(about)})
    out = tmp_path / "out"
    command = ["finetune", str(weights), "--data", "digits", "--limit", "60", "--labelled", "20"]
    command += [
        "--seeds",
        "2",
        "--steps",
        "2",
        "--rate",
        "0.001",
        "--device",
        "cpu",
        "-o",
        str(out),
    ]
    assert main(command) == 0
    shown, progress = capsys.readouterr()
    assert "digits, fine-tuning: pre.safetensors is" in shown
    lines = [line for line in progress.splitlines() if "draw" in line]
    assert len(lines) == 4, (
        "a line a draw, of scratch and pretrained, also where there is no terminal"
    )
    assert re.fullmatch(r"pre.safetensors, draw 2 of 2: \d+\.\d% right, rate 0.001", lines[-1])
    assert f"checkpoint_path='{out / 'model.safetensors'}'" in shown
    loaded = timm.create_model(
        "test_resnet", num_classes=10, checkpoint_path=str(out / "model.safetensors")
    )
    kept = load_file(out / "model.safetensors")
    assert all(torch.equal(loaded.state_dict()[name], kept[name]) for name in kept)
    features = from_checkpoint(out / "model.safetensors")
    assert features.config.options == {}
    assert (
        features.model(torch.zeros(1, 3, 16, 16)).shape
        == judged.model(torch.zeros(1, 3, 16, 16)).shape
    )
    assert main([*command, "--data", "folder:nope"]) == 2
    assert "give one --data, got digits, folder:nope" in capsys.readouterr().err
    weights.write_bytes(weights.read_bytes()[:500])
    assert main(command) == 1
    assert "is not a whole safetensors file" in capsys.readouterr().err


def test_a_damaged_image_names_itself_in_fine_tuning(judged: Judged) -> None:
    data = dataset("torn")
    torn = LabelledImages(
        "torn", [b"no image", *data.images[1:]], data.labels, data.splits, data.classes, "", "x"
    )
    with pytest.raises(PhospheneError, match="cannot decode image 0 of torn"):
        next(fine_tune(judged, torn, SMALL, ProbeConfig()))
