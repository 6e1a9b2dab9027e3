"""`phosphene compare`: arms and budgets, gap shares, tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from phosphene.cli.compare import specified
from phosphene.cli.main import build_parser
from phosphene.comparing import (
    Existing,
    Scored,
    Table,
    budget,
    check_equal,
    gap_share,
    load_comparison,
    read_comparison,
)
from phosphene.comparing.layout import jobs_of
from phosphene.errors import PhospheneError, UsageError
from phosphene.recipes import recipe
from phosphene.training import DataConfig, plain


def test_the_share_is_the_papers() -> None:
    # The paper: 38% = (44.83 - 38.12) / (55.59 - 38.12), over one run of each.
    share = gap_share([44.83], [38.12], [55.59])
    assert share.share == pytest.approx(0.384, abs=5e-4)
    assert (share.low, share.high, share.note) == (None, None, "one seed: no interval")
    more = gap_share([60.0, 61.0, 62.0], [40.0, 41.0, 42.0], [50.0, 51.0, 52.0])
    assert more.share == pytest.approx(2.0)
    assert more.by_seed == pytest.approx((2.0, 2.0, 2.0))
    assert (more.low, more.high) == (pytest.approx(2.0), pytest.approx(2.0))


def test_a_gap_that_is_not_there_has_no_share() -> None:
    below = gap_share([0.5, 0.5], [0.4, 0.4], [0.3, 0.3])
    assert (below.share, below.low, below.by_seed) == (None, None, (None, None))
    assert "not above" in below.note
    equal = gap_share([0.5], [0.4], [0.4])
    assert equal.share is None
    lost = gap_share([0.5, 0.4, 0.6], [0.4, 0.5, 0.4], [0.41, 0.49, 0.45])
    assert lost.share is not None
    assert lost.low is None
    assert "within the noise" in lost.note


def test_fiellers_interval_covers_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    hits, bounded = 0, 0
    for _ in range(400):
        common = random.normal(0, 0.3, 4)  # what a seed does to all arms
        ours, classic, real = (
            level + common + random.normal(0, 0.3, 4) for level in (44.8, 38.0, 46.0)
        )
        share = gap_share(ours, classic, real)
        if share.low is not None and share.high is not None:
            bounded += 1
            hits += share.low <= 6.8 / 8.0 <= share.high
    assert bounded == 400
    assert 0.92 <= hits / 400 <= 0.98


def report(knn: float, linear: float, group: str = "natural") -> dict[str, Any]:
    values = {"knn": knn, "linear": linear}
    return {
        "scores": [{"probe": p, "dataset": "set", "accuracy": v} for p, v in values.items()],
        "means": [{"probe": p, "group": group, "accuracy": v} for p, v in values.items()],
    }


def test_the_table_takes_the_best_classic_of_each_column() -> None:
    table = Table(
        [
            Scored("leaves", "classic", 0, report(0.40, 0.50)),
            Scored("leaves", "classic", 1, report(0.42, 0.50)),
            Scored("noise", "classic", 0, report(0.30, 0.54)),
            Scored("noise", "classic", 1, report(0.30, 0.54)),
            Scored("photos", "real", 0, report(0.51, 0.60)),
            Scored("photos", "real", 1, report(0.51, 0.60)),
            Scored("mixed", "ours", 0, report(0.45, 0.57)),
            Scored("mixed", "ours", 1, report(0.47, 0.57)),
        ],
        {"images": 96},
        ["data.colour"],
    )
    assert table.cells["leaves"]["knn", "set"].mean == pytest.approx(0.41)
    assert table.cells["leaves"]["knn", "set"].spread == pytest.approx(
        np.std([40, 42], ddof=1) / 100
    )
    found = {(c.probe, c.column): c for c in table.closed()}
    assert found["knn", "mean natural"].classic == "leaves"
    assert found["knn", "mean natural"].share.share == pytest.approx(0.05 / 0.10)
    assert found["linear", "mean natural"].classic == "noise"
    assert found["linear", "mean natural"].share.share == pytest.approx(0.03 / 0.06)
    text = table.text()
    assert "mixed closes 50%" in text
    assert "41.0 ±1.4" in text
    assert "not held equal: data.colour" in text
    assert json.loads(json.dumps(table.plain()))["budget"] == {"images": 96}


GROUPS = {"natural": ("cifar10", "mnist"), "specialised": ("rsscn7",), "structured": ("nlvr",)}


def grouped_report(level: float, offsets: dict[str, float]) -> dict[str, Any]:
    """As `Report.plain` gives it: every dataset of a group at its group's level, k-NN 10 points below."""
    scores, means = [], []
    for probe, below in (("knn", 0.1), ("linear", 0.0)):
        every = []
        for group, names in GROUPS.items():
            values = [level + offsets.get(group, 0.0) - below + 0.02 * i for i in range(len(names))]
            scores += [
                {"probe": probe, "dataset": name, "accuracy": value}
                for name, value in zip(names, values, strict=True)
            ]
            means.append({"probe": probe, "group": group, "accuracy": float(np.mean(values))})
            every += values
        means.append({"probe": probe, "group": "all", "accuracy": float(np.mean(every))})
    return {"scores": scores, "means": means}


