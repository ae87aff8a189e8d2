"""The program as ipt sees it: an immutable tree, made by `ipt.reading`.

The tree keeps what the analysis needs and the byte span of every node.
What is not understood becomes an opaque node, which every transform refuses.
"""

from __future__ import annotations

from ipt.model.expressions import (
    Assign,
    Binary,
    Call,
    Cast,
    Conditional,
    Expression,
    Increment,
    InitList,
    Literal,
    Member,
    OpaqueExpression,
    Subscript,
    Unary,
    VarRef,
)
from ipt.model.program import Function, Program
from ipt.model.statements import (
    Block,
    Case,
    Declaration,
    Declarator,
    DoWhile,
    Evaluate,
    For,
    If,
    Jump,
    Label,
    OpaqueStatement,
    Statement,
    Switch,
    While,
)
from ipt.model.types import CType, Kind, Scope, Variable
from ipt.model.walking import (
    Node,
    children_of,
    for_loops,
    parents_of,
    strip_casts,
    text_of,
    walk,
)

__all__ = [
    "Assign",
    "Binary",
    "Block",
    "CType",
    "Call",
    "Case",
    "Cast",
    "Conditional",
    "Declaration",
    "Declarator",
    "DoWhile",
    "Evaluate",
    "Expression",
    "For",
    "Function",
    "If",
    "Increment",
    "InitList",
    "Jump",
    "Kind",
    "Label",
    "Literal",
    "Member",
    "Node",
    "OpaqueExpression",
    "OpaqueStatement",
    "Program",
    "Scope",
    "Statement",
    "Subscript",
    "Switch",
    "Unary",
    "VarRef",
    "Variable",
    "While",
    "children_of",
    "for_loops",
    "parents_of",
    "strip_casts",
    "text_of",
    "walk",
]
