"""New programs from others at the level of syntax: mutation and crossover.

Texts are parsed (tree-sitter), the types of expressions are inferred as far as that is plain, and the text
is edited where its tree says: everything else stays as its author wrote it. An edit is a guess that a
compiler has to confirm; what knows no types (macros, for one) is left alone.
"""

from phosphene.synthesis.syntax.crossover import cross
from phosphene.synthesis.syntax.mutation import mutate

__all__ = ["cross", "mutate"]