def seeded(arm: str, role: str, levels: list[float], **offsets: float) -> list[Scored]:
    return [
        Scored(arm, role, seed, grouped_report(level, offsets)) for seed, level in enumerate(levels)
    ]


def test_every_group_and_probe_has_its_own_share_over_its_best_classic() -> None:
    leaves, noise = [0.40, 0.42, 0.41], [0.39, 0.40, 0.41]
    photos, mixed = [0.60, 0.61, 0.62], [0.55, 0.58, 0.56]
    runs = [
        *seeded("nothing", "nothing", [0.20]),
        *seeded("leaves", "classic", leaves),
        *seeded("noise", "classic", noise, structured=0.05),
        *seeded("photos", "real", photos, specialised=-0.3),
        *seeded("mixed", "ours", mixed),
        *seeded("quick", "ours", mixed[:1]),
        *seeded("late", "ours", [0.5, 0.5, 0.5, 0.9]),
    ]
    table = Table(runs, {})
    cell = table.cells["mixed"]["knn", "mean natural"]
    assert cell.mean == pytest.approx(np.mean(mixed) - 0.1 + 0.01)
    assert cell.spread == pytest.approx(np.std(mixed, ddof=1))
    assert table.cells["quick"]["knn", "mean natural"].spread is None
    found = {(c.arm, c.probe, c.column): c for c in table.closed()}
    columns = [f"mean {g}" for g in (*GROUPS, "all")] + [n for g in GROUPS.values() for n in g]
    arms = ("mixed", "quick", "late")
    assert set(found) == {(a, p, c) for a in arms for p in ("knn", "linear") for c in columns}
    for probe in ("knn", "linear"):
        natural = found["mixed", probe, "mean natural"]
        expected = gap_share(mixed, leaves, photos)
        assert (natural.classic, natural.seeds) == ("leaves", (0, 1, 2))
        for figure in ("share", "low", "high"):
            assert getattr(natural.share, figure) == pytest.approx(getattr(expected, figure))
        structured = found["mixed", probe, "mean structured"]
        over_noise = gap_share(mixed, [level + 0.05 for level in noise], photos)
        assert (structured.classic, structured.share.share) == (
            "noise",
            pytest.approx(over_noise.share),
        )
        specialised = found["mixed", probe, "mean specialised"]
        assert specialised.share.share is None  # photos are below the classic there
        quick = found["quick", probe, "mean natural"]
        one = (mixed[0] - leaves[0]) / (photos[0] - leaves[0])
        assert (quick.seeds, quick.share.share) == ((0,), pytest.approx(one))
        late = found["late", probe, "mean natural"]
        assert late.seeds == (0, 1, 2), "its fourth seed has no partner"
        assert late.share.share == pytest.approx(gap_share([0.5] * 3, leaves, photos).share)
    text = table.text()
    head, nothing = text.splitlines()[:2]
    assert head.split()[:4] == ["knn", "seeds", "mean", "natural"]
    assert nothing.split()[:3] == ["nothing", "1", "11.0"]
    assert "32.0 ±1.0" in next(line for line in text.splitlines() if line.startswith("leaves"))
    assert "linear, mean natural: quick closes 75% (one seed: no interval) of the gap" in text
    assert "from leaves to photos, over seed 0\n" in text
    assert "from noise to photos, over 3 seeds (0, 1, 2)\n" in text
    assert "linear, mean specialised: no share of the gap from leaves to photos for mixed" in text
    assert "± standard deviation over 1/3/4 seeds" in text
    plain = json.loads(json.dumps(table.plain()))
    assert {tuple(c["seeds"]) for c in plain["closed"]} == {(0,), (0, 1, 2)}


