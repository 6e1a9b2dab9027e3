"""Datasets, features, probes and results of evaluation."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from phosphene import evaluation
from phosphene.errors import UsageError
from phosphene.evaluation import (
    EvaluationConfig,
    FeatureCache,
    Judged,
    ProbeConfig,
    evaluate,
    load,
    randomly_initialised,
)
from phosphene.evaluation.datasets import LabelledImages, split_fresh, stratified
from phosphene.evaluation.features import extract, squares
from phosphene.evaluation.logistic import fit_logistic
from phosphene.evaluation.probes import Split, Task, knn, linear
from phosphene.evaluation.results import bootstrap, per_class
from phosphene.models import BackboneConfig


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def judged() -> Judged:
    return randomly_initialised(BackboneConfig("test_resnet", 16))


def clusters(count: int, classes: int = 3, spread: float = 0.5, seed: int = 0) -> Split:
    random = np.random.default_rng(seed)
    labels = random.integers(classes, size=count)
    centres = np.random.default_rng(9).normal(size=(classes, 6))
    features = centres[labels] + spread * random.normal(size=(count, 6))
    return Split(torch.tensor(features, dtype=torch.float32), torch.tensor(labels))


def test_digits_are_split_the_same_way_every_time_with_every_class_in_proportion() -> None:
    data = load("digits")
    assert len(data) == 1797
    assert {split: int((data.splits == split).sum()) for split in ("train", "val", "test")} == {
        "train": 1079,
        "val": 359,
        "test": 359,
    }
    for split, share in (("train", 0.6), ("val", 0.2), ("test", 0.2)):
        counts = np.bincount(data.labels[data.rows(split)])
        assert np.abs(counts - share * np.bincount(data.labels)).max() <= 1
    assert (load("digits").splits == data.splits).all()
    assert load("digits").fingerprint == data.fingerprint


def test_a_limit_takes_every_class_in_proportion() -> None:
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    assert np.bincount(labels[stratified(labels, 20, 0)]).tolist() == [12, 6, 2]
    assert len(stratified(labels, 1000, 0)) == 100
    data = load("digits").limited(50)
    assert [len(data.rows(s)) for s in ("train", "val", "test")] == [50, 50, 50]
    assert np.bincount(data.labels[data.rows("train")]).min() >= 4
    assert data.fingerprint != load("digits").fingerprint


def test_a_rare_class_is_never_split_away_from_training() -> None:
    splits = split_fresh(np.array([0] * 10 + [1]))
    assert splits[10] == "train"


def test_knn_equals_a_naive_vote() -> None:
    train, test = clusters(40, spread=1.5), clusters(25, spread=1.5, seed=1)
    given = knn(
        Task(train, Split(torch.zeros(0, 6), torch.zeros(0).long()), test, 3), ProbeConfig(7)
    )
    for row, label in zip(test.features.double(), given.labels[0].tolist(), strict=True):
        cosines = [float(row @ f / row.norm() / f.norm()) for f in train.features.double()]
        nearest = sorted(range(40), key=lambda i: -cosines[i])[:7]
        votes = [0.0] * 3
        for i in nearest:
            votes[int(train.labels[i])] += float(np.exp(cosines[i] / 0.07))
        assert label == int(np.argmax(votes))
    assert given.settings == {"k": 7, "temperature": 0.07}


def test_the_coldest_knn_votes_as_the_nearest_alone() -> None:
    train, test = clusters(60, spread=1.5), clusters(40, spread=1.5, seed=1)
    task = Task(train, Split(torch.zeros(0, 6), torch.zeros(0).long()), test, 3)
    alone = knn(task, ProbeConfig(neighbours=1)).labels
    assert len(alone.unique()) == 3
    assert torch.equal(knn(task, ProbeConfig(temperature=1e-5)).labels, alone)


def test_logistic_regression_equals_scikit_learns() -> None:
    train, test = clusters(80, spread=1.5), clusters(50, seed=1, spread=1.5)
    (ours,) = fit_logistic(train.features, train.labels, 3, [0.01])
    theirs = LogisticRegression(C=1 / (80 * 0.01), tol=1e-8, max_iter=1000)
    theirs.fit(train.features.numpy(), train.labels.numpy())
    expected = theirs.predict_proba(test.features.numpy())
    probabilities = (test.features @ ours[:-1] + ours[-1]).softmax(1)
    torch.testing.assert_close(
        probabilities.double(), torch.tensor(expected).double(), atol=2e-3, rtol=0
    )


def test_the_linear_probe_chooses_its_penalty_on_validation_images() -> None:
    random = torch.Generator().manual_seed(0)
    noise = torch.randn(30, 300, generator=random)
    labels = torch.arange(30) % 2
    signal = torch.where(labels == 0, -1.0, 1.0)[:, None]
    train = Split(
        torch.cat([noise, signal + 0.3 * torch.randn(30, 1, generator=random)], 1), labels
    )
    test = Split(torch.randn(200, 301, generator=random), torch.arange(200) % 2)
    test.features[:, -1] = torch.where(test.labels == 0, -1.0, 1.0)
    task = Task(train, Split(test.features[:100], test.labels[:100]), test, 2)
    chosen = linear(task, ProbeConfig()).settings["l2"]

    def right(penalty: float) -> int:
        (weights,) = fit_logistic(*_standardised(task), 2, [penalty])
        mean, std = train.features.mean(0), train.features.std(0, correction=0)
        x = (task.validation.features - mean) / std
        return int(((x @ weights[:-1] + weights[-1]).argmax(1) == task.validation.labels).sum())

    assert right(chosen) >= max(right(p) for p in ProbeConfig().penalties) - 1
    alone = Task(
        clusters(60), Split(torch.zeros(0, 6), torch.zeros(0).long()), clusters(30, seed=1), 3
    )
    assert (linear(alone, ProbeConfig()).labels == alone.test.labels).float().mean() > 0.9


def _standardised(task: Task) -> tuple[torch.Tensor, torch.Tensor]:
    features = task.train.features
    return (features - features.mean(0)) / features.std(0, correction=0), task.train.labels


def test_bootstrap_intervals_cover_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(0)
    hits = 0
    for _ in range(200):
        interval = bootstrap([(random.random(150) < 0.7).astype(float)])
        hits += interval.low <= 0.7 <= interval.high
    assert 180 <= hits <= 199
    one = bootstrap([np.repeat([0.0, 1.0], 50)])
    two = bootstrap([np.repeat([0.0, 1.0], 50)] * 4)
    assert two.high - two.low == pytest.approx((one.high - one.low) / 2, rel=0.15)


def test_per_class_accuracy_weighs_classes_equally() -> None:
    right = np.array([True, True, True, False, False])
    assert per_class(right, np.array([0, 0, 0, 0, 2])) == pytest.approx(0.375)


def test_features_do_not_depend_on_the_batch_and_are_cached(tmp_path: Path, judged: Judged) -> None:
    data = load("digits").limited(20)
    cache = FeatureCache(tmp_path / "cache")
    features = extract(judged, data, cache, batch_size=60)
    torch.testing.assert_close(extract(judged, data, FeatureCache(None), batch_size=7), features)
    entries = sorted((tmp_path / "cache").iterdir(), key=lambda path: path.stat().st_size)
    assert len(entries) == 2, "features and pixels"

    class Unused(torch.nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            raise AssertionError("the cache was not used")

    unused = Judged(judged.name, Unused(), judged.config, judged.normalisation, judged.digest)
    assert torch.equal(extract(unused, data, cache), features)
    other = Judged(judged.name, Unused(), judged.config, judged.normalisation, "another")
    with pytest.raises(AssertionError, match="not used"):
        extract(other, data, cache)
    for entry in entries:
        entry.write_bytes(b"torn")
    assert torch.equal(extract(judged, data, cache, batch_size=60), features)


def test_images_are_decoded_once_for_all_backbones(
    tmp_path: Path, judged: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, cache = load("digits").limited(20), FeatureCache(tmp_path)
    other = randomly_initialised(judged.config, seed=1)
    seen: list[int] = []

    def counted(*place: Any) -> Any:
        made = squares(*place)
        seen.append(len(made))
        return made

    monkeypatch.setattr("phosphene.evaluation.features.squares", counted)
    alone = extract(other, data, FeatureCache(None), batch_size=7)
    assert sum(seen) == len(data)
    extract(judged, data, cache)
    assert sum(seen) == 2 * len(data)
    assert torch.equal(extract(other, data, cache, batch_size=7), alone)
    assert sum(seen) == 2 * len(data), "the second backbone sees the pixels that the first left"
    larger = randomly_initialised(BackboneConfig("test_resnet", 24))
    extract(larger, data, cache)
    assert sum(seen) == 3 * len(data), "of another size"
    monkeypatch.setattr("phosphene.evaluation.features.KEPT_PIXELS", 100)
    extract(judged, data.limited(5), cache)
    assert len(list(tmp_path.iterdir())) == 3 + 2 + 1, "three backbones, two sizes, one too large"


def test_equal_seeds_give_equal_random_backbones(judged: Judged) -> None:
    again = randomly_initialised(judged.config)
    assert again.digest == judged.digest
    assert randomly_initialised(judged.config, seed=1).digest != judged.digest


def test_a_random_backbone_is_judged_against_another(tmp_path: Path, judged: Judged) -> None:
    other = randomly_initialised(BackboneConfig("test_resnet", 24))
    other = Judged("other", other.model, other.config, other.normalisation, other.digest)
    report = evaluate(
        [judged, other], [load("digits").limited(100)], EvaluationConfig(), baseline=judged.name
    )
    assert [(s.probe, s.model) for s in report.scores] == [
        ("knn", "random:test_resnet"),
        ("knn", "other"),
        ("linear", "random:test_resnet"),
        ("linear", "other"),
    ]
    for score in report.scores:
        assert score.interval.low <= score.accuracy <= score.interval.high
        assert score.accuracy > 0.2
        assert (score.train, score.test, score.classes) == (200, 100, 10)
    knn_gain = report.differences()[0]
    assert knn_gain.gain == pytest.approx(report.scores[1].accuracy - report.scores[0].accuracy)
    content = json.loads(json.dumps(report.plain()))
    assert "right" not in content["scores"][0]
    assert "digits" in report.table()


def test_groups_have_means() -> None:
    images = [np.full((4, 4, 3), 40 * i, np.uint8) for i in range(6)]
    labels, splits = np.array([0, 1] * 3), np.array(["train"] * 4 + ["test"] * 2)
    sets = [
        LabelledImages(name, images, labels, splits, ("a", "b"), group, name)
        for name, group in (("one", "natural"), ("two", "natural"), ("three", "structured"))
    ]
    means = evaluate(
        [randomly_initialised(BackboneConfig("test_resnet", 16))], sets, EvaluationConfig(("knn",))
    ).means()
    assert [(m.group, m.datasets) for m in means] == [
        ("natural", ("one", "two")),
        ("structured", ("three",)),
        ("all", ("one", "two", "three")),
    ]


def test_unknown_data_and_probes_list_the_choices() -> None:
    for spec in ("cifar", "digits:x", "parquet", "", "url:x"):
        with pytest.raises(UsageError, match="`data` must be digits, folder:DIR, parquet:FILE"):
            load(spec)
    with pytest.raises(
        UsageError, match="`probe` must be one of knn, linear, few-shot, fine-tuning; got 'svm'"
    ):
        evaluation.find_probe("svm")
    with pytest.raises(UsageError, match="`neighbours` must be at least 1, got 0"):
        ProbeConfig(0)


def test_a_cache_that_cannot_be_written_costs_no_features(
    tmp_path: Path, judged: Judged, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    data = load("digits").limited(2)
    made = extract(judged, data, FeatureCache(tmp_path / "file" / "x"))
    assert torch.equal(made, extract(judged, data, FeatureCache(None)))
    assert "cannot write the cache" in caplog.text
    assert "--no-cache" in caplog.text


def key(number: int) -> str:
    return f"{number:032x}"


def kept(directory: Path) -> list[int]:
    """The numbers of the entries that are there."""
    return sorted(int(path.stem, 16) for path in directory.glob("*.safetensors"))


def aged(directory: Path, days: int, *numbers: int) -> None:
    for number in numbers:
        path = directory / f"{key(number)}.safetensors"
        now = path.stat().st_mtime
        os.utime(path, (now, now - 86_400 * days))


def test_the_longest_unused_features_go_first(tmp_path: Path) -> None:
    values = torch.zeros(1000)  # 4,080 bytes with their header
    cache = FeatureCache(tmp_path, limit=3 * 4200)
    for number in (1, 2, 3):
        cache.put(key(number), values)
        aged(tmp_path, 10 - number, number)
    assert kept(tmp_path) == [1, 2, 3]
    assert cache.get(key(1)) is not None
    aged(tmp_path, 1, 1)
    cache.put(key(4), values)
    assert kept(tmp_path) == [1, 3, 4], "1 was used after 2"
    FeatureCache(tmp_path, limit=2 * 4200).put(key(5), values)
    assert kept(tmp_path) == [4, 5], "3 and 1 were used before"


def test_what_was_just_put_stays_however_large(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path, limit=10_000)
    cache.put(key(1), torch.zeros(100))
    cache.put(key(2), torch.zeros(10_000))
    assert kept(tmp_path) == [2]
    assert cache.get(key(2)) is not None
    cache.put(key(3), torch.zeros(100))
    assert kept(tmp_path) == [3]


def test_a_cache_leaves_alone_what_is_not_its_own(tmp_path: Path) -> None:
    others = ["model.safetensors", "notes.txt", f"{key(1)}.txt", f".{key(2)}.safetensors.17"]
    for name in [*others, f".{key(3)}.safetensors.18"]:
        (tmp_path / name).write_bytes(bytes(5000))
    os.utime(tmp_path / f".{key(3)}.safetensors.18", (0, 0))  # of a process that was killed
    os.utime(tmp_path / "model.safetensors", (0, 0))
    FeatureCache(tmp_path, limit=1000).put(key(4), torch.zeros(1000))
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*others, f"{key(4)}.safetensors"])


FILLER = """
import sys
from pathlib import Path
import torch
from phosphene.evaluation import FeatureCache
cache, own = FeatureCache(Path(sys.argv[1]), limit=20_000), int(sys.argv[2])
for i in range(own, own + 40):
    cache.put(f"{i:032x}", torch.full((1000,), float(i)))
    cache.get(f"{own + 50 - i % 40:032x}")
