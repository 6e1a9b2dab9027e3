"""MoCo and DINO: losses, queue, momentum, schedules, all against naive references."""

import copy
import math
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from phosphene.errors import UsageError
from phosphene.methods import Progress, build_method
from phosphene.methods.groups import in_groups
from phosphene.models import BackboneConfig, backbone

NOTHING: Any = SimpleNamespace()


class Flat(nn.Module):
    """A backbone that hands pixels on, scaled by a weight; it takes any size."""

    num_features = 3

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self, images: Tensor) -> Tensor:
        return images.mean((2, 3)) * self.scale


def normalised(vectors: Tensor) -> Tensor:
    return vectors / vectors.norm(dim=1, keepdim=True)


def test_moco_equals_the_naive_loss_and_queues_keys_first_in_first_out() -> None:
    torch.manual_seed(0)
    method = build_method("moco", Flat(), 0, {"queue": 6, "projection": 4, "temperature": 0.2})
    old = method.queue.clone()
    assert old.norm(dim=1).allclose(torch.ones(6))
    first, second = torch.randn(2, 4, 3, 2, 2)
    outcome = method([first, second], NOTHING)
    queries = normalised(method.projector(first.mean((2, 3)))).detach()
    keys = normalised(method.key_projector(second.mean((2, 3)))).detach()
    total = 0.0
    for query, key in zip(queries, keys, strict=True):
        own = math.exp(float(query @ key) / 0.2)
        total -= math.log(own / (own + sum(math.exp(float(query @ k) / 0.2) for k in old)))
    assert outcome.loss.item() == pytest.approx(total / 4, rel=1e-5)
    torch.testing.assert_close(method.queue, torch.cat([keys, old[:2]]))
    outcome.loss.backward()
    assert all(p.grad is None for p in method.key_projector.parameters())
    newest = normalised(method.key_projector(first.mean((2, 3)))).detach()
    method([second, first], NOTHING)
    torch.testing.assert_close(method.queue, torch.cat([newest, keys[:2]]))
    assert "queue" in method.state_dict()


def test_a_queue_shorter_than_a_batch_is_filled() -> None:
    method = build_method("moco", Flat(), 0, {"queue": 3, "projection": 4})
    method(torch.randn(2, 8, 3, 2, 2), NOTHING)
    assert method.queue.shape == (3, 4)


def test_the_key_encoder_follows_with_momentum() -> None:
    method = build_method("moco", Flat(), 0, {"queue": 4, "momentum": 0.9})
    before = method.key_projector.layers[0].weight.clone()
    with torch.no_grad():
        method.backbone.scale.fill_(2.0)
        method.projector.layers[0].weight.add_(1.0)
    method.after_step(Progress(1, 10))
    torch.testing.assert_close(method.key_backbone.scale, torch.full((3,), 1.1))
    torch.testing.assert_close(method.key_projector.layers[0].weight, before + 0.1)


# The second has BatchNorm and activation in one layer.
@pytest.mark.parametrize("name", ["test_resnet", "test_efficientnet"])
def test_groups_share_all_but_their_statistics(name: str) -> None:
    torch.manual_seed(0)
    together = backbone(BackboneConfig(name, 32)).train()
    apart = copy.deepcopy(together)
    images, wanted = torch.randn(12, 3, 32, 32), torch.randn(12, together.num_features)
    calls = 0

    def count(*_: Any) -> None:
        nonlocal calls
        calls += 1

    first = next(layer for layer in together.modules() if isinstance(layer, nn.Conv2d))
    first.register_forward_hook(count)
    with in_groups(together, 3):
        features = together(images)
    expected = torch.cat([apart(part) for part in images.split(4)])
    torch.testing.assert_close(features, expected, rtol=1e-4, atol=1e-5)
    assert calls == 1
    for made in (features, expected):
        (made * wanted).sum().backward()
    for (path, one), other in zip(together.named_parameters(), apart.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-3, atol=1e-3, msg=path)
    for one, other in zip(together.buffers(), apart.buffers(), strict=True):
        torch.testing.assert_close(one, other)
    with pytest.raises(RuntimeError), in_groups(together, 2):
        together(images[:, :2])
    torch.testing.assert_close(together(images), apart(images), rtol=1e-4, atol=1e-5)


