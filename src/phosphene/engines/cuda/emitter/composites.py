"""Composites and memory (SPIR-V 3.42.8 and 3.42.12)."""

from __future__ import annotations

from phosphene.engines.cuda.emitter import reader
from phosphene.engines.cuda.emitter.reader import Instruction, Type
from phosphene.engines.cuda.emitter.values import Context, Pointer, Table, type_name
from phosphene.errors import UnservedError
from phosphene.uniforms import UNIFORMS

COMPONENTS = "xyzw"
BLOCK_MEMBERS = {uniform.offset: uniform.name for uniform in UNIFORMS}


def member(context: Context, lvalue: str, type_: Type, index: int) -> tuple[str, Type]:
    """The part of a composite at a constant index: its lvalue and type."""
    match type_.kind:
        case "vector":
            return f"{lvalue}.{COMPONENTS[index]}", type_.of()
        case "matrix":
            return f"{lvalue}.column[{index}]", type_.of()
        case "array":
            return f"{lvalue}.element[{index}]", type_.of()
        case "struct":
            offset = context.shader.offsets.get((type_.id, index))
            known = offset is not None and lvalue == "frame"
            name = BLOCK_MEMBERS[offset] if known and offset is not None else f"m{index}"
            return f"{lvalue}.{name}", type_.members[index]
    raise UnservedError(f"a {type_.kind} has no parts")


def part(
    context: Context, expression: str, type_: Type, indexes: tuple[int, ...]
) -> tuple[str, Type]:
    """The part of a composite that a path of constant indexes leads to."""
    for index in indexes:
        expression, type_ = member(context, expression, type_, index)
    return expression, type_


def access_chain(context: Context, instruction: Instruction) -> Pointer:
    """OpAccessChain: the place that a path of constants and values leads to."""
    base, *path = instruction.operands
    pointer = context.pointer(base)
    lvalue, type_ = pointer.lvalue, pointer.type
    for id_ in path:
        index = context.literal(id_)
        if index is not None:
            lvalue, type_ = member(context, lvalue, type_, index)
        elif type_.kind == "vector":
            return Pointer(lvalue, type_.of(), context.value(id_))
        else:
            name = "column" if type_.kind == "matrix" else "element"
            lvalue, type_ = f"{lvalue}.{name}[{context.value(id_)}]", type_.of()
    return Pointer(lvalue, type_)


def _load(context: Context, instruction: Instruction) -> str:
    pointer = context.pointer(instruction.operands[0])
    if pointer.component:
        return f"component({pointer.lvalue}, {pointer.component})"
    return pointer.lvalue


def _store(context: Context, instruction: Instruction) -> str:
    pointer = context.pointer(instruction.operands[0])
    value = context.value(instruction.operands[1])
    if pointer.component:
        return f"set_component({pointer.lvalue}, {pointer.component}, {value});"
    return f"{pointer.lvalue} = {value};"


def _copy_memory(context: Context, instruction: Instruction) -> str:
    target, source = (context.pointer(id_) for id_ in instruction.operands[:2])
    return f"{target.lvalue} = {source.lvalue};"


def _construct(context: Context, instruction: Instruction) -> str:
    """OpCompositeConstruct: vectors may be made of vectors, other composites of their members."""
    type_ = context.type(instruction.type)
    parts = context.values(instruction.operands)
    if type_.kind == "vector":
        flat: list[str] = []
        for id_, text in zip(instruction.operands, parts, strict=True):
            source = context.type_of(id_)
            flat += (
                [f"{text}.{c}" for c in COMPONENTS[: source.count]]
                if source.kind == "vector"
                else [text]
            )
        return f"{type_name(type_)}{{{', '.join(flat)}}}"
    inner = ", ".join(parts)
    return (
        f"{type_name(type_)}{{{{{inner}}}}}"
        if type_.kind in ("array", "matrix")
        else f"{type_name(type_)}{{{inner}}}"
    )


def _extract(context: Context, instruction: Instruction) -> str:
    base, *path = instruction.operands
    text = context.value(base)
    text = text if text.isidentifier() else f"({text})"
    return part(context, text, context.type_of(base), tuple(path))[0]


def _shuffle(context: Context, instruction: Instruction) -> str:
    first, second, *picks = instruction.operands
    width = context.type_of(first).count
    left, right = context.value(first), context.value(second)

    def pick(index: int) -> str:
        if index == 0xFFFFFFFF:  # the specification's "undefined"
            index = 0
        return (
            f"{left}.{COMPONENTS[index]}"
            if index < width
            else f"{right}.{COMPONENTS[index - width]}"
        )

    return f"{type_name(context.type(instruction.type))}{{{', '.join(map(pick, picks))}}}"


def insert(context: Context, instruction: Instruction, target: str) -> str:
    """OpCompositeInsert as two statements: a copy, and the part replaced."""
    value, base, *path = instruction.operands
    place, _ = part(context, target, context.type_of(base), tuple(path))
    return f"{target} = {context.value(base)}; {place} = {context.value(value)};"


def insert_dynamic(context: Context, instruction: Instruction, target: str) -> str:
    """OpVectorInsertDynamic as two statements."""
    base, value, index = context.values(instruction.operands)
    return f"{target} = {base}; set_component({target}, {index}, {value});"


POINTER_OPCODES = frozenset({65, 66})
"""OpAccessChain, OpInBoundsAccessChain: they name a place and emit nothing."""

STATEMENTS = {82: insert, 78: insert_dynamic}
"""OpCompositeInsert, OpVectorInsertDynamic."""

TABLE: Table = {
    reader.OP_UNDEF: "{type}{{}}",
    61: _load,  # OpLoad
    reader.OP_STORE: _store,
    reader.OP_COPY_MEMORY: _copy_memory,
    77: "component({0}, {1})",  # OpVectorExtractDynamic
    79: _shuffle,  # OpVectorShuffle
    80: _construct,  # OpCompositeConstruct
    81: _extract,  # OpCompositeExtract
    83: "{0}",  # OpCopyObject
    400: "{0}",  # OpCopyLogical
}
