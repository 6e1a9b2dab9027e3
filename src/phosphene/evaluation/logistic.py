"""Multinomial logistic regression under several penalties at once, on any device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

ITERATIONS = 150
HISTORY = 10
TOLERANCE = 1e-5
"""Of the gradient's largest entry; a problem below it stands still."""
PROGRESS = 1e-7
"""Relative decrease of every objective below which the search ends after `_STALLED` such steps."""
_STALLED = 5
_HALVINGS = 12
_SUFFICIENT = 1e-4


def fit_logistic(
    features: Tensor,
    labels: Tensor,
    classes: int,
    penalties: Sequence[float],
    start: Tensor | None = None,
) -> Tensor:
    """Minimises mean cross-entropy + penalty / 2 * |W|² for every penalty, all side by side.

    L-BFGS (Liu and Nocedal 1989) whose vectors have a leading dimension of problems: each problem has its
    own history and its own backtracking line search, so the solutions are those of separate runs, at the
    cost of one. Where there are fewer images than features, it works in the span of the images, in
    which the solution lies.

    Args:
        features: float32 [N, D].
        labels: int64 [N].
        classes: C.
        penalties: P of them; on the weights, not on the bias. scikit-learn's C is 1 / (N * penalty).
        start: float32 [D + 1, C] or [P, D + 1, C] to begin from; None: zeros.

    Returns:
        float32 [P, D + 1, C] on the features' device, the bias in the last row.
    """
    images, width = features.shape
    basis = None
    if images < width and start is None:
        left, scale, basis = torch.linalg.svd(features, full_matrices=False)
        features = left * scale
    count = len(penalties)
    shape = (count, features.shape[1] + 1, classes)
    first = features.new_zeros(shape) if start is None else start.expand(shape).clone()
    problem = _Problem(
        features,
        functional.one_hot(labels, classes).to(features.dtype),
        features.new_tensor(penalties).view(count, 1, 1),
    )
    solution = _minimise(problem, first.flatten(1)).view(shape)
    if basis is None:
        return solution
    return torch.cat([basis.T @ solution[:, :-1], solution[:, -1:]], 1)


def decide(features: Tensor, solution: Tensor) -> Tensor:
    """The class of each image: float32 [N, D], [..., D + 1, C] → int64 [..., N]."""
    return (features @ solution[..., :-1, :] + solution[..., -1:, :]).argmax(-1)


@dataclass(frozen=True, eq=False)
class _Problem:
    """The objective: features [N, D], targets [N, C] one-hot, penalties [P, 1, 1]."""

    features: Tensor
    targets: Tensor
    penalties: Tensor

    def loss(self, point: Tensor) -> tuple[Tensor, Tensor]:
        """Objective [P] and log-probabilities [P, N, C] at points [P, (D + 1) * C]."""
        solution = self._shaped(point)
        side_by_side = solution[:, :-1].transpose(0, 1).flatten(1)  # one product for all problems
        products = self._apart(self.features @ side_by_side)
        logits = products.contiguous() + solution[:, -1:]
        logs = logits.log_softmax(-1)
        fit = -(logs * self.targets).sum((1, 2)) / len(self.targets)
        size = solution[:, :-1].square().sum((1, 2), keepdim=True)
        return fit + (self.penalties / 2 * size).flatten(), logs

    def gradient(self, point: Tensor, logs: Tensor) -> Tensor:
        """Its gradient, [P, (D + 1) * C]."""
        solution = self._shaped(point)
        errors = (logs.exp() - self.targets) / len(self.targets)
        weights = self._apart(self.features.T @ errors.transpose(0, 1).flatten(1))
        weights = weights + self.penalties * solution[:, :-1]
        return torch.cat([weights, errors.sum(1, keepdim=True)], 1).flatten(1)

    def _apart(self, products: Tensor) -> Tensor:
        """[M, P * C] → [P, M, C]."""
        shape = (len(products), len(self.penalties), self.targets.shape[1])
        return products.view(shape).transpose(0, 1)

    def _shaped(self, point: Tensor) -> Tensor:
        return point.view(len(point), self.features.shape[1] + 1, self.targets.shape[1])


@dataclass
class _Curvature:
    """The last steps and changes of the gradient, newest last; a problem's useless pair weighs 0."""

    steps: list[Tensor] = field(default_factory=list)
    changes: list[Tensor] = field(default_factory=list)
    weights: list[Tensor] = field(default_factory=list)
    scale: Tensor | None = None

    def add(self, step: Tensor, change: Tensor) -> None:
        """Notes a step [P, n] and what it did to the gradient [P, n]."""
        product = (step * change).sum(1)
        size = change.square().sum(1)
        useful = product > 1e-10 * size.sqrt() * step.norm(dim=1)
        self.weights.append(torch.where(useful, 1 / product.clamp_min(1e-30), 0.0))
        before = torch.ones_like(product) if self.scale is None else self.scale
        self.scale = torch.where(useful, product / size.clamp_min(1e-30), before)
        self.steps.append(step)
        self.changes.append(change)
        if len(self.steps) > HISTORY:
            for kept in (self.steps, self.changes, self.weights):
                del kept[0]

    def direction(self, gradient: Tensor) -> Tensor:
        """The quasi-Newton direction [P, n], by the two-loop recursion."""
        if self.scale is None:
            return -gradient / gradient.abs().sum(1, keepdim=True).clamp_min(1.0)
        way = -gradient
        pairs = list(zip(self.steps, self.changes, self.weights, strict=True))
        shares = []
        for step, change, weight in reversed(pairs):
            share = weight * (step * way).sum(1)
            way = way - share[:, None] * change
            shares.append(share)
        way = way * self.scale[:, None]
        for (step, change, weight), share in zip(pairs, reversed(shares), strict=True):
            way = way + (share - weight * (change * way).sum(1))[:, None] * step
        return way


def _minimise(problem: _Problem, point: Tensor) -> Tensor:
    """Minima [P, n] from points [P, n]; a problem that has converged stands still."""
    curvature = _Curvature()
    loss, logs = problem.loss(point)
    gradient = problem.gradient(point, logs)
    stalled = 0
    for _ in range(ITERATIONS):
        active = gradient.abs().amax(1) > TOLERANCE
        if stalled >= _STALLED or not bool(active.any()):
            break
        way = curvature.direction(gradient)
        slope = (way * gradient).sum(1)
        downhill = slope < 0
        way = torch.where(downhill[:, None], way, -gradient) * active[:, None]
        slope = torch.where(downhill, slope, -gradient.square().sum(1)) * active
        length = torch.ones_like(loss)
        for _ in range(_HALVINGS):
            trial = point + length[:, None] * way
            found, logs = problem.loss(trial)
            short = found <= loss + _SUFFICIENT * length * slope + 1e-7 * loss.abs()
            if bool(short.all()):
                break
            length = torch.where(short, length, length / 2)
        changed = problem.gradient(trial, logs)
        curvature.add(trial - point, changed - gradient)
        slow = bool((loss - found <= PROGRESS * loss.abs()).all())
        stalled = stalled + 1 if slow else 0
        point, loss, gradient = trial, found, changed
    return point
