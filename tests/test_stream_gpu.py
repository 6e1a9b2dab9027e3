"""The stream, mixing and augmentation on an NVIDIA GPU: the same bytes as on the CPU."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch

from phosphene.augment import ColourAugment, ColourPolicy
from phosphene.engines.engine import EngineInfo
from phosphene.mixing import blend
from phosphene.sampling import CameraPolicy, Sampler, UniformPrograms, ViewGroup
from phosphene.stream import Batch, Stream
from phosphene.stream.windows import look
from phosphene.views import RenderedBatch, RenderRequest
from stream_fakes import HashEngine, refusing, selection

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        not torch.cuda.is_available() and os.environ.get("PHOSPHENE_GPU") != "1",
        reason="no NVIDIA GPU here, and PHOSPHENE_GPU=1 does not promise one",
    ),
]

STRONG = ColourPolicy(0.8, 0.8, 0.8, 0.8, 0.4, grey=0.3, blur=0.5, solarise=0.3)


class DeviceEngine(HashEngine):
    """Leaves its pixels on the GPU, as the CUDA engine does."""

    info = EngineInfo("fake", "hashes on the GPU", "1", False)

    def render(self, request: RenderRequest) -> RenderedBatch:
        batch = super().render(request)
        return RenderedBatch(torch.from_numpy(batch.pixels).cuda(), batch.refused)


def _batches(device: str, engine: HashEngine, reuse: int, frame: int) -> list[Batch]:
    settings = {
        "size": 16,
        "batch_size": 7,
        "mix": 3,
        "reuse": reuse,
        "frame": frame,
        "limit": 60,
    }
    with Stream(selection(20), device=device, engine=engine, **settings) as stream:  # type: ignore[arg-type]
        return list(stream)


@pytest.mark.parametrize(("reuse", "frame"), [(0, 0), (14, 0), (14, 24)])
@pytest.mark.parametrize("kind", [HashEngine, DeviceEngine])
def test_batches_lie_on_the_gpu_and_equal_those_of_the_cpu(
    kind: type[HashEngine], reuse: int, frame: int
) -> None:
    bad = selection(20).program_ids[4]
    reference = _batches("cpu", HashEngine(refuse=refusing(bad)), reuse, frame)
    found = _batches("cuda", kind(3, refuse=refusing(bad)), reuse, frame)
    for ours, theirs in zip(found, reference, strict=True):
        assert all(tensor.is_cuda for tensor in ours.tensors())
        assert ours.index.device.type == "cpu"
        for one, other in zip(ours.tensors(), theirs.tensors(), strict=True):
            assert torch.equal(one.cpu(), other)


def test_a_mix_has_the_same_bytes_as_on_the_cpu() -> None:
    sampler = Sampler(UniformPrograms(20), (ViewGroup(2, 9),), parts=6)
    weights = torch.from_numpy(sampler.draw(np.arange(64)).weights)
    pixels = torch.randint(0, 256, (2, 64, 6, 3, 33, 33), dtype=torch.uint8)
    assert torch.equal(blend(pixels.cuda(), weights.cuda()).cpu(), blend(pixels, weights))


def test_views_of_frames_are_the_same_in_every_batch_and_close_to_the_cpu() -> None:
    frames = torch.randint(0, 256, (64, 3, 96, 96), dtype=torch.uint8)
    cameras = torch.from_numpy(CameraPolicy().draw((256.0, 256.0), 4, np.arange(64), 0))
    whole = look(frames.cuda(), cameras.cuda(), 64)
    for start in range(0, 64, 7):
        rows = slice(start, start + 7)
        assert torch.equal(look(frames[rows].cuda(), cameras[rows].cuda(), 64), whole[rows])
    difference = (whole.cpu().int() - look(frames, cameras, 64).int()).abs()
    assert difference.max() <= 1, "a weight may be rounded the other way"
    assert difference.float().mean() < 0.01


@pytest.mark.parametrize("size", [33, 64, 224])
def test_augmentation_is_the_same_in_every_batch_and_close_to_the_cpu(size: int) -> None:
    pixels = torch.randint(0, 256, (2, 64, 3, size, size), dtype=torch.uint8)
    index = torch.arange(500, 564)
    augment = ColourAugment([STRONG], seed=4)
    whole = augment(pixels.cuda(), index)
    assert whole.is_cuda
    for start in range(0, 64, 7):
        rows = slice(start, start + 7)
        assert torch.equal(augment(pixels[:, rows].cuda(), index[rows]), whole[:, rows])
    # Solarising turns a last bit into a jump where a value lies on the threshold.
    smooth = ColourAugment([ColourPolicy.simclr()], seed=4)
    here, there = smooth(pixels[:, :8], index[:8]), smooth(pixels[:, :8].cuda(), index[:8])
    assert (here - there.cpu()).abs().max() < 1e-4
