"""Vision models that learn to see without real images, from image programs rendered live.

    import phosphene as ph

    bank = ph.Bank.open("bank.db")
    with ph.Stream(bank, size=64, batch_size=256, views=2, seed=0) as stream:
        for batch in stream:
            batch.views  # uint8 [2, 256, 3, 64, 64]

Names are loaded when they are first used: `import phosphene` alone loads neither torch nor OpenGL. Where timm is
imported, too, it knows our backbones (`timm.create_model("phosphene_resnet18_small")`).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from phosphene.registration import register_with_timm
from phosphene.version import __version__

if TYPE_CHECKING:
    from phosphene.bank import Bank, Selection
    from phosphene.collecting import collect
    from phosphene.engines import open_engine
    from phosphene.errors import PhospheneError
    from phosphene.mixing import KML, CutMix, MixUp
    from phosphene.program import Dialect, Program
    from phosphene.provenance import Provenance
    from phosphene.sampling import CameraPolicy, LatentPolicy
    from phosphene.sources import open_source
    from phosphene.spirv import compile_program
    from phosphene.stream import Batch, Stream
    from phosphene.vetting import Policy
    from phosphene.vetting.vet import vet
    from phosphene.views import Camera, Latent, RenderedBatch, RenderRequest, View

_HOME = {
    "Bank": "bank",
    "Batch": "stream",
    "Camera": "views",
    "CameraPolicy": "sampling",
    "CutMix": "mixing",
    "Dialect": "program",
    "KML": "mixing",
    "Latent": "views",
    "LatentPolicy": "sampling",
    "MixUp": "mixing",
    "PhospheneError": "errors",
    "Policy": "vetting",
    "Program": "program",
    "Provenance": "provenance",
    "RenderRequest": "views",
    "RenderedBatch": "views",
    "Selection": "bank",
    "Stream": "stream",
    "View": "views",
    "collect": "collecting",
    "compile_program": "spirv",
    "open_engine": "engines",
    "open_source": "sources",
    "vet": "vetting",
}

__all__ = [
    "KML",
    "Bank",
    "Batch",
    "Camera",
    "CameraPolicy",
    "CutMix",
    "Dialect",
    "Latent",
    "LatentPolicy",
    "MixUp",
    "PhospheneError",
    "Policy",
    "Program",
    "Provenance",
    "RenderRequest",
    "RenderedBatch",
    "Selection",
    "Stream",
    "View",
    "__version__",
    "collect",
    "compile_program",
    "open_engine",
    "open_source",
    "vet",
]


register_with_timm()


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
