"""A module's SPIR-V → one C++ struct whose `run` draws a pixel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from phosphene.engines.cuda.emitter import (
    arithmetic,
    composites,
    control,
    extended,
    images,
    precision,
    reader,
    sharing,
)
from phosphene.engines.cuda.emitter.pixel_state import KILLED, states
from phosphene.engines.cuda.emitter.reader import Function, Instruction, Shader, Type
from phosphene.engines.cuda.emitter.sharing import SharedLoop
from phosphene.engines.cuda.emitter.values import Context, Pointer, Table, expand, type_name
from phosphene.errors import UnservedError
from phosphene.spirv.instructions import StorageClass
from phosphene.uniforms import (
    BLOCK_BINDING,
    CHANNEL_BINDING,
    CHANNEL_COUNT,
    LITERAL_BLOCK_BINDING,
)

EMITTER_VERSION = "16"
"""Part of the compile cache's key: raise it when the text for an unchanged module changes."""

INSTRUCTIONS: Table = {
    **arithmetic.TABLE,
    **composites.TABLE,
    **images.TABLE,
    **extended.TABLE,
}
"""Every instruction that computes something. A newcomer's opcode goes into the table of its group."""

_FRAG_COORD = 15
_SILENT = frozenset(
    {reader.OP_NOP, reader.OP_LINE, reader.OP_NO_LINE, reader.OP_LOOP_MERGE}
    | {reader.OP_SELECTION_MERGE, reader.OP_PHI}
)


@dataclass(frozen=True, slots=True)
class Emitted:
    """The C++ of a program.

    Attributes:
        text: declares `struct Program` with `void run()`; needs the text of device/ before it.
        uses_derivatives: whether its threads talk to their neighbours.
        lifted: whether its literals are parameters; then `family` must point to the second block.
    """

    text: str
    uses_derivatives: bool
    lifted: bool = False


def emit(spirv: bytes) -> Emitted:
    """Writes a module as C++.

    Raises:
        UnservedError: where it uses what the emitter does not know, saying what.
    """
    shader = reader.read(spirv)
    magnified = precision.magnified(shader)
    context = Context(shader, exact=magnified.exact, near=magnified.near)
    members = [line for variable in shader.variables for line in _global(context, variable)]
    context.state = states(shader)
    bodies = [
        line for function in shader.functions.values() for line in _function(context, function)
    ]
    lines = [
        *(line for type_ in shader.types.values() for line in _struct(shader, type_)),
        *context.tables.values(),
        "struct Program {",
        "const Frame& frame; const Texture* channel; Quad quad;",
        "vec4 window; vec4 colour; bool killed;",
        *(["const Family* family;"] if context.lifted else []),
        *members,
        *bodies,
        f"PH_FN void run() {{ f{shader.entry}(); }}",
        "};",
    ]
    return Emitted("\n".join(lines) + "\n", context.uses_derivatives, context.lifted)


def _struct(shader: Shader, type_: Type) -> Iterator[str]:
    """Structs are declared in the module's order, which puts members first."""
    if type_.kind == "struct" and not any(key[0] == type_.id for key in shader.offsets):
        fields = " ".join(f"{type_name(m)} m{i};" for i, m in enumerate(type_.members))
        yield f"struct {type_name(type_)} {{ {fields} }};"


def _global(context: Context, variable: Instruction) -> Iterator[str]:
    """A module-scope variable: a member of the struct, or one of the things every program has."""
    type_ = context.type(variable.type).of()
    storage, id_ = variable.operands[0], variable.result
    if storage == StorageClass.UNIFORM:
        binding = context.shader.decoration(id_, reader.DECORATION_BINDING)
        if binding not in (BLOCK_BINDING, LITERAL_BLOCK_BINDING):
            raise UnservedError("another uniform block is not served by the CUDA engine")
        context.lifted |= binding == LITERAL_BLOCK_BINDING
        context.pointers[id_] = Pointer("frame" if binding == BLOCK_BINDING else "(*family)", type_)
    elif storage == StorageClass.UNIFORM_CONSTANT:
        binding = context.shader.decoration(id_, reader.DECORATION_BINDING) or 0
        index = binding - CHANNEL_BINDING
        if type_.kind != "sampled" or not 0 <= index < CHANNEL_COUNT:
            raise UnservedError(f"the resource at binding {binding} is not served")
        context.pointers[id_] = Pointer(f"channel[{index}]", type_)
    elif storage == StorageClass.INPUT:
        if context.shader.decoration(id_, reader.DECORATION_BUILTIN) != _FRAG_COORD:
            raise UnservedError("the only input that is served is gl_FragCoord")
        context.pointers[id_] = Pointer("window", type_)
    elif storage == StorageClass.OUTPUT:
        context.pointers[id_] = Pointer("colour", type_)
        if type_name(type_) != "vec4":
            raise UnservedError(f"the output must be a vec4, got {type_name(type_)}")
    elif storage == StorageClass.PRIVATE:
        initial = context.value(variable.operands[1]) if len(variable.operands) > 1 else ""
        context.pointers[id_] = Pointer(f"g{id_}", type_)
        yield f"{type_name(type_)} g{id_}{f' = {initial}' if initial else ''};"
    else:
        raise UnservedError(f"the storage class {storage} is not served by the CUDA engine")


