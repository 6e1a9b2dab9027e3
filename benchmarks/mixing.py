"""How fast mixers are on a device, and whether its bytes are those of the processor.

python benchmarks/mixing.py --device cuda --size 64 --batch 1024
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch

from phosphene.mixing import Mixer, mixer
from phosphene.sampling import Draw, Sampler, UniformPrograms, ViewGroup

NAMES = ("2", "6", "cutmix", "kml", "kml-mixup")
CHECKED = 64
"""Samples that are mixed on the processor too."""


def drawn(parts: int, args: argparse.Namespace, samples: int) -> Draw:
    """What the samples show."""
    sampler = Sampler(UniformPrograms(9), (ViewGroup(2, args.size),), parts=parts)
    return sampler.draw(np.arange(samples))


def seconds(mix: Mixer, pixels: torch.Tensor, draw: Draw, trials: int) -> float:
    """The median of some trials, after two to warm up."""
    found = []
    for _ in range(trials + 2):
        began = time.perf_counter()
        mix(pixels, draw)
        if pixels.is_cuda:
            torch.cuda.synchronize()
        found.append(time.perf_counter() - began)
    return float(np.median(found[2:]))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--trials", type=int, default=10)
    args = parser.parse_args()
    device = torch.device(args.device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "processor"
    print(f"{name}, torch {torch.__version__}: {args.batch} samples of 2 views of {args.size} px")
    for text in NAMES:
        mix = mixer(text)
        shape = (2, args.batch, mix.parts, 3, args.size, args.size)
        pixels = torch.randint(0, 256, shape, dtype=torch.uint8)
        part = pixels[:, :CHECKED]
        here = mix(part, drawn(mix.parts, args, min(CHECKED, args.batch)))
        there = pixels.to(device)
        took = seconds(mix, there, drawn(mix.parts, args, args.batch), args.trials)
        mixed = mix(there, drawn(mix.parts, args, args.batch))
        same = torch.equal(mixed.pixels[:, :CHECKED].cpu(), here.pixels)
        same &= torch.equal(mixed.weights[:CHECKED].cpu(), here.weights)
        rate = args.batch / took
        bytes_ = "same bytes as the processor's" if same else "OTHER bytes than the processor's"
        print(f"{text:10} {1000 * took:8.2f} ms a batch, {rate:12,.0f} samples/s, {bytes_}")


if __name__ == "__main__":
    main()
