"""What a function is handed of a pixel's state: the names that it uses, and the functions that it calls.

One by one, not as `this`: then the rest of a pixel's state stays in registers when a function is called.
"""

from __future__ import annotations

from phosphene.engines.cuda.emitter import images, reader
from phosphene.engines.cuda.emitter.reader import Function, Instruction, Shader
from phosphene.engines.cuda.emitter.values import type_name
from phosphene.spirv.instructions import StorageClass
from phosphene.uniforms import BLOCK_BINDING

State = dict[str, str]
"""Names, and the types by which a function is handed them."""

KILLED = "killed"
"""What is handed to functions that may end a pixel, and to no other."""

_KILLED = {KILLED: "bool& "}
_QUAD = {"quad": "Quad "}
_ENDS = frozenset({reader.OP_KILL, reader.OP_TERMINATE_INVOCATION})


def states(shader: Shader) -> dict[int, State]:
    """What every function of a module is handed, by its id."""
    variables = {v.result: _variable(shader, v) for v in shader.variables}
    found: dict[int, State] = {}

    def state(function: Function) -> State:
        known = found.get(function.id)
        if known is None:
            known = found[function.id] = {}
            for block in function.blocks:
                for instruction in block.body:
                    known |= _used(instruction, variables)
                    if instruction.opcode == reader.OP_FUNCTION_CALL:
                        known |= state(shader.functions[instruction.operands[0]])
        return known

    for function in shader.functions.values():
        state(function)
    return found


def _used(instruction: Instruction, variables: dict[int, State]) -> State:
    """What an instruction takes of the state. A literal may look like a variable's id; that hands over too much."""
    used: State = {}
    for operand in instruction.operands:
        used |= variables.get(operand, {})
    if instruction.opcode in images.TABLE:
        used |= _QUAD
    if instruction.opcode in _ENDS:
        used |= _KILLED
    return used


def _variable(shader: Shader, variable: Instruction) -> State:
    """How a variable of the module is handed on."""
    match variable.operands[0]:
        case StorageClass.UNIFORM:
            binding = shader.decoration(variable.result, reader.DECORATION_BINDING)
            if binding == BLOCK_BINDING:
                return {"frame": "const Frame& "}
            return {"family": "const Family* "}
        case StorageClass.OUTPUT:
            return {"colour": "vec4& "}
        case StorageClass.UNIFORM_CONSTANT:
            return {"channel": "const Texture* "}
        case StorageClass.INPUT:
            return {"window": "vec4 "}
        case _:
            type_ = shader.types[variable.type].of()
            return {f"g{variable.result}": f"{type_name(type_)}& "}
