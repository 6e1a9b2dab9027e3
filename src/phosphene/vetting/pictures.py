"""Programs that others read as a texture are drawn first, once, and kept in the bank."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from phosphene.bank import Bank
from phosphene.channels import PICTURE_SIZE, PICTURE_TIMES, pack_pictures
from phosphene.engines import Engine
from phosphene.program import Channel
from phosphene.views import Latent, RenderRequest, View


def on_host(pixels: Any) -> npt.NDArray[np.uint8]:
    """An engine's pictures in the host's memory; those of the CUDA engine are on its device."""
    return np.asarray(pixels.cpu() if hasattr(pixels, "cpu") else pixels)


def draw_textures(bank: Bank, engine: Engine, ids: Sequence[str]) -> dict[str, str]:
    """Makes the pictures that programs need and the bank lacks.

    A picture is the program at `PICTURE_TIMES`, `PICTURE_SIZE` pixels a side, nothing else varied: which
    child asks first does not matter.

    Args:
        bank: with the modules of the programs; the pictures are stored in it.
        engine: draws.
        ids: the programs that are to be drawn next.

    Returns:
        Program id → why a texture of it cannot be drawn.
    """
    lacking = _lacking(bank, ids)
    if not lacking:
        return {}
    names = sorted({name for needed in lacking.values() for name in needed})
    draw_textures(bank, engine, names)  # pictures in pictures end: a child follows its parents
    canvas = float(PICTURE_SIZE), float(PICTURE_SIZE)
    views = [View(name, Latent(time), canvas) for name in names for time in PICTURE_TIMES]
    batch = engine.render(RenderRequest.of(views, PICTURE_SIZE))
    count = len(PICTURE_TIMES)
    bank.store_pictures(
        {
            name: pack_pictures(on_host(batch.pixels[i * count : (i + 1) * count]))
            for i, name in enumerate(names)
            if name not in batch.refused
        }
    )
    return {
        program: f"its texture cannot be drawn: {batch.refused[name]}"
        for program, needed in lacking.items()
        for name in needed
        if name in batch.refused
    }


def _lacking(bank: Bank, ids: Sequence[str]) -> dict[str, list[str]]:
    """Program id → the programs whose pictures it needs and that were not made."""
    found = {
        program: [name for channel in module.channels if (name := _lacks(channel))]
        for program, module in bank.modules(ids).items()
    }
    return {program: names for program, names in found.items() if names}


def _lacks(channel: Channel | None) -> str | None:
    return channel.pictured if channel is not None and not channel.picture else None
