"""Textures and derivatives (SPIR-V 3.42.10 and 3.42.16).

The GPU's texture units filter (device/sampling.cuh), as they do for graphics drivers; on the host
software does (device/sampling.hpp).
"""

from __future__ import annotations

from phosphene.engines.cuda.emitter.reader import Instruction, Type
from phosphene.engines.cuda.emitter.values import Context, Handler, Table
from phosphene.errors import UnservedError

_BIAS, _LOD, _GRAD, _CONST_OFFSET, _OFFSET = 1, 2, 4, 8, 16
_FLAT, _VOLUME, _CUBE = 1, 2, 3


def _dimension(context: Context, id_: int, *served: int) -> int:
    """The image's dimension (SPIR-V 3.8), one of those served."""
    image: Type = context.type_of(id_)
    image = image.of() if image.kind == "sampled" else image
    if image.count not in served:
        raise UnservedError(
            f"a texture of dimension {image.count} is not served here by the CUDA engine"
        )
    return image.count


def _operands(instruction: Instruction, fixed: int) -> dict[int, tuple[int, ...]]:
    """The image operands after `fixed` ids: bit → ids (SPIR-V 3.14)."""
    rest = instruction.operands[fixed:]
    found: dict[int, tuple[int, ...]] = {}
    if not rest:
        return found
    mask, at = rest[0], 1
    for bit, count in ((_BIAS, 1), (_LOD, 1), (_GRAD, 2), (_CONST_OFFSET, 1), (_OFFSET, 1)):
        if mask & bit:
            found[bit] = rest[at : at + count]
            at += count
    if mask >> 5:
        raise UnservedError(f"the image operands {mask:#x} are not served by the CUDA engine")
    return found


def _three(context: Context, id_: int) -> str:
    """The first three components of a coordinate."""
    text = context.value(id_)
    return text if context.type_of(id_).count == 3 else f"vec3{{{text}.x, {text}.y, {text}.z}}"


def _offset(context: Context, extra: dict[int, tuple[int, ...]]) -> str:
    """The offset in texels among image operands; empty where there is none."""
    found = extra.get(_CONST_OFFSET) or extra.get(_OFFSET)
    return context.value(found[0]) if found else ""


def _moved(context: Context, texture: str, at: str, instruction: Instruction, fixed: int) -> str:
    """A coordinate, moved by the offset in texels that the operands after `fixed` may name."""
    offset = _offset(context, _operands(instruction, fixed))
    return f"moved({texture}, {at}, {offset})" if offset else at


def _sample(projected: bool, explicit: bool) -> Handler:
    def write(context: Context, instruction: Instruction) -> str:
        dimension = _dimension(context, instruction.operands[0], _FLAT, _VOLUME, _CUBE)
        texture, at = context.values(instruction.operands[:2])
        if dimension == _CUBE:
            return f"sample_cube({texture}, {_three(context, instruction.operands[1])})"
        if dimension == _VOLUME:
            at = f"project_volume({at})" if projected else _three(context, instruction.operands[1])
            return f"sample_volume({texture}, {_moved(context, texture, at, instruction, 2)})"
        width = context.type_of(instruction.operands[1]).count
        extra = _operands(instruction, 2)
        at = f"project({at})" if projected else at if width == 2 else f"vec2{{{at}.x, {at}.y}}"
        shift = _offset(context, extra) or "ivec2{}"
        if _GRAD in extra:
            dx, dy = context.values(extra[_GRAD])
            return f"sample_grad({texture}, {at}, {dx}, {dy}, {shift})"
        if explicit:
            return f"sample_lod({texture}, {at}, {context.value(extra[_LOD][0])}, {shift})"
        context.uses_derivatives = True
        bias = context.value(extra[_BIAS][0]) if _BIAS in extra else "0.0f"
        return f"sample_implicit(quad, {texture}, {at}, {bias}, {shift})"

    return write


def _fetch(context: Context, instruction: Instruction) -> str:
    _dimension(context, instruction.operands[0], _FLAT, _VOLUME)
    texture, at = context.values(instruction.operands[:2])
    extra = _operands(instruction, 2)
    lod = context.value(extra[_LOD][0]) if _LOD in extra else "0"
    offset = _offset(context, extra)
    at = f"iadd({at}, {offset})" if offset else at
    return f"fetch({texture}, {at}, {lod})"


def _gather(context: Context, instruction: Instruction) -> str:
    _dimension(context, instruction.operands[0], _FLAT)
    texture, at, component = context.values(instruction.operands[:3])
    return f"gather({texture}, {_moved(context, texture, at, instruction, 3)}, {component})"


def _size(context: Context, instruction: Instruction) -> str:
    dimension = _dimension(context, instruction.operands[0], _FLAT, _VOLUME, _CUBE)
    function = "volume_size" if dimension == _VOLUME else "texture_size"
    return f"{function}({', '.join(context.values(instruction.operands))})"


def _query_lod(context: Context, instruction: Instruction) -> str:
    context.uses_derivatives = True
    return "query_lod(quad, {}, {})".format(*context.values(instruction.operands))


def _derivative(function: str) -> Handler:
    def write(context: Context, instruction: Instruction) -> str:
        context.uses_derivatives = True
        return f"{function}(quad, {context.value(instruction.operands[0])})"

    return write


TABLE: Table = {
    87: _sample(projected=False, explicit=False),  # OpImageSampleImplicitLod
    88: _sample(projected=False, explicit=True),  # OpImageSampleExplicitLod
    91: _sample(projected=True, explicit=False),  # OpImageSampleProjImplicitLod
    92: _sample(projected=True, explicit=True),  # OpImageSampleProjExplicitLod
    95: _fetch,  # OpImageFetch
    96: _gather,  # OpImageGather
    100: "{0}",  # OpImage
    103: _size,  # OpImageQuerySizeLod
    105: _query_lod,  # OpImageQueryLod
    106: "{0}.levels",  # OpImageQueryLevels
    **{code: _derivative("derivative_x") for code in (207, 210, 213)},  # OpDPdx, Fine, Coarse
    **{code: _derivative("derivative_y") for code in (208, 211, 214)},  # OpDPdy, Fine, Coarse
    **{code: _derivative("fwidth") for code in (209, 212, 215)},  # OpFwidth, Fine, Coarse
}
