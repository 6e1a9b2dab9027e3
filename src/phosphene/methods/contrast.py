"""Contrastive losses over the samples of all ranks, without a wait for the device.

lightly's `NTXentLoss` and memory bank pick negatives by boolean masks and keep a pointer on the device:
the host stops for both at every step, and the queue is left out of checkpoints. Here the picture that
must not be compared with itself is written over, and shapes are known beforehand. The gathering across
ranks is lightly's.
"""

from __future__ import annotations

import torch
from lightly.utils import dist
from torch import Tensor
from torch.nn import functional


def nt_xent(projected: Tensor, temperature: float, gather: bool = False) -> Tensor:
    """NT-Xent (Chen et al. 2020, equation 1): a view attracts the sample's other view, repels the rest.

    Args:
        projected: float32 [2, B, D] of length 1, the two views of B samples.
        temperature: what similarities are divided by.
        gather: compare with the samples of all ranks; the mean over ranks is then the loss of the
            whole batch, and so is its gradient.

    Returns:
        the mean over the 2 B views, a scalar.
    """
    logits, own, total = _similarities(projected, temperature, gather)
    return functional.cross_entropy(logits, (own + total) % (2 * total))


def supervised_contrast(
    projected: Tensor, labels: Tensor, temperature: float, gather: bool = False
) -> Tensor:
    """SupCon (Khosla et al. 2020, equation 2, L_out): views of one class attract each other.

    Args:
        projected: float32 [V, B, D] of length 1, V >= 2 views of B samples.
        labels: int64 [B].
        temperature: what similarities are divided by.
        gather: compare with the samples of all ranks.

    Returns:
        the mean over the V B views of the mean over each one's positives, a scalar.
    """
    views = len(projected)
    logits, own, _ = _similarities(projected, temperature, gather)
    everyone = torch.cat(dist.gather(labels)) if _several(gather) else labels
    positive = (labels.repeat(views)[:, None] == everyone.repeat(views)).float()
    positive = positive.scatter(1, own[:, None], 0.0)
    # What a view thinks of itself is minus infinity, and no positive: nought times it must be nought.
    log_probabilities = logits.log_softmax(1).scatter(1, own[:, None], 0.0)
    return -((log_probabilities * positive).sum(1) / positive.sum(1)).mean()


def _similarities(
    projected: Tensor, temperature: float, gather: bool
) -> tuple[Tensor, Tensor, int]:
    """Each view of this rank against every view of all ranks.

    Returns:
        Logits float [V B, V M], minus infinity where a view meets itself; int64 [V B], the columns
        where it does; and M, the samples of all ranks. Columns are ordered view by view.
    """
    views, batch, _ = projected.shape
    if _several(gather):
        everything = torch.cat(dist.gather(projected.contiguous()), 1)
        first = dist.rank() * batch
    else:
        everything, first = projected, 0
    total = everything.shape[1]
    rows = torch.arange(first, first + batch, device=projected.device)
    own = torch.cat([rows + view * total for view in range(views)])
    logits = projected.flatten(0, 1) @ everything.flatten(0, 1).T / temperature
    return logits.scatter(1, own[:, None], float("-inf")), own, total


def _several(gather: bool) -> bool:
    return gather and dist.world_size() > 1
