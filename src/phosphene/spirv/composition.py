"""From a composition and its parents' modules to its own module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from phosphene.errors import CompileError, UnservedError
from phosphene.glsl.composition import composition_text
from phosphene.glsl.operators import TEXTURE, operator_of
from phosphene.program import PICTURED, Channel, ChannelKind, Composition
from phosphene.spirv import native
from phosphene.spirv.binary import Code, parse, serialise
from phosphene.spirv.linking import Part, link, sampler_shape, samplers
from phosphene.spirv.module import Module
from phosphene.spirv.passes.size import check_size
from phosphene.spirv.passes.strip import strip_dead
from phosphene.uniforms import CHANNEL_COUNT

_PLANE = 1
"""SPIR-V's number of a two-dimensional image."""

Channels = tuple[Channel | None, ...]


def compose(composition: Composition, parents: Mapping[str, Module]) -> tuple[bytes, Channels]:
    """The SPIR-V of a composition, and what is bound to its channels.

    Args:
        composition: what is done with whom.
        parents: program id → module, of this front end. Their size bounds the child's: it goes through
            the size pass like any program.

    Raises:
        UsageError: the composition does not suit its operator.
        CompileError: a parent has no module.
        UnservedError: the parents read more textures than a program can, or are too large together.
    """
    operator_of(composition)
    missing = [p for p in composition.parents if p not in parents]
    if composition.operator == TEXTURE:
        missing = [p for p in missing if p == composition.parents[0]]
    if missing:
        raise CompileError(f"its parent {missing[0]} is not compiled, or does not compile")
    modules = [parents[p] for p in composition.parents if p in parents]
    if composition.operator == TEXTURE:
        return _textured(composition, modules[0])
    codes = [parse(module.spirv) for module in modules]
    slots, channels = _slots(codes, modules)
    text = composition_text(composition)
    parts = [Part(module.spirv, slot) for module, slot in zip(modules, slots, strict=True)]
    code = link(native.compile_glsl(text), parts)
    strip_dead(code)
    check_size(code)
    return serialise(code), channels


def readable(module: Module) -> tuple[int, ...]:
    """The channels from which a module reads a two-dimensional picture."""
    code = parse(module.spirv)
    found = samplers(code).items()
    return tuple(sorted(i for i, variable in found if sampler_shape(code, variable) == _PLANE))


def _textured(composition: Composition, module: Module) -> tuple[bytes, Channels]:
    """The first parent's own module, with a picture of the second behind one of its samplers."""
    wanted = int(composition.values["channel"])
    if wanted not in readable(module):
        raise UnservedError(f"its first parent reads no picture from iChannel{wanted}")
    channels = [*module.channels, *[None] * CHANNEL_COUNT][:CHANNEL_COUNT]
    bound = channels[wanted] or Channel(ChannelKind.TEXTURE)
    content = PICTURED + composition.parents[1]
    channels[wanted] = replace(bound, kind=ChannelKind.TEXTURE, content=content, picture=b"")
    return module.spirv, tuple(channels)


def _slots(
    codes: Sequence[Code], modules: Sequence[Module]
) -> tuple[list[dict[int, int]], Channels]:
    """Where each parent's channels go: equal ones share a slot, and keep their own where it is free."""
    taken: dict[int, tuple[int, Channel | None]] = {}
    slots: list[dict[int, int]] = []
    for code, module in zip(codes, modules, strict=True):
        own: dict[int, int] = {}
        for channel, variable in sorted(samplers(code).items()):
            bound = module.channels[channel] if channel < len(module.channels) else None
            wanted = sampler_shape(code, variable), bound and replace(bound, picture=b"")
            places = [slot for slot, held in taken.items() if held == wanted]
            free = [s for s in (channel, *range(CHANNEL_COUNT)) if s not in taken]
            if not places and not free:
                raise UnservedError(f"its parents read more than {CHANNEL_COUNT} textures")
            own[channel] = places[0] if places else free[0]
            taken[own[channel]] = wanted
        slots.append(own)
    bound_to = (taken[s][1] if s in taken else None for s in range(CHANNEL_COUNT))
    return slots, tuple(bound_to)