def test_of_one_seed_no_spread_is_spoken_of() -> None:
    text = Table([*seeded("leaves", "classic", [0.4]), *seeded("photos", "real", [0.6])], {}).text()
    assert text.endswith("one seed each: no spread; --seeds 3 shows it")
    assert "±" not in text


def test_arms_without_a_seed_in_common_have_no_share() -> None:
    runs = [
        *seeded("leaves", "classic", [0.4, 0.4]),
        *seeded("photos", "real", [0.6, 0.6]),
        Scored("mixed", "ours", 7, grouped_report(0.5, {})),
    ]
    closed = Table(runs, {}).closed()
    assert {(c.seeds, c.share.share, c.share.note) for c in closed} == {
        ((), None, "no seed in common")
    }
    assert "for mixed (no seed in common)" in str(closed[0])


def test_an_arm_may_have_fewer_seeds() -> None:
    made = comparison(seeds=[3, 4, 5], arms={"a": {"seeds": [5, 3]}, "b": {}})
    jobs = [(job.arm, job.seed) for job in jobs_of(made, Path("x"))]
    assert jobs == [("a", 3), ("b", 3), ("b", 4), ("a", 5), ("b", 5)]
    assert read_comparison(made.plain()) == made
    with pytest.raises(UsageError, match=r"the arm a: `seeds` must be among .*\[0, 1, 2\], got"):
        comparison(arms={"a": {"seeds": [3]}})


def comparison(**changes: Any) -> Any:
    tree = {
        "arms": {"a": {"data": {"bank": "b.db"}}, "b": {"data": {"bank": "b.db", "mix": 2}}},
        "training": {"steps": 5, "backbone": {"name": "test_resnet", "size": 16}},
    }
    return read_comparison({**tree, **changes})


