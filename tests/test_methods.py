"""Losses equal naive references; methods refuse what they cannot learn from."""

import math
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from lightly.loss import NTXentLoss
from torch import Tensor, nn
from torch.nn import functional

from phosphene.errors import UsageError
from phosphene.methods import METHODS, build_method, check_views
from phosphene.methods.contrast import nt_xent
from phosphene.methods.supervised import soft_cross_entropy
from phosphene.models import BackboneConfig, backbone

SMALL: dict[str, dict[str, Any]] = {
    "moco": {"queue": 16, "groups": 2},
    "dino": {"output": 32, "hidden": 16, "bottleneck": 8},
}


@dataclass
class Labels:
    programs: Tensor
    parts: Tensor
    weights: Tensor


class Flat(nn.Module):
    """A backbone that hands its pixels on."""

    num_features = 12

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1)


def labels(batch: int, mix: int = 1, programs: int = 5) -> Labels:
    parts = torch.randint(programs, (batch, mix))
    weights = torch.rand(batch, mix).softmax(1)
    heaviest = parts.gather(1, weights.argmax(1, keepdim=True)).squeeze(1)
    return Labels(heaviest, parts, weights)


def naive_ntxent(z0: Tensor, z1: Tensor, temperature: float) -> float:
    n = len(z0)
    return naive_supcon(torch.cat([z0, z1]), list(range(n)) * 2, temperature)


def naive_supcon(projected: Tensor, classes: list[int], temperature: float) -> float:
    """Khosla et al. 2020, equation 2, term by term; with one class a sample it is NT-Xent."""
    z = [v / v.norm() for v in projected]
    total = 0.0
    for i in range(len(z)):
        scores = {j: math.exp(float(z[i] @ z[j]) / temperature) for j in range(len(z)) if j != i}
        positives = [j for j in scores if classes[j] == classes[i]]
        terms = [math.log(scores[j] / sum(scores.values())) for j in positives]
        total -= sum(terms) / len(terms)
    return total / len(z)


@pytest.mark.parametrize("temperature", [0.07, 0.5])
def test_simclr_equals_the_naive_loss(temperature: float) -> None:
    torch.manual_seed(0)
    method = build_method("simclr", Flat(), 5, {"temperature": temperature, "projection": 4})
    views = torch.randn(2, 6, 3, 2, 2)
    outcome = method(views, labels(6))
    z0, z1 = method.projector(views.flatten(0, 1).flatten(1)).detach().chunk(2)
    assert outcome.loss.item() == pytest.approx(naive_ntxent(z0, z1, temperature), rel=1e-5)


def test_simclr_equals_lightlys_loss_and_gradient() -> None:
    torch.manual_seed(0)
    one, other = (torch.randn(2, 5, 8, requires_grad=True) for _ in range(2))
    other.data.copy_(one.data)
    nt_xent(functional.normalize(one, dim=-1), 0.2).backward()
    NTXentLoss(0.2)(other[0], other[1]).backward()
    torch.testing.assert_close(one.grad, other.grad)


@pytest.mark.parametrize("views", [2, 3])
def test_supcon_equals_the_naive_loss(views: int) -> None:
    torch.manual_seed(0)
    method = build_method("supcon", Flat(), 5, {"temperature": 0.3, "projection": 4})
    seen, told = torch.randn(views, 6, 3, 2, 2), labels(6)
    told.programs[:2] = 3  # at least two samples of one program
    outcome = method(seen, told)
    projected = method.projector(seen.flatten(0, 1).flatten(1)).detach()
    expected = naive_supcon(projected, told.programs.tolist() * views, 0.3)
    assert outcome.loss.item() == pytest.approx(expected, rel=1e-5)
    outcome.loss.backward()
    assert all(p.grad.isfinite().all() for p in method.parameters())
    with pytest.raises(UsageError, match="one program a sample, got a mix of 2"):
        method(seen, labels(6, mix=2))


def test_simclr_matches_equal_views() -> None:
    torch.manual_seed(0)
    method = build_method("simclr", Flat(), 5)
    view = torch.randn(8, 3, 2, 2)
    assert method([view, view.clone()], labels(8)).metrics["match"] == 1
    with pytest.raises(UsageError, match="at least 2 samples"):
        method([view[:1], view[:1]], labels(1))


def test_supervised_equals_dense_soft_targets_under_mixing() -> None:
    torch.manual_seed(0)
    method = build_method("supervised", Flat(), 5)
    views, told = torch.randn(2, 6, 3, 2, 2), labels(6, mix=3)
    dense = torch.zeros(6, 5)
    for sample in range(6):
        for part, weight in zip(told.parts[sample], told.weights[sample], strict=True):
            dense[sample, part] += weight
    logits = method.classifier(views.flatten(0, 1).flatten(1))
    expected = functional.cross_entropy(logits, dense.repeat(2, 1))
    outcome = method(views, told)
    torch.testing.assert_close(outcome.loss, expected)
    right = (logits.argmax(1) == told.programs.repeat(2)).float().mean()
    assert outcome.metrics["top1"] == right


def test_soft_cross_entropy_smooths_as_torch_does_and_counts_a_part_twice() -> None:
    torch.manual_seed(0)
    logits, classes = torch.randn(7, 5), torch.randint(5, (7, 1))
    ones = torch.ones(7, 1)
    torch.testing.assert_close(
        soft_cross_entropy(logits, classes, ones, 0.2),
        functional.cross_entropy(logits, classes.squeeze(1), label_smoothing=0.2),
    )
    twice = soft_cross_entropy(logits, classes.repeat(1, 2), torch.full((7, 2), 0.5))
    torch.testing.assert_close(twice, soft_cross_entropy(logits, classes, ones))


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_method_reaches_the_whole_of_what_it_trains(name: str) -> None:
    torch.manual_seed(0)
    model = backbone(BackboneConfig("test_resnet", 16))
    method = build_method(name, model, 5, SMALL.get(name))
    views = torch.rand(method.wants.views, 4, 3, 16, 16)
    method(views, labels(4)).loss.backward()
    learned = {n for n, p in method.named_parameters() if p.requires_grad}
    assert {n for n, p in method.named_parameters() if p.grad is not None} == learned
    trained = "student." if name == "dino" else "backbone."
    assert sum(n.startswith(trained) for n in learned) == len(list(model.parameters()))


def test_bad_requests_list_the_choices() -> None:
    with pytest.raises(
        UsageError,
        match="`method` must be one of dino, moco, simclr, supcon, supervised; got 'vicreg'",
    ):
        build_method("vicreg", Flat(), 5)
    with pytest.raises(UsageError, match=r"simclr has the settings gather, hidden.*got 'heat'"):
        build_method("simclr", Flat(), 5, {"heat": 1})
    with pytest.raises(UsageError, match="`temperature` must be above 0, got 0"):
        build_method("simclr", Flat(), 5, {"temperature": 0})
    with pytest.raises(UsageError, match="at least 2 programs, got 1"):
        build_method("supervised", Flat(), 1)
    with pytest.raises(UsageError, match="simclr needs 2 views a sample, got 1"):
        check_views("simclr", 1, 1)
    with pytest.raises(UsageError, match="supcon needs one program a sample, got a mix of 6"):
        check_views("supcon", 2, 6)
    with pytest.raises(UsageError, match="simclr has no use for local views, got 8"):
        check_views("simclr", 2, 1, 8)
    check_views("supervised", 3, 6)
    check_views("dino", 2, 6, 8)