"""


def test_processes_trim_one_cache_at_the_same_time(tmp_path: Path) -> None:
    runs = [
        subprocess.Popen([sys.executable, "-c", FILLER, str(tmp_path), str(own)], stderr=-1)
        for own in (0, 1000, 2000)
    ]
    assert [run.communicate()[1] for run in runs] == [b""] * 3
    cache = FeatureCache(tmp_path, limit=20_000)
    cache.put(key(9999), torch.zeros(1000))
    found = kept(tmp_path)
    assert 1 < len(found) <= 4
    for number in found[:-1]:
        values = cache.get(key(number))
        assert values is not None
        assert (values == number).all()
    assert all(path.name.endswith(".safetensors") for path in tmp_path.iterdir())


def test_the_variable_bounds_the_cache_of_features(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert FeatureCache(None).limit == 8 << 30
    monkeypatch.setenv("PHOSPHENE_FEATURE_CACHE_GIB", "0.5")
    assert FeatureCache(None).limit == 1 << 29
    assert not caplog.records
    for wrong in ("eight", "0", "-1", "nan", "inf"):
        monkeypatch.setenv("PHOSPHENE_FEATURE_CACHE_GIB", wrong)
        assert FeatureCache(None).limit == 8 << 30
        assert f"must be a number of GiB above 0, got '{wrong}'" in caplog.text