def test_what_is_mixed_is_free_and_how_long_is_not() -> None:
    made = comparison()
    a, b = made.config("a", 0), made.config("b", 1)
    assert (a.data.mix, b.data.mix, b.training.seed) == (1, 2, 1)
    check_equal({"a": budget(a), "b": budget(b)})
    assert budget(a)["images"] == 5 * 256 * 2
    for entry, value, path in (
        ("training", {"steps": 6}, "training.steps is 5 for a and 6 for b"),
        ("training", {"batch_size": 128}, "training.batch_size is 256 for a and 128 for b"),
        ("training", {"backbone": {"size": 32}}, "training.backbone.size is 16 for a and 32 for b"),
        ("training", {"optimiser": {"weight_decay": 0.1}}, "training.optimiser.weight_decay"),
        ("data", {"colour": 1.0}, "data.colour is 0.5 for a and 1.0 for b"),
        ("data", {"crop": [0.2, 1.0]}, "data.crop is"),
        ("data", {"levels": True}, "data.levels is False for a and True for b"),
    ):
        arms = {"a": {"data": {"bank": "x"}}, "b": {entry: {**value}}}
        unequal = comparison(arms=arms)
        budgets = {arm: budget(unequal.config(arm, 0)) for arm in arms}
        with pytest.raises(UsageError, match=f"unequal budgets: {path}"):
            check_equal(budgets)
        (name,) = value
        free = [f"{entry}.{name}"] + (["images"] if name in ("steps", "batch_size") else [])
        check_equal(budgets, free)


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({}, "needs `arms`, a mapping"),
        ({"arms": {}}, "needs at least one arm"),
        ({"arms": {"a": {"role": "mine"}}}, "the arm a: `role` must be one of nothing, classic"),
        ({"arms": {"a": "nothing"}}, "the arm a: it must be a mapping, got 'nothing'"),
        ({"arms": {1: {}, "1": {}}}, "two arms are called 1"),
        ({"arms": {"a": {}}, "judging": {"limit": -1}}, "`limit` must be 0 or more, got -1"),
        ({"arms": {"a/b": {}}}, "must do as a file name, got 'a/b'"),
        ({"arms": {"a": {}}, "seeds": [1, 1]}, "`seeds` must be different numbers"),
        ({"arms": {"a": {}}, "judging": {"probes": ["svm"]}}, "`probe` must be one of knn"),
        ({"arms": {"a": {}}, "step": 5}, "got 'step'"),
        ({"arms": {"a": {}}, "recipe": "best"}, "`recipe` must be one of default, .*got 'best'"),
        ({"arms": {"a": {"recipe": "best"}}}, "the arm a: `recipe` must be one of default"),
    ],
)
def test_a_wrong_specification_names_its_fault(tree: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_comparison(tree)


def test_an_arms_wrong_entry_names_the_arm(tmp_path: Path) -> None:
    made = comparison(arms={"odd": {"data": {"mixture": 2}}})
    with pytest.raises(UsageError, match=r"the arm odd: .*got 'mixture'"):
        made.config("odd", 0)
    for text, message in (
        (
            "arms: [",
            r"c.yaml is not YAML: line 1, column 8: while parsing a flow node, expected .*$",
        ),
        (
            "arms: {a: {role: ours}\nb: 1\n",
            r"c.yaml is not YAML: line 2, column 1: while parsing a flow mapping, expected ',' or .*$",
        ),
        ("arms: \x00", "c.yaml is not YAML: unacceptable character #x0000: special .*position 6$"),
        ("arms:\n  a: {role: ours}\n  a: {role: real}\n", "c.yaml: a is there twice, below line 2"),
        (
            "arms: {a: {data: {time: 2024-01-01}}}",
            "must hold texts, numbers, .*a date wants quotes",
        ),
        ("arms: {a: {data: &d {x: *d}}}", "must hold texts, numbers, lists and mappings alone"),
    ):
        (tmp_path / "c.yaml").write_text(text)
        with pytest.raises(PhospheneError, match=message) as raised:
            load_comparison(tmp_path / "c.yaml")
        assert "\n" not in str(raised.value)


def test_entries_override_the_recipe_of_the_arm_or_of_all() -> None:
    made = comparison(
        recipe="resnet18-simclr",
        training={"steps": 7, "method": {"options": {"temperature": 0.2}}},
        data={"bank": "b.db", "mix": 2},
        arms={
            "shared": {},
            "own": {"recipe": "default", "data": {"mix": 3}, "training": {"batch_size": 64}},
            "other": {"recipe": "resnet50-moco"},
            "leaves": {"data": {"source": "dead-leaves"}},
        },
    )
    shared, own, other, leaves = (made.config(arm, 4) for arm in made.arms)
    assert shared.training.backbone == recipe("resnet18-simclr").training.backbone
    assert (shared.training.steps, shared.training.batch_size, shared.training.seed) == (7, 1024, 4)
    assert shared.training.method.options == {"temperature": 0.2}
    assert (shared.data.mix, own.data.mix, own.training.batch_size) == (2, 3, 64)
    assert (other.training.method.name, other.training.steps, other.data.mix) == ("moco", 7, 2)
    assert (leaves.data.bank, leaves.data.source) == ("", "dead-leaves")
    assert made.data == {"bank": "b.db", "mix": 2}
    assert read_comparison(made.plain()) == made
    check_equal({"shared": budget(shared), "leaves": budget(leaves)})
    with pytest.raises(UsageError, match=r"unequal budgets: training.backbone.name is"):
        check_equal({"shared": budget(shared), "other": budget(other)})


def test_what_a_recipe_says_of_programs_is_not_said_to_a_source() -> None:
    shared = ["classic:noise", "ours:bank:bank.db", "--recipe", "default", "--data", "digits"]
    made = specified(arguments(*shared))
    noise, ours = (made.config(arm, 0) for arm in ("noise", "bank"))
    assert (ours.data.mix, ours.data.reuse, ours.data.frame) == ("6+contrast", 16384, "views")
    assert (noise.data.mix, noise.data.reuse, noise.data.frame) == (1, 0, 0)
    assert noise.data.crop == ours.data.crop == (0.2, 1.0)
    assert noise.training == ours.training
    check_equal({"noise": budget(noise), "bank": budget(ours)})
    sets = ["--set", "data.mix=3", "--set", "data.positives=both", "--set", "data.frame=48"]
    made = specified(arguments(*shared, *sets))
    noise, ours = (made.config(arm, 0) for arm in ("noise", "bank"))
    assert (ours.data.mix, ours.data.positives, ours.data.frame) == (3, "both", 48)
    assert (noise.data.mix, noise.data.positives, noise.data.frame) == (3, "cameras", 0)
    made = specified(arguments("own=classic:noise,recipe=default,mix=2", *shared))
    assert (made.config("own", 0).data.mix, made.config("own", 0).data.reuse) == (2, 0)
    for entry in ("reuse=8", "frame=64", "positives=both", "bank=b.db"):
        made = specified(arguments(f"x=classic:noise,{entry}", *shared))
        with pytest.raises(
            UsageError, match="the arm x: `source` noise goes with no `bank`, no `r"
        ):
            made.config("x", 0)
    unequal = specified(arguments("x=classic:noise,crop=[0.5,1.0]", *shared))
    budgets = {arm: budget(unequal.config(arm, 0)) for arm in ("x", "bank")}
    with pytest.raises(UsageError, match=r"unequal budgets: data\.crop is"):
        check_equal(budgets)


def arguments(*words: str) -> Any:
    return build_parser().parse_args(["compare", *words])


def test_arms_from_the_command_line(tmp_path: Path) -> None:
    words = ["nothing", "classic:dead-leaves", "real:folder:/photos/many", "ours:bank:x/b.db,mix=6"]
    words += ["late=ours:bank,positives=latents", "--bank", "b.db", "--steps", "9", "--seeds", "2"]
    made = specified(arguments(*words, "--seed", "5", "--data", "digits", "--set", "data.colour=1"))
    assert list(made.arms) == ["nothing", "dead-leaves", "many", "b,mix=6", "late"]
    assert made.seeds == (5, 6)
    assert made.judging.data == ("digits",)
    assert made.arms["dead-leaves"].data == {"source": "dead-leaves"}
    mixed, late = made.config("b,mix=6", 5), made.config("late", 6)
    assert (mixed.data.bank, mixed.data.mix, mixed.training.steps) == ("x/b.db", 6, 9)
    assert (late.data.bank, late.data.positives, late.data.colour) == ("b.db", "latents", 1.0)
    assert made.config("dead-leaves", 5).data.bank == ""  # its source is in place of the bank
    path = tmp_path / "c.yaml"
    path.write_text(json.dumps(made.plain()))  # JSON is YAML
    assert load_comparison(path) == made
    words = ["ours:bank:b.db,recipe=default", "--recipe", "resnet18-simclr", "--steps", "9"]
    made = specified(arguments(*words, "--seeds", "1"))
    assert (made.recipe, made.arms["b,recipe=default"].recipe) == ("resnet18-simclr", "default")
    config = made.config("b,recipe=default", 0)
    assert (config.data.mix, config.training.steps) == ("6+contrast", 9)
    assert config.data.bank == "b.db"
    assert specified(arguments(*words, "--seed", "7")).seeds == (7, 8, 9)
    with pytest.raises(UsageError, match="two arms are called b"):
        specified(arguments("ours:bank:b.db", "real:folder:b"))


def test_an_arms_values_are_yaml() -> None:
    words = [
        "ours:bank:b.db,crop=[0.2, 1.0],mix=6",
        "--set",
        "training.optimiser.weight_decay=1e-3",
    ]
    made = specified(arguments(*words, "--data", "digits"))
    (name,) = made.arms
    config = made.config(name, 0)
    assert (config.data.crop, config.data.mix) == ((0.2, 1.0), 6)
    assert config.training.optimiser.weight_decay == 1e-3
    with pytest.raises(
        UsageError, match=r"crop in 'ours:bank:b.db,crop=\[0.2': '\[0.2' is no value"
    ):
        specified(arguments("ours:bank:b.db,crop=[0.2", "--data", "digits"))
    with pytest.raises(UsageError, match=r"--set data.crop: '\[1' is no value"):
        specified(arguments("ours:bank:b.db", "--set", "data.crop=[1", "--data", "digits"))


def test_existing_runs_are_named_by_their_directory() -> None:
    assert Existing.parse("classic:leaves=runs/x-0") == Existing(
        "classic", "leaves", Path("runs/x-0")
    )
    assert Existing.parse("runs/leaves-12").arm == "leaves"
    assert Existing.parse("ours:runs/best").arm == "best"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sources", ()),
        ("factors", ()),
        (
            "sources",
            ("--recipe", "vit-tiny-dino", "--set", "data.crop=[0.25,1.0]", "--probe", "knn"),
        ),
    ],
)
def test_the_comparisons_of_the_benchmarks_are_fair(name: str, options: tuple[str, ...]) -> None:
    path = Path(__file__).parents[1] / "benchmarks" / "comparisons" / f"{name}.yaml"
    comparison = specified(arguments(str(path), *options))
    configs = {arm: comparison.config(arm, 0) for arm in comparison.arms}
    check_equal({arm: budget(config) for arm, config in configs.items()}, comparison.free)
    assert len(comparison.judging.data) == 8
    shown = [
        json.dumps(plain(config.data)) for config in configs.values() if config.data != DataConfig()
    ]
    assert len(set(shown)) == len(shown), "no arm is there twice"
