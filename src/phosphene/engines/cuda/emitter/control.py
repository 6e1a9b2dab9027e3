"""Control flow (SPIR-V 3.42.17): labels, gotos, and phis as copies on the edges.

The CUDA compiler finds the loops again and lets the threads of a warp meet behind them, as it does
for any reducible flow graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from phosphene.engines.cuda.emitter import reader
from phosphene.engines.cuda.emitter.reader import Block, Function, Instruction
from phosphene.engines.cuda.emitter.sharing import SharedLoop
from phosphene.engines.cuda.emitter.values import Context, type_name
from phosphene.errors import UnservedError


def phis(block: Block) -> list[Instruction]:
    """The phis at a block's beginning."""
    return [i for i in block.body if i.opcode == reader.OP_PHI]


class Edges:
    """Writes jumps between the blocks of one function."""

    def __init__(
        self, context: Context, function: Function, together: Mapping[int, SharedLoop]
    ) -> None:
        self._context, self._together = context, together
        self._phis = {block.label: phis(block) for block in function.blocks}

    def jump(self, source: int, target: int, following: int | None = None) -> str:
        """The copies that the target's phis want, then the jump; none to the block that follows."""
        moves = []
        for phi in self._phis[target]:
            pairs = zip(phi.operands[::2], phi.operands[1::2], strict=True)
            value = next((v for v, parent in pairs if parent == source), None)
            if value is None:
                raise UnservedError("a phi does not name one of its predecessors")
            moves.append((phi, self._context.value(value)))
        text = self._copies(moves)
        if target in self._together and source == self._together[target].entry:
            text += f"turn{target} = PH_TURNS; "
        return text if target == following else f"{text}goto L{target};"

    def _copies(self, moves: list[tuple[Instruction, str]]) -> str:
        """Copies that happen at once: a phi's value may be another phi of the same block."""
        moves = [(phi, value) for phi, value in moves if value != f"v{phi.result}"]
        targets = {f"v{phi.result}" for phi, _ in moves}
        if not any(value in targets for _, value in moves):
            return "".join(f"v{phi.result} = {value}; " for phi, value in moves)
        types = (type_name(self._context.type(phi.type)) for phi, _ in moves)
        early = (
            f"const {name} n{phi.result} = {value}; "
            for name, (phi, value) in zip(types, moves, strict=True)
        )
        late = (f"v{phi.result} = n{phi.result}; " for phi, _ in moves)
        return f"{{ {''.join(early)}{''.join(late)}}} "


def terminator(
    context: Context, edges: Edges, block: Block, last: Instruction, following: int | None
) -> Iterator[str]:
    """The statements of a block's last instruction."""
    operands = last.operands
    match last.opcode:
        case reader.OP_BRANCH:
            yield edges.jump(block.label, operands[0], following)
        case reader.OP_BRANCH_CONDITIONAL:
            yes = edges.jump(block.label, operands[1])
            no = edges.jump(block.label, operands[2], following)
            yield f"if ({context.value(operands[0])}) {{ {yes} }}"
            yield no
        case reader.OP_SWITCH:
            yield f"switch ({context.value(operands[0])}) {{"
            unsigned = not context.type_of(operands[0]).signed
            for literal, target in zip(operands[2::2], operands[3::2], strict=True):
                case = f"{literal}u" if unsigned else f"(int){literal}u"
                yield f"case {case}: {{ {edges.jump(block.label, target)} }}"
            yield f"default: {{ {edges.jump(block.label, operands[1])} }}"
            yield "}"
        case reader.OP_RETURN:
            yield "return;"
        case reader.OP_RETURN_VALUE:
            yield f"return {context.value(operands[0])};"
        case reader.OP_KILL | reader.OP_TERMINATE_INVOCATION:
            yield "killed = true;"
            yield "return;" if context.returns_nothing else "return {};"
        case reader.OP_UNREACHABLE:
            yield "return;" if context.returns_nothing else "return {};"
        case _:
            raise UnservedError(f"the opcode {last.opcode} ends a block but is not served")
