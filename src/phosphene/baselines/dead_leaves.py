"""Dead leaves: opaque shapes that fall on each other until nothing of the ground is seen.

Sources: Lee, Mumford, Huang: *Occlusion Models for Natural Images*, IJCV 2001 (sizes by the power law
r**-3); Baradad et al.: *Learning to See by Looking at Noise*, NeurIPS 2021, "dead leaves, mixed": circles,
squares, turned squares, rectangles, triangles and quadrilaterals in uniform colours, circumradius
0.03 to 1 side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from phosphene.baselines.counters import Counters
from phosphene.baselines.painter import Unlabelled
from phosphene.baselines.pixels import halved

_SHAPES = 6
_CIRCLE, _SQUARE, _TURNED, _RECTANGLE, _TRIANGLE, _QUADRILATERAL = range(_SHAPES)
_SUPERSAMPLE = 2


@dataclass(frozen=True)
class Leaves:
    """L leaves a picture, the front one first; lengths in pixels.

    Attributes:
        x, y: float32 [n, L], centres.
        radius: float32 [n, L], of the circle that a shape is inscribed in.
        angles: float32 [n, L, 4], where its corners lie on that circle; ascending.
        round: bool [n, L], the shape is the circle itself.
        colours: uint8 [n, L, 3].
    """

    x: Tensor
    y: Tensor
    radius: Tensor
    angles: Tensor
    round: Tensor
    colours: Tensor


@dataclass(frozen=True)
class DeadLeaves(Unlabelled):
    """Mixed dead leaves.

    Attributes:
        leaves: a picture; what they leave free shows one more colour, less than 1% of the pixels.
        radii: least and greatest circumradius, sides of the picture.
    """

    leaves: int = 1024
    radii: tuple[float, float] = (0.03, 1.0)
    name = "dead-leaves"
    version = 1
    block = 64

    def paint(self, draws: Counters, side: int) -> Tensor:
        """See `Painter.paint`."""
        fine = side * _SUPERSAMPLE
        leaves = self.draw(draws, fine)
        ids = _front(leaves, fine)
        ground = draws.words("ground", 3)[:, None] >> 24
        colours = torch.cat([leaves.colours, ground.to(torch.uint8)], dim=1)
        flat = colours.gather(1, ids.reshape(len(draws), -1, 1).expand(-1, -1, 3).long())
        picture = flat.reshape(len(draws), fine, fine, 3).permute(0, 3, 1, 2)
        return halved(picture)

    def draw(self, draws: Counters, side: int) -> Leaves:
        """The leaves of n pictures of `side` pixels."""
        count = self.leaves
        u = draws.uniforms("leaves", 8, count)
        least, greatest = (r**-2 for r in self.radii)
        # The inverse of the distribution function of r**-3 between the radii.
        radius = (least - u[:, 0] * (least - greatest)) ** -0.5 * side
        shape = (u[:, 1] * _SHAPES).long()
        words = draws.words("colours", 3 * count).reshape(len(draws), count, 3)
        angles = _corners(shape, u[:, 4:8].permute(0, 2, 1))
        colours = (words >> 24).to(torch.uint8)
        return Leaves(u[:, 2] * side, u[:, 3] * side, radius, angles, shape == _CIRCLE, colours)


def _corners(shape: Tensor, u: Tensor) -> Tensor:
    """Where the corners of shapes [n, L] lie on their circle, from uniforms [n, L, 4]."""
    quarters = torch.arange(4, device=u.device) * (math.pi / 2)
    square = quarters + math.pi / 4
    turned = quarters + u[..., :1] * (math.pi / 2)
    a = u[..., :1] * (math.pi / 2)
    rectangle = torch.cat([a, math.pi - a, math.pi + a, 2 * math.pi - a], dim=-1)
    free = (u * (2 * math.pi)).sort(dim=-1).values
    # A triangle has its first corner twice.
    three = (u[..., :3] * (2 * math.pi)).sort(dim=-1).values
    triangle = torch.cat([three[..., :1], three], dim=-1)
    angles = free
    for kind, corners in (
        (_SQUARE, square.expand_as(free)),
        (_TURNED, turned),
        (_RECTANGLE, rectangle),
        (_TRIANGLE, triangle),
    ):
        angles = torch.where((shape == kind)[..., None], corners, angles)
    return angles


def _front(leaves: Leaves, side: int) -> Tensor:
    """Which leaf is seen at each pixel's centre; int32 [n, side, side], L where there is none.

    Shapes are convex: what a leaf covers of a row is one span, from which the pixels are listed. The
    least number that reaches a pixel is the front leaf's, in whatever order they are written.
    """
    count, number = leaves.x.shape
    device = leaves.x.device
    x, y, radius = (t.reshape(-1) for t in (leaves.x, leaves.y, leaves.radius))
    top = (y - radius - 0.5).ceil().clamp(0, side).long()
    end = (y + radius - 0.5).ceil().clamp(0, side).long()
    leaf = torch.arange(len(x), device=device)
    leaf, row = _listed(leaf, top, end)
    left, right = _span(leaves, leaf, row + 0.5)
    first = (left - 0.5).ceil().clamp(0, side).long()
    last = (right - 0.5).ceil().clamp(0, side).long()
    line = (leaf // number * side + row) * side
    leaf, pixel = _listed((leaf % number).int(), line + first, line + last)
    seen = torch.full((count * side * side,), number, dtype=torch.int32, device=device)
    seen.scatter_reduce_(0, pixel, leaf, "amin")
    return seen.reshape(count, side, side)


def _listed(owner: Tensor, first: Tensor, end: Tensor) -> tuple[Tensor, Tensor]:
    """Every whole number from `first` up to before `end`, [N] each: whose it is, and which."""
    counts = (end - first).clamp_(min=0)
    total = int(counts.sum())
    begins = first - (torch.cumsum(counts, 0) - counts)
    numbers = torch.repeat_interleave(begins, counts, output_size=total)
    numbers += torch.arange(total, device=first.device)
    return torch.repeat_interleave(owner, counts, output_size=total), numbers


def _span(leaves: Leaves, leaf: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """From where to where leaves cover the lines at `y`, float32 [N] each; empty: inf to -inf."""
    centre_x, centre_y = leaves.x.reshape(-1)[leaf], leaves.y.reshape(-1)[leaf]
    radius = leaves.radius.reshape(-1)[leaf]
    half = (radius**2 - (y - centre_y) ** 2).clamp_(min=0).sqrt_()
    angles = leaves.angles.reshape(-1, 4)[leaf]
    across = centre_x[:, None] + radius[:, None] * torch.cos(angles)
    down = centre_y[:, None] + radius[:, None] * torch.sin(angles)
    next_across, next_down = across.roll(-1, 1), down.roll(-1, 1)
    crosses = (down <= y[:, None]) != (next_down <= y[:, None])
    share = (y[:, None] - down) / torch.where(crosses, next_down - down, 1.0)
    at = across + share * (next_across - across)
    infinite = torch.full_like(at, math.inf)
    left = torch.where(crosses, at, infinite).amin(1)
    right = torch.where(crosses, at, -infinite).amax(1)
    circle = leaves.round.reshape(-1)[leaf]
    left = torch.where(circle, centre_x - half, left)
    return left, torch.where(circle, centre_x + half, right)