def _function(context: Context, function: Function) -> Iterator[str]:
    """One function: what outlives a block is declared at the top, then a scope a block."""
    context.returns_nothing = function.returns.kind == "void"
    parameters = ", ".join(_parameter(context, p) for p in function.parameters)
    if function.id == context.shader.entry:
        yield f"PH_FN void f{function.id}() {{"
    else:
        kind = "PH_CALL" if function.called else "PH_FN"
        state = ", ".join(f"{type_}{name}" for name, type_ in context.state[function.id].items())
        everything = ", ".join(filter(None, (state, parameters)))
        yield f"{kind} static {type_name(function.returns)} f{function.id}({everything}) {{"
    found = sharing.shared_loops(context.shader, function, context.exact, context.near)
    together = {loop.header: loop for loop in found}
    moved = frozenset[int]().union(*(loop.moved for loop in together.values()))
    shared = _shared_ids(function).union(*(loop.results for loop in together.values()))
    instructions = [i for block in function.blocks for i in block.body]
    for instruction in instructions:
        yield from _declare(context, instruction, shared)
    for loop in together.values():
        yield from _declare_shared(context, loop)
    edges = control.Edges(context, function, together)
    following = [block.label for block in function.blocks[1:]] + [None]
    for block, next_label in zip(function.blocks, following, strict=True):
        yield f"L{block.label}: {{"
        if block.label in together:
            yield from _compute_ahead(context, together[block.label])
        for instruction in block.body[:-1]:
            if instruction.result not in moved:
                yield from _statement(context, instruction, shared)
        yield from control.terminator(context, edges, block, block.body[-1], next_label)
        yield "}"
    yield "}"


def _declare_shared(context: Context, loop: SharedLoop) -> Iterator[str]:
    """What a block of threads keeps of a loop's turns that were computed ahead, and which turn is next."""
    h, named = loop.header, [(type_name(context.type_of(id_)), f"v{id_}") for id_ in loop.results]
    yield f"struct alignas(16) Turn{h} {{ {' '.join(f'{type_} {name};' for type_, name in named)} }};"
    yield f"PH_SHARED Turn{h} turns{h}[PH_TURNS]; int turn{h};"


def _compute_ahead(context: Context, loop: SharedLoop) -> Iterator[str]:
    """At the loop's header: when the turns that were computed ahead are used up, every thread computes another one."""
    h = loop.header
    yield f"if (turn{h} == PH_TURNS) {{"
    for counter in loop.counters:
        id_, type_ = counter.phi.result, type_name(context.type(counter.phi.type))
        yield f"const {type_} n{id_} = v{id_};"
    yield "PH_MEET(); PH_EACH_TURN(ahead) {"
    for counter in loop.counters:
        id_, type_ = counter.phi.result, type_name(context.type(counter.phi.type))
        (change,) = _statement(context, replace(counter.step, result=0), frozenset())
        yield f"{type_} v{id_} = n{id_}; for (int n = 0; n < ahead; n++) v{id_} = {change};"
    for instruction in loop.work:
        yield from _statement(context, instruction, frozenset())
    yield f"turns{h}[ahead] = {{{', '.join(f'v{id_}' for id_ in loop.results)}}};"
    yield f"}} PH_MEET(); turn{h} = 0; }}"
    yield "".join(f"v{id_} = turns{h}[turn{h}].v{id_}; " for id_ in loop.results) + f"turn{h}++;"