def test_groups_have_statistics_of_their_own_and_keys_change_groups() -> None:
    torch.manual_seed(0)
    model = backbone(BackboneConfig("test_resnet", 16))
    method = build_method("moco", model, 0, {"queue": 4, "projection": 4, "groups": 2}).train()
    images = torch.randn(8, 3, 16, 16)
    encoded = method._encode(method.backbone, method.projector, images)
    halves = [normalised(method.projector(model(half))) for half in images.split(4)]
    torch.testing.assert_close(encoded, torch.cat(halves))
    torch.manual_seed(5)
    keys = method._keys(images)
    torch.manual_seed(5)
    order = torch.randperm(8)
    shuffled = [
        normalised(method.key_projector(method.key_backbone(half)))
        for half in images[order].split(4)
    ]
    torch.testing.assert_close(keys[order], torch.cat(shuffled))
    with pytest.raises(
        UsageError, match=r"in 2 groups of at least 2 .*, got 3: change --batch-size"
    ):
        method(torch.randn(2, 3, 3, 16, 16), NOTHING)


def dino(**options: Any) -> Any:
    small = {"output": 6, "hidden": 8, "bottleneck": 4, "centre_momentum": 0.8}
    return build_method("dino", Flat(), 0, {**small, **options})


def test_dino_equals_the_naive_loss_over_crops_of_two_sizes() -> None:
    torch.manual_seed(0)
    method = dino(first_teacher_temperature=0.05, teacher_temperature=0.09, warmup=0.5)
    method.distance.center.copy_(torch.randn(1, 1, 6))
    centre = method.distance.center.flatten().clone()
    views = [torch.randn(4, 3, 8, 8) for _ in range(2)] + [
        torch.randn(4, 3, 4, 4) for _ in range(3)
    ]
    method.before_step(Progress(25, 100))
    outcome = method(views, NOTHING)
    student = [method.projector(method.student(v)) for v in views]
    teacher = [method.teacher_projector(method.backbone(v)) for v in views[:2]]
    pairs = [(t, s) for t in range(2) for s in range(5) if s != t]
    total = 0.0
    for t, s in pairs:
        taught = ((teacher[t] - centre) / 0.07).softmax(1)
        total -= (taught * (student[s] / 0.1).log_softmax(1)).sum(1).mean().item()
    assert outcome.loss.item() == pytest.approx(total / len(pairs), rel=1e-5)
    entropy = [
        torch.distributions.Categorical(logits=(t - centre) / 0.07).entropy() for t in teacher
    ]
    assert outcome.metrics["entropy"].item() == pytest.approx(torch.cat(entropy).mean().item())
    moved = 0.8 * centre + 0.2 * torch.cat(teacher).mean(0)
    torch.testing.assert_close(method.distance.center.flatten(), moved)
    assert "distance.center" in method.state_dict()
    outcome.loss.backward()
    assert all(
        p.grad is None
        for p in (*method.backbone.parameters(), method.projector.last_layer.weight_g)
    )


def test_dino_with_sinkhorn_equals_the_naive_loss_and_uses_its_classes_alike() -> None:
    torch.manual_seed(0)
    method = dino(
        centring="sinkhorn", first_teacher_temperature=0.05, warmup=0.0, teacher_temperature=0.05
    )
    views = [torch.randn(4, 3, 8, 8) for _ in range(2)] + [torch.randn(4, 3, 4, 4)]
    method.before_step(Progress(0, 100))
    outcome = method(views, NOTHING)
    student = [method.projector(method.student(v)) for v in views]
    taught = torch.cat([method.teacher_projector(method.backbone(v)) for v in views[:2]]).double()
    shares = (taught / 0.05).exp()
    for _ in range(3):  # classes equally common, then the shares of each view add up to 1
        shares = shares / shares.sum(0, keepdim=True)
        shares = shares / shares.sum(1, keepdim=True)
    plain = (taught / 0.05).softmax(1)
    common = [float(s.sum(0).max() / s.sum(0).min()) for s in (shares, plain)]
    assert 4 * common[0] < common[1]
    total = [
        -(shares[4 * t : 4 * t + 4] * (student[s] / 0.1).log_softmax(1)).sum(1).mean().item()
        for t in range(2)
        for s in range(3)
        if s != t
    ]
    assert outcome.loss.item() == pytest.approx(sum(total) / 4, rel=1e-5)
    entropy = torch.distributions.Categorical(probs=shares).entropy().mean()
    assert outcome.metrics["entropy"].item() == pytest.approx(entropy.item(), rel=1e-5)
    assert not method.distance.center.any()  # there is no running mean
    outcome.loss.backward()
    assert all(p.grad is None for p in method.backbone.parameters())
    assert method.student.scale.grad.abs().sum() > 0


def test_dinos_last_layer_waits_and_its_teacher_slows_down() -> None:
    torch.manual_seed(0)
    method = dino(frozen=0.1, momentum=0.5)
    for step, learns in ((0, False), (9, False), (10, True)):
        method.zero_grad()
        method(torch.randn(2, 4, 3, 4, 4), NOTHING).loss.backward()
        method.after_backward(Progress(step, 100))
        assert (method.projector.last_layer.weight_v.grad is not None) is learns
        assert method.student.scale.grad is not None
    with torch.no_grad():
        method.student.scale.fill_(3.0)
    method.after_step(Progress(1, 100))
    torch.testing.assert_close(method.backbone.scale, torch.full((3,), 2.0))
    method.after_step(Progress(100, 100))
    torch.testing.assert_close(method.backbone.scale, torch.full((3,), 2.0))


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 0.04), (0.1, 0.05), (0.3, 0.07), (1.0, 0.07)]
)
def test_the_teachers_temperature_rises_linearly(share: float, expected: float) -> None:
    assert dino().config.temperature(share) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("test_vit", {"patch_size": 8, "drop_path_rate": 0.5}),
        ("test_vit", {"patch_size": 8, "attn_drop_rate": 0.5}),
        ("test_vit", {"patch_size": 4, "patch_drop_rate": 0.5}),
        ("test_resnet", {"drop_rate": 0.5}),
    ],
)
def test_dinos_teacher_drops_nothing_while_its_student_does(
    name: str, options: dict[str, Any]
) -> None:
    config = BackboneConfig(name, 16, options)
    method = build_method("dino", backbone(config), 0, {"output": 8}).train()
    images = torch.randn(16, 3, 16, 16)
    assert torch.equal(method.features(images), method.features(images))
    assert not torch.equal(method.student(images), method.student(images))


def test_batchnorm_in_dinos_heads_sees_the_batch_in_the_teacher_too() -> None:
    method = dino(batch_norm=True).train()
    images = torch.randn(4, 3, 8, 8)
    alone = method.teacher_projector(method.features(images[:2]))
    assert not torch.allclose(alone, method.teacher_projector(method.features(images))[:2])


def test_dino_on_a_vit_takes_local_views_of_their_own_size() -> None:
    torch.manual_seed(0)
    config = BackboneConfig("test_vit", 32, {"patch_size": 8}).resizable()
    method = build_method("dino", backbone(config), 0, {"output": 8, "hidden": 8})
    views = [torch.randn(2, 3, 32, 32)] * 2 + [torch.randn(2, 3, 16, 16)] * 2
    method(views, NOTHING).loss.backward()
    assert functional.normalize(method.student.pos_embed.grad, dim=-1).isfinite().all()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("moco", {"queue": 0}, "`queue` must be at least 1, got 0"),
        ("moco", {"momentum": 1.0}, r"`momentum` must be in \[0, 1\), got 1.0"),
        ("moco", {"temperature": -1}, "`temperature` must be above 0, got -1"),
        ("dino", {"student_temperature": 0}, "`student_temperature` must be above 0, got 0"),
        ("dino", {"warmup": 2}, "`warmup` must be in 0 … 1, got 2"),
        ("dino", {"centring": "median"}, "`centring` must be one of mean, sinkhorn; got 'median'"),
    ],
)
def test_settings_out_of_bounds(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build_method(name, Flat(), 5, options)