def _parameter(context: Context, parameter: Instruction) -> str:
    type_ = context.type(parameter.type)
    name = f"v{parameter.result}"
    if type_.kind == "pointer":
        context.pointers[parameter.result] = Pointer(name, type_.of())
    else:
        context.expressions[parameter.result] = name
        context.result_types[parameter.result] = type_
    return f"{type_name(type_)} {name}"


def _shared_ids(function: Function) -> frozenset[int]:
    """Results that are used outside their own block, and phis.

    Operands that are literals may look like ids; that declares a variable too early, no more.
    """
    home = {i.result: block.label for block in function.blocks for i in block.body if i.result}
    uses: dict[int, set[int]] = defaultdict(set)
    chains: dict[int, Instruction] = {}
    for block in function.blocks:
        for i in block.body:
            if i.opcode in composites.POINTER_OPCODES:
                chains[i.result] = i
            for operand in i.operands:
                if operand in home:
                    uses[operand].add(0 if i.opcode == reader.OP_PHI else block.label)
    for chain in reversed(chains.values()):  # an index is read where its pointer is
        for operand in chain.operands:
            if operand in home:
                uses[operand] |= uses[chain.result]
    shared = {id_ for id_, label in home.items() if uses[id_] - {label}}
    shared |= {i.result for b in function.blocks for i in b.body if i.opcode == reader.OP_PHI}
    return frozenset(shared)


def _declare(context: Context, instruction: Instruction, shared: frozenset[int]) -> Iterator[str]:
    """Fills in the names of an instruction's result; declares it if it outlives its block."""
    result = instruction.result
    if not result:
        return
    type_ = context.type(instruction.type)
    if instruction.opcode == reader.OP_VARIABLE:
        inner = type_.of()
        context.pointers[result] = Pointer(f"x{result}", inner)
        initial = context.value(instruction.operands[1]) if len(instruction.operands) > 1 else ""
        yield f"{type_name(inner)} x{result}{f' = {initial}' if initial else ''};"
    elif type_.kind not in ("pointer", "void"):
        context.expressions[result] = f"v{result}"
        context.result_types[result] = type_
        if result in shared:
            yield f"{type_name(type_)} v{result};"


def _statement(context: Context, instruction: Instruction, shared: frozenset[int]) -> Iterator[str]:
    """One instruction as one statement."""
    opcode, result = instruction.opcode, instruction.result
    if opcode in _SILENT or opcode == reader.OP_VARIABLE:
        return
    if opcode in composites.POINTER_OPCODES:
        context.pointers[result] = composites.access_chain(context, instruction)
        return
    if opcode == reader.OP_FUNCTION_CALL:
        yield from _call(context, instruction, shared)
        return
    elif opcode in composites.STATEMENTS:
        if result not in shared:
            yield f"{type_name(context.type(instruction.type))} v{result};"
        yield composites.STATEMENTS[opcode](context, instruction, f"v{result}")
        return
    else:
        how = INSTRUCTIONS.get(opcode)
        if result in context.exact:
            how = arithmetic.EXACT.get(opcode, how)
        if how is None:
            raise UnservedError(f"the SPIR-V opcode {opcode} is not served by the CUDA engine")
        text = (
            expand(how, context, instruction) if isinstance(how, str) else how(context, instruction)
        )
    if not result:
        yield text
    elif result in shared:
        yield f"v{result} = {text};"
    else:
        yield f"const {type_name(context.type(instruction.type))} v{result} = {text};"


def _call(context: Context, instruction: Instruction, shared: frozenset[int]) -> Iterator[str]:
    """A call; where it may have ended the pixel, what follows is not run."""
    function, *arguments = instruction.operands
    written = [
        context.pointers[a].lvalue if a in context.pointers else context.value(a) for a in arguments
    ]
    state, result = context.state[function], instruction.result
    text = f"f{function}({', '.join([*state, *written])});"
    type_ = context.type(instruction.type)
    if type_.kind == "void":
        yield text
    elif result in shared:
        yield f"v{result} = {text}"
    else:
        yield f"const {type_name(type_)} v{result} = {text}"
    if KILLED in state:
        yield f"if (killed) {'return;' if context.returns_nothing else 'return {};'}"
